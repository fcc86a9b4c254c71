//! What came of a comparison.

use serde::{Deserialize, Serialize};

use crate::{Evidence, Rules};

/// What is said of a row, and of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Worse, and not shown to be within the margin.
    Regressed,
    /// Neither a difference nor sameness is shown.
    CannotTell,
    /// Better, and not shown to be within the margin.
    Improved,
    /// The difference is shown to be within the margin, or there is none in any bit.
    Same,
}

/// A judged comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Of everything: the worst of the rows and costs.
    pub verdict: Verdict,
    /// Whether something that was asked for is not there.
    pub incomplete: bool,
}

impl Report {
    /// Judges evidence.
    pub fn of(_evidence: &Evidence, _rules: Rules) -> Self {
        Self { verdict: Verdict::CannotTell, incomplete: true }
    }
}
