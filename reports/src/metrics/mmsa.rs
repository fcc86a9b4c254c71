//! Sentiment as three classes, as MMSA's `__eval_mosi_classification` scores it.

use super::{ClassCounts, Pairs, predicted_classes, sentiment::TwoClass};

const CLASSES: usize = 3;
const NEUTRAL: u32 = 1;
const POSITIVE: u32 = 2;

/// Scores of classes 0 (negative), 1 (neutral), 2 (positive).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThreeClassSentiment {
    /// Accuracy of the three classes (`Acc_3`), in [0, 1].
    pub accuracy: f64,
    /// F1 of the three classes weighted by their true samples (`F1_score_3`), in [0, 1].
    pub weighted_f1: f64,
    /// Larger of the scores of negative and positive, all samples; a neutral label is negative (`Has0_*`), unlike in [`Sentiment`](super::Sentiment), where
    /// it is positive.
    pub with_neutral: TwoClass,
    /// The same without neutral samples.
    pub without_neutral: TwoClass,
    /// What MMSA prints for the latter as `Non0_acc_2`: predictions are 0 or 1, labels still 0 or 2, so no positive is ever correct. Not a score; for
    /// recognising published numbers.
    pub printed_accuracy_without_neutral: f64,
    /// What MMSA prints as `Non0_F1_score`, with the same defect: weighted F1 over the labels 0, 1 and 2.
    pub printed_weighted_f1_without_neutral: f64,
}

impl ThreeClassSentiment {
    /// From `scores` (`[n, 3]`, logits or probabilities, row by row) and classes (`[n]`); ties go to the first class. All `NaN` without samples, for sizes
    /// that do not fit, for a label above 2, or where a score is `NaN`.
    pub fn of(scores: &[f64], truth: &[u32]) -> Self {
        let predicted = if scores.iter().any(|score| score.is_nan()) { Vec::new() } else { predicted_classes(scores, CLASSES) };
        let Some(all) = ClassCounts::of(Pairs { predicted: &predicted, truth }, CLASSES) else { return Self::undefined() };
        let ends: Vec<f64> = scores.chunks_exact(CLASSES).flat_map(|row| [row[0], row[2]]).collect();
        let signs = predicted_classes(&ends, 2);
        let sign_of = |class: u32| u32::from(class == POSITIVE);
        let labels: Vec<u32> = truth.iter().copied().map(sign_of).collect();
        let (kept_signs, kept_truth): (Vec<u32>, Vec<u32>) = signs.iter().zip(truth).filter(|(_, truth)| **truth != NEUTRAL).unzip();
        let kept_labels: Vec<u32> = kept_truth.iter().copied().map(sign_of).collect();
        let printed = ClassCounts::of(Pairs { predicted: &kept_signs, truth: &kept_truth }, CLASSES);
        Self {
            accuracy: all.accuracy(),
            weighted_f1: all.weighted_f1(),
            with_neutral: TwoClass::of_classes(Pairs { predicted: &signs, truth: &labels }),
            without_neutral: TwoClass::of_classes(Pairs { predicted: &kept_signs, truth: &kept_labels }),
            printed_accuracy_without_neutral: printed.as_ref().map_or(f64::NAN, ClassCounts::accuracy),
            printed_weighted_f1_without_neutral: printed.as_ref().map_or(f64::NAN, ClassCounts::weighted_f1),
        }
    }

    fn undefined() -> Self {
        let nan = f64::NAN;
        Self {
            accuracy: nan,
            weighted_f1: nan,
            with_neutral: TwoClass::undefined(),
            without_neutral: TwoClass::undefined(),
            printed_accuracy_without_neutral: nan,
            printed_weighted_f1_without_neutral: nan,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    /// By hand: argmax 2, 0, 1, 0 against 2, 0, 1, 2: 3/4. Signs of the ends +, −, −, − against +, −, − (neutral), +: 3/4; without the neutral one 2/3.
    /// As printed: 1, 0, 0 against 2, 0, 2: only the negative one is correct, 1/3. F1 of class 0 is 2·1/(1 + 2) = 2/3 with weight 1 of 3.
    #[test]
    fn four_rows_by_hand() {
        let scores = [[0.0, 1.0, 2.0], [3.0, 1.0, 0.0], [1.0, 4.0, 0.0], [1.0, 0.0, 0.5]];
        let found = ThreeClassSentiment::of(scores.as_flattened(), &[2, 0, 1, 2]);
        close(found.accuracy, 0.75);
        close(found.with_neutral.accuracy, 0.75);
        close(found.without_neutral.accuracy, 2.0 / 3.0);
        close(found.printed_accuracy_without_neutral, 1.0 / 3.0);
        close(found.printed_weighted_f1_without_neutral, 2.0 / 9.0);
    }

    #[test]
    fn a_perfect_classifier_of_positives_is_printed_as_always_wrong() {
        let found = ThreeClassSentiment::of(&[0.0, 0.0, 9.0, 0.0, 0.0, 9.0], &[2, 2]);
        close(found.without_neutral.accuracy, 1.0);
        close(found.printed_accuracy_without_neutral, 0.0);
    }

    #[test]
    fn what_cannot_be_scored_is_nan() {
        for (scores, truth) in [(&[][..], &[][..]), (&[0.0; 3], &[3]), (&[0.0; 4], &[0]), (&[f64::NAN, 1.0, 0.0], &[1])] {
            let found = ThreeClassSentiment::of(scores, truth);
            assert!(found.accuracy.is_nan() && found.with_neutral.accuracy.is_nan() && found.printed_accuracy_without_neutral.is_nan());
        }
        let neutral = ThreeClassSentiment::of(&[0.0, 1.0, 0.0], &[1]);
        assert!(neutral.without_neutral.accuracy.is_nan() && neutral.printed_weighted_f1_without_neutral.is_nan());
        close(neutral.accuracy, 1.0);
    }
}
