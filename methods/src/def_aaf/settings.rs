//! The options as the model uses them.

use super::{equations::contrastive::Reading, objective::Weights};
use crate::{MethodError, Settings};

/// What stands at L_H's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Homologous {
    Pairs,
    Centroid,
    ToClass,
    Triplet,
    InfoNce,
    None,
}

/// Which features are one input of the autoencoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Late,
    Early,
    Text,
}

/// Weights of the modalities in the generator's alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Uniform,
    Weighted,
    Top(i64),
}

/// What aligns codes and fusions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AlignLoss {
    Wgan,
    Gan,
    Mmd,
    None,
}

/// How the encoder is conditioned when there is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Infer {
    TwoPass,
    PriorMean,
    PerClass,
    Reconstruction,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct DefAafSettings {
    pub weights: Weights,
    pub homologous: Homologous,
    pub homologous_valid: bool,
    pub mean_distances: bool,
    pub margin: f64,
    pub contrastive: bool,
    pub contrastive_early: bool,
    pub reading: Reading,
    pub other_classes: bool,
    pub mean_errors: bool,
    pub dynamic: bool,
    pub layout: Layout,
    pub align: Align,
    pub align_loss: AlignLoss,
    pub sharpness: f64,
    pub gamma_of_batch: bool,
    pub gamma_gradient: bool,
    pub codes_move: bool,
    pub align_to_class: bool,
    pub critic_each: bool,
    pub critic_steps: usize,
    pub penalty: f64,
    pub frozen_classes: bool,
    pub pseudo: bool,
    pub clusters: usize,
    pub infer: Infer,
    pub labelled_head: bool,
    pub pretraining: f64,
    pub scale_features: bool,
    pub width: i64,
    pub hidden: i64,
}

impl DefAafSettings {
    pub(super) fn from(settings: &Settings<'_>) -> Result<Self, MethodError> {
        let number = |name: &str| settings.number(name);
        Ok(Self {
            weights: Weights {
                homologous: number("w-hom")?,
                reconstruction: number("w-rec")?,
                intra: number("lambda-rec")?,
                contrastive: number("w-con")?,
                alignment: number("w-aaf")?,
                task: number("w-task")?,
            },
            homologous: settings.choice(
                "homologous",
                &[
                    ("pairs", Homologous::Pairs),
                    ("eq19", Homologous::Centroid),
                    ("to-class", Homologous::ToClass),
                    ("triplet", Homologous::Triplet),
                    ("infonce", Homologous::InfoNce),
                    ("none", Homologous::None),
                ],
            )?,
            homologous_valid: settings.choice("homologous-mean", &[("all", false), ("valid", true)])?,
            mean_distances: settings.choice("homologous-norm", &[("dim", true), ("sum", false)])?,
            margin: number("margin")?,
            contrastive: settings.flag("contrastive")?,
            contrastive_early: settings.flag("contrastive-stage1")?,
            reading: Reading {
                temperature: number("temperature")?,
                cosine: settings.choice("similarity", &[("cosine", true), ("dot", false)])?,
                positive_in_denominator: settings.choice("denominator", &[("with-positive", true), ("negatives", false)])?,
            },
            other_classes: settings.choice("negatives", &[("all", false), ("other-classes", true)])?,
            mean_errors: settings.choice("recon-norm", &[("dim", true), ("sum", false)])?,
            dynamic: settings.choice("fusion", &[("dynamic", true), ("uniform", false)])?,
            layout: settings.choice("inputs", &[("late", Layout::Late), ("early", Layout::Early), ("text", Layout::Text)])?,
            align: settings
                .choice("align", &[("uniform", Align::Uniform), ("weighted", Align::Weighted), ("top1", Align::Top(1)), ("top2", Align::Top(2))])?,
            align_loss: settings
                .choice("align-loss", &[("wgan", AlignLoss::Wgan), ("gan", AlignLoss::Gan), ("mmd", AlignLoss::Mmd), ("none", AlignLoss::None)])?,
            sharpness: number("beta-rel")?,
            gamma_of_batch: settings.choice("gamma", &[("sample", false), ("batch", true)])?,
            gamma_gradient: settings.flag("gamma-gradient")?,
            codes_move: settings.choice("align-gradient", &[("both", true), ("fused", false)])?,
            align_to_class: settings.choice("align-target", &[("codes", false), ("class-embedding", true)])?,
            critic_each: settings.choice("critic", &[("shared", false), ("per-modality", true)])?,
            critic_steps: number("critic-steps")? as usize,
            penalty: number("lambda-gp")?,
            frozen_classes: settings.choice("embeddings", &[("learnt", false), ("frozen", true)])?,
            pseudo: settings.choice("classes", &[("labels", false), ("pseudo", true)])?,
            clusters: number("clusters")? as usize,
            infer: settings.choice(
                "infer",
                &[
                    ("two-pass", Infer::TwoPass),
                    ("prior-mean", Infer::PriorMean),
                    ("per-class", Infer::PerClass),
                    ("recon-argmin", Infer::Reconstruction),
                ],
            )?,
            labelled_head: settings.choice("head-condition", &[("label-free", false), ("label", true)])?,
            pretraining: number("pretraining")?,
            scale_features: settings.choice("features", &[("scaled", true), ("raw", false)])?,
            width: number("width")? as i64,
            hidden: number("hidden")? as i64,
        })
    }

    /// Whether a critic (or discriminator) is trained.
    pub(super) fn adversarial(&self) -> bool {
        matches!(self.align_loss, AlignLoss::Wgan | AlignLoss::Gan) && (self.layout == Layout::Late || self.align_to_class)
    }

    /// Whether stage 1 has anything to minimise.
    pub(super) fn pretrains(&self) -> bool {
        let late = self.layout == Layout::Late;
        let homologous = late && self.homologous != Homologous::None || self.homologous == Homologous::ToClass;
        self.weights.reconstruction > 0.0 || homologous && self.weights.homologous > 0.0
    }

    /// Epochs of stage 1 of a training of `epochs` epochs.
    pub(super) fn pretraining_epochs(&self, epochs: usize) -> usize {
        if self.pretrains() { (self.pretraining * epochs as f64) as usize } else { 0 }
    }
}
