//! Probabilities, and the scores that are best in expectation where they are true (proper scoring rules).

use crate::statistics::mean;

/// Softmax of each row of `logits` (`[n, classes]`), shaped like them; empty where the length is no multiple of `classes`.
///
/// Shifted by the row's largest logit, so that large logits do not overflow.
pub fn softmax(logits: &[f64], classes: usize) -> Vec<f64> {
    if classes == 0 || !logits.len().is_multiple_of(classes) {
        return Vec::new();
    }
    let row = |logits: &[f64]| {
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = logits.iter().map(|logit| (logit - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(move |power| power / sum)
    };
    logits.chunks_exact(classes).flat_map(row).collect()
}

/// −ln p(true class) of each sample (`[n]`) in nats, from `probabilities` (`[n, classes]`) and classes (`[n]`); empty where they do not fit.
///
/// Probabilities are not clipped: a true class of probability 0 costs infinity, because any floor would be a number of our own invention.
pub fn negative_log_likelihoods(probabilities: &[f64], truth: &[u32], classes: usize) -> Vec<f64> {
    // `0.0 -` and not a minus sign: −ln 1 prints as 0, not −0.
    per_row(probabilities, truth, classes, |row, truth| 0.0 - row[truth].ln())
}

/// Mean of [`negative_log_likelihoods`] (Good, "Rational decisions", 1952: the logarithmic score).
pub fn negative_log_likelihood(probabilities: &[f64], truth: &[u32], classes: usize) -> f64 {
    mean(&negative_log_likelihoods(probabilities, truth, classes))
}

/// Mean over samples of Σ_k (p_k − 1\[y = k\])², in [0, 2] (Brier, "Verification of forecasts expressed in terms of probability", 1950: the sum over
/// classes, not their mean).
pub fn brier(probabilities: &[f64], truth: &[u32], classes: usize) -> f64 {
    let distance = |row: &[f64], truth: usize| {
        row.iter().enumerate().map(|(class, probability)| (probability - f64::from(u8::from(class == truth))).powi(2)).sum()
    };
    mean(&per_row(probabilities, truth, classes, distance))
}

/// [`brier`] divided by the number of classes, in [0, 2/K]: the other convention in print, and not comparable between numbers of classes.
pub fn brier_per_class(probabilities: &[f64], truth: &[u32], classes: usize) -> f64 {
    brier(probabilities, truth, classes) / classes as f64
}

/// Whether there are samples, a row of probabilities for each, and a class within the row.
pub(super) fn fits(probabilities: &[f64], truth: &[u32], classes: usize) -> bool {
    !truth.is_empty() && truth.len().checked_mul(classes) == Some(probabilities.len()) && truth.iter().all(|&class| (class as usize) < classes)
}

fn per_row(probabilities: &[f64], truth: &[u32], classes: usize, score: impl Fn(&[f64], usize) -> f64) -> Vec<f64> {
    if !fits(probabilities, truth, classes) {
        return Vec::new();
    }
    probabilities.chunks_exact(classes).zip(truth).map(|(row, &truth)| score(row, truth as usize)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    /// By hand: rows (0.8, 0.2) true 0 and (0.6, 0.4) true 1.
    /// NLL = −(ln 0.8 + ln 0.4)/2; Brier = (0.04 + 0.04 + 0.36 + 0.36)/2 = 0.4, over two classes 0.2.
    #[test]
    fn two_rows_by_hand() {
        let (probabilities, truth) = ([0.8, 0.2, 0.6, 0.4], [0, 1]);
        close(negative_log_likelihood(&probabilities, &truth, 2), 0.569_717_141_594_182_3);
        close(brier(&probabilities, &truth, 2), 0.4);
        close(brier_per_class(&probabilities, &truth, 2), 0.2);
        // (0.75² + 3·0.25²)/4.
        close(brier_per_class(&[0.25; 4], &[2], 4), 0.1875);
    }

    /// By hand: e^{ln 3} : e^0 = 3 : 1, whatever is added to both.
    #[test]
    fn softmax_depends_on_differences_only_and_does_not_overflow() {
        let ln3 = 3.0f64.ln();
        for shift in [0.0, -700.0, 1e6] {
            let row = softmax(&[ln3 + shift, shift], 2);
            assert!((row[0] - 0.75).abs() < 1e-9 && (row[1] - 0.25).abs() < 1e-9, "{shift}: {row:?}");
        }
        assert!(softmax(&[1.0, 2.0, 3.0], 2).is_empty());
        assert!(softmax(&[1.0], 0).is_empty());
    }

    /// Expected values made with NumPy in f64: saturated rows, confident errors, uniform rows.
    #[test]
    fn saturated_and_uniform_rows_agree_with_numpy() {
        let logits = [[50.0, 0.0, 0.0], [0.0, 80.0, 0.0], [0.0; 3], [200.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0; 3]];
        let probabilities = softmax(logits.as_flattened(), 3);
        let truth = [0, 0, 1, 2, 0, 2];
        close(negative_log_likelihood(&probabilities, &truth, 3), 47.176_536_563_565_75);
        close(brier(&probabilities, &truth, 3), 0.978_256_591_327_310_7);
    }

    #[test]
    fn impossible_truth_costs_infinity_and_wrong_shapes_are_nan() {
        assert_eq!(negative_log_likelihood(&[1.0, 0.0], &[1], 2), f64::INFINITY);
        assert!(negative_log_likelihood(&[], &[], 2).is_nan());
        assert!(brier(&[0.5, 0.5], &[2], 2).is_nan());
        assert!(brier(&[0.5, 0.5, 0.1], &[0], 2).is_nan());
        assert!(brier_per_class(&[], &[], 0).is_nan());
        assert!(negative_log_likelihoods(&[0.5, 0.5], &[2], 2).is_empty());
    }
}
