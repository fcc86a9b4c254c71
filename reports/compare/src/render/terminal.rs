//! The comparison for a terminal.

use bench_reports::report::wrapped;
use tabled::{
    builder::Builder,
    settings::{
        Alignment, Modify, Padding, Style, Theme,
        object::{Columns, Segment},
        style::HorizontalLine,
    },
};

use super::{escape::plain, words};
use crate::{JudgedDataset, Report, Verdict};

/// Width without a terminal.
const DEFAULT_WIDTH: usize = 100;
/// Lines are never wrapped narrower than this.
const NARROWEST: usize = 40;
/// Columns of words, which stand left; numbers stand right.
const WORDS: usize = 3;

/// What the design can show, rows by dataset, costs, what is lacking, notes, and the verdict as the last line; `width` in columns of the terminal
/// (default 100). No colour codes.
pub fn terminal(report: &Report, width: Option<usize>) -> String {
    let width = width.unwrap_or(DEFAULT_WIDTH).max(NARROWEST);
    let line = |bullet: &str, text: &str| wrapped(bullet, &plain(text), width) + "\n";
    let mut text = line("", &words::sides(report));
    for dataset in &report.datasets {
        text.push_str(&design(dataset, &line));
    }
    for dataset in &report.datasets {
        text.push_str(&rows(dataset, width, &line));
    }
    if !report.costs.is_empty() {
        text.push_str("\nCosts\n");
        let rows = report.costs.iter().map(|judged| {
            let cost = &judged.cost;
            vec![
                words::verdict(judged.verdict).into(),
                words::method(&cost.base, &cost.head),
                cost.what.clone(),
                cost.dataset.clone(),
                judged.reason.clone(),
            ]
        });
        text.push_str(&table(&["verdict", "method", "cost", "dataset", "change"], rows.collect(), 5));
    }
    if !report.lacking.is_empty() || !report.notes.is_empty() {
        text.push('\n');
    }
    report.lacking.iter().for_each(|lacking| text.push_str(&line("! ", &format!("{} lacks: {}", lacking.side, lacking.what))));
    report.notes.iter().for_each(|note| text.push_str(&line("· ", note)));
    text.push('\n');
    text.push_str(&line("", &format!("Judged by: {}.", words::settings(&report.rules))));
    text.push_str(&line("", &words::headline(report)));
    text.push_str(&line("", &words::verdict_line(report)));
    text
}

fn design(dataset: &JudgedDataset, line: &impl Fn(&str, &str) -> String) -> String {
    let facts: Vec<String> = words::design(dataset).into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    let mut text = line("", &format!("{} can show ({}): {}", dataset.name, words::unit(dataset), facts.join(" · ")));
    text.insert(0, '\n');
    dataset.design.limits.iter().for_each(|limit| text.push_str(&line("? ", limit)));
    text
}

fn rows(dataset: &JudgedDataset, width: usize, line: &impl Fn(&str, &str) -> String) -> String {
    let scale = words::scale(dataset);
    let sorted = words::sorted(&dataset.rows);
    let cells: Vec<Vec<String>> = sorted.iter().map(|row| words::cells(row, scale).to_vec()).collect();
    if cells.is_empty() {
        return String::new();
    }
    let wide = table(&words::HEADS, cells.clone(), WORDS);
    // Without the p-values, which the reasons below speak of where they matter.
    let narrow = || table(&words::HEADS[..6], cells.iter().map(|row| row.iter().take(6).cloned().collect()).collect(), WORDS);
    let fits = wide.lines().all(|line| line.chars().count() <= width);
    let mut text = line("", &format!("{} · {}", dataset.name, words::unit(dataset)));
    text.insert(0, '\n');
    text.push_str(&if fits { wide } else { narrow() });
    for row in sorted.iter().filter(|row| row.verdict != Some(Verdict::Same)) {
        text.push_str(&line("· ", &format!("{}, {}: {}", words::method(&row.base, &row.head), row.quantity, row.reason)));
    }
    text
}

/// The first `words` columns stand left, the others right.
fn table(heads: &[&str], rows: Vec<Vec<String>>, words: usize) -> String {
    let mut builder = Builder::default();
    builder.push_record(heads.iter().map(|head| (*head).to_owned()));
    rows.into_iter().for_each(|row| builder.push_record(row.iter().map(|cell| plain(cell))));
    let mut theme = Theme::from_style(Style::empty().top('─').bottom('─'));
    theme.insert_horizontal_line(1, HorizontalLine::new('─').intersection('─'));
    let mut table = builder.build();
    table
        .with(theme)
        .with(Modify::new(Segment::all()).with(Padding::new(0, 0, 0, 0)))
        .with(Modify::new(Columns::new(1..)).with(Padding::new(2, 0, 0, 0)));
    table.with(Modify::new(Columns::new(words.min(heads.len())..)).with(Alignment::right()));
    table.to_string().lines().map(str::trim_end).map(|line| format!("{line}\n")).collect()
}
