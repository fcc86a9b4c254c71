//! The dynamic fusion operator Λ (Eqs. 11 and 12).

use tch::{Kind, Tensor};

use super::Presence;

/// Eq. 11 over the available modalities: scores `h(c_i^s)` `[…, B, M]` and δ `[B, M]` → weights α `[…, B, M]`, exactly zero where a modality is missing.
pub fn weights(scores: &Tensor, availability: &Tensor) -> Tensor {
    scores.masked_fill(&availability.logical_not(), f64::NEG_INFINITY).softmax(-1, None::<Kind>)
}

/// Table 4's "uniform averaging": 1/M_i for each available modality, `[B, M]`.
pub fn uniform(presence: &Presence) -> Tensor {
    presence.shares()
}

/// Eq. 12: `z_i = Σ_s α_i^s c_i^s`: weights `[…, B, M]`, codes `[…, B, M, d]` → `[…, B, d]`.
pub fn fuse(weights: &Tensor, codes: &Tensor) -> Tensor {
    weights.unsqueeze(-2).matmul(codes).squeeze_dim(-2)
}
