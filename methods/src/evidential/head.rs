//! The head of both methods.

use bench_card::{Dimension, OptionCard};
use tch::{Kind, Tensor};

use super::equations::{annealed, fuse, objective};
use crate::{
    Batch, BuildContext, LossTerms, Method, MethodError, Output, Step, Targets, fusion, joint,
    nn::{Linear, TextEncoder, WIDTH},
};

pub(super) fn options() -> Vec<OptionCard> {
    vec![
        OptionCard::number(
            "annealing",
            1.0,
            0.0,
            1.0,
            "share of the epochs over which λ, the weight of the divergence, rises to 1; released: 0.1 of 500 epochs",
        ),
        OptionCard::choice(
            "missing",
            &["masked", "zero-input"],
            "masked: a missing modality gives no evidence, which is the rule's neutral element; zero-input: the network sees zeros, biases still give evidence (the \
             released code)",
        ),
        TextEncoder::option(),
    ]
}

pub(super) fn space() -> Vec<Dimension> {
    Dimension::of_training().into_iter().chain([Dimension::linear("annealing", 0.0, 1.0)]).collect()
}

/// What the two differ in.
pub(super) struct Variant {
    /// The method's id.
    pub(super) method: &'static str,
    /// With a view of all encodings.
    pub(super) pseudo: bool,
    /// The number of the first epoch for λ.
    pub(super) first_epoch: usize,
}

pub(super) fn build(context: &BuildContext<'_>, Variant { method, pseudo, first_epoch }: Variant) -> Result<Box<dyn Method>, MethodError> {
    if context.regression() {
        return Err(MethodError::Refused { method, reason: "evidence is about classes: classification only".into() });
    }
    let settings = context.settings();
    let annealing = settings.number("annealing")?;
    let masked = settings.choice("missing", &[("masked", true), ("zero-input", false)])?;
    joint::build(context, |scope| {
        let classes = context.outputs();
        Ok(Head {
            views: context.modalities.iter().map(|modality| Linear::new(&scope.at("evidence").at(&modality.name), WIDTH, classes)).collect(),
            pseudo: pseudo.then(|| Linear::new(&scope.at("pseudo"), WIDTH * context.arity() as i64, classes)),
            annealing,
            first_epoch,
            masked,
        })
    })
}

#[derive(Debug)]
struct Head {
    views: Vec<Linear>,
    pseudo: Option<Linear>,
    annealing: f64,
    first_epoch: usize,
    masked: bool,
}

impl Head {
    /// Evidence of each view, `[B, C]`; the pseudo-view last, which is never without.
    fn evidence(&self, encodings: &[Tensor], availability: &Tensor) -> Vec<Tensor> {
        let seen = |tensors: Vec<Tensor>| if self.masked { fusion::masked(&tensors, availability) } else { tensors };
        let mut evidence = seen(self.views.iter().zip(encodings).map(|(view, encoding)| view.forward(encoding).softplus()).collect());
        if let Some(pseudo) = &self.pseudo {
            let all = Tensor::cat(&seen(encodings.iter().map(Tensor::shallow_clone).collect()), -1);
            evidence.push(pseudo.forward(&all).softplus());
        }
        evidence
    }
}

impl joint::Head for Head {
    /// `α / S`.
    fn answer(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        let alpha = fuse(&self.evidence(encodings, availability)) + 1.0;
        Output::Probabilities(&alpha / alpha.sum_dim_intlist(-1, true, None::<Kind>))
    }

    fn loss(&self, encodings: &[Tensor], batch: &Batch, step: &Step) -> LossTerms {
        let Targets::Classes(classes) = &batch.targets else { panic!("evidence is about classes; the registry refuses other tasks") };
        let evidence = self.evidence(encodings, &batch.inputs.availability);
        let hot = classes.one_hot(evidence[0].size()[1]).to_kind(evidence[0].kind());
        let lambda = annealed((step.epoch + self.first_epoch) as f64, self.annealing * step.epochs as f64);
        let mean = |evidence: &Tensor| objective(&(evidence + 1.0), &hot, lambda).mean(None::<Kind>);
        let fused = mean(&fuse(&evidence));
        // A missing view has no evidence, hence an objective without a gradient.
        let views = evidence.iter().map(mean).reduce(|sum, next| sum + next).unwrap_or_else(|| fused.zeros_like());
        LossTerms::one("fused", fused).and("views", 1.0, views)
    }
}
