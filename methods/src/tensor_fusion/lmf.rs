//! Low-rank Multimodal Fusion (Liu et al., ACL 2018).

use bench_card::{Card, Dimension, OptionCard, equations};
use tch::Tensor;

use super::{low_rank, missing};
use crate::{
    BuildContext, Method, MethodError, Output, fusion, joint,
    nn::{TextEncoder, WIDTH},
    registry,
};

/// The card of `lmf`.
pub fn card() -> Card {
    let plain = registry::plain_card(
        "lmf",
        "LMF",
        "tensor fusion",
        "the outer product's linear layer in low rank: cost grows with the modalities' number, not as its power",
    );
    Card {
        paper: "Z. Liu, Y. Shen, V. B. Lakshminarasimhan, P. P. Liang, A. Zadeh, L.-P. Morency: Efficient Low-rank Multimodal Fusion with Modality-Specific \
                Factors (ACL 2018)"
            .into(),
        year: Some(2018),
        equations: equations([("11", "Σ_r w_r ∏_m ([1; h_m] F_m)_r + b: rank R, factors F_m of d_m + 1 by R by C")]),
        options: vec![OptionCard::number("rank", 16.0, 1.0, 64.0, "R; the paper searches 1, 4, 8 and 16; with 4 and six modalities some seeds never learn (docs/baselines.md)"), missing(), TextEncoder::option()],
        contradictions: vec![
"The released code draws the factors of all ranks as one tensor, whose fans depend on classes and rank: here each rank is drawn as a layer of its own.".into(),"MMSA's code leaves the ranks' weights and the bias out of the optimiser, so they keep their first values; they are trained here, as in the paper.".into()],
        space: Dimension::of_training().into_iter().chain([Dimension::one_of("rank", &[4.0, 8.0, 16.0])]).collect(),
        missing: Some(super::MISSING.into()),
        ..plain
    }
}

/// Builds `lmf`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    let settings = context.settings();
    let rank = settings.number("rank")?.round() as i64;
    let masks = settings.choice("missing", &[("zero-input", false), ("masked", true)])?;
    let outputs = context.outputs();
    joint::build(context, |scope| {
        // Xavier's normal distribution of each rank's own layer. The released code draws a tensor [R, d + 1, C] at once, whose fans PyTorch takes from C
        // and R too: for one output nearly the same, for many classes and modalities a product too small to be learnt from.
        let deviation = (2.0 / (WIDTH + 1 + outputs) as f64).sqrt();
        let rows = WIDTH + 1;
        Ok(Head {
            factors: context
                .modalities
                .iter()
                .map(|modality| scope.at("factor").at(&modality.name).scaled_normal("weight", &[rank, rows, outputs], deviation))
                .collect(),
            weights: scope.scaled_normal("weights", &[1, rank], (2.0 / (1 + rank) as f64).sqrt()),
            bias: scope.zeros("bias", &[1, outputs]),
            masks,
            regression: context.regression(),
        })
    })
}

#[derive(Debug)]
struct Head {
    factors: Vec<Tensor>,
    weights: Tensor,
    bias: Tensor,
    masks: bool,
    regression: bool,
}

impl joint::Head for Head {
    fn answer(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        let found = if self.masks { Some(fusion::masked(encodings, availability)) } else { None };
        let features = found.as_deref().unwrap_or(encodings);
        Output::from_head(low_rank(features, &self.factors, &self.weights, &self.bias), self.regression)
    }
}
