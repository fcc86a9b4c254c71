/*!
DecAlign: Hierarchical Cross-Modal Alignment for Decoupled Multimodal Representation Learning.

Each modality's frames are projected to one width and split into unique and common features whose cosine is pushed to zero (Eq. 1). Unique features are
aligned by prototypes: a Gaussian mixture a modality, fitted in each batch, and entropic transport between them (Eqs. 2 to 9). Common features are aligned by
their moments and by maximum mean discrepancy (Eqs. 10 to 12). Cross-modal transformers read the unique features; their means over time beside the means of
the common ones go to a linear head. The objective is `L = L_task + L_dec + α L_hete + β L_homo` (Eq. 13). At prediction time no alignment is computed.
*/

pub mod alignment;
pub mod core;
pub mod equations;

mod card;
mod settings;

use bench_datasets::Kind as ModalityKind;
use tch::{Kind, Reduction, Tensor};

use crate::{
    Batch, BuildContext, Group, Inputs, LossTerms, Method, MethodError, ModalityInput, Output, PerModality, Step, Targets, losses,
    nn::{Parameters, StackedLinear, StepEncoder, Transformers, WIDTH},
    transport::Objective,
};

use self::core::{Core, Decoupled, Heard};
use alignment::{HeterogeneitySettings, Homogeneity};
pub use card::card;
use settings::{DecalignSettings, ProtoTransport, Shape};

/// Fewest samples that a distribution is fitted to.
const FEWEST: f64 = 2.0;

/// Builds `decalign`.
///
/// # Errors
/// Heads that do not divide the width, or options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    let settings = DecalignSettings::from(context)?;
    let parameters = Parameters::new(context.device, context.seed);
    let root = parameters.root();
    let encoder = root.at("encoder");
    let encoders = context.modalities.iter().map(|modality| StepEncoder::new(&encoder.at(&modality.name), &modality.kind)).collect();
    let padded = context
        .modalities
        .iter()
        .map(|modality| settings.sequence_mask && matches!(modality.kind, ModalityKind::Sequence { .. } | ModalityKind::Tokens { .. }))
        .collect();
    let core = network(context, &parameters, &settings.shape);
    let names = context.modalities.iter().map(|modality| modality.name.clone()).collect();
    Ok(Box::new(Decalign { names, encoders, padded, core, settings, regression: context.regression(), parameters }))
}

fn network(context: &BuildContext<'_>, parameters: &Parameters, shape: &Shape) -> Core {
    let root = parameters.root();
    let (count, width) = (context.arity() as i64, shape.width);
    let bound = |inputs: i64| 1.0 / (inputs.max(1) as f64).sqrt();
    let projections = context.modalities.iter().map(|modality| {
        let kernel = shape.kernel.min(StepEncoder::length(&modality.kind)).max(1);
        root.at("projection").uniform(&modality.name.replace('.', ":"), &[width, WIDTH, kernel], bound(WIDTH * kernel))
    });
    let latent = root.at("latent");
    let fused = 2 * count * width;
    Core {
        projections: projections.collect(),
        decouplers: shape
            .decoupled
            .then(|| (root.uniform("unique", &[count, width, width], bound(width)), root.uniform("common", &[width, width], bound(width)))),
        transformers: Transformers::new(&root.at("transformer"), count, width, shape.heads, shape.layers, shape.dropout),
        latent: (StackedLinear::new(&latent.at("first"), count, width, width), StackedLinear::new(&latent.at("second"), count, width, shape.latent)),
        head: (
            root.at("head").uniform("weight", &[context.outputs(), fused], bound(fused)),
            root.at("head").uniform("bias", &[context.outputs()], bound(fused)),
        ),
        cross_modal: shape.cross_modal,
        zero_keys: shape.zero_keys,
        alone: shape.alone,
        dropout: shape.dropout,
    }
}

#[derive(Debug)]
struct Decalign {
    parameters: Parameters,
    encoders: Vec<StepEncoder>,
    names: Vec<String>,
    /// Modalities whose frames end at different places.
    padded: Vec<bool>,
    core: Core,
    settings: DecalignSettings,
    regression: bool,
}

impl Decalign {
    /// Section 3.1 of one modality.
    fn decouple(&self, modality: usize, input: &ModalityInput, train: bool) -> Decoupled {
        let steps = self.encoders[modality].forward(input, train);
        let kind = steps.values.kind();
        let size = steps.values.size();
        let all = || Tensor::ones([size[0], size[1]], (kind, steps.values.device()));
        let mask = self.padded[modality].then(|| steps.mask.as_ref().map_or_else(all, |mask| mask.to_kind(kind)));
        self.core.decouple(modality, &steps.values, mask.as_ref())
    }

    /// [`Method::diagnose`] of inputs.
    fn diagnosis(&self, inputs: &Inputs) -> Vec<(String, f64)> {
        let available = core::availability(&inputs.availability, Kind::Float);
        let decoupled: Vec<Decoupled> = inputs.modalities.iter().enumerate().map(|(at, input)| self.decouple(at, input, false)).collect();
        let stack = |of: fn(&Decoupled) -> Tensor| Tensor::stack(&decoupled.iter().map(of).collect::<Vec<_>>(), 0);
        let cosines = core::cosines(&decoupled).abs();
        let cosines = match &available {
            None => cosines.mean_dim(1, false, None::<Kind>),
            Some(available) => {
                (cosines * available).sum_dim_intlist(1, false, None::<Kind>) / available.sum_dim_intlist(1, false, None::<Kind>).clamp_min(1.0)
            }
        };
        let settings = HeterogeneitySettings { objective: Objective::Transport, ..self.settings.heterogeneity };
        let parts = alignment::heterogeneity(&stack(Decoupled::pooled_unique), available.as_ref(), &settings);
        let entropy = -(&parts.marginals * parts.marginals.clamp_min(f64::MIN_POSITIVE).log()).sum_dim_intlist(1, false, None::<Kind>);
        let each = |name: &str, values: &Tensor| -> Vec<(String, f64)> {
            let named = self.names.iter().enumerate();
            named.map(|(at, modality)| (format!("{name} of {modality}"), values.double_value(&[at as i64]))).collect()
        };
        let latent = self.core.latent(&stack(Decoupled::pooled_common), false);
        let discrepancy = Homogeneity::new(&latent, available.as_ref()).discrepancy(self.settings.bandwidth);
        let mut numbers = each("mean |cosine|", &cosines);
        numbers.extend(each("prototypes in use", &entropy.exp()));
        numbers.push(("transport cost".into(), parts.transport.double_value(&[])));
        numbers.push(("discrepancy of common features".into(), discrepancy.double_value(&[])));
        numbers
    }

    /// L_task, Eq. 13.
    fn task_loss(&self, output: &Output, targets: &Targets) -> Tensor {
        match (output, targets) {
            (Output::Value(values), Targets::Values(truth)) if self.settings.absolute_error => values.l1_loss(truth, Reduction::Mean),
            _ => losses::task_loss(output, targets),
        }
    }

    /// `α L_hete`, Eqs. 2 to 9, of pooled unique features `[M, B, d]`. Nothing where a modality has too few samples for a distribution.
    fn and_heterogeneity(&self, terms: LossTerms, unique: &Tensor, available: Option<&Tensor>) -> LossTerms {
        let fewest = available.map_or(unique.size()[1] as f64, |available| available.sum_dim_intlist(1, false, None::<Kind>).min().double_value(&[]));
        if fewest < FEWEST {
            return terms;
        }
        let parts = alignment::heterogeneity(unique, available, &self.settings.heterogeneity);
        let terms = match self.settings.proto_transport {
            ProtoTransport::WithoutTransport => terms,
            ProtoTransport::Full | ProtoTransport::Without => terms.and("transport", self.settings.alpha, parts.transport),
        };
        terms.and("calibration", self.settings.alpha, parts.calibration)
    }

    /// `β L_homo`, Eqs. 10 to 12, of pooled common features `[M, B, d]`.
    fn and_homogeneity(&self, mut terms: LossTerms, common: &Tensor, available: Option<&Tensor>) -> LossTerms {
        let homogeneity = Homogeneity::new(&self.core.latent(common, true), available);
        if let Some(reading) = self.settings.semantic {
            terms = terms.and("semantic", self.settings.beta, homogeneity.semantic(reading));
        }
        if self.settings.discrepancy {
            terms = terms.and("discrepancy", self.settings.beta, homogeneity.discrepancy(self.settings.bandwidth));
        }
        terms
    }
}

impl Method for Decalign {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.encode_and_fuse(inputs)
    }

    /// Eq. 13.
    fn loss(&self, batch: &Batch, _step: &Step) -> LossTerms {
        let available = core::availability(&batch.inputs.availability, Kind::Float);
        let available = available.as_ref();
        let decoupled: Vec<Decoupled> = batch.inputs.modalities.iter().enumerate().map(|(at, input)| self.decouple(at, input, true)).collect();
        let stack = |of: fn(&Decoupled) -> Tensor| {
            let stacked = Tensor::stack(&decoupled.iter().map(of).collect::<Vec<_>>(), 0);
            available.map_or(stacked.shallow_clone(), |available| stacked * available.unsqueeze(-1))
        };
        let common = stack(Decoupled::pooled_common);
        let heard: Vec<Heard> = decoupled.iter().enumerate().map(|(at, own)| Heard::new(own, common.get(at as i64), at, available)).collect();
        let fused = self.core.fuse(&heard, available, true);
        let output = Output::from_head(self.core.answer(&fused, true), self.regression);
        let mut terms = LossTerms::one("task", self.task_loss(&output, &batch.targets));
        if self.settings.shape.decoupled {
            terms = terms.and("decoupling", 1.0, self.settings.decoupling.loss(&core::cosines(&decoupled), available));
        }
        if self.settings.aligns_prototypes() {
            terms = self.and_heterogeneity(terms, &stack(Decoupled::pooled_unique), available);
        }
        if self.settings.aligns_latent() {
            terms = self.and_homogeneity(terms, &common, available);
        }
        if self.settings.contrastive_weight > 0.0 {
            let labels = match &batch.targets {
                Targets::Classes(classes) => classes.shallow_clone(),
                Targets::Values(values) => equations::rounded_labels(values),
            };
            terms = terms.and("contrastive", self.settings.contrastive_weight, equations::contrastive(&fused, &labels, self.settings.temperature));
        }
        terms
    }

    /// For each modality the mean |cosine| of unique and common features and the number of prototypes in use (e to the entropy of ν); the transport cost
    /// `⟨T*, C⟩`; the maximum mean discrepancy of the latent common features. Of `batch` as one set of samples.
    fn diagnose(&self, batch: &Batch) -> Vec<(String, f64)> {
        tch::no_grad(|| self.diagnosis(&batch.inputs))
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group { name: "model", variables: self.parameters.variables() }]
    }

    fn per_modality(&self) -> Option<&dyn PerModality> {
        Some(self)
    }
}

impl PerModality for Decalign {
    /// `[B, T d + d]`: unique features of each frame and pooled common ones; behind them, where frames end at different places, which are there (`T`).
    fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        let decoupled = self.decouple(modality, input, false);
        let mut parts = vec![decoupled.silenced_unique().flatten(1, 2), decoupled.pooled_common()];
        parts.extend(decoupled.mask);
        Tensor::cat(&parts, 1)
    }

    fn fuse(&self, encodings: &[Tensor], availability: &Tensor) -> Output {
        let available = core::availability(availability, Kind::Float);
        let heard = encodings.iter().zip(&self.padded).enumerate().map(|(at, (encoding, padded))| {
            let width = self.settings.shape.width;
            let columns = encoding.size()[1];
            let steps = if *padded { (columns - width) / (width + 1) } else { (columns - width) / width };
            let decoupled = Decoupled {
                unique: encoding.narrow(1, 0, steps * width).view([-1, steps, width]),
                common: encoding.narrow(1, steps * width, width).unsqueeze(1),
                mask: padded.then(|| encoding.narrow(1, columns - steps, steps)),
            };
            let common = decoupled.common.squeeze_dim(1);
            let common = available.as_ref().map_or(common.shallow_clone(), |available| common * available.get(at as i64).unsqueeze(-1));
            Heard::new(&decoupled, common, at, available.as_ref())
        });
        let fused = self.core.fuse(&heard.collect::<Vec<_>>(), available.as_ref(), false);
        Output::from_head(self.core.answer(&fused, false), self.regression)
    }
}
