//! Classifier-Guided Gradient Modulation (Guo et al., NeurIPS 2024): encoders are pushed by how much faster the others' own classifiers get better.

use bench_card::{Card, Dimension, Optimiser, OptionCard, Recipe, Schedule, equations};
use bench_datasets::Task;
use tch::{Kind, Tensor};

use super::modulation;
use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, Optimisers, Output, PerModality, Step, Targets,
    concat::Concatenation,
    losses,
    nn::{Linear, Parameters, WIDTH},
    registry,
    state::take,
};

/// Keeps the balance from a division by zero, as released.
const APART: f64 = 1e-8;
/// Beyond this a balance is the quotient of two changes that happen to cancel.
const BOUND: f64 = 2.0;

/// The card of `cggm`.
pub fn card() -> Card {
    let summary = "concatenation fusion in which an encoder's gradients are scaled by how much faster than its own the others' accuracies rise";
    let plain = registry::plain_card("cggm", "CGGM", "gradient balance", summary);
    let adam = |lr| Optimiser::Adam {
        lr,
        beta1: 0.9,
        beta2: 0.999,
        eps: 1e-8,
        weight_decay: 0.0,
        schedule: Schedule::Plateau { factor: 0.1, patience: 10 },
        clip_norm: Some(0.8),
    };
    Card {
        paper: "Z. Guo, T. Jin, J. Chen, Z. Zhao: Classifier-guided Gradient Modulation for Enhanced Multimodal Learning (NeurIPS 2024)".into(),
        year: Some(2024),
        equations: equations([
            ("classifiers", "out(relu(p(p(h_m)))) on encodings that their loss does not train; ε_m: their accuracy on the batch, Δ_m = ε_m − ε_m before"),
            ("balance", "B_m = (Σ_j Δ_j + 1e-8 − Δ_m) / (Σ_j Δ_j + 1e-8); gradients of encoder m times ρ B_m"),
            ("direction", "(1/M) (Σ_m |B_m| − Σ_m B_m cos_m), in the next batch's loss with weight λ"),
        ]),
        options: super::options(vec![
            OptionCard::number("rou", 1.3, 0.0, 10.0, "ρ, the factor on every balance"),
            OptionCard::number("lambda", 0.2, 0.0, 10.0, "λ, the weight of the direction loss"),
            OptionCard::flag("clip", true, "whether a balance is kept within [−2, 2]: changes that nearly cancel make it any number; false is the released code"),
            OptionCard::choice(
                "direction",
                &["weights", "gradients"],
                "what the cosine compares of a modality's classifier and of its block of the fusion's head: their weights (the released code) or the gradients of their losses (the paper)",
            ),
        ]),
        contradictions: [
            "The released cosine compares weights where the paper has gradients, so that its loss pulls weights together: both are options.",
            "B_m is unbounded where the accuracies' changes add up to nearly nothing: it is clipped (`clip`), and what is logged is not.",
            "The released classifier applies its first layer twice: as released.",
            "The direction loss is of the weights as they are when the next batch comes; it moves the fusion's head alone, not the classifiers.",
            "The released model concatenates along time and reads one token; as with the other methods here, one encoding a modality and a linear head stand for it.",
            "The released trainer reports the best validation epoch's validation score. Accuracy of values is that of their side of zero: here of the middle of their range.",
        ]
        .map(String::from)
        .into(),
        paper_recipe: Some(Recipe {
            optimisers: vec![("classifiers".into(), Optimiser::adam(5e-4, 0.0)), ("*".into(), adam(1e-3))],
            batch: 64,
            source: "the released code".into(),
        }),
        space: Dimension::of_training().into_iter().chain([Dimension::linear("rou", 0.5, 2.0), Dimension::log("lambda", 0.02, 2.0)]).collect(),
        missing: Some(super::MISSING.into()),
        ..plain
    }
}

/// Builds `cggm`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    let settings = context.settings();
    let parameters = Parameters::new(context.device, context.seed);
    let classifier = |name: &String| Classifier::new(&parameters, name, context.outputs());
    let names = super::names(context);
    let model = super::model(context)?;
    let zeros = || Tensor::zeros([context.arity() as i64], (Kind::Double, context.device));
    Ok(Box::new(Cggm {
        weights: names.iter().map(|name| model.encoder(name)).collect(),
        classifiers: names.iter().map(classifier).collect(),
        rou: settings.number("rou")?,
        lambda: settings.number("lambda")?,
        clip: settings.flag("clip")?,
        of_gradients: settings.choice("direction", &[("weights", false), ("gradients", true)])?,
        middle: match context.task {
            Task::Regression { low, high, .. } => f64::midpoint(f64::from(*low), f64::from(*high)),
            Task::Classification { .. } => 0.0,
        },
        accuracies: zeros(),
        balance: zeros(),
        names,
        model,
        parameters,
    }))
}

/// B of accuracies on this batch and on the one before, `[M]`. They add up to M − 1.
pub fn balance(accuracies: &Tensor, previous: &Tensor) -> Tensor {
    let gains = accuracies - previous;
    let all = gains.sum(None::<Kind>) + APART;
    (&all - gains) / all
}

/// Cosine of two tensors of one shape as vectors, 0-d.
pub fn cosine(left: &Tensor, right: &Tensor) -> Tensor {
    let norms = left.norm() * right.norm();
    (left * right).sum(None::<Kind>) / norms.clamp_min(f64::from(f32::MIN_POSITIVE))
}

/// `(1/M) (Σ |B_m| − Σ B_m cos_m)`: zero where every classifier points where the fusion does. `[M]`, `[M]` → 0-d.
pub fn direction(balance: &Tensor, cosines: &Tensor) -> Tensor {
    (balance.abs() - balance * cosines).mean(None::<Kind>)
}

/// A modality's own classifier.
#[derive(Debug)]
struct Classifier {
    hidden: Linear,
    out: Linear,
}

impl Classifier {
    fn new(parameters: &Parameters, modality: &str, outputs: i64) -> Self {
        let scope = parameters.root().at("classifier").at(modality);
        Self { hidden: Linear::new(&scope.at("hidden"), WIDTH, WIDTH), out: Linear::new(&scope.at("out"), WIDTH, outputs) }
    }

    /// Of an encoding `[B, 128]`, which it does not train: `[B, outputs]`.
    fn forward(&self, encoding: &Tensor) -> Tensor {
        self.out.forward(&self.hidden.forward_relu(&self.hidden.forward(&encoding.detach())))
    }
}

#[derive(Debug)]
struct Cggm {
    model: Concatenation,
    /// Of the classifiers.
    parameters: Parameters,
    classifiers: Vec<Classifier>,
    names: Vec<String>,
    /// All parameters of each modality's encoder.
    weights: Vec<Vec<Tensor>>,
    /// ε of the last batch, `[M]`; zeros before the first.
    accuracies: Tensor,
    /// B of the last batch as it was used, `[M]`; zeros before the first.
    balance: Tensor,
    rou: f64,
    lambda: f64,
    clip: bool,
    of_gradients: bool,
    /// What tells the two classes of real values apart.
    middle: f64,
}

/// A training pass.
struct Pass {
    terms: LossTerms,
    /// Of each modality's classifier.
    answers: Vec<Output>,
}

impl Cggm {
    fn pass(&self, batch: &Batch) -> Pass {
        let encodings = self.model.train_all(&batch.inputs);
        let read = self.model.read(&encodings, &batch.inputs.availability);
        let fused = self.model.answer(&read);
        let task = losses::task_loss(&fused, &batch.targets);
        let regression = matches!(fused, Output::Value(_));
        let answers: Vec<Output> =
            self.classifiers.iter().zip(&encodings).map(|(own, encoding)| Output::from_head(own.forward(encoding), regression)).collect();
        let counted = |at| batch.inputs.available(at).to_kind(task.kind());
        let own: Vec<Tensor> =
            answers.iter().enumerate().map(|(at, answer)| losses::counted_mean(&losses::per_sample(answer, &batch.targets), &counted(at))).collect();
        let own = Tensor::stack(&own, 0).sum(None::<Kind>);
        let cosines = if self.of_gradients { self.cosines_of_gradients(&task, &fused, &read, &own) } else { self.cosines_of_weights() };
        let direction = direction(&self.balance.to_kind(task.kind()), &cosines);
        let terms = LossTerms::one("task", task).and("direction", self.lambda, direction).and("classifiers", 1.0, own);
        Pass { terms, answers }
    }

    /// How far the weights of each modality's classifier agree with its block of the fusion's head, `[M]`.
    fn cosines_of_weights(&self) -> Tensor {
        let outs: Vec<Tensor> = self.classifiers.iter().map(|classifier| classifier.out.weight.detach()).collect();
        cosines(&outs, self.model.head_weight())
    }

    /// The same of the gradients of their losses.
    fn cosines_of_gradients(&self, task: &Tensor, fused: &Output, read: &Tensor, own: &Tensor) -> Tensor {
        let weights: Vec<&Tensor> = self.classifiers.iter().map(|classifier| &classifier.out.weight).collect();
        let outs = Tensor::run_backward(&[own], &weights, true, false);
        // The head's gradient is written out from the answer's, because its fused layer has no second derivative.
        let toward = Tensor::run_backward(&[task], &[fused.tensor()], true, true).remove(0).view([read.size()[0], -1]);
        cosines(&outs, &toward.transpose(0, 1).matmul(read))
    }

    /// ε of answers, `[M]` in float64; that of the batch before for a modality that no sample has.
    fn accuracies(&self, answers: &[Output], batch: &Batch) -> Tensor {
        let right = |output: &Output| match (output, &batch.targets) {
            (Output::Value(values), Targets::Values(truth)) => values.gt(self.middle).eq_tensor(&truth.gt(self.middle)),
            (output, Targets::Classes(classes)) => output.tensor().argmax(-1, false).eq_tensor(classes),
            _ => panic!("a classifier's answer is of the batch's own task"),
        };
        let each = answers.iter().enumerate().map(|(at, answer)| {
            let available = batch.inputs.available(at);
            let count = available.sum(Kind::Double);
            let found = right(answer).logical_and(&available).sum(Kind::Double) / count.clamp_min(1);
            found.where_self(&count.gt(0), &self.accuracies.get(at as i64))
        });
        Tensor::stack(&each.collect::<Vec<_>>(), 0)
    }

    /// The gradients of the encoders after the batch's balance, which is kept; it is returned as it was before clipping.
    fn modulate(&mut self, answers: &[Output], batch: &Batch) -> Tensor {
        let accuracies = self.accuracies(answers, batch);
        let found = balance(&accuracies, &self.accuracies);
        self.balance = if self.clip { found.clamp(-BOUND, BOUND) } else { found.shallow_clone() };
        self.accuracies = accuracies;
        for (at, weights) in self.weights.iter().enumerate() {
            let coefficient = self.balance.get(at as i64) * self.rou;
            for mut gradient in modulation::gradients(weights) {
                let modulated = modulation::modulate(&gradient, &coefficient.to_kind(gradient.kind()), None);
                gradient.copy_(&modulated);
            }
        }
        found
    }
}

/// Cosines of M tensors `[outputs, d]` and the blocks of one `[outputs, M d]`, `[M]`.
fn cosines(outs: &[Tensor], head: &Tensor) -> Tensor {
    let blocks = head.chunk(outs.len() as i64, 1);
    Tensor::stack(&outs.iter().zip(&blocks).map(|(out, block)| cosine(out, block)).collect::<Vec<_>>(), 0)
}

impl Method for Cggm {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.model.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        self.pass(batch).terms
    }

    fn train_step(&mut self, batch: &Batch, _step: &Step, optimisers: &mut Optimisers) -> LossTerms {
        let Pass { mut terms, answers } = self.pass(batch);
        let balance = optimisers.minimise_changed(&terms.total(), || self.modulate(&answers, batch).to_kind(Kind::Float));
        for (at, name) in self.names.iter().enumerate() {
            terms = terms.observe(format!("balance {name}"), balance.get(at as i64));
        }
        terms
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![self.model.group(), Group { name: "classifiers", variables: self.parameters.variables() }]
    }

    fn state(&self) -> Vec<(String, Tensor)> {
        vec![("accuracies".into(), self.accuracies.shallow_clone()), ("balance".into(), self.balance.shallow_clone())]
    }

    fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        take(state, "accuracies", &mut self.accuracies)?;
        take(state, "balance", &mut self.balance)
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

    /// Gains 0.3 and 0.1 by hand: (0.4 − 0.3) / 0.4 and (0.4 − 0.1) / 0.4.
    #[test]
    fn the_one_that_gains_more_is_held_back() {
        let found = balance(&Tensor::from_slice(&[0.5, 0.3]), &Tensor::from_slice(&[0.2, 0.2]));
        assert!(values(&found).iter().zip([0.25, 0.75]).all(|(found, expected)| (found - expected).abs() < 1e-6), "{found}");
    }

    #[test]
    fn balances_add_up_to_one_less_than_there_are_modalities() {
        let found = balance(&Tensor::from_slice(&[0.5, 0.1, 0.9, 0.4]), &Tensor::from_slice(&[0.2, 0.3, 0.1, 0.4]));
        assert!((values(&found).iter().sum::<f64>() - 3.0).abs() < 1e-6);
    }

    #[test]
    fn classifiers_that_point_where_the_fusion_does_cost_nothing() {
        let weight = Tensor::from_slice(&[1.0, -2.0, 0.5]);
        assert!((values(&cosine(&weight, &(&weight * 3.0)))[0] - 1.0).abs() < 1e-12);
        let ones = Tensor::from_slice(&[1.0, 1.0]);
        assert_eq!(values(&direction(&Tensor::from_slice(&[0.25, 0.75]), &ones)), [0.0]);
        // A negative balance turns the direction round: (0.5 + 0.5) / 2.
        assert_eq!(values(&direction(&Tensor::from_slice(&[-0.5, 1.5]), &ones)), [0.5]);
    }
}
