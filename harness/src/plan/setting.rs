//! Methods that settings are tried on, and the trials that try them.

use bench_card::{Card, LEARNING_RATE, MethodRef, Setting, WEIGHT_DECAY};
use bench_datasets::Dataset;
use bench_store::{TrialSpec, protocol::Description};

use super::{Common, Own, Plan, PlannedDataset, PlannedTrial, Refused, card, expand};
use crate::{
    exit::Failure,
    settings::{Preset, Settings},
    tuning::{Presets, Subject},
};

/// The preset of a trial that tries a setting: it is no result of any table.
const TRIED: &str = "tried";

/// A method on a dataset, or one modality's model of it.
pub struct Tunable {
    /// Its card.
    pub card: Card,
    /// As in tables.
    pub label: String,
    /// What it is.
    pub subject: Subject,
    own: Own,
}

impl Tunable {
    /// Every method of `settings` on these datasets that is trained, and the pairs that a method refuses.
    ///
    /// # Errors
    /// An unknown method, variant or option.
    pub fn all(settings: &Settings, datasets: &[Dataset], worker: &Description) -> anyhow::Result<(Vec<Self>, Vec<Refused>)> {
        let (mut all, mut refused) = (Vec::new(), Vec::new());
        for dataset in datasets {
            for method in &settings.methods {
                let card = card(worker, method)?;
                for own in expand(method, card, dataset)?.into_iter().filter(|_| card.capabilities.trained) {
                    let name = dataset.reference().to_string();
                    match &own.refused {
                        Some(reason) => refused.push(Refused { dataset: name, method: own.label, reason: reason.clone() }),
                        None => all.push(Self {
                            card: card.clone(),
                            label: own.label.clone(),
                            subject: Subject { dataset: name, method: card.id.clone(), modality: own.modality.clone() },
                            own,
                        }),
                    }
                }
            }
        }
        Ok((all, refused))
    }

    /// The method as it was asked for.
    pub fn reference(&self) -> &MethodRef {
        &self.own.reference
    }

    /// Whether a name is one of its options or of the factors on its training, and a value one that it takes.
    ///
    /// # Errors
    /// An unknown name, with those there are.
    pub fn knows(&self, name: &str) -> anyhow::Result<()> {
        let known = || self.card.options.iter().map(|option| option.name.as_str()).chain([LEARNING_RATE, WEIGHT_DECAY]);
        if known().any(|known| known == name) {
            return Ok(());
        }
        Err(Failure::usage(format!("method `{}` has no option `{name}`; {}", self.card.id, crate::names::hint(name, known()))))
    }
}

/// A setting to try: of which method, called what, with which seed.
pub struct Try<'a> {
    /// The method.
    pub of: &'a Tunable,
    /// What it changes.
    pub setting: &'a Setting,
    /// What it is called in progress lines: `setting 3`.
    pub name: String,
    /// The seed.
    pub seed: u64,
}

impl Plan {
    /// A plan of trainings that try settings, and the key of each try; nothing is evaluated.
    ///
    /// # Errors
    /// A setting that the method does not take.
    pub fn of_tries(
        tries: &[Try<'_>],
        settings: &Settings,
        datasets: Vec<Dataset>,
        worker: &Description,
        device: &str,
    ) -> anyhow::Result<(Self, Vec<String>)> {
        let presets = Presets::default();
        let common = Common { settings, worker, device, presets: &presets };
        let mut plan = Self::empty();
        let mut keys = Vec::new();
        for one in tries {
            let Tunable { card, own, subject, label } = one.of;
            let at = datasets.iter().position(|dataset| dataset.reference().to_string() == subject.dataset);
            let Some((at, dataset)) = at.and_then(|at| Some((at, datasets.get(at)?))) else {
                return Err(Failure::internal(format!("dataset {} was not opened", subject.dataset)));
            };
            let wrong = |error: bench_card::OptionError| Failure::usage(error.to_string());
            one.setting.check(card).map_err(wrong)?;
            // What is tried wins over what the method was asked for with.
            let mut reference = own.reference.clone();
            reference.options.extend(one.setting.options.clone());
            let options = card.overrides(&card.resolve(&reference).map_err(wrong)?);
            let (spec, _) = common.spec(card, own, (Preset::Harness, None), dataset, one.seed);
            let recipe = if own.recipe == card.recipe {
                one.setting.recipe(card)
            } else {
                own.recipe.scaled(one.setting.learning_rate, one.setting.weight_decay)
            };
            let spec = TrialSpec { options, recipe, preset: TRIED.into(), ..spec };
            let key = spec.key();
            keys.push(key.clone());
            self::place(
                &mut plan,
                PlannedTrial { spec, key, label: format!("{label} {}", one.name), dataset: at, conditions: Vec::new(), init: None, follows: None },
            );
        }
        plan.datasets = datasets.into_iter().map(|dataset| PlannedDataset { dataset, conditions: Vec::new() }).collect();
        Ok((plan, keys))
    }
}

/// Takes a trial in, once: two settings may be the same by chance.
fn place(plan: &mut Plan, trial: PlannedTrial) {
    if !plan.keys.contains_key(&trial.key) {
        plan.keys.insert(trial.key.clone(), plan.trials.len());
        plan.trials.push(trial);
    }
}
