//! The comparison as a document.

use super::{
    escape::{self, shortened},
    words,
};
use crate::{JudgedCost, JudgedDataset, JudgedRow, Report};

/// The design first, then rows by dataset, costs, what is lacking, notes; the verdict last, as in the terminal.
pub fn markdown(report: &Report) -> String {
    let mut text = format!("# {}\n\n{}", escaped(&words::sides(report), usize::MAX), designs(&report.datasets, usize::MAX));
    for dataset in &report.datasets {
        let rows = words::sorted(&dataset.rows);
        text.push_str(&format!("\n## {}\n\n{}.\n\n", escaped(&dataset.name, usize::MAX), escaped(&words::unit(dataset), usize::MAX)));
        text.push_str(&rows_table(rows.into_iter().map(|row| (dataset, row)), false, usize::MAX));
    }
    if !report.datasets.is_empty() {
        text.push_str(&format!("\n{}\n", words::LEGEND));
    }
    if !report.costs.is_empty() {
        text.push_str(&format!("\n## Costs\n\n{}", costs(report.costs.iter(), usize::MAX)));
    }
    let lacking = report.lacking.iter().map(|lacking| format!("{}: {}", lacking.side, lacking.what));
    text.push_str(&list("Lacking", lacking));
    text.push_str(&list("Notes", report.notes.iter().cloned()));
    text.push_str(&format!("\n## Settings\n\n{}", settings(report, usize::MAX)));
    text.push_str(&format!("\n## Verdict\n\n**{}**\n", words::headline(report)));
    text
}

fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    let items = bullets(items, usize::MAX);
    if items.is_empty() { items } else { format!("\n## {title}\n\n{items}") }
}

pub(super) fn escaped(text: &str, most: usize) -> String {
    escape::markdown(&shortened(text, most))
}

/// A line each; `most` characters of each.
pub(super) fn bullets(items: impl Iterator<Item = String>, most: usize) -> String {
    items.map(|item| format!("- {}\n", escaped(&item, most))).collect()
}

/// What each dataset can show, with its limits below.
pub(super) fn designs<'a>(datasets: impl IntoIterator<Item = &'a JudgedDataset>, most: usize) -> String {
    let (mut rows, mut limits, mut heads) = (Vec::new(), String::new(), vec!["dataset".to_owned(), "metric".to_owned()]);
    for dataset in datasets {
        let design = words::design(dataset);
        heads.truncate(2);
        heads.extend(design.iter().map(|(name, _)| escaped(name, most)));
        let cells = [dataset.name.clone(), words::unit(dataset)].into_iter().chain(design.into_iter().map(|(_, value)| value));
        rows.push(cells.map(|cell| escaped(&cell, most)).collect());
        for limit in &dataset.design.limits {
            limits.push_str(&format!("- {}: {}\n", escaped(&dataset.name, most), escaped(limit, most.saturating_mul(4))));
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let gap = if limits.is_empty() { "" } else { "\n" };
    format!("What the design can show:\n\n{}{gap}{limits}", table(&heads, &rows))
}

/// Rows of one dataset, or of several with the dataset's name before them, with the reason of each.
pub(super) fn rows_table<'a>(rows: impl Iterator<Item = (&'a JudgedDataset, &'a JudgedRow)>, with_dataset: bool, most: usize) -> String {
    let mut heads: Vec<String> = words::HEADS.iter().map(|head| (*head).to_owned()).chain(["why".to_owned()]).collect();
    if with_dataset {
        heads.insert(1, "dataset".into());
    }
    let cells = rows.map(|(dataset, row)| {
        let mut cells: Vec<String> = words::cells(row, words::scale(dataset)).iter().map(|cell| escaped(cell, most)).collect();
        cells.push(escaped(&row.reason, most.saturating_mul(4)));
        if with_dataset {
            cells.insert(1, escaped(&dataset.name, most));
        }
        cells
    });
    table(&heads, &cells.collect::<Vec<_>>())
}

pub(super) fn costs<'a>(costs: impl Iterator<Item = &'a JudgedCost>, most: usize) -> String {
    let heads = ["verdict", "dataset", "method", "cost", "change"].map(str::to_owned);
    let rows = costs.map(|judged| {
        let cost = &judged.cost;
        let cells = [
            words::verdict(judged.verdict).into(),
            cost.dataset.clone(),
            words::method(&cost.base, &cost.head),
            cost.what.clone(),
            judged.reason.clone(),
        ];
        cells.map(|cell| escaped(&cell, most)).to_vec()
    });
    table(&heads, &rows.collect::<Vec<_>>())
}

/// The rules, and what is known of both sides.
pub(super) fn settings(report: &Report, most: usize) -> String {
    let facts = [("base", &report.base), ("head", &report.head)].into_iter().map(|(side, of)| {
        let facts: Vec<String> = of.facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let facts = if facts.is_empty() { String::new() } else { format!(": {}", facts.join(", ")) };
        format!("{side} {}{facts}", of.name)
    });
    bullets(std::iter::once(words::settings(&report.rules)).chain(facts), most.saturating_mul(8))
}

/// Cells are escaped already.
fn table(heads: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|{}\n", " --- |".repeat(heads.len()));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}{rule}{rows}", line(heads))
}
