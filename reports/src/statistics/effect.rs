//! Effect sizes in standard deviations.

use statrs::function::gamma::ln_gamma;

use super::{mean, sample_standard_deviation};

/// Cohen's d_z: mean(d) / sd(d) of d = a − b with ddof 1. `None` under two pairs or for different lengths.
///
/// Equal differences give ±∞, all-zero differences `NaN` (0/0).
pub fn cohens_d_z(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    Some(mean(&differences) / sample_standard_deviation(&differences)?)
}

/// [`cohens_d_z`] times Hedges' exact correction J(n − 1), which removes the bias of small samples (Hedges, 1981): with 5 pairs J = 0.798.
pub fn hedges_d_z(a: &[f64], b: &[f64]) -> Option<f64> {
    Some(cohens_d_z(a, b)? * correction((a.len() - 1) as f64))
}

/// [`cohens_d_z`] with the usual approximation of Hedges' correction, 1 − 3/(4 (n − 1) − 1), for comparison with what others print.
pub fn hedges_d_z_approximate(a: &[f64], b: &[f64]) -> Option<f64> {
    Some(cohens_d_z(a, b)? * approximate_correction((a.len() - 1) as f64))
}

/// d_av: the mean difference over √((s_a² + s_b²)/2). Comparable with studies whose samples do not pair (Cumming, Understanding the New Statistics, 2012).
///
/// `None` under two values on either side.
pub fn cohens_d_av(a: &[f64], b: &[f64]) -> Option<f64> {
    let (of_a, of_b) = (sample_standard_deviation(a)?, sample_standard_deviation(b)?);
    Some((mean(a) - mean(b)) / ((of_a * of_a + of_b * of_b) / 2.0).sqrt())
}

/// Cohen's d_s of independent samples: the mean difference over the pooled deviation (Cohen, 1988). `None` under two values on either side.
pub fn cohens_d_s(a: &[f64], b: &[f64]) -> Option<f64> {
    let (of_a, of_b) = (sample_standard_deviation(a)?, sample_standard_deviation(b)?);
    let (free_a, free_b) = ((a.len() - 1) as f64, (b.len() - 1) as f64);
    Some((mean(a) - mean(b)) / ((free_a * of_a * of_a + free_b * of_b * of_b) / (free_a + free_b)).sqrt())
}

/// Hedges' g of independent samples: [`cohens_d_s`] times the exact correction J(n + m − 2) (Hedges, 1981).
pub fn hedges_g(a: &[f64], b: &[f64]) -> Option<f64> {
    Some(cohens_d_s(a, b)? * correction((a.len() + b.len() - 2) as f64))
}

/// [`hedges_g`] with the approximation 1 − 3/(4 (n + m − 2) − 1).
pub fn hedges_g_approximate(a: &[f64], b: &[f64]) -> Option<f64> {
    Some(cohens_d_s(a, b)? * approximate_correction((a.len() + b.len() - 2) as f64))
}

/// J(m) = Γ(m/2) / (√(m/2) Γ((m−1)/2)); at m = 1 the denominator is infinite and J = 0.
fn correction(freedom: f64) -> f64 {
    if freedom <= 1.0 {
        return 0.0;
    }
    (ln_gamma(freedom / 2.0) - ln_gamma((freedom - 1.0) / 2.0)).exp() / (freedom / 2.0).sqrt()
}

/// 1 − 3/(4m − 1), within 1 % of J from m = 2; 0 at m = 1, as J.
fn approximate_correction(freedom: f64) -> f64 {
    1.0 - 3.0 / (4.0 * freedom - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 3] = [0.710_221_588_611_602_8, 0.731_964_528_560_638_4, 0.748_087_346_553_802_5];
    const B: [f64; 3] = [0.806_182_265_281_677_2, 0.818_318_307_399_749_8, 0.777_457_296_848_297_1];

    /// Expected values from NumPy and SciPy's `gamma`. By hand J(2) = Γ(1)/(1·Γ(1/2)) = 1/√π.
    #[test]
    fn three_pairs_agree_with_scipy() {
        assert!((cohens_d_z(&A, &B).unwrap() + 1.960_321_395_548_559_7).abs() < 1e-12);
        assert!((hedges_d_z(&A, &B).unwrap() + 1.105_992_911_774_298_6).abs() < 1e-12);
        assert!((correction(2.0) - std::f64::consts::PI.sqrt().recip()).abs() < 1e-12);
    }

    #[test]
    fn degenerate_differences_follow_division_by_zero() {
        assert_eq!(cohens_d_z(&[0.5, 0.75, 1.0], &[0.25, 0.5, 0.75]), Some(f64::INFINITY));
        assert!(cohens_d_z(&[0.5, 0.75], &[0.5, 0.75]).unwrap().is_nan());
        assert_eq!(hedges_d_z(&[0.5, 0.75], &[0.25, 0.625]), Some(0.0));
        assert_eq!(cohens_d_z(&[1.0], &[0.5]), None);
        assert_eq!(cohens_d_z(&[1.0, 2.0], &[0.5]), None);
    }

    /// By hand: a = ½, ¾ and b = ¼, ⅝ have variances 1/32 and 9/128, whose mean is 13/256; d = (3/16)/(√13/16). J(2) = 1/√π, about 4/7.
    #[test]
    fn two_and_two_values() {
        let (a, b) = ([0.5, 0.75], [0.25, 0.625]);
        let d = 3.0 / 13_f64.sqrt();
        assert!((cohens_d_av(&a, &b).unwrap() - d).abs() < 1e-14);
        assert!((cohens_d_s(&a, &b).unwrap() - d).abs() < 1e-14);
        assert!((hedges_g(&a, &b).unwrap() - d / std::f64::consts::PI.sqrt()).abs() < 1e-14);
        assert!((hedges_g_approximate(&a, &b).unwrap() - d * 4.0 / 7.0).abs() < 1e-14);
        assert_eq!(hedges_d_z_approximate(&a, &b), Some(0.0));
        // With unequal numbers the pooled deviation is no mean of the two: 2/3 of the variance 2, 1/3 of 0.
        assert!((cohens_d_s(&[0.0, 2.0, 1.0], &[0.0, 0.0]).unwrap() - 1.0 / (2.0_f64 / 3.0).sqrt()).abs() < 1e-14);
        assert_eq!((cohens_d_s(&[1.0], &b), cohens_d_av(&a, &[])), (None, None));
    }
}
