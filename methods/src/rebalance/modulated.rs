//! What OGM and OGM-GE share: all but the noise.

use bench_card::{Capabilities, Card, Dimension, OptionCard, TaskKind, equations};
use tch::{Kind, Tensor};

use super::modulation;
use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, Optimisers, Output, PerModality, Step, Targets, concat::Concatenation,
    registry,
};

/// Last epoch with modulation and number of epochs in the released code.
const PAPER_WINDOW: (f64, f64) = (50.0, 100.0);

/// How a modality's score is compared with the others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    MeanOfRatios,
    OverMean,
    Released,
}

/// The card of either.
pub(super) fn card(id: &str, name: &str, summary: &str, gradient: &str) -> Card {
    let plain = registry::plain_card(id, name, "gradient balance", summary);
    Card {
        paper: "X. Peng, Y. Wei, A. Deng, D. Wang, D. Hu: Balanced Multimodal Learning via On-the-fly Gradient Modulation (CVPR 2022)".into(),
        year: Some(2022),
        equations: equations([
            ("scores", "s_m = Σ_i softmax(W_m h_m + b / M)_i[y_i], W_m the block of the head that reads modality m"),
            ("10", "ρ_m: s_m over the other's score; k_m = 1 − tanh(α ρ_m) where ρ_m > 1, else 1"),
            ("gradient", gradient),
        ]),
        options: super::options(vec![
            OptionCard::number("alpha", 0.8, 0.0, 10.0, "α: 0.1 on VGGSound, 0.8 on CREMA-D in the released code"),
            OptionCard::choice(
                "ratio",
                &["mean-of-ratios", "over-mean", "released"],
                "of more than two modalities: the mean of the ratios to each other one, the ratio to their mean, or that to their sum with the first modality \
                 suppressed where nobody is ahead (the released code; of two modalities that is seen in a tie alone)",
            ),
            OptionCard::number("last-epoch", PAPER_WINDOW.0, 0.0, PAPER_WINDOW.1, "last epoch with modulation, of the paper's 100: the same share of however many there are"),
        ]),
        contradictions: [
            "The released code modulates four-dimensional weights alone, so nothing of an MLP or LSTM: here every weight of an encoder that is no bias.",
            "The paper has two modalities; for more there are readings (`ratio`), of which the mean of ratios is the default.",
            "Scores of a modality are of the samples that have it; one that no sample of a batch has is neither compared nor scaled.",
        ]
        .map(String::from)
        .into(),
        capabilities: Capabilities { tasks: vec![TaskKind::Classification], ..plain.capabilities },
        paper_recipe: Some(super::released_recipe()),
        space: Dimension::of_training().into_iter().chain([Dimension::linear("alpha", 0.1, 1.0)]).collect(),
        missing: Some(super::MISSING.into()),
        ..plain
    }
}

/// Builds either.
pub(super) fn build(context: &BuildContext<'_>, method: &'static str, enhanced: bool) -> Result<Box<dyn Method>, MethodError> {
    if context.regression() {
        return Err(MethodError::Refused { method, reason: "modalities are compared by the true class's probability: classification only".into() });
    }
    let settings = context.settings();
    let model = super::model(context)?;
    let names = super::names(context);
    let comparisons = [("mean-of-ratios", Comparison::MeanOfRatios), ("over-mean", Comparison::OverMean), ("released", Comparison::Released)];
    Ok(Box::new(Modulated {
        weights: names.iter().map(|name| model.encoder(name).into_iter().filter(|tensor| tensor.dim() > 1).collect()).collect(),
        alpha: settings.number("alpha")?,
        comparison: settings.choice("ratio", &comparisons)?,
        last_epoch: settings.number("last-epoch")?,
        enhanced,
        names,
        model,
    }))
}

#[derive(Debug)]
struct Modulated {
    model: Concatenation,
    names: Vec<String>,
    /// Of each modality's encoder, what is modulated.
    weights: Vec<Vec<Tensor>>,
    alpha: f64,
    comparison: Comparison,
    last_epoch: f64,
    /// Whether noise is added: OGM-GE.
    enhanced: bool,
}

impl Modulated {
    /// k of each modality, `[M]`.
    fn coefficients(&self, encodings: &[Tensor], batch: &Batch) -> Tensor {
        let Targets::Classes(classes) = &batch.targets else { panic!("scores are about classes; the registry refuses other tasks") };
        let availability = &batch.inputs.availability;
        let scores = modulation::scores(&self.model.shares(encodings), classes, availability);
        let there: Vec<bool> = Vec::try_from(availability.any_dim(0, false)).unwrap_or_default();
        let members: Vec<i64> = (0i64..).zip(&there).filter(|(_, there)| **there).map(|(at, _)| at).collect();
        if members.len() < 2 {
            return scores.ones_like();
        }
        let members = Tensor::from_slice(&members).to_device(scores.device());
        let compared = scores.index_select(0, &members);
        let found = match self.comparison {
            Comparison::MeanOfRatios => modulation::coefficients(&modulation::mean_ratios(&compared), self.alpha),
            Comparison::OverMean => modulation::coefficients(&modulation::ratios(&compared), self.alpha),
            Comparison::Released => modulation::released_coefficients(&compared, self.alpha),
        };
        scores.ones_like().index_copy(0, &members, &found)
    }

    fn modulate(&self, coefficients: &Tensor) {
        for (at, weights) in self.weights.iter().enumerate() {
            let coefficient = coefficients.get(at as i64);
            for mut gradient in modulation::gradients(weights) {
                // Of a single number there is no deviation to make noise of.
                let noise = (self.enhanced && gradient.numel() > 1).then(|| gradient.randn_like());
                let modulated = modulation::modulate(&gradient, &coefficient, noise.as_ref());
                gradient.copy_(&modulated);
            }
        }
    }
}

impl Method for Modulated {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.model.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        LossTerms::one("task", self.model.loss(&self.model.train_all(&batch.inputs), batch))
    }

    fn train_step(&mut self, batch: &Batch, step: &Step, optimisers: &mut Optimisers) -> LossTerms {
        let encodings = self.model.train_all(&batch.inputs);
        let mut terms = LossTerms::one("task", self.model.loss(&encodings, batch));
        let active = modulation::active(step.epoch, step.epochs, self.last_epoch, PAPER_WINDOW.1);
        let coefficients = optimisers.minimise_changed(&terms.total(), || {
            active.then(|| {
                let coefficients = self.coefficients(&encodings, batch);
                self.modulate(&coefficients);
                coefficients.to_kind(Kind::Float)
            })
        });
        for (at, name) in self.names.iter().enumerate() {
            if let Some(coefficients) = &coefficients {
                terms = terms.observe(format!("coefficient {name}"), coefficients.get(at as i64));
            }
        }
        terms
    }

    fn busiest_epoch(&self, _epochs: usize) -> usize {
        0
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![self.model.group()]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(&self.model)
    }
}
