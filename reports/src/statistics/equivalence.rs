//! Equivalence: two one-sided tests.

use serde::{Deserialize, Serialize};

use super::{TTest, distributions::student_t_sf};

/// Two one-sided t-tests against a margin (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics, 1987).
///
/// "Not significantly different" is no evidence of equality; a small `p` here is: the difference lies inside the margin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Equivalence {
    /// t against the lower margin.
    pub t_lower: f64,
    /// P(T ≥ `t_lower`): small where the difference lies above the lower margin.
    pub p_lower: f64,
    /// t against the upper margin.
    pub t_upper: f64,
    /// P(T ≤ `t_upper`): small where the difference lies below the upper margin.
    pub p_upper: f64,
    /// The larger of the two. At most α exactly where the interval at confidence 1 − 2α lies inside the margins.
    pub p: f64,
}

/// Whether the difference that `test` estimates lies between `lower` and `upper`, in its own unit, e.g. ±0.005 for half a point of accuracy.
///
/// `None` for margins that are not in order. A difference on the margin itself, without any variance, gives `NaN`.
pub fn equivalence(test: &TTest, lower: f64, upper: f64) -> Option<Equivalence> {
    if lower.is_nan() || upper.is_nan() || lower >= upper {
        return None;
    }
    let (t_lower, t_upper) = (test.t_against(lower), test.t_against(upper));
    let (p_lower, p_upper) = (student_t_sf(t_lower, test.df), student_t_sf(-t_upper, test.df));
    let p = if p_lower.is_nan() || p_upper.is_nan() { f64::NAN } else { p_lower.max(p_upper) };
    Some(Equivalence { t_lower, p_lower, t_upper, p_upper, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand with two degrees of freedom, P(T > t) = (1 − t/√(2 + t²))/2: at t = 3 and, on the other side, 1.
    #[test]
    fn the_larger_p_counts() {
        let test = TTest { estimate: 0.5, standard_error: 0.5, df: 2.0 };
        let found = equivalence(&test, -1.0, 1.0).unwrap();
        assert_eq!((found.t_lower, found.t_upper), (3.0, -1.0));
        assert!((found.p_lower - (1.0 - 3.0 / 11_f64.sqrt()) / 2.0).abs() < 1e-14);
        assert!((found.p - (1.0 - 1.0 / 3_f64.sqrt()) / 2.0).abs() < 1e-14);
        assert_eq!(found.p, found.p_upper);
    }

    #[test]
    fn p_falls_to_alpha_where_the_interval_touches_the_margin() {
        let test = TTest { estimate: 0.1, standard_error: 0.2, df: 4.0 };
        let (low, high) = test.interval(0.9);
        assert!((equivalence(&test, low, 10.0).unwrap().p - 0.05).abs() < 1e-12);
        assert!((equivalence(&test, -10.0, high).unwrap().p - 0.05).abs() < 1e-12);
        assert!(equivalence(&test, 1.0, -1.0).is_none() && equivalence(&test, f64::NAN, 1.0).is_none());
    }
}
