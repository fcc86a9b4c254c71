//! t-tests that differ only in their standard error: Welch's, and the corrected one for resampled splits.

use serde::{Deserialize, Serialize};

use super::{
    distributions::{student_t_quantile, student_t_sf, student_t_two_sided},
    mean, sample_standard_deviation,
};

/// An estimate, its standard error, and the degrees of freedom of their ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TTest {
    /// The mean difference.
    pub estimate: f64,
    /// Its standard error; 0 where nothing varies.
    pub standard_error: f64,
    /// Degrees of freedom.
    pub df: f64,
}

impl TTest {
    /// estimate / standard error: ±∞ where nothing varies, `NaN` for 0/0.
    pub fn t(&self) -> f64 {
        self.t_against(0.0)
    }

    /// (estimate − `value`) / standard error.
    pub fn t_against(&self, value: f64) -> f64 {
        (self.estimate - value) / self.standard_error
    }

    /// P(|T| ≥ |t|).
    pub fn p_two_sided(&self) -> f64 {
        student_t_two_sided(self.t(), self.df)
    }

    /// P(T ≥ t): small where the estimate lies above 0.
    pub fn p_greater(&self) -> f64 {
        student_t_sf(self.t(), self.df)
    }

    /// P(T ≤ t): small where the estimate lies below 0.
    pub fn p_less(&self) -> f64 {
        student_t_sf(-self.t(), self.df)
    }

    /// The two-sided interval at `confidence` in (0, 1).
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        let margin = -student_t_quantile((1.0 - confidence) / 2.0, self.df) * self.standard_error;
        (self.estimate - margin, self.estimate + margin)
    }
}

/// Welch's t-test of two independent samples, for seeds that do not pair (Welch, Biometrika, 1947; Satterthwaite's degrees of freedom).
///
/// `None` under two values on either side. Without any variance the degrees of freedom are 0/0; 1 stands there, as in SciPy, and p is 0 or `NaN`
/// whatever they are.
pub fn welch_t(a: &[f64], b: &[f64]) -> Option<TTest> {
    let squared_error = |values: &[f64]| Some(sample_standard_deviation(values)?.powi(2) / values.len() as f64);
    let (of_a, of_b) = (squared_error(a)?, squared_error(b)?);
    let df = (of_a + of_b).powi(2) / (of_a.powi(2) / (a.len() - 1) as f64 + of_b.powi(2) / (b.len() - 1) as f64);
    let df = if of_a + of_b == 0.0 { 1.0 } else { df };
    Some(TTest { estimate: mean(a) - mean(b), standard_error: (of_a + of_b).sqrt(), df })
}

/// The corrected resampled t-test of differences over `splits` of the same data into training and test parts (Nadeau & Bengio, Machine Learning, 2003,
/// section 4): the variance is (1/J + `test_to_train`) s², because splits share their samples.
///
/// `test_to_train` is n_test/n_train; repeated k-fold cross-validation has 1/(k − 1) (Bouckaert & Frank, PAKDD, 2004). Only for splits: seeds on one
/// split need no correction. `None` under two splits, or for a ratio that is not a finite number ≥ 0.
pub fn corrected_resampled_t(differences: &[f64], test_to_train: f64) -> Option<TTest> {
    let deviation = sample_standard_deviation(differences)?;
    if !(test_to_train >= 0.0 && test_to_train.is_finite()) {
        return None;
    }
    let splits = differences.len() as f64;
    Some(TTest { estimate: mean(differences), standard_error: (1.0 / splits + test_to_train).sqrt() * deviation, df: splits - 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: variances 1/32 and 9/128, squared errors 1/64 and 9/256; t = (3/16)/√(13/256) = 3/√13;
    /// df = (13/256)²/((4/256)² + (9/256)²) = 169/97.
    #[test]
    fn welch_of_two_and_two() {
        let test = welch_t(&[0.5, 0.75], &[0.25, 0.625]).unwrap();
        assert!((test.t() - 3.0 / 13_f64.sqrt()).abs() < 1e-14);
        assert!((test.df - 169.0 / 97.0).abs() < 1e-14);
        assert_eq!(welch_t(&[1.0], &[0.5, 0.25]), None);
        assert_eq!(welch_t(&[0.5, 0.5], &[0.25, 0.25]).unwrap().p_two_sided(), 0.0);
    }

    /// By hand: d = 1, 3: mean 2, s² = 2, variance (1/2 + 1/9)·2 = 11/9; one degree of freedom is Cauchy: P(T > t) = ½ − atan(t)/π.
    #[test]
    fn two_splits() {
        let test = corrected_resampled_t(&[1.0, 3.0], 1.0 / 9.0).unwrap();
        let t = 2.0 / (11_f64 / 9.0).sqrt();
        assert!((test.t() - t).abs() < 1e-14);
        let greater = 0.5 - t.atan() / std::f64::consts::PI;
        assert!((test.p_greater() - greater).abs() < 1e-14);
        assert!((test.p_less() - (1.0 - greater)).abs() < 1e-14);
        assert!((test.p_two_sided() - 2.0 * greater).abs() < 1e-14);
        // tan(0.45 π), the 95 % point of Cauchy.
        assert!((test.interval(0.9).1 - (2.0 + 6.313_751_514_675_04 * (11_f64 / 9.0).sqrt())).abs() < 1e-12);
        assert!((corrected_resampled_t(&[1.0, 3.0], 0.0).unwrap().standard_error - 1.0).abs() < 1e-15);
        assert_eq!(corrected_resampled_t(&[1.0], 0.1), None);
        assert_eq!(corrected_resampled_t(&[1.0, 2.0], f64::NAN), None);
    }
}
