//! DecAlign's card: options, variants, contradictions.

use bench_card::{Card, Dimension, Optimiser, OptionCard, Recipe, Schedule, Value, Variant, equations};

use crate::registry;

/// The card of `decalign`.
pub fn card() -> Card {
    let summary = "features split into modality-unique and common parts, aligned by prototypes under optimal transport and by moments, fused by cross-modal \
                   transformers";
    let plain = registry::plain_card("decalign", "DecAlign", "alignment", summary);
    Card {
        paper:
            "C. Qian, S. Xing, S. Li, Y. Zhao, Z. Tu: DecAlign: Hierarchical Cross-Modal Alignment for Decoupled Multimodal Representation Learning"
                .into(),
        year: Some(2025),
        equations: equations([
            ("1", "L_dec: cosine between unique and common features"),
            ("2, 3, 4", "prototypes: a Gaussian mixture a modality, responsibilities w, densities"),
            ("5, 6", "cost of matching prototypes: sum over pairs of 2-Wasserstein distances"),
            ("7, 8", "entropic multi-marginal transport between prototypes"),
            ("9", "L_hete: transport cost and sample-to-prototype calibration"),
            ("10", "L_sem: differences of mean, covariance and skewness of common features"),
            ("11, 12", "L_MMD: maximum mean discrepancy with a Gaussian kernel"),
            ("13", "L = L_task + L_dec + α L_hete + β (L_sem + L_MMD)"),
        ]),
        options: [weights(), decoupling(), prototypes(), network()].concat(),
        variants: variants(),
        contradictions: contradictions(),
        missing: Some("zero features that no other modality attends to".into()),
        recipe: recipe(),
        paper_recipe: Some(paper_recipe()),
        space: space(),
        ..plain
    }
}

/// What the harness trains with; chosen on validation (docs/decalign.md).
fn recipe() -> Recipe {
    Recipe {
        optimisers: vec![("*".into(), Optimiser::adam(1e-3, 5e-4))],
        batch: 64,
        source: "chosen on validation (docs/decalign.md); the released settings are for features of pre-trained extractors".into(),
    }
}

/// A tenth to ten times the weights; Fig. 7 gives no ranges in its text.
fn space() -> Vec<Dimension> {
    let own = [
        Dimension::log("alpha", 0.005, 0.5),
        Dimension::log("beta", 0.005, 0.5),
        Dimension::log("ct-weight", 0.0003, 0.03),
        Dimension::log("temperature", 0.03, 1.0),
    ];
    Dimension::of_training().into_iter().chain(own).collect()
}

fn paper_recipe() -> Recipe {
    let Optimiser::Adam { lr, beta1, beta2, eps, weight_decay, .. } = Optimiser::adam(6e-5, 0.005) else { return Recipe::default() };
    let optimiser =
        Optimiser::Adam { lr, beta1, beta2, eps, weight_decay, schedule: Schedule::Plateau { factor: 0.1, patience: 5 }, clip_norm: Some(0.6) };
    Recipe {
        optimisers: vec![("*".into(), optimiser)],
        batch: 32,
        source: "released configuration for MOSI: Adam, rate 6e-5, weight decay 0.005, clip 0.6, plateau 0.1 after 5 epochs, batch 32, 18 epochs; \
                 the paper says Adam"
            .into(),
    }
}

fn weights() -> Vec<OptionCard> {
    vec![
        OptionCard::number("alpha", 0.05, 0.0, 100.0, "α, weight of L_hete (Fig. 7: 0.05 is best); released: 0.05 MOSI, 0.005 MOSEI, 0.0175 CH-SIMS"),
        OptionCard::number(
            "beta",
            0.05,
            0.0,
            100.0,
            "β, weight of L_homo (Fig. 7: 0.05 is best); released: 0.07 MOSI, 0 MOSEI (no homogeneity alignment at all), 0.0525 CH-SIMS",
        ),
        OptionCard::flag("hete", true, "whether L_hete is in the objective (Table 3)"),
        OptionCard::flag("homo", true, "whether L_homo is in the objective (Table 3)"),
        OptionCard::flag(
            "mfd",
            true,
            "unique and common encoders and L_dec (Table 3); without them both branches read the projection: our definition",
        ),
        OptionCard::choice(
            "proto-ot",
            &["with", "without", "without-transport"],
            "prototypes and transport (Table 4): all of L_hete, none of it, or only its sample-to-prototype term",
        ),
        OptionCard::flag("sem", true, "whether L_sem is in L_homo (Table 4)"),
        OptionCard::flag("mmd", true, "whether L_MMD is in L_homo (Table 4)"),
        OptionCard::flag("ct", true, "supervised contrastive term on the fused features (Table 4's CT; the paper defines it nowhere)"),
        OptionCard::number("ct-weight", 0.003, 0.0, 100.0, "its weight; released: 0.003 MOSI, 0.001 MOSEI, 0.01 CH-SIMS, 0 IEMOCAP"),
        OptionCard::number("temperature", 0.1, 0.001, 10.0, "its temperature (released code)"),
        OptionCard::choice(
            "regression-loss",
            &["squared", "absolute"],
            "L_task of values: the paper and the released settings square, the code's default is L1",
        ),
    ]
}

fn decoupling() -> Vec<OptionCard> {
    vec![
        OptionCard::choice(
            "dec",
            &["squared-mean", "signed-sum", "absolute-sum"],
            "L_dec: mean squared cosine (released code), the cosine summed over modalities as printed (opposite features are best), or its absolute value",
        ),
        OptionCard::choice(
            "semantic",
            &["released", "paper"],
            "Eq. 10: means over elements and pairs (released code), or squared norms over M (M − 1) as printed",
        ),
        OptionCard::number("bandwidth", 1.0, 0.001, 1000.0, "σ² of Eq. 12; the released code's name for it is bandwidth"),
        OptionCard::number(
            "latent",
            32.0,
            1.0,
            1024.0,
            "width of the perceptrons' output that Eqs. 10 to 12 compare; the paper compares common features",
        ),
    ]
}

fn prototypes() -> Vec<OptionCard> {
    vec![
        OptionCard::number("components", 0.0, 0.0, 64.0, "K; 0 is the number of classes (2 to 16), or 7 for values; released: 7, IEMOCAP 6"),
        OptionCard::number(
            "em-iterations",
            5.0,
            0.0,
            100.0,
            "iterations of EM in each training batch (released code; the paper does not say how it is fitted)",
        ),
        OptionCard::choice(
            "em-gradient",
            &["through", "detached"],
            "whether gradients flow through EM (released code), or prototypes and responsibilities are constants",
        ),
        OptionCard::choice("cost", &["mean", "sum"], "Eq. 6 over the d features: mean (released code), or sum as printed"),
        OptionCard::choice(
            "local",
            &["mean", "sum", "variance-scaled"],
            "Eq. 9's second term: means over features and ordered pairs (released code), squared norms summed over the ordered pairs as printed, or divided \
             by the prototypes' variances",
        ),
        OptionCard::choice(
            "ot-loss",
            &["entropic", "transport"],
            "Eq. 9's first term: with λ Σ T (log T − 1) on top (released code), or ⟨T*, C⟩ as printed",
        ),
        OptionCard::choice(
            "sinkhorn",
            &["scaling", "log"],
            "Sinkhorn on the kernel with a floor of 1e-30 (released code), or on logarithms, which keeps the gradient where a joint cost exceeds 69 λ",
        ),
        OptionCard::number("regularisation", 0.1, 0.001, 1000.0, "λ of Eq. 7 (released code)"),
        OptionCard::number("sweeps", 50.0, 1.0, 10_000.0, "Sinkhorn sweeps (released code); only the last marginal is exact"),
    ]
}

fn network() -> Vec<OptionCard> {
    vec![
        OptionCard::number("width", 32.0, 4.0, 512.0, "d; released: 64 MOSI and MOSEI, 32 CH-SIMS, 48 IEMOCAP"),
        OptionCard::number("heads", 4.0, 1.0, 64.0, "heads of each attention; must divide the width; released: 8, IEMOCAP 4"),
        OptionCard::number("layers", 2.0, 1.0, 12.0, "layers of each transformer; released: 5 MOSI, else 4"),
        OptionCard::number(
            "kernel",
            1.0,
            1.0,
            15.0,
            "frames a temporal convolution spans, at most T; released: 1 MOSI and IEMOCAP, 5 MOSEI and CH-SIMS",
        ),
        OptionCard::number(
            "dropout",
            0.0,
            0.0,
            0.9,
            "dropped share in transformers, latent perceptrons and in front of the head; the paper does not say",
        ),
        OptionCard::flag(
            "cross-modal-attention",
            true,
            "whether the transformers read the other modalities; else each reads its own frames, none later than the query (released switch)",
        ),
        OptionCard::flag("sequence-mask", true, "whether means over time leave out padding (the released code can, but does not by default)"),
        OptionCard::choice(
            "padding-keys",
            &["left-out", "zeros"],
            "padding in the transformers' context: left out, or keys of zero frames (released code)",
        ),
        OptionCard::choice(
            "alone",
            &["own-frames", "zero"],
            "unique branch of a sample that has none of the other modalities: attention adds nothing and the transformer goes on from its own frames, or the \
             branch is zero",
        ),
    ]
}

fn variants() -> Vec<Variant> {
    let variant = Variant::new;
    let (on, off): (Value, Value) = (true.into(), false.into());
    vec![
        variant("no-homo", "Table 3, row 1: without L_homo", &[("homo", off.clone())]),
        variant("no-hete", "Table 3, row 2: without L_hete", &[("hete", off.clone())]),
        variant("no-both", "Table 3, row 3: decoupling alone", &[("hete", off.clone()), ("homo", off.clone())]),
        variant("no-mfd", "Table 3, row 4: without unique and common encoders", &[("mfd", off.clone())]),
        variant("no-proto-ot", "Table 4, row 1: without prototypes and transport", &[("proto-ot", "without".into())]),
        variant("no-ct", "Table 4, row 2: without the contrastive term", &[("ct", off.clone())]),
        variant("no-sem", "Table 4, row 3: without L_sem", &[("sem", off.clone())]),
        variant("no-mmd", "Table 4, row 4: without L_MMD", &[("mmd", off.clone())]),
        variant("no-cross-modal-attention", "transformers read their own modality alone", &[("cross-modal-attention", off)]),
        variant(
            "as-printed",
            "Eqs. 1, 6, 9 and 10 as printed instead of as released",
            &[
                ("dec", "signed-sum".into()),
                ("cost", "sum".into()),
                ("local", "sum".into()),
                ("ot-loss", "transport".into()),
                ("semantic", "paper".into()),
                ("sinkhorn", "log".into()),
            ],
        ),
        variant(
            "released-mosi",
            "sizes and weights of the released MOSI configuration",
            &[
                ("width", 64.0.into()),
                ("latent", 64.0.into()),
                ("heads", 8.0.into()),
                ("layers", 5.0.into()),
                ("components", 7.0.into()),
                ("beta", 0.07.into()),
            ],
        ),
        variant(
            "released-mosei",
            "sizes and weights of the released MOSEI configuration, where β is 0",
            &[
                ("width", 64.0.into()),
                ("latent", 64.0.into()),
                ("heads", 8.0.into()),
                ("layers", 4.0.into()),
                ("kernel", 5.0.into()),
                ("components", 7.0.into()),
                ("alpha", 0.005.into()),
                ("beta", 0.0.into()),
                ("ct", on),
                ("ct-weight", 0.001.into()),
            ],
        ),
    ]
}

fn contradictions() -> Vec<String> {
    [
        "Eq. 1 is a signed cosine summed over modalities, least for opposite features, not for unrelated ones; the released code takes the mean squared \
         cosine, and so do we (`dec`).",
        "Eqs. 4 and 6 have full covariances; the released mixtures are diagonal, and so are ours.",
        "How the mixtures are fitted is not said. Released, and here: EM from scratch in every training batch, five iterations, means started at evenly \
         spaced samples, gradients through all of it (`em-gradient`). The prototypes are called category prototypes, but see no label.",
        "Eqs. 6 and 10 are squared norms, Eq. 10 over M (M − 1); the released code takes means over the elements (`cost`, `semantic`).",
        "Eq. 9 counts ⟨T*, C⟩; the released loss adds λ Σ T (log T − 1), so that it can be negative (`ot-loss`).",
        "Eq. 5 sums over i ≤ j; the terms with i = j are 0 and left out.",
        "In Eq. 9 the modality of μ_{j≠i} and the sum over i are left open: all ordered pairs, their mean (`local`).",
        "Eq. 12 divides by 2 σ², the released code by twice its bandwidth: bandwidth is σ², equal at the default 1.",
        "Eqs. 10 to 12 speak of common features; the released code compares a perceptron's output of their means over time, over the batch, so the \
         covariance is that of few samples.",
        "CT of Table 4 is defined nowhere; the released code has a supervised contrastive term on the fused features, which is taken. It is on, as in the \
         released MOSI, MOSEI and CH-SIMS settings, since Table 4 has a row without it.",
        "The multimodal transformer is cited, not defined: released, and here, the other modalities' frames in a row are the context, not pairs as in MulT.",
        "α = β = 0.05 is said to be best on both datasets; the released MOSEI settings have β = 0, which switches L_homo off.",
        "The square root of Eq. 6 has 1e-8 under it (released): a prototype's distance to itself is slightly negative. Kept.",
        "The released kernel of Sinkhorn is floored at 1e-30, where the gradient of the cost stops: beyond a joint cost of 6.9. Kept (`sinkhorn`). After 50 \
         sweeps only the last modality's marginal is exact.",
        "The check marks of Tables 3 and 4 are lost in our copy: which row is which is inferred from the numbers and the text.",
        "The paper has two or three modalities. With more than three, transport is a sum over the pairs of modalities: the joint plan has K^M cells.",
        "Nothing is said of missing modalities, and the released switch is for whole runs: here a sample's missing modality is zero in both branches, no \
         key for the others, and out of every loss; pairs are compared on samples that have both.",
        "The released code skips the convolution where the width is already d, and has BERT inside; here the shared encoders' frames (width 128) are always \
         projected.",
    ]
    .map(String::from)
    .into()
}
