//! Tests from a printed mean, standard deviation and number of runs, for tables that print no single runs.

use bench_reports::statistics::{
    TTest,
    distributions::{normal_sf, student_t_two_sided},
};

/// What a table prints of some runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The mean over runs.
    pub mean: f64,
    /// Their standard deviation (n − 1), 0 or more.
    pub sd: f64,
    /// How many runs.
    pub n: u32,
}

impl Summary {
    fn squared_error(&self) -> f64 {
        self.sd * self.sd / f64::from(self.n)
    }
}

/// Welch's two-sided p of two independent groups, with Satterthwaite's degrees of freedom; `NaN` under two runs on either side.
///
/// Where neither varies it is 0 for different means and 1 for equal ones.
pub fn welch_p(a: &Summary, b: &Summary) -> f64 {
    if a.n < 2 || b.n < 2 {
        return f64::NAN;
    }
    let (of_a, of_b) = (a.squared_error(), b.squared_error());
    let df = (of_a + of_b).powi(2) / (of_a * of_a / f64::from(a.n - 1) + of_b * of_b / f64::from(b.n - 1));
    two_sided(a.mean - b.mean, (of_a + of_b).sqrt(), if of_a + of_b == 0.0 { 1.0 } else { df })
}

/// The paired t-test's two-sided p if the runs of both correlate with `rho` in [−1, 1]; `NaN` under two runs, or where the numbers of runs differ.
///
/// t = (m_a − m_b)/√((s_a² + s_b² − 2ρ s_a s_b)/n) with n − 1 degrees of freedom.
pub fn paired_p(a: &Summary, b: &Summary, rho: f64) -> f64 {
    if a.n != b.n {
        return f64::NAN;
    }
    // Grouped so that two equal deviations at a correlation of 1 cancel exactly.
    let variance = (a.sd - b.sd).powi(2) + 2.0 * (1.0 - rho) * a.sd * b.sd;
    one_group(a.mean - b.mean, variance, a.n)
}

/// The one-sample t-test's two-sided p of the mean against a number; `NaN` under two runs.
pub fn one_sample_p(of: &Summary, reference: f64) -> f64 {
    one_group(of.mean - reference, of.sd * of.sd, of.n)
}

/// The two-sided p of two accuracies in percent, each on its own `n` samples: the pooled z-test of two proportions.
pub fn two_proportion_p(p1_percent: f64, p2_percent: f64, n: u64) -> f64 {
    let (p1, p2) = (p1_percent / 100.0, p2_percent / 100.0);
    let pooled = (p1 + p2) / 2.0;
    let error = (2.0 * pooled * (1.0 - pooled) / n as f64).sqrt();
    if p1 == p2 { 1.0 } else { 2.0 * normal_sf(((p1 - p2) / error).abs()) }
}

fn one_group(difference: f64, variance: f64, n: u32) -> f64 {
    if n < 2 {
        return f64::NAN;
    }
    two_sided(difference, (variance.max(0.0) / f64::from(n)).sqrt(), f64::from(n - 1))
}

fn two_sided(estimate: f64, standard_error: f64, df: f64) -> f64 {
    if estimate == 0.0 {
        return 1.0;
    }
    let t = TTest { estimate, standard_error, df }.t();
    student_t_two_sided(t, df)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Summary = Summary { mean: 86.91, sd: 0.22, n: 5 };
    const B: Summary = Summary { mean: 85.04, sd: 0.31, n: 5 };

    fn close(got: f64, expected: f64) {
        assert!((got / expected - 1.0).abs() < 1e-9, "{got} instead of {expected}");
    }

    // Expected values: SciPy 1.x, stats.ttest_ind_from_stats(equal_var=False), 2*stats.t.sf(|t|, df) and 2*stats.norm.sf(|z|).

    #[test]
    fn welch_as_in_scipy() {
        close(welch_p(&A, &B), 9.116048178345022e-6);
        close(welch_p(&Summary { mean: 75.41, sd: 0.49, n: 5 }, &Summary { mean: 72.53, sd: 0.58, n: 3 }), 0.002551794431030392);
        assert_eq!(welch_p(&A, &B), welch_p(&B, &A));
    }

    #[test]
    fn paired_as_in_scipy_for_any_correlation() {
        close(paired_p(&A, &B, -1.0), 0.001395752079162102);
        close(paired_p(&A, &B, 0.0), 0.000388171338494022);
        close(paired_p(&A, &B, 0.9), 9.199674731625867e-6);
    }

    #[test]
    fn one_sample_as_in_scipy() {
        close(one_sample_p(&Summary { mean: 86.91, sd: 0.37, n: 5 }, 86.5), 0.0683718227187337);
    }

    #[test]
    fn two_proportions_as_in_scipy() {
        close(two_proportion_p(88.7, 88.5, 655), 0.9093289907463051);
        close(two_proportion_p(90.0, 85.0, 655), 0.006219039446252942);
        assert_eq!(two_proportion_p(100.0, 100.0, 655), 1.0);
    }

    #[test]
    fn nothing_varies() {
        let still = |mean| Summary { mean, sd: 0.0, n: 3 };
        assert_eq!(welch_p(&still(1.0), &still(2.0)), 0.0);
        assert_eq!(welch_p(&still(1.0), &still(1.0)), 1.0);
        assert_eq!(paired_p(&A, &Summary { mean: 1.0, ..A }, 1.0), 0.0);
        assert_eq!(one_sample_p(&still(1.0), 1.0), 1.0);
    }

    #[test]
    fn one_run_has_no_p() {
        let alone = Summary { n: 1, ..A };
        assert!(welch_p(&alone, &B).is_nan() && paired_p(&alone, &alone, 0.0).is_nan() && one_sample_p(&alone, 0.0).is_nan());
        assert!(paired_p(&A, &Summary { n: 4, ..B }, 0.0).is_nan());
    }
}
