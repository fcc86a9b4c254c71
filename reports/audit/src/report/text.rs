//! Numbers and places as short text.

use crate::{
    discover::Strength,
    ledger::{Claim, Op},
    number::{Interval, Rational},
    verdict::{Recomputed, short},
};

/// Significant digits of a recomputed number.
const DIGITS: usize = 5;

/// A number with five significant digits, without trailing zeros.
pub fn number(value: &Rational) -> String {
    short(value, DIGITS)
}

/// `1.87 [1.86, 1.88]`, or the value alone where nothing was rounded away.
pub fn interval(found: &Recomputed) -> String {
    if found.range.is_point() { number(&found.value) } else { format!("{} {}", number(&found.value), ends(&found.range)) }
}

fn ends(range: &Interval) -> String {
    format!("[{}, {}]", number(&range.lo), number(&range.hi))
}

/// What a claim says, as it would be written: `+0.87 pp`, `< 0.05`, `rank 1`.
pub fn said(claim: &Claim) -> String {
    let unit = if claim.unit.is_empty() || claim.stated.contains('%') && claim.unit == "%" { String::new() } else { format!(" {}", claim.unit) };
    let stated = if claim.stated.is_empty() { claim.stated_value.as_ref().map_or_else(String::new, number) } else { claim.stated.clone() };
    match claim.op {
        Op::Approx | Op::Manual => format!("{stated}{unit}").trim().to_owned(),
        Op::Agree => "the same number".into(),
        Op::Lt => format!("< {stated}{unit}"),
        Op::Le => format!("≤ {stated}{unit}"),
        Op::Gt => format!("> {stated}{unit}"),
        Op::Ge => format!("≥ {stated}{unit}"),
        Op::Eq if claim.unit == "rank" => format!("rank {stated}"),
        Op::Eq => format!("{stated}{unit}"),
        Op::True => "true".into(),
    }
}

/// `exact`, `chance 3e-7`, `open`.
pub fn strength(strength: Strength) -> String {
    match strength {
        Strength::Exact => "exact".into(),
        Strength::Open => "open".into(),
        Strength::Chance(p) if p < 1e-4 => format!("chance {p:.0e}"),
        Strength::Chance(p) => format!("chance {p:.4}"),
    }
}
