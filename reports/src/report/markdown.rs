//! `report.md`.

use super::{RunInfo, format};
use crate::summary::{CONFIDENCE, Cell, DatasetSummary, Family, Outcome, Quantity, Summary, Verdict};

/// The report of a run: what was run, then for each dataset the main table, the tests, every condition, and the notes.
pub fn markdown(summary: &Summary, run: &RunInfo) -> String {
    let mut blocks = vec![format!("# {}", if run.title.is_empty() { "Report" } else { &run.title })];
    if !run.facts.is_empty() {
        blocks.push(run.facts.iter().map(|(name, value)| format!("- {name}: {value}")).collect::<Vec<_>>().join("\n"));
    }
    if summary.datasets.is_empty() {
        blocks.push("No records.".into());
    }
    let columns = format::columns(summary);
    for dataset in &summary.datasets {
        section(dataset, &columns, &mut blocks);
    }
    blocks.join("\n\n") + "\n"
}

fn section(dataset: &DatasetSummary, columns: &[Quantity], blocks: &mut Vec<String>) {
    blocks.push(format!("## {}", dataset.info.name));
    blocks.push(format!("{}. {}.", format::caption(dataset), format::unit(dataset)));
    blocks.push(main_table(dataset, columns));
    blocks.push(format::findings(dataset).join("  \n"));
    if !dataset.warnings.is_empty() {
        blocks.push(dataset.warnings.iter().map(|warning| format!("> **Look at this:** {warning}")).collect::<Vec<_>>().join("\n>\n"));
    }
    blocks.push(dataset.notes.iter().map(|note| format!("- {note}")).collect::<Vec<_>>().join("\n"));
    if let Some(family) = &dataset.family {
        tests(dataset, family, blocks);
    }
    blocks.push("### Every condition".into());
    blocks.push(conditions(dataset));
}

fn main_table(dataset: &DatasetSummary, columns: &[Quantity]) -> String {
    let task = dataset.info.task;
    let heads = std::iter::once("method".into()).chain(columns.iter().map(|quantity| quantity.title(task).into())).collect();
    let rows = dataset.rows.iter().enumerate().map(|(at, row)| {
        let mut label = format!("`{}`", row.label);
        if row.is_reference {
            label.push_str(" (reference)");
        }
        if row.seeds.len() < dataset.seeds.len() {
            label.push_str(&format!(" ({} of {} seeds)", row.seeds.len(), dataset.seeds.len()));
        }
        let cell = |&quantity: &Quantity| {
            let text = format::cell(quantity.metric(task), row.cell(quantity));
            match format::verdict(dataset, at, quantity) {
                Verdict::Undecided => text,
                verdict => format!("**{text}** {}", format::mark_or(verdict, "")),
            }
        };
        std::iter::once(label).chain(columns.iter().map(cell)).collect()
    });
    table(heads, rows.collect())
}

fn tests(dataset: &DatasetSummary, family: &Family, blocks: &mut Vec<String>) {
    let reference = dataset.rows.first().map_or("", |row| row.label.as_str());
    let metric = dataset.info.task.primary();
    blocks.push(format!("### Differences from `{reference}`"));
    let unit = if metric.in_percent() { "percentage points" } else { "units of the target" };
    blocks.push(format!(
        "Paired over seeds, in {unit}: method minus `{reference}`, {:.0} % interval (not adjusted), paired t, p, p × {}. \
         \"Needed\": the smallest difference that this spread and number of seeds could show in this family. d_z is corrected after Hedges.",
        CONFIDENCE * 100.0,
        family.size()
    ));
    let heads = ["method", "quantity", "seeds", "difference", "interval", "t", "p", "p adjusted", "needed", "d_z"].map(String::from);
    let rows = dataset.comparisons.iter().map(|comparison| {
        let label = dataset.rows.get(comparison.row).map_or("", |row| row.label.as_str());
        let mut cells = vec![format!("`{label}`"), comparison.quantity.title(dataset.info.task).to_owned()];
        match &comparison.outcome {
            Outcome::Tested(test) => cells.extend([
                test.paired.n.to_string(),
                format!("{}{}", format::signed(metric, test.paired.mean_difference), space(format::mark_or(test.verdict, ""))),
                format::interval(metric, test),
                format::t_value(test.paired.t),
                format::p_value(test.paired.p_two_sided),
                format::p_value(test.p_bonferroni),
                test.smallest_significant.map_or_else(|| format::ABSENT.into(), |needed| metric.display(needed)),
                test.effect.map_or_else(|| format::ABSENT.into(), format::t_value),
            ]),
            Outcome::Untested(reason) => {
                cells.extend([format::ABSENT.into(), format!("n/a ({reason})")]);
                cells.extend(std::iter::repeat_n(format::ABSENT.into(), 6));
            }
        }
        cells
    });
    blocks.push(table(heads.into(), rows.collect()));
}

fn space(mark: &str) -> String {
    if mark.is_empty() { String::new() } else { format!(" {mark}") }
}

fn conditions(dataset: &DatasetSummary) -> String {
    let metric = dataset.info.task.primary();
    let heads = std::iter::once("condition".into()).chain(dataset.rows.iter().map(|row| format!("`{}`", row.label))).collect();
    let rows = dataset.conditions.iter().map(|row| {
        let cells = row.cells.iter().map(|cell: &Cell| format::cell(metric, cell));
        std::iter::once(format!("`{}`", row.condition)).chain(cells).collect()
    });
    table(heads, rows.collect())
}

/// A table whose source is as readable as its rendering: first column left, the others right.
fn table(heads: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let escaped = |cells: Vec<String>| -> Vec<String> { cells.iter().map(|cell| cell.replace('|', "\\|")).collect() };
    let (heads, rows) = (escaped(heads), rows.into_iter().map(escaped).collect::<Vec<_>>());
    let mut widths: Vec<usize> = heads.iter().map(|head| head.chars().count().max(4)).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).enumerate().map(
            |(at, (cell, &width))| {
                if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            },
        );
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().enumerate().map(|(at, &width)| if at == 0 { "-".repeat(width) } else { format!("{}:", "-".repeat(width - 1)) });
    let rule = format!("| {} |", rule.collect::<Vec<_>>().join(" | "));
    let mut lines = vec![line(&heads), rule];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

#[cfg(test)]
mod table_tests {
    use super::*;

    #[test]
    fn columns_are_padded_and_pipes_escaped() {
        let text = table(vec!["method".into(), "clean".into()], vec![vec!["a|b".into(), "62.1 ± 1.0".into()]]);
        assert_eq!(text, "| method |      clean |\n| ------ | ---------: |\n| a\\|b   | 62.1 ± 1.0 |");
    }
}
