/*!
The field's simple fusion rules as functions of features or logits, apart from any encoder.

Features are `[B, d]`, weights libtorch's `[out, in]`. Named as in the OGM-GE code base, which the field takes its four heads from.
*/

use bench_card::OptionCard;
use tch::{Kind, Tensor};

use crate::nn::Linear;

/// Concatenation: `W [h_1; …; h_M] + b`, `[B, C]`.
pub fn concat(features: &[Tensor], weight: &Tensor, bias: &Tensor) -> Tensor {
    bench_native::linear(&Tensor::cat(features, -1), weight, bias, false)
}

/// The part of a concatenation head that one modality plays: `W[:, block m] h_m + b / M`. The M parts add up to the joint logits.
pub fn concat_share(features: &[Tensor], modality: usize, weight: &Tensor, bias: &Tensor) -> Tensor {
    let widths: Vec<i64> = features.iter().map(|feature| feature.size()[1]).collect();
    let start = widths[..modality].iter().sum();
    let block = weight.narrow(1, start, widths[modality]);
    features[modality].linear(&block, Some(&(bias / features.len() as f64)))
}

/// Sum of logits `[M, B, C]` over the available modalities (δ `[B, M]` bool; pass all ones for the plain sum): `[B, C]`.
pub fn sum(logits: &Tensor, availability: &Tensor) -> Tensor {
    weighted(logits, availability).sum_dim_intlist(0, false, None::<Kind>)
}

/// Mean of logits (or probabilities) `[M, B, C]` over the available modalities: `Σ δ_m l_m / Σ δ_m`, `[B, C]`.
pub fn mean(logits: &Tensor, availability: &Tensor) -> Tensor {
    let count = availability.to_kind(logits.kind()).sum_dim_intlist(1, true, None::<Kind>);
    sum(logits, availability) / count
}

/// FiLM, `x` conditioning `y`: `γ ⊙ y + β` with `[γ | β] = W_f x + b_f` (no `1 + γ`), `[B, d]`.
pub fn film(x: &Tensor, y: &Tensor, generator: &Linear) -> Tensor {
    let generated = generator.forward(x);
    let halves = generated.chunk(2, -1);
    &halves[0] * y + &halves[1]
}

/// Gated fusion, `x` gating `y`: `sigmoid(W_x x + b_x) ⊙ (W_y y + b_y)`, `[B, d]`.
pub fn gated(x: &Tensor, y: &Tensor, gate: &Linear, value: &Linear) -> Tensor {
    gate.forward(x).sigmoid() * value.forward(y)
}

/// QMF's confidence of each modality in each sample, its energy over ten: `ln Σ_c exp l_c / 10`. Logits `[M, B, C]` → `[M, B, 1]`.
pub fn energy_confidence(logits: &Tensor) -> Tensor {
    logits.logsumexp(-1, true) / 10.0
}

/// Modalities that some sample of a batch has. Fusing these alone gives the bits of fusing all where a missing one adds exact zeros, and over all missing
/// patterns it is half of the work.
#[derive(Debug)]
pub(crate) struct Present {
    /// In the dataset's order.
    members: Vec<i64>,
    /// Of how many.
    arity: usize,
    /// Whether every sample is known to have all members.
    complete: bool,
}

impl Present {
    /// Of δ `[B, M]` (bool), for which a GPU is waited. All, if no sample has any.
    pub(crate) fn of(availability: &Tensor) -> Self {
        let arity = availability.size()[1] as usize;
        let samples = availability.size()[0];
        let counts: Vec<i64> = Vec::try_from(availability.sum_dim_intlist(0, false, Kind::Int64)).unwrap_or_default();
        let members: Vec<i64> = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(at, _)| at as i64).collect();
        let complete = members.iter().all(|&at| counts[at as usize] == samples);
        if members.is_empty() { Self::everyone(arity) } else { Self { members, arity, complete } }
    }

    /// All of `arity`, whoever has them.
    pub(crate) fn everyone(arity: usize) -> Self {
        Self { members: (0..arity as i64).collect(), arity, complete: false }
    }

    /// Whether every sample has all of them, so that nothing need be masked.
    pub(crate) fn complete(&self) -> bool {
        self.complete
    }

    /// Their encodings, M × `[B, E]` → `[K, B, E]`.
    pub(crate) fn stack(&self, encodings: &[Tensor]) -> Tensor {
        Tensor::stack(&self.members.iter().map(|&at| &encodings[at as usize]).collect::<Vec<_>>(), 0)
    }

    /// Their δ, `[B, M]` → `[K, B]`.
    pub(crate) fn availability(&self, availability: &Tensor) -> Tensor {
        let all = availability.transpose(0, 1);
        if self.members.len() == self.arity { all } else { all.index_select(0, &Tensor::from_slice(&self.members).to_device(all.device())) }
    }
}

/// What belongs to one modality each, M × `[B, d]`, with exact zeros where the modality is missing (δ `[B, M]` bool).
pub(crate) fn masked(features: &[Tensor], availability: &Tensor) -> Vec<Tensor> {
    let missing = availability.logical_not();
    features.iter().enumerate().map(|(at, feature)| feature.masked_fill(&missing.narrow(1, at as i64, 1), 0)).collect()
}

/// The option of methods with a loss of each modality's own, and what its names stand for: whether [`masked`].
pub(crate) const MASKED: &[(&str, bool)] = &[("masked", true), ("zero-input", false)];

/// See [`MASKED`].
pub(crate) fn masked_option() -> OptionCard {
    OptionCard::choice(
        "missing",
        &["masked", "zero-input"],
        "masked: a missing modality adds nothing to the fusion and to no term of the loss; zero-input: the network sees zeros (the released code)",
    )
}

fn weighted(logits: &Tensor, availability: &Tensor) -> Tensor {
    // A missing modality's logits may be anything, NaN included, so they are replaced, not multiplied.
    logits.masked_fill(&availability.transpose(0, 1).logical_not().unsqueeze(-1), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modality_is_present_where_any_sample_has_it() {
        let availability = Tensor::from_slice(&[true, false, false, false, false, true]).view([2, 3]);
        let present = Present::of(&availability);
        let encodings: Vec<Tensor> = (0..3i64).map(|at| Tensor::from_slice(&[at, at]).view([2, 1])).collect();
        assert_eq!(present.stack(&encodings), Tensor::from_slice(&[0i64, 0, 2, 2]).view([2, 2, 1]));
        assert_eq!(present.availability(&availability), Tensor::from_slice(&[true, false, false, true]).view([2, 2]));
        assert!(!present.complete());
        assert!(Present::of(&Tensor::from_slice(&[true, false, true, true, false, true]).view([2, 3])).complete());
    }

    #[test]
    fn nobody_there_is_everybody_asked() {
        let availability = Tensor::zeros([2, 3], (Kind::Bool, tch::Device::Cpu));
        assert_eq!(Present::of(&availability).availability(&availability).size(), [3, 2]);
    }
}
