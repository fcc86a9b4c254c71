/*!
RAML's equations as functions of tensors, apart from any network.

Axes: `[M, B, D]` for means μ and standard deviations σ, `[M, B]` (bool) for availability δ, `[M, B, C]` for unimodal logits. σ enters as its
logarithm: Eq. 4's weights are then a softmax of −2 ln σ over the available modalities, the same function without overflow.
*/

use tch::{Kind, Tensor};

use crate::losses::cross_entropy_each;

const MODALITIES: i64 = -3;

/// How the σ head's raw output becomes a standard deviation; the paper does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deviation {
    /// Half of the raw output, a log-variance, clamped to [−10, 10] (variational autoencoders' usual reading; our default).
    LogVariance,
    /// softplus(raw) + 1e-6.
    Softplus,
    /// The raw output is ln σ, unclamped.
    LogDeviation,
}

impl Deviation {
    /// ln σ of the head's raw output; same shape.
    pub fn log_sigma(self, raw: &Tensor) -> Tensor {
        match self {
            Self::LogVariance => log_variance(raw) * 0.5,
            Self::Softplus => (raw.softplus() + 1e-6).log(),
            Self::LogDeviation => raw.shallow_clone(),
        }
    }
}

/// 2 ln σ under [`Deviation::LogVariance`]: the head's raw output clamped to [−10, 10].
pub fn log_variance(raw: &Tensor) -> Tensor {
    bench_native::clamp(raw, -10.0, 10.0)
}

/// Reparameterised draw `h_m = μ_m + ρ_m σ_m`, ρ standard normal of the same shape (Eq. 1).
pub fn sample(mu: &Tensor, log_sigma: &Tensor, rho: &Tensor) -> Tensor {
    mu.addcmul(rho, &log_sigma.exp())
}

/// Element-wise weights ω of Eq. 4, `[…, M, B, D]`: softmax over the available modalities of `scores` (`[M, B, D]`, or `[M, 1, D]`).
///
/// Scores are −2 ln σ for the adaptive weights, learnt and sample-independent for Table V's "fixed", zero for its "identical". δ is `[…, M, B]` with
/// at least one true a sample; a missing modality's weight is exactly zero.
pub fn weights(scores: &Tensor, availability: &Tensor) -> Tensor {
    weights_of_all(&scores.masked_fill(&availability.logical_not().unsqueeze(-1), f64::NEG_INFINITY))
}

/// [`weights`] where nothing is missing.
pub fn weights_of_all(scores: &Tensor) -> Tensor {
    scores.softmax(MODALITIES, None::<Kind>)
}

/// Scores of the adaptive weights: −2 ln σ, whose softmax is `δ_m (σ/σ_m)²` (Eq. 4).
pub fn adaptive_scores(log_sigma: &Tensor) -> Tensor {
    log_sigma * -2.0
}

/// The fused embedding `h = Σ_m ω_m ⊙ μ_m` (Eq. 4): means, no sampling. `[…, M, B, D]` → `[…, B, D]`.
pub fn fuse(omega: &Tensor, mu: &Tensor) -> Tensor {
    (omega * mu).sum_dim_intlist(MODALITIES, false, None::<Kind>)
}

/// Variance of the product of the available Gaussians: `1/σ² = Σ_m δ_m/σ_m²` (Eq. 4), `[B, D]`.
pub fn fused_variance(log_sigma: &Tensor, availability: &Tensor) -> Tensor {
    let scores = adaptive_scores(log_sigma).masked_fill(&availability.logical_not().unsqueeze(-1), f64::NEG_INFINITY);
    (-scores.logsumexp(MODALITIES, false)).exp()
}

/// `L_D` before its reductions (Eq. 3): `‖(σ/σ_m)² ⊙ μ_m‖₁` of each modality and sample, `[M, B]`.
///
/// Without `availability` the normaliser runs over all modalities, as printed; with it normaliser and terms run over the available ones.
pub fn sparsity_each(mu: &Tensor, log_sigma: &Tensor, availability: Option<&Tensor>) -> Tensor {
    let all = || Tensor::ones([mu.size()[0], mu.size()[1]], (Kind::Bool, mu.device()));
    let omega = weights(&adaptive_scores(log_sigma), &availability.map_or_else(all, Tensor::shallow_clone));
    (omega * mu).abs().sum_dim_intlist(-1, false, None::<Kind>)
}

/// `L_U = Σ_m CE(y, f(h_m))` (Eq. 2): per modality the mean over the batch, or over the samples that have it. Logits `[M, B, C]`, classes `[B]`.
pub fn unimodal_loss(logits: &Tensor, classes: &Tensor, availability: Option<&Tensor>) -> Tensor {
    let each = cross_entropy_each(logits, classes);
    match availability {
        None => each.mean_dim(1, false, None::<Kind>).sum(None::<Kind>),
        Some(availability) => {
            let counted = availability.to_kind(each.kind());
            let count = counted.sum_dim_intlist(1, true, None::<Kind>).clamp_min(1);
            (each * (counted / count)).sum(None::<Kind>)
        }
    }
}

/// `L_M = CE(y, f(h))` (Eq. 5), averaged over the pairs of pattern and sample in `counted`. Logits `[P, B, C]`, classes `[B]`, counted `[P, B]`, bool or 1 and 0.
pub fn multimodal_loss(logits: &Tensor, classes: &Tensor, counted: &Tensor) -> Tensor {
    let counted = counted.to_kind(logits.kind());
    let share = &counted / counted.sum(None::<Kind>);
    (cross_entropy_each(logits, classes) * share).sum(None::<Kind>)
}

/// Theorem 3.1: the largest probability of the true class, two classes and a linear predictor θ (`[D]`), under uniform weights, one weight a
/// modality, one weight an element (Eqs. 7, 8). Representations `[M, N, D]` → three `[N]`.
pub fn predictive_suprema(mu: &Tensor, theta: &Tensor) -> [Tensor; 3] {
    let contributions = mu * theta;
    let by_modality = contributions.sum_dim_intlist(-1, false, None::<Kind>);
    let uniform = by_modality.mean_dim(0, false, None::<Kind>);
    let coarse = by_modality.amax([0i64].as_slice(), false);
    let fine = contributions.amax([0i64].as_slice(), false).sum_dim_intlist(-1, false, None::<Kind>);
    [uniform.sigmoid(), coarse.sigmoid(), fine.sigmoid()]
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;

    fn draw(shape: &[i64]) -> Tensor {
        Tensor::randn(shape, (Kind::Double, Device::Cpu))
    }

    fn all(shape: [i64; 2]) -> Tensor {
        Tensor::ones(shape, (Kind::Bool, Device::Cpu))
    }

    fn largest(difference: Tensor) -> f64 {
        difference.abs().max().double_value(&[])
    }

    #[test]
    fn weights_do_not_change_when_all_sigmas_are_scaled_alike() {
        let log_sigma = draw(&[3, 4, 5]);
        let shift = draw(&[1, 4, 5]);
        let weigh = |log_sigma: &Tensor| weights(&adaptive_scores(log_sigma), &all([3, 4]));
        assert!(largest(weigh(&log_sigma) - weigh(&(&log_sigma + shift))) < 1e-12);
    }

    #[test]
    fn one_available_modality_is_its_own_mean() {
        let (mu, log_sigma) = (draw(&[3, 4, 5]), draw(&[3, 4, 5]));
        let availability = Tensor::from_slice(&[false, true, false]).unsqueeze(1).expand([3, 4], false);
        let fused = fuse(&weights(&adaptive_scores(&log_sigma), &availability), &mu);
        assert_eq!(largest(fused - mu.select(0, 1)), 0.0);
    }

    #[test]
    fn a_missing_modality_has_no_gradient_and_no_influence() {
        let mu = draw(&[2, 3, 4]).set_requires_grad(true);
        let log_sigma = draw(&[2, 3, 4]).set_requires_grad(true);
        let availability = Tensor::from_slice(&[true, false]).unsqueeze(1).expand([2, 3], false);
        fuse(&weights(&adaptive_scores(&log_sigma), &availability), &mu).sum(Kind::Double).backward();
        assert_eq!(largest(mu.grad().select(0, 1)), 0.0);
        assert_eq!(largest(log_sigma.grad().select(0, 1)), 0.0);
    }

    #[test]
    fn sparsity_is_blind_to_a_common_scale_of_sigma_and_linear_in_mu() {
        let (mu, log_sigma) = (draw(&[3, 4, 5]), draw(&[3, 4, 5]));
        let base = sparsity_each(&mu, &log_sigma, None);
        assert!(largest(&base - sparsity_each(&mu, &(&log_sigma + 0.7), None)) < 1e-12);
        assert!(largest(&base * 2.5 - sparsity_each(&(&mu * -2.5), &log_sigma, None)) < 1e-12);
    }

    #[test]
    fn equal_sigmas_make_sparsity_the_mean_of_the_l1_norms() {
        let mu = draw(&[3, 4, 5]);
        let each = sparsity_each(&mu, &Tensor::zeros([3, 4, 5], (Kind::Double, Device::Cpu)), None);
        assert!(largest(each - mu.abs().sum_dim_intlist(-1, false, None::<Kind>) / 3.0) < 1e-12);
    }

    #[test]
    fn sparsity_has_no_gradient_at_a_mean_of_zero() {
        let mu = Tensor::zeros([2, 1, 3], (Kind::Double, Device::Cpu)).set_requires_grad(true);
        sparsity_each(&mu, &Tensor::zeros([2, 1, 3], (Kind::Double, Device::Cpu)), None).sum(Kind::Double).backward();
        assert_eq!(largest(mu.grad()), 0.0);
    }

    #[test]
    fn the_log_variance_is_clamped_on_both_sides() {
        let raw = Tensor::from_slice(&[-25.0, -10.0, 0.0, 10.0, 25.0]);
        let log_sigma = Vec::<f64>::try_from(Deviation::LogVariance.log_sigma(&raw)).unwrap();
        assert_eq!(log_sigma, [-5.0, -5.0, 0.0, 5.0, 5.0]);
    }

    // total_loss's vector cannot tell the mean over each modality's own samples from the mean over all available pairs; this case can.
    #[test]
    fn masked_unimodal_loss_averages_each_modality_over_its_own_samples() {
        let logits = draw(&[2, 3, 4]);
        let classes = Tensor::from_slice(&[0i64, 1, 3]);
        let availability = Tensor::from_slice(&[true, true, true, true, false, false]).view([2, 3]);
        let each = cross_entropy_each(&logits, &classes);
        let expected = each.get(0).mean(Kind::Double) + each.double_value(&[1, 0]);
        assert!(largest(unimodal_loss(&logits, &classes, Some(&availability)) - expected) < 1e-12);
    }

    #[test]
    fn finer_weights_reach_higher_suprema() {
        let [uniform, coarse, fine] = predictive_suprema(&draw(&[2, 50, 6]), &draw(&[6])).map(|tensor| Vec::<f64>::try_from(tensor).unwrap());
        assert!(uniform.iter().zip(&coarse).zip(&fine).all(|((uniform, coarse), fine)| fine >= coarse && coarse >= uniform));
    }
}
