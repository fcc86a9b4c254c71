//! Sentiment of CH-SIMS: values in [−1, 1], in unequal bins.

use super::{ClassCounts, Pairs, mean_absolute_error, pearson, sentiment::comparable};

/// What the compared values were stored in. The edges of the bins are rounded to it, as in the evaluator, which compares in its tensors' type.
///
/// CH-SIMS labels lie on the edges: 0.1 in single precision is above 0.1 in double precision, so single-precision labels compared with double-precision
/// edges leave their bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits: what datasets, predictions and published numbers have. Values are rounded to it.
    Single,
    /// 64 bits.
    Double,
}

impl Precision {
    #[expect(clippy::cast_possible_truncation, reason = "the rounding is the point")]
    fn round(self, value: f64) -> f64 {
        match self {
            Self::Single => f64::from(value as f32),
            Self::Double => value,
        }
    }
}

/// The metrics of MMSA's `__eval_sims_regression` (Yu et al., "CH-SIMS", ACL 2020). Both sides are clipped to [−1, 1] before everything, also before
/// error and correlation. Means are taken in double precision: MMSA's, in single, differ from the seventh digit on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sims {
    /// Acc-2: bins \[−1, 0\], (0, 1\]. A neutral label is negative.
    pub two_classes: f64,
    /// F1 of the two bins weighted by their true samples, in [0, 1].
    pub weighted_f1: f64,
    /// Acc-3: bins \[−1, −0.1\], (−0.1, 0.1\], (0.1, 1\].
    pub three_classes: f64,
    /// Acc-5: bins \[−1, −0.7\], (−0.7, −0.1\], (−0.1, 0.1\], (0.1, 0.7\], (0.7, 1\].
    pub five_classes: f64,
    /// Mean absolute error of the clipped values.
    pub mean_absolute_error: f64,
    /// Pearson correlation of the clipped values, in [−1, 1]; `NaN` where either side is constant.
    pub pearson: f64,
}

impl Sims {
    /// Every metric; all `NaN` without samples, for different lengths, or where a value is `NaN`.
    pub fn of(pairs: Pairs<'_, f64>, precision: Precision) -> Self {
        let nan = f64::NAN;
        let undefined = Self { two_classes: nan, weighted_f1: nan, three_classes: nan, five_classes: nan, mean_absolute_error: nan, pearson: nan };
        let Some(samples) = comparable(pairs) else { return undefined };
        let clip = |value: f64| precision.round(value).clamp(-1.0, 1.0);
        let (predicted, truth): (Vec<f64>, Vec<f64>) = samples.iter().map(|(predicted, truth)| (clip(*predicted), clip(*truth))).unzip();
        let counts = |inner: &[f64]| {
            let edges: Vec<f64> = inner.iter().map(|&edge| precision.round(edge)).collect();
            let bin = |value: &f64| edges.iter().map(|edge| u32::from(edge < value)).sum::<u32>();
            let (predicted, truth): (Vec<u32>, Vec<u32>) = (predicted.iter().map(bin).collect(), truth.iter().map(bin).collect());
            ClassCounts::of(Pairs { predicted: &predicted, truth: &truth }, edges.len() + 1)
        };
        let accuracy = |inner: &[f64]| counts(inner).map_or(nan, |counts| counts.accuracy());
        Self {
            two_classes: accuracy(&[0.0]),
            weighted_f1: counts(&[0.0]).map_or(nan, |counts| counts.weighted_f1()),
            three_classes: accuracy(&[-0.1, 0.1]),
            five_classes: accuracy(&[-0.7, -0.1, 0.1, 0.7]),
            mean_absolute_error: mean_absolute_error(&predicted, &truth),
            pearson: pearson(&predicted, &truth).unwrap_or(nan),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    /// By hand: (prediction, truth) = (−0.8, −0.7) (0, −0.1) (0.2, 0.8) (1.5, 1) (0.1, 0.2), all ≤ its upper edge.
    /// Two bins: − −, − −, + +, + +, + + : 5/5. Three: 0 0, 1 0, 2 2, 2 2, 1 2: 3/5. Five: 0 0, 2 1, 3 4, 4 4, 2 3: 2/5.
    /// |p − y| after clipping 1.5 to 1: (0.1 + 0.1 + 0.6 + 0 + 0.1)/5 = 0.18.
    #[test]
    fn five_samples_by_hand() {
        let pairs = Pairs { predicted: &[-0.8, 0.0, 0.2, 1.5, 0.1], truth: &[-0.7, -0.1, 0.8, 1.0, 0.2] };
        for precision in [Precision::Double, Precision::Single] {
            let found = Sims::of(pairs, precision);
            close(found.two_classes, 1.0);
            close(found.weighted_f1, 1.0);
            close(found.three_classes, 0.6);
            close(found.five_classes, 0.4);
            assert!((found.mean_absolute_error - 0.18).abs() < 1e-7, "{found:?}");
        }
    }

    /// 0.1 as 32 bits is 0.100000001490116…: above the edge 0.1 of 64 bits, on the edge of 32 bits.
    #[test]
    fn single_precision_values_need_single_precision_edges() {
        let (predicted, truth) = ([f64::from(0.1f32), 0.5], [0.0, 0.5]);
        let pairs = Pairs { predicted: &predicted, truth: &truth };
        close(Sims::of(pairs, Precision::Single).three_classes, 1.0);
        close(Sims::of(pairs, Precision::Double).three_classes, 0.5);
    }

    #[test]
    fn what_cannot_be_scored_is_nan() {
        for (predicted, truth) in [(&[][..], &[][..]), (&[1.0], &[1.0, 2.0]), (&[f64::NAN, -1.0], &[-1.0, -1.0])] {
            let found = Sims::of(Pairs { predicted, truth }, Precision::Single);
            let values = [found.two_classes, found.weighted_f1, found.three_classes, found.five_classes, found.mean_absolute_error, found.pearson];
            assert!(values.iter().all(|value| value.is_nan()), "{found:?}");
        }
    }
}
