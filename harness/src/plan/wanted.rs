//! A plan of single wishes: which method on which dataset under which conditions, as tables have them.

use std::collections::BTreeMap;

use bench_card::MethodRef;
use bench_corruptions::{Condition, Planned};
use bench_datasets::{Dataset, DatasetRef};
use bench_store::{RunFolder, protocol::Description};

use super::{Common, Entry, Origin, Plan, PlannedDataset, card, expand, presets};
use crate::settings::{Preset, Settings};

/// A method on a dataset, for all seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Where it is trained.
    pub dataset: DatasetRef,
    /// With its variant and options.
    pub method: MethodRef,
    /// Which training settings of its card.
    pub preset: Preset,
    /// What training starts from; `None` for initial weights.
    pub start: Option<Start>,
    /// What the test split suffers.
    pub conditions: Vec<Condition>,
}

/// A start from the same method's trial on another dataset, of the same preset, seed, epochs, patience and device.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Where the other was trained.
    pub dataset: DatasetRef,
    /// Whether the encoders stay as they are.
    pub freeze: bool,
}

/// The trials of a wish, seed and key, in the order of the seeds; or why there are none. A method that is one model a modality has several of a seed; a seed
/// whose start is not trained has none.
pub type Answer = Result<Vec<(u64, String)>, String>;

impl Plan {
    /// The plan of what is wanted, each trial once with all conditions that somebody wants of it, and what came of each wish. Of `settings` only
    /// seeds, epochs and patience count; `datasets` are all that wishes name; starts are looked for in `folder`.
    ///
    /// # Errors
    /// An unknown method, variant or option, a damaged trial, or a dataset that is not among `datasets`.
    pub fn of_wanted(
        wanted: &[Wanted],
        settings: &Settings,
        datasets: Vec<Dataset>,
        folder: &RunFolder,
        worker: &Description,
        device: &str,
    ) -> anyhow::Result<(Self, Vec<Answer>)> {
        let mut plan = Self::empty();
        let tuned = if wanted.iter().any(|one| one.preset == Preset::Tuned) { Preset::Tuned } else { Preset::Harness };
        let presets = presets(settings, tuned)?;
        let common = Common { settings, worker, device, presets: &presets };
        let find = |reference: &DatasetRef| {
            let at = datasets.iter().position(|dataset| dataset.reference() == reference);
            at.ok_or_else(|| anyhow::anyhow!("dataset {reference} was not opened"))
        };
        let mut answers = Vec::new();
        for one in wanted {
            let at = find(&one.dataset)?;
            let card = card(worker, &one.method)?;
            let mut conditions = one.conditions.clone();
            conditions.sort();
            conditions.dedup();
            let sources = match &one.start {
                None => Vec::new(),
                Some(start) => expand(&one.method, card, &datasets[find(&start.dataset)?])?,
            };
            let mut answer: Answer = Err("it stands for no model".into());
            for own in expand(&one.method, card, &datasets[at])? {
                let source = sources.iter().find(|source| source.modality == own.modality);
                let start = match (&one.start, source) {
                    (None, _) => Origin::Fresh,
                    (Some(start), Some(own)) => Origin::Trial { folder, dataset: &datasets[find(&start.dataset)?], own, freeze: start.freeze },
                    (Some(start), None) => {
                        answer = answer.map_err(|_| format!("{} has no model to start from", start.dataset));
                        continue;
                    }
                };
                let found = match common.tuned(card, &own, one.preset, &datasets[at]) {
                    Ok(tuned) => {
                        plan.add(&common, &Entry { card, own, preset: one.preset, tuned, start, conditions: &conditions }, &datasets[at], at)?
                    }
                    // A table shows the reason in the cell.
                    Err(reason) => Err(reason.to_string()),
                };
                answer = match (answer, found) {
                    (Ok(mut keys), Ok(more)) => {
                        keys.extend(more);
                        Ok(keys)
                    }
                    (Ok(keys), Err(_)) => Ok(keys),
                    (Err(_), found) => found,
                };
            }
            answers.push(answer);
        }
        for trial in &mut plan.trials {
            trial.conditions.sort();
        }
        plan.datasets = with_conditions(datasets, &plan);
        Ok((plan, answers))
    }
}

/// Datasets with all that some trial on them is evaluated on.
fn with_conditions(datasets: Vec<Dataset>, plan: &Plan) -> Vec<PlannedDataset> {
    let mut all: BTreeMap<usize, Vec<Condition>> = BTreeMap::new();
    for trial in &plan.trials {
        all.entry(trial.dataset).or_default().extend(trial.conditions.iter().cloned());
    }
    let planned = |(at, dataset): (usize, Dataset)| {
        let mut conditions = all.remove(&at).unwrap_or_default();
        conditions.sort();
        conditions.dedup();
        let conditions = conditions.into_iter().map(|condition| Planned { group: condition.group(), condition }).collect();
        PlannedDataset { dataset, conditions }
    };
    datasets.into_iter().enumerate().map(planned).collect()
}
