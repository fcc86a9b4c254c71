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
    parameters: Parameters,
    encoders: Encoders,
    head: Linear,
    regression: bool,
    /// Patterns that each sample is trained with; empty: the sample as it is.
    patterns: Vec<Vec<bool>>,
}

impl Concat {
    /// An untrained model; with `augmented`, trained on all 2^M − 1 patterns of each sample.
    ///
    /// # Errors
    /// Options that were not resolved against the card.
    pub fn new(context: &BuildContext<'_>, augmented: bool) -> Result<Self, MethodError> {
        let parameters = Parameters::new(context.device, context.seed);
        let root = parameters.root();
        let encoders = Encoders::new(&root.at("encoder"), context)?;
        let head = Linear::new(&root.at("head"), WIDTH * context.arity() as i64, context.outputs());
        let patterns = if augmented { patterns::all(context.arity()) } else { Vec::new() };
        Ok(Self { parameters, encoders, head, regression: context.regression(), patterns })
    }

    fn answer(&self, encodings: &[Tensor]) -> Output {
        Output::from_head(fusion::concat(encodings, &self.head.weight, &self.head.bias), self.regression)
    }
}

impl Method for Concat {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let seen = self.encoders.train_all(&batch.inputs);
        if self.patterns.is_empty() {
            return LossTerms::one("task", losses::task_loss(&self.answer(&seen), &batch.targets));
        }
        let nothing = self.encoders.train_nothing(&batch.inputs);
        let total = self.patterns.iter().fold(Tensor::from(0.0f32), |total, pattern| {
            let encodings: Vec<Tensor> =
                (0..seen.len()).map(|at| if pattern[at] { seen[at].shallow_clone() } else { nothing[at].expand_as(&seen[at]) }).collect();
            total + losses::task_loss(&self.answer(&encodings), &batch.targets)
        });
        LossTerms::one("task", total / self.patterns.len() as f64)
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Concat {
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        self.encoders.encode(modality, input)
    }

    fn fuse(&self, encodings: &[Tensor], _availability: &Tensor) -> Output {
        self.answer(encodings)
    }
}
