//! Concatenation fusion: one encoder a modality, one linear classifier on the concatenated encodings.

use bench_card::Card;
use tch::Tensor;

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Output, PerModality, Step, fusion, losses,
    nn::{Encoders, Linear, Parameters, TextEncoder, WIDTH},
    patterns, registry,
};

/// The card of `concat`.
pub fn card() -> Card {
    let summary = "one linear classifier on the concatenated encodings; a missing modality is the zero input";
    Card { options: vec![TextEncoder::option()], ..registry::plain_card("concat", "Concat", "simple fusion", summary) }
}

/// Builds `concat`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    Ok(Box::new(Concat::new(context, false)?))
}

/// Concatenation fusion, optionally trained on every missing pattern of each sample.
#[derive(Debug)]
pub struct Concat {
    model: Concatenation,
    /// Patterns that each sample is trained with; empty: the sample as it is.
    patterns: Vec<Vec<bool>>,
}

impl Concat {
    /// An untrained model; with `augmented`, trained on all 2^M − 1 patterns of each sample.
    ///
    /// # Errors
    /// Options that were not resolved against the card.
    pub fn new(context: &BuildContext<'_>, augmented: bool) -> Result<Self, MethodError> {
        let patterns = if augmented { patterns::all(context.arity()) } else { Vec::new() };
        Ok(Self { model: Concatenation::new(context, false)?, patterns })
    }
}

impl Method for Concat {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.model.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let seen = self.model.train_all(&batch.inputs);
        if self.patterns.is_empty() {
            return LossTerms::one("task", self.model.loss(&seen, batch));
        }
        let nothing = self.model.encoders.train_nothing(&batch.inputs);
        let total = self.patterns.iter().fold(Tensor::from(0.0f32), |total, pattern| {
            let encodings: Vec<Tensor> =
                (0..seen.len()).map(|at| if pattern[at] { seen[at].shallow_clone() } else { nothing[at].expand_as(&seen[at]) }).collect();
            total + self.model.loss(&encodings, batch)
        });
        LossTerms::one("task", total / self.patterns.len() as f64)
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![self.model.group()]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(&self.model)
    }
}

/// Encoders and a linear head on the concatenated encodings: what methods share that are about how these are trained.
#[derive(Debug)]
pub(crate) struct Concatenation {
    parameters: Parameters,
    encoders: Encoders,
    head: Linear,
    regression: bool,
    /// Whether a missing modality's encoding is zeros, not what its encoder makes of the zero input.
    masked: bool,
}

impl Concatenation {
    /// An untrained model.
    ///
    /// # Errors
    /// Options that were not resolved against the card.
    pub(crate) fn new(context: &BuildContext<'_>, masked: bool) -> Result<Self, MethodError> {
        let parameters = Parameters::new(context.device, context.seed);
        let root = parameters.root();
        let encoders = Encoders::new(&root.at("encoder"), context)?;
        let head = Linear::new(&root.at("head"), WIDTH * context.arity() as i64, context.outputs());
        Ok(Self { parameters, encoders, head, regression: context.regression(), masked })
    }

    /// Encodings in training mode, M × `[B, 128]`.
    pub(crate) fn train_all(&self, inputs: &Inputs) -> Vec<Tensor> {
        self.encoders.train_all(inputs)
    }

    /// The task's loss of encodings, 0-d.
    pub(crate) fn loss(&self, encodings: &[Tensor], batch: &Batch) -> Tensor {
        losses::task_loss(&self.fuse(encodings, &batch.inputs.availability), &batch.targets)
    }

    /// What the head reads of encodings, `[B, 128 M]`.
    pub(crate) fn read(&self, encodings: &[Tensor], availability: &Tensor) -> Tensor {
        let silenced = self.masked.then(|| fusion::masked(encodings, availability));
        Tensor::cat(silenced.as_deref().unwrap_or(encodings), -1)
    }

    /// The answer to what the head reads.
    pub(crate) fn answer(&self, read: &Tensor) -> Output {
        Output::from_head(self.head.forward(read), self.regression)
    }

    /// Each modality's part in the answer, `[M, B, outputs]`; they add up to it.
    pub(crate) fn shares(&self, encodings: &[Tensor]) -> Tensor {
        let share = |modality| fusion::concat_share(encodings, modality, &self.head.weight, &self.head.bias);
        Tensor::stack(&(0..encodings.len()).map(share).collect::<Vec<_>>(), 0)
    }

    /// `[outputs, 128 M]`.
    pub(crate) fn head_weight(&self) -> &Tensor {
        &self.head.weight
    }

    /// Parameters of a modality's encoder.
    pub(crate) fn encoder(&self, modality: &str) -> Vec<Tensor> {
        self.parameters.below(&["encoder", modality])
    }

    /// All parameters as one group.
    pub(crate) fn group(&self) -> Group<'_> {
        Group { name: "model", variables: self.parameters.variables() }
    }
}

impl PerModality for Concatenation {
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        self.encoders.encode(modality, input)
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        self.answer(&self.read(encodings, availability))
    }
}
