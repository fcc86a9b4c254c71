/*!
The studentized range with infinite degrees of freedom: the range of k independent standard normal numbers.

P(Q ≤ q) = k ∫ φ(z) (Φ(z) − Φ(z − q))ᵏ⁻¹ dz (Tukey, 1953; Copenhaver & Holland, Journal of Statistical Computation and Simulation, 1988, eq. 1.1 with
s = 1). Because k ∫ φ Φᵏ⁻¹ dz = 1, the upper tail is an integral of its own, which keeps its digits where the difference from 1 would lose them.
*/

use super::{
    distributions::{bisect, normal_cdf, normal_density},
    quadrature::integrate,
};

/// P(Q > q) for the range of `groups` ≥ 2 standard normal numbers; absolute error under 1e-13. `NaN` for `NaN` or fewer groups.
pub fn studentized_range_sf(q: f64, groups: usize) -> f64 {
    if groups < 2 || q.is_nan() {
        return f64::NAN;
    }
    if q <= 0.0 {
        return 1.0;
    }
    let integrand = |z: f64| {
        let (all, outside) = (normal_cdf(z), normal_cdf(z - q));
        let inside = (all - outside).max(0.0);
        // allᵏ⁻¹ − insideᵏ⁻¹ = (all − inside) Σ allⁱ insideᵏ⁻²⁻ⁱ, by Horner's rule: no cancellation.
        let (mut sum, mut power) = (0.0, 1.0);
        for _ in 0..groups - 1 {
            sum = sum * all + power;
            power *= inside;
        }
        normal_density(z) * outside * sum
    };
    // Beyond nine deviations either way the density is under 1e-18.
    (groups as f64 * integrate(-9.0, 9.0, 1e-15, &integrand)).clamp(0.0, 1.0)
}

/// The q that `groups` ≥ 2 standard normal numbers' range exceeds with probability `alpha` in (0, 1); `NaN` otherwise.
pub fn studentized_range_critical(alpha: f64, groups: usize) -> f64 {
    if groups < 2 || !(alpha > 0.0 && alpha < 1.0) {
        return f64::NAN;
    }
    bisect(0.0, 100.0, |q| studentized_range_sf(q, groups) > alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The range of two is √2 |Z|: P(Q > q) = 2 P(Z > q/√2).
    #[test]
    fn two_groups_have_a_closed_form() {
        for q in [0.1, 1.0, 3.0, 6.0, 12.0] {
            let expected = 2.0 * normal_cdf(-q / std::f64::consts::SQRT_2);
            let found = studentized_range_sf(q, 2);
            assert!((found - expected).abs() < 1e-14, "{q}: {found} is not {expected}");
        }
        assert!((studentized_range_critical(0.05, 2) - 1.959_963_984_540_054 * std::f64::consts::SQRT_2).abs() < 1e-11);
    }

    /// Printed tables of the studentized range, infinite degrees of freedom (e.g. Demšar, Journal of Machine Learning Research, 2006, table 5, times √2).
    #[test]
    fn critical_values_agree_with_printed_tables() {
        for (groups, five, ten) in [(3, 2.343, 2.052), (5, 2.728, 2.459), (10, 3.164, 2.920)] {
            assert!((studentized_range_critical(0.05, groups) / std::f64::consts::SQRT_2 - five).abs() < 1.1e-3);
            assert!((studentized_range_critical(0.10, groups) / std::f64::consts::SQRT_2 - ten).abs() < 1.1e-3);
        }
    }

    #[test]
    fn limits_and_refusals() {
        assert_eq!((studentized_range_sf(0.0, 3), studentized_range_sf(-1.0, 3)), (1.0, 1.0));
        assert!(studentized_range_sf(f64::INFINITY, 3).abs() < 1e-15);
        assert!(studentized_range_sf(1.0, 1).is_nan() && studentized_range_sf(f64::NAN, 3).is_nan());
        assert!(studentized_range_critical(0.0, 3).is_nan() && studentized_range_critical(0.05, 1).is_nan());
        assert!(studentized_range_sf(3.0, 60) > studentized_range_sf(3.0, 6));
    }
}
