/*!
DEF+AAF: class-conditional autoencoders with adversarial alignment.

DEF: one autoencoder for all classes and modalities, conditioned on a learnt class embedding (Eqs. 2, 3), pulls a sample's codes together (Eq. 4),
reconstructs each modality from its own and from the others' codes (Eqs. 5 to 7), and tells samples apart (Eq. 8). AAF: codes are fused with weights
from a score (Eqs. 11, 12), and a critic's estimate of the Wasserstein distance between codes and fusions is minimised (Eqs. 13 to 18).

The encoder wants the label. Labels are known in training only, so the classifier is trained on codes that were made without them, and prediction asks for
none: see [`equations::inference`].
*/

pub mod autoencoder;
mod card;
mod classes;
pub mod critic;
mod diagnosis;
pub mod equations;
pub mod objective;
mod settings;
mod training;

use tch::{Device, Kind, Tensor};

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Optimisers, Output, PerModality, Step, Targets, TrainView,
    nn::{FlatFeatures, Linear, Parameters},
    state::take,
};
use autoencoder::{Decoder, Encoder};
pub use card::card;
use classes::Clusters;
use critic::Critic;
use equations::{Presence, fusion, inference};
use settings::{DefAafSettings, Infer, Layout};

/// The paper's class embeddings start as N(0, 0.01), a variance.
const EMBEDDING_DEVIATION: f64 = 0.1;

/// Rows of the training split that are looked at together before training.
const CHUNK: usize = 256;

/// Builds `def-aaf`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    Ok(Box::new(DefAaf::new(context)?))
}

/// The model of section 3.
#[derive(Debug)]
pub struct DefAaf {
    parameters: Parameters,
    features: Vec<FlatFeatures>,
    /// One factor a modality that brings its features to mean square 1 on the training split, `[M]`.
    scales: Tensor,
    encoder: Encoder,
    decoder: Decoder,
    /// e, `[C, d_e]`.
    embeddings: Tensor,
    /// h of Eq. 11: two layers with tanh between.
    scorer: (Linear, Linear),
    head: Linear,
    critic: Option<Critic>,
    condition: Condition,
    settings: DefAafSettings,
    /// Modalities that are used: all, or the text.
    members: Vec<usize>,
    /// Names of the encoder's inputs.
    names: Vec<String>,
    regression: bool,
    seed: u64,
    device: Device,
}

/// What the encoder is conditioned on.
#[derive(Debug)]
enum Condition {
    /// The label's embedding; the classes' shares of the training split, `[C]`, stand in where there is none.
    Labels { prior: Tensor },
    /// The embedding of the nearest cluster, which inputs alone decide.
    Clusters(Clusters),
}

/// What the networks need of a batch: everything before the class comes in.
struct View {
    /// Projected features, `[B, M, hidden]`; M is 1 where all features are one input.
    begun: Tensor,
    presence: Presence,
    /// `[B, d_s]` of each input; empty where nothing asks for them.
    features: Vec<Tensor>,
    /// The nearest clusters as a mixture, `[B, k]`.
    nearest: Option<Tensor>,
}

/// One modality's part of a [`View`].
struct Part {
    /// Projected features `[B, hidden]`, or the features themselves where they are joined before the encoder.
    body: Tensor,
    features: Option<Tensor>,
    distances: Option<Tensor>,
}

impl DefAaf {
    /// An untrained model.
    ///
    /// # Errors
    /// Options that were not resolved against the card.
    pub fn new(context: &BuildContext<'_>) -> Result<Self, MethodError> {
        let settings = DefAafSettings::from(&context.settings())?;
        let features: Vec<FlatFeatures> = context.modalities.iter().map(|modality| FlatFeatures::new(&modality.kind)).collect();
        let widths: Vec<(String, i64)> =
            context.modalities.iter().zip(&features).map(|(modality, own)| (modality.name.clone(), own.width())).collect();
        let members = if settings.layout == Layout::Text { vec![text(context)] } else { (0..context.arity()).collect() };
        let inputs = match settings.layout {
            Layout::Late => widths.clone(),
            Layout::Early | Layout::Text => vec![("joint".into(), members.iter().map(|&member| widths[member].1).sum())],
        };
        let names = inputs.iter().map(|(name, _)| name.clone()).collect();
        let DefAafSettings { width, hidden, .. } = settings;
        let parameters = Parameters::new(context.device, context.seed);
        let root = parameters.root();
        let condition = if settings.pseudo || context.regression() {
            Condition::Clusters(Clusters::new(&widths, settings.clusters as i64, context.device))
        } else {
            Condition::Labels { prior: Tensor::zeros([context.outputs()], (Kind::Float, context.device)) }
        };
        let classes = match &condition {
            Condition::Labels { .. } => context.outputs(),
            Condition::Clusters(clusters) => clusters.count(),
        };
        let scorer = root.at("scorer");
        let critic = settings.adversarial().then(|| {
            let count = if settings.critic_each && !settings.align_to_class { inputs.len() as i64 } else { 1 };
            let discriminator = settings.align_loss == settings::AlignLoss::Gan;
            Critic::new(Parameters::new(context.device, context.seed), count, width, hidden, discriminator)
        });
        Ok(Self {
            encoder: Encoder::new(&root.at("encoder"), &inputs, hidden, width),
            decoder: Decoder::new(&root.at("decoder"), &inputs, hidden, width),
            embeddings: root.scaled_normal("classes", &[classes, width], EMBEDDING_DEVIATION),
            scorer: (Linear::new(&scorer.at("first"), width, hidden), Linear::new(&scorer.at("second"), hidden, 1)),
            head: Linear::new(&root.at("head"), width, context.outputs()),
            critic,
            condition,
            settings,
            members,
            names,
            scales: Tensor::ones([features.len() as i64], (Kind::Float, context.device)),
            features,
            regression: context.regression(),
            seed: context.seed,
            device: context.device,
            parameters,
        })
    }

    /// e, `[C, d_e]`; frozen random vectors in Table 4's "AAF only".
    fn classes(&self) -> Tensor {
        if self.settings.frozen_classes { self.embeddings.detach() } else { self.embeddings.shallow_clone() }
    }

    /// X_s: a modality's fixed features, `[B, d_s]`.
    fn features(&self, modality: usize, input: &ModalityInput) -> Tensor {
        let features = self.features[modality].of(input);
        if self.settings.scale_features { features * self.scales.get(modality as i64) } else { features }
    }

    fn part(&self, modality: usize, input: &ModalityInput, keep_features: bool) -> Part {
        let features = self.features(modality, input);
        let distances = match &self.condition {
            Condition::Clusters(clusters) => Some(clusters.distances(modality, &features)),
            Condition::Labels { .. } => None,
        };
        match self.settings.layout {
            Layout::Late => Part { body: self.encoder.begin(modality, &features), features: keep_features.then_some(features), distances },
            Layout::Early | Layout::Text => Part { body: features, features: None, distances },
        }
    }

    fn view(&self, parts: Vec<Part>, availability: &Tensor) -> View {
        let nearest = self.nearest(&parts, availability);
        if self.settings.layout == Layout::Late {
            let begun: Vec<&Tensor> = parts.iter().map(|part| &part.body).collect();
            let begun = Tensor::stack(&begun, 1);
            let presence = Presence::new(availability, begun.kind());
            return View { begun, presence, features: parts.into_iter().filter_map(|part| part.features).collect(), nearest };
        }
        let there = |member: usize| availability.narrow(1, member as i64, 1);
        let kept = |&member: &usize| parts[member].body.masked_fill(&there(member).logical_not(), 0);
        let joint = Tensor::cat(&self.members.iter().map(kept).collect::<Vec<_>>(), 1);
        let begun = self.encoder.begin(0, &joint).unsqueeze(1);
        let presence = Presence::new(&there(0).ones_like(), begun.kind());
        View { begun, presence, features: vec![joint], nearest }
    }

    /// The nearest cluster by the available modalities alone, as a mixture `[B, k]`.
    fn nearest(&self, parts: &[Part], availability: &Tensor) -> Option<Tensor> {
        let Condition::Clusters(clusters) = &self.condition else { return None };
        let each = self.members.iter().filter_map(|&member| {
            let missing = availability.narrow(1, member as i64, 1).logical_not();
            parts[member].distances.as_ref().map(|distances| distances.masked_fill(&missing, 0))
        });
        let total = Tensor::stack(&each.collect::<Vec<_>>(), 0).sum_dim_intlist(0, false, None::<Kind>);
        Some(inference::labelled(&clusters.nearest(&total), clusters.count(), total.kind()))
    }

    /// Codes (Eq. 2) under mixtures of classes `[…, B, C]`: `[…, B, M, d_e]`.
    fn codes(&self, view: &View, mixtures: &Tensor) -> Tensor {
        self.encoder.codes(&view.begun, &mixtures.matmul(&self.classes()))
    }

    /// α (Eq. 11) and z (Eq. 12) of codes `[…, B, M, d_e]`.
    fn fuse_codes(&self, codes: &Tensor, presence: &Presence) -> (Tensor, Tensor) {
        let alpha = if self.settings.dynamic {
            let scores = self.scorer.1.forward(&self.scorer.0.forward(codes).tanh()).squeeze_dim(-1);
            fusion::weights(&scores, &presence.there)
        } else {
            let mut shape = codes.size();
            shape.pop();
            fusion::uniform(presence).expand(shape.as_slice(), false)
        };
        let fused = fusion::fuse(&alpha, codes);
        (alpha, fused)
    }

    /// Head on the fusion under a mixture `[B, C]`: `[B, outputs]`.
    fn classify(&self, view: &View, mixture: &Tensor) -> Tensor {
        self.head.forward(&self.fuse_codes(&self.codes(view, mixture), &view.presence).1)
    }

    /// The answer without a label, `[B, outputs]`.
    fn infer(&self, view: &View) -> Tensor {
        let rows = view.begun.size()[0];
        let classify = |mixture: &Tensor| self.classify(view, mixture);
        match (&self.condition, &view.nearest) {
            (Condition::Labels { prior }, _) => match self.settings.infer {
                Infer::TwoPass => {
                    let [_, second] = inference::two_pass(classify, prior, rows);
                    second
                }
                Infer::PriorMean => classify(&inference::prior_mixture(prior, rows)),
                Infer::PerClass => inference::per_class(classify, prior, rows),
                Infer::Reconstruction => inference::by_reconstruction(|mixture| self.own_errors(view, mixture), prior, rows),
            },
            (Condition::Clusters(_), Some(nearest)) => classify(nearest),
            (Condition::Clusters(clusters), None) => classify(&Tensor::zeros([rows, clusters.count()], (Kind::Float, self.device))),
        }
    }

    /// How badly a mixture's autoencoder gives back the available modalities, `[B]`.
    fn own_errors(&self, view: &View, mixture: &Tensor) -> Tensor {
        let embeddings = mixture.matmul(&self.classes());
        let hidden = self.decoder.hidden(&self.encoder.codes(&view.begun, &embeddings), &embeddings);
        inference::own_errors(&view.features, &self.decoder.reconstruct_own(&hidden), &view.presence)
    }

    /// Whether prediction reads features beside their projections.
    fn predicts_from_features(&self) -> bool {
        self.settings.infer == Infer::Reconstruction && matches!(self.condition, Condition::Labels { .. }) && self.settings.layout == Layout::Late
    }
}

/// The modality of a text-only model: the one called `text`, else the first of words, else the first.
fn text(context: &BuildContext<'_>) -> usize {
    let place = |wanted: &dyn Fn(&bench_datasets::Modality) -> bool| context.modalities.iter().position(wanted);
    place(&|modality| modality.name == "text").or_else(|| place(&|modality| !modality.kind.is_continuous())).unwrap_or(0)
}

impl Method for DefAaf {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    fn loss(&self, batch: &Batch, step: &Step) -> LossTerms {
        self.objective(batch, step)
    }

    /// Section 3.2.5: the critic's steps, then one of everything else.
    fn train_step(&mut self, batch: &Batch, step: &Step, optimisers: &mut Optimisers) -> LossTerms {
        self.alternate(batch, step, optimisers)
    }

    fn prepare(&mut self, train: &TrainView<'_>) {
        if let (Condition::Labels { prior }, Targets::Classes(labels)) = (&mut self.condition, train.targets) {
            let counts = labels.one_hot(prior.size()[0]).sum_dim_intlist(0, false, Kind::Float);
            *prior = counts / labels.size()[0].max(1) as f64;
        }
        let rows: Vec<usize> = (0..train.samples).collect();
        let chunks: Vec<Batch> = rows.chunks(CHUNK).map(|rows| (train.batch)(rows)).collect();
        let of = |modality: usize, own: &FlatFeatures| {
            let parts: Vec<Tensor> = chunks.iter().map(|chunk| own.of(&chunk.inputs.modalities[modality])).collect();
            Tensor::cat(&parts, 0)
        };
        let features: Vec<Tensor> = self.features.iter().enumerate().map(|(modality, own)| of(modality, own)).collect();
        let scale = |features: &Tensor| {
            let square = features.square().mean(None::<Kind>);
            square.where_self(&square.gt(0), &square.ones_like()).rsqrt()
        };
        self.scales = Tensor::stack(&features.iter().map(scale).collect::<Vec<_>>(), 0);
        if let Condition::Clusters(clusters) = &mut self.condition {
            let scales = self.settings.scale_features.then_some(&self.scales);
            let scaled =
                |(at, features): (usize, Tensor)| scales.map_or_else(|| features.shallow_clone(), |scales| &features * scales.get(at as i64));
            clusters.fit(&features.into_iter().enumerate().map(scaled).collect::<Vec<_>>(), self.seed);
        }
    }

    fn selectable(&self, epoch: usize, epochs: usize) -> bool {
        epoch >= self.settings.pretraining_epochs(epochs)
    }

    fn diagnose(&self, batch: &Batch) -> Vec<(String, f64)> {
        tch::no_grad(|| self.diagnosis(batch))
    }

    fn groups(&self) -> Vec<Group<'_>> {
        let model = Group { name: "model", variables: self.parameters.variables() };
        let critic = self.critic.iter().map(|critic| Group { name: "critic", variables: critic.parameters().variables() });
        std::iter::once(model).chain(critic).collect()
    }

    fn state(&self) -> Vec<(String, Tensor)> {
        let condition = match &self.condition {
            Condition::Labels { prior } => vec![("prior".to_string(), prior.shallow_clone())],
            Condition::Clusters(clusters) => clusters.state(),
        };
        std::iter::once(("feature_scales".to_string(), self.scales.shallow_clone())).chain(condition).collect()
    }

    fn load_state(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        take(state, "feature_scales", &mut self.scales)?;
        match &mut self.condition {
            Condition::Labels { prior } => take(state, "prior", prior),
            Condition::Clusters(clusters) => clusters.load(state),
        }
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for DefAaf {
    /// `[B, …]`: the projected features (or, joined before the encoder, the features), then distances to the clusters, then features, where asked for.
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        let Part { body, features, distances } = self.part(modality, input, self.predicts_from_features());
        let pieces: Vec<Tensor> = std::iter::once(body).chain(distances).chain(features).collect();
        if let [only] = pieces.as_slice() { only.shallow_clone() } else { Tensor::cat(&pieces, 1) }
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        let part = |(modality, encoding): (usize, &Tensor)| {
            let body = if self.settings.layout == Layout::Late { self.settings.hidden } else { self.features[modality].width() };
            let clusters = match &self.condition {
                Condition::Clusters(clusters) => clusters.count(),
                Condition::Labels { .. } => 0,
            };
            let rest = encoding.size()[1] - body - clusters;
            let piece = |start: i64, width: i64| (width > 0).then(|| encoding.narrow(1, start, width));
            Part { body: encoding.narrow(1, 0, body), distances: piece(body, clusters), features: piece(body + clusters, rest) }
        };
        let view = self.view(encodings.iter().enumerate().map(part).collect(), availability);
        Output::from_head(self.infer(&view), self.regression)
    }
}
