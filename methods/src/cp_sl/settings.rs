//! CP+SL's options as the model uses them.

use super::{
    equations::Variance,
    losses::{Diversity, Error, Reduction},
    modulation::{Enhancement, Norm},
    objective::Objective,
};
use crate::{MethodError, Settings};

/// How the other modalities' latents become one (`F` of Eq. 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fusion {
    Gated,
    Concat,
    Sum,
}

/// Which step of `H` the task head reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    Mean,
    First,
}

/// Where the bounds of the min-max normalisation come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MinMax {
    Train,
    Batch,
}

/// Sizes of the networks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Widths {
    pub hidden: i64,
    pub latent: i64,
    pub fusion: i64,
}

/// Step 4.
#[derive(Debug, Clone, Copy)]
pub(super) struct Modulation {
    pub modulate: bool,
    pub penalise: bool,
    pub enhancement: Option<Enhancement>,
    pub alpha: f64,
    pub eta: f64,
    pub last_epoch: f64,
    pub norm: Norm,
    pub continuous: bool,
    pub first_only: bool,
    pub with_gate: bool,
    pub against_pivot: bool,
}

impl Modulation {
    /// Whether any gradient is ever changed.
    pub(super) fn any(&self) -> bool {
        self.modulate || self.enhancement.is_some()
    }
}

/// All options.
#[derive(Debug, Clone, Copy)]
pub(super) struct CpSlSettings {
    pub sampling: bool,
    pub variance_head: bool,
    pub variance: Variance,
    pub objective: Objective,
    pub modulation: Modulation,
    pub widths: Widths,
    pub fusion: Fusion,
    pub pool: Pool,
    pub min_max: MinMax,
    pub by_feature: bool,
    pub sigmoid_decoder: bool,
    pub beta: f64,
    pub encoder_dropout: f64,
    pub dropout: f64,
}

impl CpSlSettings {
    /// Reads resolved options.
    ///
    /// # Errors
    /// An option that is absent or of another type, and switches that contradict one another.
    pub(super) fn from(settings: &Settings<'_>) -> Result<Self, MethodError> {
        let (sampling, statistics) = (settings.flag("ame")?, settings.flag("sl")?);
        let needs_head = settings.choice("sl-without-ame", &[("variance-head", true), ("mean-only", false)])?;
        let entropy = settings.choice("diversity", &[("softmax", Diversity::Softmax), ("gauss", Diversity::Gauss), ("off", Diversity::Off)])?;
        let read = Self {
            sampling,
            variance_head: sampling || (statistics && needs_head),
            variance: settings.choice("variance", &[("softplus", Variance::Softplus), ("exponential", Variance::Exponential)])?,
            objective: Objective {
                reconstruction: settings.number("lambda-recon")?,
                unimodal: settings.number("lambda-uni")?,
                diversity: settings.number("lambda-div")?,
                statistics: settings.number("lambda-stat")?,
                use_statistics: statistics,
                reduction: settings
                    .choice("reconstruction", &[("element", Reduction::Element), ("token", Reduction::Token), ("sum", Reduction::Sum)])?,
                entropy,
                error: settings.choice("unimodal-error", &[("square", Error::Square), ("absolute", Error::Absolute)])?,
                mean_over_heads: settings.choice("unimodal-heads", &[("sum", false), ("mean", true)])?,
                unbiased: settings.choice("stat-variance", &[("biased", false), ("unbiased", true)])?,
                mask_steps: settings.flag("token-mask")?,
            },
            modulation: modulation(settings)?,
            widths: Widths {
                hidden: settings.number("hidden")? as i64,
                latent: settings.number("latent")? as i64,
                fusion: settings.number("fusion-width")? as i64,
            },
            fusion: settings.choice("fusion", &[("gated", Fusion::Gated), ("concat", Fusion::Concat), ("sum", Fusion::Sum)])?,
            pool: settings.choice("pool", &[("mean", Pool::Mean), ("first", Pool::First)])?,
            min_max: settings.choice("minmax", &[("train", MinMax::Train), ("batch", MinMax::Batch)])?,
            by_feature: settings.choice("minmax-over", &[("tensor", false), ("feature", true)])?,
            sigmoid_decoder: settings.choice("decoder", &[("linear", false), ("sigmoid", true)])?,
            beta: settings.number("beta")?,
            encoder_dropout: settings.number("encoder-dropout")?,
            dropout: settings.number("dropout")?,
        };
        read.contradiction().map_or(Ok(read), |reason| Err(MethodError::Refused { method: "cp-sl", reason: reason.into() }))
    }

    /// Switches that cannot be set together.
    fn contradiction(&self) -> Option<&'static str> {
        if self.modulation.penalise && !self.modulation.modulate {
            return Some("`cp` penalises the coefficients of gradient modulation, but `gm` is off; set gm=true or cp=false");
        }
        if self.objective.entropy == Diversity::Gauss && !self.variance_head {
            return Some("`diversity=gauss` is an entropy of variances, but without `ame` and `sl` there is no variance head; set diversity=softmax");
        }
        if self.modulation.norm == Norm::Shared && self.fusion == Fusion::Concat {
            return Some("`norm=shared` needs a fusion that is a sum over modalities; set fusion=gated or fusion=sum");
        }
        None
    }
}

fn modulation(settings: &Settings<'_>) -> Result<Modulation, MethodError> {
    let enhancement = settings.choice("enhancement", &[("noise", Enhancement::Noise), ("amplify-weak", Enhancement::AmplifyWeak)])?;
    Ok(Modulation {
        modulate: settings.flag("gm")?,
        penalise: settings.flag("cp")?,
        enhancement: settings.flag("ge")?.then_some(enhancement),
        alpha: settings.number("alpha")?,
        eta: settings.number("eta")?,
        last_epoch: settings.number("last-epoch")?,
        norm: settings.choice("norm", &[("mean", Norm::Mean), ("global", Norm::Global), ("shared", Norm::Shared)])?,
        continuous: settings.choice("coefficient", &[("printed", false), ("continuous", true)])?,
        first_only: settings.choice("conflict", &[("symmetric", false), ("audio-only", true)])?,
        with_gate: settings.choice("modulated", &[("encoder", false), ("encoder-and-gate", true)])?,
        against_pivot: settings.choice("one-other", &[("pivot", true), ("none", false)])?,
    })
}
