//! BiGated (Kiela et al., AAAI 2018) as the field's baseline: one modality gates the next.

use bench_card::{Card, equations};
use tch::Tensor;

use crate::{
    BuildContext, Method, MethodError, chain, fusion,
    nn::{Linear, Scope, TextEncoder, WIDTH},
    registry,
};

/// The card of `bi-gated`.
pub fn card() -> Card {
    let summary = "the first modality gates the second, the result the third, and so on; a missing modality is the zero input";
    Card {
        paper: "D. Kiela, E. Grave, A. Joulin, T. Mikolov: Efficient Large-Scale Multi-Modal Classification (AAAI 2018); set up as the baseline of \
                OGM-GE (CVPR 2022) and MLA (CVPR 2024)"
            .into(),
        year: Some(2018),
        equations: equations([
            ("gate", "z_2 = sigmoid(W_x h_1 + b_x) ⊙ (W_y h_2 + b_y); z_m likewise from z_(m−1) and h_m"),
            ("head", "W_o z_M + b_o"),
        ]),
        options: vec![TextEncoder::option()],
        contradictions: vec![
            "MLA says that the gated vectors feed one more fusion layer; the released code that it builds on has none, nor has this.".into(),
            chain::OPEN.into(),
        ],
        ..registry::plain_card("bi-gated", "BiGated", "simple fusion", summary)
    }
}

/// Builds `bi-gated`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    chain::build::<Gate>(context)
}

#[derive(Debug)]
struct Gate {
    gate: Linear,
    value: Linear,
}

impl chain::Link for Gate {
    fn new(scope: &Scope<'_>) -> Self {
        let layer = |name: &str| Linear::new(&scope.at(name), WIDTH, WIDTH);
        Self { gate: layer("gate"), value: layer("value") }
    }

    fn join(&self, before: &Tensor, next: &Tensor) -> Tensor {
        fusion::gated(before, next, &self.gate, &self.value)
    }
}
