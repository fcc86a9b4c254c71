//! Prototypical Modal Rebalance (Fan et al., CVPR 2023): the slowest modality also learns by the distances to its classes' prototypes.

use bench_card::{Capabilities, Card, Dimension, OptionCard, TaskKind, equations};
use bench_datasets::keyed::{Key, permutation};
use tch::{Kind, Tensor};

use super::modulation;
use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, Output, PerModality, Step, Targets, TrainView, concat::Concatenation, losses,
    nn::WIDTH, registry, state::take,
};

const PROTOTYPES: &str = "prototypes";
/// Training samples that prototypes are made of at a time.
const CHUNK: usize = 1024;
/// Smallest squared distance: the root has no gradient at zero.
const NEAR: f64 = 1e-12;

/// The card of `pmr`.
pub fn card() -> Card {
    let summary = "concatenation fusion in which the modality that does worst by its distances to class prototypes has a loss of its own";
    let plain = registry::plain_card("pmr", "PMR", "gradient balance", summary);
    Card {
        paper: "Y. Fan, W. Xu, H. Wang, J. Wang, S. Guo: PMR: Prototypical Modal Rebalance for Multimodal Learning (CVPR 2023)".into(),
        year: Some(2023),
        equations: equations([
            ("prototypes", "p_mc: mean encoding of class c over training samples, before each epoch; (1 − μ) of it and μ of the one before, from the second on"),
            ("similarity", "sim_mc = −‖h_m − p_mc‖₂, s_m = Σ_i softmax(sim_m)_i[y_i]"),
            ("loss", "CE(fusion) + Σ_m w_m CE(sim_m); w_m = α for the lowest s_m, else 0"),
        ]),
        options: super::options(vec![
            OptionCard::number("alpha", 1.0, 0.0, 10.0, "α, the weight of the prototypes' loss"),
            OptionCard::number("momentum", 0.2, 0.0, 1.0, "μ, what stays of an epoch's prototypes in the next"),
            OptionCard::choice(
                "coefficient",
                &["constant", "ratio"],
                "constant: α for the modality with the lowest score (the released code); ratio: α clip(s / s_m − 1, 0, 1), s the highest score (the paper)",
            ),
            OptionCard::number("share", 1.0, 0.01, 1.0, "share of the training samples that prototypes are made of: all (the released code on AVE), or 0.1 (on larger data)"),
        ]),
        contradictions: [
            "The paper weighs by the ratio of scores and regularises the dominant modality's entropy in early epochs; the released main script has a constant and no such term, and nothing here has it.",
            "A class without samples has a prototype of 0/0 in the released code: here its old one stays.",
            "The released root of a squared distance has no gradient at zero: it is taken of 1e-12 at least.",
            "For more than two modalities the paper says nothing: the lowest score of all has the loss; nobody in a tie.",
            "Another method is called PMR (Progressive Modality Reinforcement, Lv et al., CVPR 2021), which DecAlign's row of that name may be.",
        ]
        .map(String::from)
        .into(),
        capabilities: Capabilities { tasks: vec![TaskKind::Classification], ..plain.capabilities },
        paper_recipe: Some(super::released_recipe()),
        space: Dimension::of_training().into_iter().chain([Dimension::log("alpha", 0.1, 10.0), Dimension::linear("momentum", 0.0, 0.9)]).collect(),
        missing: Some(super::MISSING.into()),
        ..plain
    }
}

/// Builds `pmr`.
///
/// # Errors
/// A regression task, or options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    if context.regression() {
        return Err(MethodError::Refused { method: "pmr", reason: "prototypes are of classes: classification only".into() });
    }
    let settings = context.settings();
    Ok(Box::new(Pmr {
        prototypes: Tensor::zeros([context.arity() as i64, context.outputs(), WIDTH], (Kind::Float, context.device)),
        begun: false,
        alpha: settings.number("alpha")?,
        momentum: settings.number("momentum")?,
        coefficient: settings.choice("coefficient", &[("constant", Coefficient::Constant), ("ratio", Coefficient::Ratio)])?,
        share: settings.number("share")?,
        seed: context.seed,
        names: super::names(context),
        model: super::model(context)?,
    }))
}

/// How the slow modality's loss is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coefficient {
    /// α for the lowest score, as released.
    Constant,
    /// α clip(s / s_m − 1, 0, 1), s the highest score, as in the paper.
    Ratio,
}

/// w of scores `[M]`; modalities that are not `there` (`[M]` bool) are not compared. 0 for all where there is one alone or the lowest is not one alone.
pub fn coefficients(scores: &Tensor, there: &Tensor, alpha: f64, coefficient: Coefficient) -> Tensor {
    let absent = there.logical_not();
    let lowest = scores.masked_fill(&absent, f64::INFINITY).min();
    let highest = scores.masked_fill(&absent, f64::NEG_INFINITY).max();
    let weights = match coefficient {
        Coefficient::Constant => {
            let slowest = scores.eq_tensor(&lowest).logical_and(there).to_kind(scores.kind());
            let alone = slowest.sum(None::<Kind>).eq(1).logical_and(&highest.gt_tensor(&lowest));
            slowest * alone.to_kind(scores.kind())
        }
        Coefficient::Ratio => (highest / scores - 1.0).clamp(0.0, 1.0).masked_fill(&absent, 0),
    };
    weights * alpha
}

/// Sums and counts of encodings by class.
#[derive(Debug)]
pub struct ClassMeans {
    /// `[C, d]`.
    sums: Tensor,
    /// `[C, 1]`.
    counts: Tensor,
}

impl ClassMeans {
    /// Nothing yet, for C classes of encodings like `like` (`[…, d]`).
    pub fn new(classes: i64, like: &Tensor) -> Self {
        let zeros = |width: i64| Tensor::zeros([classes, width], (like.kind(), like.device()));
        Self { sums: zeros(like.size().last().copied().unwrap_or_default()), counts: zeros(1) }
    }

    /// Counts encodings `[B, d]` of classes `[B]` where they are there (`[B]` bool).
    pub fn add(&mut self, encodings: &Tensor, classes: &Tensor, there: &Tensor) {
        let hot = (classes.one_hot(self.counts.size()[0]) * there.unsqueeze(-1)).to_kind(encodings.kind());
        self.sums = &self.sums + hot.transpose(0, 1).matmul(encodings);
        self.counts = &self.counts + hot.sum_dim_intlist(0, false, None::<Kind>).unsqueeze(-1);
    }

    /// Means by class, `[C, d]`; that of `old` where a class has no samples.
    pub fn or(&self, old: &Tensor) -> Tensor {
        (&self.sums / self.counts.clamp_min(1)).where_self(&self.counts.gt(0), old)
    }
}

/// `(1 − μ)` of the new and μ of the old.
pub fn moved(new: &Tensor, old: &Tensor, momentum: f64) -> Tensor {
    new * (1.0 - momentum) + old * momentum
}

/// `−‖h − p_c‖₂`: encodings `[B, d]`, prototypes `[C, d]` → `[B, C]`.
pub fn similarities(encodings: &Tensor, prototypes: &Tensor) -> Tensor {
    let squared = (encodings.unsqueeze(1) - prototypes).square().sum_dim_intlist(-1, false, None::<Kind>);
    -squared.clamp_min(NEAR).sqrt()
}

#[derive(Debug)]
struct Pmr {
    model: Concatenation,
    names: Vec<String>,
    /// `[M, C, 128]`.
    prototypes: Tensor,
    /// Whether there are prototypes to keep something of.
    begun: bool,
    alpha: f64,
    momentum: f64,
    coefficient: Coefficient,
    share: f64,
    seed: u64,
}

impl Pmr {
    /// Class means of the training split as the encoders are now, `[M, C, 128]`.
    fn means(&self, epoch: usize, train: &TrainView<'_>) -> Tensor {
        let mut rows: Vec<usize> = (0..train.samples).collect();
        if self.share < 1.0 {
            let key = Key::new("prototypes").with("seed", self.seed).with("epoch", epoch);
            rows = permutation(&mut key.rng(), train.samples);
            rows.truncate(((train.samples as f64 * self.share).ceil() as usize).max(1));
            rows.sort_unstable();
        }
        let mut means: Vec<ClassMeans> = self.names.iter().map(|_| ClassMeans::new(self.prototypes.size()[1], &self.prototypes)).collect();
        for chunk in rows.chunks(CHUNK) {
            let batch = (train.batch)(chunk);
            for (at, means) in means.iter_mut().enumerate() {
                let encodings = self.model.encode(at, &batch.inputs.modalities[at]);
                means.add(&encodings, classes(&batch), &batch.inputs.available(at));
            }
        }
        let each: Vec<Tensor> = means.iter().enumerate().map(|(at, means)| means.or(&self.prototypes.get(at as i64))).collect();
        Tensor::stack(&each, 0)
    }

    fn terms(&self, batch: &Batch) -> LossTerms {
        let encodings = self.model.train_all(&batch.inputs);
        let similarities = encodings.iter().enumerate().map(|(at, encoding)| similarities(encoding, &self.prototypes.get(at as i64)));
        let similarities = Tensor::stack(&similarities.collect::<Vec<_>>(), 0);
        let availability = &batch.inputs.availability;
        let weights = tch::no_grad(|| {
            let scores = modulation::scores(&similarities, classes(batch), availability);
            coefficients(&scores, &availability.any_dim(0, false), self.alpha, self.coefficient)
        });
        let counted = availability.transpose(0, 1).to_kind(similarities.kind());
        let shares = &counted / counted.sum_dim_intlist(-1, true, None::<Kind>).clamp_min(1);
        let each = (losses::cross_entropy_each(&similarities, classes(batch)) * shares).sum_dim_intlist(-1, false, None::<Kind>);
        let mut terms = LossTerms::one("task", self.model.loss(&encodings, batch)).and("prototypes", 1.0, (each * &weights).sum(None::<Kind>));
        for (at, name) in self.names.iter().enumerate() {
            terms = terms.observe(format!("coefficient {name}"), weights.get(at as i64));
        }
        terms
    }
}

fn classes(batch: &Batch) -> &Tensor {
    let Targets::Classes(classes) = &batch.targets else { panic!("prototypes are of classes; the registry refuses other tasks") };
    classes
}

impl Method for Pmr {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.model.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        self.terms(batch)
    }

    fn begin_epoch(&mut self, epoch: usize, train: &TrainView<'_>) {
        let means = tch::no_grad(|| self.means(epoch, train));
        self.prototypes = if self.begun { moved(&means, &self.prototypes, self.momentum) } else { means };
        self.begun = true;
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![self.model.group()]
    }

    fn state(&self) -> Vec<(String, Tensor)> {
        vec![(PROTOTYPES.into(), self.prototypes.shallow_clone())]
    }

    fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        take(state, PROTOTYPES, &mut self.prototypes)?;
        self.begun = true;
        Ok(())
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(&self.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(tensor: &Tensor) -> Vec<f64> {
        Vec::try_from(tensor.flatten(0, -1)).unwrap()
    }

    fn of(scores: [f64; 3], there: [bool; 3], coefficient: Coefficient) -> Vec<f64> {
        values(&coefficients(&Tensor::from_slice(&scores), &Tensor::from_slice(&there), 0.5, coefficient))
    }

    #[test]
    fn the_slowest_of_those_that_are_there_has_a_loss_and_nobody_in_a_tie() {
        let all = [true; 3];
        assert_eq!(of([2.0, 1.0, 3.0], all, Coefficient::Constant), [0.0, 0.5, 0.0]);
        assert_eq!(of([2.0, 1.0, 1.0], all, Coefficient::Constant), [0.0; 3]);
        assert_eq!(of([2.0, 0.0, 3.0], [true, false, true], Coefficient::Constant), [0.5, 0.0, 0.0]);
        assert_eq!(of([2.0, 0.0, 0.0], [true, false, false], Coefficient::Constant), [0.0; 3]);
        // 3 / 2 − 1, and 3 − 1 cut at 1.
        assert_eq!(of([2.0, 1.0, 3.0], all, Coefficient::Ratio), [0.25, 0.5, 0.0]);
        assert_eq!(of([2.0, 0.0, 2.0], [true, false, true], Coefficient::Ratio), [0.0; 3]);
    }

    #[test]
    fn a_class_nobody_shows_keeps_its_prototype() {
        let mut means = ClassMeans::new(3, &Tensor::from_slice(&[0.0, 0.0]));
        let encodings = Tensor::from_slice(&[1.0, 2.0, 3.0, 4.0, 9.0, 9.0]).view([3, 2]);
        means.add(&encodings, &Tensor::from_slice(&[0i64, 0, 1]), &Tensor::from_slice(&[true, true, false]));
        assert_eq!(values(&means.or(&Tensor::from_slice(&[7.0; 6]).view([3, 2]))), [2.0, 3.0, 7.0, 7.0, 7.0, 7.0]);
    }

    #[test]
    fn an_encoding_on_its_prototype_has_a_finite_gradient() {
        let encoding = Tensor::from_slice(&[1.0, 2.0]).view([1, 2]).set_requires_grad(true);
        similarities(&encoding, &Tensor::from_slice(&[1.0, 2.0]).view([1, 2])).sum(Kind::Double).backward();
        assert!(values(&encoding.grad()).iter().all(|gradient| gradient.is_finite()));
    }
}
