//! Trusted Multi-view Classification (Han et al., ICLR 2021).

use bench_card::{Capabilities, Card, Optimiser, Recipe, TaskKind, equations};

use super::head;
use crate::{BuildContext, Method, MethodError, registry};

/// The card of `tmc`.
pub fn card() -> Card {
    let plain =
        registry::plain_card("tmc", "TMC", "uncertainty", "each modality gives evidence for the classes; Dempster and Shafer's rule combines it");
    Card {
        paper: "Z. Han, C. Zhang, H. Fu, J. T. Zhou: Trusted Multi-View Classification (ICLR 2021)".into(),
        year: Some(2021),
        equations: equations([
            ("evidence", "e_m = softplus(W_m h_m + b_m), α_m = e_m + 1, S = Σ α, b = e / S, u = C / S"),
            ("combination", "b = (b¹b² + b¹u² + b²u¹) / (1 − K), u = u¹u² / (1 − K), K = Σ_{i≠j} b¹_i b²_j: e = e¹ + e² + e¹e² / C"),
            ("loss", "Σ_k y_k (ψ(S) − ψ(α_k)) + λ_t KL(Dir((α − 1)(1 − y) + 1) ‖ Dir(1)), of each view and of the combination"),
        ]),
        options: head::options(),
        contradictions: vec![
            "λ rises over 50 of 500 epochs as released. A tenth of a few dozen epochs is some ten steps, after which the divergence holds evidence down before there is \
             any: it rises over all epochs here, chosen on validation (docs/baselines.md). Epochs count from 1, as released.".into(),
            "A missing modality that is the zero input still gives evidence softplus(b): here it gives none (`missing`).".into(),
        ],
        capabilities: Capabilities { tasks: vec![TaskKind::Classification], ..plain.capabilities },
        paper_recipe: Some(Recipe { optimisers: vec![("*".into(), Optimiser::adam(3e-4, 1e-5))], batch: 200, source: "the released code".into() }),
        space: head::space(),
        ..plain
    }
}

/// Builds `tmc`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    head::build(context, head::Variant { method: "tmc", pseudo: false, first_epoch: 1 })
}
