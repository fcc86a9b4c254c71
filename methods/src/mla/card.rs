//! MLA's card.

use bench_card::{Capabilities, Card, Dimension, Optimiser, OptionCard, Recipe, Schedule, TaskKind, Value, Variant, equations};

use crate::{nn::TextEncoder, registry};

/// The card of `mla`.
pub fn card() -> Card {
    let summary = "each modality in turn trains its encoder and a shared linear head, whose gradient is kept off what the others taught it; \
                   answers are weighed by their entropy";
    let plain = registry::plain_card("mla", "MLA", "alternating training", summary);
    Card {
        paper: "X. Zhang, J. Yoon, M. Bansal, H. Yao: Multimodal Representation Learning by Alternating Unimodal Adaptation (CVPR 2024)".into(),
        year: Some(2024),
        equations: equations([
            ("loss", "L_m = CE(head(E_m(x_m)), y), one modality after the other in every batch"),
            ("owm", "P ← P − q (rᵀ P), q = P r / (λ + rᵀ P r), P = I before: r is the mean feature of the sub-step before"),
            ("head", "G ← G P for the gradient G of the head's weight; the bias and the very first sub-step are left alone"),
            ("entropy", "e_m = −Σ_c p_m ln p_m of each sample's own answer"),
            ("fusion", "w_m = exp(max e − e_m) / Σ_v exp(max e − e_v) over the available modalities; logits Σ_m w_m l_m"),
        ]),
        options: options(),
        variants: variants(),
        contradictions: contradictions(),
        capabilities: Capabilities { tasks: vec![TaskKind::Classification], ..plain.capabilities },
        missing: Some("left out of the weighted answer".into()),
        recipe: recipe(),
        paper_recipe: Some(paper_recipe()),
        space: Dimension::of_training().into_iter().chain([Dimension::log("lam", 1e-3, 10.0)]).collect(),
        ..plain
    }
}

fn sgd(lr: f64, schedule: Schedule) -> Vec<(String, Optimiser)> {
    vec![("*".into(), Optimiser::Sgd { lr, momentum: 0.9, weight_decay: 1e-4, schedule, clip_norm: None })]
}

fn recipe() -> Recipe {
    Recipe {
        optimisers: sgd(0.1, Schedule::Constant),
        batch: 64,
        source: "MLA, appendix A.3.1: SGD, momentum 0.9, batch 64; weight decay as released; the rate by validation (docs/mla.md)".into(),
    }
}

fn paper_recipe() -> Recipe {
    Recipe {
        optimisers: sgd(1e-3, Schedule::Step { every: 70, factor: 0.1 }),
        batch: 64,
        source: "MLA, appendix A.3.1; weight decay and the drop every 70 of 100 epochs as released".into(),
    }
}

fn options() -> Vec<OptionCard> {
    vec![
        OptionCard::choice(
            "head-gradient",
            &["owm", "released-arithmetic", "none"],
            "owm: G P with recursive least squares, as the paper describes it; released-arithmetic: what the released plug-in would compute if it ran \
             (current mean, element-wise division, P over its norm, falling λ, whatever the next five options say); none: what the released code does, \
             since the plug-in waits for a parameter `module.weight` and is given `weight`",
        ),
        OptionCard::number("lam", 0.1, 1e-8, 1e8, "λ of the projector; towards 0 absorbed directions are shut, towards infinity P stays I"),
        OptionCard::choice(
            "lam-schedule",
            &["constant", "released"],
            "released: λ · 0.1^(t/T) in batch t of an epoch of T, falling and jumping back",
        ),
        OptionCard::flag(
            "p-normalise",
            false,
            "whether P is divided by its Frobenius norm after each update, as released; it scales the head's rate",
        ),
        OptionCard::choice(
            "p-reset",
            &["never", "epoch"],
            "whether P starts anew with each epoch; it only shrinks, so that the head learns ever less without",
        ),
        OptionCard::choice(
            "absorb",
            &["previous", "current"],
            "whose mean feature P takes in before a sub-step: the sub-step before's (the paper), or its own (released; removes its own main direction)",
        ),
        OptionCard::choice("order", &["dataset", "reversed"], "order of the sub-steps in a batch; released: audio, visual, text"),
        OptionCard::number("first", 0.0, 0.0, 11.0, "place in that order that a batch begins with; the rest follows round"),
        OptionCard::choice("head", &["shared", "separate"], "one linear head, or one a modality (whose gradients nothing modifies)"),
        OptionCard::choice(
            "training",
            &["alternating", "joint"],
            "a step a modality, or one step on the sum of all L_m (with no modification of the head's gradient)",
        ),
        OptionCard::choice(
            "fusion",
            &["entropy", "fixed", "mean"],
            "weights by entropy; the released constants (0.55, 0.45 for two modalities, 0.35, 0.25, 0.40 for three, in the dataset's order, else \
             equal); equal. All are shares of the available modalities' sum",
        ),
        OptionCard::choice(
            "entropy",
            &["sample", "released-batch"],
            "sample: over the classes of each answer; released-batch: softmax over the batch, summed over batch and classes, one weight a modality. With \
             it an answer depends on the other samples of its batch: its scores hold for one evaluation batch and order only",
        ),
        OptionCard::choice("average", &["logits", "probabilities"], "what the weights average; released: logits"),
        TextEncoder::option(),
    ]
}

fn variants() -> Vec<Variant> {
    let variant = Variant::new;
    let untouched = ("head-gradient", Value::from("none"));
    let fixed = ("fusion", Value::from("fixed"));
    vec![
        variant("no-gradient-modification", "main paper's ablation: no head gradient modification, dynamic fusion", std::slice::from_ref(&untouched)),
        variant("no-dynamic-fusion", "main paper's ablation: head gradient modification, constant weights", std::slice::from_ref(&fixed)),
        variant("plain-alternation", "main paper's ablation: neither", &[untouched.clone(), fixed]),
        variant(
            "released",
            "what the released code does: no modification, entropies over the batch",
            &[untouched, ("entropy", "released-batch".into())],
        ),
        variant("released-arithmetic", "what the released plug-in would do if it ran", &[("head-gradient", "released-arithmetic".into())]),
        variant("mean-fusion", "late fusion's plain mean of the logits", &[("fusion", "mean".into())]),
        variant("separate-head", "a head a modality: independent training, fused by entropy", &[("head", "separate".into())]),
        variant("joint", "all encoders and the shared head in one step", &[("training", "joint".into())]),
    ]
}

fn contradictions() -> Vec<String> {
    [
        "Only the appendix is at hand: projector and test-time weights are read from the released code and the main paper's description.",
        "The released plug-in acts on a parameter called `module.weight`, but is given a layer whose parameters are `weight` and `bias`: the published \
         code never modifies a gradient. Default: the modification runs (`head-gradient`).",
        "The plug-in absorbs the current modality's mean feature though its argument is called \"before\": the previous one is taken (`absorb`).",
        "It divides element by element by the matrix α + k r, where recursive least squares has the number α + rᵀ P r: the number is taken.",
        "It divides P by its Frobenius norm after each update, which scales the head's steps by about 1/√d: not done (`p-normalise`).",
        "Its α = 0.1^(1 + t/T) falls from 0.1 to 0.01 within every epoch and jumps back: constant 0.1 (`lam-schedule`).",
        "It does not detach the feature that it absorbs: detached.",
        "The released entropy is a softmax over the batch, summed over batch and classes: one weight a modality and batch, which depends on who else is in \
         the batch. Default: over the classes of each sample (`entropy`).",
        "Momentum and weight decay act after the projection, so that a step is not orthogonal to what was absorbed: kept, as in the released code.",
        "Encoders that a sub-step does not use have no gradient and are left alone, moments included, so one parameter group does.",
        "Bias of the head: its gradient is not modified in the released code, nor here.",
        "Model selection and the printed numbers of the released code use the test set; here the checkpoint is chosen on validation.",
        "The projector's width is fixed at 512 although IEMOCAP's features have 768: it is that of the features.",
        "With missing modalities the rate is said to be reduced \"in every iteration\" by 0.1, which ends learning after a few steps: not followed.",
        "Training samples that lack a modality: not described; they are left out of L_m and of r, and a sub-step that no sample takes part in is skipped.",
        "CREMA-D is described as recordings of Haitian Creole actors; it is English, recorded in the United States. Section A.4.2 announces ablations, but \
         its Table 6 has missing rates.",
    ]
    .map(String::from)
    .into()
}
