//! The second opinion on a difference: seeds and samples (or groups of samples) resampled together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ALPHA, CONFIDENCE, Quantity};
use crate::statistics::{Differences, two_level};

/// Each primary quantity for every test sample, `[n]`.
pub type Samples = BTreeMap<Quantity, Vec<f64>>;

/// What resampling said, by row and quantity.
pub(super) type Resampled = BTreeMap<(usize, Quantity), SampleTest>;

/// Fewest resamples: the ends of a 95 % interval then rest on 250 of them each.
const RESAMPLES: usize = 10_000;
/// Resamples beyond the corrected level that the smallest possible p-value must leave.
const BEYOND: f64 = 4.0;

/// A two-level paired bootstrap of the differences method − reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampleTest {
    /// Interval of the mean difference at the level asked for; not adjusted for a family of tests.
    pub interval: (f64, f64),
    /// Two-sided.
    pub p: f64,
    /// Times the family's size, at most 1; filled in with the family.
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

/// Over the common seeds; `None` where a sample has no value, or the trials are not of the same samples.
pub(super) fn resample(
    method: &[(u64, &Samples)],
    reference: &[(u64, Samples)],
    quantity: Quantity,
    groups: Option<&[u32]>,
    family: usize,
    dataset: &str,
) -> Option<SampleTest> {
    let mut values = Vec::new();
    let mut samples = None;
    for (seed, own) in method {
        let Some((_, other)) = reference.iter().find(|(other, _)| other == seed) else { continue };
        let (Some(own), Some(other)) = (own.get(&quantity), other.get(&quantity)) else { continue };
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
    let resamples = resamples(family);
    let found = two_level(&Differences { values: &values, samples, groups }, resamples, key(dataset))?;
    let floor = found.smallest_p().max(if groups.is_some() { smallest_p_of_groups(found.units) } else { 0.0 });
    let p = found.p_two_sided().max(floor);
    Some(SampleTest {
        interval: found.interval(CONFIDENCE),
        p,
        p_bonferroni: p,
        units: found.units,
        grouped: groups.is_some(),
        resamples,
        at_floor: p <= floor,
    })
}

/// The smallest two-sided p-value that so many independent groups can support, 2 · (1/2)^groups: that of the exact sign-flip test where all groups agree.
/// Resampling two speakers a thousand times does not make more speakers of them.
pub(super) fn smallest_p_of_groups(groups: usize) -> f64 {
    0.5f64.powi(i32::try_from(groups).unwrap_or(i32::MAX).saturating_sub(1)).min(1.0)
}

/// Enough that the smallest p-value can pass the corrected level several times over.
pub(super) fn resamples(family: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive whole number")]
    let needed = (BEYOND * family as f64 / ALPHA).ceil() as usize;
    needed.max(RESAMPLES)
}

/// The same resamples for all methods and quantities of a dataset: common random numbers make them comparable.
fn key(dataset: &str) -> [u8; 32] {
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
        let test = |trials: &[(u64, Samples)], quantity| {
            let method: Vec<(u64, &Samples)> = trials.iter().map(|(seed, samples)| (*seed, samples)).collect();
            resample(&method, &reference, quantity, None, 5, "d")
        };
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
        let method: Vec<(u64, &Samples)> = better.iter().map(|(seed, samples)| (*seed, samples)).collect();
        let p = |groups: u32| {
            let groups: Vec<u32> = (0..40).map(|sample| sample % groups).collect();
            let found = resample(&method, &reference, Quantity::Clean, Some(&groups), 5, "d").unwrap();
            (found.p, found.at_floor)
        };
        assert_eq!(p(2), (0.5, true));
        assert_eq!(p(10), (1.0 / 512.0, true));
        assert!(p(20).0 < 1e-3);
    }

    #[test]
    fn a_larger_family_gets_more_resamples() {
        assert_eq!(resamples(35), 10_000);
        assert_eq!(resamples(1000), 80_000);
        assert_ne!(key("digits"), key("mfeat"));
    }
}
