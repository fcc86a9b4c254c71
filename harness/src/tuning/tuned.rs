//! What a tuned preset makes of a method.

use bench_card::{Card, MethodRef, Options, Recipe};
use bench_datasets::Dataset;

use super::{Preset, Presets, Subject, name};
use crate::exit::Failure;

/// A method with its tuned preset.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// As in trials and records: `tuned(20)`.
    pub preset: String,
    /// Options that differ from the card's defaults: the preset's, then the variant's, then those set by hand.
    pub options: Options,
    /// How it is trained.
    pub recipe: Recipe,
    /// The preset as it was read.
    pub source: Preset,
    /// What a user should know: a preset of an older revision or other epochs.
    pub warning: Option<String>,
}

impl Tuned {
    /// Of `method` on a dataset, to be evaluated with `seeds`.
    ///
    /// # Errors
    /// No preset of it, one of another version of the dataset, one with options that the method does not have, or an evaluation seed that the preset was chosen
    /// with.
    pub fn of(presets: &Presets, card: &Card, method: &MethodRef, modality: Option<&str>, dataset: &Dataset, seeds: &[u64]) -> anyhow::Result<Self> {
        let reference = dataset.reference().to_string();
        let subject = Subject { dataset: reference.clone(), method: card.id.clone(), modality: modality.map(Into::into) };
        let what = modality.map_or_else(|| card.id.clone(), |modality| format!("{}/{modality}", card.id));
        let again = format!("`bench tune --method {} --dataset '{reference}'`", card.id);
        let Some(preset) = presets.get(&subject) else {
            let elsewhere: Vec<&str> = presets
                .iter()
                .filter(|preset| (&preset.method, &preset.modality) == (&subject.method, &subject.modality))
                .map(|preset| preset.dataset.as_str())
                .collect();
            let fold =
                if dataset.reference().fold.is_some() { "; a preset chosen on other splits has seen samples that this fold tests" } else { "" };
            let there = if elsewhere.is_empty() { String::new() } else { format!("; it was tuned on {}", elsewhere.join(", ")) };
            return Err(Failure::usage(format!("there is no tuned preset of {what} for {reference}; {again} makes one{there}{fold}")));
        };
        if preset.dataset_hash != dataset.hash() {
            return Err(Failure::usage(format!("{what} was tuned on another version of {reference}; {again} tunes it again")));
        }
        if let Some(seed) = seeds.iter().find(|seed| preset.seeds.contains(seed)) {
            return Err(Failure::usage(format!(
                "seed {seed} was used to tune {what} on {reference}, so its result would be no test; evaluate with other seeds"
            )));
        }
        let wrong = |error: bench_card::OptionError| Failure::usage(format!("the tuned preset of {what} for {reference}: {error}"));
        preset.setting.check(card).map_err(wrong)?;
        let options = card.overrides(&card.resolve_over(&preset.setting.options, method).map_err(wrong)?);
        let warning = (preset.revision != card.revision).then(|| {
            format!("{what} was tuned on {reference} at revision {}, and is now at {}; {again} tunes it again", preset.revision, card.revision)
        });
        Ok(Self { preset: name(preset.settings), options, recipe: preset.setting.recipe(card), source: preset.clone(), warning })
    }
}
