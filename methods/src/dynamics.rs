//! Multimodal Dynamics (Han et al., CVPR 2022): which features of a sample, and which modality, can be relied on.

use bench_card::{Capabilities, Card, Optimiser, Recipe, Schedule, TaskKind, equations};
use bench_datasets::Kind as ModalityKind;
use tch::{Kind, Tensor};

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Output, PerModality, Step, Targets, fusion, losses,
    nn::{Encoder, Linear, Parameters, Scope, TextEncoder, WIDTH},
    registry,
};

/// Of the hidden features, while training.
const DROPOUT: f64 = 0.5;

/// The card of `md`.
pub fn card() -> Card {
    let plain = registry::plain_card(
        "md",
        "MD",
        "uncertainty",
        "gates features, weighs each modality by the probability that its own answer is estimated to give the true class",
    );
    Card {
        paper: "Z. Han, F. Yang, J. Huang, C. Zhang, J. Yao: Multimodal Dynamics: Dynamical Fusion for Trustworthy Multimodal Classification (CVPR 2022)".into(),
        year: Some(2022),
        equations: equations([
            ("gate", "w_m = sigmoid(G_m x_m + g_m), h_m = relu(E_m (w_m ⊙ x_m) + e_m), dropout 0.5"),
            ("confidence", "c_m = V_m h_m + v_m, taught to be the true class's probability: mean (c_m − p_m[y])², p_m = softmax(T_m h_m + t_m)"),
            ("fusion", "Q [c_1 h_1; …; c_M h_M] + q"),
            ("loss", "CE(fusion) + Σ_m mean(w_m) + mean (c_m − p_m[y])² + CE(T_m h_m + t_m)"),
        ]),
        options: vec![
            fusion::masked_option(),
            TextEncoder::option(),
        ],
        contradictions: [
            "The paper's confidence is a probability; the released layer has no sigmoid, so it may leave [0, 1]: as released.",
            "The released code lets the gradient of the confidence's target p_m[y] flow: as released.",
            "The paper weighs the sparsity, a sum, by a λ of its own; the code takes the mean with weight 1: as released.",
            "Its inputs are vectors, and gated as such. Of an image, a series or a text, the encoding of the shared encoder is gated; the hidden width is RAML's 128, not 1000.",
        ]
        .map(String::from)
        .into(),
        capabilities: Capabilities { tasks: vec![TaskKind::Classification], ..plain.capabilities },
        paper_recipe: Some(Recipe {
            optimisers: vec![("*".into(), Optimiser::adam(1e-4, 1e-4).with_schedule(Schedule::Step { every: 500, factor: 0.2 }))],
            batch: 1024,
            source: "the released code; it takes the whole training split as one batch, here 1024 samples at most".into(),
        }),
        ..plain
    }
}

/// Builds `md`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    if context.regression() {
        return Err(MethodError::Refused { method: "md", reason: "the confidence is a class's probability: classification only".into() });
    }
    let settings = context.settings();
    let text = settings.choice("text-encoder", TextEncoder::CHOICES)?;
    let parameters = Parameters::new(context.device, context.seed);
    let root = parameters.root();
    let classes = context.outputs();
    Ok(Box::new(Dynamics {
        views: context.modalities.iter().map(|modality| View::new(&root.at("view").at(&modality.name), &modality.kind, text, classes)).collect(),
        fusion: Linear::new(&root.at("fusion"), WIDTH * context.arity() as i64, classes),
        masked: settings.choice("missing", fusion::MASKED)?,
        parameters,
    }))
}

/// One modality's layers.
#[derive(Debug)]
pub struct Layers {
    /// `G`, `[d, d]`.
    pub gate: Linear,
    /// `E`, `[H, d]`.
    pub encode: Linear,
    /// `V`, `[1, H]`.
    pub confidence: Linear,
    /// `T`, `[C, H]`.
    pub classify: Linear,
}

/// What one modality says of a batch.
#[derive(Debug)]
pub struct Said {
    /// `w`, `[B, d]`.
    pub gate: Tensor,
    /// `h`, `[B, H]`.
    pub hidden: Tensor,
    /// `c`, `[B, 1]`.
    pub confidence: Tensor,
    /// `[B, C]`.
    pub logits: Tensor,
}

impl Layers {
    /// Of features `[B, d]`; `train` switches dropout on.
    pub fn say(&self, features: &Tensor, train: bool) -> Said {
        let gate = self.gate.forward(features).sigmoid();
        let hidden = self.encode.forward_relu(&(&gate * features)).dropout(DROPOUT, train);
        Said { confidence: self.confidence.forward(&hidden), logits: self.classify.forward(&hidden), gate, hidden }
    }
}

impl Said {
    /// `c h`, the modality's part in the fusion, `[B, H]`.
    pub fn part(&self) -> Tensor {
        &self.confidence * &self.hidden
    }

    /// Sparsity, the confidence's error and the cross-entropy of each sample, `[B]` each.
    pub fn losses(&self, classes: &Tensor) -> [Tensor; 3] {
        let truth = self.logits.softmax(-1, None::<Kind>).gather(1, &classes.unsqueeze(-1), false);
        let error = (&self.confidence - truth).square().squeeze_dim(-1);
        [self.gate.mean_dim(-1, false, None::<Kind>), error, losses::cross_entropy_each(&self.logits, classes)]
    }
}

#[derive(Debug)]
struct View {
    /// `None` of vectors, which are gated themselves.
    encoder: Option<Encoder>,
    layers: Layers,
}

impl View {
    fn new(scope: &Scope<'_>, kind: &ModalityKind, text: TextEncoder, classes: i64) -> Self {
        let (encoder, dim) = match kind {
            ModalityKind::Vector { dim } => (None, *dim as i64),
            kind => (Some(Encoder::new(&scope.at("encoder"), kind, text)), WIDTH),
        };
        let layers = Layers {
            gate: Linear::new(&scope.at("gate"), dim, dim),
            encode: Linear::new(&scope.at("encode"), dim, WIDTH),
            confidence: Linear::new(&scope.at("confidence"), WIDTH, 1),
            classify: Linear::new(&scope.at("classify"), WIDTH, classes),
        };
        Self { encoder, layers }
    }

    fn say(&self, input: &ModalityInput, train: bool) -> Said {
        let encoded = self.encoder.as_ref().map(|encoder| encoder.forward(input, train));
        self.layers.say(encoded.as_ref().unwrap_or(&input.values), train)
    }
}

#[derive(Debug)]
struct Dynamics {
    parameters: Parameters,
    views: Vec<View>,
    fusion: Linear,
    masked: bool,
}

impl Dynamics {
    fn logits(&self, parts: &[Tensor], availability: &Tensor) -> Tensor {
        let seen = self.masked.then(|| fusion::masked(parts, availability));
        self.fusion.forward(&Tensor::cat(seen.as_deref().unwrap_or(parts), -1))
    }
}

impl Method for Dynamics {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let Targets::Classes(classes) = &batch.targets else { panic!("confidence is about classes; the registry refuses other tasks") };
        let said: Vec<Said> = self.views.iter().zip(&batch.inputs.modalities).map(|(view, input)| view.say(input, true)).collect();
        let parts: Vec<Tensor> = said.iter().map(Said::part).collect();
        let logits = self.logits(&parts, &batch.inputs.availability);
        let mut sums = [(); 3].map(|()| Tensor::zeros([], (logits.kind(), logits.device())));
        for (at, said) in said.iter().enumerate() {
            let available = batch.inputs.available(at).to_kind(logits.kind());
            let counted = if self.masked { available } else { available.ones_like() };
            for (sum, each) in sums.iter_mut().zip(said.losses(classes)) {
                *sum = &*sum + losses::counted_mean(&each, &counted);
            }
        }
        let [sparsity, confidence, unimodal] = sums;
        LossTerms::one("task", losses::task_loss(&Output::Logits(logits), &batch.targets))
            .and("sparsity", 1.0, sparsity)
            .and("confidence", 1.0, confidence)
            .and("unimodal", 1.0, unimodal)
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Dynamics {
    /// `c_m h_m`, `[B, 128]`.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        self.views[modality].say(input, false).part()
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        Output::Logits(self.logits(encodings, availability))
    }
}
