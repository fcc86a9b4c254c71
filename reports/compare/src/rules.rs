//! What a comparison is judged by.

use serde::{Deserialize, Serialize};

/// Margins and level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Differences under this are no matter, in hundredths of the metric's range (points of accuracy). Never taken below two test samples.
    pub margin: f64,
    /// Level of all tests together, in (0, 1).
    pub alpha: f64,
    /// A cost may grow by this many per cent before the head has regressed.
    pub cost_margin: f64,
    /// Whether "cannot tell" fails.
    pub require_proof: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { margin: 2.0, alpha: 0.05, cost_margin: 5.0, require_proof: false }
    }
}
