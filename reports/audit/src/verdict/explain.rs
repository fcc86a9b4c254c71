//! How a claim's value comes about, step by step.

use std::collections::BTreeSet;

use super::{ClaimError, short, short::digits_to_tell_apart};
use crate::{
    Ledger,
    expression::{CellUse, Compiled, Stop, compile},
    ledger::{Claim, Op},
    number::Rational,
};

/// Steps whose interval is searched with shared values; a longer expression gets the plain intervals of its parts.
const SEARCHED: usize = 200;

/// One step of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How deep it stands in the expression; the whole is at 0.
    pub depth: usize,
    /// The part of the expression.
    pub expression: String,
    /// Its value from the printed numbers.
    pub value: String,
    /// From the least to the greatest value that rounding allows; `None` for an exact number.
    pub interval: Option<(Rational, Rational)>,
    /// Where a printed number stands, whether it is shared, and what else a reader should know.
    pub note: String,
}

/// The printed numbers that a claim's expression reads, each once, in the order of the text; none for a claim without an expression.
///
/// # Errors
/// An expression that is wrong.
pub fn cells_used(ledger: &Ledger, claim: &Claim) -> Result<Vec<CellUse>, ClaimError> {
    Ok(compiled(ledger, claim)?.ok().map_or_else(Vec::new, |compiled| compiled.cells))
}

/// Every step of a claim's expression, in the order of evaluation; the last is the whole.
///
/// # Errors
/// An expression that is wrong.
pub fn explain(ledger: &Ledger, claim: &Claim) -> Result<Vec<Step>, ClaimError> {
    let compiled = match compiled(ledger, claim)? {
        Ok(compiled) => compiled,
        Err(note) => return Ok(vec![Step { depth: 0, expression: claim.expr.clone(), value: String::new(), interval: None, note }]),
    };
    let count = compiled.program.len();
    let mut told = BTreeSet::new();
    Ok((0..count).filter_map(|place| step(claim, &compiled, place, count, &mut told)).collect())
}

fn compiled(ledger: &Ledger, claim: &Claim) -> Result<Result<Compiled, String>, ClaimError> {
    if claim.op == Op::Manual {
        return Ok(Err(super::reason::manual(claim)));
    }
    match compile(ledger, &claim.paper, &claim.expr) {
        Ok(compiled) => Ok(Ok(compiled)),
        Err(Stop::Mistake(error)) => Err(ClaimError::new(claim, error)),
        Err(Stop::Missing { reason, .. }) => Ok(Err(reason)),
    }
}

fn step(claim: &Claim, compiled: &Compiled, place: usize, count: usize, told: &mut BTreeSet<usize>) -> Option<Step> {
    let view = compiled.program.view(place)?;
    let expression = claim.expr.get(view.span.clone())?.to_owned();
    let mut notes: Vec<String> = Vec::new();
    if let Some(index) = view.unknown
        && let Some(unknown) = compiled.program.unknowns().get(index)
    {
        if !unknown.place.is_empty() {
            notes.push(unknown.place.clone());
        }
        notes.push(format!("printed {}", unknown.printed));
        if compiled.cells.iter().any(|cell| cell.unknown == Some(index) && cell.shared) {
            notes.push(if told.insert(index) { "shared: one value wherever it is used".into() } else { "shared, as above".into() });
        }
    }
    if !view.note.is_empty() {
        notes.push(view.note.to_owned());
    }
    let searched =
        if count <= SEARCHED || place + 1 == count { compiled.program.upto(place).range() } else { compiled.program.upto(place).plain_range() };
    let interval = match searched {
        Err(undefined) => {
            notes.push(format!("undefined for some values that print like these: {}", undefined.reason));
            None
        }
        Ok(range) => {
            if place + 1 == count {
                notes.extend(ends(compiled, &range.placed));
                if !range.exact {
                    notes.push(format!("the interval may be wider than it has to be by up to {}", short(&range.excess, 2)));
                }
            }
            (!range.interval.is_point()).then_some((range.interval.lo, range.interval.hi))
        }
    };
    let mut numbers = vec![view.value];
    if let Some((lo, hi)) = &interval {
        numbers.extend([lo, hi]);
    }
    let value = short(view.value, digits_to_tell_apart(&numbers));
    Some(Step { depth: view.depth, expression, value, interval, note: notes.join("; ") })
}

/// At which end of its interval each shared unknown stood for the two extremes.
fn ends(compiled: &Compiled, placed: &[(usize, Rational, Rational)]) -> Vec<String> {
    let end = |index: usize, at: &Rational| {
        let interval = compiled.program.unknowns().get(index).map(|unknown| &unknown.interval);
        match interval {
            Some(interval) if interval.lo == *at => format!("its lower end {}", short(at, 9)),
            Some(interval) if interval.hi == *at => format!("its upper end {}", short(at, 9)),
            _ => format!("{} inside", short(at, 9)),
        }
    };
    placed
        .iter()
        .filter_map(|(index, low, high)| {
            let unknown = compiled.program.unknowns().get(*index)?;
            Some(format!(
                "{} ({}): the least value is at {}, the greatest at {}",
                unknown.place,
                unknown.printed,
                end(*index, low),
                end(*index, high)
            ))
        })
        .collect()
}
