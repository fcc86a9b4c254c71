//! MLA's options as the model uses them.

use super::Modification;
use crate::{MethodError, Settings};

/// What the head's weight gradient suffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeadGradient {
    Owm,
    Released,
    Untouched,
}

/// What a modality's weight in the fusion depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fusion {
    /// The entropy of its answer to the sample.
    Entropy,
    /// The released code's entropy, over the whole batch.
    BatchEntropy,
    /// Nothing: the released constants.
    Fixed,
    /// Nothing: all weigh alike.
    Mean,
}

/// Options, resolved.
#[derive(Debug, Clone, Copy)]
pub(super) struct MlaSettings {
    /// None where the head's gradient is left as it is.
    pub modification: Option<Modification>,
    pub reset_each_epoch: bool,
    pub reversed: bool,
    pub first: usize,
    pub shared_head: bool,
    pub alternating: bool,
    pub fusion: Fusion,
    pub fuse_probabilities: bool,
}

impl MlaSettings {
    pub(super) fn from(settings: &Settings<'_>) -> Result<Self, MethodError> {
        let gradient = settings.choice(
            "head-gradient",
            &[("owm", HeadGradient::Owm), ("released-arithmetic", HeadGradient::Released), ("none", HeadGradient::Untouched)],
        )?;
        let shared_head = settings.choice("head", &[("shared", true), ("separate", false)])?;
        let alternating = settings.choice("training", &[("alternating", true), ("joint", false)])?;
        let modification = Modification {
            as_released: gradient == HeadGradient::Released,
            lambda: settings.number("lam")?,
            falling_lambda: settings.choice("lam-schedule", &[("constant", false), ("released", true)])?,
            normalise: settings.flag("p-normalise")?,
            absorb_current: settings.choice("absorb", &[("previous", false), ("current", true)])?,
        };
        // The modification keeps one sub-step from undoing what another taught the head both use: it has a meaning there only.
        let modified = gradient != HeadGradient::Untouched && shared_head && alternating;
        let by_batch = settings.choice("entropy", &[("sample", false), ("released-batch", true)])?;
        let fusion = settings.choice("fusion", &[("entropy", Fusion::Entropy), ("fixed", Fusion::Fixed), ("mean", Fusion::Mean)])?;
        Ok(Self {
            modification: modified.then_some(modification),
            reset_each_epoch: settings.choice("p-reset", &[("never", false), ("epoch", true)])?,
            reversed: settings.choice("order", &[("dataset", false), ("reversed", true)])?,
            first: settings.number("first")? as usize,
            shared_head,
            alternating,
            fusion: if by_batch && fusion == Fusion::Entropy { Fusion::BatchEntropy } else { fusion },
            fuse_probabilities: settings.choice("average", &[("logits", false), ("probabilities", true)])?,
        })
    }

    /// The order of a round's sub-steps.
    pub(super) fn order(&self, modalities: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..modalities).collect();
        if self.reversed {
            order.reverse();
        }
        order.rotate_left(self.first % modalities.max(1));
        order
    }

    /// Weights of a fusion that does not look at the answers: the released constants for two and three modalities, else equal.
    pub(super) fn constants(&self, modalities: usize) -> Vec<f64> {
        match (self.fusion, modalities) {
            (Fusion::Fixed, 2) => vec![0.55, 0.45],
            (Fusion::Fixed, 3) => vec![0.35, 0.25, 0.40],
            _ => vec![1.0; modalities],
        }
    }
}
