//! Counts of each class, and every mean over them.

use super::Pairs;

/// The classes that a mean over classes is taken over. The three agree when every class occurs in the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Classes that occur in the truth (balanced accuracy, `balanced_accuracy_score` of scikit-learn).
    Truth,
    /// Classes that occur in truth or prediction; one that is only predicted counts 0 (`recall_score`, `f1_score` with `average="macro"` of scikit-learn).
    Union,
    /// All K classes; one that occurs nowhere counts 0.
    All,
}

/// How often each class is true, predicted, and both. One sample has one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassCounts {
    classes: Vec<Count>,
    samples: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Count {
    truth: usize,
    predicted: usize,
    correct: usize,
}

impl Count {
    /// 2·TP / (2·TP + FP + FN), 0 where the class occurs nowhere.
    fn f1(&self) -> f64 {
        if self.correct == 0 { 0.0 } else { 2.0 * self.correct as f64 / (self.truth + self.predicted) as f64 }
    }

    fn recall(&self) -> f64 {
        self.correct as f64 / self.truth as f64
    }
}

impl ClassCounts {
    /// Counts of `pairs` (classes from 0 to `classes` − 1); `None` without samples, for different lengths, or where a label is no class.
    pub fn of(pairs: Pairs<'_, u32>, classes: usize) -> Option<Self> {
        let samples = pairs.samples()?;
        let mut counts = vec![Count::default(); classes];
        for (&predicted, &truth) in pairs.predicted.iter().zip(pairs.truth) {
            counts.get_mut(truth as usize)?.truth += 1;
            let class = counts.get_mut(predicted as usize)?;
            class.predicted += 1;
            class.correct += usize::from(predicted == truth);
        }
        Some(Self { classes: counts, samples })
    }

    /// Share of correct predictions, in [0, 1]: what speech emotion recognition calls weighted accuracy (WA), a mean of recalls weighted by support.
    pub fn accuracy(&self) -> f64 {
        self.correct() / self.samples as f64
    }

    /// Recall of each class (`[K]`), in [0, 1]; `NaN` for a class that is never true.
    pub fn recalls(&self) -> Vec<f64> {
        self.classes.iter().map(Count::recall).collect()
    }

    /// F1 of each class (`[K]`), in [0, 1]; 0 for a class that occurs nowhere (`zero_division=0` of scikit-learn).
    pub fn f1s(&self) -> Vec<f64> {
        self.classes.iter().map(Count::f1).collect()
    }

    /// Mean recall, in [0, 1]: unweighted accuracy (UA) in speech emotion recognition. A class that is never true counts 0 where `over` includes it.
    pub fn mean_recall(&self, over: Over) -> f64 {
        self.mean(over, |class| if class.truth == 0 { 0.0 } else { class.recall() })
    }

    /// Mean F1, in [0, 1].
    pub fn macro_f1(&self, over: Over) -> f64 {
        self.mean(over, Count::f1)
    }

    /// Mean F1 with the number of true samples of each class as weights, in [0, 1] (`f1_score(truth, predicted, average="weighted")` of scikit-learn).
    pub fn weighted_f1(&self) -> f64 {
        self.classes.iter().map(|class| class.truth as f64 * class.f1()).sum::<f64>() / self.samples as f64
    }

    /// [`Self::weighted_f1`] with the number of predictions of each class as weights: no metric of ours, but what an evaluator that passes truth and
    /// prediction in the wrong order prints. For recognising published numbers.
    pub fn weighted_f1_of_swapped_arguments(&self) -> f64 {
        self.classes.iter().map(|class| class.predicted as f64 * class.f1()).sum::<f64>() / self.samples as f64
    }

    /// F1 of the counts summed over all classes, in [0, 1]. With one class a sample it equals [`Self::accuracy`].
    pub fn micro_f1(&self) -> f64 {
        let occurrences: usize = self.classes.iter().map(|class| class.truth + class.predicted).sum();
        2.0 * self.correct() / occurrences as f64
    }

    fn correct(&self) -> f64 {
        self.classes.iter().map(|class| class.correct).sum::<usize>() as f64
    }

    fn mean(&self, over: Over, value: impl Fn(&Count) -> f64) -> f64 {
        let counts = |class: &&Count| match over {
            Over::Truth => class.truth > 0,
            Over::Union => class.truth + class.predicted > 0,
            Over::All => true,
        };
        let (sum, classes) = self.classes.iter().filter(counts).fold((0.0, 0usize), |(sum, classes), class| (sum + value(class), classes + 1));
        sum / classes as f64
    }
}

/// How often each class (row) is predicted as each class (column), `[K, K]`; `None` where [`ClassCounts::of`] is `None`.
pub fn confusion_matrix(pairs: Pairs<'_, u32>, classes: usize) -> Option<Vec<Vec<usize>>> {
    pairs.samples()?;
    let mut matrix = vec![vec![0; classes]; classes];
    for (&predicted, &truth) in pairs.predicted.iter().zip(pairs.truth) {
        *matrix.get_mut(truth as usize)?.get_mut(predicted as usize)? += 1;
    }
    Some(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    const PREDICTED: [u32; 6] = [0, 2, 1, 1, 0, 0];
    const TRUTH: [u32; 6] = [0, 0, 1, 1, 1, 0];

    fn counts() -> ClassCounts {
        ClassCounts::of(Pairs { predicted: &PREDICTED, truth: &TRUTH }, 4).unwrap()
    }

    /// By hand: recalls 2/3, 2/3, class 2 only predicted, class 3 nowhere; F1 = 2/3, 4/5, 0, 0.
    #[test]
    fn three_denominators_differ_where_classes_are_absent() {
        close(counts().mean_recall(Over::Truth), 2.0 / 3.0);
        close(counts().mean_recall(Over::Union), 4.0 / 9.0);
        close(counts().mean_recall(Over::All), 1.0 / 3.0);
        close(counts().macro_f1(Over::Truth), 11.0 / 15.0);
        close(counts().macro_f1(Over::Union), 22.0 / 45.0);
        close(counts().macro_f1(Over::All), 11.0 / 30.0);
    }

    /// By hand: true supports 3, 3 give (3·2/3 + 3·4/5)/6 = 11/15; predicted supports 3, 2, 1 give (3·2/3 + 2·4/5 + 0)/6 = 3/5.
    #[test]
    fn weighted_f1_weights_by_the_truth() {
        close(counts().weighted_f1(), 11.0 / 15.0);
        close(counts().weighted_f1_of_swapped_arguments(), 0.6);
        let swapped = ClassCounts::of(Pairs { predicted: &TRUTH, truth: &PREDICTED }, 4).unwrap();
        close(swapped.weighted_f1(), 0.6);
    }

    #[test]
    fn micro_f1_of_one_class_a_sample_is_accuracy() {
        close(counts().micro_f1(), 4.0 / 6.0);
        close(counts().accuracy(), 4.0 / 6.0);
    }

    #[test]
    fn rows_of_the_confusion_matrix_are_the_truth() {
        let matrix = confusion_matrix(Pairs { predicted: &PREDICTED, truth: &TRUTH }, 3).unwrap();
        assert_eq!(matrix, [[2, 0, 1], [1, 2, 0], [0, 0, 0]]);
    }

    #[test]
    fn what_cannot_be_counted_is_none() {
        for (predicted, truth, classes) in [(&[][..], &[][..], 3), (&[1], &[1, 1], 3), (&[3], &[0], 3), (&[0], &[u32::MAX], 3), (&[0], &[0], 0)] {
            assert_eq!(ClassCounts::of(Pairs { predicted, truth }, classes), None);
            assert_eq!(confusion_matrix(Pairs { predicted, truth }, classes), None);
        }
    }
}
