//! Metrics on predicted classes.

use super::{ClassCounts, Over, Pairs};

/// The class of highest probability of each row of `probabilities` (`[n, classes]`); ties go to the first, as in NumPy's `argmax`.
///
/// A `NaN` never wins; a row of only `NaN` is class 0. Empty where the length is no multiple of `classes`.
pub fn predicted_classes(probabilities: &[f64], classes: usize) -> Vec<u32> {
    if classes == 0 || !probabilities.len().is_multiple_of(classes) {
        return Vec::new();
    }
    let best = |row: &[f64]| {
        let mut best = (0, f64::NEG_INFINITY);
        for (class, &probability) in (0u32..).zip(row) {
            if probability > best.1 {
                best = (class, probability);
            }
        }
        best.0
    };
    probabilities.chunks_exact(classes).map(best).collect()
}

/// Share of correct predictions, in [0, 1].
pub fn accuracy(predicted: &[u32], truth: &[u32]) -> f64 {
    if predicted.len() != truth.len() {
        return f64::NAN;
    }
    // No samples: 0/0 is the NaN that the module promises.
    let correct = predicted.iter().zip(truth).filter(|(predicted, truth)| predicted == truth).count();
    correct as f64 / truth.len() as f64
}

/// Mean over classes of F1 = 2·TP / (2·TP + FP + FN), in [0, 1].
///
/// scikit-learn's convention (`f1_score(truth, predicted, average="macro", zero_division=0)`): the mean is over the classes that occur in truth or
/// prediction; one that is never true or never predicted has F1 = 0.
pub fn macro_f1(predicted: &[u32], truth: &[u32], classes: usize) -> f64 {
    of_counts(Pairs { predicted, truth }, classes, |counts| counts.macro_f1(Over::Union))
}

/// Mean over classes of F1 with the classes' numbers of true samples as weights, in [0, 1] (`average="weighted"` of scikit-learn).
pub fn weighted_f1(pairs: Pairs<'_, u32>, classes: usize) -> f64 {
    of_counts(pairs, classes, ClassCounts::weighted_f1)
}

/// Mean recall over the classes that occur in truth ("unweighted accuracy" UA of speech emotion recognition), in [0, 1].
pub fn unweighted_recall(predicted: &[u32], truth: &[u32], classes: usize) -> f64 {
    of_counts(Pairs { predicted, truth }, classes, |counts| counts.mean_recall(Over::Truth))
}

fn of_counts(pairs: Pairs<'_, u32>, classes: usize, metric: impl Fn(&ClassCounts) -> f64) -> f64 {
    ClassCounts::of(pairs, classes).as_ref().map_or(f64::NAN, metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    /// By hand: confusion [[2,0,1,0],[1,2,0,0],[0,0,0,0],[0,0,0,0]], so F1 = 2/3, 4/5, 0 and class 3 nowhere: (2/3 + 4/5 + 0)/3 = 22/45.
    /// scikit-learn 1.x gives the same 0.4888…
    #[test]
    fn a_class_only_predicted_counts_zero_and_a_class_nowhere_does_not_count() {
        let (predicted, truth) = ([0, 2, 1, 1, 0, 0], [0, 0, 1, 1, 1, 0]);
        close(accuracy(&predicted, &truth), 4.0 / 6.0);
        close(macro_f1(&predicted, &truth, 4), 22.0 / 45.0);
        close(unweighted_recall(&predicted, &truth, 4), 2.0 / 3.0);
        close(weighted_f1(Pairs { predicted: &predicted, truth: &truth }, 4), 11.0 / 15.0);
    }

    #[test]
    fn a_constant_prediction_has_the_share_of_its_class() {
        let (predicted, truth) = ([2; 5], [0, 1, 2, 2, 2]);
        close(accuracy(&predicted, &truth), 0.6);
        close(macro_f1(&predicted, &truth, 3), 0.25);
        close(unweighted_recall(&predicted, &truth, 3), 1.0 / 3.0);
    }

    /// Truth and prediction swapped: F1 of a class is symmetric, recall is not, so swapped arguments show.
    #[test]
    fn recall_is_of_the_truth() {
        close(unweighted_recall(&[0, 0, 0, 1], &[0, 0, 1, 1], 2), 0.75);
        close(unweighted_recall(&[0, 0, 1, 1], &[0, 0, 0, 1], 2), 5.0 / 6.0);
    }

    #[test]
    fn what_cannot_be_scored_is_nan() {
        assert!(accuracy(&[], &[]).is_nan());
        assert!(accuracy(&[1], &[1, 1]).is_nan());
        assert!(macro_f1(&[], &[], 3).is_nan());
        assert!(weighted_f1(Pairs { predicted: &[], truth: &[] }, 3).is_nan());
        assert!(weighted_f1(Pairs { predicted: &[0], truth: &[3] }, 3).is_nan());
        assert!(macro_f1(&[3], &[0], 3).is_nan());
        assert!(unweighted_recall(&[0], &[u32::MAX], 3).is_nan());
        assert!(unweighted_recall(&[0], &[0], 0).is_nan());
    }

    #[test]
    fn ties_go_to_the_first_class_and_nan_never_wins() {
        assert_eq!(predicted_classes(&[0.5, 0.5, 0.2, 0.8, f64::NAN, 0.1], 2), [0, 1, 1]);
        assert!(predicted_classes(&[0.5, 0.5, 0.2], 2).is_empty());
        assert!(predicted_classes(&[0.5], 0).is_empty());
    }
}
