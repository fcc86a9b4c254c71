//! Which modality plays the special part of a text-centred method.

use bench_card::{Card, Options, Value};
use bench_datasets::{Kind, Modality};
use bench_methods::{BuildContext, registry};
use bench_store::TrialSpec;

use crate::{
    data::Loaded,
    failure::Failure,
    train::{Validation, train},
};

/// The option that names it.
const OPTION: &str = "pivot";
const AUTOMATIC: &str = "auto";
const TEXT: &str = "text";
const CONTROL: &str = "unimodal";

/// The pivot of a trial: the modality that the option names; under `auto` the one called `text`, else the first of tokens, else `None`, which is for
/// [`best_alone`] to answer.
///
/// # Errors
/// A name that is no modality of the dataset.
pub fn named(card: &Card, options: &Options, loaded: &Loaded) -> Result<Option<usize>, Failure> {
    if !card.capabilities.pivot {
        return Ok(None);
    }
    let modalities = loaded.dataset.modalities();
    let called = |name: &str| modalities.iter().position(|modality| modality.name == name);
    match options.get(OPTION) {
        Some(Value::Name(name)) if name != AUTOMATIC => called(name).map(Some).ok_or_else(|| {
            let known: Vec<&str> = modalities.iter().map(|modality| modality.name.as_str()).collect();
            Failure::usage(format!("option `{OPTION}` is `{name}`, but the dataset has the modalities {}", known.join(", ")))
        }),
        _ => Ok(called(TEXT).or_else(|| modalities.iter().position(is_text))),
    }
}

fn is_text(modality: &Modality) -> bool {
    matches!(modality.kind, Kind::Tokens { .. })
}

/// The modality whose unimodal control is best on the validation split, trained as the trial itself: same seed, epochs and patience, so it is the control that
/// the same run would show.
///
/// # Errors
/// A control that cannot be trained.
pub fn best_alone(spec: &TrialSpec, loaded: &Loaded) -> Result<usize, Failure> {
    let entry = registry::find(CONTROL).map_err(Failure::usage)?;
    let card = (entry.card)();
    let options = card.resolve(&CONTROL.parse().map_err(Failure::trial)?).map_err(Failure::usage)?;
    let mut best: Option<(usize, Validation)> = None;
    for (at, modality) in loaded.dataset.modalities().iter().enumerate() {
        let control = TrialSpec {
            method: card.id.clone(),
            modality: Some(modality.name.clone()),
            revision: card.revision,
            options: Options::new(),
            recipe: card.recipe.clone(),
            ..spec.clone()
        };
        let context = BuildContext {
            modalities: loaded.dataset.modalities(),
            task: loaded.dataset.task(),
            options: &options,
            seed: spec.seed,
            modality: Some(at),
            pivot: None,
            device: loaded.device,
        };
        let mut method = (entry.build)(&context).map_err(Failure::usage)?;
        let validation = train(method.as_mut(), loaded, &control, |_, _, _| ())?.validation;
        if best.as_ref().is_none_or(|(_, best)| validation.better_than(*best)) {
            best = Some((at, validation));
        }
    }
    best.map(|(at, _)| at).ok_or_else(|| Failure::usage("the dataset has no modality"))
}
