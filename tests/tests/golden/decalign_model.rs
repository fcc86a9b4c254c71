//! DecAlign's network against the released code: `transformer`, `model_forward*`; and the sentiment metrics of its evaluation.

use bench_methods::{
    LossTerms, Output, Targets,
    decalign::{
        alignment::{self, HeterogeneitySettings, Homogeneity},
        core::{self, Alone, Core, Decoupled, Heard},
        equations::{Decoupling, Semantic},
    },
    losses,
    nn::{Context, Hidden, StackedLinear, StackedNorm, TransformerLayer, Transformers},
};
use bench_reports::metrics::{Pairs, Sentiment};
use tch::{Kind, Tensor};

use super::case::{Case, Outputs, named};

/// Order of the released code.
const MODALITIES: [(&str, &str); 3] = [("l", "text"), ("a", "audio"), ("v", "vision")];

/// The case's parameters as leaves, made on first use.
struct Leaves<'a> {
    case: &'a Case,
    made: std::cell::RefCell<std::collections::BTreeMap<String, Tensor>>,
}

impl Leaves<'_> {
    fn get(&self, name: &str) -> Tensor {
        let make = || self.case.leaf(&format!("p.{name}"));
        self.made.borrow_mut().entry(name.to_string()).or_insert_with(make).shallow_clone()
    }

    fn stack(&self, prefixes: &[String], name: &str) -> Tensor {
        Tensor::stack(&prefixes.iter().map(|prefix| self.get(&format!("{prefix}{name}"))).collect::<Vec<_>>(), 0)
    }

    fn linear(&self, prefixes: &[String], [weight, bias]: [&str; 2]) -> StackedLinear {
        StackedLinear { weight: self.stack(prefixes, weight), bias: self.stack(prefixes, bias) }
    }

    fn transformers(&self, prefixes: &[String], heads: i64, layers: usize) -> Transformers {
        let layer = |at: usize| {
            let prefixes: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}layers.{at}.")).collect();
            let linear = |names| self.linear(&prefixes, names);
            let norm = |name: &str| {
                let StackedLinear { weight, bias } = self.linear(&prefixes, [&format!("{name}.weight"), &format!("{name}.bias")]);
                StackedNorm { weight, bias }
            };
            TransformerLayer {
                projection: linear(["self_attn.in_proj_weight", "self_attn.in_proj_bias"]),
                attended: linear(["self_attn.out_proj.weight", "self_attn.out_proj.bias"]),
                attention_norm: norm("attn_layer_norm"),
                widen: linear(["fc1.weight", "fc1.bias"]),
                narrow: linear(["fc2.weight", "fc2.bias"]),
                output_norm: norm("final_layer_norm"),
            }
        };
        Transformers { heads, dropout: 0.0, layers: (0..layers).map(layer).collect() }
    }
}

fn leaves(case: &Case) -> Leaves<'_> {
    Leaves { case, made: Default::default() }
}

pub fn transformer(case: &Case) -> Outputs {
    let model = leaves(case).transformers(&[String::new()], case.number("heads") as i64, case.number("layers") as usize);
    // [T, N, d] → [1, N, T, d] and back.
    let queries = case.get("query").transpose(0, 1).unsqueeze(0);
    let frames = case.get("context").transpose(0, 1);
    let back = |answer: Tensor| answer.get(0).transpose(0, 1);
    named([
        ("self_out", back(model.forward(&queries, Context::Own, Hidden::default(), false))),
        ("cross_out", back(model.forward(&queries, Context::Frames(&frames), Hidden::default(), false))),
    ])
}

/// The real network with the case's weights.
fn network(leaves: &Leaves<'_>) -> Core {
    let each = |prefix: &str, suffix: &str| MODALITIES.map(|(short, _)| format!("{prefix}{short}{suffix}")).to_vec();
    let unit = |name: String| leaves.get(&name).squeeze_dim(-1);
    let unique: Vec<Tensor> = each("encoder_uni_", ".weight").into_iter().map(unit).collect();
    Core {
        projections: each("proj_", ".weight").iter().map(|name| leaves.get(name)).collect(),
        decouplers: Some((Tensor::stack(&unique, 0), unit("encoder_com.weight".into()))),
        transformers: leaves.transformers(&each("trans_", "."), leaves.case.number("heads") as i64, leaves.case.number("layers") as usize),
        latent: (leaves.linear(&each("pde_", ".net."), ["0.weight", "0.bias"]), leaves.linear(&each("pde_", ".net."), ["3.weight", "3.bias"])),
        head: (leaves.get("out_layer.weight"), leaves.get("out_layer.bias")),
        cross_modal: leaves.case.json["hyper_parameters"]["use_cross_modal_attention"].as_bool().unwrap_or(true),
        zero_keys: true,
        alone: Alone::OwnFrames,
        dropout: 0.0,
    }
}

/// The released code's mask: frames of audio and vision that are not zero everywhere; text is unmasked.
fn mask(case: &Case, name: &str, frames: &Tensor) -> Option<Tensor> {
    let masked = case.json["hyper_parameters"]["use_sequence_mask"].as_bool().unwrap_or(false) && name != "text";
    masked.then(|| frames.abs().sum_dim_intlist(-1, false, None::<Kind>).gt(0.0).to_kind(frames.kind()))
}

pub fn forward(case: &Case) -> Outputs {
    let leaves = leaves(case);
    let core = network(&leaves);
    let inputs = MODALITIES.map(|(_, name)| case.leaf(name));
    let masks = MODALITIES.iter().zip(&inputs).map(|((_, name), frames)| mask(case, name, frames));
    let decoupled: Vec<Decoupled> =
        inputs.iter().zip(masks).enumerate().map(|(at, (frames, mask))| core.decouple(at, frames, mask.as_ref())).collect();
    let common = Tensor::stack(&decoupled.iter().map(Decoupled::pooled_common).collect::<Vec<_>>(), 0);
    let unique = Tensor::stack(&decoupled.iter().map(Decoupled::pooled_unique).collect::<Vec<_>>(), 0);
    let heard = decoupled.iter().enumerate().map(|(at, own)| Heard {
        unique: own.silenced_unique(),
        mask: own.mask.as_ref().map(Tensor::shallow_clone),
        common: common.get(at as i64),
    });
    let fused = core.fuse(&heard.collect::<Vec<_>>(), None, false);
    let logits = core.answer(&fused, false);
    let latent = core.latent(&common, false);

    let (output, targets) = if case.json["hyper_parameters"]["task"] == "CE" {
        (Output::from_head(logits.shallow_clone(), false), Targets::Classes(case.get("y")))
    } else {
        (Output::from_head(logits.shallow_clone(), true), Targets::Values(case.get("y")))
    };
    let task = losses::task_loss(&output, &targets);
    let dec = Decoupling::SquaredMean.loss(&core::cosines(&decoupled), None);
    let hete = alignment::heterogeneity(&unique, None, &HeterogeneitySettings::released(case.number("K") as i64));
    let hete = hete.transport + hete.calibration;
    let homogeneity = Homogeneity::new(&latent, None);
    let homo = homogeneity.semantic(Semantic::Released) + homogeneity.discrepancy(1.0);
    let terms = LossTerms::one("task", task.shallow_clone()).and("decoupling", case.number("dec_weight"), dec.shallow_clone());
    let terms = terms.and("hete", case.number("alpha"), hete.shallow_clone()).and("homo", case.number("beta"), homo.shallow_clone());
    let total = terms.total();
    total.backward();

    let hete_width = fused.size()[1] / 2;
    let turned = |frames: &Tensor| frames.transpose(1, 2);
    let mut outputs = named([
        ("output_logit", logits),
        ("dec_loss", dec),
        ("hete_loss", hete),
        ("homo_loss", homo),
        ("s_l", turned(&decoupled[0].unique)),
        ("c_a", turned(&decoupled[1].common)),
        ("fusion_rep_hete", fused.narrow(1, 0, hete_width)),
        ("fusion_rep_homo", fused.narrow(1, hete_width, hete_width)),
        ("final_rep", fused),
        ("task_loss", task),
        ("total", total),
    ]);
    for (at, (short, name)) in MODALITIES.iter().enumerate() {
        outputs.insert(format!("z_{short}"), latent.get(at as i64));
        outputs.insert(format!("grad_{name}"), inputs[at].grad());
    }
    outputs.extend(leaves.made.borrow().iter().map(|(name, leaf)| (format!("g.{name}"), leaf.grad())));
    outputs
}

/// The evaluation's metrics, by the functions that the reports use. ITHP drops neutral labels first and calls a prediction of 0 positive.
pub fn metrics(case: &Case) -> Outputs {
    let numbers = |name: &str| Vec::<f64>::try_from(case.get(name).to_kind(Kind::Double)).unwrap();
    let (predicted, truth) = (numbers("pred"), numbers("y"));
    let all = Sentiment::of(Pairs { predicted: &predicted, truth: &truth });
    let (kept_predicted, kept_truth): (Vec<f64>, Vec<f64>) = predicted.iter().zip(&truth).filter(|(_, truth)| **truth != 0.0).unzip();
    let kept = Sentiment::of(Pairs { predicted: &kept_predicted, truth: &kept_truth });
    [
        ("acc2_nonzero", all.non_zero.accuracy),
        ("f1_nonzero", all.non_zero.weighted_f1),
        ("acc2_has0", all.non_negative.accuracy),
        ("f1_has0", all.non_negative.weighted_f1),
        ("acc7", all.seven_classes),
        ("acc5", all.five_classes),
        ("mae", all.mean_absolute_error),
        ("corr", all.pearson),
        ("ithp_acc2", kept.non_negative.accuracy),
        ("ithp_f1", kept.non_negative.weighted_f1),
        ("ithp_mae", kept.mean_absolute_error),
        ("ithp_corr", kept.pearson),
    ]
    .map(|(name, value)| (name.to_string(), Tensor::from(value)))
    .into()
}
