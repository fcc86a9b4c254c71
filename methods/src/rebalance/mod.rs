/*!
Methods that keep one modality from learning at the others' cost: concatenation fusion, and a rule about gradients or losses.

OGM and OGM-GE scale down the gradients of the encoder that does better, CGGM those of the encoder that gets better faster, PMR adds a loss for the slowest.
*/

pub mod cggm;
mod modulated;
pub mod modulation;
pub mod ogm;
pub mod ogm_ge;
pub mod pmr;

use bench_card::{Optimiser, OptionCard, Recipe, Schedule};

use crate::{BuildContext, MethodError, concat::Concatenation, nn::TextEncoder};

/// What they make of a missing modality.
const MISSING: &str = "zero input, or an encoding of zeros";

/// Options of all of them, behind their own.
fn options(own: Vec<OptionCard>) -> Vec<OptionCard> {
    let missing = OptionCard::choice(
        "missing",
        &["zero-input", "masked"],
        "zero-input: the network sees zeros (the released code); masked: a missing modality's encoding is zeros",
    );
    own.into_iter().chain([missing, TextEncoder::option()]).collect()
}

/// What the released codes of OGM-GE and PMR train with.
fn released_recipe() -> Recipe {
    let schedule = Schedule::Step { every: 70, factor: 0.1 };
    let descent = Optimiser::Sgd { lr: 1e-3, momentum: 0.9, weight_decay: 1e-4, schedule, clip_norm: None };
    Recipe { optimisers: vec![("*".into(), descent)], batch: 64, source: "the released code".into() }
}

/// The untrained model of all of them.
fn model(context: &BuildContext<'_>) -> Result<Concatenation, MethodError> {
    Concatenation::new(context, context.settings().choice("missing", &[("zero-input", false), ("masked", true)])?)
}

/// The dataset's modalities by name.
fn names(context: &BuildContext<'_>) -> Vec<String> {
    context.modalities.iter().map(|modality| modality.name.clone()).collect()
}
