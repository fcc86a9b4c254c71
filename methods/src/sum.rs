//! Sum fusion: a linear head a modality, trained jointly on the sum of their logits.

use bench_card::{Card, OptionCard};
use tch::Tensor;

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Output, PerModality, Step, fusion, losses,
    nn::{Encoders, Linear, Parameters, TextEncoder, WIDTH},
    registry,
};

/// The card of `sum`.
pub fn card() -> Card {
    let summary = "the sum of one linear head a modality, trained jointly";
    let missing = OptionCard::choice(
        "missing",
        &["zero-input", "masked"],
        "zero-input: the network sees zeros, biases still fire (the released baselines); masked: only available modalities are summed",
    );
    Card { options: vec![missing, TextEncoder::option()], ..registry::plain_card("sum", "Sum", "simple fusion", summary) }
}

/// Builds `sum`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    let parameters = Parameters::new(context.device, context.seed);
    let root = parameters.root();
    let heads = context.modalities.iter().map(|modality| Linear::new(&root.at("head").at(&modality.name), WIDTH, context.outputs())).collect();
    Ok(Box::new(Sum {
        encoders: Encoders::new(&root.at("encoder"), context)?,
        heads,
        masked: context.settings().choice("missing", &[("zero-input", false), ("masked", true)])?,
        regression: context.regression(),
        parameters,
    }))
}

#[derive(Debug)]
struct Sum {
    parameters: Parameters,
    encoders: Encoders,
    heads: Vec<Linear>,
    masked: bool,
    regression: bool,
}

impl Method for Sum {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let encodings = self.encoders.train_all(&batch.inputs);
        let logits: Vec<Tensor> = self.heads.iter().zip(&encodings).map(|(head, encoding)| head.forward(encoding)).collect();
        LossTerms::one("task", losses::task_loss(&self.fuse(&logits, &batch.inputs.availability), &batch.targets))
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Sum {
    /// A modality's share of the logits, `[B, C]`.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        self.heads[modality].forward(&self.encoders.encode(modality, input))
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        let counted = if self.masked { availability.shallow_clone() } else { availability.ones_like() };
        Output::from_head(fusion::sum(&Tensor::stack(encodings, 0), &counted), self.regression)
    }
}
