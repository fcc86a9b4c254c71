//! Why a verdict: one factual sentence with the numbers.

use num_traits::{Signed, Zero};

use super::{
    Verdict,
    short::{digits_to_tell_apart, interval, short},
};
use crate::{
    expression::{Compiled, Range},
    ledger::{Claim, Op},
    number::Rational,
};

/// Longer expressions are not written out.
const LONGEST: usize = 90;

/// A claim that only reading decides.
pub(super) fn manual(claim: &Claim) -> String {
    let what = if claim.note.is_empty() {
        format!("reading {} decides, or the numbers behind it", if claim.loc.is_empty() { "the place" } else { &claim.loc })
    } else {
        claim.note.clone()
    };
    format!("no expression over the printed numbers can decide it: {what}")
}

/// An expression that some of the possible values leave undefined.
pub(super) fn undefined(compiled: &Compiled, value: &Rational, step: &str, why: &str) -> String {
    let at = if step.is_empty() || step.chars().count() > LONGEST { String::new() } else { format!(" at {step}") };
    format!("{}{} with the numbers as printed, but some numbers that print like them lead to {why}{at}", written(compiled), short(value, 5))
}

/// The expression with its numbers and an equals sign, where it is short enough.
fn written(compiled: &Compiled) -> String {
    let text = &compiled.written;
    // A number alone is its own value.
    let is_number = crate::number::decimal(text).is_some();
    if is_number || text.chars().count() > LONGEST { String::new() } else { format!("{text} = ") }
}

/// Why a recomputed value decides a claim as it does.
pub(super) fn sentence(
    claim: &Claim,
    compiled: &Compiled,
    value: &Rational,
    range: &Range,
    verdict: Verdict,
    distance: &Rational,
    boundary: bool,
) -> String {
    let found = &range.interval;
    let stated = claim.stated_value.clone();
    let mut told: Vec<&Rational> = vec![value, &found.lo, &found.hi];
    if let Some(stated) = &stated {
        told.push(stated);
    }
    if let (Op::Approx, Some(stated)) = (claim.op, &claim.stated_interval) {
        told.extend([&stated.lo, &stated.hi]);
    }
    let digits = digits_to_tell_apart(&told);
    if let Some(sentence) = rank(claim, compiled, value, range) {
        return sentence;
    }
    if claim.op == Op::True && !compiled.program.note().is_empty() {
        let note = compiled.program.note();
        if !claim.expr.trim_start().starts_with("probe(") {
            return note.to_owned();
        }
        return match verdict {
            Verdict::Holds => format!("{note}: it holds in every case tried"),
            _ => format!("{note}: a case contradicts it"),
        };
    }
    let spread = interval(found, digits);
    let gap = if spread.is_empty() { "" } else { " " };
    let recomputed = match written(compiled) {
        text if text.is_empty() && !compiled.cells.is_empty() && compiled.cells.len() > 1 => {
            format!("recomputed {}{gap}{spread}", short(value, digits))
        }
        text => format!("{text}{}{gap}{spread}", short(value, digits)),
    };
    let note = compiled.program.note();
    let remark = if note.is_empty() || claim.op == Op::Approx && note.len() > 160 { String::new() } else { format!(" ({note})") };
    let wide = if range.exact || distance.is_positive() {
        String::new()
    } else {
        format!("; the interval may be wider than it has to be by up to {}", short(&range.excess, 2))
    };
    let number = stated.as_ref().map_or_else(|| "1".to_owned(), |stated| short(stated, digits));
    let apart = short(distance, 5);
    let ending = match claim.op {
        Op::Approx => {
            let bounds = claim.stated_interval.as_ref().map_or_else(String::new, |stated| interval(stated, digits));
            let shown = if claim.stated.is_empty() { number } else { claim.stated.clone() };
            let bounds = if bounds.is_empty() { bounds } else { format!(" {bounds}") };
            let relation = match (verdict, boundary) {
                (Verdict::Fails, _) => format!("the intervals are {apart} apart"),
                (_, true) => "the intervals meet, although the value from the printed numbers rounds elsewhere".to_owned(),
                _ => "the intervals meet".to_owned(),
            };
            format!("stated {shown}{bounds}; {relation}")
        }
        Op::Agree => match verdict {
            Verdict::Fails if distance.is_zero() => "0 is at the end of the interval: the rounding intervals only touch".to_owned(),
            Verdict::Fails => format!("the two printed values are {apart} apart after rounding"),
            _ if value.is_zero() => "the printed values are the same".to_owned(),
            _ => "rounding explains the difference".to_owned(),
        },
        Op::Lt => compared("less than", "not less than", &number, verdict, found.is_point()),
        Op::Le => compared("at most", "more than", &number, verdict, found.is_point()),
        Op::Gt => compared("more than", "not more than", &number, verdict, found.is_point()),
        Op::Ge => compared("at least", "less than", &number, verdict, found.is_point()),
        Op::Eq | Op::True | Op::Manual => match verdict {
            Verdict::Holds => format!("as stated, {number}"),
            Verdict::Fails => format!("stated {number}, {apart} away"),
            Verdict::Undecidable => format!("stated {number}, which is one of the possible values"),
        },
    };
    format!("{recomputed}{remark}; {ending}{wide}")
}

fn compared(holds: &str, fails: &str, number: &str, verdict: Verdict, exact: bool) -> String {
    let throughout = if exact { "" } else { ", however the printed numbers were rounded" };
    match verdict {
        Verdict::Holds => format!("{holds} {number}{throughout}"),
        Verdict::Fails => format!("{fails} {number}{throughout}"),
        Verdict::Undecidable => format!("rounding leaves open whether it is {holds} {number}"),
    }
}

/// For marks: where the number stands among the others.
fn rank(claim: &Claim, compiled: &Compiled, value: &Rational, range: &Range) -> Option<String> {
    let line = if claim.expr.trim_start().starts_with("rank(") {
        "column"
    } else if claim.expr.trim_start().starts_with("rank_row(") {
        "row"
    } else {
        return None;
    };
    if !compiled.program.is_single() || claim.op != Op::Eq {
        return None;
    }
    let says = if claim.quote.contains("marked") || claim.quote.contains("bold") { "the mark" } else { "the claim" };
    let stated = claim.stated_value.as_ref().map_or_else(|| "1".to_owned(), |stated| short(stated, 5));
    let (least, most) = (short(&range.interval.lo, 5), short(&range.interval.hi, 5));
    let own = if least == most { short(value, 5) } else { format!("{least} to {most}") };
    Some(format!("its rank in the {line} is {own}; {says} says {stated} ({})", compiled.program.note()))
}
