/*!
What a profile asks and what it measures. The worker counts and times; `bench` computes medians, intervals, fits and tables from this.

Sizes are bytes, times nanoseconds, FLOPs 2 × multiply-accumulates.
*/

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::trial::TrialSpec;

/// What to measure of several models. Timings are taken in turns: one call of each model, then the next round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileJob {
    /// The models, all on the same device.
    pub subjects: Vec<Subject>,
    /// Folders in which datasets are looked for.
    pub data: Vec<PathBuf>,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// Samples in the batch of operation counts and memory.
    pub batch: usize,
    /// Samples in the batches that are timed; empty to time nothing.
    pub timed_batches: Vec<usize>,
    /// Whether inference is timed under every missing pattern too, or only with all modalities.
    pub patterns: bool,
    /// Measured calls of each timing, at least 1.
    pub repeats: usize,
    /// Calls before the measured ones.
    pub warm_up: usize,
}

/// One model of a profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "a handful a profile, made once")]
pub enum Subject {
    /// A method on a dataset.
    Method {
        /// The trial that it is, or would be.
        spec: TrialSpec,
        /// Label in tables.
        label: String,
        /// `trials/<key>` of a run, whose weights are used; `None` for initial weights.
        trial: Option<PathBuf>,
    },
    /// A frozen feature extractor with random weights: cost does not depend on them.
    Extractor {
        /// `bert-base`, `resnet-50`, `wav2vec2-base`.
        name: String,
        /// Tokens, frames, or seconds of audio at 16 kHz of one sample.
        size: f64,
    },
}

/// What one model costs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Samples in the batch of counts and memory.
    pub batch: usize,
    /// Numbers in the model.
    pub parameters: ParameterCounts,
    /// Work of one prediction of the batch with all modalities.
    pub inference: Work,
    /// Work of one training step on the batch; `None` for a model that is not trained.
    pub training: Option<TrainingWork>,
    /// Bytes.
    pub memory: Memory,
    /// Times call by call.
    pub timings: Vec<Timing>,
    /// What could not be measured, and why: `training step of 1 sample` and a sentence.
    pub unavailable: Vec<(String, String)>,
}

/// Numbers in a model, by what happens to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterCounts {
    /// Moved by the optimisers.
    pub trainable: u64,
    /// Parameters that training leaves alone.
    pub frozen: u64,
    /// Of all these: read by no prediction, whatever is missing (critic, decoder).
    pub training_only: u64,
    /// Numbers of the checkpoint that are no parameters (projectors, prototypes).
    pub state: u64,
}

/// Work by phase of a training step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingWork {
    /// Outside the two below: the objective, and gradients that a method computes by hand.
    pub forward: Work,
    /// Inside libtorch's backward passes, second derivatives included.
    pub backward: Work,
    /// Gradient clipping and optimiser steps.
    pub optimiser: Work,
}

/// Executed operations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// FLOPs of counted operations by family, in the order of [`Family`]; families without work are left out.
    pub flops: Vec<FamilyWork>,
    /// Elements that element-wise operations, reductions and random draws passed over (the larger of input and output), beside the FLOPs.
    pub elementwise: u64,
    /// Operations that move or make values without arithmetic (copies, views, gathers): calls.
    pub moves: u64,
    /// Operations without a rule: name and calls. What they compute is in no other number.
    pub unknown: Vec<(String, u64)>,
}

/// One family's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyWork {
    /// Which.
    pub family: Family,
    /// 2 × multiply-accumulates.
    pub flops: u64,
    /// Calls.
    pub calls: u64,
}

/// Families of operations whose FLOPs are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Matrix products, batched or not, linear layers.
    Matmul,
    /// Convolutions.
    Convolution,
    /// Fused attention kernels.
    Attention,
    /// Recurrent layers that libtorch runs as one operation.
    Recurrent,
    /// Linear solves and factorisations.
    Solve,
    /// The project's own loops over plain numbers (Sinkhorn), which report their work.
    Own,
}

/// Bytes by what they hold. The batch itself is in none but [`Memory::process_peak`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Parameters and state.
    pub parameters: u64,
    /// Gradients after a step.
    pub gradients: u64,
    /// What the optimisers keep between steps.
    pub optimiser: u64,
    /// What the forward pass of a training step leaves for the backward pass: live when the first backward pass begins, less what was live before the step.
    pub activations: u64,
    /// Most that a training step holds at once beyond what was live before it, gradients included.
    pub step_peak: u64,
    /// Most that a prediction holds at once beyond what was live before it.
    pub inference_peak: u64,
    /// Most memory of the whole process so far, code and datasets included (resident on the CPU; on a GPU the host's).
    pub process_peak: u64,
}

/// One thing timed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// What ran.
    pub what: Timed,
    /// Samples in the batch.
    pub batch: usize,
    /// The missing modalities, as in conditions: `clean` or `missing(a,b)`.
    pub pattern: String,
    /// One number a call, in the order of measurement.
    pub nanoseconds: Vec<u64>,
}

/// What a timing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timed {
    /// One prediction.
    Inference,
    /// One training step, optimiser included.
    TrainingStep,
}

impl ProfileJob {
    /// Rounds of each timing, measured or not.
    pub fn rounds(&self) -> usize {
        self.warm_up + self.repeats
    }
}

impl Work {
    /// FLOPs of all families.
    pub fn total(&self) -> u64 {
        self.flops.iter().map(|family| family.flops).sum()
    }
}

impl Family {
    /// Name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matmul => "matrix products",
            Self::Convolution => "convolutions",
            Self::Attention => "attention",
            Self::Recurrent => "recurrent",
            Self::Solve => "solves",
            Self::Own => "own loops",
        }
    }
}

impl Timed {
    /// Name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inference => "inference",
            Self::TrainingStep => "training step",
        }
    }
}
