//! Verdicts: what a claim's expression comes to, and whether that agrees with what is stated.

mod error;
mod explain;
mod judge;
mod reason;
mod short;

pub use error::ClaimError;
pub use explain::{Step, cells_used, explain};
pub use judge::{judge, judge_all};
use serde::{Deserialize, Serialize};
pub use short::short;

use crate::{
    ledger::Claim,
    number::{Interval, Rational},
};

/// What the arithmetic says of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No rounding can make it hold.
    Fails,
    /// Rounding leaves both open, or there is nothing to compute.
    Undecidable,
    /// It holds, whatever was rounded away.
    Holds,
}

impl Verdict {
    /// As written in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Undecidable => "undecidable",
            Self::Holds => "holds",
        }
    }
}

/// A number recomputed from a paper's own numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Recomputed {
    /// From the printed values as they stand.
    pub value: Rational,
    /// From all values that round to the printed ones.
    pub range: Interval,
}

/// A claim with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// The verdict.
    pub verdict: Verdict,
    /// What the expression comes to; `None` for claims without one.
    pub recomputed: Option<Recomputed>,
    /// How far the recomputed interval lies from the stated one, in the claim's unit; 0 where they meet, `None` where there is nothing to compare.
    pub distance: Option<Rational>,
    /// Whether an approximate claim holds only because of rounding: the intervals meet, but the value from the numbers as printed rounds elsewhere.
    pub boundary: bool,
    /// One sentence: why this verdict.
    pub reason: String,
}
