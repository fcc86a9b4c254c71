//! FiLM (Perez et al., AAAI 2018) as the field's baseline: one modality scales and shifts the next.

use bench_card::{Card, equations};
use tch::Tensor;

use crate::{
    BuildContext, Method, MethodError, chain, fusion,
    nn::{Linear, Scope, TextEncoder, WIDTH},
    registry,
};

/// The card of `film`.
pub fn card() -> Card {
    let summary = "the first modality scales and shifts the second, the result the third, and so on; a missing modality is the zero input";
    Card {
        paper:
            "E. Perez, F. Strub, H. de Vries, V. Dumoulin, A. Courville: FiLM: Visual Reasoning with a General Conditioning Layer (AAAI 2018); set \
                up as the baseline of OGM-GE (CVPR 2022) and MLA (CVPR 2024)"
                .into(),
        year: Some(2018),
        equations: equations([
            ("film", "z_2 = γ ⊙ h_2 + β, [γ | β] = W_f h_1 + b_f (no 1 + γ); z_m likewise from z_(m−1) and h_m"),
            ("head", "W_o z_M + b_o"),
        ]),
        options: vec![TextEncoder::option()],
        contradictions: vec![chain::OPEN.into()],
        ..registry::plain_card("film", "FiLM", "simple fusion", summary)
    }
}

/// Builds `film`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    chain::build::<Film>(context)
}

/// `W_f`, `b_f`.
#[derive(Debug)]
struct Film(Linear);

impl chain::Link for Film {
    fn new(scope: &Scope<'_>) -> Self {
        Self(Linear::new(scope, WIDTH, 2 * WIDTH))
    }

    fn join(&self, before: &Tensor, next: &Tensor) -> Tensor {
        fusion::film(before, next, &self.0)
    }
}
