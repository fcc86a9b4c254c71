//! Which modalities a batch has, in the forms that the equations need.

use tch::{Kind, Tensor};

/// Availability of a batch, made once a step.
#[derive(Debug)]
pub struct Presence {
    /// δ, `[B, M]` bool.
    pub there: Tensor,
    /// δ as 1 and 0, `[B, M]`.
    pub counted: Tensor,
    /// M_i, `[B]`.
    pub count: Tensor,
}

impl Presence {
    /// Of δ `[B, M]` bool; `kind` is that of the codes.
    pub fn new(availability: &Tensor, kind: Kind) -> Self {
        let counted = availability.to_kind(kind);
        let count = counted.sum_dim_intlist(1, false, None::<Kind>);
        Self { there: availability.shallow_clone(), counted, count }
    }

    /// δ_i^s / M_i: the weights of the mean over a sample's available modalities, `[B, M]`.
    pub fn shares(&self) -> Tensor {
        &self.counted / self.count.clamp_min(1).unsqueeze(-1)
    }

    /// Codes `[B, M, d]` with exact zeros, and no gradient, where a modality is missing.
    pub fn kept(&self, codes: &Tensor) -> Tensor {
        codes.masked_fill(&self.there.logical_not().unsqueeze(-1), 0)
    }

    /// Ordered pairs of two different available modalities, `[B, M, M]` bool.
    pub fn pairs(&self) -> Tensor {
        let modalities = self.there.size()[1];
        let other = Tensor::eye(modalities, (Kind::Bool, self.there.device())).logical_not();
        self.there.unsqueeze(2).logical_and(&self.there.unsqueeze(1)).logical_and(&other)
    }
}
