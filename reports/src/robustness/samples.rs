//! Numbers that need every sample under several conditions.

use super::Answers;

/// How predictions move away from clean, as shares of all samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flips {
    /// Another class is predicted.
    pub any: f64,
    /// Right on clean, wrong here.
    pub to_wrong: f64,
    /// Wrong on clean, right here.
    pub to_right: f64,
}

/// Compares predictions under a condition with those on clean; `None` for regression or other samples.
pub fn flips(clean: &Answers, here: &Answers) -> Option<Flips> {
    let samples = clean.predicted.len();
    if samples == 0 || here.predicted.len() != samples || clean.values.len() != samples || here.values.len() != samples {
        return None;
    }
    let share = |count: usize| count as f64 / samples as f64;
    let values = || clean.values.iter().zip(&here.values);
    Some(Flips {
        any: share(clean.predicted.iter().zip(&here.predicted).filter(|(clean, here)| clean != here).count()),
        to_wrong: share(values().filter(|(clean, here)| clean > here).count()),
        to_right: share(values().filter(|(clean, here)| clean < here).count()),
    })
}

/// Mean over samples of the worst value under any of the conditions (per-instance worst case, as in HELM's robustness and AutoAttack's pointwise worst);
/// `None` for no conditions or other samples.
pub fn worst_case(answers: &[&Answers], higher_is_better: bool) -> Option<f64> {
    let mut worst = answers.first()?.values.clone();
    for other in &answers[1..] {
        if other.values.len() != worst.len() {
            return None;
        }
        for (worst, &value) in worst.iter_mut().zip(&other.values) {
            *worst = if higher_is_better { worst.min(value) } else { worst.max(value) };
        }
    }
    Some(crate::statistics::mean(&worst)).filter(|mean| !mean.is_nan())
}

/// Mean over conditions for each sample, `[n]`; `None` for no conditions or other samples.
pub(super) fn mean(answers: &[&Answers]) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; answers.first()?.values.len()];
    for answers in answers {
        if answers.values.len() != sums.len() {
            return None;
        }
        sums.iter_mut().zip(&answers.values).for_each(|(sum, value)| *sum += value);
    }
    sums.iter_mut().for_each(|sum| *sum /= answers.len() as f64);
    Some(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(values: &[f64], predicted: &[u32]) -> Answers {
        Answers { values: values.into(), predicted: predicted.into() }
    }

    /// By hand, four samples of class 0: right→wrong, wrong→right, wrong→another wrong, right→right.
    #[test]
    fn flips_are_counted_both_ways_and_among_wrong_classes() {
        let clean = answers(&[1.0, 0.0, 0.0, 1.0], &[0, 1, 1, 0]);
        let here = answers(&[0.0, 1.0, 0.0, 1.0], &[2, 0, 2, 0]);
        assert_eq!(flips(&clean, &here), Some(Flips { any: 0.75, to_wrong: 0.25, to_right: 0.25 }));
        assert_eq!(flips(&clean, &answers(&[1.0], &[0])), None);
        assert_eq!(flips(&answers(&[0.3], &[]), &answers(&[0.4], &[])), None);
    }

    /// Two conditions each right on half of the samples, but on different halves: nothing is right under both.
    #[test]
    fn the_worst_case_is_taken_sample_by_sample() {
        let (one, other) = (answers(&[1.0, 1.0, 0.0, 0.0], &[]), answers(&[0.0, 0.0, 1.0, 1.0], &[]));
        assert_eq!(worst_case(&[&one, &other], true), Some(0.0));
        assert_eq!(worst_case(&[&one, &other], false), Some(1.0));
        assert_eq!(worst_case(&[&one], true), Some(0.5));
        assert_eq!(worst_case(&[], true), None);
        assert_eq!(mean(&[&one, &other]), Some(vec![0.5; 4]));
    }
}
