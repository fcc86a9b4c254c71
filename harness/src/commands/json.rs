//! Summaries as data.

use bench_reports::{
    folds::{FoldCell, FoldRow, FoldTest, OverFolds, over_folds},
    summary::{Cell, DatasetSummary, Exploration, Finding, MeasureRow, Outcome, Quantity, Subject, Summary, Task, Verdict},
};
use serde_json::{Value, json};

/// The summary of a run: `format` is the version of this schema (docs/results-format.md).
pub fn run(summary: &Summary) -> Value {
    let mut value = json!({ "format": 2, "datasets": summary.datasets.iter().map(dataset).collect::<Vec<_>>() });
    let folds: Vec<Value> = over_folds(summary).iter().map(folds).collect();
    if let (Value::Object(fields), false) = (&mut value, folds.is_empty()) {
        fields.insert("folds".into(), folds.into());
    }
    value
}

/// One cross-validation.
fn folds(over: &OverFolds) -> Value {
    let against = |outcome: &Result<FoldTest, String>| match outcome {
        Ok(found) => json!({
            "difference": found.test.estimate, "standard_error": found.test.standard_error, "interval": found.interval, "t": found.test.t(), "df": found.test.df,
            "folds": found.folds, "test_to_train": found.test_to_train, "p": found.p, "p_holm": found.p_holm,
        }),
        Err(reason) => json!({ "untested": reason }),
    };
    let cell = |cell: &FoldCell| match cell.mean {
        Some(mean) => {
            json!({ "mean": mean, "sd": cell.sd, "per_fold": cell.per_fold, "missing": cell.missing, "against": cell.against.as_ref().map(against) })
        }
        None => json!({ "unavailable": cell.missing }),
    };
    let method = |row: &FoldRow| {
        let cells: serde_json::Map<String, Value> =
            over.quantities.iter().zip(&row.cells).map(|(&quantity, found)| (name(quantity, over.task), cell(found))).collect();
        json!({ "method": row.label, "is_reference": row.is_reference, "quantities": cells })
    };
    json!({
        "family": over.family, "folds": over.folds, "of": over.of, "metric": over.task.primary().name(), "reference": over.reference, "tests": over.tests,
        "test_to_train": over.test_to_train, "methods": over.rows.iter().map(method).collect::<Vec<_>>(),
    })
}

fn name(quantity: Quantity, task: Task) -> String {
    match quantity {
        Quantity::Secondary => format!("clean_{}", task.secondary().name()),
        other => other.title(task).replace(' ', "_"),
    }
}

/// One dataset of it.
pub fn dataset(summary: &DatasetSummary) -> Value {
    let task = summary.info.task;
    let name = |quantity: Quantity| name(quantity, task);
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
