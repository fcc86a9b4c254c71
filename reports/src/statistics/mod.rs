/*!
Statistics as pure functions on slices.

The seed is the pairing unit: two methods trained with the same seed and tested on the same samples differ by one number a seed. What the paired
t-test then says is about other seeds on this same test set, not about other samples.
*/

mod adjust;
mod bootstrap;
mod effect;
mod paired;
mod uniform;

pub use adjust::{bonferroni, holm};
pub use bootstrap::{Bootstrap, Differences, Draws, two_level, two_level_drawing};
pub use effect::{cohens_d_z, hedges_d_z};
pub use paired::{PairedT, critical_t, paired_t, smallest_significant_difference};

/// Arithmetic mean; `NaN` without values.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation with divisor n − 1 (ddof 1); `None` under two values, because one seed says nothing about the spread.
pub fn sample_standard_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32; 32/7 with ddof 1 (ddof 0 would give exactly 2).
    #[test]
    fn the_deviation_divides_by_n_minus_one() {
        let found = sample_standard_deviation(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert!((found - (32.0f64 / 7.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn one_value_has_no_deviation() {
        assert_eq!(sample_standard_deviation(&[0.5]), None);
        assert_eq!(sample_standard_deviation(&[]), None);
        assert!(mean(&[]).is_nan());
    }
}
