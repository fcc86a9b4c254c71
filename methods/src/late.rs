//! Late fusion: a classifier a modality, each trained with its own loss; the answers are averaged.

use bench_card::{Card, OptionCard};
use tch::{Kind, Tensor};

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Output, PerModality, Step, fusion, losses,
    nn::{Encoders, Linear, Parameters, TextEncoder, WIDTH},
    registry,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Average {
    Logits,
    Probabilities,
}

/// The card of `late`.
pub fn card() -> Card {
    let summary = "one classifier a modality, trained independently; the mean of the available modalities' logits decides";
    let options = vec![
        OptionCard::choice("average", &["logits", "probabilities"], "what is averaged over modalities; MLA's wording is \"all unimodal outputs\""),
        OptionCard::choice(
            "missing",
            &["masked", "zero-input"],
            "masked: only available modalities are averaged; zero-input: the network sees zeros and every modality counts",
        ),
        TextEncoder::option(),
    ];
    Card { options, missing: Some("left out of the mean, or zero input".into()), ..registry::plain_card("late", "Late", "simple fusion", summary) }
}

/// Builds `late`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    let parameters = Parameters::new(context.device, context.seed);
    let root = parameters.root();
    let settings = context.settings();
    let heads = context.modalities.iter().map(|modality| Linear::new(&root.at("head").at(&modality.name), WIDTH, context.outputs())).collect();
    Ok(Box::new(Late {
        encoders: Encoders::new(&root.at("encoder"), context)?,
        heads,
        average: settings.choice("average", &[("logits", Average::Logits), ("probabilities", Average::Probabilities)])?,
        masked: settings.choice("missing", &[("masked", true), ("zero-input", false)])?,
        regression: context.regression(),
        parameters,
    }))
}

#[derive(Debug)]
struct Late {
    parameters: Parameters,
    encoders: Encoders,
    heads: Vec<Linear>,
    average: Average,
    masked: bool,
    regression: bool,
}

impl Method for Late {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let encodings = self.encoders.train_all(&batch.inputs);
        let each: Vec<Tensor> = self
            .heads
            .iter()
            .zip(&encodings)
            .enumerate()
            .map(|(at, (head, encoding))| {
                let loss = losses::per_sample(&Output::from_head(head.forward(encoding), self.regression), &batch.targets);
                let available = batch.inputs.available(at).to_kind(loss.kind());
                losses::counted_mean(&loss, &available)
            })
            .collect();
        LossTerms::one("unimodal", Tensor::stack(&each, 0).sum(None::<Kind>))
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Late {
    /// A modality's own answer, `[B, C]`: logits or probabilities, whichever are averaged.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        let logits = self.heads[modality].forward(&self.encoders.encode(modality, input));
        match self.average {
            Average::Probabilities if !self.regression => logits.softmax(-1, None::<Kind>),
            _ => logits,
        }
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        let answers = Tensor::stack(encodings, 0);
        let counted = if self.masked { availability.shallow_clone() } else { availability.ones_like() };
        let mean = fusion::mean(&answers, &counted);
        match self.average {
            Average::Probabilities if !self.regression => Output::Probabilities(mean),
            _ => Output::from_head(mean, self.regression),
        }
    }
}
