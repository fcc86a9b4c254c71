/*!
CP+SL's step 4: gradient modulation (Eq. 5), conflict-aware penalty (Eq. 6) and gradient enhancement, on gradients that are there already.

Scores, norms and coefficients are `[K]`, one a modality, and stay on the device: nothing here waits for it.
*/

use tch::{Kind, Tensor};

use crate::rebalance::modulation::{self, noise_deviation};

/// Eq. 5's ε.
pub const SCORE_EPS: f64 = 1e-8;

/// Last epoch with modulation and number of epochs in the paper.
pub const PAPER_WINDOW: (f64, f64) = (25.0, 30.0);

/// How the norm of a modality's gradients is taken (Eq. 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norm {
    /// Mean of the L2 norms of the encoder's tensors.
    Mean,
    /// L2 norm of all of them together.
    Global,
    /// L2 norm of the gradient that reaches the shared projection `W_p` through this modality alone.
    Shared,
}

/// What gradient enhancement is; the paper does not define it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enhancement {
    /// OGM-GE's generalisation enhancement: normal noise of the gradient's own standard deviation.
    Noise,
    /// The weaker modality's gradients times `1 + tanh α`.
    AmplifyWeak,
}

/// Eq. 5's scores of mean absolute errors: `1 / (MAE + ε)`.
pub fn scores(errors: &Tensor) -> Tensor {
    (errors + SCORE_EPS).reciprocal()
}

/// What each modality is compared with: the mean over the *other* modalities that are present (`[K]`, 1 or 0); infinite where there is none, and
/// for a modality that is absent itself, so that neither has an advantage. For two modalities it is the other's number, bit for bit.
pub fn rivals(values: &Tensor, present: &Tensor) -> Tensor {
    let count = values.size()[0];
    let everyone = present.unsqueeze(0).expand([count, count], false);
    let others = &everyone - &everyone * Tensor::eye(count, (present.kind(), present.device()));
    let counted = others.sum_dim_intlist(-1, false, None::<Kind>) * present;
    let mean = others.mv(values) / counted.clamp_min(1);
    mean.masked_fill(&counted.eq(0), f64::INFINITY)
}

/// Eq. 5: `c = 1 − tanh(α relu(s / (s' + ε)))` where the score is above its rival's, else 1. A tie is no advantage.
///
/// `continuous` puts `ratio − 1` for the ratio, which takes away the printed form's jump from 1 to `1 − tanh α`.
pub fn coefficients(scores: &Tensor, rivals: &Tensor, alpha: f64, continuous: bool) -> Tensor {
    let ratio = scores / (rivals + SCORE_EPS);
    let ratio = if continuous { ratio - 1.0 } else { ratio };
    let suppressed = -(ratio.relu() * alpha).tanh() + 1.0;
    suppressed.where_self(&scores.gt_tensor(rivals), &scores.ones_like())
}

/// Eq. 6's condition: the score is above its rival's and so is the gradient norm. `[K]` bool.
pub fn conflicts(scores: &Tensor, rivals: &Tensor, norms: &Tensor, rival_norms: &Tensor) -> Tensor {
    scores.gt_tensor(rivals).logical_and(&norms.gt_tensor(rival_norms))
}

/// Eq. 6: `c ← η c` under conflict.
pub fn penalise(coefficients: &Tensor, conflicts: &Tensor, eta: f64) -> Tensor {
    (coefficients * eta).where_self(conflicts, coefficients)
}

/// Factors of [`Enhancement::AmplifyWeak`]: `1 + tanh α` where the score is below its rival's, else 1. Without a rival there is no weaker one.
pub fn amplification(scores: &Tensor, rivals: &Tensor, alpha: f64) -> Tensor {
    let weaker = scores.lt_tensor(rivals).logical_and(&rivals.isfinite());
    scores.ones_like() + weaker.to_kind(scores.kind()) * alpha.tanh()
}

/// `g_m` of the gradients of one modality's encoder, 0-d; zero without gradients.
pub fn norm(gradients: &[Tensor], kind: Norm) -> Tensor {
    let each: Vec<Tensor> = gradients.iter().map(Tensor::norm).collect();
    if each.is_empty() {
        return Tensor::from(0.0f32);
    }
    let each = Tensor::stack(&each, 0);
    match kind {
        Norm::Mean => each.mean(None::<Kind>),
        Norm::Global | Norm::Shared => each.norm(),
    }
}

/// Multiplies gradients in place by a 0-d coefficient. A coefficient of 1 leaves every bit.
pub fn scale(gradients: &mut [Tensor], coefficient: &Tensor) {
    for gradient in gradients {
        let _ = gradient.g_mul_(coefficient);
    }
}

/// As [`scale`], and adds `noise ⊙ (std(g) + 1e-8)`, std being that of the gradient before it was scaled (unbiased; zero for a single number).
pub fn scale_with_noise(gradients: &mut [Tensor], coefficient: &Tensor, noise: &dyn Fn(usize, &Tensor) -> Tensor) {
    for (at, gradient) in gradients.iter_mut().enumerate() {
        let deviation = noise_deviation(gradient);
        let _ = gradient.g_mul_(coefficient).addcmul_(&noise(at, gradient), &deviation);
    }
}

/// Whether modulation is on in `epoch` of `epochs`: up to and including `last` of the paper's 30, as a share of the epochs.
///
/// ```
/// use bench_methods::cp_sl::modulation::active;
/// assert!(active(25, 30, 25.0) && !active(26, 30, 25.0));
/// assert!(active(5, 6, 25.0) && active(49, 60, 25.0) && active(50, 60, 25.0) && !active(51, 60, 25.0));
/// ```
pub fn active(epoch: usize, epochs: usize, last: f64) -> bool {
    modulation::active(epoch, epochs, last, PAPER_WINDOW.1)
}
