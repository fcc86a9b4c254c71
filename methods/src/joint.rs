//! What methods share that are one encoder a modality, a fusion head, and the head's objective.

use tch::Tensor;

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Output, PerModality, Step, losses,
    nn::{Encoders, Parameters, Scope},
};

/// What such methods differ in.
pub(crate) trait Head {
    /// The answer to M encodings `[B, 128]` under δ (`[B, M]` bool).
    fn answer(&self, encodings: &[Tensor], availability: &Tensor) -> Output;

    /// The objective on encodings in training mode; the task's loss of the answer, if nothing else is said.
    fn loss(&self, encodings: &[Tensor], batch: &Batch, _step: &Step) -> LossTerms {
        LossTerms::one("task", losses::task_loss(&self.answer(encodings, &batch.inputs.availability), &batch.targets))
    }
}

/// Encoders and a head.
#[derive(Debug)]
struct Joint<H> {
    parameters: Parameters,
    encoders: Encoders,
    head: H,
}

/// An untrained model with the head that `make` builds.
///
/// # Errors
/// Options that were not resolved against the card, and what `make` refuses.
pub(crate) fn build<H: Head + 'static>(
    context: &BuildContext<'_>,
    make: impl FnOnce(&Scope<'_>) -> Result<H, MethodError>,
) -> Result<Box<dyn Method>, MethodError> {
    let parameters = Parameters::new(context.device, context.seed);
    let root = parameters.root();
    let encoders = Encoders::new(&root.at("encoder"), context)?;
    let head = make(&root.at("head"))?;
    Ok(Box::new(Joint { encoders, head, parameters }))
}

impl<H: Head> Method for Joint<H> {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, step: &Step) -> LossTerms {
        self.head.loss(&self.encoders.train_all(&batch.inputs), batch, step)
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl<H: Head> PerModality for Joint<H> {
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        self.encoders.encode(modality, input)
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        self.head.answer(encodings, availability)
    }
}
