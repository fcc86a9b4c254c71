//! CP+SL's options.

use bench_card::OptionCard;

pub(super) fn options() -> Vec<OptionCard> {
    [switches(), objective(), modulation(), networks()].concat()
}

fn switches() -> Vec<OptionCard> {
    vec![
        OptionCard::name(
            "pivot",
            "auto",
            "the modality in the text's place; auto: `text`, else the first of words, else the best alone on validation",
        ),
        OptionCard::flag("ame", true, "adaptive modality encoding: draws of Z in training (Eq. 1); without it Z = μ"),
        OptionCard::flag("gm", true, "gradient modulation (Eq. 5)"),
        OptionCard::flag("ge", true, "gradient enhancement, see `enhancement`"),
        OptionCard::flag("cp", true, "conflict-aware penalty (Eq. 6); needs `gm`"),
        OptionCard::flag("sl", true, "statistical loss (Eq. 3)"),
        OptionCard::choice("sl-without-ame", &["variance-head", "mean-only"], "what Eq. 3 compares when `ame` is off: both parts, or the means only"),
    ]
}

fn objective() -> Vec<OptionCard> {
    vec![
        OptionCard::number("lambda-recon", 1.0, 0.0, 100.0, "λ_recon, weight of L_recon"),
        OptionCard::number("lambda-uni", 0.5, 0.0, 100.0, "λ_uni, weight of L_uni"),
        OptionCard::number("lambda-div", 0.1, 0.0, 100.0, "λ_div, weight of L_div"),
        OptionCard::number("lambda-stat", 0.1, 0.0, 100.0, "λ_stat, weight of L_stat"),
        OptionCard::choice(
            "reconstruction",
            &["element", "token", "sum"],
            "reduction of L_recon: mean over elements, over steps, or the norm as printed",
        ),
        OptionCard::choice("unimodal-error", &["square", "absolute"], "error of the unimodal heads in regression; the paper does not say"),
        OptionCard::choice("unimodal-heads", &["sum", "mean"], "reduction of L_uni over the heads; the paper \"aggregates\""),
        OptionCard::choice(
            "diversity",
            &["softmax", "gauss", "off"],
            "L_div: minus the entropy of a softmax over the latent features, of the encoder's Gaussians, or none",
        ),
        OptionCard::choice("stat-variance", &["biased", "unbiased"], "empirical variance in Eq. 3"),
        OptionCard::flag("token-mask", false, "whether Eq. 3 leaves out steps behind the pivot's end; as printed it does not"),
    ]
}

fn modulation() -> Vec<OptionCard> {
    vec![
        OptionCard::number("alpha", 1.0, 0.0, 10.0, "α of Eq. 5"),
        OptionCard::number("eta", 0.5, 0.0, 1.0, "η of Eq. 6"),
        OptionCard::number(
            "last-epoch",
            25.0,
            0.0,
            30.0,
            "last epoch of 30 with modulation, counted from 0; the same share of another number of epochs",
        ),
        OptionCard::choice(
            "enhancement",
            &["noise", "amplify-weak"],
            "GE: noise of the gradient's standard deviation (OGM-GE), or the weaker modality's gradients times 1 + tanh α (the paper's remark)",
        ),
        OptionCard::choice("coefficient", &["printed", "continuous"], "Eq. 5 of the ratio, as printed, or of ratio − 1, which does not jump"),
        OptionCard::choice(
            "norm",
            &["mean", "global", "shared"],
            "g: mean of the norms of the encoder's tensors, norm of all together, or of what reaches the shared W_p through the modality",
        ),
        OptionCard::choice(
            "conflict",
            &["symmetric", "audio-only"],
            "Eq. 6 for every modality, or for `audio` (else the first other) alone, as printed",
        ),
        OptionCard::choice(
            "modulated",
            &["encoder", "encoder-and-gate"],
            "parameters that are modulated: the encoder's, or its branch of the fusion too",
        ),
        OptionCard::choice(
            "one-other",
            &["pivot", "none"],
            "what a single other modality is compared with: the pivot, which is not modulated itself, or nothing (c = 1)",
        ),
    ]
}

fn networks() -> Vec<OptionCard> {
    vec![
        OptionCard::choice("fusion", &["gated", "concat", "sum"], "F: gated multimodal unit, one layer on the concatenation, or a sum of layers"),
        OptionCard::choice("variance", &["softplus", "exponential"], "how a head's output becomes σ² > 0; the paper does not say"),
        OptionCard::choice("decoder", &["linear", "sigmoid"], "output of the reconstruction; ITHP has the sigmoid"),
        OptionCard::choice(
            "pool",
            &["mean", "first"],
            "what the head reads of H: the mean over the sample's steps, or the first step (ITHP; its encoder puts a [CLS] there, ours does not)",
        ),
        OptionCard::choice(
            "minmax",
            &["train", "batch"],
            "bounds of the normalisation: of the training split, or of each batch as printed, whose predictions depend on the rest of the batch",
        ),
        OptionCard::choice("minmax-over", &["tensor", "feature"], "one pair of bounds a modality (ITHP), or one a feature; a constant one becomes 0"),
        OptionCard::number("beta", 1.0, 0.0, 100.0, "β of Eq. 2"),
        OptionCard::number("hidden", 256.0, 1.0, 4096.0, "width of the perceptrons' hidden layer"),
        OptionCard::number("fusion-width", 512.0, 1.0, 4096.0, "d_f, width of F"),
        OptionCard::number("latent", 128.0, 2.0, 4096.0, "d_z; the paper does not give it"),
        OptionCard::number("encoder-dropout", 0.3, 0.0, 0.95, "dropout in f^(μ) and f^(σ²)"),
        OptionCard::number("dropout", 0.5, 0.0, 0.95, "dropout before and behind the pooler"),
    ]
}
