//! Metrics on predicted probabilities.

use super::predicted_classes;

/// Mean −ln p(true class) in nats, from `probabilities` (`[n, classes]`) and classes (`[n]`).
///
/// Probabilities are not clipped: a true class of probability 0 costs infinity, because any floor would be a number of our own invention.
pub fn negative_log_likelihood(probabilities: &[f64], truth: &[u32], classes: usize) -> f64 {
    // `0.0 -` and not a minus sign: −ln 1 prints as 0, not −0.
    over_rows(probabilities, truth, classes, |row, truth| 0.0 - row[truth].ln())
}

/// Mean over samples of Σ_k (p_k − 1\[y = k\])², in [0, 2] (Brier, 1950: the sum over classes, not their mean).
pub fn brier(probabilities: &[f64], truth: &[u32], classes: usize) -> f64 {
    let distance = |row: &[f64], truth: usize| {
        row.iter().enumerate().map(|(class, probability)| (probability - f64::from(u8::from(class == truth))).powi(2)).sum()
    };
    over_rows(probabilities, truth, classes, distance)
}

/// Σ_b |B_b|/n · |accuracy(B_b) − confidence(B_b)| over equal-width bins (b/bins, (b+1)/bins] of the highest probability, in [0, 1]
/// (Guo et al., "On calibration of modern neural networks", ICML 2017).
pub fn expected_calibration_error(probabilities: &[f64], truth: &[u32], classes: usize, bins: usize) -> f64 {
    let predicted = predicted_classes(probabilities, classes);
    if !fits(probabilities, truth, classes) || bins == 0 || probabilities.iter().any(|probability| probability.is_nan()) {
        return f64::NAN;
    }
    let edges: Vec<f64> = (1..bins).map(|edge| edge as f64 / bins as f64).collect();
    // Σ (correct − confidence) of a bin is |B_b| (accuracy − confidence): the counts cancel.
    let mut gaps = vec![0.0; bins];
    for ((row, &predicted), &truth) in probabilities.chunks_exact(classes).zip(&predicted).zip(truth) {
        let confidence = row[predicted as usize];
        let bin = edges.partition_point(|&edge| edge < confidence);
        gaps[bin] += f64::from(u8::from(predicted == truth)) - confidence;
    }
    gaps.iter().map(|gap| gap.abs()).sum::<f64>() / truth.len() as f64
}

fn fits(probabilities: &[f64], truth: &[u32], classes: usize) -> bool {
    !truth.is_empty() && truth.len().checked_mul(classes) == Some(probabilities.len()) && truth.iter().all(|&class| (class as usize) < classes)
}

fn over_rows(probabilities: &[f64], truth: &[u32], classes: usize, score: impl Fn(&[f64], usize) -> f64) -> f64 {
    if !fits(probabilities, truth, classes) {
        return f64::NAN;
    }
    let sum: f64 = probabilities.chunks_exact(classes).zip(truth).map(|(row, &truth)| score(row, truth as usize)).sum();
    sum / truth.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    /// By hand: rows (0.8, 0.2) true 0 and (0.6, 0.4) true 1.
    /// NLL = −(ln 0.8 + ln 0.4)/2; Brier = (0.04 + 0.04 + 0.36 + 0.36)/2 = 0.4; ECE, 10 bins = (|1 − 0.8| + |0 − 0.6|)/2 = 0.4.
    #[test]
    fn two_rows_by_hand() {
        let (probabilities, truth) = ([0.8, 0.2, 0.6, 0.4], [0, 1]);
        close(negative_log_likelihood(&probabilities, &truth, 2), 0.569_717_141_594_182_3);
        close(brier(&probabilities, &truth, 2), 0.4);
        close(expected_calibration_error(&probabilities, &truth, 2, 10), 0.4);
    }

    fn softmax(logits: &[f64]) -> Vec<f64> {
        let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.iter().map(|power| power / sum).collect()
    }

    /// Expected values made with NumPy in f64: saturated rows, confident errors, uniform rows whose confidence 1/3 lies on the edge 5/15.
    #[test]
    fn saturated_and_uniform_rows_agree_with_numpy() {
        let logits = [[50.0, 0.0, 0.0], [0.0, 80.0, 0.0], [0.0; 3], [200.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0; 3]];
        let probabilities: Vec<f64> = logits.iter().flat_map(|row| softmax(row)).collect();
        let truth = [0, 0, 1, 2, 0, 2];
        close(negative_log_likelihood(&probabilities, &truth, 3), 47.176_536_563_565_75);
        close(brier(&probabilities, &truth, 3), 0.978_256_591_327_310_7);
        close(expected_calibration_error(&probabilities, &truth, 3, 15), 0.540_724_644_735_858_1);
    }

    /// Confidences 0.5 and 0.7 with bins (0, 0.5], (0.5, 1]: each alone in its bin, so the gaps +0.5 and −0.7 cannot cancel.
    #[test]
    fn a_bin_owns_its_upper_edge() {
        close(expected_calibration_error(&[0.5, 0.5, 0.7, 0.3], &[0, 1], 2, 2), 0.6);
        close(expected_calibration_error(&[0.5, 0.5, 0.7, 0.3], &[0, 1], 2, 1), 0.1);
    }

    #[test]
    fn impossible_truth_costs_infinity_and_wrong_shapes_are_nan() {
        assert_eq!(negative_log_likelihood(&[1.0, 0.0], &[1], 2), f64::INFINITY);
        assert!(negative_log_likelihood(&[], &[], 2).is_nan());
        assert!(brier(&[0.5, 0.5], &[2], 2).is_nan());
        assert!(brier(&[0.5, 0.5, 0.1], &[0], 2).is_nan());
        assert!(expected_calibration_error(&[0.5, 0.5], &[0], 2, 0).is_nan());
        assert!(expected_calibration_error(&[f64::NAN, 0.5], &[0], 2, 5).is_nan());
    }
}
