//! What encoders and fusion minimise while the critic stands still (Eqs. 15 and 18 without the penalty), and Table 19's replacements.

use tch::{Kind, Tensor};

use super::{Presence, fusion};

/// γ_i^s of Eq. 15, `[B, M]`: the softmax over the available modalities of `β α_i^s`. β = 0 is uniform; β = 1 is not.
pub fn reliability(alpha: &Tensor, presence: &Presence, beta: f64) -> Tensor {
    fusion::weights(&(alpha * beta), &presence.there)
}

/// Table 4's top-k, `[B, M]`: each sample's `k` available modalities of the largest α, with equal weights that sum to one.
pub fn top(alpha: &Tensor, presence: &Presence, k: i64) -> Tensor {
    let k = k.min(alpha.size()[1]);
    let (_, chosen) = alpha.masked_fill(&presence.there.logical_not(), -1.0).topk(k, -1, true, true);
    let chosen = alpha.zeros_like().scatter_value(-1, &chosen, 1.0) * &presence.counted;
    &chosen / chosen.sum_dim_intlist(-1, true, None::<Kind>).clamp_min(1)
}

/// `mean_i Σ_s w_i^s (D(c_i^s) − D(z_i))`, a number; `on_fused` `[B, 1]`, or `[B, M]` with one critic a modality.
pub fn gap(on_codes: &Tensor, on_fused: &Tensor, weights: &Tensor) -> Tensor {
    ((on_codes - on_fused) * weights).sum_dim_intlist(-1, false, None::<Kind>).mean(None::<Kind>)
}

/// Table 19, "GAN": what the discriminator minimises, cross-entropy with codes as class 1 and fusions as class 0.
pub fn discriminator(on_codes: &Tensor, on_fused: &Tensor, presence: &Presence) -> Tensor {
    super::critic::over_pairs(&on_codes.neg().softplus(), presence) + on_fused.softplus().mean(None::<Kind>)
}

/// Table 19, "GAN": what the generator minimises, the same cross-entropy with the classes exchanged (non-saturating), weighted as [`gap`].
pub fn deception(on_codes: &Tensor, on_fused: &Tensor, weights: &Tensor) -> Tensor {
    ((on_codes.softplus() + on_fused.neg().softplus()) * weights).sum_dim_intlist(-1, false, None::<Kind>).mean(None::<Kind>)
}

/// Table 19, "MMD": `Σ_s` of the squared maximum mean discrepancy between the codes of modality s and the fusions, averaged over the modalities.
///
/// Biased estimate with the mean of five Gaussian kernels, bandwidths 1/4 to 4 times the mean squared distance of the pooled samples (detached). `weights`
/// `[B, M]` weigh the codes within their modality; a modality that nobody in the batch has counts zero.
pub fn discrepancy(codes: &Tensor, fused: &Tensor, weights: &Tensor) -> Tensor {
    let by_modality = codes.transpose(0, 1);
    let samples = fused.size()[0];
    let fused = fused.unsqueeze(0).expand_as(&by_modality);
    let mass = weights.transpose(0, 1);
    let total = mass.sum_dim_intlist(-1, true, None::<Kind>);
    let mass = &mass / total.clamp_min(1e-12);
    let even = mass.ones_like() / samples as f64;
    // [M, 2B, d]; the signed mass of both samples makes the discrepancy one quadratic form.
    let points = Tensor::cat(&[by_modality, fused], 1);
    let signed = Tensor::cat(&[mass, -even], 1);
    let squares = points.square().sum_dim_intlist(-1, true, None::<Kind>);
    let products = points.matmul(&points.transpose(-1, -2));
    let distances = (&squares + squares.transpose(-1, -2) - products * 2.0).clamp_min(0);
    // The mean over pairs of the pooled samples, weighed, so that a missing code has no say.
    let mass = signed.detach().abs();
    let bandwidth = mass.unsqueeze(1).matmul(&distances.detach()).matmul(&mass.unsqueeze(-1))
        / mass.sum_dim_intlist(-1, true, None::<Kind>).square().unsqueeze(-1);
    let scaled = distances / bandwidth.clamp_min(1e-12);
    let kernel = Tensor::stack(&[0.25f64, 0.5, 1.0, 2.0, 4.0].map(|factor| (&scaled / -factor).exp()), 0).mean_dim(0, false, None::<Kind>);
    let each = (signed.unsqueeze(1).matmul(&kernel).matmul(&signed.unsqueeze(-1))).flatten(0, -1);
    (each * total.flatten(0, -1).gt(0).to_kind(points.kind())).mean(None::<Kind>)
}

/// γ^s as a constant of the batch, as Eq. 15 prints it: the mean of `γ_i^s` over the samples that have s, scaled to sum to 1 over each sample's available
/// modalities. `[B, M]`.
pub fn over_batch(gamma: &Tensor, presence: &Presence) -> Tensor {
    let sum = |tensor: &Tensor| tensor.sum_dim_intlist(0, true, None::<Kind>);
    let mean = sum(&(gamma * &presence.counted)) / sum(&presence.counted).clamp_min(1);
    let kept = mean * &presence.counted;
    &kept / kept.sum_dim_intlist(-1, true, None::<Kind>).clamp_min(1e-12)
}
