//! From evidence to verdicts.

use crate::{Evidence, Report, Rules, Verdict};

/// See [`Report::of`].
pub(crate) fn judge(evidence: &Evidence, rules: Rules) -> Report {
    Report {
        verdict: Verdict::CannotTell,
        incomplete: !evidence.lacking.is_empty(),
        rules,
        base: evidence.base.clone(),
        head: evidence.head.clone(),
        datasets: Vec::new(),
        costs: Vec::new(),
        lacking: evidence.lacking.clone(),
        notes: evidence.notes.clone(),
    }
}
