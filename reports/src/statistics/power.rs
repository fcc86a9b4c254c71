/*!
What a paired t-test with n pairs could have found.

Its power at the true mean difference Δ is P(|T| > t) of the noncentral t with n − 1 degrees of freedom and noncentrality Δ√n/σ (Cohen, Statistical Power
Analysis for the Behavioral Sciences, 1988, chapter 2; Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions, volume 2, chapter 31). No
normal approximation: with three pairs that would promise half of what is needed.
*/

use super::{
    critical_t,
    distributions::{bisect, chi_squared_cdf, normal_density},
    quadrature::integrate,
};

/// P(p < `alpha`), two-sided, of a paired t-test with `pairs` pairs where the differences are normal with mean `effect` standard deviations.
///
/// `None` under two pairs, for an `alpha` outside (0, 1), or an `effect` that is not finite.
pub fn paired_t_power(effect: f64, pairs: usize, alpha: f64) -> Option<f64> {
    let critical = critical_t(alpha, pairs)?;
    effect.is_finite().then(|| power(effect.abs() * (pairs as f64).sqrt(), (pairs - 1) as f64, critical))
}

/// The smallest true mean difference that a two-sided paired t-test at `alpha` finds with probability `power`, given the deviation of the differences.
///
/// In the unit of `sd_difference`, which is a guess from few seeds too: so is the answer. `None` under two pairs, for an `alpha` outside (0, 1), a
/// `power` outside (`alpha`, 1), and a negative or `NaN` deviation.
///
/// ```
/// use bench_reports::statistics::minimum_detectable_difference;
///
/// // Three seeds whose differences have a standard deviation of one point find, four times in five, a difference of 3.26 points.
/// let found = minimum_detectable_difference(0.01, 3, 0.05, 0.8).unwrap();
/// assert!((found - 0.0326).abs() < 5e-5);
/// ```
pub fn minimum_detectable_difference(sd_difference: f64, pairs: usize, alpha: f64, power: f64) -> Option<f64> {
    let critical = critical_t(alpha, pairs)?;
    if !(power > alpha && power < 1.0 && sd_difference >= 0.0) {
        return None;
    }
    let df = (pairs - 1) as f64;
    let noncentrality = bisect(0.0, f64::MAX, |noncentrality| self::power(noncentrality, df, critical) < power);
    Some(noncentrality / (pairs as f64).sqrt() * sd_difference)
}

/// P(|Z + δ| > t S) with S² ~ χ²(df)/df: over z, S must stay under |z + δ|/t.
fn power(noncentrality: f64, df: f64, critical: f64) -> f64 {
    let found = |z: f64| normal_density(z) * chi_squared_cdf(df * ((z + noncentrality) / critical).powi(2), df);
    // Beyond nine deviations the density is under 1e-18. The integrand has a corner at −δ, and with many pairs a step at ±t − δ.
    let mut ends = [-noncentrality, critical - noncentrality, -critical - noncentrality].map(|end| end.clamp(-9.0, 9.0)).to_vec();
    ends.extend([-9.0, 0.0, 9.0]);
    ends.sort_unstable_by(f64::total_cmp);
    ends.windows(2).filter(|ends| ends[0] < ends[1]).map(|ends| integrate(ends[0], ends[1], 1e-14, &found)).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from SciPy's `quad` over the distribution of S (here it is over Z) and `brentq`. statsmodels' `TTestPower` agrees to six digits,
    /// but for five pairs at 0.05/35, where its noncentral t fails.
    #[test]
    fn detectable_differences_agree_with_scipy() {
        for (pairs, alpha, power, expected) in [
            (2, 0.05, 0.8, 11.549_888_435_882_353),
            (3, 0.05, 0.8, 3.264_043_549_699_572_6),
            (3, 0.05, 0.9, 3.923_448_508_085_706_4),
            (5, 0.05, 0.8, 1.681_996_965_955_555_4),
            (5, 0.05 / 35.0, 0.8, 4.358_490_241_488_816),
            (10, 0.01, 0.9, 1.509_734_485_574_938),
            (5, 0.05 / 20.0, 0.5, 2.779_843_580_900_778),
            (40, 0.05, 0.8, 0.454_256_939_683_567_5),
            (1000, 0.05, 0.8, 0.088_679_075_594_287_35),
        ] {
            let found = minimum_detectable_difference(2.0, pairs, alpha, power).unwrap();
            assert!((found / (2.0 * expected) - 1.0).abs() < 1e-8, "{pairs} {alpha} {power}: {found} is not {}", 2.0 * expected);
        }
    }

    /// As above; without an effect the power is α.
    #[test]
    fn powers_agree_with_scipy() {
        for (effect, pairs, alpha, expected) in [
            (0.0, 5, 0.05, 0.05),
            (1.0, 5, 0.05, 0.401_389_917_371_795_1),
            (-2.5, 5, 0.05, 0.981_730_588_454_916_9),
            (0.5, 3, 0.05, 0.084_107_055_896_389_37),
            (1.0, 10, 0.01, 0.504_106_730_701_736),
            (3.0, 5, 0.05 / 35.0, 0.430_995_695_841_575_1),
            (0.1, 1000, 0.05, 0.884_789_098_890_395_7),
        ] {
            let found = paired_t_power(effect, pairs, alpha).unwrap();
            assert!((found - expected).abs() < 1e-11, "{effect} {pairs} {alpha}: {found} is not {expected}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_none() {
        assert_eq!(minimum_detectable_difference(1.0, 1, 0.05, 0.8), None);
        assert_eq!(minimum_detectable_difference(1.0, 5, 0.05, 1.0), None);
        assert_eq!(minimum_detectable_difference(1.0, 5, 0.05, 0.05), None);
        assert_eq!(minimum_detectable_difference(f64::NAN, 5, 0.05, 0.8), None);
        assert_eq!(minimum_detectable_difference(0.0, 5, 0.05, 0.8), Some(0.0));
        assert_eq!(paired_t_power(f64::INFINITY, 5, 0.05), None);
    }
}
