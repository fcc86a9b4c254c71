/*!
The field's simple fusion rules as functions of features or logits, apart from any encoder.

Features are `[B, d]`, weights libtorch's `[out, in]`. Named as in the OGM-GE code base, which the field takes its four heads from.
*/

use tch::{Kind, Tensor};

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

/// FiLM, `x` conditioning `y`: `W_o (γ ⊙ y + β) + b_o` with `[γ | β] = W_f x + b_f` (no `1 + γ`).
pub fn film(x: &Tensor, y: &Tensor, generator: (&Tensor, &Tensor), out: (&Tensor, &Tensor)) -> Tensor {
    let generated = x.linear(generator.0, Some(generator.1));
    let halves = generated.chunk(2, -1);
    (&halves[0] * y + &halves[1]).linear(out.0, Some(out.1))
}

/// Gated fusion, `x` gating `y`: `W_o (sigmoid(W_x x + b_x) ⊙ (W_y y + b_y)) + b_o`.
pub fn gated(x: &Tensor, y: &Tensor, gate: (&Tensor, &Tensor), value: (&Tensor, &Tensor), out: (&Tensor, &Tensor)) -> Tensor {
    (x.linear(gate.0, Some(gate.1)).sigmoid() * y.linear(value.0, Some(value.1))).linear(out.0, Some(out.1))
}

/// QMF's confidence of each modality in each sample, its energy over ten: `ln Σ_c exp l_c / 10`. Logits `[M, B, C]` → `[M, B, 1]`.
pub fn energy_confidence(logits: &Tensor) -> Tensor {
    logits.logsumexp(-1, true) / 10.0
}

fn weighted(logits: &Tensor, availability: &Tensor) -> Tensor {
    // A missing modality's logits may be anything, NaN included, so they are replaced, not multiplied.
    logits.masked_fill(&availability.transpose(0, 1).logical_not().unsqueeze(-1), 0)
}
