//! What a report must know of a dataset, and the records of pairs that a method refuses.

use std::collections::{BTreeMap, BTreeSet};

use bench_corruptions::{Condition, DataAtom, Group, Suite};
use bench_datasets::{Dataset, Fold, Labels, Modality, Split, Task, Unit};
use bench_reports::{
    Record,
    condition::{self, Point},
    folds::FoldInfo,
    summary::{self, DatasetInfo},
};

use crate::plan::Refused;

/// The dataset as a report needs it.
pub fn info(dataset: &Dataset) -> DatasetInfo {
    let test = dataset.indices(Split::Test);
    let groups = dataset.groups().map(|groups| {
        let mut present: Vec<u32> = test.iter().map(|&sample| groups.of_sample[sample]).collect();
        present.sort_unstable();
        present.dedup();
        (groups.name.clone(), present.len())
    });
    let modalities = dataset.raw_modalities().iter().map(|modality| summary::Modality {
        name: modality.name.clone(),
        kind: modality.kind.name().into(),
        unit: unit(modality.kind.unit()).into(),
    });
    let classes = match dataset.task() {
        Task::Classification { classes } => classes.len(),
        Task::Regression { .. } => 0,
    };
    DatasetInfo {
        name: dataset.reference().to_string(),
        task: task(dataset),
        classes,
        n_test: test.len(),
        chance: chance(dataset, classes),
        modalities: modalities.collect(),
        groups,
        fold: fold(dataset),
        conditions: Vec::new(),
    }
}

/// Which fold of a cross-validation it is.
fn fold(dataset: &Dataset) -> Option<FoldInfo> {
    let reference = dataset.reference();
    let (name, of) = match reference.fold.as_ref()? {
        Fold::Named(name) => (name.clone(), dataset.folds().len()),
        Fold::Dealt { folds, fold, .. } => (fold.to_string(), *folds),
    };
    Some(FoldInfo { family: reference.all_folds()?, name, of, n_train: dataset.indices(Split::Train).len() })
}

/// The group of each test sample in id order, dense from 0; `None` where the dataset has none.
pub fn test_groups(dataset: &Dataset) -> Option<Vec<u32>> {
    let groups = dataset.groups()?;
    let mut dense: BTreeMap<u32, u32> = BTreeMap::new();
    let of_test = dataset.indices(Split::Test).iter().map(|&sample| {
        let next = u32::try_from(dense.len()).unwrap_or(u32::MAX);
        *dense.entry(groups.of_sample[sample]).or_insert(next)
    });
    Some(of_test.collect())
}

/// Conditions as tables and curves know them. What is not in the suite is `mixed`: it is shown, but must not enter the means that are tested.
pub fn conditions(all: &[Condition], suite: &Suite, modalities: &[Modality]) -> anyhow::Result<Vec<condition::Condition>> {
    let in_suite: BTreeSet<String> = suite.conditions(modalities)?.into_iter().map(|planned| planned.condition.to_string()).collect();
    let describe = |condition: &Condition| {
        let name = condition.to_string();
        let group = if in_suite.contains(&name) { condition.group() } else { Group::Mixed };
        let alone = condition.data().is_empty() && condition.availability(modalities.len()).iter().all(|&there| there);
        condition::Condition {
            group: group.to_string(),
            point: point(condition, modalities),
            available: condition.availability(modalities.len()),
            attack: condition.attack().filter(|_| alone).unwrap_or_default().iter().map(|term| (term.modality, term.epsilon)).collect(),
            name,
        }
    };
    Ok(all.iter().map(describe).collect())
}

/// Its place on a curve, where one corruption of one modality is all there is.
fn point(condition: &Condition, modalities: &[Modality]) -> Option<Point> {
    let nothing_missing = condition.availability(modalities.len()).iter().all(|&there| there);
    let (kind, modality, level) = match (condition.data(), condition.attack()) {
        ([atom @ DataAtom::Noise { .. }], None) => ("noise", atom.modality(), atom.level()),
        ([atom @ DataAtom::Mask { .. }], None) => ("mask", atom.modality(), atom.level()),
        ([], Some([term])) => ("fgsm", term.modality, term.epsilon),
        _ => return None,
    };
    let modality = modalities.get(modality).filter(|_| nothing_missing && level > 0.0)?;
    Some(Point { curve: format!("{kind}({})", modality.name), level, unit: unit(modality.kind.unit()).into() })
}

/// The unit of a noise level, in words.
pub fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Pixels => "pixels",
        Unit::TrainingStandardDeviations => "training standard deviations",
        Unit::Words => "share of words",
    }
}

/// The task as a report knows it.
pub fn task(dataset: &Dataset) -> summary::Task {
    match dataset.task() {
        Task::Classification { .. } => summary::Task::Classification,
        Task::Regression { .. } => summary::Task::Regression,
    }
}

/// The test score of always answering the most frequent training class, or the training median.
fn chance(dataset: &Dataset, classes: usize) -> Option<f64> {
    let (train, test) = (dataset.indices(Split::Train), dataset.indices(Split::Test));
    match dataset.labels() {
        Labels::Classes(labels) => {
            let mut counts = vec![0usize; classes];
            for &sample in train {
                *counts.get_mut(labels[sample] as usize)? += 1;
            }
            // The first of equally frequent classes: `max_by_key` alone would take the last.
            let most = (0..classes).rev().max_by_key(|&class| counts[class])?;
            Some(test.iter().filter(|&&sample| labels[sample] as usize == most).count() as f64 / test.len() as f64)
        }
        Labels::Values(values) => {
            let mut sorted: Vec<f64> = train.iter().map(|&sample| f64::from(values[sample])).collect();
            sorted.sort_by(f64::total_cmp);
            let middle = sorted.len() / 2;
            let upper = *sorted.get(middle)?;
            let median = if sorted.len().is_multiple_of(2) { (upper + sorted[middle - 1]) / 2.0 } else { upper };
            Some(test.iter().map(|&sample| (f64::from(values[sample]) - median).abs()).sum::<f64>() / test.len() as f64)
        }
    }
}

/// A record without a value for each seed and condition, so that tables print `n/a` with the reason.
pub fn refused(refused: &Refused, dataset: &Dataset, suite: &Suite, seeds: &[u64]) -> anyhow::Result<Vec<Record>> {
    let metrics = [task(dataset).primary(), task(dataset).secondary()];
    let mut records = Vec::new();
    for planned in suite.conditions(dataset.raw_modalities())? {
        for &seed in seeds {
            records.extend(metrics.map(|metric| Record {
                dataset: refused.dataset.clone(),
                method: refused.method.clone(),
                preset: "paper".into(),
                seed,
                condition: planned.condition.to_string(),
                group: planned.group.to_string(),
                metric: metric.name().into(),
                value: None,
                note: refused.reason.clone(),
                samples: 0,
                selected_on: String::new(),
                trial: String::new(),
            }));
        }
    }
    Ok(records)
}
