//! "Over the folds": the folds of one cross-validation together, for all three reports.

use super::{
    format::{self, ABSENT},
    markdown_table,
    statistics::table,
    terminal::wrapped,
};
use crate::{
    folds::{FoldCell, FoldTest, OverFolds, over_folds},
    metrics::Metric,
    summary::{ALPHA, Quantity, Summary},
};

/// The sections of `report.md`.
pub(super) fn markdown(summary: &Summary) -> Vec<String> {
    over_folds(summary).iter().flat_map(section).collect()
}

fn section(over: &OverFolds) -> Vec<String> {
    let metric = over.task.primary();
    let heads = std::iter::once("method".into()).chain(over.quantities.iter().map(|quantity| quantity.title(over.task).into()));
    let rows = over.rows.iter().map(|row| {
        let label = format!("`{}`{}", row.label, if row.is_reference { " (reference)" } else { "" });
        std::iter::once(label).chain(row.cells.iter().map(|cell| text(over, metric, cell))).collect()
    });
    let mut blocks =
        vec![format!("## Over the folds: {}", over.family), format!("{} {}", head(over), CELLS), markdown_table(heads.collect(), rows.collect())];
    let differences = differences(over);
    if !differences.is_empty() {
        blocks.push(format!("**Differences from `{}`.** {}", over.reference, reading(over)));
        blocks.push(markdown_table(heads_of_tests(), differences));
    }
    blocks.push(format!("**What was found over the folds.** {}", findings(over)));
    blocks
}

/// The sections for a terminal: means, and what was found.
pub(super) fn terminal(summary: &Summary, width: usize) -> String {
    over_folds(summary).iter().map(|over| format!("\n{}", terminal_section(over, width))).collect()
}

fn terminal_section(over: &OverFolds, width: usize) -> String {
    let metric = over.task.primary();
    let heads: Vec<&str> = std::iter::once("").chain(over.quantities.iter().map(|quantity| quantity.title(over.task))).collect();
    let rows = over.rows.iter().map(|row| {
        let label = format!("{}{}", row.label, if row.is_reference { " *" } else { "" });
        std::iter::once(label).chain(row.cells.iter().map(|cell| text(over, metric, cell))).collect()
    });
    let lines = [
        wrapped("", &format!("Over the folds: {}", over.family), width),
        wrapped("", &format!("{} {CELLS} * reference.", head(over)), width),
        table(&heads, rows, 1..heads.len()),
        wrapped("", &findings(over).replace('`', ""), width),
        wrapped("· ", &reading(over), width),
    ];
    lines.join("\n") + "\n"
}

/// The tests, for `bench stats`.
pub(super) fn statistics(summary: &Summary) -> String {
    let one = |over: &OverFolds| {
        let heads = heads_of_tests();
        let tests = table(&heads.iter().map(String::as_str).collect::<Vec<_>>(), differences(over).into_iter(), 2..7);
        format!(
            "\nOver the folds: {}\n{}\nMethod minus {}. {}\n{tests}\n{}\n",
            over.family,
            head(over),
            over.reference,
            reading(over),
            findings(over).replace('`', "")
        )
    };
    over_folds(summary).iter().map(one).collect()
}

const CELLS: &str = "A cell is the mean ± standard deviation over folds, a fold being its mean over seeds.";

fn head(over: &OverFolds) -> String {
    let metric = over.task.primary();
    let all = if over.folds.len() < over.of { format!("; the other {} are not here", over.of - over.folds.len()) } else { String::new() };
    let unit = if metric.in_percent() { " in %" } else { "" };
    let direction = if metric.higher_is_better() { "higher" } else { "lower" };
    let metric = format::capitalised(metric.title());
    format!("{} folds ({}){all}. {metric}{unit}, {direction} is better.", over.folds.len(), over.folds.join(", "))
}

/// What the tests are, and what they are not.
fn reading(over: &OverFolds) -> String {
    let folds = over.folds.len();
    format!(
        "Folds share training samples, so they are no independent repetitions, and ± / √{folds} is no standard error. The test is the corrected resampled t-test \
         (Nadeau and Bengio, 2003): the variance of a mean difference is (1/{folds} + {:.3}) times that over folds, {:.3} being test over training samples (validation is \
         kept out of both), with {} degrees of freedom; p after Holm over {}.",
        over.test_to_train,
        over.test_to_train,
        folds - 1,
        format::count(over.tests, "test", "tests")
    )
}

fn text(over: &OverFolds, metric: Metric, cell: &FoldCell) -> String {
    let Some(mean) = cell.mean else {
        return cell.missing.as_ref().map_or_else(|| ABSENT.into(), |reason| format!("n/a ({reason})"));
    };
    let sd = cell.sd.map_or_else(String::new, |sd| format!(" ± {}", metric.display(sd)));
    let partial =
        if cell.per_fold.len() < over.folds.len() { format!(" ({} of {} folds)", cell.per_fold.len(), over.folds.len()) } else { String::new() };
    format!("{}{sd}{partial}", metric.display(mean))
}

/// Every comparison with the reference: label, quantity and what came of it.
fn comparisons(over: &OverFolds) -> impl Iterator<Item = (&str, Quantity, &Result<FoldTest, String>)> {
    over.rows.iter().flat_map(|row| {
        let cells = over.quantities.iter().zip(&row.cells);
        cells.filter_map(|(&quantity, cell)| Some((row.label.as_str(), quantity, cell.against.as_ref()?)))
    })
}

fn heads_of_tests() -> Vec<String> {
    ["method", "quantity", "difference", "95 %, corrected", "t", "p", "p, Holm", "folds"].map(String::from).into()
}

fn differences(over: &OverFolds) -> Vec<Vec<String>> {
    let metric = over.task.primary();
    let row = |(label, quantity, outcome): (&str, Quantity, &Result<FoldTest, String>)| {
        let mut cells = vec![label.to_owned(), quantity.title(over.task).to_owned()];
        match outcome {
            Ok(test) => cells.extend([
                format::signed(metric, test.test.estimate),
                format::interval(metric, test.interval),
                format::t_value(test.test.t()),
                format::p_value(test.p),
                format::p_value(test.p_holm),
                test.folds.to_string(),
            ]),
            Err(reason) => {
                cells.extend(std::iter::repeat_n(ABSENT.into(), 5));
                cells.push(format!("n/a ({reason})"));
            }
        }
        cells
    };
    comparisons(over).map(row).collect()
}

/// Who differs from the reference after Holm, or that nobody can be told apart.
fn findings(over: &OverFolds) -> String {
    let metric = over.task.primary();
    let found: Vec<String> = comparisons(over)
        .filter_map(|(label, quantity, outcome)| {
            let test = outcome.as_ref().ok().filter(|test| test.p_holm < ALPHA)?;
            let word = if (test.test.estimate > 0.0) == metric.higher_is_better() { "better" } else { "worse" };
            let (difference, p) = (format::signed(metric, test.test.estimate), format::equals(&format::p_value(test.p_holm)));
            Some(format!("`{label}` is {word} in {} ({difference}, p\u{a0}{p})", quantity.title(over.task)))
        })
        .collect();
    match (over.tests, found.is_empty()) {
        (0, _) => "No difference could be tested.".into(),
        (_, true) => format!("No method can be told apart from `{}` over the folds, which is not the same as equal.", over.reference),
        (_, false) => format!("Against `{}`: {}. Of the rest nothing can be said.", over.reference, found.join("; ")),
    }
}
