/*!
Several methods over several data sets: Friedman's test, Iman and Davenport's F, and Nemenyi's comparison of all pairs.

As in Demšar (Journal of Machine Learning Research, 2006): rank 1 is the best, and average ranks closer than the critical difference are not told apart.
*/

use serde::{Deserialize, Serialize};

use super::{
    distributions::{chi_squared_sf, f_sf},
    ranks::{midranks, tie_term},
    studentized_range::{studentized_range_critical, studentized_range_sf},
};

/// Friedman's test of N data sets × k methods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Friedman {
    /// `[datasets, methods]`, row by row: 1 is the best, ties share their mean rank.
    pub ranks: Vec<f64>,
    /// Mean rank of each method.
    pub average_ranks: Vec<f64>,
    /// The tie-corrected statistic (Friedman, Journal of the American Statistical Association, 1937), with k − 1 degrees of freedom.
    pub chi_squared: f64,
    /// Its p: an approximation that is too cautious for few data sets.
    pub p: f64,
    /// (N − 1) χ² / (N (k − 1) − χ²), with k − 1 and (k − 1)(N − 1) degrees of freedom; ∞ where all data sets agree (Iman & Davenport, Communications in
    /// Statistics, 1980).
    pub f: f64,
    /// The p of `f`: the better of the two.
    pub f_p: f64,
    /// Kendall's W = χ²/(N (k − 1)): 0 is no agreement of the data sets, 1 the same order in all.
    pub kendall_w: f64,
}

/// Friedman's test of `scores`, `[datasets, methods]` row by row.
///
/// `None` under two data sets or methods, where the scores do not fill the rows, and for a `NaN`. Where all methods tie on all data sets, the statistics
/// are 0/0 and `NaN`.
pub fn friedman(scores: &[f64], methods: usize, higher_is_better: bool) -> Option<Friedman> {
    if methods < 2 || scores.len() < 2 * methods || !scores.len().is_multiple_of(methods) || scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    let worse: Vec<f64> = scores.iter().map(|&score| if higher_is_better { -score } else { score }).collect();
    let ranks: Vec<f64> = worse.chunks_exact(methods).flat_map(midranks).collect();
    let ties: f64 = worse.chunks_exact(methods).map(tie_term).sum();
    let (n, k) = ((scores.len() / methods) as f64, methods as f64);
    let average_ranks: Vec<f64> = (0..methods).map(|method| ranks.iter().skip(method).step_by(methods).sum::<f64>() / n).collect();
    let spread: f64 = average_ranks.iter().map(|rank| (rank - (k + 1.0) / 2.0).powi(2)).sum();
    let chi_squared = 12.0 * n / (k * (k + 1.0)) * spread / (1.0 - ties / (n * k * (k * k - 1.0)));
    let most = n * (k - 1.0);
    // Full agreement reaches the maximum up to rounding.
    let left = if most - chi_squared <= 1e-12 * most { 0.0 } else { most - chi_squared };
    let f = (n - 1.0) * chi_squared / left;
    Some(Friedman {
        p: chi_squared_sf(chi_squared, k - 1.0),
        f_p: f_sf(f, k - 1.0, (k - 1.0) * (n - 1.0)),
        kendall_w: chi_squared / most,
        ranks,
        average_ranks,
        chi_squared,
        f,
    })
}

/// Nemenyi's critical difference of two average ranks at `alpha`: q_α/√2 · √(k (k + 1)/(6 N)), q_α of the studentized range (Nemenyi, 1963; Demšar,
/// 2006, section 3.2.2). Tables print q_α/√2 as q_α. `None` under two methods, without data sets, or for an `alpha` outside (0, 1).
pub fn nemenyi_critical_difference(methods: usize, datasets: usize, alpha: f64) -> Option<f64> {
    let error = rank_error(methods, datasets)?;
    let critical = studentized_range_critical(alpha, methods);
    (!critical.is_nan()).then_some(critical / std::f64::consts::SQRT_2 * error)
}

/// Nemenyi's p of every pair, `[methods, methods]` row by row, from average ranks over `datasets`: already adjusted for all pairs.
///
/// `None` under two methods or without data sets.
pub fn nemenyi_p(average_ranks: &[f64], datasets: usize) -> Option<Vec<f64>> {
    let methods = average_ranks.len();
    let error = rank_error(methods, datasets)?;
    let p = |left: f64, right: f64| studentized_range_sf((left - right).abs() * std::f64::consts::SQRT_2 / error, methods);
    Some(average_ranks.iter().flat_map(|&left| average_ranks.iter().map(move |&right| p(left, right))).collect())
}

/// √(k (k + 1)/(6 N)), the deviation of the difference of two average ranks of untied methods that are equal.
fn rank_error(methods: usize, datasets: usize) -> Option<f64> {
    let k = methods as f64;
    (methods >= 2 && datasets >= 1).then(|| (k * (k + 1.0) / (6.0 * datasets as f64)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: ranks 1 2 3, 1 2 3, 1 3 2, 2 1 3 average 5/4, 2, 11/4; spread 9/8, χ² = 12·4/12 · 9/8 = 4.5, p = e^(−9/4);
    /// F = 3·4.5/(8 − 4.5), W = 4.5/8.
    #[test]
    fn four_data_sets_and_three_methods() {
        let scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.9, 0.1, 0.2, 0.5, 0.7, 0.3];
        let test = friedman(&scores, 3, true).unwrap();
        assert_eq!(test.ranks, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 3.0, 2.0, 2.0, 1.0, 3.0]);
        assert_eq!(test.average_ranks, [1.25, 2.0, 2.75]);
        assert!((test.chi_squared - 4.5).abs() < 1e-14 && (test.p - (-2.25_f64).exp()).abs() < 1e-14);
        assert!((test.f - 13.5 / 3.5).abs() < 1e-13 && (test.kendall_w - 0.5625).abs() < 1e-15);
        let reversed = friedman(&scores, 3, false).unwrap();
        assert_eq!(reversed.average_ranks, [2.75, 2.0, 1.25]);
        assert!((reversed.chi_squared - 4.5).abs() < 1e-14);
    }

    /// Two methods: χ² is the sign test's (b − c)²/N, here (3 − 1)²/4; Nemenyi's p is that of the normal sign test.
    #[test]
    fn two_methods_are_a_sign_test() {
        let test = friedman(&[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0], 2, true).unwrap();
        assert!((test.chi_squared - 1.0).abs() < 1e-14);
        let p = nemenyi_p(&test.average_ranks, 4).unwrap();
        assert!((p[1] - test.p).abs() < 1e-13 && p[0] == 1.0 && p[1] == p[2]);
    }

    /// Demšar (2006, section 3.2.3): 4 methods and 14 data sets have 2.569 √(20/84) = 1.25 at 5 %, and 2.291 √(20/84) = 1.12 at 10 %.
    #[test]
    fn the_critical_difference_of_the_literature() {
        assert!((nemenyi_critical_difference(4, 14, 0.05).unwrap() - 1.25).abs() < 0.01);
        assert!((nemenyi_critical_difference(4, 14, 0.10).unwrap() - 1.12).abs() < 0.01);
    }

    #[test]
    fn what_cannot_be_tested_is_none_or_nan() {
        assert_eq!(friedman(&[1.0, 2.0], 2, true), None);
        assert_eq!(friedman(&[1.0, 2.0, 3.0], 2, true), None);
        assert_eq!(friedman(&[1.0, f64::NAN, 3.0, 4.0], 2, true), None);
        assert_eq!(friedman(&[1.0, 2.0], 1, true), None);
        assert!(friedman(&[1.0; 6], 3, true).unwrap().f_p.is_nan());
        assert_eq!((nemenyi_critical_difference(1, 5, 0.05), nemenyi_critical_difference(3, 0, 0.05)), (None, None));
        assert_eq!((nemenyi_critical_difference(3, 5, 1.5), nemenyi_p(&[1.0], 5)), (None, None));
    }
}
