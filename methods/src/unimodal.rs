//! The unimodal control: one modality's encoder and a linear classifier; one model a modality.

use bench_card::{Capabilities, Card};
use tch::{Kind, Tensor};

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Output, PerModality, Step, losses,
    nn::{Encoders, Linear, Parameters, TextEncoder, WIDTH},
    registry,
};

/// The card of `unimodal`.
pub fn card() -> Card {
    let summary = "one modality alone: what fusion has to beat; `unimodal` plans one model a modality, `unimodal/NAME` one of them";
    let plain = registry::plain_card("unimodal", "Unimodal", "control", summary);
    let capabilities = Capabilities { min_modalities: 1, per_modality: true, ..plain.capabilities };
    Card { options: vec![TextEncoder::option()], capabilities, missing: Some("zero input, if it is the one".into()), ..plain }
}

/// Builds `unimodal` for the context's one modality.
///
/// # Errors
/// No modality in the context, or options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    let modality = context.modality.filter(|&modality| modality < context.arity());
    let modality = modality.ok_or(MethodError::Refused { method: "unimodal", reason: "it needs the name of one modality".into() })?;
    let parameters = Parameters::new(context.device, context.seed);
    let root = parameters.root();
    let own = BuildContext { modalities: &context.modalities[modality..=modality], ..*context };
    Ok(Box::new(Unimodal {
        encoder: Encoders::new(&root.at("encoder"), &own)?,
        head: Linear::new(&root.at("head"), WIDTH, context.outputs()),
        modality,
        regression: context.regression(),
        parameters,
    }))
}

#[derive(Debug)]
struct Unimodal {
    parameters: Parameters,
    encoder: Encoders,
    head: Linear,
    modality: usize,
    regression: bool,
}

impl Method for Unimodal {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let own = Inputs {
            modalities: vec![batch.inputs.modalities[self.modality].shallow_clone()],
            availability: batch.inputs.availability.narrow(1, self.modality as i64, 1),
        };
        let answer = Output::from_head(self.head.forward(&self.encoder.train_all(&own)[0]), self.regression);
        LossTerms::one("task", losses::task_loss(&answer, &batch.targets))
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Unimodal {
    /// The answer of the own modality; nothing (`[B, 0]`) of the others.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        if modality == self.modality {
            return self.head.forward(&self.encoder.encode(0, input));
        }
        Tensor::zeros([input.values.size()[0], 0], (Kind::Float, input.values.device()))
    }

    fn fuse(&self, encodings: &[Tensor], _availability: &Tensor) -> Output {
        Output::from_head(encodings[self.modality].shallow_clone(), self.regression)
    }
}
