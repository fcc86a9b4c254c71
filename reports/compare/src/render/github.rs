//! The comment on a pull request: verdict first, details folded, under GitHub's limit whatever the evidence.

use super::{
    markdown::{bullets, costs, designs, rows_table, settings},
    words,
};
use crate::{JudgedDataset, JudgedRow, Report, Verdict, numbers::count};

/// First line of the comment, by which it is found and updated.
const MARKER: &str = "<!-- bench-compare -->";

/// GitHub takes comments of up to this many characters; a comment stays under it.
const LIMIT: usize = 65_536;

/// How much is written.
#[derive(Debug, Clone, Copy)]
struct Budget {
    /// Whether rows that are the same, or are not judged, are listed.
    same: bool,
    /// Whether rows that improved are.
    improved: bool,
    /// Most rows that regressed or cannot be told; most datasets, costs, notes and lacking things.
    lines: usize,
    /// Most characters of a name.
    name: usize,
}

impl Budget {
    /// From everything to nearly nothing: the last is short whatever the evidence.
    fn all() -> impl Iterator<Item = Self> {
        let full = Self { same: true, improved: true, lines: usize::MAX, name: usize::MAX };
        let without_same = Self { same: false, ..full };
        let without_improved = Self { improved: false, ..without_same };
        let short = Self { name: 60, ..without_improved };
        let fewer = [200, 100, 50, 25, 10, 5, 1, 0].into_iter().map(move |lines| Self { lines, ..short });
        [full, without_same, without_improved, short].into_iter().chain(fewer)
    }
}

/// The comment: the marker, the verdict with counts, the rows that regressed or cannot be told, and everything else folded.
///
/// Where that is too long, rows that are the same are left out first, then those that improved, then names are shortened and the rest is cut; the comment
/// says how many are left out. Names are escaped: they can neither be markup nor call anyone.
pub fn github(report: &Report) -> String {
    let mut texts = Budget::all().map(|budget| comment(report, budget));
    texts.find(|text| text.chars().count() < LIMIT).unwrap_or_else(|| format!("{MARKER}\n**{}**\n", words::headline(report)))
}

fn comment(report: &Report, budget: Budget) -> String {
    let Budget { lines, name, .. } = budget;
    let rows: Vec<(&JudgedDataset, &JudgedRow)> =
        report.datasets.iter().flat_map(|dataset| words::sorted(&dataset.rows).into_iter().map(move |row| (dataset, row))).collect();
    let of = |verdict: Verdict| rows.iter().copied().filter(move |(_, row)| row.verdict == Some(verdict));
    let urgent: Vec<_> = of(Verdict::Regressed).chain(of(Verdict::CannotTell)).collect();
    let mut text = format!("{MARKER}\n**{}**\n\n{}\n", words::headline(report), super::markdown::escaped(&words::sides(report), name.min(400)));
    let mut left_out = LeftOut::default();
    if !report.lacking.is_empty() {
        let lacking = report.lacking.iter().take(lines).map(|lacking| format!("{}: {}", lacking.side, lacking.what));
        text.push_str(&format!("\nLacking:\n\n{}", bullets(lacking, name.saturating_mul(4))));
        left_out.add(report.lacking.len().saturating_sub(lines), "lacking thing", "lacking things");
    }
    if !urgent.is_empty() && lines > 0 {
        text.push_str(&format!("\n{}", rows_table(urgent.iter().copied().take(lines), true, name)));
    }
    left_out.add(urgent.len().saturating_sub(lines), "row that regressed or cannot be told", "rows that regressed or cannot be told");
    let costly: Vec<_> = report.costs.iter().filter(|cost| cost.verdict == Verdict::Regressed).collect();
    if !costly.is_empty() && lines > 0 {
        text.push_str(&format!("\nCosts that grew:\n\n{}", costs(costly.iter().copied().take(lines), name)));
    }
    text.push_str(&details("What the design can show", &designs(report.datasets.iter().take(lines), name)));
    left_out.add(report.datasets.len().saturating_sub(lines), "dataset's design", "datasets' designs");
    let shown = |row: &JudgedRow| match row.verdict {
        Some(Verdict::Regressed | Verdict::CannotTell) => lines == usize::MAX,
        Some(Verdict::Improved) => budget.improved,
        Some(Verdict::Same) | None => budget.same,
    };
    let all: Vec<_> = rows.iter().copied().filter(|(_, row)| shown(row)).collect();
    if !all.is_empty() {
        text.push_str(&details("All rows", &format!("{}\n{}\n", rows_table(all.into_iter(), true, name), words::LEGEND)));
    }
    let hidden = |out: fn(Option<Verdict>) -> bool| rows.iter().filter(|(_, row)| out(row.verdict) && !shown(row)).count();
    left_out.add(hidden(|verdict| verdict == Some(Verdict::Same)), "row that is the same", "rows that are the same");
    left_out.add(hidden(|verdict| verdict.is_none()), "row without a value", "rows without a value");
    left_out.add(hidden(|verdict| verdict == Some(Verdict::Improved)), "row that improved", "rows that improved");
    if !report.costs.is_empty() && lines > 0 {
        text.push_str(&details("Costs", &costs(report.costs.iter().take(lines), name)));
    }
    left_out.add(report.costs.len().saturating_sub(lines), "cost", "costs");
    text.push_str(&details("Notes", &bullets(report.notes.iter().take(lines).cloned(), name.saturating_mul(4))));
    left_out.add(report.notes.len().saturating_sub(lines), "note", "notes");
    text.push_str(&details("Settings", &settings(report, name)));
    text.push_str(&left_out.sentence());
    text
}

fn details(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("\n<details><summary>{title}</summary>\n\n{body}\n</details>\n") }
}

/// What did not fit.
#[derive(Debug, Default)]
struct LeftOut(Vec<String>);

impl LeftOut {
    fn add(&mut self, number: usize, one: &str, many: &str) {
        if number > 0 {
            self.0.push(count(number, one, many));
        }
    }

    fn sentence(&self) -> String {
        if self.0.is_empty() { String::new() } else { format!("\nLeft out here, all of it in the JSON: {}.\n", self.0.join(", ")) }
    }
}
