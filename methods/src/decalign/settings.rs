//! Options as the model uses them.

use super::{
    alignment::HeterogeneitySettings,
    core::Alone,
    equations::{Calibration, Decoupling, Semantic},
};
use crate::{
    BuildContext, MethodError,
    mixture::Reduction,
    transport::{Domain, Objective, Sinkhorn},
};

/// Prototypes of a regression task where the option leaves the number open: the seven sentiments.
const REGRESSION_COMPONENTS: i64 = 7;
/// Most prototypes where the option leaves the number open: the joint plan of three modalities has K³ cells.
const MOST_COMPONENTS: i64 = 16;

/// What of `L_hete` is left (row Proto-OT of Table 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProtoTransport {
    Full,
    Without,
    WithoutTransport,
}

/// Sizes of the network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub width: i64,
    pub heads: i64,
    pub layers: usize,
    pub kernel: i64,
    pub latent: i64,
    pub dropout: f64,
    pub decoupled: bool,
    pub cross_modal: bool,
    pub zero_keys: bool,
    pub alone: Alone,
}

/// Options as the model uses them.
#[derive(Debug, Clone, Copy)]
pub(super) struct DecalignSettings {
    pub alpha: f64,
    pub beta: f64,
    pub contrastive_weight: f64,
    pub temperature: f64,
    pub hete: bool,
    pub homo: bool,
    pub proto_transport: ProtoTransport,
    pub semantic: Option<Semantic>,
    pub discrepancy: bool,
    pub bandwidth: f64,
    pub decoupling: Decoupling,
    pub heterogeneity: HeterogeneitySettings,
    pub shape: Shape,
    pub sequence_mask: bool,
    pub absolute_error: bool,
}

impl DecalignSettings {
    /// Resolved options for a dataset.
    pub(super) fn from(context: &BuildContext<'_>) -> Result<Self, MethodError> {
        let settings = context.settings();
        let whole = |name: &str| settings.number(name).map(|number| number as i64);
        let shape = Shape {
            width: whole("width")?,
            heads: whole("heads")?,
            layers: whole("layers")? as usize,
            kernel: whole("kernel")?,
            latent: whole("latent")?,
            dropout: settings.number("dropout")?,
            decoupled: settings.flag("mfd")?,
            cross_modal: settings.flag("cross-modal-attention")?,
            zero_keys: settings.choice("padding-keys", &[("left-out", false), ("zeros", true)])?,
            alone: settings.choice("alone", &[("own-frames", Alone::OwnFrames), ("zero", Alone::Zero)])?,
        };
        if shape.width % shape.heads != 0 {
            let reason = format!("{} heads do not divide a width of {}: choose `heads` or `width` so that they do", shape.heads, shape.width);
            return Err(MethodError::Refused { method: "decalign", reason });
        }
        let semantic = settings.choice("semantic", &[("released", Semantic::Released), ("paper", Semantic::Paper)])?;
        Ok(Self {
            alpha: settings.number("alpha")?,
            beta: settings.number("beta")?,
            contrastive_weight: if settings.flag("ct")? { settings.number("ct-weight")? } else { 0.0 },
            temperature: settings.number("temperature")?,
            hete: settings.flag("hete")?,
            homo: settings.flag("homo")?,
            proto_transport: settings.choice(
                "proto-ot",
                &[("with", ProtoTransport::Full), ("without", ProtoTransport::Without), ("without-transport", ProtoTransport::WithoutTransport)],
            )?,
            semantic: settings.flag("sem")?.then_some(semantic),
            discrepancy: settings.flag("mmd")?,
            bandwidth: settings.number("bandwidth")?,
            decoupling: settings.choice(
                "dec",
                &[("squared-mean", Decoupling::SquaredMean), ("signed-sum", Decoupling::SignedSum), ("absolute-sum", Decoupling::AbsoluteSum)],
            )?,
            heterogeneity: heterogeneity(context)?,
            shape,
            sequence_mask: settings.flag("sequence-mask")?,
            absolute_error: settings.choice("regression-loss", &[("squared", false), ("absolute", true)])?,
        })
    }

    /// Whether any part of `L_hete` is in the objective.
    pub(super) fn aligns_prototypes(&self) -> bool {
        self.hete && self.alpha > 0.0 && self.proto_transport != ProtoTransport::Without
    }

    /// Whether any part of `L_homo` is in the objective.
    pub(super) fn aligns_latent(&self) -> bool {
        self.homo && self.beta > 0.0 && (self.semantic.is_some() || self.discrepancy)
    }
}

fn heterogeneity(context: &BuildContext<'_>) -> Result<HeterogeneitySettings, MethodError> {
    let settings = context.settings();
    let components = match settings.number("components")? as i64 {
        0 if context.regression() => REGRESSION_COMPONENTS,
        0 => context.outputs().clamp(2, MOST_COMPONENTS),
        components => components,
    };
    Ok(HeterogeneitySettings {
        components,
        iterations: settings.number("em-iterations")? as usize,
        detached: settings.choice("em-gradient", &[("through", false), ("detached", true)])?,
        cost: settings.choice("cost", &[("mean", Reduction::Mean), ("sum", Reduction::Sum)])?,
        calibration: settings
            .choice("local", &[("mean", Calibration::Mean), ("sum", Calibration::Sum), ("variance-scaled", Calibration::VarianceScaled)])?,
        objective: settings.choice("ot-loss", &[("entropic", Objective::Entropic), ("transport", Objective::Transport)])?,
        sinkhorn: Sinkhorn {
            regularisation: settings.number("regularisation")?,
            sweeps: settings.number("sweeps")? as usize,
            domain: settings.choice("sinkhorn", &[("scaling", Domain::Scaling), ("log", Domain::Logarithmic)])?,
        },
    })
}
