//! CP+SL's card: where it comes from, Table 2's rows as variants, and what in the paper does not fit together.

use bench_card::{Capabilities, Card, Dimension, Optimiser, Options, Recipe, Schedule, Variant, equations};

use super::options::options;
use crate::registry;

/// The card of `cp-sl`.
pub fn card() -> Card {
    let summary = "one modality is the pivot; the others are encoded by mean and variance, gated and injected into its states; \
                   the gradients of an encoder that does better than the others are scaled down, more so if they are the larger ones";
    let plain = registry::plain_card("cp-sl", "CP+SL", "gradient balance", summary);
    Card {
        paper: "J. Dai, J. Liang, S. Mai: A Conflict-Aware Penalty and Statistical Loss Framework for Balancing Modalities and Enhancing Stability in \
                Multimodal Sentiment Analysis. No code was found; what the paper leaves open is as in ITHP (joshuaxiao98/ITHP, c5414d5), whose settings it \
                shares, and in OGM-GE (343dc1d), which it builds on"
            .into(),
        equations: equations([
            ("1", "Z_m = μ_m + ε √(σ_m² + 1e-6), ε standard normal; ε = 0 in evaluation"),
            ("2", "H = T + β tanh(W_p F), F the gated fusion of the Z_m"),
            ("3", "L_stat: per step, mean and variance of the input's features against the averages of μ and σ²"),
            ("4", "L = L_task + λ_recon L_recon + λ_uni L_uni + λ_div L_div + λ_stat L_stat"),
            ("5", "c_m = 1 − tanh(α s_m / s') where s_m > s', else 1; s_m = 1 / MAE of the unimodal head"),
            ("6", "c_m ← η c_m where m does better and its encoder's gradients are larger"),
        ]),
        options: options(),
        variants: variants(),
        contradictions: contradictions(),
        capabilities: Capabilities { pivot: true, ..plain.capabilities },
        missing: Some("zero input; zero states where it is the pivot".into()),
        recipe: recipe(),
        paper_recipe: Some(paper_recipe()),
        space: space(),
        ..plain
    }
}

/// A tenth to ten times each weight of Eq. 4, and the constants of Eqs. 2, 5 and 6.
fn space() -> Vec<Dimension> {
    let own = [
        Dimension::log("lambda-recon", 0.1, 10.0),
        Dimension::log("lambda-uni", 0.05, 5.0),
        Dimension::log("lambda-div", 0.01, 1.0),
        Dimension::log("lambda-stat", 0.01, 1.0),
        Dimension::log("alpha", 0.1, 10.0),
        Dimension::linear("eta", 0.0, 1.0),
        Dimension::log("beta", 0.1, 10.0),
        Dimension::one_of("dropout", &[0.1, 0.3, 0.5]),
    ];
    Dimension::of_training().into_iter().chain(own).collect()
}

/// AdamW as in ITHP: warm-up over a tenth of the steps, decay of matrices only.
fn recipe_of(lr: f64, batch: usize, source: &str) -> Recipe {
    let optimiser = Optimiser::AdamW {
        lr,
        beta1: 0.9,
        beta2: 0.999,
        eps: 1e-8,
        weight_decay: 0.01,
        decay_vectors: false,
        schedule: Schedule::Warmup { fraction: 0.1 },
        clip_norm: None,
    };
    Recipe { optimisers: vec![("*".into(), optimiser)], batch, source: source.into() }
}

/// The rate is from validation (docs/cp-sl.md): the paper's belongs to a pre-trained text encoder.
fn recipe() -> Recipe {
    recipe_of(4e-3, 128, "CP+SL, section 3.1, and ITHP's weight decay; rate and batch chosen on validation, for encoders that are not pre-trained")
}

fn paper_recipe() -> Recipe {
    recipe_of(1e-5, 8, "CP+SL, section 3.1: AdamW, rate 1e-5, warm-up 0.1, batch 8; weight decay 0.01 as in ITHP")
}

/// Switches in the order of Table 2's columns: AME, GM, GE, CP, SL.
const SWITCHES: [&str; 5] = ["ame", "gm", "ge", "cp", "sl"];

/// Rows of Table 2 with the switches that are on.
const ROWS: [(&str, &str, &[&str]); 17] = [
    ("a0", "baseline; the paper does not say which auxiliary losses it keeps: all but SL", &[]),
    ("a1", "AME", &["ame"]),
    ("a2", "AME + GM", &["ame", "gm"]),
    ("a3", "AME + GM + GE", &["ame", "gm", "ge"]),
    ("a4", "AME + GM + GE + CP", &["ame", "gm", "ge", "cp"]),
    ("a5", "AME + GM + GE + SL", &["ame", "gm", "ge", "sl"]),
    ("a6", "the full model: the defaults themselves", &SWITCHES),
    ("b1", "AME only, the same as A1", &["ame"]),
    ("b2", "GM only", &["gm"]),
    ("b3", "SL only", &["sl"]),
    ("b4", "GM + GE", &["gm", "ge"]),
    ("b5", "GM + CP", &["gm", "cp"]),
    ("c1", "GM + GE + CP", &["gm", "ge", "cp"]),
    ("c2", "AME + SL", &["ame", "sl"]),
    ("c3", "AME + GM, the same as A2", &["ame", "gm"]),
    ("c4", "full without CP, the same as A5", &["ame", "gm", "ge", "sl"]),
    ("c5", "full without GE", &["ame", "gm", "cp", "sl"]),
];

fn variants() -> Vec<Variant> {
    let row = |(name, what, on): &(&str, &str, &[&str])| Variant {
        name: (*name).into(),
        summary: format!("Table 2, {}: {what}", name.to_uppercase()),
        options: SWITCHES.iter().filter(|switch| !on.contains(switch)).map(|switch| ((*switch).to_string(), false.into())).collect::<Options>(),
        recipe: None,
    };
    let plain_descent = Variant {
        name: "sgd".into(),
        summary: "the defaults, trained by plain gradient descent, which feels the size of a gradient (AdamW hardly does, docs/cp-sl.md)".into(),
        options: Options::new(),
        recipe: Some(descent()),
    };
    ROWS.iter().map(row).chain([plain_descent]).collect()
}

fn descent() -> Recipe {
    let sgd = Optimiser::Sgd { lr: 0.01, momentum: 0.9, weight_decay: 0.0, schedule: Schedule::Warmup { fraction: 0.1 }, clip_norm: None };
    Recipe { optimisers: vec![("*".into(), sgd)], ..recipe() }
}

fn contradictions() -> Vec<String> {
    [
        "GE, gradient enhancement, is in Table 2 and nowhere defined; the paper it cites (OGM-GE) has a generalisation enhancement: noise of the gradient's own \
         standard deviation, which is taken. The remark that GE amplifies gradients fits another reading, `enhancement=amplify-weak`.",
        "L_div has no formula and is said to maximise entropy, while Fig. 2e shows a curve that rises: the entropy, it seems, not the loss. Taken is minus the \
         normalised entropy of a softmax over the latent features; `diversity` has others.",
        "Neither the encoders, nor the fusion (\"e.g., gated\"), the heads, the decoders, or d_z are given, only the widths 256 and 512: two-layer perceptrons, a \
         gated multimodal unit, d_z = 128.",
        "The networks put out σ², but not said is how it stays positive: softplus. ε stands for a draw in Eq. 1, and one letter for the constants in Eqs. 1 and 5: \
         1e-6 and 1e-8.",
        "Eq. 3 compares statistics over input features with averages over latent ones of another width, so only one mean and one variance a step are matched; the \
         variance over unrelated features is a strange target. As printed, padding included; `token-mask` leaves padding out.",
        "L_recon's norms may be sums or means, a factor of 10⁴: means over elements. L_uni \"aggregates\": the sum of the heads' squared errors.",
        "g is over the modality's encoder below Eq. 6, but \"on shared parameters\" in the text above it: the encoder; `norm=shared` is the other.",
        "Eq. 6 is printed for audio alone; Fig. 3's text has it act on the visual stream: symmetric; `conflict=audio-only` is the print.",
        "With α = 1 a suppressed c is at most 1 − tanh 1 = 0.238, and one of the two is always 1, while Fig. 3 shows 0.7 to 0.8 beside 0.45 to 0.55: those can be \
         averages over an epoch only. Its imbalance degree is not defined.",
        "Eq. 5 jumps from 1 to 0.238 where the errors are equal; `coefficient=continuous` does not.",
        "The text is the dominant modality of the motivation, but only the others are modulated.",
        "The optimiser is AdamW, which hardly feels a constant factor on a gradient: c acts through its changes from step to step, unless `sgd` is taken.",
        "Modulation is \"during epochs 0–25\" of 30: both ends included, and the same share of another number of epochs.",
        "Without AME the encoder is not defined: Z = μ. SL alone (B3) needs variances, so that the variance head stays for it.",
        "Table 2 has three rows twice (A1 = B1, A2 = C3, A5 = C4), and no row of CP without GM, which would penalise nothing: refused.",
        "The collapse without CP (A5, MAE 1.13 against 0.64) may be one failed run; no number of runs is given.",
        "Section 2 places CP in step (i) and SL in step (iv) of its pipeline, but describes them in steps 4 and 3.",
        "Inputs are min-max normalised per mini-batch, so that a prediction depends on what else is in the batch: bounds of the training split are taken; \
         `minmax=batch` is the print. Batch 8 on four GPUs may be 8 or 32: 8.",
        "ITHP draws ε in its evaluation too, which makes its test scores random; here ε = 0 there.",
        "The paper has regression, text, audio and vision. Here classification is judged by the mean probability of the true class in Eq. 5; any modality can be \
         the pivot, and any number of others is gated by a softmax that for two is the printed sigmoid and compared, each with the mean of the others. One \
         other alone is compared with the pivot, which is itself never modulated; `one-other=none` leaves it alone.",
    ]
    .map(String::from)
    .into()
}
