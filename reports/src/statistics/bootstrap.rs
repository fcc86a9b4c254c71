/*!
The two-level paired bootstrap: what other seeds and other samples would have said.

The paired t-test over seeds holds the test set fixed. Here seeds and test samples are both resampled, crossed with each other, as every seed is
tested on every sample (the "pigeonhole" bootstrap; McCullagh, Bernoulli, 2000; Owen, Annals of Applied Statistics, 2007). Samples that come in groups (a
speaker's utterances) are resampled as whole groups (Field & Welsh, Journal of the Royal Statistical Society B, 2007).

For differences d = μ + seed + unit + rest with variances S, I, E over n seeds and m units, the mean has the variance S/n + I/m + E/(nm). The
bootstrap's is, on average, S/n + I/m + 3E/(nm) if n − 1 seeds and m − 1 units are drawn: never too small, exact where the rest does not matter.
Drawing n and m shrinks it by (n − 1)/n and (m − 1)/m, which is a fifth with five seeds (McCarthy & Snowden, Vital and Health Statistics 2(95), 1985;
Rao & Wu, Journal of the American Statistical Association, 1988). No resampling of a crossed design is exact in all three parts (McCullagh, 2000).
`docs/statistics.md` has the simulation that chose between the two.
*/

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use super::{
    Bootstrap,
    uniform::{BATCH, Uniform},
};

/// Differences method − reference of one quantity, paired by seed and sample.
#[derive(Debug, Clone, Copy)]
pub struct Differences<'a> {
    /// `[seeds, samples]`, row by row.
    pub values: &'a [f64],
    /// Length of a row.
    pub samples: usize,
    /// The group of each sample (`samples` of them): ids 0..G, none left out.
    pub groups: Option<&'a [u32]>,
}

/// How many units a resample draws, at each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draws {
    /// As many as there are: the textbook bootstrap. Its variance is too small by the factor (n − 1)/n.
    All,
    /// One less than there are (one where there is one): the variance does not depend on n.
    OneLess,
}

/// The two-level paired bootstrap with [`Draws::OneLess`], from the ChaCha8 stream of `key`: the same key gives the same bits.
///
/// `None` without resamples, seeds or samples, where lengths do not fit, for a value that is not finite, and for group ids with gaps.
///
/// ```
/// use bench_reports::statistics::{Differences, two_level};
///
/// // Two seeds, four samples: the method is right on one or two samples more.
/// let values = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0];
/// let bootstrap = two_level(&Differences { values: &values, samples: 4, groups: None }, 999, [7; 32]).unwrap();
/// assert_eq!((bootstrap.mean, bootstrap.seeds, bootstrap.units), (0.375, 2, 4));
/// ```
pub fn two_level(differences: &Differences, resamples: usize, key: [u8; 32]) -> Option<Bootstrap> {
    two_level_drawing(differences, Draws::OneLess, resamples, key)
}

/// [`two_level`] with the number of draws a matter of choice.
pub fn two_level_drawing(differences: &Differences, draws: Draws, resamples: usize, key: [u8; 32]) -> Option<Bootstrap> {
    let table = Table::new(differences)?;
    if resamples == 0 {
        return None;
    }
    let many = |there: usize| if draws == Draws::All { there } else { (there - 1).max(1) };
    let (seed_draws, unit_draws) = (many(table.seeds), many(table.units));
    let (seeds, units) = (Uniform::new(table.seeds), Uniform::new(table.units));
    let mut rng = ChaCha8Rng::from_seed(key);
    let mut weights = vec![0.0; table.seeds];
    let mut totals = vec![0.0; table.units];
    let mut resampled: Vec<f64> = (0..resamples)
        .map(|_| {
            weights.fill(0.0);
            seeds.draw(&mut rng, seed_draws, |_, seed| weights[seed] += 1.0);
            table.weighted(&weights, &mut totals);
            // Four sums, because additions that wait for each other are most of the time.
            let (mut sums, mut sizes) = ([0.0; BATCH], [0.0; BATCH]);
            match &table.sizes {
                None => {
                    units.draw(&mut rng, unit_draws, |lane, unit| sums[lane] += totals[unit]);
                    sizes[0] = unit_draws as f64;
                }
                Some(all) => units.draw(&mut rng, unit_draws, |lane, unit| {
                    sums[lane] += totals[unit];
                    sizes[lane] += all[unit];
                }),
            }
            sums.iter().sum::<f64>() / (sizes.iter().sum::<f64>() * seed_draws as f64)
        })
        .collect();
    resampled.sort_unstable_by(f64::total_cmp);
    let mean = differences.values.iter().sum::<f64>() / differences.values.len() as f64;
    Some(Bootstrap { mean, resampled, seeds: table.seeds, units: table.units })
}

/// Differences summed within each unit.
struct Table {
    seeds: usize,
    units: usize,
    /// `[seeds, units]`, row by row.
    sums: Vec<f64>,
    /// Samples of each unit; `None` where a unit is a sample.
    sizes: Option<Vec<f64>>,
}

impl Table {
    fn new(differences: &Differences) -> Option<Self> {
        let &Differences { values, samples, groups } = differences;
        if samples == 0 || values.is_empty() || !values.len().is_multiple_of(samples) || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let seeds = values.len() / samples;
        let Some(groups) = groups else {
            return Some(Self { seeds, units: samples, sums: values.to_vec(), sizes: None });
        };
        let units = *groups.iter().max()? as usize + 1;
        if groups.len() != samples || units > samples {
            return None;
        }
        let mut sums = vec![0.0; seeds * units];
        for (values, sums) in values.chunks_exact(samples).zip(sums.chunks_exact_mut(units)) {
            for (&group, value) in groups.iter().zip(values) {
                sums[group as usize] += value;
            }
        }
        let mut sizes = vec![0.0; units];
        for &group in groups {
            sizes[group as usize] += 1.0;
        }
        (!sizes.contains(&0.0)).then_some(Self { seeds, units, sums, sizes: Some(sizes) })
    }

    /// The sum over seeds with `weights`, for each unit.
    fn weighted(&self, weights: &[f64], totals: &mut [f64]) {
        totals.fill(0.0);
        for (&weight, row) in weights.iter().zip(self.sums.chunks_exact(self.units)) {
            if weight > 0.0 {
                for (total, sum) in totals.iter_mut().zip(row) {
                    *total += weight * sum;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT_VARIANCE: f64 = 203.0 / 216.0;
    const VALUES: [f64; 12] = [3.0, -1.0, 0.0, 2.0, 1.0, 0.0, -2.0, 4.0, 0.0, 5.0, 1.0, -3.0];

    fn key() -> [u8; 32] {
        std::array::from_fn(|at| at as u8)
    }

    fn bootstrap(groups: Option<&[u32]>, draws: Draws, resamples: usize) -> Bootstrap {
        two_level_drawing(&Differences { values: &VALUES, samples: 4, groups }, draws, resamples, key()).unwrap()
    }

    fn assert_resampled(found: &Bootstrap, mut expected: Vec<f64>) {
        expected.sort_unstable_by(f64::total_cmp);
        assert_eq!(found.resampled.len(), expected.len());
        for (found, expected) in found.resampled.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-14, "{found} is not {expected}");
        }
    }

    /// Computed independently in Python: ChaCha8 after its specification, means as fractions.
    #[test]
    fn first_resamples_stay() {
        let found = bootstrap(None, Draws::OneLess, 6);
        assert_resampled(&found, vec![7.0 / 3.0, 0.5, -0.5, 11.0 / 6.0, -5.0 / 6.0, -1.0 / 6.0]);
        assert_eq!((found.mean, found.seeds, found.units), (10.0 / 12.0, 3, 4));
        let found = bootstrap(None, Draws::All, 6);
        assert_resampled(&found, vec![7.0 / 6.0, -0.25, 0.5, 5.0 / 6.0, -2.0 / 3.0, 1.0 / 12.0]);
        let found = bootstrap(Some(&[0, 1, 0, 0]), Draws::OneLess, 6);
        assert_resampled(&found, vec![4.0 / 3.0, 2.0, 2.0, 2.5, -0.5, 2.5]);
        assert_eq!((found.mean, found.units), (10.0 / 12.0, 2));
        let found = bootstrap(Some(&[1, 1, 0, 2]), Draws::All, 6);
        assert_resampled(&found, vec![5.0 / 6.0, 5.0 / 6.0, 1.0 / 3.0, 19.0 / 15.0, 6.0 / 5.0, 19.0 / 15.0]);
    }

    /// All 9 · 64 resamples enumerated in Python: mean 5/6, variance 203/216, 101 of them at most 0.
    #[test]
    fn many_resamples_come_close_to_all_of_them() {
        let found = bootstrap(None, Draws::OneLess, 100_000);
        let mean = super::super::mean(&found.resampled);
        let variance = super::super::sample_standard_deviation(&found.resampled).unwrap().powi(2);
        assert!((mean - 5.0 / 6.0).abs() < 5.0 * (EXACT_VARIANCE / 1e5).sqrt(), "{mean}");
        assert!((variance / EXACT_VARIANCE - 1.0).abs() < 0.03, "{variance}");
        let expected = 2.0 * 101.0 / 576.0;
        assert!((found.p_two_sided() - expected).abs() < 0.015, "{}", found.p_two_sided());
    }

    #[test]
    fn no_differences_at_all_are_no_evidence() {
        let found = two_level(&Differences { values: &[0.0; 15], samples: 5, groups: Some(&[0, 1, 1, 2, 2]) }, 99, key()).unwrap();
        assert_eq!((found.p_two_sided(), found.interval(0.95), found.mean), (1.0, (0.0, 0.0), 0.0));
    }

    #[test]
    fn a_single_seed_or_unit_does_not_vary() {
        let found = two_level(&Differences { values: &[2.0, 4.0], samples: 2, groups: None }, 99, key()).unwrap();
        assert_eq!((found.seeds, found.interval(0.95)), (1, (2.0, 4.0)));
        let found = two_level(&Differences { values: &[2.0, 4.0], samples: 1, groups: None }, 99, key()).unwrap();
        assert_eq!((found.units, found.interval(0.95)), (1, (2.0, 4.0)));
        let found = two_level(&Differences { values: &[2.0, 4.0, 4.0, 2.0], samples: 2, groups: Some(&[0, 0]) }, 99, key()).unwrap();
        assert_eq!((found.units, found.interval(0.95)), (1, (3.0, 3.0)));
    }

    #[test]
    fn one_sample_groups_are_the_samples() {
        let grouped = bootstrap(Some(&[0, 1, 2, 3]), Draws::OneLess, 50);
        assert_eq!(grouped, bootstrap(None, Draws::OneLess, 50));
    }

    #[test]
    fn what_cannot_be_resampled_is_none() {
        let none = |values: &[f64], samples, groups| two_level(&Differences { values, samples, groups }, 9, key()).is_none();
        assert!(none(&[], 1, None));
        assert!(none(&[1.0, 2.0], 0, None));
        assert!(none(&[1.0, 2.0, 3.0], 2, None));
        assert!(none(&[1.0, f64::NAN], 2, None));
        assert!(none(&[1.0, f64::INFINITY], 2, None));
        assert!(none(&[1.0, 2.0], 2, Some(&[0])));
        assert!(none(&[1.0, 2.0], 2, Some(&[])));
        assert!(none(&[1.0, 2.0], 2, Some(&[0, 2])));
        assert!(none(&[1.0, 2.0], 2, Some(&[1, 1])));
        assert!(none(&[1.0, 2.0], 2, Some(&[0, u32::MAX])));
        assert!(two_level(&Differences { values: &[1.0], samples: 1, groups: None }, 0, key()).is_none());
    }
}
