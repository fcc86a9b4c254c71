//! RAML's card and its options.

use bench_card::{Capabilities, Card, Dimension, OptionCard, Recipe, TaskKind, Variant, equations};

use super::equations::Deviation;
use crate::{MethodError, Settings, nn::TextEncoder, registry};

/// Where ω comes from (Table V).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weighting {
    Adaptive,
    Fixed,
    Identical,
}

/// Which patterns a sample is trained with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Augmentation {
    AllPatterns,
    Sampled,
    None,
}

/// What `L_U` and `L_D` see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unimodal {
    Full,
    AugmentedLiteral,
    AugmentedMasked,
}

/// Options as the model uses them.
#[derive(Debug, Clone, Copy)]
pub(super) struct RamlSettings {
    pub lambda1: f64,
    pub lambda2: f64,
    pub use_unimodal: bool,
    pub use_sparsity: bool,
    pub weighting: Weighting,
    pub shared_predictor: bool,
    pub augmentation: Augmentation,
    pub unimodal: Unimodal,
    pub mask_sparsity: bool,
    pub mask_incomplete: bool,
    pub mean_over_features: bool,
    pub sum_over_batch: bool,
    pub deviation: Deviation,
    pub samples: usize,
}

impl RamlSettings {
    pub(super) fn from(settings: &Settings<'_>) -> Result<Self, MethodError> {
        Ok(Self {
            lambda1: settings.number("lambda1")?,
            lambda2: settings.number("lambda2")?,
            use_unimodal: settings.flag("unimodal-loss")?,
            use_sparsity: settings.flag("sparsity-loss")?,
            weighting: settings
                .choice("weighting", &[("adaptive", Weighting::Adaptive), ("fixed", Weighting::Fixed), ("identical", Weighting::Identical)])?,
            shared_predictor: settings.choice("predictor", &[("shared", true), ("separate", false)])?,
            augmentation: settings.choice(
                "augmentation",
                &[("all-patterns", Augmentation::AllPatterns), ("sampled", Augmentation::Sampled), ("none", Augmentation::None)],
            )?,
            unimodal: settings.choice(
                "unimodal-on",
                &[("full", Unimodal::Full), ("augmented-literal", Unimodal::AugmentedLiteral), ("augmented-masked", Unimodal::AugmentedMasked)],
            )?,
            mask_sparsity: settings.flag("mask-sparsity")?,
            mask_incomplete: settings.choice("incomplete", &[("masked", true), ("literal", false)])?,
            mean_over_features: settings.choice("sparsity-features", &[("sum", false), ("mean", true)])?,
            sum_over_batch: settings.choice("sparsity-batch", &[("mean", false), ("sum", true)])?,
            deviation: settings.choice(
                "sigma",
                &[("log-variance", Deviation::LogVariance), ("softplus", Deviation::Softplus), ("log-deviation", Deviation::LogDeviation)],
            )?,
            samples: settings.number("samples")? as usize,
        })
    }
}

impl RamlSettings {
    /// Whether Eqs. 3 and 4 can be had as products over the patterns: ln σ is bounded, and both equations see the same δ, which no sample has its own
    /// draw of.
    pub(super) fn has_products(&self) -> bool {
        self.weighting == Weighting::Adaptive
            && self.deviation == Deviation::LogVariance
            && self.augmentation != Augmentation::Sampled
            && self.mask_incomplete
    }
}

/// The card of `raml`.
pub fn card() -> Card {
    let summary = "Gaussian embeddings fused element by element by their precision, with a shared predictor and a sparsity term";
    let plain = registry::plain_card("raml", "RAML", "uncertainty", summary);
    Card {
        paper: "M. Chen, J. Yao, L. Xing, Y. Wang, Y. Zhang, Y. Wang: Redundancy-Adaptive Multimodal Learning for Imperfect Data".into(),
        year: Some(2023),
        equations: equations([
            ("1", "each modality is N(μ_m, diag σ_m²); training draws h_m = μ_m + ρ σ_m"),
            ("2", "L_U: the shared predictor solves the task from each h_m"),
            ("3", "L_D: L1 norm of the precision-weighted means"),
            ("4", "h = Σ ω_m ⊙ μ_m, ω_m = δ_m (σ/σ_m)²"),
            ("5", "L_M: the shared predictor solves the task from h"),
            ("6", "L = L_M + λ₁ L_U + λ₂ L_D"),
            ("7, 8", "theorem 3.1: finer weights reach a higher predictive supremum"),
        ]),
        options: options(),
        variants: variants(),
        contradictions: contradictions(),
        capabilities: Capabilities { tasks: vec![TaskKind::Classification], ..plain.capabilities },
        missing: Some("left out of the fusion, in every pattern while training".into()),
        recipe: Recipe {
            source: "RAML, section IV-A: Adam, rate 1e-3, weight decay 5e-4, batch 128; epochs are not given".into(),
            ..Recipe::default()
        },
        space: space(),
        ..plain
    }
}

/// λ₁ and λ₂ over and below the sweep of Fig. 4: our L_D is a mean, so λ₂ may be smaller.
fn space() -> Vec<Dimension> {
    let own = [Dimension::log("lambda1", 0.1, 2.0), Dimension::log("lambda2", 0.02, 2.0)];
    Dimension::of_training().into_iter().chain(own).collect()
}

fn options() -> Vec<OptionCard> {
    vec![
        OptionCard::number("lambda1", 1.0, 0.0, 100.0, "λ₁, weight of L_U; the paper sweeps 0.2 to 1.6 and gives no final value"),
        OptionCard::number(
            "lambda2",
            0.2,
            0.0,
            100.0,
            "λ₂, weight of L_D; the paper sweeps 0.2 to 1.6 and gives no final value; its scale depends on sparsity-features",
        ),
        OptionCard::flag("unimodal-loss", true, "whether L_U is in the objective (Table VI)"),
        OptionCard::flag("sparsity-loss", true, "whether L_D is in the objective (Table VI)"),
        OptionCard::choice(
            "weighting",
            &["adaptive", "fixed", "identical"],
            "ω from σ (Eq. 4), learnt but the same for all samples, or equal (Table V)",
        ),
        OptionCard::choice(
            "predictor",
            &["shared", "separate"],
            "one predictor for all embeddings, or one a modality and one for the fusion (Fig. 4, left)",
        ),
        OptionCard::choice(
            "augmentation",
            &["all-patterns", "sampled", "none"],
            "missing patterns a sample is trained with: all 2^M − 1 with equal weight (our reading), one drawn uniformly, or none (Table IV)",
        ),
        OptionCard::choice(
            "unimodal-on",
            &["full", "augmented-literal", "augmented-masked"],
            "whether the zero-filled copies enter L_U and L_D too: no; yes, missing modalities included; yes, without the missing ones",
        ),
        OptionCard::flag("mask-sparsity", false, "whether δ enters Eq. 3's normaliser and sum; as printed it does not"),
        OptionCard::choice(
            "incomplete",
            &["masked", "literal"],
            "training samples that really lack a modality: left out of L_U and L_D's terms, or not",
        ),
        OptionCard::choice(
            "sparsity-features",
            &["mean", "sum"],
            "reduction of L_D over the D features: mean (trains over the paper's whole sweep of λ₂), or the L1 norm as printed (docs/raml.md)",
        ),
        OptionCard::choice("sparsity-batch", &["mean", "sum"], "reduction of L_D over the batch; the paper does not say"),
        OptionCard::choice("sigma", &["log-variance", "softplus", "log-deviation"], "how the σ head's output becomes σ > 0; the paper does not say"),
        OptionCard::number("samples", 1.0, 1.0, 64.0, "draws a sample, modality and step in L_U"),
        TextEncoder::option(),
    ]
}

fn variants() -> Vec<Variant> {
    let variant = Variant::new;
    vec![
        variant("full-modality", "Table IV: trained on complete samples only", &[("augmentation", "none".into())]),
        variant("identical-weights", "Table V, row 1: the plain mean of the available modalities", &[("weighting", "identical".into())]),
        variant("fixed-weights", "Table V, row 2: learnt weights that are the same for all samples", &[("weighting", "fixed".into())]),
        variant("only-multimodal", "Table VI, row 1: L_M alone", &[("unimodal-loss", false.into()), ("sparsity-loss", false.into())]),
        variant("no-unimodal", "Table VI, row 2: L_M and L_D", &[("unimodal-loss", false.into())]),
        variant("no-sparsity", "Table VI, row 3: L_M and L_U", &[("sparsity-loss", false.into())]),
        variant("literal-sparsity", "Eq. 3 as printed: the L1 norm summed over the D features", &[("sparsity-features", "sum".into())]),
        variant("separate-predictors", "Fig. 4, left: no shared predictor", &[("predictor", "separate".into())]),
    ]
}

fn contradictions() -> Vec<String> {
    [
        "σ is called a variance vector in the text and used as a standard deviation in Eqs. 1, 3 and 4: read as standard deviation.",
        "Eq. 3 normalises over all modalities, Eq. 4 over the available ones: taken as printed; `mask-sparsity` changes it.",
        "Eq. 3 is said to raise the σ of redundant elements, but it does not change when all σ are scaled alike: it only moves relative precision.",
        "Whether zero-filled copies enter L_U and L_D is not said: they do not; `unimodal-on` changes it.",
        "Eq. 3 is a sum over D = 128 features. With λ₂ in the paper's sweep (0.2 to 1.6) one modality takes all the weight with means near zero and the \
         fusion learns little; the mean over features trains alike over the whole sweep, as Fig. 4 shows it, and is taken (docs/raml.md). \
         `literal-sparsity` is the printed norm.",
        "Neither epochs nor λ₁ and λ₂ are given; Fig. 4 sweeps both from 0.2 to 1.6.",
        "The noise of the images is called a variance; the equations and levels suggest a standard deviation, which the suites take.",
    ]
    .map(String::from)
    .into()
}
