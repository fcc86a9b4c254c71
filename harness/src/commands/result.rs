//! What a run prints at its end, and the same as data.

use std::collections::BTreeSet;

use bench_reports::{
    report,
    summary::{Cell, DatasetSummary, Outcome, Quantity, Summary},
};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::{
    folder::{Folder, RunFile},
    output,
    results::Results,
};

/// `--format` of `bench run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people, and where the report is
    Table,
    /// The text of report.md
    Md,
    /// The tables' numbers
    Json,
    /// The records of the trials asked for
    Csv,
}

/// Prints the trials that the command asked for.
pub fn print(results: &Results, run: &RunFile, selected: &BTreeSet<String>, folder: &Folder, format: Format) -> anyhow::Result<()> {
    match format {
        Format::Table => {
            let tables = report::terminal(&results.selected(run, selected)?, width());
            let rest: String = results.notes.iter().map(|note| format!("note: {note}\n")).collect();
            output::print(&format!("{tables}\n{rest}report: {}\n", folder.root().join("report.md").display()))
        }
        Format::Json => output::print_json(&json(&results.selected(run, selected)?)),
        Format::Csv => output::print(&String::from_utf8_lossy(&results.selected_csv(selected)?)),
        Format::Md => {
            let path = folder.root().join("report.md");
            let bytes = bench_store::files::read_if_there(&path)?.unwrap_or_default();
            output::print(&String::from_utf8_lossy(&bytes))
        }
    }
}

/// Columns of the terminal that standard output is, if it is one.
fn width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
}

fn json(summary: &Summary) -> Value {
    json!({ "format": 1, "datasets": summary.datasets.iter().map(dataset).collect::<Vec<_>>() })
}

fn dataset(summary: &DatasetSummary) -> Value {
    let task = summary.info.task;
    let cell = |cell: &Cell| match cell {
        Cell::Value(estimate) => json!({ "mean": estimate.mean, "sd": estimate.sd, "per_seed": estimate.per_seed }),
        Cell::Unavailable(reason) => json!({ "unavailable": reason }),
        Cell::Absent => Value::Null,
    };
    let name = |quantity: Quantity| match quantity {
        Quantity::Secondary => format!("clean_{}", task.secondary().name()),
        other => other.title(task).replace(' ', "_"),
    };
    let methods: Vec<Value> = summary
        .rows
        .iter()
        .map(|row| {
            let cells: serde_json::Map<String, Value> = Quantity::ALL.map(|quantity| (name(quantity), cell(row.cell(quantity)))).into_iter().collect();
            json!({ "method": row.label, "is_reference": row.is_reference, "seeds": row.seeds, "worst_pattern": row.worst_pattern, "quantities": cells })
        })
        .collect();
    let comparisons: Vec<Value> = summary
        .comparisons
        .iter()
        .map(|comparison| {
            let outcome = match &comparison.outcome {
                Outcome::Tested(test) => json!({
                    "difference": test.paired.mean_difference, "interval": test.paired.interval, "t": test.paired.t, "pairs": test.paired.n,
                    "p": test.paired.p_two_sided, "p_bonferroni": test.p_bonferroni, "verdict": format!("{:?}", test.verdict).to_lowercase(),
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
        "comparisons": comparisons,
        "notes": summary.notes,
        "warnings": summary.warnings,
    })
}
