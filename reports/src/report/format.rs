//! Cells, captions and test results as text, shared by both reports.

use crate::{
    metrics::Metric,
    summary::{Cell, DatasetSummary, Estimate, Exploration, Finding, MethodRow, Outcome, Quantity, SampleTest, Subject, Test, Verdict, is_control},
};

/// Stands where the dataset or suite has no such conditions.
pub(super) const ABSENT: &str = "–";

/// The columns that the dataset has.
pub(super) fn columns(dataset: &DatasetSummary) -> Vec<Quantity> {
    let present = |quantity: &Quantity| dataset.rows.iter().any(|row| *row.cell(*quantity) != Cell::Absent);
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

/// Where the hyper-parameters of a dataset's rows come from.
#[derive(Debug, PartialEq)]
pub(super) enum Settings<'a> {
    /// No row is trained.
    Nothing,
    /// All trained rows have this preset.
    Same(&'a str),
    /// Presets row by row; [`ABSENT`] for a row that is not trained.
    Each(Vec<&'a str>),
}

/// The presets of a dataset's rows.
pub(super) fn settings(dataset: &DatasetSummary) -> Settings<'_> {
    let of = |row: &MethodRow| row.budget.is_some();
    let mut presets: Vec<&str> = dataset.rows.iter().filter(|row| of(row)).map(|row| row.preset.as_str()).collect();
    presets.dedup();
    match presets.as_slice() {
        [] => Settings::Nothing,
        [preset] => Settings::Same(preset),
        _ => Settings::Each(dataset.rows.iter().map(|row| if of(row) { row.preset.as_str() } else { ABSENT }).collect()),
    }
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
    if verdict == Verdict::Undecided { otherwise } else { verdict.mark() }
}

/// What the marks mean.
pub(super) const LEGEND: &str = "▲\u{a0}better, ▼\u{a0}worse by seeds and samples, △\u{a0}▽\u{a0}by seeds only";

/// A difference in table units, with its sign.
pub(super) fn signed(metric: Metric, difference: f64) -> String {
    let text = metric.display(difference);
    // U+2212, so that a minus is as wide as a plus.
    text.strip_prefix('-').map_or_else(|| format!("+{text}"), |digits| format!("−{digits}"))
}

/// `−1.2 to +3.4`.
pub(super) fn interval(metric: Metric, (low, high): (f64, f64)) -> String {
    format!("{} to {}", signed(metric, low), signed(metric, high))
}

/// A p-value with two significant digits, never as a false zero.
pub fn p_value(p: f64) -> String {
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

/// The bootstrap's adjusted p-value: only a bound where no resample crossed zero.
pub(super) fn bootstrap_p(found: &SampleTest) -> String {
    let p = p_value(found.p_bonferroni);
    if found.at_floor && found.p_bonferroni < 1.0 && !p.starts_with('<') { format!("≤ {p}") } else { p }
}

/// `= 0.012` or `< 0.0001`, held together by a no-break space.
pub(super) fn equals(p: &str) -> String {
    if p.starts_with(['<', '≤']) { p.replace(' ', "\u{a0}") } else { format!("=\u{a0}{p}") }
}

/// A t statistic with its sign.
pub(super) fn t_value(t: f64) -> String {
    let text = format!("{:.2}", t.abs());
    if t < 0.0 && text != "0.00" { format!("−{text}") } else { text }
}

/// What was found that needs saying: a control is there to be worse.
pub(super) fn beyond_expectation<'a>(dataset: &DatasetSummary, exploration: &'a Exploration) -> Vec<&'a Finding> {
    let control = |finding: &Finding| dataset.rows.get(finding.row).is_some_and(|row| is_control(&row.method));
    exploration.findings.iter().filter(|finding| finding.better || !control(finding)).collect()
}

/// What a finding is about, and the metric that it is measured in.
pub(super) fn subject(dataset: &DatasetSummary, subject: &Subject) -> (String, Metric) {
    let task = dataset.info.task;
    match subject {
        Subject::Secondary => (task.secondary().title().into(), task.secondary()),
        Subject::Calibration => (Metric::ExpectedCalibrationError.title().into(), Metric::ExpectedCalibrationError),
        Subject::Condition(at) => (dataset.conditions.get(*at).map_or_else(String::new, |row| row.condition.clone()), task.primary()),
    }
}

/// The numbers of a test, a dash for what is not known: pairs, t, interval over seeds, adjusted p, interval over seeds and samples, adjusted p,
/// detectable difference, effect size.
pub(super) fn numbers(metric: Metric, test: &Test) -> [String; 8] {
    let absent = || ABSENT.to_owned();
    [
        test.paired.n.to_string(),
        t_value(test.paired.t),
        interval(metric, test.paired.interval),
        p_value(test.p_bonferroni),
        test.bootstrap.map_or_else(absent, |found| interval(metric, found.interval)),
        test.bootstrap.as_ref().map_or_else(absent, bootstrap_p),
        test.detectable.map_or_else(absent, |needed| metric.display(needed)),
        test.effect.map_or_else(absent, t_value),
    ]
}

/// A number of seeds, methods, … with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
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
