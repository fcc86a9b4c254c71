//! Medians and ratios with intervals.

/// Resamples of a bootstrap.
const RESAMPLES: usize = 2000;

/// A ratio with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The middle of `values`; NaN of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

/// The median over repetitions of `numerator / denominator` with the percentile bootstrap's 95 % interval (Efron, 1979).
///
/// Numbers of the same repetition were measured one after the other, so a slow minute of the machine is in both.
pub(crate) fn ratio(numerators: &[f64], denominators: &[f64]) -> Ratio {
    let ratios: Vec<f64> = numerators.iter().zip(denominators).map(|(numerator, denominator)| numerator / denominator).collect();
    let mut generator = SplitMix(42);
    let mut medians: Vec<f64> =
        (0..RESAMPLES).map(|_| median(&(0..ratios.len()).map(|_| ratios[generator.below(ratios.len())]).collect::<Vec<_>>())).collect();
    medians.sort_by(f64::total_cmp);
    let quantile = |share: f64| medians.get((share * RESAMPLES as f64) as usize).copied().unwrap_or(f64::NAN);
    Ratio { median: median(&ratios), low: quantile(0.025), high: quantile(0.975) }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): good enough to resample, and needs no crate.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is small against 2⁶⁴.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    /// First numbers of the reference implementation (Vigna's splitmix64.c) from seed 1234567.
    #[test]
    fn the_generator_is_the_published_one() {
        let mut generator = SplitMix(1_234_567);
        assert_eq!([generator.next(), generator.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn equal_ratios_have_no_width_and_outliers_do_not_move_the_median() {
        assert_eq!(ratio(&[2.0, 4.0, 6.0], &[1.0, 2.0, 3.0]), Ratio { median: 2.0, low: 2.0, high: 2.0 });
        let spread = ratio(&[2.0, 2.2, 1.8, 2.1, 40.0], &[1.0; 5]);
        assert_eq!(spread.median, 2.1);
        assert!(spread.low >= 1.8 && spread.low < 2.1 && spread.high > 2.1, "{spread:?}");
    }
}
