//! Metrics on real-valued predictions.

use crate::statistics::mean;

/// Mean |prediction − target|, in units of the target; nothing is clipped.
pub fn mean_absolute_error(predicted: &[f64], truth: &[f64]) -> f64 {
    if predicted.len() != truth.len() {
        return f64::NAN;
    }
    predicted.iter().zip(truth).map(|(predicted, truth)| (predicted - truth).abs()).sum::<f64>() / truth.len() as f64
}

/// Pearson correlation in [−1, 1]; `None` under two samples, where either side is constant, or where a value is not finite.
pub fn pearson(predicted: &[f64], truth: &[f64]) -> Option<f64> {
    if predicted.len() != truth.len() || predicted.len() < 2 || constant(predicted) || constant(truth) {
        return None;
    }
    let (predicted_mean, truth_mean) = (mean(predicted), mean(truth));
    let (mut product, mut predicted_square, mut truth_square) = (0.0, 0.0, 0.0);
    for (predicted, truth) in predicted.iter().zip(truth) {
        let (predicted, truth) = (predicted - predicted_mean, truth - truth_mean);
        product += predicted * truth;
        predicted_square += predicted * predicted;
        truth_square += truth * truth;
    }
    let correlation = product / (predicted_square * truth_square).sqrt();
    correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
}

/// Compared value by value: the rounded mean of equal values need not be that value, and its "variance" would correlate with anything.
fn constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from SciPy's `pearsonr`: many exact zeros in predictions and targets.
    #[test]
    fn ten_values_agree_with_scipy() {
        let predicted = [0.0, 0.0, 0.0, 1.0, -1.0, 0.200_000_002_980_232_24, -0.200_000_002_980_232_24, 0.0, 0.0, 3.0];
        let truth = [0.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.400_000_005_960_464_5, -0.400_000_005_960_464_5, 2.0];
        assert!((mean_absolute_error(&predicted, &truth) - 0.620_000_001_788_139_3).abs() < 1e-15);
        assert!((pearson(&predicted, &truth).unwrap() - 0.695_599_109_034_718).abs() < 1e-12);
    }

    #[test]
    fn a_straight_line_correlates_fully() {
        assert_eq!(pearson(&[1.0, 2.0, 3.0], &[-2.0, -4.0, -6.0]), Some(-1.0));
    }

    #[test]
    fn a_constant_prediction_has_no_correlation() {
        assert_eq!(pearson(&[0.3; 7], &[1.0, -1.0, 2.0, -2.0, 0.5, 0.0, 3.0]), None);
        assert_eq!(pearson(&[1.2], &[1.0]), None);
        assert_eq!(pearson(&[1.0, f64::NAN], &[1.0, 2.0]), None);
    }

    #[test]
    fn no_samples_or_different_lengths_are_nan() {
        assert!(mean_absolute_error(&[], &[]).is_nan());
        assert!(mean_absolute_error(&[1.0], &[]).is_nan());
    }
}
