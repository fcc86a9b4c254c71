//! How closely honest standard deviations can follow a line in the mean.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::deviations::line_residual;

/// Tables drawn at most.
const DRAWS: u32 = 1999;

/// Fewest tables that are worth drawing.
const FEWEST_DRAWS: usize = 199;

/// Runs drawn at most, over all tables.
const MOST_RUNS: usize = 40_000_000;

/// Drawing ends early once this many lie as close to their lines as the printed one: the answer is clear.
const ENOUGH: u32 = 20;

/// The probability that sample deviations scatter about lines in these means by at most `residual`, if the true spreads lie exactly on such lines.
///
/// Each row of `means` is one method with `seeds` normal runs; the runs of any two of its cells correlate with `correlation` in [0, 1], as those of one trained model under
/// several conditions do. (exceeding + 1)/(drawn + 1) of up to 1,999 tables drawn with a fixed key, so never below 1/2,000 (Besag and Clifford, Biometrika 78(2), 1991, for
/// the early end); fewer for very large tables. `None` where no row can scatter, and for tables too large to draw 199 times.
pub fn p_of_residual(residual: f64, means: &[Vec<f64>], seeds: u32, correlation: f64) -> Option<f64> {
    if seeds < 2 || !(0.0..=1.0).contains(&correlation) {
        return None;
    }
    let runs_of_a_table = means.iter().map(Vec::len).sum::<usize>().checked_mul(seeds as usize)?.max(1);
    let tables = (MOST_RUNS / runs_of_a_table).min(DRAWS as usize);
    if tables < FEWEST_DRAWS {
        return None;
    }
    let tables = tables as u32;
    let mut draws = ChaCha8Rng::seed_from_u64(0x5744_7264);
    let (shared, own) = (correlation.sqrt(), (1.0 - correlation).sqrt());
    let mut near = 0;
    for drawn in 1..=tables {
        let mut table = Vec::with_capacity(means.len());
        for row in means {
            let common: Vec<f64> = (0..seeds).map(|_| normal(&mut draws)).collect();
            let deviation = |draws: &mut ChaCha8Rng| {
                let runs: Vec<f64> = common.iter().map(|common| shared * common + own * normal(draws)).collect();
                bench_reports::statistics::sample_standard_deviation(&runs).unwrap_or(1.0).max(f64::MIN_POSITIVE)
            };
            table.push(row.iter().map(|mean| (*mean, deviation(&mut draws))).collect());
        }
        near += u32::from(line_residual(&table)? <= residual);
        if near == ENOUGH {
            return Some(f64::from(near + 1) / f64::from(drawn + 1));
        }
    }
    Some(f64::from(near + 1) / f64::from(tables + 1))
}

/// A rigorous bound on the same probability for independent cells, for the far tail that draws do not reach.
///
/// ln s of n − 1 = ν has a density of at most f = 2(ν/2)^(ν/2)e^(−ν/2)/Γ(ν/2). Its residuals about a line lie in a space of two dimensions fewer, where the density is at most
/// (n/2) f^(n−2) for a row of n cells (Livshyts, Paouris and Pivovarov, Israel J. Math. 216, 2016, theorem 1.1), so the probability is at most that density times the volume of the
/// ball with the residual's radius. `None` for fewer than two runs or rows without freedom.
pub fn log10_bound(residual: f64, cells: &[usize], seeds: u32) -> Option<f64> {
    let rows: Vec<f64> = cells.iter().filter(|cells| **cells > 2).map(|cells| *cells as f64).collect();
    let free: f64 = rows.iter().map(|cells| cells - 2.0).sum();
    if seeds < 2 || free == 0.0 || residual <= 0.0 {
        return None;
    }
    let half = f64::from(seeds - 1) / 2.0;
    let density = 2.0_f64.ln() + half * half.ln() - half - log_gamma_of_half(seeds - 1);
    // One density for all rows together: f^free, times n/2 a row.
    let densities = free * density + rows.iter().map(|cells| (cells / 2.0).ln()).sum::<f64>();
    let volume = free / 2.0 * std::f64::consts::PI.ln() - log_gamma_of_half(free as u32 + 2) + free * (residual * free.sqrt()).ln();
    Some(((densities + volume) / std::f64::consts::LN_10).min(0.0))
}

/// ln Γ(`twice`/2) for `twice` of 1 or more, by Γ(x + 1) = xΓ(x) from Γ(1) = 1 and Γ(½) = √π.
fn log_gamma_of_half(twice: u32) -> f64 {
    let start = if twice.is_multiple_of(2) { 0.0 } else { std::f64::consts::PI.sqrt().ln() };
    let first = if twice.is_multiple_of(2) { 2 } else { 1 };
    (first..twice).step_by(2).map(|twice| (f64::from(twice) / 2.0).ln()).sum::<f64>() + start
}

fn normal(draws: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(draws)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_gamma_as_in_scipy() {
        // scipy.special.gammaln at 0.5, 1, 2, 2.5, 19, 19.5.
        for (twice, expected) in
            [(1, 0.5723649429247001), (2, 0.0), (4, 0.0), (5, 0.2846828704729192), (38, 36.39544520803305), (39, 37.86108650896109)]
        {
            assert!((log_gamma_of_half(twice) - expected).abs() < 1e-12, "{twice}");
        }
    }

    #[test]
    fn honest_scatter_is_probable() {
        let means = vec![(0..8).map(f64::from).collect::<Vec<f64>>(); 6];
        // √ψ′(2)/2 = 0.4015 for five runs (SciPy, special.polygamma): about half the tables lie below.
        let p = p_of_residual(0.4015, &means, 5, 0.0).unwrap();
        assert!((0.3..0.8).contains(&p), "{p}");
        assert_eq!(p_of_residual(0.07, &means, 5, 0.0), Some(1.0 / 2000.0));
        // A correlation of √(1 − (0.07/0.4015)²) = 0.985 leaves about this much: the middle, not a tail.
        let p = p_of_residual(0.07, &means, 5, 0.985).unwrap();
        assert!((0.1..0.95).contains(&p), "{p}");
        assert_eq!(p_of_residual(0.07, &vec![vec![1.0; 1000]; 1000], 5, 0.0), None);
        // Runs that all columns share leave no scatter at all.
        assert!(p_of_residual(0.07, &means, 5, 1.0).unwrap() > 0.9);
    }

    #[test]
    fn the_bound_lies_above_the_truth_and_far_below_one() {
        // By hand for six rows of eight cells and five runs: f = 8e⁻² = 1.0827, 4⁶ f³⁶ π¹⁸/18! (0.07 · 6)³⁶ = 10^−15.566.
        let bound = log10_bound(0.07, &[8; 6], 5).unwrap();
        assert!((bound - -15.566272).abs() < 0.01, "{bound}");
        assert_eq!(log10_bound(0.4, &[8; 6], 5), Some(0.0));
        // Against draws where both can be seen: one row of four cells, three runs.
        let drawn = p_of_residual(0.1, &[vec![1.0, 2.0, 3.0, 4.0]], 3, 0.0).unwrap();
        let bound = 10.0_f64.powf(log10_bound(0.1, &[4], 3).unwrap());
        assert!(drawn <= bound * 1.2, "{drawn} against {bound}");
    }
}
