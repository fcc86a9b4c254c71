/*!
Alternating unimodal adaptation: the algorithm, for any encoders and any optimiser.

One batch is a round of sub-steps, one a modality: its own loss through the head that all share, a backward pass, the head's gradient modified, one step.
The encoders share nothing, so a sub-step finds every other encoder as it was (the released code encodes all modalities before the first
sub-step, which comes to the same).
*/

use tch::Tensor;

use super::{Modifier, equations};
use crate::{GroupOptimiser, nn::Linear};

/// What the algorithm asks of an optimiser.
pub trait Stepper {
    /// Takes all gradients away, so that [`Self::step`] leaves what the sub-step does not use alone, momentum and weight decay included.
    fn zero_gradients(&mut self);

    /// One step of the parameters that have a gradient.
    fn step(&mut self);
}

impl Stepper for GroupOptimiser {
    fn zero_gradients(&mut self) {
        Self::zero_gradients(self);
    }

    fn step(&mut self) {
        Self::step(self);
    }
}

/// One batch as the algorithm sees it.
#[derive(Debug)]
pub struct Round<'a> {
    /// The modalities that some sample has, in the order of their sub-steps.
    pub order: &'a [usize],
    /// `[B]` int64.
    pub classes: &'a Tensor,
    /// [`equations::shares`], `[M, B]`.
    pub shares: &'a Tensor,
    /// Batch of the epoch, from 0.
    pub batch: usize,
    /// Batches an epoch.
    pub batches: usize,
}

/// What one sub-step saw.
#[derive(Debug)]
pub struct Substep {
    /// Modality.
    pub modality: usize,
    /// `L_m` before the step, 0-d.
    pub loss: Tensor,
    /// Norm of the head's weight gradient after the modification over before, 0-d; none where nothing modifies.
    pub kept: Option<Tensor>,
}

impl Round<'_> {
    /// Runs the sub-steps. `encode` gives a modality's features `[B, d]`, `head` its linear layer.
    pub fn run<'h>(
        &self,
        encode: impl Fn(usize) -> Tensor,
        head: impl Fn(usize) -> &'h Linear,
        mut modifier: Option<&mut Modifier>,
        optimiser: &mut impl Stepper,
    ) -> Vec<Substep> {
        let one = |&modality: &usize| {
            let (features, share, head) = (encode(modality), self.shares.get(modality as i64), head(modality));
            let loss = equations::unimodal_loss(&head.forward(&features), self.classes, &share);
            optimiser.zero_gradients();
            loss.backward();
            let kept = modifier.as_deref_mut().map(|modifier| {
                let mean = equations::mean_feature(&features, &share);
                tch::no_grad(|| modify(modifier, &mut head.weight.grad(), mean, self))
            });
            optimiser.step();
            Substep { modality, loss: loss.detach(), kept }
        };
        self.order.iter().map(one).collect()
    }
}

fn modify(modifier: &mut Modifier, gradient: &mut Tensor, mean: Tensor, round: &Round<'_>) -> Tensor {
    let modified = modifier.modify(gradient, mean, round.batch, round.batches);
    let kept = modified.norm() / gradient.norm().clamp_min(f64::from(f32::MIN_POSITIVE));
    gradient.copy_(&modified);
    kept
}
