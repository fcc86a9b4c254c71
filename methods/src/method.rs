//! The trait that every method implements, and what the training loop hands it.

pub use bench_card::Progress as Step;
use tch::{Tensor, nn};

use crate::{Batch, Inputs, MethodError, ModalityInput, Optimisers, Output, Targets};

/// A fusion model with its training rule.
///
/// Tensors of a shape that the model was not built for make libtorch throw, which `tch` turns into a panic; the worker catches it and names the
/// trial.
pub trait Method {
    /// Predicts, in evaluation mode and without randomness. `Inputs` holds no labels and no ids.
    fn predict(&self, inputs: &Inputs) -> Output;

    /// The training objective on a batch, as named terms whose weighted sum is minimised.
    fn loss(&self, batch: &Batch, step: &Step) -> LossTerms;

    /// One training step. The default minimises [`Method::loss`]; a method with another rule (alternation, critic, gradient modulation) overrides it.
    fn train_step(&mut self, batch: &Batch, step: &Step, optimisers: &mut Optimisers) -> LossTerms {
        let terms = self.loss(batch, step);
        optimisers.minimise(&terms.total());
        terms
    }

    /// Called once before the first step (k-means, CCA, class frequencies).
    fn prepare(&mut self, _train: &TrainView) {}

    /// Called before each epoch, from 0, with the training split (prototypes).
    fn begin_epoch(&mut self, _epoch: usize, _train: &TrainView<'_>) {}

    /// Called after each epoch with the validation score (higher is better).
    fn end_epoch(&mut self, _epoch: usize, _validation: f64) {}

    /// Whether the checkpoint after `epoch` (from 0) may be chosen. An epoch of a first stage that trains no answer may not, and does not count against
    /// the patience.
    fn selectable(&self, _epoch: usize, _epochs: usize) -> bool {
        true
    }

    /// The epoch (from 0) whose steps do all that training does, for measurements: the last, where methods of several stages have them all, unless the
    /// method ends something before.
    fn busiest_epoch(&self, epochs: usize) -> usize {
        epochs.saturating_sub(1)
    }

    /// Numbers about the trained model on labelled samples of the validation split, by name. They are kept beside the trial's results and are no scores:
    /// nothing that ranks methods reads them.
    fn diagnose(&self, _batch: &Batch) -> Vec<(String, f64)> {
        Vec::new()
    }

    /// The parameter groups; the recipe gives each its optimiser.
    fn groups(&self) -> Vec<Group<'_>>;

    /// Tensors that are no parameters but belong in a checkpoint (projectors, histories, prototypes), by unique name.
    fn state(&self) -> Vec<(String, Tensor)> {
        Vec::new()
    }

    /// Takes back what [`Method::state`] gave.
    ///
    /// # Errors
    /// A name that is missing or a shape that does not fit.
    fn load_state(&mut self, _state: &[(String, Tensor)]) -> Result<(), MethodError> {
        Ok(())
    }

    /// The method as "encode each modality, then fuse", where it is one: the harness then encodes once for all missing patterns.
    fn per_modality(&self) -> Option<&dyn PerModality> {
        None
    }
}

/// A prediction that is a function of one encoding a modality and of δ.
pub trait PerModality {
    /// Encodes modality number `modality`: `[B, E]`, in evaluation mode. For a missing modality the harness passes the zero input.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor;

    /// Fuses the M encodings under δ (`[B, M]` bool).
    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output;

    /// [`Method::predict`] of such a method: the same operations in the same order as the harness's reuse, hence the same bits.
    fn encode_and_fuse(&self, inputs: &Inputs) -> Output {
        let encodings: Vec<Tensor> = inputs.modalities.iter().enumerate().map(|(at, input)| self.encode(at, input)).collect();
        self.fuse(&encodings, &inputs.availability)
    }
}

/// One group of parameters: one `VarStore`.
#[derive(Debug)]
pub struct Group<'a> {
    /// Name in the recipe: `model`, `critic`, ….
    pub name: &'static str,
    /// Its parameters.
    pub variables: &'a nn::VarStore,
}

/// Named scalar terms with the weights they enter the objective with, and what else is worth logging at every step.
#[derive(Debug, Default)]
pub struct LossTerms {
    terms: Vec<(&'static str, f64, Tensor)>,
    observed: Vec<(String, Tensor)>,
}

impl LossTerms {
    /// An objective of one term.
    pub fn one(name: &'static str, value: Tensor) -> Self {
        Self::default().and(name, 1.0, value)
    }

    /// The objective with one more term.
    #[must_use]
    pub fn and(mut self, name: &'static str, weight: f64, value: Tensor) -> Self {
        self.terms.push((name, weight, value));
        self
    }

    /// The same objective with a number (0-d) that is logged at every step and enters no objective.
    #[must_use]
    pub fn observe(mut self, name: impl Into<String>, value: Tensor) -> Self {
        self.observed.push((name.into(), value));
        self
    }

    /// The weighted sum that is minimised; a 0-d tensor.
    pub fn total(&self) -> Tensor {
        let mut terms = self.terms.iter().map(|(_, weight, value)| if *weight == 1.0 { value.shallow_clone() } else { value * *weight });
        let first = terms.next().unwrap_or_else(|| Tensor::from(0.0f32));
        terms.fold(first, |sum, term| sum + term)
    }

    /// Name, weight and unweighted 0-d tensor of each term.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64, &Tensor)> {
        self.terms.iter().map(|(name, weight, value)| (*name, *weight, value))
    }

    /// Name and 0-d tensor of what is only logged.
    pub fn observed(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.observed.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Name and unweighted value of each term.
    pub fn values(&self) -> Vec<(&'static str, f64)> {
        self.terms.iter().map(|(name, _, value)| (*name, value.double_value(&[]))).collect()
    }

    /// One term's tensor.
    pub fn term(&self, name: &str) -> Option<&Tensor> {
        self.terms.iter().find(|(own, _, _)| *own == name).map(|(_, _, value)| value)
    }
}

/// The training split as `prepare` sees it.
pub struct TrainView<'a> {
    /// All training targets, in id order.
    pub targets: &'a Targets,
    /// Makes a batch of the given rows of the training split.
    pub batch: &'a dyn Fn(&[usize]) -> Batch,
    /// Training samples.
    pub samples: usize,
}
