/*!
What a run consists of: every dataset × method × seed is a trial or a refusal with its reason; nothing is dropped silently.
*/

mod label;
mod progress;
mod setting;
mod shard;
mod transfer;
mod wanted;

use std::{collections::BTreeMap, fmt, path::PathBuf};

use bench_card::{Card, MethodRef, OptionError, Recipe, TaskKind};
use bench_corruptions::{Condition, Planned, Suite};
use bench_datasets::{Dataset, Task};
use bench_store::{
    RunFolder, TrialSpec,
    protocol::{Description, Job},
    trial::PROTOCOL_REVISION,
};
use serde::{Deserialize, Serialize};

pub use progress::{State, state};
pub use setting::{Try, Tunable};
pub use wanted::{Answer, Start, Wanted};

use self::transfer::Transfer;
use crate::{
    exit::Failure,
    folder::Folder,
    names,
    settings::{Preset, Settings},
    tuning::{self, Presets, Tuned},
};

/// Rows of an evaluation batch: fixed, because logits depend on it in their last bits.
pub const EVALUATION_BATCH: usize = 256;

/// Behind the label of a method trained as its paper says, where the card has another recipe too.
pub const PAPERS_TRAINING: &str = " (paper's training)";

/// The plan of one command.
pub struct Plan {
    /// In the order asked for.
    pub datasets: Vec<PlannedDataset>,
    /// By dataset, method and seed, in the order asked for; each key once.
    pub trials: Vec<PlannedTrial>,
    /// Dataset × method pairs that the method cannot learn.
    pub refused: Vec<Refused>,
    /// The tuned presets that are used, each once.
    pub tuned: Vec<tuning::Preset>,
    /// What a user should know of them.
    pub warnings: Vec<String>,
    /// What trials are that start from others which are not trained yet, as [`PlannedTrial`] prints, and the keys of these others.
    pub waiting: BTreeMap<String, String>,
    /// Positions in `trials`.
    keys: BTreeMap<String, usize>,
}

/// A dataset with what its test split suffers.
pub struct PlannedDataset {
    /// The dataset.
    pub dataset: Dataset,
    /// All that some trial is evaluated on, clean first.
    pub conditions: Vec<Planned>,
}

/// A trial to be.
#[derive(Debug, Clone)]
pub struct PlannedTrial {
    /// What decides its bits.
    pub spec: TrialSpec,
    /// The folder's name.
    pub key: String,
    /// As in tables.
    pub label: String,
    /// Position in [`Plan::datasets`].
    pub dataset: usize,
    /// What its test split suffers, each once.
    pub conditions: Vec<Condition>,
    /// The weights that training starts from.
    pub init: Option<PathBuf>,
    /// The key of the trial of this same plan that has these weights.
    pub follows: Option<String>,
}

impl fmt::Display for PlannedTrial {
    /// `raml on digits?train=300, seed 42`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&called(&self.label, &self.spec))
    }
}

/// What a trial is, for people.
fn called(label: &str, spec: &TrialSpec) -> String {
    format!("{label} on {}, seed {}", spec.dataset, spec.seed)
}

/// A pair that is shown as not available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// As in records.
    pub dataset: String,
    /// As in records.
    pub method: String,
    /// Why, in words.
    pub reason: String,
}

impl Plan {
    /// The plan of `settings` on these datasets; `device` is `cpu` or `cuda`.
    ///
    /// # Errors
    /// An unknown method, variant or option, or a suite that does not fit a dataset.
    pub fn of(settings: &Settings, datasets: Vec<Dataset>, worker: &Description, device: &str) -> anyhow::Result<Self> {
        let cards = settings.methods.iter().map(|method| card(worker, method)).collect::<anyhow::Result<Vec<_>>>()?;
        let transfer = settings.init_from.as_deref().map(|path| Transfer::open(path, settings.freeze.is_some())).transpose()?;
        let start = transfer.as_ref().map_or(Origin::Fresh, Origin::Folder);
        let mut plan = Self::empty();
        let presets = presets(settings, settings.preset)?;
        let common = Common { settings, worker, device, presets: &presets };
        for dataset in datasets {
            let planned = settings.suite.conditions(dataset.raw_modalities())?;
            let conditions: Vec<Condition> = planned.iter().map(|planned| planned.condition.clone()).collect();
            let at = plan.datasets.len();
            for (method, card) in settings.methods.iter().zip(&cards) {
                for own in expand(method, card, &dataset)? {
                    let tuned = common.tuned(card, &own, settings.preset, &dataset)?;
                    // A refusal is noted in the plan.
                    let _ = plan.add(&common, &Entry { card, own, preset: settings.preset, tuned, start, conditions: &conditions }, &dataset, at)?;
                }
            }
            plan.datasets.push(PlannedDataset { dataset, conditions: planned });
        }
        Ok(plan)
    }

    fn empty() -> Self {
        Self {
            datasets: Vec::new(),
            trials: Vec::new(),
            refused: Vec::new(),
            tuned: Vec::new(),
            warnings: Vec::new(),
            waiting: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }

    /// Plans an entry for every seed: the keys, or why there are none.
    fn add(&mut self, common: &Common<'_>, entry: &Entry<'_>, dataset: &Dataset, at: usize) -> anyhow::Result<Answer> {
        let Entry { card, own, start, .. } = entry;
        if let Some(reason) = &own.refused {
            let refused = Refused { dataset: dataset.reference().to_string(), method: own.label.clone(), reason: reason.clone() };
            if !self.refused.contains(&refused) {
                self.refused.push(refused);
            }
            return Ok(Err(reason.clone()));
        }
        if let Some(tuned) = entry.tuned.as_ref().filter(|tuned| !self.tuned.contains(&tuned.source)) {
            self.tuned.push(tuned.source.clone());
            self.warnings.extend(tuned.warning.clone());
        }
        let mut keys = Vec::new();
        let mut absent = None;
        for &seed in &common.settings.seeds {
            let (mut spec, mut label) = common.spec(card, own, (entry.preset, entry.tuned.as_ref()), dataset, seed);
            let (mut init, mut follows) = (None, None);
            let found = match start {
                _ if !card.capabilities.trained => None,
                Origin::Fresh => None,
                Origin::Folder(transfer) => Some(transfer.start(&spec, &label)?),
                Origin::Trial { folder, dataset, own, freeze } => {
                    let (source, _) = common.spec(card, own, (entry.preset, entry.tuned.as_ref()), dataset, seed);
                    match transfer::from_trial(folder, &source.key(), *freeze)? {
                        Some(found) => {
                            follows = Some(source.key());
                            Some(found)
                        }
                        None => {
                            absent = Some(format!("{label} with seed {seed} on {} is not trained", source.dataset));
                            let name = called(&format!("{label}{}", transfer::from(&source.dataset, *freeze)), &spec);
                            self.waiting.insert(name, source.key());
                            continue;
                        }
                    }
                }
            };
            if let Some((start, weights)) = found {
                label.push_str(&transfer::suffix(&start));
                (spec.init, init) = (Some(start), Some(weights));
            }
            let key = spec.key();
            keys.push((seed, key.clone()));
            // `raml?lambda1=1` is `raml` where 1 is the default: one trial, whatever it is called.
            match self.keys.get(&key).and_then(|&known| self.trials.get_mut(known)) {
                Some(known) => {
                    let new: Vec<Condition> = entry.conditions.iter().filter(|condition| !known.conditions.contains(condition)).cloned().collect();
                    known.conditions.extend(new);
                }
                None => {
                    self.keys.insert(key.clone(), self.trials.len());
                    self.trials.push(PlannedTrial { spec, key, label, dataset: at, conditions: entry.conditions.to_vec(), init, follows });
                }
            }
        }
        Ok(if keys.is_empty() { Err(absent.unwrap_or_else(|| "no seed".into())) } else { Ok(keys) })
    }

    /// The job that would train a trial and evaluate `conditions`.
    pub fn job(&self, trial: &PlannedTrial, conditions: Vec<String>, settings: &Settings, device: &str, folder: &Folder) -> Job {
        Job {
            spec: trial.spec.clone(),
            label: trial.label.clone(),
            folder: folder.trial(&trial.key).root().to_path_buf(),
            data: crate::search::folders(&settings.data),
            conditions,
            device: device.into(),
            init: trial.init.clone(),
            train: true,
            trusted: self.datasets.get(trial.dataset).map(|planned| settings.trusted_of(&planned.dataset)).unwrap_or_default(),
            cache: Some(crate::extract::corrupted(folder, settings.cache.as_deref())),
        }
    }
}

/// What decides all trials of a plan alike.
#[derive(Clone, Copy)]
struct Common<'a> {
    settings: &'a Settings,
    worker: &'a Description,
    device: &'a str,
    /// Empty where nothing tuned is asked for.
    presets: &'a Presets,
}

impl Common<'_> {
    /// The tuned preset of a method, where it is asked for. A method that is not trained has none to have, and a variant that is about another training keeps it.
    fn tuned(&self, card: &Card, own: &Own, preset: Preset, dataset: &Dataset) -> anyhow::Result<Option<Tuned>> {
        if preset != Preset::Tuned || !card.capabilities.trained || own.refused.is_some() || own.recipe != card.recipe {
            return Ok(None);
        }
        Tuned::of(self.presets, card, &own.reference, own.modality.as_deref(), dataset, &self.settings.seeds).map(Some)
    }

    /// What decides a trial's bits where it starts from nothing, and what it is called.
    fn spec(&self, card: &Card, own: &Own, preset: (Preset, Option<&Tuned>), dataset: &Dataset, seed: u64) -> (TrialSpec, String) {
        let (preset, tuned) = preset;
        let (preset, recipe, remark) = match (preset, &card.paper_recipe) {
            _ if tuned.is_some() => ("", &card.recipe, ""),
            // A variant that is about another training keeps it.
            _ if own.recipe != card.recipe => ("harness", &own.recipe, ""),
            (Preset::Harness | Preset::Tuned, Some(_)) => ("harness", &card.recipe, ""),
            (Preset::Paper, Some(recipe)) => ("paper", recipe, PAPERS_TRAINING),
            (_, None) => ("paper", &card.recipe, ""),
        };
        let spec = TrialSpec {
            protocol: PROTOCOL_REVISION,
            dataset: dataset.reference().to_string(),
            dataset_hash: dataset.hash().into(),
            split: "fixed".into(),
            method: card.id.clone(),
            modality: own.modality.clone(),
            revision: card.revision,
            options: tuned.map_or(&own.options, |tuned| &tuned.options).clone(),
            preset: tuned.map_or(preset, |tuned| tuned.preset.as_str()).into(),
            recipe: tuned.map_or(recipe, |tuned| &tuned.recipe).clone(),
            epochs: self.settings.epochs,
            patience: self.settings.patience,
            seed,
            device: self.device.into(),
            libtorch: self.worker.libtorch.clone(),
            evaluation_batch: EVALUATION_BATCH,
            init: None,
        };
        (spec, format!("{}{remark}", own.label))
    }
}

/// A method on one dataset with what is asked of it.
struct Entry<'a> {
    card: &'a Card,
    own: Own,
    preset: Preset,
    tuned: Option<Tuned>,
    start: Origin<'a>,
    conditions: &'a [Condition],
}

/// The weights that training starts from.
#[derive(Clone, Copy)]
enum Origin<'a> {
    /// Initial ones.
    Fresh,
    /// Those of the trials of a folder that fit.
    Folder(&'a Transfer),
    /// Those of the same method's trial on another dataset, trained as this one will be.
    Trial { folder: &'a RunFolder, dataset: &'a Dataset, own: &'a Own, freeze: bool },
}

/// A method on one dataset.
struct Own {
    /// As asked for, which a tuned preset is laid under.
    reference: MethodRef,
    label: String,
    modality: Option<String>,
    options: bench_card::Options,
    recipe: Recipe,
    refused: Option<String>,
}

/// One entry, or one a modality for a method that is one model a modality.
fn expand(method: &MethodRef, card: &Card, dataset: &Dataset) -> anyhow::Result<Vec<Own>> {
    let options = card.overrides(&card.resolve(method).map_err(|error| unknown_part(&error))?);
    let kinds = || dataset.modalities().iter().find_map(|modality| card.refuses_kind(modality.kind.name()));
    let refused = card.refuses(task_kind(dataset.task()), dataset.modalities().len()).or_else(kinds);
    let recipe = card.recipe_of(method);
    let own = |label: String, modality: Option<String>, refused: Option<String>| Own {
        reference: method.clone(),
        label,
        modality,
        options: options.clone(),
        recipe: recipe.clone(),
        refused,
    };
    if !card.capabilities.per_modality {
        return Ok(vec![own(label::of(method, card, &options), None, refused)]);
    }
    let labelled = |modality: &str| label::of(&MethodRef { variant: Some(modality.into()), ..method.clone() }, card, &options);
    if let Some(modality) = &method.variant {
        let absent = dataset.modality(modality).is_none().then(|| format!("the dataset has no modality {modality}"));
        return Ok(vec![own(labelled(modality), Some(modality.clone()), refused.or(absent))]);
    }
    let modalities = dataset.modalities().iter();
    Ok(modalities.map(|modality| own(labelled(&modality.name), Some(modality.name.clone()), refused.clone())).collect())
}

/// The tuned presets, where they are asked for.
fn presets(settings: &Settings, preset: Preset) -> anyhow::Result<Presets> {
    match (preset, &settings.presets) {
        (Preset::Tuned, Some(folder)) => Presets::of_folder(folder),
        (Preset::Tuned, None) => Presets::built_in(),
        _ => Ok(Presets::default()),
    }
}

fn card<'a>(worker: &'a Description, method: &MethodRef) -> anyhow::Result<&'a Card> {
    let found = worker.methods.iter().find(|card| card.id == method.method);
    found.ok_or_else(|| names::unknown_method(&method.method, worker.methods.iter().map(|card| card.id.as_str())))
}

/// The same error with the name that may have been meant.
fn unknown_part(error: &OptionError) -> anyhow::Error {
    let (method, part, name, known) = match error {
        OptionError::UnknownVariant { method, variant, known } => (method, "variant", variant, known),
        OptionError::UnknownOption { method, option, known } => (method, "option", option, known),
        OptionError::BadValue { .. } => return Failure::usage(error.to_string()),
    };
    Failure::usage(format!("method `{method}` has no {part} `{name}`; {}", names::hint(name, known.iter().map(String::as_str))))
}

/// The kind of a dataset's task.
pub fn task_kind(task: &Task) -> TaskKind {
    match task {
        Task::Classification { .. } => TaskKind::Classification,
        Task::Regression { .. } => TaskKind::Regression,
    }
}

/// Canonical conditions from expressions, each once, in the order given.
///
/// # Errors
/// What is wrong with an expression, with a caret under it.
pub fn parse_conditions(expressions: &[String], suite: Option<&Suite>, dataset: &Dataset) -> anyhow::Result<Vec<Condition>> {
    let mut conditions = match suite {
        Some(suite) => suite.conditions(dataset.raw_modalities())?.into_iter().map(|planned| planned.condition).collect(),
        None => Vec::new(),
    };
    for expression in expressions {
        let condition = Condition::parse(expression, dataset.raw_modalities())
            .map_err(|error| Failure::usage(format!("dataset {}: {}", dataset.reference(), error.render())))?;
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    Ok(conditions)
}

#[cfg(test)]
mod tests;
