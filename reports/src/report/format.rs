//! Cells, captions and test results as text, shared by both reports.

use crate::{
    metrics::Metric,
    summary::{Cell, Comparison, DatasetSummary, Estimate, Outcome, Quantity, Summary, Test, Verdict, is_control},
};

/// Stands where the dataset or suite has no such conditions.
pub(super) const ABSENT: &str = "–";

/// The columns that some dataset of the summary has: the same for all its tables.
pub(super) fn columns(summary: &Summary) -> Vec<Quantity> {
    let present = |quantity: &Quantity| summary.datasets.iter().flat_map(|dataset| &dataset.rows).any(|row| *row.cell(*quantity) != Cell::Absent);
    Quantity::ALL.into_iter().filter(present).collect()
}

/// Task, chance, test samples, seeds and modalities in one line.
pub(super) fn caption(dataset: &DatasetSummary) -> String {
    let info = &dataset.info;
    let metric = info.task.primary();
    let mut parts = vec![if info.classes > 0 { format!("{} classes", info.classes) } else { "regression".into() }];
    if let Some(chance) = info.chance {
        parts.push(format!("chance {}{}", metric.display(chance), if metric.in_percent() { " %" } else { "" }));
    }
    parts.push(format!("{} test samples", info.n_test));
    parts.push(if dataset.seeds.len() == 1 { "1 seed".into() } else { format!("{} seeds", dataset.seeds.len()) });
    parts.push(info.modalities.iter().map(|modality| modality.name.as_str()).collect::<Vec<_>>().join(" + "));
    parts.join(" · ")
}

/// What the numbers of a dataset's table are, and which way is better.
pub(super) fn unit(dataset: &DatasetSummary) -> String {
    let metric = dataset.info.task.primary();
    let (unit, direction) = (if metric.in_percent() { " in %" } else { "" }, if metric.higher_is_better() { "higher" } else { "lower" });
    format!("{}{unit}, {direction} is better", capitalised(metric.title()))
}

/// Mean and spread, without the ±.
pub(super) fn estimate(metric: Metric, estimate: &Estimate) -> (String, Option<String>) {
    (metric.display(estimate.mean), estimate.sd.map(|sd| metric.display(sd)))
}

/// A cell on one line, `mean ± sd`.
pub(super) fn cell(metric: Metric, cell: &Cell) -> String {
    match cell {
        Cell::Value(value) => {
            let (mean, sd) = estimate(metric, value);
            sd.map_or_else(|| mean.clone(), |sd| format!("{mean} ± {sd}"))
        }
        Cell::Unavailable(reason) => format!("n/a ({reason})"),
        Cell::Absent => ABSENT.into(),
    }
}

/// The verdict on a row's quantity, if it was tested.
pub(super) fn verdict(dataset: &DatasetSummary, row: usize, quantity: Quantity) -> Verdict {
    let found = dataset.comparisons.iter().find(|comparison| comparison.row == row && comparison.quantity == quantity);
    match found.map(|comparison| &comparison.outcome) {
        Some(Outcome::Tested(test)) => test.verdict,
        _ => Verdict::Undecided,
    }
}

/// The mark behind a mean; `otherwise` where nothing is decided.
pub(super) fn mark_or(verdict: Verdict, otherwise: &'static str) -> &'static str {
    match verdict {
        Verdict::Better => "▲",
        Verdict::Worse => "▼",
        Verdict::Undecided => otherwise,
    }
}

/// One line for each method that differs significantly from the reference, or one that none does. A control that is worse is left to the table:
/// it is there to be worse.
pub(super) fn findings(dataset: &DatasetSummary) -> Vec<String> {
    let Some((reference, family)) = dataset.rows.first().zip(dataset.family.as_ref()) else { return Vec::new() };
    let mut findings = Vec::new();
    for (at, row) in dataset.rows.iter().enumerate() {
        for (wanted, word) in [(Verdict::Better, "better"), (Verdict::Worse, "worse")] {
            if wanted == Verdict::Worse && is_control(&row.label) {
                continue;
            }
            let differences = differences(dataset, at, wanted);
            if !differences.is_empty() {
                findings.push(format!("{} differs from {} over seeds, {word}: {}.", row.label, reference.label, differences.join(", ")));
            }
        }
    }
    if findings.is_empty() {
        let all_but = if dataset.rows.iter().any(|row| is_control(&row.label)) { "Controls aside, no" } else { "No" };
        let (size, tests) = (family.size(), if family.size() == 1 { "test" } else { "tests" });
        findings.push(format!("{all_but} difference from {} is significant after Bonferroni over {size} {tests}.", reference.label));
    }
    findings
}

fn differences(dataset: &DatasetSummary, row: usize, wanted: Verdict) -> Vec<String> {
    let metric = dataset.info.task.primary();
    let difference = |comparison: &Comparison| match &comparison.outcome {
        Outcome::Tested(test) if comparison.row == row && test.verdict == wanted => {
            let title = comparison.quantity.title(dataset.info.task);
            Some(format!("{title} {} (adjusted p\u{a0}{})", signed(metric, test.paired.mean_difference), equals(&p_value(test.p_bonferroni))))
        }
        _ => None,
    };
    dataset.comparisons.iter().filter_map(difference).collect()
}

/// With the sign, held together by no-break spaces.
fn equals(p: &str) -> String {
    if p.starts_with('<') { p.replace(' ', "\u{a0}") } else { format!("=\u{a0}{p}") }
}

/// A difference in table units, with its sign.
pub(super) fn signed(metric: Metric, difference: f64) -> String {
    let text = metric.display(difference);
    // U+2212, so that a minus is as wide as a plus.
    text.strip_prefix('-').map_or_else(|| format!("+{text}"), |digits| format!("−{digits}"))
}

/// `−1.2 to +3.4`.
pub(super) fn interval(metric: Metric, test: &Test) -> String {
    format!("{} to {}", signed(metric, test.paired.interval.0), signed(metric, test.paired.interval.1))
}

/// A p-value with two significant digits, never as a false zero.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if p.is_nan() => ABSENT.into(),
        p if p < 1e-4 => "< 0.0001".into(),
        p if p < 0.0995 => {
            let decimals = if p < 0.000_995 {
                5
            } else if p < 0.009_95 {
                4
            } else {
                3
            };
            format!("{p:.decimals$}")
        }
        p => format!("{p:.2}"),
    }
}

/// A t statistic with its sign.
pub(super) fn t_value(t: f64) -> String {
    let text = format!("{:.2}", t.abs());
    if t < 0.0 && text != "0.00" { format!("−{text}") } else { text }
}

/// With the first letter in upper case.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_keep_two_digits_and_never_print_as_zero() {
        let found = [0.5, 0.0996, 0.0994, 0.0123, 0.00456, 0.000_34, 1e-9, 0.0, f64::NAN].map(p_value);
        assert_eq!(found, ["0.50", "0.10", "0.099", "0.012", "0.0046", "0.00034", "< 0.0001", "< 0.0001", "–"]);
    }

    #[test]
    fn differences_carry_their_sign_and_zero_has_a_plus() {
        assert_eq!(signed(Metric::Accuracy, 0.0123), "+1.2");
        assert_eq!(signed(Metric::Accuracy, -0.0123), "−1.2");
        assert_eq!(signed(Metric::Accuracy, -0.0001), "+0.0");
        assert_eq!(t_value(-3.456), "−3.46");
    }
}
