//! What can be measured.

use bench_methods::{Batch, Inputs};
use tch::Tensor;

use crate::failure::Failure;

/// A model on a device.
pub(super) trait Model {
    /// The missing patterns that it can predict under, the one with everything first.
    fn patterns(&self) -> Vec<Pattern>;

    /// So many samples under a pattern.
    fn samples(&self, count: usize, pattern: &Pattern) -> Result<Samples, Failure>;

    /// So many samples with their targets; none where it is not trained.
    fn labelled(&self, count: usize) -> Option<Batch>;

    /// One prediction, of which nothing is kept.
    fn predict(&self, samples: &Samples) -> Result<(), Failure>;

    /// One training step of the last epoch; nothing where it is not trained.
    fn step(&mut self, batch: &Batch) -> Result<(), Failure>;

    /// Takes all gradients away, as each step begins by doing.
    fn zero_gradients(&mut self);

    /// What it consists of.
    fn numbers(&self) -> Numbers;
}

/// Which modalities are there.
pub(super) struct Pattern {
    /// As conditions have it: `clean`, `missing(a,b)`.
    pub name: String,
    /// By modality.
    pub available: Vec<bool>,
}

/// What a prediction reads.
pub(super) enum Samples {
    /// A method's inputs.
    Inputs(Inputs),
    /// An extractor's.
    Raw(Tensor),
}

/// The numbers of a model.
pub(super) enum Numbers {
    /// A method's.
    Tensors {
        /// Of all groups.
        parameters: Vec<Tensor>,
        /// Tensors of the checkpoint that are no parameters.
        state: Vec<Tensor>,
    },
    /// So many, all frozen.
    Frozen(u64),
}
