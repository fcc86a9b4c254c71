//! `--run`: the trained models of a run folder, with what they score.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use bench_datasets::{Dataset, Split};
use bench_reports::{
    budget::Budget,
    cost::{Score, Training},
    summary::is_control,
};
use bench_store::profile::Subject;

use super::{
    arguments::Arguments,
    jobs::{Measurement, Protocol},
};
use crate::{
    commands::report::{self, Opened},
    costs,
    exit::Failure,
    names,
    results::{Finished, comparable, info},
    search,
};

/// One method of a run on a dataset, all seeds.
pub(super) struct Method<'a> {
    pub label: &'a str,
    /// In the run's order of seeds.
    pub trials: Vec<&'a Finished>,
}

/// A dataset with the methods that a run trained on it.
pub(super) struct OnDataset<'a> {
    pub name: &'a str,
    pub dataset: Dataset,
    /// At least one.
    pub methods: Vec<Method<'a>>,
}

/// What the flags leave of a run's trials, in the run's order of datasets, and what a reader must know of them.
///
/// # Errors
/// A method or dataset that the run has no finished trial of, or a dataset that cannot be opened.
pub(super) fn on_datasets<'a>(opened: &'a Opened, arguments: &Arguments) -> anyhow::Result<(Vec<OnDataset<'a>>, Vec<String>)> {
    let Opened { folder, run, results } = opened;
    let (kept, mut notes) = comparable(&results.trials, run, &BTreeSet::new());
    notes.extend(results.notes.iter().cloned());
    if kept.is_empty() {
        return Err(report::nothing_to_show(folder.root(), &notes));
    }
    refuse_unknown(&kept, arguments)?;
    let folders = search::folders(&arguments.data.iter().chain(&run.settings.data).cloned().collect::<Vec<_>>());
    let mut found = Vec::new();
    for name in order(kept.iter().map(|finished| finished.trial.spec.dataset.as_str()), &run.settings.dataset) {
        if !arguments.dataset.is_empty() && !arguments.dataset.iter().any(|asked| asked == name) {
            continue;
        }
        let dataset = search::open(&name.parse()?, &folders)?;
        let on: Vec<&Finished> = kept.iter().copied().filter(|finished| finished.trial.spec.dataset == name).collect();
        let methods = methods(&on, &run.settings.seeds, arguments, run.settings.reference.as_deref());
        if !methods.is_empty() {
            refuse_budgets(name, &methods)?;
            found.push(OnDataset { name, dataset, methods });
        }
    }
    Ok((found, notes))
}

/// The measurements of a run's trials, one a dataset, and what a reader must know of them.
///
/// # Errors
/// No run folder, a method or dataset that it has no finished trial of, trials without weights, or data that changed.
pub fn measurements(opened: &Opened, arguments: &Arguments, protocol: &Protocol) -> anyhow::Result<(Vec<Measurement>, Vec<String>)> {
    let Opened { folder, run, .. } = opened;
    let (datasets, notes) = on_datasets(opened, arguments)?;
    let mut found = Vec::new();
    for OnDataset { name, dataset, methods } in datasets {
        let mut subjects = Vec::new();
        let mut scores = Vec::new();
        let mut batches = BTreeSet::new();
        for method in &methods {
            let Some(first) = method.trials.first() else { continue };
            let trial = folder.trial(&first.key);
            if !trial.weights().is_file() {
                return Err(Failure::usage(format!("trial {} has no weights.safetensors; run the same `bench run` again first", first.key)));
            }
            let score = score(opened, method, &dataset)?;
            batches.extend(score.training.map(|training| training.batch));
            subjects.push(Subject::Method { spec: first.trial.spec.clone(), label: method.label.into(), trial: Some(trial.root().to_path_buf()) });
            scores.push(Some(score));
        }
        let refused = run.refused.iter().filter(|refused| refused.dataset == name && asked(arguments, &refused.method));
        found.push(Measurement {
            name: name.into(),
            modalities: dataset.modalities().len(),
            job: protocol.also_timing(batches.into_iter()).job(subjects),
            scores,
            refused: refused.map(|refused| (refused.method.clone(), refused.reason.clone())).collect(),
            control: Some(control(&methods)),
        });
    }
    if found.is_empty() {
        return Err(Failure::usage(format!("{} has no finished trial of these methods on these datasets", folder.root().display())));
    }
    Ok((found, notes))
}

fn asked(arguments: &Arguments, label: &str) -> bool {
    arguments.method.is_empty() || arguments.method.iter().any(|asked| asked == label)
}

fn refuse_unknown(kept: &[&Finished], arguments: &Arguments) -> anyhow::Result<()> {
    let labels: BTreeSet<&str> = kept.iter().map(|finished| finished.trial.label.as_str()).collect();
    let datasets: BTreeSet<&str> = kept.iter().map(|finished| finished.trial.spec.dataset.as_str()).collect();
    for (kind, asked, known) in [("trained method", &arguments.method, labels), ("dataset with trained trials", &arguments.dataset, datasets)] {
        if let Some(unknown) = asked.iter().find(|name| !known.contains(name.as_str())) {
            return Err(names::unknown(kind, unknown, known));
        }
    }
    Ok(())
}

/// Cost is ranked by score, and of equal methods the one with more draws of hyper-parameters scores better.
fn refuse_budgets(dataset: &str, methods: &[Method<'_>]) -> anyhow::Result<()> {
    let mut labels: BTreeMap<Budget, BTreeSet<&str>> = BTreeMap::new();
    for method in methods {
        for budget in method.trials.iter().filter_map(|finished| finished.budget()) {
            labels.entry(budget).or_default().insert(method.label);
        }
    }
    if labels.len() < 2 {
        return Ok(());
    }
    let list = |labels: &BTreeSet<&str>| labels.iter().copied().collect::<Vec<_>>().join(", ");
    let of_each: Vec<String> = labels.iter().map(|(budget, labels)| format!("{budget} ({})", list(labels))).collect();
    Err(Failure::usage(format!(
        "the trained trials on {dataset} have several tuning budgets: {}; cost beside a score is shown of one budget only: keep them in run folders of their own, or name methods of one with --method",
        of_each.join("; ")
    )))
}

/// Each name once, in the order of `first`, then sorted.
fn order<'a>(names: impl Iterator<Item = &'a str>, first: &[String]) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect::<BTreeSet<_>>().into_iter().collect();
    names.sort_by_key(|name| first.iter().position(|known| known == name).unwrap_or(usize::MAX));
    names
}

/// In the order asked for, else the reference first and the others by name.
fn methods<'a>(on: &[&'a Finished], seeds: &[u64], arguments: &Arguments, reference: Option<&str>) -> Vec<Method<'a>> {
    let mut by_label: BTreeMap<&str, Vec<&Finished>> = BTreeMap::new();
    for &finished in on {
        by_label.entry(&finished.trial.label).or_default().push(finished);
    }
    let mut methods: Vec<Method<'_>> =
        by_label.into_iter().filter(|(label, _)| asked(arguments, label)).map(|(label, trials)| Method { label, trials }).collect();
    for method in &mut methods {
        method.trials.sort_by_key(|finished| {
            let seed = finished.trial.spec.seed;
            (seeds.iter().position(|known| *known == seed).unwrap_or(usize::MAX), seed)
        });
    }
    if arguments.method.is_empty() {
        let reference = reference.unwrap_or("concat");
        methods.sort_by_key(|method| method.label != reference);
    } else {
        methods.sort_by_key(|method| arguments.method.iter().position(|asked| asked == method.label));
    }
    methods
}

/// The clean score of the test split, mean over seeds, as reports compute it, and how long training was.
fn score(opened: &Opened, method: &Method<'_>, dataset: &Dataset) -> anyhow::Result<Score> {
    let metric = info(dataset).task.primary();
    let mut values = Vec::new();
    for finished in &method.trials {
        let evidence = opened.results.measure(&opened.folder, finished, Some(&opened.run))?;
        let clean = evidence.records.iter().find(|record| record.condition == "clean" && record.metric == metric.name());
        values.extend(clean.and_then(|record| record.value));
    }
    if values.is_empty() {
        return Err(Failure::usage(format!("{} has no clean scores on {}; `bench run` again evaluates them", method.label, dataset.reference())));
    }
    let samples = dataset.indices(Split::Train).len();
    let trainings: Vec<Training> = method.trials.iter().map(|finished| costs::training(&finished.trial, samples)).collect();
    let epochs = trainings.iter().map(|training| training.epochs).sum::<f64>() / trainings.len() as f64;
    let training = Training { epochs, ..*trainings.first().context("a method without trials")? };
    Ok(Score {
        metric: metric.title().into(),
        is_accuracy: metric.in_percent(),
        mean: values.iter().sum::<f64>() / values.len() as f64,
        seeds: values.len(),
        training: (epochs > 0.0).then_some(training),
    })
}

/// The unimodal control with the best mean validation score, else the first method.
fn control(methods: &[Method<'_>]) -> usize {
    let mean = |method: &Method<'_>| {
        let values: Vec<f64> = method.trials.iter().filter_map(|finished| finished.trial.outcome.selected_value).collect();
        let lower_is_better = method.trials.iter().any(|finished| finished.trial.outcome.selected_by == "mean_absolute_error");
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        if lower_is_better { -mean } else { mean }
    };
    let unimodal = methods.iter().enumerate().filter(|(_, method)| is_control(method.label) && method.label.starts_with("unimodal"));
    unimodal.max_by(|left, right| mean(left.1).total_cmp(&mean(right.1))).map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::finished;

    #[test]
    fn datasets_come_in_the_runs_order() {
        let asked = ["openmoji".to_string(), "digits".into()];
        assert_eq!(order(["digits", "mfeat", "openmoji", "digits"].into_iter(), &asked), ["openmoji", "digits", "mfeat"]);
    }

    #[test]
    fn the_control_is_the_unimodal_one_that_validation_likes_best() {
        let mut trials = [finished("a", "concat", 1), finished("b", "unimodal/image", 1), finished("c", "unimodal/text", 1)];
        trials[0].trial.outcome.selected_value = Some(0.9);
        trials[2].trial.outcome.selected_value = Some(0.6);
        let of =
            |from: usize| trials[from..].iter().map(|finished| Method { label: &finished.trial.label, trials: vec![finished] }).collect::<Vec<_>>();
        assert_eq!((control(&of(0)), control(&of(1)), control(&of(0)[..1])), (2, 1, 0));
    }
}
