//! Balances between modalities, `vectors/ogm`, `vectors/cggm` and `vectors/pmr`.

use bench_methods::{
    Output, Targets, fusion, losses,
    rebalance::{
        cggm, modulation,
        pmr::{ClassMeans, Coefficient, coefficients, moved, similarities},
    },
};
use tch::{Device, Kind, Tensor};

use super::case::{Case, Outputs, named};

pub fn run_ogm(case: &Case) -> Option<Outputs> {
    Some(match case.name.as_str() {
        "coeff_v_dominant" | "coeff_a_dominant" => two_modalities(case),
        "coeff_M3" => three_modalities(case),
        _ => return None,
    })
}

pub fn run_cggm(case: &Case) -> Option<Outputs> {
    (case.name == "two_steps").then(|| two_steps(case))
}

pub fn run_pmr(case: &Case) -> Option<Outputs> {
    (case.name == "prototype_step").then(|| prototype_step(case))
}

fn everyone(samples: i64, modalities: i64) -> Tensor {
    Tensor::ones([samples, modalities], (Kind::Bool, Device::Cpu))
}

/// Shares of a concatenation head `W`, `b` over audio and visual features, scores, ratios and the coefficients, which are given too (`[2]`).
pub fn audio_and_visual(case: &Case, classes: &Tensor) -> (Outputs, Tensor) {
    let features = [case.get("a"), case.get("v")];
    let shares = [0, 1].map(|modality| fusion::concat_share(&features, modality, &case.get("W"), &case.get("b")));
    let scores = modulation::scores(&Tensor::stack(&shares, 0), classes, &everyone(classes.size()[0], 2));
    let ratios = modulation::mean_ratios(&scores);
    let coefficients = modulation::coefficients(&ratios, case.number("alpha"));
    let [audio, visual] = shares;
    let outputs = named([
        ("logits_a", audio),
        ("logits_v", visual),
        ("score_a", scores.get(0)),
        ("score_v", scores.get(1)),
        ("ratio_a", ratios.get(0)),
        ("ratio_v", ratios.get(1)),
        ("coeff_a", coefficients.get(0)),
        ("coeff_v", coefficients.get(1)),
    ]);
    (outputs, coefficients)
}

fn two_modalities(case: &Case) -> Outputs {
    let (mut outputs, coefficients) = audio_and_visual(case, &case.get("label"));
    let (gradient, noise) = (case.get("grad_in"), case.get("noise_unit"));
    let modulate = |modality: i64, noise: Option<&Tensor>| modulation::modulate(&gradient, &coefficients.get(modality), noise);
    outputs.extend(named([
        ("grad_std_plus_eps", modulation::noise_deviation(&gradient)),
        ("grad_ogm_a", modulate(0, None)),
        ("grad_ogm_ge_a", modulate(0, Some(&noise))),
        ("grad_ogm_ge_v", modulate(1, Some(&noise))),
    ]));
    outputs
}

fn three_modalities(case: &Case) -> Outputs {
    let (classes, alpha) = (case.get("label"), case.number("alpha"));
    let logits = Tensor::stack(&[0, 1, 2].map(|at| case.get(&format!("logits{at}"))), 0);
    let scores = modulation::scores(&logits, &classes, &everyone(classes.size()[0], 3));
    let ratios = modulation::mean_ratios(&scores);
    // What a published benchmark does: it divides the last modality's sum alone by M − 1.
    let undivided = &ratios * Tensor::from_slice(&[2.0, 2.0, 1.0]).to_kind(ratios.kind());
    named([
        ("coeff", modulation::coefficients(&ratios, alpha)),
        ("coeff_benchmark_bug", modulation::coefficients(&undivided, alpha)),
        ("ratio_benchmark_bug", undivided),
        ("ratio", ratios),
        ("scores", scores),
    ])
}

fn two_steps(case: &Case) -> Outputs {
    let modalities = case.number("M") as usize;
    let fusion = case.get("W_fusion");
    let cosines: Vec<Tensor> = (0..modalities).map(|at| cggm::cosine(&case.get(&format!("W_cls{at}")), &fusion)).collect();
    let cosines = Tensor::stack(&cosines, 0);
    let mut outputs = named([("cos", cosines.shallow_clone())]);
    let mut previous = case.get("acc_1").zeros_like();
    for step in [1, 2] {
        let accuracies = case.get(&format!("acc_{step}"));
        let balance = cggm::balance(&accuracies, &previous);
        for at in 0..modalities {
            let gradient = case.get(&format!("enc_grad{at}"));
            let modulated = modulation::modulate(&gradient, &(balance.get(at as i64) * case.number("rou")), None);
            outputs.insert(format!("enc_grad{at}_mod_{step}"), modulated);
        }
        outputs.insert(format!("delta_{step}"), &accuracies - &previous);
        outputs.insert(format!("L_gm_{step}"), cggm::direction(&balance, &cosines));
        outputs.insert(format!("B_{step}"), balance);
        previous = accuracies;
    }
    outputs
}

fn prototype_step(case: &Case) -> Outputs {
    let (classes, alpha) = (case.get("label"), case.number("alpha"));
    let (count, samples) = (case.number("C") as i64, classes.size()[0]);
    let leaves = [case.leaf("a"), case.leaf("v")];
    let mut outputs = Outputs::new();
    let mut each = Vec::new();
    for (name, encodings) in ["a", "v"].into_iter().zip(&leaves) {
        let old = case.get(&format!("old_proto_{name}"));
        let mut means = ClassMeans::new(count, &old);
        means.add(&encodings.detach(), &classes, &Tensor::ones([samples], (Kind::Bool, Device::Cpu)));
        let current = means.or(&old);
        let prototypes = moved(&current, &old, case.number("mu"));
        each.push(similarities(encodings, &prototypes));
        outputs.insert(format!("cur_proto_{name}"), current);
        outputs.insert(format!("proto_{name}"), prototypes);
    }
    let similar = Tensor::stack(&each, 0);
    let scores = modulation::scores(&similar.detach(), &classes, &everyone(samples, 2));
    let weigh = |alpha: f64, how: Coefficient| coefficients(&scores, &Tensor::from_slice(&[true, true]), alpha, how);
    let (weights, of_paper) = (weigh(alpha, Coefficient::Constant), weigh(1.0, Coefficient::Ratio));
    let own = losses::cross_entropy_each(&similar, &classes).mean_dim(-1, false, None::<Kind>);
    let task = losses::task_loss(&Output::Logits(case.get("fused_logits")), &Targets::Classes(classes));
    let loss = task + (&own * &weights).sum(None::<Kind>);
    for (name, gradient) in ["da", "dv"].into_iter().zip(Tensor::run_backward(&[&loss], &[&leaves[0], &leaves[1]], true, false)) {
        outputs.insert(name.into(), gradient);
    }
    for (at, name) in ["a", "v"].into_iter().enumerate() {
        let at = at as i64;
        let of = |what: &str| format!("{what}_{name}");
        outputs.extend([
            (of("sim"), similar.get(at)),
            (of("score"), scores.get(at)),
            (of("coeff"), weights.get(at)),
            (of("ce_proto"), own.get(at)),
            (of("paper_coeff"), of_paper.get(at)),
        ]);
    }
    outputs.extend([("ratio".to_string(), scores.get(0) / scores.get(1)), ("loss".to_string(), loss)]);
    outputs
}
