//! Every measured cell against the reference's in the same column: paired t-tests over seeds, and a two-level bootstrap where they find something.

use std::collections::BTreeMap;

use bench_reports::{
    statistics::{holm, paired_t},
    summary::{ALPHA, CONFIDENCE, resample_samples},
};

use super::{Filled, Grid};
use crate::{
    Spec,
    table::{Verdict, Versus},
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

/// The size of the family, and every comparison that could be made.
pub(super) fn compare(spec: &Spec, grid: &Grid) -> (usize, AllCompared) {
    let Some(key) = &spec.reference else { return (0, BTreeMap::new()) };
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
    let adjusted = holm(&tests.iter().map(|(_, _, _, test)| test.p).collect::<Vec<_>>());
    let family = tests.len();
    let compared = tests.into_iter().zip(adjusted).map(|((place, own, reference, test), p)| (place, judge(own, reference, &test, p, family)));
    (family, compared.collect())
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
