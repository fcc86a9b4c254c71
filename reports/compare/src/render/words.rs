//! Sentences and cells that all formats share; what strangers named is not escaped here.

use bench_reports::report::p_value;

use crate::{
    JudgedDataset, JudgedRow, Report, Rules, Verdict,
    numbers::{Scale, count},
};

/// In the order in which rows are shown.
pub(super) const VERDICTS: [Verdict; 4] = [Verdict::Regressed, Verdict::CannotTell, Verdict::Improved, Verdict::Same];

pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Regressed => "regressed",
        Verdict::CannotTell => "cannot tell",
        Verdict::Improved => "improved",
        Verdict::Same => "same",
    }
}

/// `Regressed: 2 regressed, 1 cannot be told, 17 the same.`
pub(super) fn headline(report: &Report) -> String {
    let counts: Vec<String> = VERDICTS
        .iter()
        .map(|&verdict| (verdict, report.count(verdict)))
        .filter(|&(_, number)| number > 0)
        .map(|(verdict, number)| match verdict {
            Verdict::Regressed => format!("{number} regressed"),
            Verdict::CannotTell => format!("{number} cannot be told"),
            Verdict::Improved => format!("{number} improved"),
            Verdict::Same => format!("{number} the same"),
        })
        .collect();
    let noisy = match report.untold_timings() {
        0 => None,
        number => Some(format!("{} too noisy to tell", count(number, "timing", "timings"))),
    };
    let counts: Vec<String> = counts.into_iter().chain(noisy).collect();
    let counts = if counts.is_empty() { "nothing was compared".into() } else { counts.join(", ") };
    if !report.incomplete {
        return format!("{}: {counts}.", overall(report));
    }
    let lacking = match report.lacking.len() {
        0 => "there is nothing to compare".into(),
        number => format!("{} lacking", count(number, "thing is", "things are")),
    };
    format!("Incomplete: {lacking}, so this is no verdict on the whole. Of what is there: {counts}.")
}

fn overall(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Regressed => "Regressed",
        Verdict::CannotTell => "Cannot tell",
        Verdict::Improved => "Improved",
        Verdict::Same if report.is_identical() => "Identical in every bit",
        Verdict::Same => "Same within the margin",
    }
}

/// The verdict alone, short enough for a line of any terminal.
pub(super) fn verdict_line(report: &Report) -> String {
    if report.incomplete { "Verdict: incomplete".into() } else { format!("Verdict: {}", overall(report).to_lowercase()) }
}

/// The method, or both where they differ.
pub(super) fn method(base: &str, head: &str) -> String {
    if base == head { base.into() } else { format!("{base} → {head}") }
}

/// `head against base`.
pub(super) fn sides(report: &Report) -> String {
    format!("{} against {}", report.head.name, report.base.name)
}

pub(super) fn scale(dataset: &JudgedDataset) -> Scale {
    Scale::new(dataset.share, dataset.range)
}

/// What the numbers of a dataset are.
pub(super) fn unit(dataset: &JudgedDataset) -> String {
    let direction = if dataset.higher_is_better { "higher" } else { "lower" };
    format!("{}{}, {direction} is better", dataset.metric, if dataset.share { " in points" } else { "" })
}

/// Names and values of what the design can show.
pub(super) fn design(dataset: &JudgedDataset) -> Vec<(&'static str, String)> {
    let (design, scale) = (&dataset.design, scale(dataset));
    let absent = || "–".to_owned();
    let samples = match &design.groups {
        Some((name, groups)) => format!("{} in {} ({name})", design.n_test, count(*groups, "group", "groups")),
        None => design.n_test.to_string(),
    };
    vec![
        ("seeds", design.seeds.to_string()),
        ("test samples", samples),
        ("one sample is worth", scale.value(design.one_sample)),
        ("margin", scale.value(design.margin)),
        ("tests in the family", design.family.to_string()),
        ("|t| needed", design.critical_t.map_or_else(absent, |t| format!("{t:.2}"))),
        ("deviation over seeds", design.spread.map_or_else(absent, |spread| scale.value(spread))),
        ("found in 4 of 5 cases", design.detectable.map_or_else(absent, |found| scale.value(found))),
        ("shown the same up to", design.provable.map_or_else(absent, |shown| scale.value(shown))),
    ]
}

/// Heads of [`cells`].
pub(super) const HEADS: [&str; 8] = ["verdict", "method", "quantity", "base", "head", "difference", "p (seeds)", "p (samples)"];

/// A row's verdict, names and numbers.
pub(super) fn cells(row: &JudgedRow, scale: Scale) -> [String; 8] {
    let absent = || "–".to_owned();
    let values = |number: fn(&crate::Values) -> f64| row.values.as_ref().map_or_else(absent, |values| scale.value(number(values)));
    [
        row.verdict.map_or("n/a", verdict).into(),
        method(&row.base, &row.head),
        row.quantity.clone(),
        values(|values| values.base),
        values(|values| values.head),
        row.values.as_ref().map_or_else(absent, |values| scale.signed(values.difference)),
        row.seeds.map_or_else(absent, |opinion| p_value(opinion.p)),
        row.samples.map_or_else(absent, |opinion| p_value(opinion.p)),
    ]
}

/// Rows by verdict, worst first, those that are not judged last; else as they came.
pub(super) fn sorted(rows: &[JudgedRow]) -> Vec<&JudgedRow> {
    let mut sorted: Vec<&JudgedRow> = rows.iter().collect();
    sorted.sort_by_key(|row| row.verdict.map_or(VERDICTS.len(), |verdict| verdict as usize));
    sorted
}

/// What it was judged by.
pub(super) fn settings(rules: &Rules) -> String {
    let Rules { margin, alpha, cost_margin, require_proof } = rules;
    let proof = if *require_proof { "; what cannot be told fails" } else { "" };
    format!(
        "margin {margin} hundredths of the metric's range and never under two test samples; α = {alpha}, over all tests together; costs may grow by {cost_margin} %{proof}"
    )
}

/// What the p-values beside a row are.
pub(super) const LEGEND: &str = "p (seeds): other seeds on this test set; p (samples): other seeds and other samples. Neither is corrected; a row has regressed or \
                                 improved where the larger of both passes Holm's correction over the family, and is the same where both intervals lie inside the margin.";
