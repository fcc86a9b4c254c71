//! The head's gradient modification: a projector that outlives batches and epochs.

use tch::{Device, Kind, Tensor};

use super::equations;
use crate::{MethodError, state::take};

/// How the gradient of the head's weight is modified.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Modification {
    /// The released arithmetic (current mean, element-wise division, normalised P, falling λ) instead of the settings below.
    pub as_released: bool,
    /// λ > 0.
    pub lambda: f64,
    /// Whether λ falls within an epoch as released.
    pub falling_lambda: bool,
    /// Whether P is divided by its Frobenius norm after an update.
    pub normalise: bool,
    /// Whether the sub-step's own mean feature is absorbed before its gradient is modified, and not the one of the sub-step before.
    pub absorb_current: bool,
}

/// P, and what it has to absorb next.
#[derive(Debug)]
pub struct Modifier {
    modification: Modification,
    projector: Tensor,
    /// Mean feature of the last sub-step; none before the first.
    previous: Option<Tensor>,
}

impl Modifier {
    /// The identity of `width` features.
    pub fn new(modification: Modification, width: i64, options: (Kind, Device)) -> Self {
        Self { modification, projector: Tensor::eye(width, options), previous: None }
    }

    /// P, `[d, d]`.
    pub fn projector(&self) -> &Tensor {
        &self.projector
    }

    /// Mean eigenvalue of P: 1 while every direction is open, near 0 when the head learns no more.
    pub fn openness(&self) -> f64 {
        self.projector.trace().double_value(&[]) / self.projector.size()[0] as f64
    }

    /// As before the first sub-step.
    pub fn reset(&mut self) {
        self.projector = Tensor::eye(self.projector.size()[0], (self.projector.kind(), self.projector.device()));
        self.previous = None;
    }

    /// The gradient `[C, d]` that sub-step applies whose mean feature is `mean` (`[d]`), in batch `batch` (from 0) of `batches`. The very first one is
    /// left as it is.
    pub fn modify(&mut self, gradient: &Tensor, mean: Tensor, batch: usize, batches: usize) -> Tensor {
        let Some(previous) = self.previous.replace(mean.shallow_clone()) else { return gradient.shallow_clone() };
        let Modification { as_released, lambda, falling_lambda, normalise, absorb_current } = self.modification;
        let lambda = if as_released || falling_lambda { equations::released_lambda(lambda, batch, batches) } else { lambda };
        let absorbed = if as_released || absorb_current { mean } else { previous };
        self.projector = if as_released {
            equations::absorb_as_released(&self.projector, &absorbed, lambda)
        } else {
            let projector = equations::absorb(&self.projector, &absorbed, lambda);
            if normalise { equations::normalised(&projector) } else { projector }
        };
        equations::project(gradient, &self.projector)
    }

    /// P, the mean feature that waits, and whether there is one (1 or 0), as a checkpoint keeps them.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let waiting = self.previous.as_ref().map_or_else(|| self.projector.get(0).zeros_like(), Tensor::shallow_clone);
        let begun = Tensor::full([1], i64::from(self.previous.is_some()), (self.projector.kind(), self.projector.device()));
        [("projector", self.projector.shallow_clone()), ("previous-mean", waiting), ("begun", begun)]
            .map(|(name, tensor)| (name.to_string(), tensor))
            .into()
    }

    /// Takes back what [`Self::state`] gave.
    ///
    /// # Errors
    /// A name that is missing or a shape that does not fit.
    pub fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        let mut kept = self.state();
        for (name, tensor) in &mut kept {
            take(state, name, tensor)?;
        }
        let [(_, projector), (_, previous), (_, begun)]: [(String, Tensor); 3] =
            kept.try_into().map_err(|_| MethodError::Checkpoint { reason: "a projector has three tensors".into() })?;
        self.projector = projector;
        self.previous = (begun.double_value(&[0]) != 0.0).then_some(previous);
        Ok(())
    }
}
