//! The second opinion on a difference: seeds and samples (or groups of samples) resampled together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ALPHA, CONFIDENCE, Quantity};
use crate::statistics::{Bootstrap, Differences, bonferroni, smallest_exact_p, two_level};

/// Each primary quantity for every test sample, `[n]`.
pub type Samples = BTreeMap<Quantity, Vec<f64>>;

/// What resampling said, by row and quantity.
pub(super) type Resampled = BTreeMap<(usize, Quantity), SampleTest>;

/// Groups of a test split under which generalisation over groups is not judged.
pub(super) const FEWEST_GROUPS: usize = 10;

/// Fewest resamples of many units: the ends of a 95 % interval then rest on 250 of them each.
const RESAMPLES_OF_MANY: usize = 10_000;
/// Fewest resamples of groups, where they are few: cheap, because groups are sums, and needed, because the expansion pushes the smallest p-value up.
const RESAMPLES_OF_GROUPS: usize = 100_000;
/// From here on groups are as many as samples, and cost as much.
const MANY_GROUPS: usize = 100;
/// Beyond this the tail of a bootstrap over so few units says nothing that more resamples could refine.
const MOST_RESAMPLES: usize = 1_000_000;
/// Resamples beyond the corrected level that the smallest possible p-value must leave.
const BEYOND: f64 = 4.0;

/// A two-level paired bootstrap of the differences method − reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampleTest {
    /// Expanded percentile interval of the mean difference at [`CONFIDENCE`]; not adjusted for a family of tests.
    pub interval: (f64, f64),
    /// Two-sided, of the expanded percentile; with groups never below the exact sign-flip test's smallest.
    pub p: f64,
    /// Times the family's size, at most 1.
    pub p_bonferroni: f64,
    /// Groups, or samples where there are no groups.
    pub units: usize,
    /// Whether the units are groups.
    pub grouped: bool,
    /// Resamples.
    pub resamples: usize,
    /// Whether `p` is the smallest that so many resamples and groups can give: then it is a bound.
    pub at_floor: bool,
}

impl SampleTest {
    /// Whether it supports a winner: below [`ALPHA`] in its family, and not over too few groups.
    pub fn supports_a_winner(&self) -> bool {
        self.p_bonferroni < ALPHA && !(self.grouped && self.units < FEWEST_GROUPS)
    }
}

/// Over the common seeds; `None` where a sample has no value, or the trials are not of the same samples.
pub(super) fn resample(
    method: &[(u64, Samples)],
    reference: &[(u64, Samples)],
    quantity: Quantity,
    groups: Option<&[u32]>,
    family: usize,
    dataset: &str,
) -> Option<SampleTest> {
    resample_samples(&of_quantity(method, quantity), &of_quantity(reference, quantity), groups, family, dataset)
}

fn of_quantity(trials: &[(u64, Samples)], quantity: Quantity) -> Vec<(u64, &[f64])> {
    trials.iter().filter_map(|(seed, samples)| Some((*seed, samples.get(&quantity)?.as_slice()))).collect()
}

/// A two-level bootstrap of method − reference from a value a sample, `[n]`, of each seed, over the common seeds, for a family of that many tests; `None`
/// where there are fewer than two common seeds, or the trials are not of the same samples. [`SampleTest::p_bonferroni`] is corrected.
pub fn resample_samples<V: AsRef<[f64]>>(
    method: &[(u64, V)],
    reference: &[(u64, V)],
    groups: Option<&[u32]>,
    family: usize,
    dataset: &str,
) -> Option<SampleTest> {
    let mut values = Vec::new();
    let mut samples = None;
    for (seed, own) in method {
        let Some((_, other)) = reference.iter().find(|(other, _)| other == seed) else { continue };
        let (own, other) = (own.as_ref(), other.as_ref());
        if own.len() != other.len() || *samples.get_or_insert(own.len()) != own.len() {
            return None;
        }
        values.extend(own.iter().zip(other).map(|(own, other)| own - other));
    }
    let samples = samples?;
    // One seed says nothing about other seeds: no two-level statement.
    if values.len() < 2 * samples {
        return None;
    }
    let units = groups.map_or(Some(samples), |groups| groups.iter().max().map(|&last| last as usize + 1))?;
    let resamples = resamples(family, units, groups.is_some());
    let found = two_level(&Differences { values: &values, samples, groups }, resamples, resampling_key(dataset))?;
    let floor = smallest_p(resamples, units, groups.is_some());
    let p = found.expanded_p().max(floor);
    Some(SampleTest {
        interval: found.expanded_interval(CONFIDENCE),
        p,
        p_bonferroni: bonferroni(p, family),
        units,
        grouped: groups.is_some(),
        resamples,
        at_floor: p <= floor,
    })
}

/// The smallest p-value that the test over so many groups can give in a family of that many tests.
pub(super) fn smallest_p_of_groups(groups: usize, family: usize) -> f64 {
    smallest_p(resamples(family, groups, true), groups, true)
}

/// The smallest two-sided p-value of so many resamples, expanded. Groups can support no less than the exact sign-flip test does where all of them agree,
/// 2 · (1/2)^groups: resampling two speakers a thousand times does not make more speakers of them.
fn smallest_p(resamples: usize, units: usize, grouped: bool) -> f64 {
    let of_resamples = Bootstrap::expand(2.0 / (resamples + 1) as f64, units);
    if grouped { of_resamples.max(smallest_exact_p(units)) } else { of_resamples }
}

/// Enough that the smallest p-value, expanded, passes the corrected level with room: the fewer the units, the more.
pub(super) fn resamples(family: usize, units: usize, grouped: bool) -> usize {
    let fewest = if grouped && units < MANY_GROUPS { RESAMPLES_OF_GROUPS } else { RESAMPLES_OF_MANY };
    if units < FEWEST_GROUPS {
        // No winner is named over so few groups, and so few samples are no test set.
        return fewest;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and a cast ends at the largest number")]
    let needed = (BEYOND / Bootstrap::percentile_level(ALPHA / family.max(1) as f64, units)).ceil() as usize;
    needed.clamp(fewest, MOST_RESAMPLES)
}

/// The key of a dataset's resamples, the same for all methods and quantities: common random numbers make them comparable, and a repetition the same.
pub fn resampling_key(dataset: &str) -> [u8; 32] {
    // FNV-1a: the key must be the same in every build, which the standard hasher does not promise.
    let hash =
        |salt: u8| dataset.bytes().chain([salt]).fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut key = [0; 32];
    for (part, salt) in key.chunks_exact_mut(8).zip(0..) {
        part.copy_from_slice(&hash(salt).to_le_bytes());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(seed: u64, values: &[f64]) -> (u64, Samples) {
        (seed, Samples::from([(Quantity::Clean, values.to_vec())]))
    }

    #[test]
    fn seeds_are_paired_and_other_samples_refused() {
        let reference = [trial(1, &[0.0; 40]), trial(2, &[0.0; 40])];
        let test = |trials: &[(u64, Samples)], quantity| resample(trials, &reference, quantity, None, 5, "d");
        let better = [trial(2, &[1.0; 40]), trial(1, &[1.0; 40]), trial(9, &[0.0; 40])];
        let found = test(&better, Quantity::Clean).unwrap();
        assert_eq!((found.interval, found.units, found.grouped), ((1.0, 1.0), 40, false));
        assert_eq!(test(&[trial(1, &[1.0; 40])], Quantity::Clean), None);
        assert_eq!(test(&[trial(1, &[1.0; 39]), trial(2, &[1.0; 39])], Quantity::Clean), None);
        assert_eq!(test(&better, Quantity::Noise), None);
    }

    /// By hand: all resamples agree, and yet two groups can say no more than 2 · (1/2)² = 1/2, ten 2 · (1/2)¹⁰ = 1/512.
    #[test]
    fn few_groups_bound_the_p_value() {
        let reference = [trial(1, &[0.0; 40]), trial(2, &[0.0; 40])];
        let better = [trial(1, &[1.0; 40]), trial(2, &[1.0; 40])];
        let p = |groups: u32| {
            let groups: Vec<u32> = (0..40).map(|sample| sample % groups).collect();
            let found = resample(&better, &reference, Quantity::Clean, Some(&groups), 5, "d").unwrap();
            (found.p, found.at_floor)
        };
        assert_eq!(p(2), (0.5, true));
        // SciPy: `2 * t.sf(norm.isf(1 / 100_001), 9)`, just above 1/512.
        let (ten, at_floor) = p(10);
        assert!((ten / 0.002_095_999_587_105_265_7 - 1.0).abs() < 1e-10 && at_floor);
        assert!(p(20).0 < 1e-3);
    }

    #[test]
    fn nine_groups_support_no_winner_however_small_p_is() {
        let test = |units, grouped| SampleTest { interval: (0.1, 0.2), p: 0.004, p_bonferroni: 0.02, units, grouped, resamples: 1, at_floor: false };
        assert!(test(10, true).supports_a_winner() && test(9, false).supports_a_winner() && !test(9, true).supports_a_winner());
        assert!(!SampleTest { p_bonferroni: 0.05, ..test(18, true) }.supports_a_winner());
    }

    #[test]
    fn a_larger_family_and_fewer_groups_get_more_resamples() {
        assert_eq!((resamples(35, 1000, false), resamples(35, 18, true), resamples(35, 100, true)), (10_000, 100_000, 10_000));
        // SciPy: 4 / (2 * norm.sf(t.isf(0.05 / family / 2, units - 1))) = 86335.4 and 485405.8.
        assert_eq!((resamples(1000, 1000, false), resamples(145, 18, true)), (86_336, 485_406));
        assert_eq!((resamples(145, 10, true), resamples(145, 9, true), resamples(0, 0, false)), (1_000_000, 100_000, 10_000));
        assert_ne!(resampling_key("digits"), resampling_key("mfeat"));
    }
}
