//! Summaries as data.

use bench_reports::summary::{Cell, DatasetSummary, Exploration, Finding, MeasureRow, Outcome, Quantity, Subject, Summary, Verdict};
use serde_json::{Value, json};

/// The summary of a run: `format` is the version of this schema (docs/results-format.md).
pub fn run(summary: &Summary) -> Value {
    json!({ "format": 2, "datasets": summary.datasets.iter().map(dataset).collect::<Vec<_>>() })
}

/// One dataset of it.
pub fn dataset(summary: &DatasetSummary) -> Value {
    let task = summary.info.task;
    let name = |quantity: Quantity| match quantity {
        Quantity::Secondary => format!("clean_{}", task.secondary().name()),
        other => other.title(task).replace(' ', "_"),
    };
    let methods: Vec<Value> = summary
        .rows
        .iter()
        .map(|row| {
            let cells: serde_json::Map<String, Value> =
                Quantity::ALL.map(|quantity| (name(quantity), cell(row.cell(quantity)))).into_iter().collect();
            json!({
                "method": row.label, "preset": row.preset, "is_reference": row.is_reference, "seeds": row.seeds, "worst_pattern": row.worst_pattern,
                "calibration": cell(&row.calibration), "quantities": cells,
            })
        })
        .collect();
    let comparisons: Vec<Value> = summary
        .comparisons
        .iter()
        .map(|comparison| {
            let outcome = match &comparison.outcome {
                Outcome::Tested(test) => json!({
                    "difference": test.paired.mean_difference, "interval": test.paired.interval, "t": test.paired.t, "pairs": test.paired.n,
                    "p": test.paired.p_two_sided, "p_bonferroni": test.p_bonferroni, "effect": test.effect, "detectable": test.detectable,
                    "bootstrap": test.bootstrap, "verdict": verdict(test.verdict),
                }),
                Outcome::Untested(reason) => json!({ "untested": reason }),
            };
            json!({ "method": summary.rows.get(comparison.row).map(|row| &row.label), "quantity": name(comparison.quantity), "outcome": outcome })
        })
        .collect();
    json!({
        "dataset": summary.info,
        "primary_metric": task.primary().name(),
        "methods": methods,
        "family_size": summary.family.as_ref().map(|family| family.size()),
        "critical_t": summary.family.as_ref().and_then(|family| family.critical_t),
        "resamples": summary.family.as_ref().map(|family| family.resamples),
        "comparisons": comparisons,
        "exploratory": summary.exploratory.as_ref().map(|exploration| exploratory(summary, exploration)),
        "robustness": summary.measures.iter().map(|row| measure(summary, row)).collect::<Vec<_>>(),
        "best_unimodal": summary.gain.as_ref().map(|best| &best.label),
        "notes": summary.notes,
        "guards": summary.guards,
    })
}

fn cell(cell: &Cell) -> Value {
    match cell {
        Cell::Value(estimate) => json!({ "mean": estimate.mean, "sd": estimate.sd, "per_seed": estimate.per_seed }),
        Cell::Unavailable(reason) => json!({ "unavailable": reason }),
        Cell::Absent => Value::Null,
    }
}

fn measure(summary: &DatasetSummary, row: &MeasureRow) -> Value {
    let methods = summary.rows.iter().map(|row| row.label.clone());
    let cells: serde_json::Map<String, Value> = methods.zip(row.cells.iter().map(cell)).collect();
    json!({ "measure": row.name, "scope": row.scope, "methods": cells })
}

fn exploratory(summary: &DatasetSummary, exploration: &Exploration) -> Value {
    let finding = |finding: &Finding| {
        let subject = match &finding.subject {
            Subject::Secondary => format!("clean_{}", summary.info.task.secondary().name()),
            Subject::Calibration => "clean_expected_calibration_error".into(),
            Subject::Condition(at) => summary.conditions.get(*at).map_or_else(String::new, |row| row.condition.clone()),
        };
        json!({
            "method": summary.rows.get(finding.row).map(|row| &row.label), "subject": subject, "difference": finding.paired.mean_difference,
            "interval": finding.paired.interval, "t": finding.paired.t, "pairs": finding.paired.n, "p": finding.paired.p_two_sided,
            "p_holm": finding.p_holm, "better": finding.better,
        })
    };
    json!({ "size": exploration.size, "tested": exploration.tested, "findings": exploration.findings.iter().map(finding).collect::<Vec<_>>() })
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::SeedsBetter => "better over seeds only",
        Verdict::SeedsWorse => "worse over seeds only",
        Verdict::Undecided => "undecided",
    }
}
