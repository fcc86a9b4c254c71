//! Every measured cell against the reference's in the same column: paired t-tests over seeds, and a two-level bootstrap where they find something.

use std::collections::BTreeMap;

use bench_reports::{
    statistics::{holm, paired_t},
    summary::{ALPHA, CONFIDENCE, resample_samples},
};

use super::{Filled, Grid, label_of};
use crate::{
    Spec,
    budgets::refusal,
    table::{Trial, Verdict, Versus},
};

/// A comparison in the quantity's own unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Compared {
    difference: f64,
    p: f64,
    p_samples: Option<f64>,
    verdict: Verdict,
}

impl Compared {
    /// In the paper's unit.
    pub fn scaled(&self, scale: f64) -> Versus {
        Versus { difference: self.difference * scale, p: self.p, p_samples: self.p_samples, verdict: self.verdict }
    }
}

/// By row, column and line.
pub(super) type AllCompared = BTreeMap<(usize, usize, usize), Compared>;

/// What was compared in a table.
#[derive(Debug, Default)]
pub(super) struct Comparisons {
    /// Tests in the family, those that were refused included: that they were not made makes no other test easier.
    pub tests: usize,
    /// By place.
    pub compared: AllCompared,
    /// A note on the tests that were refused.
    pub refused: Option<String>,
}

/// Every comparison with the reference that could be made between cells of one tuning budget.
pub(super) fn compare(spec: &Spec, grid: &Grid, trials: &BTreeMap<String, Trial>) -> Comparisons {
    let Some(key) = &spec.reference else { return Comparisons::default() };
    let at_row = spec.rows.iter().position(|row| row.key == *key);
    let at_column = spec.columns.iter().position(|column| column.key == *key);
    let mut pairs: Vec<((usize, usize, usize), &Filled, &Filled)> = Vec::new();
    for (row, cells) in grid.iter().enumerate() {
        for (column, lines) in cells.iter().enumerate() {
            for (line, cell) in lines.iter().enumerate() {
                let (other_row, other_column) = (at_row.unwrap_or(row), at_column.unwrap_or(column));
                if (other_row, other_column) == (row, column) {
                    continue;
                }
                let reference = grid.get(other_row).and_then(|cells| cells.get(other_column)).and_then(|lines| lines.get(line));
                if let (Some(Ok(own)), Some(Some(Ok(reference)))) = (cell, reference)
                    && can_be_compared(own, reference)
                {
                    pairs.push(((row, column, line), own, reference));
                }
            }
        }
    }
    let tests: Vec<_> = pairs.into_iter().filter_map(|(place, own, reference)| Some((place, own, reference, test(own, reference)?))).collect();
    let refusals: Vec<Option<String>> =
        tests.iter().map(|(_, own, reference, _)| refusal([own.found.trials.as_slice(), &reference.found.trials], trials)).collect();
    // What is refused counts as a test that found nothing.
    let p_values: Vec<f64> = tests.iter().zip(&refusals).map(|((.., test), refusal)| if refusal.is_some() { 1.0 } else { test.p }).collect();
    let family = tests.len();
    let leaf = |(row, column, _): (usize, usize, usize)| if at_row.is_some() { &spec.rows[row] } else { &spec.columns[column] };
    let mut refused: Vec<(String, Vec<String>)> = Vec::new();
    let mut compared = BTreeMap::new();
    for (((place, own, reference, test), p), refusal) in tests.into_iter().zip(holm(&p_values)).zip(refusals) {
        let Some(reason) = refusal else {
            compared.insert(place, judge(own, reference, &test, p, family));
            continue;
        };
        let label = leaf(place).labels.join(" ");
        match refused.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, labels)) if labels.contains(&label) => {}
            Some((_, labels)) => labels.push(label),
            None => refused.push((reason, vec![label])),
        }
    }
    let parts: Vec<String> = refused.iter().map(|(reason, labels)| format!("{} ({reason})", labels.join(", "))).collect();
    let refused = (!parts.is_empty())
        .then(|| format!("Not tested against {}: {}. Those tests stay in the number that is corrected for.", label_of(spec, key), parts.join("; ")));
    Comparisons { tests: family, compared, refused }
}

/// The paired t-test before correction.
struct Test {
    difference: f64,
    p: f64,
}

fn can_be_compared(own: &Filled, reference: &Filled) -> bool {
    let same = own.on == reference.on && !own.derived && !reference.derived;
    // The same trials, by whatever name, differ in nothing.
    same && own.higher_is_better.is_some() && own.found.trials != reference.found.trials
}

fn test(own: &Filled, reference: &Filled) -> Option<Test> {
    let other = |seed: u64| reference.found.per_seed.iter().find(|(known, _)| *known == seed).map(|(_, value)| *value);
    let (values, others): (Vec<f64>, Vec<f64>) = own.found.per_seed.iter().filter_map(|&(seed, value)| Some((value, other(seed)?))).unzip();
    let paired = paired_t(&values, &others, CONFIDENCE).filter(|paired| !paired.is_degenerate())?;
    Some(Test { difference: paired.mean_difference, p: paired.p_two_sided })
}

fn judge(own: &Filled, reference: &Filled, test: &Test, p: f64, family: usize) -> Compared {
    let better = (test.difference > 0.0) == own.higher_is_better.unwrap_or(true);
    if p >= ALPHA {
        return Compared { difference: test.difference, p, p_samples: None, verdict: Verdict::Undecided };
    }
    // Costs thousands of resamples: asked only where the seeds agree, and corrected as if it had been asked everywhere.
    let groups = own.found.groups.as_ref().map(|groups| groups.as_slice());
    let found = resample_samples(&own.found.samples, &reference.found.samples, groups, family, &own.on);
    let verdict = Verdict::of(true, found.as_ref().is_some_and(|found| found.supports_a_winner()), better);
    Compared { difference: test.difference, p, p_samples: found.map(|found| found.p_bonferroni), verdict }
}
