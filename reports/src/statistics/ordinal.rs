//! Effect sizes that only use which of two values is larger.

use super::{Zeros, wilcoxon_normal};

/// Cliff's delta of two independent samples: (#(a > b) − #(a < b)) / (n m), in [−1, 1] (Cliff, Psychological Bulletin, 1993).
///
/// `None` for an empty side or a `NaN`.
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.is_empty() || b.is_empty() || a.iter().chain(b).any(|value| value.is_nan()) {
        return None;
    }
    let mut sorted = b.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let wins = |a: &f64| {
        let below = sorted.partition_point(|b| b < a);
        let above = sorted.len() - sorted.partition_point(|b| b <= a);
        below as f64 - above as f64
    };
    Some(a.iter().map(wins).sum::<f64>() / (a.len() as f64 * b.len() as f64))
}

/// Vargha and Delaney's A: the probability that a value of `a` is larger than one of `b`, ties counting half (Journal of Educational and Behavioral
/// Statistics, 2000). [`cliffs_delta`] on [0, 1].
pub fn vargha_delaney(a: &[f64], b: &[f64]) -> Option<f64> {
    Some((cliffs_delta(a, b)? + 1.0) / 2.0)
}

/// The matched-pairs rank-biserial correlation (W₊ − W₋) / (W₊ + W₋) with zeros dropped, in [−1, 1] (Kerby, Comprehensive Psychology, 2014).
///
/// `None` for a `NaN`; `NaN` (0/0) where all differences are zero.
pub fn rank_biserial(differences: &[f64]) -> Option<f64> {
    let test = wilcoxon_normal(differences, Zeros::Drop, false)?;
    Some((test.plus - test.minus) / (test.plus + test.minus))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: of 2 × 3 comparisons 1 > 0, 3 > 0, 3 > 2 are won, 1 < 2 is lost, 1 = 1 and 3 > 1 remain: (4 − 1)/6.
    #[test]
    fn six_comparisons() {
        assert_eq!(cliffs_delta(&[1.0, 3.0], &[0.0, 2.0, 1.0]), Some(0.5));
        assert_eq!(vargha_delaney(&[1.0, 3.0], &[0.0, 2.0, 1.0]), Some(0.75));
        assert_eq!(cliffs_delta(&[0.0], &[-0.0]), Some(0.0));
        assert_eq!(cliffs_delta(&[], &[1.0]), None);
        assert_eq!(cliffs_delta(&[f64::NAN], &[1.0]), None);
    }

    /// By hand: ranks 1, 2, 3 with 2 negative: (4 − 2)/6.
    #[test]
    fn three_pairs() {
        assert_eq!(rank_biserial(&[0.1, -0.2, 0.3, 0.0]), Some(1.0 / 3.0));
        assert!(rank_biserial(&[0.0]).unwrap().is_nan());
        assert_eq!(rank_biserial(&[f64::NAN]), None);
    }
}
