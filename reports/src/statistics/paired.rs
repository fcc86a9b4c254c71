//! The paired t-test.

use serde::{Deserialize, Serialize};

use super::{
    TTest,
    distributions::{student_t_quantile, student_t_sf, student_t_two_sided},
    mean, sample_standard_deviation,
};

/// A paired t-test of the differences d = a − b.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairedT {
    /// Pairs.
    pub n: usize,
    /// Mean of a − b.
    pub mean_difference: f64,
    /// Sample standard deviation (ddof 1) of a − b.
    pub sd_difference: f64,
    /// mean / (sd / √n).
    pub t: f64,
    /// Degrees of freedom, n − 1.
    pub df: f64,
    /// P(|T| ≥ |t|) under equal means.
    pub p_two_sided: f64,
    /// Confidence interval of the mean difference at the level asked for; not adjusted for a family of tests.
    pub interval: (f64, f64),
}

impl PairedT {
    /// Whether the differences do not vary over the pairs, up to rounding: then t is infinite, huge or `NaN`, and the test says nothing.
    pub fn is_degenerate(&self) -> bool {
        // Equal decimal differences leave a deviation of ~1e-16 of them, never 1e-9.
        self.sd_difference.is_nan() || self.sd_difference <= 1e-9 * self.mean_difference.abs()
    }

    /// P(T ≥ t): small where a lies above b.
    pub fn p_greater(&self) -> f64 {
        student_t_sf(self.t, self.df)
    }

    /// P(T ≤ t): small where a lies below b.
    pub fn p_less(&self) -> f64 {
        student_t_sf(-self.t, self.df)
    }

    /// The same test without its p-value, e.g. for [`equivalence`](super::equivalence).
    pub fn test(&self) -> TTest {
        TTest { estimate: self.mean_difference, standard_error: self.sd_difference / (self.n as f64).sqrt(), df: self.df }
    }
}

/// The paired t-test of `a` against `b` (pairs by position) with an interval at `confidence`, e.g. 0.95.
///
/// `None` under two pairs, for different lengths, or a confidence outside (0, 1). As in SciPy's `ttest_rel`: equal differences other than zero give
/// t = ±∞ and p = 0; all-zero differences give t = p = `NaN`; a `NaN` value gives `NaN`. See [`PairedT::is_degenerate`].
pub fn paired_t(a: &[f64], b: &[f64], confidence: f64) -> Option<PairedT> {
    if a.len() != b.len() || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let sd_difference = sample_standard_deviation(&differences)?;
    let n = differences.len();
    let (mean_difference, df) = (mean(&differences), (n - 1) as f64);
    let standard_error = sd_difference / (n as f64).sqrt();
    let t = mean_difference / standard_error;
    let margin = critical_t(1.0 - confidence, n)? * standard_error;
    let p_two_sided = student_t_two_sided(t, df);
    Some(PairedT { n, mean_difference, sd_difference, t, df, p_two_sided, interval: (mean_difference - margin, mean_difference + margin) })
}

/// The pairs of `a` and `b` without those where either is `NaN`, as (a, b); what stands beyond the shorter of the two is left out.
pub fn complete_pairs(a: &[f64], b: &[f64]) -> (Vec<f64>, Vec<f64>) {
    a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(&a, &b)| (a, b)).unzip()
}

/// The |t| that a two-sided paired t-test with `pairs` pairs must exceed for p < `alpha`; with `alpha / family` for a Bonferroni family.
/// `None` under two pairs or for an `alpha` outside (0, 1).
pub fn critical_t(alpha: f64, pairs: usize) -> Option<f64> {
    if pairs < 2 || !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    // The lower tail keeps the digits of a small alpha; 1 − alpha/2 would round them away.
    Some(-student_t_quantile(alpha / 2.0, (pairs - 1) as f64))
}

/// The smallest |mean difference| that would be significant at `alpha`, given the deviation of the differences: critical t · sd / √n.
pub fn smallest_significant_difference(sd_difference: f64, pairs: usize, alpha: f64) -> Option<f64> {
    Some(critical_t(alpha, pairs)? * sd_difference / (pairs as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-3), "{found} is not {expected}");
    }

    /// By hand: d = .04 .03 .01 .06 .04, mean .036, squares (.16+.36+6.76+5.76+.16)e-4 = 13.2e-4, sd √3.3e-4, t = .036/√6.6e-5 = 4.4313.
    /// p and interval from SciPy's `ttest_rel`.
    #[test]
    fn five_seeds_agree_with_scipy() {
        let test = paired_t(&[0.62, 0.64, 0.61, 0.66, 0.63], &[0.58, 0.61, 0.60, 0.60, 0.59], 0.95).unwrap();
        close(test.mean_difference, 0.036);
        close(test.sd_difference, 3.3e-4f64.sqrt());
        close(test.t, 4.431_293_675_255_978);
        assert_eq!((test.n, test.df), (5, 4.0));
        close(test.p_two_sided, 0.011_410_571_669_866_98);
        close(test.interval.0, 0.013_444_053_337_009_609);
        close(test.interval.1, 0.058_555_946_662_990_45);
    }

    /// Expected values from SciPy's `ttest_rel`. For two pairs by hand: d = 1/4, 1/8, t = (3/16)/(1/16) = 3.
    #[test]
    fn two_three_and_eight_pairs_agree_with_scipy() {
        let test = paired_t(&[0.5, 0.75], &[0.25, 0.625], 0.95).unwrap();
        close(test.t, 3.0);
        close(test.p_two_sided, 0.204_832_764_699_133_45);
        close(test.interval.0, -0.606_637_796_010_918_4);
        let a = [0.710_221_588_611_602_8, 0.731_964_528_560_638_4, 0.748_087_346_553_802_5];
        let b = [0.806_182_265_281_677_2, 0.818_318_307_399_749_8, 0.777_457_296_848_297_1];
        let test = paired_t(&a, &b, 0.95).unwrap();
        close(test.t, -3.395_376_256_254_431);
        close(test.p_two_sided, 0.076_872_260_444_652_33);
        close(test.interval.0, -0.159_977_625_332_885_7);
        let test = paired_t(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], &[1.0, 3.0, 2.0, 2.0, 5.0, 7.0, 4.0, 6.0], 0.95).unwrap();
        close(test.t, 0.204_734_383_200_943_23);
        close(test.p_two_sided, 0.843_605_435_077_951_4);
        close(test.interval.1, 1.568_714_664_961_739);
    }

    #[test]
    fn equal_differences_are_infinite_as_in_scipy_and_marked_degenerate() {
        let test = paired_t(&[0.5, 0.75, 1.0], &[0.25, 0.5, 0.75], 0.95).unwrap();
        assert_eq!((test.t, test.p_two_sided, test.interval), (f64::INFINITY, 0.0, (0.25, 0.25)));
        assert!(test.is_degenerate());
        let test = paired_t(&[0.25, 0.5], &[0.5, 0.75], 0.95).unwrap();
        assert_eq!((test.t, test.p_two_sided), (f64::NEG_INFINITY, 0.0));
        // 0.3 − 0.2 and 0.8 − 0.7 differ in the last bits: huge but finite t, and just as empty.
        assert!(paired_t(&[0.3, 0.8], &[0.2, 0.7], 0.95).unwrap().is_degenerate());
        assert!(!paired_t(&[0.3, 0.8], &[0.2, 0.6999], 0.95).unwrap().is_degenerate());
    }

    #[test]
    fn no_differences_are_nan_as_in_scipy() {
        let test = paired_t(&[0.5, 0.75, 1.0], &[0.5, 0.75, 1.0], 0.95).unwrap();
        assert!(test.t.is_nan() && test.p_two_sided.is_nan() && test.is_degenerate());
        assert_eq!(test.interval, (0.0, 0.0));
        assert!(paired_t(&[0.5, f64::NAN], &[0.25, 0.5], 0.95).unwrap().p_two_sided.is_nan());
    }

    #[test]
    fn what_cannot_be_tested_is_none() {
        assert_eq!(paired_t(&[1.0], &[0.5], 0.95), None);
        assert_eq!(paired_t(&[1.0, 2.0], &[0.5], 0.95), None);
        assert_eq!(paired_t(&[1.0, 2.0], &[0.5, 1.0], 1.0), None);
        assert_eq!(critical_t(0.05, 1), None);
        assert_eq!(critical_t(0.0, 5), None);
        assert_eq!(critical_t(f64::NAN, 5), None);
    }

    /// Expected values from SciPy's `t.isf(alpha / 2, df)`: five seeds; a family of 35; 47 conditions × 8; two seeds; forty seeds.
    #[test]
    fn critical_values_agree_with_scipy() {
        close(critical_t(0.05, 5).unwrap(), 2.776_445_105_197_794_3);
        close(critical_t(0.05 / 35.0, 5).unwrap(), 7.841_378_779_223_38);
        close(critical_t(0.05 / 376.0, 5).unwrap(), 14.459_782_329_712_676);
        close(critical_t(0.05 / 35.0, 2).unwrap(), 445.633_092_658_805);
        close(critical_t(0.05 / 10.0, 40).unwrap(), 2.975_608_757_792_987_3);
    }

    #[test]
    fn far_tails_keep_their_digits() {
        close(student_t_two_sided(50.0, 4.0) * 1e6, 0.957_445_365_696_969);
        close(student_t_two_sided(300.0, 9.0) * 1e18, 0.258_584_138_403_883_4);
    }

    /// A difference of exactly that size has exactly the critical t.
    #[test]
    fn the_smallest_significant_difference_has_the_critical_t() {
        let smallest = smallest_significant_difference(0.02, 5, 0.05 / 35.0).unwrap();
        close(smallest / (0.02 / 5f64.sqrt()), 7.841_378_779_223_38);
    }

    /// By hand, t = 3 with one degree of freedom (Cauchy): P(T > 3) = ½ − atan(3)/π.
    #[test]
    fn one_sided_p_values_share_out_one() {
        let test = paired_t(&[0.5, 0.75], &[0.25, 0.625], 0.95).unwrap();
        let greater = 0.5 - 3_f64.atan() / std::f64::consts::PI;
        close(test.p_greater(), greater);
        close(test.p_less(), 1.0 - greater);
        assert!((test.test().t() - 3.0).abs() < 1e-14);
        assert_eq!(test.test().interval(0.95), test.interval);
    }

    #[test]
    fn incomplete_pairs_can_be_left_out() {
        let (a, b) = complete_pairs(&[1.0, f64::NAN, 2.0, 3.0, 9.0], &[4.0, 5.0, f64::NAN, 6.0]);
        assert_eq!((a, b), (vec![1.0, 3.0], vec![4.0, 6.0]));
    }
}
