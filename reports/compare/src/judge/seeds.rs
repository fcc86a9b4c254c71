//! The first opinion: would other seeds say the same on this test set?

use bench_reports::statistics::{TTest, equivalence, mean, sample_standard_deviation};

use crate::Opinion;

/// Differences of one row over its seeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OverSeeds {
    /// head − base.
    pub mean: f64,
    /// Standard deviation (ddof 1) as found.
    pub spread: f64,
    /// What the tests take it for: never less than one test sample.
    pub taken: f64,
    /// How many.
    pub seeds: usize,
}

impl OverSeeds {
    /// `None` under two seeds.
    ///
    /// A test set of N samples tells values a sample apart and no finer, so seeds that agree to the last sample have a spread below one sample, not of
    /// none: one sample's worth is taken instead.
    pub fn new(differences: &[f64], one_sample: f64) -> Option<Self> {
        let spread = sample_standard_deviation(differences)?;
        Some(Self { mean: mean(differences), spread, taken: spread.max(one_sample), seeds: differences.len() })
    }

    pub fn df(&self) -> f64 {
        (self.seeds - 1) as f64
    }

    pub fn opinion(&self, margin: f64, alpha: f64) -> Opinion {
        let test = TTest { estimate: self.mean, standard_error: self.taken / (self.seeds as f64).sqrt(), df: self.df() };
        Opinion {
            p: test.p_two_sided(),
            interval: test.interval(1.0 - alpha),
            inner: test.interval(super::inner_confidence(alpha)),
            p_equivalence: equivalence(&test, -margin, margin).map_or(1.0, |found| found.p),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    /// By hand: d = −1, −2, −3: mean −2, s = 1, t = −2√3. With two degrees of freedom P(|T| ≥ t) = 1 − t/√(2 + t²) = 1 − √(12/14), and the quantile of an
    /// upper tail a is (1 − 2a)/√(2a(1 − a)): 4.3027 at 0.025 and 2.9200 at 0.05. Against −4: t = 2√3, one-sided (1 − √(12/14))/2; +4 is further off.
    #[test]
    fn three_seeds_by_hand() {
        let found = OverSeeds::new(&[-1.0, -2.0, -3.0], 0.5).unwrap();
        assert_eq!((found.mean, found.spread, found.taken, found.seeds), (-2.0, 1.0, 1.0, 3));
        let opinion = found.opinion(4.0, 0.05);
        let two_sided = 1.0 - (12.0_f64 / 14.0).sqrt();
        close(opinion.p, two_sided);
        close(opinion.p_equivalence, two_sided / 2.0);
        let quantile = |tail: f64| (1.0 - 2.0 * tail) / (2.0 * tail * (1.0 - tail)).sqrt();
        close(opinion.interval.0, -2.0 - quantile(0.025) / 3.0_f64.sqrt());
        close(opinion.inner.1, -2.0 + quantile(0.05) / 3.0_f64.sqrt());
    }

    /// By hand: the same difference in three seeds leaves no spread; with one sample's worth of 1 the t of −2 is as in the test above.
    #[test]
    fn seeds_that_agree_to_the_sample_have_the_spread_of_one_sample() {
        let found = OverSeeds::new(&[-2.0; 3], 1.0).unwrap();
        assert_eq!((found.spread, found.taken), (0.0, 1.0));
        close(found.opinion(4.0, 0.05).p, 1.0 - (12.0_f64 / 14.0).sqrt());
        assert_eq!(OverSeeds::new(&[1.0], 1.0), None);
    }
}
