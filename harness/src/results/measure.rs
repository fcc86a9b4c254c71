//! From scores per sample to records.

use std::{collections::BTreeMap, thread};

use bench_corruptions::{Condition, Suite};
use bench_datasets::Dataset;
use bench_reports::{Record, metrics};
use bench_store::{ScoreKind, Scores, StoreError, TrainedTrial};

use super::Measured;
use crate::{
    folder::{Folder, Known},
    machine,
};

/// Measures trials on all cores; the result is in the order given.
pub fn all(folder: &Folder, trials: Vec<(String, TrainedTrial)>, datasets: &BTreeMap<String, Dataset>) -> anyhow::Result<Vec<Measured>> {
    let suites = Suite::all()?;
    // A suite that does not fit a dataset has no conditions there.
    let of_suites = |dataset: &Dataset| {
        let mut conditions: Vec<Condition> = Vec::new();
        for planned in suites.iter().filter_map(|suite| suite.conditions(dataset.modalities()).ok()).flatten() {
            conditions.push(planned.condition);
        }
        conditions.sort();
        conditions.dedup();
        conditions
    };
    let known: BTreeMap<&str, Vec<Condition>> = datasets.iter().map(|(name, dataset)| (name.as_str(), of_suites(dataset))).collect();
    let share = trials.len().div_ceil(machine::cores()).max(1);
    let measure = |(key, trial): &(String, TrainedTrial)| -> anyhow::Result<Option<Measured>> {
        let (Some(dataset), Some(known)) = (datasets.get(&trial.spec.dataset), known.get(trial.spec.dataset.as_str())) else { return Ok(None) };
        let records = one(folder, key, trial, dataset, known)?;
        Ok(Some(Measured { key: key.clone(), trial: trial.clone(), records }))
    };
    let measured: Vec<anyhow::Result<Option<Measured>>> = thread::scope(|scope| {
        let threads: Vec<_> = trials.chunks(share).map(|chunk| scope.spawn(move || chunk.iter().map(measure).collect::<Vec<_>>())).collect();
        // A panic has ended the program already.
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    Ok(measured.into_iter().collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn one(folder: &Folder, key: &str, trial: &TrainedTrial, dataset: &Dataset, of_suites: &[Condition]) -> anyhow::Result<Vec<Record>> {
    let files = folder.trial(key);
    let noted = Known::read(&files)?;
    let mut conditions = of_suites.to_vec();
    for text in &noted.conditions {
        conditions.push(Condition::parse(text, dataset.modalities())?);
    }
    conditions.sort();
    conditions.dedup();
    let mut records = Vec::new();
    for condition in &conditions {
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
            trial: key.into(),
        };
        if path.is_file() {
            let scores = Scores::read(&path)?;
            let values = values(&scores).map_err(|reason| StoreError::Damaged { path: path.clone(), reason })?;
            let note = |value: &Option<f64>| if value.is_none() { "undefined" } else { "" };
            records.extend(values.iter().map(|(metric, value)| blank(metric, *value, note(value), scores.len() as u64)));
        } else if let Some(reason) = noted.unavailable.get(&text) {
            let task = match dataset.task() {
                bench_datasets::Task::Classification { .. } => bench_reports::summary::Task::Classification,
                bench_datasets::Task::Regression { .. } => bench_reports::summary::Task::Regression,
            };
            records.extend([task.primary(), task.secondary()].map(|metric| blank(metric.name(), None, reason, 0)));
        }
    }
    Ok(records)
}

/// Every metric of some scores, and the mean realised perturbation of each perturbed modality.
fn values(scores: &Scores) -> Result<Vec<(String, Option<f64>)>, String> {
    let measured = match scores.kind {
        ScoreKind::Value => {
            let predicted: Vec<f64> = scores.values.iter().map(|&value| f64::from(value)).collect();
            metrics::regression(&predicted, &scores.targets)
        }
        ScoreKind::Logits | ScoreKind::Probabilities => {
            let truth: Option<Vec<u32>> = scores.targets.iter().map(|&target| class(target, scores.width)).collect();
            let truth = truth.ok_or_else(|| format!("a target is no class from 0 to {}", scores.width.saturating_sub(1)))?;
            let rows = scores.values.chunks(scores.width.max(1));
            let probabilities: Vec<f64> = match scores.kind {
                ScoreKind::Logits => rows.flat_map(softmax).collect(),
                _ => scores.values.iter().map(|&value| f64::from(value)).collect(),
            };
            metrics::classification(&probabilities, &truth, scores.width)
        }
    };
    let mut values: Vec<(String, Option<f64>)> = measured.into_iter().map(|(metric, value)| (metric.name().to_string(), value)).collect();
    for (modality, sizes) in &scores.perturbations {
        let mean = sizes.iter().map(|&size| f64::from(size)).sum::<f64>() / sizes.len() as f64;
        values.push((format!("perturbation/{modality}"), Some(mean).filter(|mean| mean.is_finite())));
    }
    Ok(values)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a whole number in range")]
fn class(target: f64, classes: usize) -> Option<u32> {
    (target >= 0.0 && target < classes as f64 && target.fract() == 0.0).then_some(target as u32)
}

/// In `f64` and shifted by the largest, so that large logits neither overflow nor lose the small ones.
fn softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|&logit| (f64::from(logit) - f64::from(largest)).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn large_logits_do_not_overflow_and_a_target_that_is_no_class_is_refused() {
        assert_eq!(softmax(&[1e30, 0.0]), [1.0, 0.0]);
        for target in [2.0, -1.0, 0.5, f64::NAN] {
            assert!(values(&scores(ScoreKind::Logits, 2, vec![0.0, 1.0], vec![target])).is_err(), "{target}");
        }
    }
}
