//! From scores per sample to records.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    thread,
};

use bench_corruptions::Condition;
use bench_datasets::{Dataset, Split};
use bench_reports::{
    Record, condition, metrics,
    robustness::{Answers, TrialAnswers},
    summary::{Task, TrialEvidence},
};
use bench_store::{ScoreKind, Scores, StoreError};
use sha2::{Digest, Sha256};

use super::{Finished, describe};
use crate::{
    folder::{Folder, Known},
    machine,
};

/// A dataset with the conditions that its trials may have been evaluated on; the two lists go together.
pub struct Measurable<'a> {
    pub dataset: &'a Dataset,
    pub conditions: &'a [Condition],
    pub described: &'a [condition::Condition],
}

/// What a trial answered, and the bits of it.
pub struct Exact {
    /// What reports know.
    pub evidence: TrialEvidence,
    /// SHA-256 of the scores under each condition that was evaluated: equal only where every score of every sample is the same bit for bit.
    pub fingerprints: BTreeMap<String, [u8; 32]>,
}

/// Measures trials on all cores; the result is in the order given.
pub fn all(folder: &Folder, trials: &[&Finished], of: &Measurable<'_>) -> anyhow::Result<Vec<TrialEvidence>> {
    on_all_cores(trials, |trial| one(folder, trial, of, |_, _| {}))
}

/// The same with the fingerprints of all conditions.
pub fn all_exact(folder: &Folder, trials: &[&Finished], of: &Measurable<'_>) -> anyhow::Result<Vec<Exact>> {
    on_all_cores(trials, |trial| {
        let mut fingerprints = BTreeMap::new();
        let evidence = one(folder, trial, of, |condition, scores| {
            fingerprints.insert(condition.to_string(), exact_fingerprint(scores));
        })?;
        Ok(Exact { evidence, fingerprints })
    })
}

fn on_all_cores<T: Send>(trials: &[&Finished], measure: impl Fn(&Finished) -> anyhow::Result<T> + Sync) -> anyhow::Result<Vec<T>> {
    let share = trials.len().div_ceil(machine::cores()).max(1);
    let measured: Vec<anyhow::Result<T>> = thread::scope(|scope| {
        let measure = &measure;
        let some = |chunk: &[&Finished]| chunk.iter().map(|trial| measure(trial)).collect::<Vec<_>>();
        let threads: Vec<_> = trials.chunks(share).map(|chunk| scope.spawn(move || some(chunk))).collect();
        // A panic has ended the program already.
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    measured.into_iter().collect()
}

/// `each` is told the scores under each condition that was evaluated.
fn one(folder: &Folder, finished: &Finished, of: &Measurable<'_>, mut each: impl FnMut(&str, &Scores)) -> anyhow::Result<TrialEvidence> {
    let Finished { key, trial } = finished;
    let files = folder.trial(key);
    let unavailable = Known::read(&files)?.unavailable;
    let task = describe::task(of.dataset);
    let mut records = Vec::new();
    let mut answers = Vec::new();
    let mut fingerprint = None;
    for condition in of.conditions {
        let text = condition.to_string();
        let path = files.scores(&condition.hash());
        let blank = |metric: &str, value, note: &str, samples| Record {
            dataset: trial.spec.dataset.clone(),
            method: trial.label.clone(),
            preset: trial.spec.preset.clone(),
            seed: trial.spec.seed,
            condition: text.clone(),
            group: condition.group().to_string(),
            metric: metric.into(),
            value,
            note: note.into(),
            samples,
            selected_on: trial.outcome.selected_on.clone(),
            trial: key.clone(),
        };
        let mut answered = None;
        if path.is_file() {
            let scores = Scores::read(&path)?;
            let damaged = |reason: String| StoreError::Damaged { path: path.clone(), reason };
            same_samples(&scores, of.dataset).map_err(damaged)?;
            each(&text, &scores);
            let Measured { values, answers } = measure(&scores).map_err(damaged)?;
            let note = |value: &Option<f64>| if value.is_none() { "undefined" } else { "" };
            records.extend(values.iter().map(|(metric, value)| blank(metric, *value, note(value), scores.len() as u64)));
            if text == "clean" {
                fingerprint = Some(fingerprint_of(&scores));
            }
            answered = Some(answers);
        } else if let Some(reason) = unavailable.get(&text) {
            records.extend([task.primary(), task.secondary()].map(|metric| blank(metric.name(), None, reason, 0)));
        }
        answers.push(answered);
    }
    let trial_answers = TrialAnswers { conditions: of.described, answers, higher_is_better: task == Task::Classification };
    Ok(TrialEvidence {
        seed: trial.spec.seed,
        measures: trial_answers.measures(),
        samples: trial_answers.per_sample(),
        validation: trial.outcome.selected_value,
        records,
        fingerprint,
    })
}

/// Pairing is by position: the samples must be the test split's, in its order.
fn same_samples(scores: &Scores, dataset: &Dataset) -> Result<(), String> {
    let test = dataset.indices(Split::Test);
    let same = scores.len() == test.len() && scores.ids.iter().zip(test).all(|(id, &sample)| *id == dataset.ids()[sample]);
    if same { Ok(()) } else { Err("its samples are not those of the test split".into()) }
}

/// A hash of the bits of every score, to be compared within this process only.
fn fingerprint_of(scores: &Scores) -> u64 {
    let mut hasher = DefaultHasher::new();
    scores.values.iter().for_each(|value| value.to_bits().hash(&mut hasher));
    hasher.finish()
}

/// A hash of what the scores are and of the bits of each, the same in every process.
fn exact_fingerprint(scores: &Scores) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(format!("{:?} {}", scores.kind, scores.width));
    let bytes: Vec<u8> = scores.values.iter().flat_map(|value| value.to_bits().to_le_bytes()).collect();
    hasher.update(&bytes);
    hasher.finalize().into()
}

/// What scores come to.
struct Measured {
    /// Every metric, and the mean realised perturbation of each perturbed modality.
    values: Vec<(String, Option<f64>)>,
    /// Sample by sample.
    answers: Answers,
}

fn measure(scores: &Scores) -> Result<Measured, String> {
    let (measured, answers) = match scores.kind {
        ScoreKind::Value => {
            let predicted: Vec<f64> = scores.values.iter().map(|&value| f64::from(value)).collect();
            let errors = predicted.iter().zip(&scores.targets).map(|(predicted, truth)| (predicted - truth).abs()).collect();
            (metrics::regression(&predicted, &scores.targets), Answers { values: errors, predicted: Vec::new() })
        }
        ScoreKind::Logits | ScoreKind::Probabilities => {
            let truth: Option<Vec<u32>> = scores.targets.iter().map(|&target| class(target, scores.width)).collect();
            let truth = truth.ok_or_else(|| format!("a target is no class from 0 to {}", scores.width.saturating_sub(1)))?;
            let values: Vec<f64> = scores.values.iter().map(|&value| f64::from(value)).collect();
            let probabilities = if scores.kind == ScoreKind::Logits { metrics::softmax(&values, scores.width) } else { values };
            let predicted = metrics::predicted_classes(&probabilities, scores.width);
            let right = predicted.iter().zip(&truth).map(|(predicted, truth)| f64::from(u8::from(predicted == truth))).collect();
            (metrics::classification(&probabilities, &truth, scores.width), Answers { values: right, predicted })
        }
    };
    let mut values: Vec<(String, Option<f64>)> = measured.into_iter().map(|(metric, value)| (metric.name().to_string(), value)).collect();
    for (modality, sizes) in &scores.perturbations {
        let mean = sizes.iter().map(|&size| f64::from(size)).sum::<f64>() / sizes.len() as f64;
        values.push((format!("perturbation/{modality}"), Some(mean).filter(|mean| mean.is_finite())));
    }
    Ok(Measured { values, answers })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a whole number in range")]
fn class(target: f64, classes: usize) -> Option<u32> {
    (target >= 0.0 && target < classes as f64 && target.fract() == 0.0).then_some(target as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(scores: &Scores) -> Result<Vec<(String, Option<f64>)>, String> {
        measure(scores).map(|measured| measured.values)
    }

    fn scores(kind: ScoreKind, width: usize, values: Vec<f32>, targets: Vec<f64>) -> Scores {
        let ids = (0..targets.len()).map(|at| at.to_string()).collect();
        Scores { ids, targets, kind, width, values, perturbations: vec![("image".into(), vec![0.25, 0.75])] }
    }

    fn value(values: &[(String, Option<f64>)], name: &str) -> Option<f64> {
        values.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("{name} is missing")).1
    }

    /// By hand: logits (ln 3, 0) are probabilities (3/4, 1/4); both samples are called class 0, one is; NLL = −(ln 3/4 + ln 1/4)/2.
    #[test]
    fn logits_are_measured_as_their_softmax() {
        let ln3 = 3.0f32.ln();
        let values = values(&scores(ScoreKind::Logits, 2, vec![ln3, 0.0, ln3, 0.0], vec![0.0, 1.0])).unwrap();
        assert_eq!(value(&values, "accuracy"), Some(0.5));
        let expected = -(0.75f64.ln() + 0.25f64.ln()) / 2.0;
        assert!((value(&values, "negative_log_likelihood").unwrap() - expected).abs() < 1e-6);
        assert_eq!(value(&values, "perturbation/image"), Some(0.5));
    }

    #[test]
    fn probabilities_are_taken_as_they_are_and_values_as_a_regression() {
        let probabilities = values(&scores(ScoreKind::Probabilities, 2, vec![0.75, 0.25, 0.25, 0.75], vec![0.0, 1.0])).unwrap();
        assert_eq!(value(&probabilities, "accuracy"), Some(1.0));
        let regression = values(&scores(ScoreKind::Value, 1, vec![1.0, -1.0], vec![2.0, -2.0])).unwrap();
        assert_eq!(value(&regression, "mean_absolute_error"), Some(1.0));
    }

    /// 0 and −0 are equal as numbers; probabilities and logits of the same bits are not the same answers.
    #[test]
    fn a_fingerprint_sees_every_bit_and_what_the_bits_are() {
        let of = |kind, value: f32| exact_fingerprint(&scores(kind, 2, vec![1.0, value], vec![0.0]));
        assert_eq!(of(ScoreKind::Logits, 0.0), of(ScoreKind::Logits, 0.0));
        assert_ne!(of(ScoreKind::Logits, 0.0), of(ScoreKind::Logits, -0.0));
        assert_ne!(of(ScoreKind::Logits, 0.5), of(ScoreKind::Logits, f32::from_bits(0.5f32.to_bits() + 1)));
        assert_ne!(of(ScoreKind::Logits, 0.5), of(ScoreKind::Probabilities, 0.5));
    }

    #[test]
    fn large_logits_do_not_overflow_and_a_target_that_is_no_class_is_refused() {
        let sure = values(&scores(ScoreKind::Logits, 2, vec![1e30, 0.0], vec![0.0])).unwrap();
        assert_eq!(value(&sure, "negative_log_likelihood"), Some(0.0));
        for target in [2.0, -1.0, 0.5, f64::NAN] {
            assert!(values(&scores(ScoreKind::Logits, 2, vec![0.0, 1.0], vec![target])).is_err(), "{target}");
        }
    }
}
