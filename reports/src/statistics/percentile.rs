/*!
What the resampled means of a bootstrap say: percentile intervals, plain and expanded, and the p-values that agree with them.

A percentile interval takes the spread of the units for the truth, as a normal quantile does. The expanded percentile interval (Hesterberg, "What
Teachers Should Know About the Bootstrap", The American Statistician 69(4), 2015) goes further out, by as much as Student's t lies beyond
the normal distribution. Hesterberg also stretches by √(n/(n − 1)), because he draws n of n; one draw less has done that already.
*/

use super::distributions::{normal_cdf, normal_quantile, student_t_quantile, student_t_two_sided};

/// What resampling seeds × (groups or samples) says about the mean difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// Mean over all seeds and samples, not resampled.
    pub mean: f64,
    /// The resampled means, ascending.
    pub resampled: Vec<f64>,
    /// Seeds; with one of them only the units vary.
    pub seeds: usize,
    /// Groups, or samples where there are no groups; with one of them only the seeds vary.
    pub units: usize,
}

impl Bootstrap {
    /// The percentile interval at `confidence` in (0, 1), e.g. 0.95. It leaves out zero exactly where [`Self::p_two_sided`] ≤ 1 − `confidence`.
    ///
    /// Its ends are the k-th smallest and k-th largest resampled means, k = ⌊(R + 1)(1 − confidence)/2⌋ but at least 1 (Davison & Hinkley, Bootstrap
    /// Methods and their Application, 1997, section 5.3): no interpolation.
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        self.ends(1.0 - confidence)
    }

    /// The expanded percentile interval at `confidence` in (0, 1): the percentile interval at the smaller level [`Self::percentile_level`]. It leaves out
    /// zero exactly where [`Self::expanded_p`] ≤ 1 − `confidence`, where the resamples are enough for that: else it is the whole range of them.
    pub fn expanded_interval(&self, confidence: f64) -> (f64, f64) {
        self.ends(Self::percentile_level(1.0 - confidence, self.units))
    }

    /// The percentile interval that leaves out the share `level` in [0, 1].
    fn ends(&self, level: f64) -> (f64, f64) {
        let count = self.resampled.len();
        // 1 − 0.9 is just under 0.1: a rank that is whole on paper must not lose one.
        let rank = ((count + 1) as f64 * level / 2.0 * (1.0 + 1e-9)).floor() as usize;
        let rank = rank.clamp(1, count.div_ceil(2).max(1));
        let at = |index: usize| self.resampled.get(index).copied().unwrap_or(f64::NAN);
        (at(rank - 1), at(count.wrapping_sub(rank)))
    }

    /// The smallest α at which the percentile interval leaves out zero: 2 (1 + min(#≤0, #≥0)) / (R + 1) with R resamples, at most 1.
    ///
    /// The data count as one resample, so that the answer is never 0 (Davison & Hinkley, 1997, section 4.2).
    pub fn p_two_sided(&self) -> f64 {
        let not_above = self.resampled.partition_point(|&mean| mean <= 0.0);
        let not_below = self.resampled.len() - self.resampled.partition_point(|&mean| mean < 0.0);
        (2.0 * (1 + not_above.min(not_below)) as f64 / (self.resampled.len() + 1) as f64).min(1.0)
    }

    /// The smallest p that this many resamples can give: 2 / (R + 1).
    pub fn smallest_p(&self) -> f64 {
        (2.0 / (self.resampled.len() + 1) as f64).min(1.0)
    }

    /// The smallest α at which the expanded interval leaves out zero: [`Self::p_two_sided`] after [`Self::expand`].
    pub fn expanded_p(&self) -> f64 {
        Self::expand(self.p_two_sided(), self.units)
    }

    /// What a two-sided percentile `p` in [0, 1] is worth with so many units: 2 P(T > Φ⁻¹(1 − p/2)), T with units − 1 degrees of freedom; 1 under two units.
    ///
    /// Seeds do not enter: see `docs/statistics.md`.
    ///
    /// ```
    /// use bench_reports::statistics::Bootstrap;
    ///
    /// // 5 % of a percentile interval over six speakers are 10.7 %.
    /// assert!((Bootstrap::expand(0.05, 6) - 0.1073).abs() < 5e-5);
    /// ```
    pub fn expand(p: f64, units: usize) -> f64 {
        match units {
            0 | 1 => 1.0,
            _ => student_t_two_sided(normal_quantile(p / 2.0), (units - 1) as f64),
        }
    }

    /// The level at which a percentile interval over so many units errs with probability `alpha` in (0, 1], the inverse of [`Self::expand`]:
    /// 2 Φ(−t) with t the quantile 1 − α/2 of units − 1 degrees of freedom; 0 under two units.
    pub fn percentile_level(alpha: f64, units: usize) -> f64 {
        match units {
            0 | 1 => 0.0,
            _ => 2.0 * normal_cdf(student_t_quantile(alpha / 2.0, (units - 1) as f64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{Differences, two_level};

    const VALUES: [f64; 12] = [3.0, -1.0, 0.0, 2.0, 1.0, 0.0, -2.0, 4.0, 0.0, 5.0, 1.0, -3.0];

    fn shifted(shift: i32, resamples: usize) -> Bootstrap {
        let values = VALUES.map(|value| value + f64::from(shift) / 4.0 - 2.0);
        two_level(&Differences { values: &values, samples: 4, groups: None }, resamples, std::array::from_fn(|at| at as u8)).unwrap()
    }

    #[test]
    fn the_interval_leaves_out_zero_exactly_where_p_says_so() {
        for resamples in [1, 2, 3, 19, 20, 999, 1000] {
            for shift in 0..40 {
                let found = shifted(shift, resamples);
                for confidence in [0.5, 0.8, 0.9, 0.95, 0.99] {
                    // With too few resamples for the confidence the interval is the whole range, and p says more.
                    let alpha = f64::max(1.0 - confidence, found.smallest_p());
                    let (low, high) = found.interval(confidence);
                    assert!(low <= high);
                    assert_eq!(low > 0.0 || high < 0.0, found.p_two_sided() <= alpha + 1e-12, "{resamples} {shift} {confidence} {low} {high}");
                }
            }
        }
    }

    /// Also at the very levels that p can take, where a rounding error would cost a rank.
    #[test]
    fn the_expanded_interval_leaves_out_zero_exactly_where_its_p_says_so() {
        for resamples in [19, 999, 1000] {
            for shift in 0..40 {
                let found = shifted(shift, resamples);
                let p = found.expanded_p();
                assert!(p >= found.p_two_sided());
                for alpha in [0.5, 0.2, 0.1, 0.05, 0.01, p, p * 0.999] {
                    let enough = Bootstrap::expand(found.smallest_p(), found.units) <= alpha;
                    let (low, high) = found.expanded_interval(1.0 - alpha);
                    let plain = found.interval(1.0 - alpha);
                    assert!(low <= plain.0 && plain.1 <= high, "the expanded interval is the wider one");
                    assert!(!enough || (low > 0.0 || high < 0.0) == (p <= alpha + 1e-12), "{resamples} {shift} {alpha} {p} {low} {high}");
                }
            }
        }
    }

    /// SciPy: `2 * t.sf(norm.isf(p / 2), units - 1)` and `2 * norm.sf(t.isf(alpha / 2, units - 1))`. By hand: with 3 units P(|T| ≥ z) = 1 − z/√(2 + z²).
    #[test]
    fn few_units_cost_what_students_t_says() {
        let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-10, "{found} is not {expected}");
        for (p, units, expected) in [
            (0.05, 6, 0.107_292_897_668_666_88),
            (0.01, 18, 0.019_636_446_468_524_68),
            (2.0 / 100_001.0, 18, 0.000_523_062_189_226_690_9),
            (0.05, 1000, 0.050_277_678_817_119_226),
            (0.5, 2, 0.622_230_433_656_065_1),
        ] {
            close(Bootstrap::expand(p, units), expected);
            close(Bootstrap::percentile_level(expected, units), p);
        }
        close(Bootstrap::percentile_level(0.05 / 35.0, 18), 0.000_144_268_762_712_883_08);
        let z: f64 = 1.959_963_984_540_054;
        close(Bootstrap::expand(0.05, 3), 1.0 - z / (2.0 + z * z).sqrt());
        assert_eq!((Bootstrap::expand(1.0, 6), Bootstrap::expand(0.0, 6)), (1.0, 0.0));
        assert_eq!((Bootstrap::expand(0.01, 1), Bootstrap::percentile_level(0.05, 1)), (1.0, 0.0));
    }

    /// By hand: with 3 units t(2) = 1.2 at α = 1 − 1.2/√3.44 = 0.353, and 2 Φ(−1.2) = 0.2301: of 1..=19, rank ⌊20 · 0.115⌋ = 2, where the percentile
    /// interval has rank ⌊20 · 0.1765⌋ = 3.
    #[test]
    fn ranks_of_the_expanded_interval() {
        let found = Bootstrap { mean: 10.0, resampled: (1..=19).map(f64::from).collect(), seeds: 2, units: 3 };
        let confidence = 1.2 / 3.44_f64.sqrt();
        assert_eq!((found.expanded_interval(confidence), found.interval(confidence)), ((2.0, 18.0), (3.0, 17.0)));
        assert_eq!(Bootstrap { units: 1, ..found }.expanded_interval(confidence), (1.0, 19.0));
    }

    /// By hand: of 1..=19, the 95 % interval needs rank 20 · 0.025 = ½, hence 1; the 90 % one rank 1; the 80 % one rank 2.
    #[test]
    fn ranks_and_p_of_nineteen_resamples() {
        let mut found = Bootstrap { mean: 10.0, resampled: (1..=19).map(f64::from).collect(), seeds: 2, units: 2 };
        assert_eq!((found.interval(0.95), found.interval(0.9), found.interval(0.8)), ((1.0, 19.0), (1.0, 19.0), (2.0, 18.0)));
        assert_eq!((found.p_two_sided(), found.smallest_p()), (0.1, 0.1));
        found.resampled[0] = 0.0;
        assert_eq!(found.p_two_sided(), 0.2);
        found.resampled.iter_mut().for_each(|mean| *mean -= 30.0);
        assert_eq!(found.p_two_sided(), 0.1);
    }
}
