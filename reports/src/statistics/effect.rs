//! Effect sizes of paired differences.

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

/// J(m) = Γ(m/2) / (√(m/2) Γ((m−1)/2)); at m = 1 the denominator is infinite and J = 0.
fn correction(freedom: f64) -> f64 {
    if freedom <= 1.0 {
        return 0.0;
    }
    (ln_gamma(freedom / 2.0) - ln_gamma((freedom - 1.0) / 2.0)).exp() / (freedom / 2.0).sqrt()
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
}
