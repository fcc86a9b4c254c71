/*!
Statistics as pure functions on slices.

The seed is the pairing unit: two methods trained with the same seed and tested on the same samples differ by one number a seed. What the paired
t-test then says is about other seeds on this same test set, not about other samples; the two-level bootstrap is about both. `docs/statistics.md` says
which test answers what, and how often each is wrong.
*/

mod adjust;
mod bootstrap;
pub mod distributions;
mod effect;
mod equivalence;
mod friedman;
mod mcnemar;
mod ordinal;
mod paired;
mod percentile;
mod power;
mod quadrature;
mod ranks;
mod resample;
mod sign_flip;
mod studentized_range;
mod t_test;
mod uniform;
mod wilcoxon;

pub use adjust::{benjamini_hochberg, benjamini_yekutieli, bonferroni, hochberg, holm};
pub use bootstrap::{Differences, Draws, two_level, two_level_drawing};
pub use effect::{cohens_d_av, cohens_d_s, cohens_d_z, hedges_d_z, hedges_d_z_approximate, hedges_g, hedges_g_approximate};
pub use equivalence::{Equivalence, equivalence};
pub use friedman::{Friedman, friedman, nemenyi_critical_difference, nemenyi_p};
pub use mcnemar::Discordant;
pub use ordinal::{cliffs_delta, rank_biserial, vargha_delaney};
pub use paired::{PairedT, complete_pairs, critical_t, paired_t, smallest_significant_difference};
pub use percentile::Bootstrap;
pub use power::{minimum_detectable_difference, paired_t_power};
pub use ranks::midranks;
pub use resample::{AcceleratedInterval, accelerated_interval, basic_interval, median, percentile_interval, quantile, resample};
pub use sign_flip::{sign_flip_exact, smallest_exact_p};
pub use studentized_range::{studentized_range_critical, studentized_range_sf};
pub use t_test::{TTest, corrected_resampled_t, welch_t};
pub use wilcoxon::{Wilcoxon, Zeros, wilcoxon_exact, wilcoxon_normal};

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
