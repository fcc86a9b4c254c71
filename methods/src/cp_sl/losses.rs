/*!
CP+SL's auxiliary terms: Eq. 3 and those that Eq. 4 names without a formula.

A term counts the samples that have the modality: `present` is `[B]`, 1 or 0. A modality that the whole batch lacks adds zero.
*/

use std::f64::consts::{E, PI};

use tch::{Kind, Tensor};

use super::equations::VARIANCE_FLOOR;
use crate::{Targets, losses::cross_entropy_each};

/// How the squared norm of a reconstruction error is reduced; the paper writes ‖·‖² only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Mean over elements.
    Element,
    /// Mean over samples and steps of the sum over features.
    Token,
    /// Sum.
    Sum,
}

/// What L_div is; the paper says that it maximises information entropy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diversity {
    /// Minus the normalised entropy of a softmax over the latent features, in [−1, 0].
    Softmax,
    /// Minus the mean differential entropy of the encoder's Gaussians; unbounded.
    Gauss,
    /// Not there.
    Off,
}

/// A unimodal head's error in regression. (Classification: cross-entropy.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Squared.
    Square,
    /// Absolute.
    Absolute,
}

/// `Σ w x / Σ w`, zero where all weights are; `x` and `w` of one shape, `w` of whole numbers. 0-d.
fn weighted_mean(values: &Tensor, weights: &Tensor) -> Tensor {
    (values * weights).sum(None::<Kind>) / weights.sum(None::<Kind>).clamp_min(1)
}

/// `‖X − X̂‖²` of one modality under a reduction, `[B, L, d]` each; 0-d.
pub fn reconstruction(input: &Tensor, reconstructed: &Tensor, present: &Tensor, reduction: Reduction) -> Tensor {
    let shape = input.size();
    let (steps, features) = (shape.get(1).copied().unwrap_or(1), shape.last().copied().unwrap_or(1));
    let each = (input - reconstructed).square().sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>);
    match reduction {
        Reduction::Element => weighted_mean(&each, present) / (steps * features) as f64,
        Reduction::Token => weighted_mean(&each, present) / steps as f64,
        Reduction::Sum => each.dot(present),
    }
}

/// Mean and variance of each step over its features (Eq. 3's empirical statistics), `[B, L, d]` → two `[B, L]`.
///
/// The unbiased variance of a single feature is taken as zero.
pub fn empirical_statistics(input: &Tensor, unbiased: bool) -> (Tensor, Tensor) {
    let mean = input.mean_dim(-1, false, None::<Kind>);
    let correction = i64::from(unbiased && input.size().last().is_some_and(|&features| features > 1));
    (mean, input.var_correction(-1, correction, false))
}

/// One modality's half of Eq. 3 before the factor: `MSE(mean_d μ, mean_d X) + MSE(mean_d σ², var_d X)`; 0-d.
///
/// `steps` (`[B, L]`, 1 or 0) are those that count. Without a variance only the mean's part is left.
pub fn statistics(mean: &Tensor, variance: Option<&Tensor>, input: &Tensor, steps: &Tensor, unbiased: bool) -> Tensor {
    let (target_mean, target_variance) = empirical_statistics(input, unbiased);
    let averaged = |encoded: &Tensor| encoded.mean_dim(-1, false, None::<Kind>);
    let squares = (averaged(mean) - target_mean).square();
    let squares = match variance {
        Some(variance) => squares + (averaged(variance) - target_variance).square(),
        None => squares,
    };
    weighted_mean(&squares, steps)
}

/// L_div of one modality by the softmax: minus the entropy of `softmax_d(Z)` over ln d_z, averaged over `steps` (`[B, L]`); in [−1, 0]. 0-d.
///
/// d_z is at least 2.
pub fn softmax_diversity(latent: &Tensor, steps: &Tensor) -> Tensor {
    let log_shares = latent.log_softmax(-1, None::<Kind>);
    let width = latent.size().last().copied().unwrap_or(2);
    let negative = (log_shares.exp() * log_shares).sum_dim_intlist(-1, false, None::<Kind>);
    weighted_mean(&negative, steps) / (width as f64).ln()
}

/// L_div of one modality by its Gaussians: minus the mean of `½ ln(2πe (σ² + 1e-6))` over elements; unbounded. 0-d.
pub fn gauss_diversity(variance: &Tensor, steps: &Tensor) -> Tensor {
    let entropy = ((variance + VARIANCE_FLOOR).log() + (2.0 * PI * E).ln()) * 0.5;
    -weighted_mean(&entropy.mean_dim(-1, false, None::<Kind>), steps)
}

/// Errors of the unimodal heads and what Eq. 5 judges them by, `[K + 1, B]` each.
///
/// Answers are `[K + 1, B, C]`. Classification: cross-entropy, and the true class's probability. Regression: squared (or absolute) error, and the absolute
/// error. What Eq. 5 sees carries no gradient.
///
/// # Panics
/// On answers of another width than the targets'.
pub fn unimodal_each(alone: &Tensor, targets: &Targets, error: Error) -> (Tensor, Tensor) {
    match targets {
        Targets::Classes(classes) => {
            let each = cross_entropy_each(alone, classes);
            let probability = (-each.detach()).exp();
            (each, probability)
        }
        Targets::Values(values) => {
            let difference = alone.squeeze_dim(-1) - values;
            let absolute = difference.detach().abs();
            let each = match error {
                Error::Square => difference.square(),
                Error::Absolute => difference.abs(),
            };
            (each, absolute)
        }
    }
}

/// Mean of each head over the samples that have its modality: `[K + 1, B]`, present `[K + 1, B]` → `[K + 1]`; zero where none has it.
pub fn head_means(each: &Tensor, present: &Tensor) -> Tensor {
    let count = present.sum_dim_intlist(-1, false, None::<Kind>).clamp_min(1);
    (each * present).sum_dim_intlist(-1, false, None::<Kind>) / count
}
