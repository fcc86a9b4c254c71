//! Tensor Fusion Network (Zadeh et al., EMNLP 2017).

use bench_card::{Capabilities, Card, OptionCard, equations};
use bench_datasets::Task;
use tch::Tensor;

use super::{missing, outer};
use crate::{
    BuildContext, Method, MethodError, Output, fusion, joint,
    nn::{Linear, TextEncoder, WIDTH},
    registry,
};

/// The card of `tfn`.
pub fn card() -> Card {
    let plain = registry::plain_card(
        "tfn",
        "TFN",
        "tensor fusion",
        "three linear layers on the outer product of all modalities, each with a constant 1 before it",
    );
    Card {
        paper: "A. Zadeh, M. Chen, S. Poria, E. Cambria, L.-P. Morency: Tensor Fusion Network for Multimodal Sentiment Analysis (EMNLP 2017)".into(),
        year: Some(2017),
        equations: equations([
            ("4", "z = [1; z_1] ⊗ … ⊗ [1; z_M], z_m = relu(W_m h_m + b_m) of `width` numbers"),
            ("head", "W_3 relu(W_2 relu(W_1 z + b_1) + b_2) + b_3; a value is squashed by a sigmoid into the target's range"),
        ]),
        options: vec![
            OptionCard::number("width", 32.0, 1.0, 64.0, "numbers of a modality in the product, which has (width + 1)^M entries"),
            OptionCard::number("hidden", 128.0, 1.0, 512.0, "width of the two hidden layers behind the product"),
            missing(),
            TextEncoder::option(),
        ],
        contradictions: vec![
            "The paper's subnets are replaced by the encoders that all methods here share, with a linear layer to `width`; MMSA's widths are 128, 32 and 16 or 32 by data set."
                .into(),
            "Three modalities at most: the paper defines no more, and the product grows as (width + 1)^M.".into(),
        ],
        capabilities: Capabilities { max_modalities: Some(3), ..plain.capabilities },
        missing: Some(super::MISSING.into()),
        ..plain
    }
}

/// Builds `tfn`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    let settings = context.settings();
    let (width, hidden) = (settings.number("width")?.round() as i64, settings.number("hidden")?.round() as i64);
    let masks = settings.choice("missing", &[("zero-input", false), ("masked", true)])?;
    let entries = (width + 1).pow(context.arity() as u32);
    joint::build(context, |scope| {
        Ok(Head {
            subnets: context.modalities.iter().map(|modality| Linear::new(&scope.at("subnet").at(&modality.name), WIDTH, width)).collect(),
            layers: [
                Linear::new(&scope.at("first"), entries, hidden),
                Linear::new(&scope.at("second"), hidden, hidden),
                Linear::new(&scope.at("out"), hidden, context.outputs()),
            ],
            range: match context.task {
                Task::Regression { low, high, .. } => Some((f64::from(*low), f64::from(*high))),
                Task::Classification { .. } => None,
            },
            masks,
        })
    })
}

#[derive(Debug)]
struct Head {
    subnets: Vec<Linear>,
    layers: [Linear; 3],
    /// Of a value.
    range: Option<(f64, f64)>,
    masks: bool,
}

impl joint::Head for Head {
    fn answer(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        let features: Vec<Tensor> = self.subnets.iter().zip(encodings).map(|(subnet, encoding)| subnet.forward_relu(encoding)).collect();
        let features = if self.masks { fusion::masked(&features, availability) } else { features };
        let scores = head(&outer(&features), &self.layers);
        match self.range {
            Some(range) => Output::Value(squashed(&scores, range).squeeze_dim(-1)),
            None => Output::Logits(scores),
        }
    }
}

/// The three layers behind the product, `[B, entries]` → `[B, C]`.
pub fn head(product: &Tensor, [first, second, out]: &[Linear; 3]) -> Tensor {
    out.forward(&second.forward_relu(&first.forward_relu(product)))
}

/// A value inside the target's range: `low + (high − low) sigmoid(score)`.
pub fn squashed(scores: &Tensor, (low, high): (f64, f64)) -> Tensor {
    scores.sigmoid() * (high - low) + low
}
