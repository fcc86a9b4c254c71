/*!
MLA's equations as functions of tensors, apart from any network.

Axes: `[M, B, C]` for the modalities' answers, `[M, B]` for entropies and weights, `[M, B]` (bool) for availability δ, `[d]` for a mean feature r,
`[d, d]` for the projector P, `[C, d]` for the gradient G of the head's weight.
*/

use tch::{Kind, Tensor};

use crate::losses::cross_entropy_each;

/// Share of each sample in each modality's means, `[M, B]`: `δ_m / Σ_b δ_m`, zero for a modality that no sample has.
pub fn shares(availability: &Tensor, kind: Kind) -> Tensor {
    let counted = availability.to_kind(kind);
    let count = counted.sum_dim_intlist(1, true, None::<Kind>).clamp_min(1);
    counted / count
}

/// `L_m = CE(head(h_m), y)`: logits `[B, C]`, classes `[B]`, weighed by the samples' `share`, `[B]`. A 0-d tensor.
pub fn unimodal_loss(logits: &Tensor, classes: &Tensor, share: &Tensor) -> Tensor {
    cross_entropy_each(logits, classes).dot(share)
}

/// Mean feature r of the samples that have the modality: features `[B, d]`, share `[B]` → `[d]`, without a gradient.
pub fn mean_feature(features: &Tensor, share: &Tensor) -> Tensor {
    features.detach().tr().mv(share)
}

/// Recursive least squares: P after absorbing r, `P − q (rᵀ P)` with `q = P r / (λ + rᵀ P r)`.
///
/// For a symmetric P, which it keeps symmetric to the bit. From `P = I` it is `(I + Σ r rᵀ / λ)⁻¹`: eigenvalues in (0, 1], ever smaller.
pub fn absorb(projector: &Tensor, mean: &Tensor, lambda: f64) -> Tensor {
    let seen = projector.mv(mean);
    let half = &seen * (mean.dot(&seen) + lambda).rsqrt();
    projector.addr(&half, &half.neg())
}

/// The released update of P, were it run: with `k = P r` each element `k_i k_j` is divided by its own `α + k_i r_j`, not by the one number `α + rᵀ P r`.
/// P does not stay symmetric.
pub fn absorb_as_released(projector: &Tensor, mean: &Tensor, alpha: f64) -> Tensor {
    let seen = projector.mv(mean);
    normalised(&(projector - seen.outer(&seen) / (seen.outer(mean) + alpha)))
}

/// P over its Frobenius norm, as released after every update.
pub fn normalised(projector: &Tensor) -> Tensor {
    projector / projector.norm()
}

/// The head's gradient as it is applied, `G Pᵀ`; with a symmetric P `G P`.
pub fn project(gradient: &Tensor, projector: &Tensor) -> Tensor {
    gradient.mm(&projector.tr())
}

/// λ of the released schedule, `λ · 0.1^(t / T)` in batch t (from 0) of an epoch of T: with λ = 0.1 from 0.1 to nearly 0.01, and back.
pub fn released_lambda(lambda: f64, batch: usize, batches: usize) -> f64 {
    lambda * 0.1f64.powf(batch as f64 / batches.max(1) as f64)
}

/// Entropy of each modality's answer to each sample in nats, `−Σ_c p ln p`: logits `[M, B, C]` → `[M, B]`.
pub fn entropy(logits: &Tensor) -> Tensor {
    let log = logits.log_softmax(-1, None::<Kind>);
    (log.exp() * log).sum_dim_intlist(-1, false, None::<Kind>).neg()
}

/// The released code's entropy of each modality, `[M]`: its softmax runs over the *batch*, and the sum over batch and classes. Samples without the modality
/// (δ `[M, B]`) are left out, which the released code does not know.
pub fn batch_entropy(logits: &Tensor, availability: &Tensor) -> Tensor {
    let missing = availability.logical_not().unsqueeze(-1);
    let log = logits.masked_fill(&missing, f64::NEG_INFINITY).log_softmax(1, None::<Kind>).masked_fill(&missing, f64::NEG_INFINITY);
    // The product of p = 0 and its infinite logarithm is no number; missing samples count nothing.
    (log.exp() * log.masked_fill(&missing, 0.0)).sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>).neg()
}

/// Uncertainty weights, `exp(max e − e_m)` over their sum: softmax of −e over the available modalities. Entropies and δ `[M, B]` → `[M, B]`, zero where
/// missing.
pub fn weights(entropy: &Tensor, availability: &Tensor) -> Tensor {
    entropy.neg().masked_fill(&availability.logical_not(), f64::NEG_INFINITY).softmax(0, None::<Kind>)
}

/// Weights that do not depend on the answers: `constants` `[M]` as shares of the available modalities' sum, `[M, B]`.
pub fn constant_weights(constants: &Tensor, availability: &Tensor) -> Tensor {
    let kept = availability.to_kind(constants.kind()) * constants.unsqueeze(-1);
    let sum = kept.sum_dim_intlist(0, true, None::<Kind>);
    kept / sum
}

/// `Σ_m w_m a_m`: weights `[M, B]`, answers (logits or probabilities) `[M, B, C]` → `[B, C]`. A missing modality's answer may be anything.
pub fn fuse(weights: &Tensor, answers: &Tensor, availability: &Tensor) -> Tensor {
    let answers = answers.masked_fill(&availability.logical_not().unsqueeze(-1), 0.0);
    (answers * weights.unsqueeze(-1)).sum_dim_intlist(0, false, None::<Kind>)
}
