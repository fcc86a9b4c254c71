//! How much printed standard deviations vary: honest ones scatter as chi-squared says, however alike the runs are.

use bench_reports::statistics::distributions::chi_squared_cdf;

/// A printed standard deviation (n − 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// As printed.
    pub std: f64,
    /// Half a unit of its last printed digit.
    pub half: f64,
    /// Runs behind it, 2 or more.
    pub seeds: u32,
}

/// log₁₀ of the largest probability, over every true spread of every cell, that all sample deviations lie between the smallest and the largest printed one (half a unit
/// of rounding added on either side).
///
/// Runs are taken as normal: (n − 1)s²/σ² is chi-squared with n − 1 degrees of freedom. The σ that makes [lo, hi] most probable is known: F(νhi²/σ²) − F(νlo²/σ²) is
/// largest where both ends have the same density in ln σ, at σ² = (hi² − lo²)/ln(hi²/lo²), whatever ν is. So no σ is fitted and none is left out.
///
/// `None` without cells, or for a deviation that is negative, not finite or of fewer than two runs; −∞ where all are one exact number.
pub fn band_log10_p(deviations: &[Deviation]) -> Option<f64> {
    let sound = |cell: &Deviation| cell.std.is_finite() && cell.std >= 0.0 && cell.half.is_finite() && cell.half >= 0.0 && cell.seeds >= 2;
    if deviations.is_empty() || !deviations.iter().all(sound) {
        return None;
    }
    let lo = deviations.iter().map(|cell| cell.std - cell.half).fold(f64::INFINITY, f64::min).max(0.0);
    let hi = deviations.iter().map(|cell| cell.std + cell.half).fold(0.0, f64::max);
    Some(deviations.iter().map(|cell| within(lo, hi, cell.seeds).log10()).sum())
}

/// A bound on the probability that independent sample deviations lie within one band as narrow as [`lo`, `hi`], wherever it lies: P(max/min ≤ hi/lo).
///
/// One of them is the smallest and the others lie within the ratio above it, so Σᵢ Πⱼ≠ᵢ gⱼ bounds it, where g is the largest probability over σ that one lies in a given band of
/// this ratio. `seeds` are the runs behind each. `None` without deviations or with fewer than two runs.
pub fn alike_p(lo: f64, hi: f64, seeds: &[u32]) -> Option<f64> {
    if seeds.is_empty() || seeds.iter().any(|seeds| *seeds < 2) || !(lo >= 0.0 && hi >= lo) {
        return None;
    }
    let logs: Vec<f64> = seeds.iter().map(|seeds| within(lo, hi, *seeds).ln()).collect();
    let total: f64 = logs.iter().sum();
    let p: f64 = logs.iter().map(|log| if total == f64::NEG_INFINITY { 0.0 } else { (total - log).exp() }).sum();
    Some(p.min(1.0))
}

/// The largest probability over σ that a sample deviation of `seeds` runs lies in [lo, hi].
fn within(lo: f64, hi: f64, seeds: u32) -> f64 {
    if lo >= hi {
        return 0.0;
    }
    if lo == 0.0 {
        return 1.0;
    }
    let df = f64::from(seeds - 1);
    // ln(hi²/lo²) through ln_1p: the ends may be close.
    let precision = 2.0 * ((hi - lo) / lo).ln_1p() / ((hi - lo) * (hi + lo));
    let cdf = |s: f64| chi_squared_cdf(df * s * s * precision, df);
    (cdf(hi) - cdf(lo)).max(0.0)
}

/// How far ln(std) scatters about one straight line in the mean for each row: √(Σ RSS / Σ (n − 2)).
///
/// Each row is a list of (mean, std). Honest sample deviations cannot lie closer to a line than they scatter themselves, 0.401 in ln s for 5 runs and 0.641 for 3
/// (√ψ′(ν/2)/2). Rows with fewer than three cells, or with one mean throughout, say nothing and are left out. `None` where no row is left, or where a std is not positive.
pub fn line_residual(rows: &[Vec<(f64, f64)>]) -> Option<f64> {
    if rows.iter().flatten().any(|(mean, std)| !(mean.is_finite() && std.is_finite() && *std > 0.0)) {
        return None;
    }
    let (mut squares, mut free) = (0.0, 0);
    for row in rows.iter().filter(|row| row.len() > 2) {
        let count = row.len() as f64;
        let centre = row.iter().map(|(mean, _)| mean).sum::<f64>() / count;
        let level = row.iter().map(|(_, std)| std.ln()).sum::<f64>() / count;
        let spread: f64 = row.iter().map(|(mean, _)| (mean - centre).powi(2)).sum();
        if spread == 0.0 {
            continue;
        }
        let slope = row.iter().map(|(mean, std)| (mean - centre) * (std.ln() - level)).sum::<f64>() / spread;
        squares += row.iter().map(|(mean, std)| (std.ln() - level - slope * (mean - centre)).powi(2)).sum::<f64>();
        free += row.len() - 2;
    }
    (free > 0).then(|| (squares / free as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(std: f64, seeds: u32) -> Deviation {
        Deviation { std, half: 0.005, seeds }
    }

    fn close(got: Option<f64>, expected: f64) {
        let got = got.unwrap();
        assert!((got / expected - 1.0).abs() < 1e-9, "{got} instead of {expected}");
    }

    // Expected values: SciPy, stats.chi2.cdf with the spread found by optimize.minimize_scalar(method="bounded", xatol=1e-12), not by the closed form.

    #[test]
    fn a_band_as_in_scipy() {
        close(band_log10_p(&[cell(0.21, 2), cell(0.41, 2), cell(0.3, 2)]), -1.4528462753654363);
        let mut many = vec![cell(0.5, 5); 46];
        many.extend([cell(0.25, 5), cell(0.72, 5)]);
        close(band_log10_p(&many), -3.4544665942755977);
        let mut table = vec![cell(1.0, 3); 82];
        table.extend([cell(0.75, 3), cell(1.28, 3)]);
        close(band_log10_p(&table), -35.08297832354592);
    }

    #[test]
    fn cells_may_have_their_own_number_of_runs() {
        close(band_log10_p(&[cell(0.3, 3), cell(0.5, 5), cell(0.41, 10)]), -0.8327766490628647);
    }

    #[test]
    fn a_band_down_to_zero_says_nothing() {
        assert_eq!(band_log10_p(&[cell(0.0, 3), cell(0.5, 3)]), Some(0.0));
    }

    #[test]
    fn one_exact_number_throughout_cannot_be() {
        assert_eq!(band_log10_p(&[Deviation { std: 1.0, half: 0.0, seeds: 3 }; 2]), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn no_band_without_runs_or_numbers() {
        assert_eq!(band_log10_p(&[]), None);
        assert_eq!(band_log10_p(&[cell(0.3, 1)]), None);
        assert_eq!(band_log10_p(&[cell(f64::NAN, 3)]), None);
        assert_eq!(band_log10_p(&[cell(-0.1, 3)]), None);
    }

    #[test]
    fn alike_is_bounded_by_any_band_of_that_width() {
        // By hand: K g^(K−1), where g of 3 runs and this band is 0.382248241494315 (SciPy, as above).
        close(alike_p(0.745, 1.285, &[3; 10]), 10.0 * 0.3822482414943145_f64.powi(9));
        assert_eq!(alike_p(0.0, 1.0, &[3; 10]), Some(1.0));
        assert_eq!(alike_p(1.0, 1.0, &[3; 10]), Some(0.0));
        assert_eq!((alike_p(1.0, 2.0, &[]), alike_p(1.0, 2.0, &[3, 1])), (None, None));
    }

    #[test]
    fn alike_bounds_what_honest_deviations_do() {
        use rand::{RngExt, SeedableRng};
        let mut draws = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        // For three runs (n − 1)s²/σ² is exponential: s = √(−ln u), up to a factor.
        let mut near = 0_u32;
        for _ in 0..20_000 {
            let deviations: Vec<f64> = (0..6).map(|_| (-(1.0 - draws.random::<f64>()).ln()).sqrt()).collect();
            let (lo, hi) = deviations.iter().fold((f64::INFINITY, 0.0_f64), |(lo, hi), s| (lo.min(*s), hi.max(*s)));
            near += u32::from(hi / lo <= 2.0);
        }
        let bound = alike_p(1.0, 2.0, &[3; 6]).unwrap();
        assert!(f64::from(near) / 20_000.0 <= bound && near > 100, "{near} of 20,000 against {bound}");
    }

    #[test]
    fn residual_as_in_numpy() {
        // NumPy, polyfit(mean, log(std), 1) for each row.
        let rows = [vec![(80.0, 0.3), (70.0, 0.5), (60.0, 0.7), (50.0, 1.2)], vec![(90.0, 0.2), (75.0, 0.6), (60.0, 0.5)]];
        close(line_residual(&rows), 0.30592237061047306);
        // A row of two and a row of one mean change nothing.
        let more = [rows.to_vec(), vec![vec![(1.0, 1.0), (2.0, 9.0)], vec![(5.0, 1.0), (5.0, 2.0), (5.0, 3.0)]]].concat();
        close(line_residual(&more), 0.30592237061047306);
    }

    #[test]
    fn deviations_on_a_line_leave_nothing() {
        let row: Vec<(f64, f64)> = (0..5).map(|step| (f64::from(step), (-0.1 * f64::from(step)).exp())).collect();
        assert!(line_residual(&[row]).unwrap() < 1e-12);
    }

    #[test]
    fn no_residual_without_three_cells_in_a_row() {
        assert_eq!(line_residual(&[vec![(1.0, 1.0), (2.0, 1.0)]]), None);
        assert_eq!(line_residual(&[vec![(1.0, 0.0), (2.0, 1.0), (3.0, 1.0)]]), None);
    }
}
