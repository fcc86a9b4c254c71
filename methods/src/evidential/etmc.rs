//! Trusted Multi-view Classification with Dynamic Evidential Fusion (Han et al., TPAMI 2022).

use bench_card::{Card, Optimiser, Recipe, Schedule, equations};

use super::{head, tmc};
use crate::{BuildContext, Method, MethodError};

/// The card of `etmc`.
pub fn card() -> Card {
    let plain = tmc::card();
    Card {
        id: "etmc".into(),
        name: "ETMC".into(),
        summary: "TMC with one more view: evidence from all encodings together".into(),
        paper: "Z. Han, C. Zhang, H. Fu, J. T. Zhou: Trusted Multi-View Classification with Dynamic Evidential Fusion (TPAMI 2022)".into(),
        year: Some(2022),
        equations: plain
            .equations
            .iter()
            .cloned()
            .chain(equations([("pseudo-view", "e_p = softplus(W_p [h_1; …; h_M] + b_p), combined last")]))
            .collect(),
        contradictions: vec![
            "λ rises over 10 epochs as released; here over all epochs, as in `tmc`. Epochs count from 0, as released, so λ is 0 in the first.".into(),
            "The pseudo-view is never without evidence: where a modality is missing it sees zeros in its place (`missing`).".into(),
        ],
        paper_recipe: Some(Recipe {
            optimisers: vec![("*".into(), Optimiser::adam(1e-4, 1e-5).with_schedule(Schedule::Plateau { factor: 0.3, patience: 10 }))],
            batch: 32,
            source: "the released code, without its accumulation of three batches".into(),
        }),
        ..plain
    }
}

/// Builds `etmc`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    head::build(context, head::Variant { method: "etmc", pseudo: true, first_epoch: 0 })
}
