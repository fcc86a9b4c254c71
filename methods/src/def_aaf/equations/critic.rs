/*!
The critic's objective (Eqs. 13 and 16) and its gradient penalty (Eqs. 14, 17 and 34).

The penalty is printed as a part of what the critic maximises; it is minimised beside the negative gap, as in WGAN-GP.
*/

use tch::{Kind, Tensor};

use super::Presence;

/// `E_c D(c) − E_z D(z)`, a number: the mean over all available (sample, modality) pairs minus the mean over the samples.
///
/// `on_codes` `[B, M]`; `on_fused` `[B, 1]`, or `[B, M]` with one critic a modality.
pub fn gap(on_codes: &Tensor, on_fused: &Tensor, presence: &Presence) -> Tensor {
    over_pairs(on_codes, presence) - on_fused.mean(None::<Kind>)
}

/// The mean of `[B, M]` over the available pairs, a number.
pub fn over_pairs(each: &Tensor, presence: &Presence) -> Tensor {
    (each * &presence.counted).sum(None::<Kind>) / presence.count.sum(None::<Kind>).clamp_min(1)
}

/// `x̂ = ε z + (1 − ε) c^s`, `[B, M, d]`; ε `[B, M, 1]`, uniform on [0, 1].
pub fn interpolates(codes: &Tensor, fused: &Tensor, epsilon: &Tensor) -> Tensor {
    codes.lerp_tensor(&fused.unsqueeze(1), epsilon)
}

/// `‖∇D(x̂)‖₂` of each interpolate, `[B, M]`; differentiable, so that the penalty has a gradient in the critic's parameters.
///
/// The critic maps `[B, M, d]` to `[B, M]`, each value a function of its own vector alone, and has second derivatives (no fused layer).
pub fn gradient_norms(critic: impl Fn(&Tensor) -> Tensor, interpolates: &Tensor) -> Tensor {
    let leaf = interpolates.detach().set_requires_grad(true);
    let total = critic(&leaf).sum(None::<Kind>);
    let gradients = Tensor::run_backward(&[&total], &[&leaf], true, true);
    gradients.first().map_or_else(|| leaf.zeros_like(), Tensor::shallow_clone).norm_scalaropt_dim(2, [-1i64].as_slice(), false)
}

/// `λ_gp E(‖∇D(x̂)‖₂ − 1)²` over the available pairs, a number.
pub fn penalty(norms: &Tensor, presence: &Presence, lambda: f64) -> Tensor {
    over_pairs(&(norms - 1.0).square(), presence) * lambda
}
