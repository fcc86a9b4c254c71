//! What a reader needs to read a table, for what occurs in it.

use bench_audit::ledger::Mark;

use super::lines::BELOW;
use crate::table::{Measured, Table, Value, Verdict};

/// More flags than these are folded away.
pub(super) const FLAGS_IN_SIGHT: usize = 4;

/// Sentences on marks, signs and stand-ins; names of ours stand between backticks.
pub(super) fn sentences(table: &Table) -> Vec<String> {
    let values: Vec<&Value> = values(table).collect();
    let mut sentences: Vec<String> = printed(table).into_iter().collect();
    if !values.is_empty() {
        let spread = if values.iter().any(|value| value.deviation.is_some()) { ", mean ± standard deviation over seeds" } else { "" };
        let brackets = if values.iter().any(|value| value.difference.is_some()) { "; in brackets, the mean minus the printed number" } else { "" };
        sentences.push(format!("{BELOW} measured: our number{spread}{brackets}."));
    }
    sentences.extend(verdicts(table, &values));
    if values.iter().any(|value| value.stands_in) {
        sentences.push("A number with the name of a dataset is of that dataset and not of the paper's, so it is no reproduction.".into());
    }
    sentences.extend(table.stand_ins.iter().map(|found| {
        let parts = if found.parts.is_empty() { String::new() } else { format!(" ({})", found.parts) };
        format!("`{}` stands in for {}{parts}.", found.dataset, found.of)
    }));
    sentences
}

/// Measured numbers.
pub(super) fn values(table: &Table) -> impl Iterator<Item = &Value> {
    let measured = table.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.measured).flatten();
    measured.filter_map(|measured| match measured {
        Measured::Value(value) => Some(value),
        Measured::Absent(_) => None,
    })
}

fn printed(table: &Table) -> Option<String> {
    let marks: Vec<Mark> = table.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| Some(cell.reported.as_ref()?.mark)).collect();
    let has = |mark: Mark, text: &'static str| marks.contains(&mark).then_some(text);
    let marks: Vec<&str> = [has(Mark::Best, "bold marks its best"), has(Mark::Second, "underlined its second best")].into_iter().flatten().collect();
    match (marks.as_slice(), values(table).next()) {
        ([], None) => None,
        ([], Some(_)) => Some("First line of a row: what the paper prints.".into()),
        (marks, _) => Some(format!("First line of a row: what the paper prints; {}.", marks.join(", "))),
    }
}

fn verdicts(table: &Table, values: &[&Value]) -> Option<String> {
    let found: Vec<Verdict> = values.iter().filter_map(|value| Some(value.versus.as_ref()?.verdict)).collect();
    if found.is_empty() {
        return None;
    }
    let reference = table.reference.as_deref().map_or_else(|| "the reference".to_owned(), |reference| format!("`{reference}`"));
    let named = |verdict: Verdict, word: &str| found.contains(&verdict).then(|| format!("{} {word}", verdict.mark()));
    let join = |parts: [Option<String>; 2]| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let both = join([named(Verdict::Better, "better"), named(Verdict::Worse, "worse")]);
    let seeds = join([named(Verdict::SeedsBetter, "better"), named(Verdict::SeedsWorse, "worse")]);
    let mut text = String::new();
    if !both.is_empty() {
        text.push_str(&format!("{both} than {reference}: the paired t-test over seeds and the two-level bootstrap over seeds and samples agree. "));
    }
    if !seeds.is_empty() {
        text.push_str(&format!("{seeds} than {reference} by the paired t-test over seeds only: other test samples could turn it. "));
    }
    if found.contains(&Verdict::Undecided) {
        text.push_str(&format!("No mark where there was a test: cannot be told from {reference}. "));
    }
    let tests = if table.tests == 1 { "one test".into() } else { format!("{} tests", table.tests) };
    text.push_str(&format!("p-values are corrected after Holm for {tests}."));
    Some(text)
}
