/*!
The second opinion: would other seeds and other samples say the same?

Whole groups are resampled where there are [`FEWEST_GROUPS`] or more. Fewer cannot stand for other groups whatever is done with them, so the question becomes one
about other samples of these groups, which resampling the samples answers.
*/

use bench_reports::{
    statistics::{Bootstrap, Differences, smallest_exact_p, two_level},
    summary::resampling_key,
};

use super::variance::Parts;
use crate::{Dataset, Opinion, Row, Units};

/// Groups under which generalisation over groups is not judged, as in the reports of a run.
pub(super) const FEWEST_GROUPS: usize = 10;
/// Under so many groups resamples are cheap, and the expansion for few units needs more of them.
const MANY_GROUPS: usize = 100;
const RESAMPLES_OF_GROUPS: usize = 100_000;
const MOST_RESAMPLES: usize = 1_000_000;
/// Resamples beyond the corrected level that the smallest possible p must leave.
const BEYOND: f64 = 4.0;

/// What is resampled in a dataset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resampling<'a> {
    pub groups: Option<&'a [u32]>,
    /// Samples, or groups.
    pub units: usize,
}

impl<'a> Resampling<'a> {
    pub fn of(dataset: &'a Dataset) -> Self {
        let groups = dataset.groups.as_ref().map(|(_, groups)| groups.as_slice());
        let count = groups.map_or(0, number_of_groups);
        match groups {
            Some(_) if count >= FEWEST_GROUPS => Self { groups, units: count },
            _ => Self { groups: None, units: dataset.n_test },
        }
    }

    /// The smallest two-sided p that it can give: G groups say no more than the exact sign-flip test where all of them agree.
    pub fn smallest_p(&self, resamples: usize) -> f64 {
        let of_resamples = Bootstrap::expand(2.0 / (resamples + 1) as f64, self.units);
        if self.groups.is_some() { of_resamples.max(smallest_exact_p(self.units)) } else { of_resamples }
    }

    /// Enough that the smallest p passes `level` with room.
    pub fn resamples(&self, level: f64, fewest: usize) -> usize {
        let fewest = if self.groups.is_some() && self.units < MANY_GROUPS { fewest.max(RESAMPLES_OF_GROUPS) } else { fewest };
        let needed = (BEYOND / Bootstrap::percentile_level(level, self.units)).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and a cast ends at the largest number")]
        let needed = needed as usize;
        needed.clamp(fewest, MOST_RESAMPLES.max(fewest))
    }
}

/// Ids are dense from 0.
pub(super) fn number_of_groups(groups: &[u32]) -> usize {
    groups.iter().max().map_or(0, |&last| last as usize + 1)
}

/// What resampling says, and of what it is made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OverSamples {
    pub opinion: Opinion,
    pub units: Units,
    pub parts: Parts,
}

/// What a row is resampled for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub margin: f64,
    pub alpha: f64,
    pub resamples: usize,
}

/// head − base of each seed and sample, `[seeds, n_test]`; `None` where a seed has no values a sample, or not one for each.
pub(super) fn differences(row: &Row, n_test: usize) -> Option<Vec<f64>> {
    let mut values = Vec::with_capacity(row.pairs.len() * n_test);
    for pair in &row.pairs {
        let (base, head) = pair.samples.as_ref()?;
        if base.len() != n_test || head.len() != n_test {
            return None;
        }
        values.extend(head.iter().zip(base).map(|(head, base)| head - base));
    }
    values.iter().all(|value| value.is_finite()).then_some(values)
}

pub(super) fn resample(values: &[f64], dataset: &Dataset, resampling: Resampling, question: Question) -> Option<OverSamples> {
    let Question { margin, alpha, resamples } = question;
    let found = two_level(&Differences { values, samples: dataset.n_test, groups: resampling.groups }, resamples, resampling_key(&dataset.name))?;
    let opinion = Opinion {
        p: found.expanded_p().max(resampling.smallest_p(resamples)),
        interval: found.expanded_interval(1.0 - alpha),
        inner: found.expanded_interval(super::inner_confidence(alpha)),
        p_equivalence: p_equivalence(&found, margin),
    };
    let units = Units { count: found.units, grouped: resampling.groups.is_some(), resamples };
    let parts = Parts::of(values, dataset.n_test, resampling.groups)?;
    Some(OverSamples { opinion, units, parts })
}

/// The smallest α at which the expanded interval at confidence 1 − 2α lies inside ± margin: the data count as one resample, as in `Bootstrap::p_two_sided`.
fn p_equivalence(found: &Bootstrap, margin: f64) -> f64 {
    let below = found.resampled.partition_point(|&mean| mean <= -margin);
    let above = found.resampled.len() - found.resampled.partition_point(|&mean| mean < margin);
    let one_sided = (1 + below.max(above)) as f64 / (found.resampled.len() + 1) as f64;
    if one_sided >= 0.5 { 1.0 } else { Bootstrap::expand(2.0 * one_sided, found.units) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: of 1..=19 with three units, two at or above 18 and none at or below −18: (1 + 2)/20 = 0.15; z = 1.036433 leaves 0.15 above, and with two
    /// degrees of freedom P(T > z) = (1 − z/√(2 + z²))/2.
    #[test]
    fn equivalence_counts_the_resamples_outside() {
        let found = Bootstrap { mean: 10.0, resampled: (1..=19).map(f64::from).collect(), seeds: 2, units: 3 };
        let z: f64 = 1.036_433_389_493_789_8;
        assert!((p_equivalence(&found, 18.0) - (1.0 - z / (2.0 + z * z).sqrt()) / 2.0).abs() < 1e-10);
        assert_eq!(p_equivalence(&found, 5.0), 1.0);
        // It is the level at which the interval just touches: rank 3 of 19 from above is 17.
        let (_, high) = found.expanded_interval(1.0 - 2.0 * p_equivalence(&found, 18.0));
        assert_eq!(high, 17.0);
    }

    /// By hand: ten groups end at 2/2¹⁰, above what 100,000 resamples can give over nine degrees of freedom but for the expansion (SciPy 0.0020960).
    #[test]
    fn groups_bound_the_p_value() {
        let groups: Vec<u32> = (0..20).map(|sample| sample % 10).collect();
        let ten = Resampling { groups: Some(&groups), units: 10 };
        assert!((ten.smallest_p(100_000) / 0.002_095_999_587_105_265_7 - 1.0).abs() < 1e-10);
        assert_eq!(ten.smallest_p(100_000_000), 2.0 / 1024.0);
        let many = Resampling { groups: None, units: 1000 };
        // SciPy, as in the reports: 4 / (2 · norm.sf(t.isf(0.05/1000/2, 999))) = 86335.4.
        assert_eq!((many.resamples(0.05 / 1000.0, 10_000), many.resamples(0.05, 10_000), ten.resamples(0.05, 10_000)), (86_336, 10_000, 100_000));
    }
}
