/*!
Sentiment as a value: the metrics of CMU-MOSI and CMU-MOSEI, in every convention under which papers print "Acc-2" and "F1".

The evaluators behind the numbers: MMSA (`utils/metricsTop.py`, `Has0` and `Non0`), MulT (`src/eval_metrics.py`), MISA. They differ in what a neutral
label is, so a number without its convention cannot be compared. Nothing is rounded here; [`four_decimals`] is the rounding of MMSA's output.
*/

use super::{ClassCounts, Pairs, mean_absolute_error, pearson};

/// Scores of two classes, negative and positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoClass {
    /// Samples that the convention keeps.
    pub samples: usize,
    /// Share of correct signs, in [0, 1]; `NaN` without samples.
    pub accuracy: f64,
    /// Mean F1 of the two classes weighted by their true samples, in [0, 1]; a class that does not occur has F1 = 0 and weight 0. `NaN` without samples.
    pub weighted_f1: f64,
    /// The same weighted by their predictions: no metric of ours, but what MulT's evaluator prints as F1, because it passes its arguments in the wrong
    /// order (<https://github.com/yaohungt/Multimodal-Transformer/issues/33>).
    pub weighted_f1_of_swapped_arguments: f64,
    /// Mean recall of the two classes, in [0, 1]; `NaN` unless both are true of some sample. MulT's `weighted_accuracy`, (TP·N/P + TN)/(2N) with P
    /// positive and N negative samples; not the weighted accuracy (WA) of speech emotion recognition, which is plain accuracy.
    pub balanced_accuracy: f64,
}

impl TwoClass {
    /// From signs of kept samples.
    fn of(signs: impl Iterator<Item = (bool, bool)>) -> Self {
        let (predicted, truth): (Vec<u32>, Vec<u32>) = signs.map(|(predicted, truth)| (u32::from(predicted), u32::from(truth))).unzip();
        Self::of_classes(Pairs { predicted: &predicted, truth: &truth })
    }

    /// From classes 0 (negative) and 1 (positive).
    pub(super) fn of_classes(pairs: Pairs<'_, u32>) -> Self {
        let Some(counts) = ClassCounts::of(pairs, 2) else { return Self::undefined() };
        Self {
            samples: pairs.truth.len(),
            accuracy: counts.accuracy(),
            weighted_f1: counts.weighted_f1(),
            weighted_f1_of_swapped_arguments: counts.weighted_f1_of_swapped_arguments(),
            balanced_accuracy: counts.recalls().iter().sum::<f64>() / 2.0,
        }
    }

    pub(super) fn undefined() -> Self {
        let nan = f64::NAN;
        Self { samples: 0, accuracy: nan, weighted_f1: nan, weighted_f1_of_swapped_arguments: nan, balanced_accuracy: nan }
    }
}

/// All metrics of predicted sentiment values, of labels in [−3, 3].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sentiment {
    /// Non-negative against negative, all samples: p ≥ 0 and y ≥ 0. MMSA's `Has0`, one of MISA's two. A neutral label is positive.
    pub non_negative: TwoClass,
    /// Positive against negative, samples with y ≠ 0: p > 0 and y > 0. MMSA's `Non0`, the other of MISA's two, MulT with `exclude_zero`. A prediction of exactly
    /// 0 is negative. Undefined where all labels are 0 (MMSA raises an error).
    pub non_zero: TwoClass,
    /// Positive against the rest, all samples: p > 0 and y > 0. MulT without `exclude_zero`. A neutral label is negative.
    pub positive: TwoClass,
    /// Acc-5: both sides clipped to [−2, 2], rounded, equal. In [0, 1].
    pub five_classes: f64,
    /// Acc-7: both sides clipped to [−3, 3], rounded, equal. In [0, 1].
    pub seven_classes: f64,
    /// Mean absolute error in units of the label; nothing is clipped.
    pub mean_absolute_error: f64,
    /// Pearson correlation in [−1, 1], nothing clipped; `NaN` where either side is constant.
    pub pearson: f64,
}

impl Sentiment {
    /// Every metric; all `NaN` without samples, for different lengths, or where a value is `NaN` (which would compare as negative and so could be
    /// counted as correct).
    pub fn of(pairs: Pairs<'_, f64>) -> Self {
        let Some(samples) = comparable(pairs) else {
            let none = TwoClass::undefined();
            let nan = f64::NAN;
            return Self {
                non_negative: none,
                non_zero: none,
                positive: none,
                five_classes: nan,
                seven_classes: nan,
                mean_absolute_error: nan,
                pearson: nan,
            };
        };
        Self {
            non_negative: TwoClass::of(samples.iter().map(|(predicted, truth)| (*predicted >= 0.0, *truth >= 0.0))),
            non_zero: TwoClass::of(samples.iter().filter(|(_, truth)| *truth != 0.0).map(|(predicted, truth)| (*predicted > 0.0, *truth > 0.0))),
            positive: TwoClass::of(samples.iter().map(|(predicted, truth)| (*predicted > 0.0, *truth > 0.0))),
            five_classes: share_equal(&samples, 2.0),
            seven_classes: share_equal(&samples, 3.0),
            mean_absolute_error: mean_absolute_error(pairs.predicted, pairs.truth),
            pearson: pearson(pairs.predicted, pairs.truth).unwrap_or(f64::NAN),
        }
    }
}

/// A value as MMSA prints it: rounded to four decimals, an exact half to the even digit, as Python's `round(value, 4)`.
///
/// Compare unrounded values where they are to be had; this is for holding ours against a printed one.
pub fn four_decimals(value: f64) -> f64 {
    // Multiplying by 10⁴ first would round twice. Formatting is exact, and reads back for every number, infinity and NaN.
    format!("{value:.4}").parse().unwrap_or(f64::NAN)
}

/// (prediction, truth) of each sample; `None` where there is nothing to compare.
pub(super) fn comparable(pairs: Pairs<'_, f64>) -> Option<Vec<(f64, f64)>> {
    pairs.samples()?;
    let samples: Vec<(f64, f64)> = pairs.predicted.iter().copied().zip(pairs.truth.iter().copied()).collect();
    (!samples.iter().any(|(predicted, truth)| predicted.is_nan() || truth.is_nan())).then_some(samples)
}

/// Share of samples whose sides are equal once clipped to ±`limit` and rounded.
///
/// A half goes to the even number (0.5 to 0, 1.5 to 2, −2.5 to −2), which is NumPy's `round` and so the evaluators'; `f64::round` goes away from zero
/// and gives other classes to labels that are means of an even number of raters.
fn share_equal(samples: &[(f64, f64)], limit: f64) -> f64 {
    let class = |value: f64| value.clamp(-limit, limit).round_ties_even();
    samples.iter().filter(|(predicted, truth)| class(*predicted) == class(*truth)).count() as f64 / samples.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    /// By hand, signs of (prediction, truth):
    /// (0, 0) (−1, 0) (2, 3) (0, −1) (−2, 1).
    /// ≥ 0: + +, − +, + +, + −, − + : 2 of 5. Truth ≠ 0, > 0: + +, − −, − + : 2 of 3. > 0 on all: − −, − −, + +, − −, − + : 4 of 5.
    #[test]
    fn three_conventions_disagree_about_the_same_predictions() {
        let found = Sentiment::of(Pairs { predicted: &[0.0, -1.0, 2.0, 0.0, -2.0], truth: &[0.0, 0.0, 3.0, -1.0, 1.0] });
        close(found.non_negative.accuracy, 0.4);
        close(found.non_zero.accuracy, 2.0 / 3.0);
        close(found.positive.accuracy, 0.8);
        assert_eq!([found.non_negative.samples, found.non_zero.samples, found.positive.samples], [5, 3, 5]);
        // > 0 on all: F1 of negative 2·3/(3+4) = 6/7 with weight 3, of positive 2·1/(2+1) = 2/3 with weight 2; weights 4 and 1 if swapped.
        close(found.positive.weighted_f1, (3.0 * 6.0 / 7.0 + 2.0 * 2.0 / 3.0) / 5.0);
        close(found.positive.weighted_f1_of_swapped_arguments, (4.0 * 6.0 / 7.0 + 2.0 / 3.0) / 5.0);
        // Recalls 3/3 and 1/2.
        close(found.positive.balanced_accuracy, 0.75);
    }

    /// By hand: 0.5 → 0, 1.5 → 2, 2.5 → 2, −0.5 → 0, 3.5 → 3 by clipping, −2.6 → −3, or −2 by clipping to ±2. Halves away from
    /// zero would give 2 of 6 for Acc-7.
    #[test]
    fn halves_go_to_the_even_class_after_clipping() {
        let found = Sentiment::of(Pairs { predicted: &[0.5, 1.5, 2.5, -0.5, 3.5, -2.6], truth: &[0.0, 2.0, 2.0, 0.0, 3.0, -2.0] });
        close(found.seven_classes, 5.0 / 6.0);
        close(found.five_classes, 1.0);
    }

    #[test]
    fn only_neutral_labels_leave_positive_against_negative_undefined() {
        let found = Sentiment::of(Pairs { predicted: &[0.1, -0.2], truth: &[0.0, -0.0] });
        assert_eq!(found.non_zero.samples, 0);
        assert!(found.non_zero.accuracy.is_nan() && found.non_zero.weighted_f1.is_nan());
        close(found.non_negative.accuracy, 0.5);
        assert!(found.non_negative.balanced_accuracy.is_nan() && found.pearson.is_nan());
    }

    #[test]
    fn what_cannot_be_scored_is_nan() {
        for (predicted, truth) in [(&[][..], &[][..]), (&[1.0], &[1.0, 2.0]), (&[f64::NAN, -1.0], &[-1.0, -1.0]), (&[1.0], &[f64::NAN])] {
            let found = Sentiment::of(Pairs { predicted, truth });
            let two = |two: TwoClass| [two.accuracy, two.weighted_f1, two.weighted_f1_of_swapped_arguments, two.balanced_accuracy];
            let mut values: Vec<f64> = [found.non_negative, found.non_zero, found.positive].into_iter().flat_map(two).collect();
            values.extend([found.five_classes, found.seven_classes, found.mean_absolute_error, found.pearson]);
            assert!(values.iter().all(|value| value.is_nan()), "{found:?}");
        }
    }

    /// 0.03125 and 0.09375 are exact halves in binary; 0.00015 lies below its half, so it is 0.0001 (Python 3.11 agrees on all).
    #[test]
    fn four_decimals_are_pythons() {
        for (value, expected) in [(0.03125, 0.0312), (0.09375, 0.0938), (0.00015, 0.0001), (2.0 / 3.0, 0.6667), (-1.25, -1.25)] {
            assert_eq!(four_decimals(value), expected);
        }
        assert!(four_decimals(f64::NAN).is_nan());
        assert_eq!(four_decimals(f64::INFINITY), f64::INFINITY);
    }
}
