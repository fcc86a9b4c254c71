//! Quality-aware Multimodal Fusion (Zhang et al., ICML 2023): each modality's answer weighed by its energy, which a ranking loss ties to how hard a sample was.

use bench_card::{Capabilities, Card, Dimension, Optimiser, OptionCard, Recipe, TaskKind, equations};
use tch::{Kind, Tensor};

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Optimisers, Output, PerModality, Step, Targets, TrainView,
    fusion, losses,
    nn::{Encoders, Linear, Parameters, TextEncoder, WIDTH},
    registry,
    state::take,
};

const HISTORY: &str = "history";

/// The card of `qmf`.
pub fn card() -> Card {
    let plain = registry::plain_card(
        "qmf",
        "QMF",
        "uncertainty",
        "weighs each modality's logits by their energy; a ranking loss lowers it where a sample's own loss has added up to more",
    );
    Card {
        paper: "Q. Zhang, H. Wu, C. Zhang, Q. Hu, H. Fu, J. T. Zhou, X. Peng: Provable Dynamic Fusion for Low-Quality Multimodal Data (ICML 2023)".into(),
        year: Some(2023),
        equations: equations([
            ("energy", "E_m = −ln Σ_c exp l_mc, c_m = −E_m / 10"),
            ("fusion", "Σ_m c_m l_m"),
            ("history", "H_m[i] grows by CE(l_m) of sample i each time it is seen; κ = (H − min H) / (max H − min H) over all training samples"),
            ("ranking", "neighbours i, j of a batch, t = sign(κ_i − κ_j): mean relu(t (c_i − c_j) − |κ_i − κ_j|)"),
            ("loss", "CE(fusion) + Σ_m CE(l_m) + λ_r Σ_m ranking_m"),
        ]),
        options: vec![
            OptionCard::choice(
                "confidence",
                &["detached", "attached"],
                "whether the fusion's loss trains the confidences: detached (the released text and image code) or attached (the released RGB-D code)",
            ),
            OptionCard::number("rank-weight", 1.0, 0.0, 10.0, "λ_r: 1 in the released text and image code, 0.1 in the RGB-D code"),
            fusion::masked_option(),
            TextEncoder::option(),
        ],
        contradictions: [
            "The two released codes differ in λ_r and in whether the confidence is detached: both are options, the defaults those of text and image.",
            "The released ranking turns the target's sign but not the margin's, so |κ_i − κ_j| is slack: a harder sample may be more confident by as much. As released.",
            "The RGB-D code ranks before the first loss is in the history and gets 0/0: the history comes first here, and κ is 0 while all samples' histories are equal.",
            "The confidence may be negative (all logits far below 0), and nothing normalises it: as released.",
        ]
        .map(String::from)
        .into(),
        capabilities: Capabilities { tasks: vec![TaskKind::Classification], ..plain.capabilities },
        paper_recipe: Some(Recipe {
            optimisers: vec![("*".into(), Optimiser::adam(1e-4, 1e-5))],
            batch: 256,
            source: "the released RGB-D code (the text and image code is set up for BERT)".into(),
        }),
        space: Dimension::of_training().into_iter().chain([Dimension::log("rank-weight", 0.1, 10.0)]).collect(),
        ..plain
    }
}

/// Builds `qmf`.
///
/// # Errors
/// A regression task, or options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    if context.regression() {
        return Err(MethodError::Refused { method: "qmf", reason: "the energy is one of class logits: classification only".into() });
    }
    let settings = context.settings();
    let parameters = Parameters::new(context.device, context.seed);
    let root = parameters.root();
    let head = |modality: &bench_datasets::Modality| Linear::new(&root.at("head").at(&modality.name), WIDTH, context.outputs());
    Ok(Box::new(Qmf {
        encoders: Encoders::new(&root.at("encoder"), context)?,
        heads: context.modalities.iter().map(head).collect(),
        history: Tensor::zeros([context.arity() as i64, 0], (Kind::Float, context.device)),
        attached: settings.choice("confidence", &[("detached", false), ("attached", true)])?,
        rank_weight: settings.number("rank-weight")?,
        masked: settings.choice("missing", fusion::MASKED)?,
        parameters,
    }))
}

/// `Σ_m c_m l_m` over the available modalities: logits `[M, B, C]`, confidences `[M, B, 1]`, δ `[B, M]` → `[B, C]`.
pub fn fuse(logits: &Tensor, confidence: &Tensor, availability: &Tensor) -> Tensor {
    fusion::sum(&(logits * confidence), availability)
}

/// A history `[…, N]` in which the samples at `rows` (`[B]`, each once) have `losses` (`[…, B]`) more.
pub fn recorded(history: &Tensor, rows: &Tensor, losses: &Tensor) -> Tensor {
    history.index_copy(-1, rows, &(history.index_select(-1, rows) + losses))
}

/// κ of the samples at `rows`, in [0, 1]: `[…, N]` → `[…, B]`. 0 while all histories are equal.
pub fn difficulty(history: &Tensor, rows: &Tensor) -> Tensor {
    let low = history.amin([-1i64].as_slice(), true);
    let spread = history.amax([-1i64].as_slice(), true) - &low;
    ((history.index_select(-1, rows) - low) / &spread).masked_fill(&spread.eq(0), 0)
}

/// Which of a sample and the next one of its batch (round) is the harder, and by how much.
#[derive(Debug)]
pub struct Pairs {
    /// `t = sign(κ_i − κ_j)`, `[…, B]`.
    pub target: Tensor,
    /// `|κ_i − κ_j|`, `[…, B]`.
    pub margin: Tensor,
}

impl Pairs {
    /// Of κ `[…, B]`.
    pub fn of(difficulty: &Tensor) -> Self {
        let gap = difficulty - next(difficulty);
        Self { target: gap.sign(), margin: gap.abs() }
    }

    /// `relu(t (c_i − c_j) − |κ_i − κ_j|)` of confidences `[…, B]`; 0 where the two are equally hard.
    pub fn losses(&self, confidence: &Tensor) -> Tensor {
        (&self.target * (confidence - next(confidence)) - &self.margin).relu()
    }
}

/// What stands beside each sample of a batch, `[…, B]`.
fn next(each: &Tensor) -> Tensor {
    each.roll([-1i64].as_slice(), [-1i64].as_slice())
}

#[derive(Debug)]
struct Qmf {
    parameters: Parameters,
    encoders: Encoders,
    heads: Vec<Linear>,
    /// H, `[M, N]`: what each training sample's own losses add up to.
    history: Tensor,
    attached: bool,
    rank_weight: f64,
    masked: bool,
}

/// A training pass.
struct Pass {
    /// `[M, B, C]`.
    logits: Tensor,
    /// Cross-entropy of each modality's own answer, `[M, B]`.
    losses: Tensor,
    /// What counts in the losses, `[M, B]` of 1 and 0.
    counted: Tensor,
}

impl Qmf {
    fn pass(&self, batch: &Batch) -> Pass {
        let Targets::Classes(classes) = &batch.targets else { panic!("the energy is one of classes; the registry refuses other tasks") };
        let encodings = self.encoders.train_all(&batch.inputs);
        let logits = Tensor::stack(&self.heads.iter().zip(&encodings).map(|(head, encoding)| head.forward(encoding)).collect::<Vec<_>>(), 0);
        let counted = self.seen(&batch.inputs.availability).transpose(0, 1).to_kind(logits.kind());
        Pass { losses: losses::cross_entropy_each(&logits, classes), logits, counted }
    }

    /// δ as the method takes it: all true, unless it masks.
    fn seen(&self, availability: &Tensor) -> Tensor {
        if self.masked { availability.shallow_clone() } else { availability.ones_like() }
    }

    fn terms(&self, pass: &Pass, batch: &Batch) -> LossTerms {
        let confidence = fusion::energy_confidence(&pass.logits);
        let weights = if self.attached { confidence.shallow_clone() } else { confidence.detach() };
        let fused = fuse(&pass.logits, &weights, &self.seen(&batch.inputs.availability));
        let pairs = Pairs::of(&difficulty(&self.history, &batch.rows));
        let both = &pass.counted * next(&pass.counted);
        let rank = losses::counted_mean(&pairs.losses(&confidence.squeeze_dim(-1)), &both).sum(None::<Kind>);
        LossTerms::one("task", losses::task_loss(&Output::Logits(fused), &batch.targets))
            .and("unimodal", 1.0, losses::counted_mean(&pass.losses, &pass.counted).sum(None::<Kind>))
            .and("rank", self.rank_weight, rank)
    }
}

impl Method for Qmf {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        self.terms(&self.pass(batch), batch)
    }

    /// The batch's losses enter the history before it is ranked by it.
    fn train_step(&mut self, batch: &Batch, _step: &Step, optimisers: &mut Optimisers) -> LossTerms {
        let pass = self.pass(batch);
        self.history = recorded(&self.history, &batch.rows, &(&pass.losses * &pass.counted).detach());
        let terms = self.terms(&pass, batch);
        optimisers.minimise(&terms.total());
        terms
    }

    fn prepare(&mut self, train: &TrainView<'_>) {
        self.history = Tensor::zeros([self.heads.len() as i64, train.samples as i64], (self.history.kind(), self.history.device()));
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn state(&self) -> Vec<(String, Tensor)> {
        vec![(HISTORY.into(), self.history.shallow_clone())]
    }

    fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        // A model that is only restored has seen no training split; the checkpoint says how many samples it has.
        let samples = state.iter().find(|(name, _)| name == HISTORY).and_then(|(_, kept)| kept.size().get(1).copied()).unwrap_or_default();
        let mut history = Tensor::zeros([self.heads.len() as i64, samples], (self.history.kind(), self.history.device()));
        take(state, HISTORY, &mut history)?;
        self.history = history;
        Ok(())
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Qmf {
    /// A modality's own logits, `[B, C]`.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        self.heads[modality].forward(&self.encoders.encode(modality, input))
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        let logits = Tensor::stack(encodings, 0);
        Output::Logits(fuse(&logits, &fusion::energy_confidence(&logits), &self.seen(availability)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(tensor: &Tensor) -> Vec<f64> {
        Vec::try_from(tensor.flatten(0, -1).to_kind(Kind::Double)).unwrap()
    }

    /// Histories 1, 3, 5 and 0 of four samples, of which three are in the batch: κ = 0.2, 0.6, 1 by hand. Of the golden cases only one step has a loss.
    #[test]
    fn a_harder_sample_may_be_more_confident_by_the_margin_and_pays_for_what_is_beyond() {
        let history = recorded(&Tensor::from_slice(&[0.5, 1.0, 2.0, 0.0]), &Tensor::from_slice(&[0i64, 2, 1]), &Tensor::from_slice(&[0.5, 3.0, 2.0]));
        assert_eq!(values(&history), [1.0, 3.0, 5.0, 0.0]);
        let difficulty = difficulty(&history, &Tensor::from_slice(&[0i64, 1, 2]));
        let close = |found: &Tensor, expected: [f64; 3]| {
            assert!(values(found).iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{:?}", values(found));
        };
        close(&difficulty, [0.2, 0.6, 1.0]);
        let pairs = Pairs::of(&difficulty);
        close(&pairs.target, [-1.0, -1.0, 1.0]);
        close(&pairs.margin, [0.4, 0.4, 0.8]);
        // −(0.9 − 0.2) − 0.4 < 0; −(0.2 − 1.5) − 0.4 = 0.9; (1.5 − 0.9) − 0.8 < 0.
        close(&pairs.losses(&Tensor::from_slice(&[0.9, 0.2, 1.5])), [0.0, 0.9, 0.0]);
    }

    #[test]
    fn equal_histories_rank_nobody() {
        let difficulty = difficulty(&Tensor::from_slice(&[2.0, 2.0, 2.0]), &Tensor::from_slice(&[0i64, 2]));
        assert_eq!(values(&Pairs::of(&difficulty).losses(&Tensor::from_slice(&[5.0, -5.0]))), [0.0, 0.0]);
    }

    /// `c(l + a) = c(l) + a / 10`; logits of zero add nothing, although their confidence is ln C / 10.
    #[test]
    fn confidence_shifts_with_the_logits() {
        let logits = Tensor::from_slice(&[0.3, -0.2, 1.0, 0.0, 0.0, 0.0]).view([2, 1, 3]);
        let confidence = fusion::energy_confidence(&logits);
        let shifted = fusion::energy_confidence(&(&logits + 2.0));
        assert!(values(&(shifted - &confidence)).iter().all(|gain| (gain - 0.2).abs() < 1e-12));
        let available = |all: [bool; 2]| fuse(&logits, &confidence, &Tensor::from_slice(&all).view([1, 2]));
        assert_eq!(values(&available([true, true])), values(&available([true, false])));
        assert_eq!(values(&available([false, false])), [0.0; 3]);
    }
}
