//! What a method answers.

use tch::{Kind, Tensor};

/// A prediction. The harness must know which it is: TMC's and the priors' answers are no logits, and FGSM, NLL and ECE depend on it.
#[derive(Debug)]
pub enum Output {
    /// `[B, C]` before the softmax.
    Logits(Tensor),
    /// `[B, C]`, rows sum to one.
    Probabilities(Tensor),
    /// `[B]`.
    Value(Tensor),
}

impl Output {
    /// The tensor itself.
    pub fn tensor(&self) -> &Tensor {
        match self {
            Self::Logits(tensor) | Self::Probabilities(tensor) | Self::Value(tensor) => tensor,
        }
    }

    /// A head's `[B, C]` (classification) or `[B, 1]` (regression) as an answer.
    pub fn from_head(scores: Tensor, regression: bool) -> Self {
        if regression { Self::Value(scores.squeeze_dim(-1)) } else { Self::Logits(scores) }
    }

    /// Natural logarithm of the class probabilities, `[B, C]`; `None` for a value.
    pub fn log_probabilities(&self) -> Option<Tensor> {
        match self {
            Self::Logits(logits) => Some(logits.log_softmax(-1, None::<Kind>)),
            // An exact zero would make an infinite loss and no gradient; the smallest normal number keeps both finite.
            Self::Probabilities(probabilities) => Some(probabilities.clamp_min(f64::from(f32::MIN_POSITIVE)).log()),
            Self::Value(_) => None,
        }
    }
}
