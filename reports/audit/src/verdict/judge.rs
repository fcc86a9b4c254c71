//! The rules of judgement (the ledger's README).

use num_traits::{Signed, Zero};

use super::{ClaimError, Judgement, Recomputed, Verdict, reason};
use crate::{
    Ledger,
    expression::{Compiled, Range, Stop, compile},
    ledger::{Claim, Op},
    number::{Interval, Rational, integer},
};

/// Judges every claim of a ledger, in its order.
///
/// # Errors
/// The first claim whose expression is wrong.
pub fn judge_all(ledger: &Ledger) -> Result<Vec<Judgement<'_>>, ClaimError> {
    ledger.claims.iter().map(|claim| judge(ledger, claim)).collect()
}

/// Judges one claim.
///
/// # Errors
/// An expression that is wrong: a mistake in its text, a name that the ledger does not have, or a step that is undefined for the numbers as printed.
pub fn judge<'a>(ledger: &Ledger, claim: &'a Claim) -> Result<Judgement<'a>, ClaimError> {
    let open = |reason: String| Judgement { claim, verdict: Verdict::Undecidable, recomputed: None, distance: None, boundary: false, reason };
    if claim.op == Op::Manual {
        return Ok(open(reason::manual(claim)));
    }
    let compiled = match compile(ledger, &claim.paper, &claim.expr) {
        Ok(compiled) => compiled,
        Err(Stop::Mistake(error)) => return Err(ClaimError::new(claim, error)),
        Err(Stop::Missing { reason, .. }) => return Ok(open(format!("it cannot be recomputed: {reason}"))),
    };
    let value = compiled.program.value();
    let range = match compiled.program.range() {
        Ok(range) => range,
        Err(undefined) => {
            let step = claim.expr.get(undefined.span).unwrap_or_default();
            return Ok(open(reason::undefined(&compiled, &value, step, &undefined.reason)));
        }
    };
    Ok(decide(claim, &compiled, value, range))
}

fn decide<'a>(claim: &'a Claim, compiled: &Compiled, value: Rational, range: Range) -> Judgement<'a> {
    let interval = &range.interval;
    let stated = claim.stated_value.clone().unwrap_or_else(|| integer(1));
    let (verdict, distance) = match claim.op {
        Op::Approx => {
            let stated = claim.stated_interval.clone().unwrap_or_else(|| Interval::point(stated.clone()));
            (if interval.meets(&stated) { Verdict::Holds } else { Verdict::Fails }, interval.distance(&stated))
        }
        Op::Agree => (agree(compiled, &value, interval), interval.distance(&Interval::point(Rational::zero()))),
        Op::Lt => (decided(interval.hi < stated, interval.lo >= stated), above(&interval.lo, &stated)),
        Op::Le => (decided(interval.hi <= stated, interval.lo > stated), above(&interval.lo, &stated)),
        Op::Gt => (decided(interval.lo > stated, interval.hi <= stated), above(&stated, &interval.hi)),
        Op::Ge => (decided(interval.lo >= stated, interval.hi < stated), above(&stated, &interval.hi)),
        Op::Eq => equal(interval, &stated),
        Op::True | Op::Manual => equal(interval, &integer(1)),
    };
    let boundary =
        claim.op == Op::Approx && verdict == Verdict::Holds && claim.stated_interval.as_ref().is_some_and(|stated| !stated.contains(&value));
    let reason = reason::sentence(claim, compiled, &value, &range, verdict, &distance, boundary);
    Judgement { claim, verdict, recomputed: Some(Recomputed { value, range: range.interval }), distance: Some(distance), boundary, reason }
}

fn decided(holds: bool, fails: bool) -> Verdict {
    match (holds, fails) {
        (true, _) => Verdict::Holds,
        (_, true) => Verdict::Fails,
        _ => Verdict::Undecidable,
    }
}

fn above(a: &Rational, b: &Rational) -> Rational {
    if a > b { a - b } else { Rational::zero() }
}

fn equal(interval: &Interval, stated: &Rational) -> (Verdict, Rational) {
    let verdict = decided(interval.is_point() && interval.lo == *stated, !interval.contains(stated));
    (verdict, interval.distance(&Interval::point(stated.clone())))
}

/// Rule 5: two printed values of one quantity agree where their intervals overlap, not where they only touch. A sum or maximum of distances cannot fall below 0, so there
/// 0 has to be its least value.
fn agree(compiled: &Compiled, value: &Rational, interval: &Interval) -> Verdict {
    let overlaps = interval.lo.is_negative() && interval.hi.is_positive();
    let holds = value.is_zero() || overlaps || (compiled.is_distance && interval.lo.is_zero());
    if holds { Verdict::Holds } else { Verdict::Fails }
}
