//! The comparison for programs: every field is in docs/results-format.md.

use serde_json::{Value, json};

use crate::Report;

/// Version of the fields; any change but a new field raises it.
const FORMAT: u32 = 1;

/// Everything that is known; a float that is not finite is null.
pub fn json(report: &Report) -> Value {
    json!({
        "format": FORMAT,
        "verdict": report.verdict,
        "outcome": report.outcome(),
        "incomplete": report.incomplete,
        "rules": report.rules,
        "base": report.base,
        "head": report.head,
        "datasets": report.datasets,
        "costs": report.costs,
        "lacking": report.lacking,
        "notes": report.notes,
    })
}
