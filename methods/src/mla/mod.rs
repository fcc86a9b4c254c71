/*!
MLA: Multimodal Representation Learning by Alternating Unimodal Adaptation.

Every batch is gone through once a modality: an encoder and a linear head that all share learn from that modality's own loss. What the head gains from one
modality is kept from the next by a projector that shuts the directions of the features seen before ([`modifier`]). At prediction time each modality
answers alone, and the answers are averaged with weights that fall with their entropy.
*/

mod alternation;
mod card;
pub mod equations;
mod modifier;
mod settings;

use tch::{Kind, Tensor};

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Optimisers, Output, PerModality, Step, Targets, TrainView,
    fusion::Present,
    losses,
    nn::{Encoders, Linear, Parameters, WIDTH},
};

pub use alternation::{Round, Stepper, Substep};
pub use card::card;
pub use modifier::{Modification, Modifier};
use settings::{Fusion, MlaSettings};

const GROUP: &str = "model";

/// Builds `mla`.
///
/// # Errors
/// A regression task (the paper has none), or options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    Ok(Box::new(Mla::new(context)?))
}

/// The model, and the projector of its head.
#[derive(Debug)]
pub struct Mla {
    parameters: Parameters,
    encoders: Encoders,
    /// One for all, or one a modality.
    heads: Vec<Linear>,
    modifier: Option<Modifier>,
    /// Modalities' names, in the dataset's order.
    names: Vec<String>,
    /// Modalities in the order of their sub-steps.
    order: Vec<usize>,
    /// Weights of a fusion that does not look at the answers, `[M]`.
    constants: Tensor,
    settings: MlaSettings,
}

impl Mla {
    /// An untrained model.
    ///
    /// # Errors
    /// As [`build`].
    pub fn new(context: &BuildContext<'_>) -> Result<Self, MethodError> {
        if context.regression() {
            return Err(MethodError::Refused {
                method: "mla",
                reason: "the paper weighs class probabilities by entropy: classification only".into(),
            });
        }
        let settings = MlaSettings::from(&context.settings())?;
        let parameters = Parameters::new(context.device, context.seed);
        let root = parameters.root();
        let heads = if settings.shared_head { 1 } else { context.arity() };
        let heads = (0..heads).map(|at| Linear::new(&root.at(&format!("head{at}")), WIDTH, context.outputs())).collect();
        let encoders = Encoders::new(&root.at("encoder"), context)?;
        let constants = Tensor::from_slice(&settings.constants(context.arity())).to_kind(Kind::Float).to_device(context.device);
        let modifier = settings.modification.map(|modification| Modifier::new(modification, WIDTH, (Kind::Float, context.device)));
        let names = context.modalities.iter().map(|modality| modality.name.clone()).collect();
        Ok(Self { parameters, encoders, heads, modifier, names, order: settings.order(context.arity()), constants, settings })
    }

    fn head(&self, modality: usize) -> &Linear {
        head_of(&self.heads, modality)
    }

    /// Answers `[M, B, C]` of features M × `[B, d]`.
    fn answers(&self, features: &[Tensor]) -> Tensor {
        let each: Vec<Tensor> = features.iter().enumerate().map(|(at, features)| self.head(at).forward(features)).collect();
        Tensor::stack(&each, 0)
    }

    /// A modality's own logits in evaluation mode, `[B, C]`.
    fn answer(&self, modality: usize, input: &ModalityInput) -> Tensor {
        self.head(modality).forward(&self.encoders.encode(modality, input))
    }

    /// Weights of answers `[M, B, C]` and their entropies `[M, B]` under δ `[M, B]`: `[M, B]`.
    fn weights(&self, logits: &Tensor, entropy: Option<&Tensor>, availability: &Tensor) -> Tensor {
        match self.settings.fusion {
            Fusion::Entropy => equations::weights(&entropy.map_or_else(|| equations::entropy(logits), Tensor::shallow_clone), availability),
            Fusion::BatchEntropy => {
                let entropy = equations::batch_entropy(logits, availability);
                equations::weights(&entropy.unsqueeze(-1).expand(availability.size(), false), availability)
            }
            Fusion::Fixed | Fusion::Mean => equations::constant_weights(&self.constants, availability),
        }
    }

    /// A round of the alternation; the modalities' losses before their steps.
    fn alternate(&mut self, batch: &Batch, step: &Step, optimisers: &mut Optimisers) -> Vec<Substep> {
        let Some(optimiser) = optimisers.group(GROUP) else { panic!("MLA was given the optimisers of another method") };
        let availability = &batch.inputs.availability;
        let present: Vec<bool> = Vec::try_from(availability.any_dim(0, false)).unwrap_or_default();
        let order: Vec<usize> = self.order.iter().copied().filter(|&at| present.get(at).copied().unwrap_or(false)).collect();
        let shares = equations::shares(&availability.transpose(0, 1), Kind::Float);
        let round = Round { order: &order, classes: classes(batch), shares: &shares, batch: step.step, batches: step.steps };
        let features = self.encoders.train_all(&batch.inputs);
        let heads = &self.heads;
        round.run(|at| features[at].shallow_clone(), |at| head_of(heads, at), self.modifier.as_mut(), optimiser)
    }
}

fn head_of(heads: &[Linear], modality: usize) -> &Linear {
    &heads[modality.min(heads.len() - 1)]
}

fn classes(batch: &Batch) -> &Tensor {
    let Targets::Classes(classes) = &batch.targets else { panic!("MLA was given values, but is built for classes only") };
    classes
}

impl Method for Mla {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    /// `Σ_m L_m`, in one step where training is joint.
    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let answers = self.answers(&self.encoders.train_all(&batch.inputs));
        let shares = equations::shares(&batch.inputs.availability.transpose(0, 1), answers.kind());
        let each = losses::cross_entropy_each(&answers, classes(batch)) * shares;
        LossTerms::one("unimodal", each.sum(None::<Kind>))
    }

    fn train_step(&mut self, batch: &Batch, step: &Step, optimisers: &mut Optimisers) -> LossTerms {
        if !self.settings.alternating {
            let terms = self.loss(batch, step);
            optimisers.minimise(&terms.total());
            return terms;
        }
        let substeps = self.alternate(batch, step, optimisers);
        let losses: Vec<&Tensor> = substeps.iter().map(|substep| &substep.loss).collect();
        let terms = LossTerms::one("unimodal", Tensor::stack(&losses, 0).sum(None::<Kind>));
        substeps.into_iter().fold(terms, |terms, Substep { modality, loss, kept }| {
            let name = &self.names[modality];
            let terms = terms.observe(format!("unimodal_{name}"), loss);
            kept.into_iter().fold(terms, |terms, kept| terms.observe(format!("head_gradient_kept_{name}"), kept))
        })
    }

    /// Of each modality: how often it is right alone, and its mean weight where it is there. And how much of the head's directions is still open: the mean
    /// eigenvalue of P.
    fn diagnose(&self, batch: &Batch) -> Vec<(String, f64)> {
        let _no_grad = tch::no_grad_guard();
        let inputs = &batch.inputs;
        let each: Vec<Tensor> = inputs.modalities.iter().enumerate().map(|(at, input)| self.answer(at, input)).collect();
        let (logits, availability) = (Tensor::stack(&each, 0), inputs.availability.transpose(0, 1));
        let shares = equations::shares(&availability, logits.kind());
        let right = logits.argmax(-1, false).eq_tensor(classes(batch)).to_kind(logits.kind());
        let weights = self.weights(&logits, None, &availability);
        let per_modality = |name: &str, values: Tensor| -> Vec<(String, f64)> {
            let means = (values * &shares).sum_dim_intlist(1, false, None::<Kind>);
            self.names.iter().enumerate().map(|(at, modality)| (format!("{name}_{modality}"), means.double_value(&[at as i64]))).collect()
        };
        let open = self.modifier.iter().map(|modifier| ("projector_mean_eigenvalue".to_string(), modifier.openness()));
        [per_modality("accuracy", right), per_modality("weight", weights), open.collect()].concat()
    }

    fn begin_epoch(&mut self, epoch: usize, _train: &TrainView<'_>) {
        if self.settings.reset_each_epoch && epoch > 0 {
            self.modifier.iter_mut().for_each(Modifier::reset);
        }
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: GROUP, variables: self.parameters.variables() }]
    }

    fn state(&self) -> Vec<(String, Tensor)> {
        self.modifier.as_ref().map(Modifier::state).unwrap_or_default()
    }

    fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        self.modifier.as_mut().map_or(Ok(()), |modifier| modifier.load_state(state))
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Mla {
    /// A modality's own logits, and behind them their entropy where the fusion asks for it: `[B, C]` or `[B, C + 1]`.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        let logits = self.answer(modality, input);
        match self.settings.fusion {
            Fusion::Entropy => Tensor::cat(&[&logits, &equations::entropy(&logits).unsqueeze(-1)], -1),
            _ => logits,
        }
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        // Constants have a number for every modality.
        let present = if self.settings.fusion == Fusion::Entropy { Present::of(availability) } else { Present::everyone(encodings.len()) };
        let (stacked, availability) = (present.stack(encodings), present.availability(availability));
        let classes = self.head(0).bias.size()[0];
        let (logits, entropy) = match self.settings.fusion {
            Fusion::Entropy => (stacked.narrow(-1, 0, classes), Some(stacked.select(-1, classes))),
            _ => (stacked, None),
        };
        let weights = self.weights(&logits, entropy.as_ref(), &availability);
        if self.settings.fuse_probabilities {
            return Output::Probabilities(equations::fuse(&weights, &logits.softmax(-1, None::<Kind>), &availability));
        }
        Output::Logits(equations::fuse(&weights, &logits, &availability))
    }
}
