//! CP+SL, `vectors/cpsl`: Eqs. 1–6, their readings, and one whole step with toy heads through the model's own pass.

use bench_card::{Progress, Schedule};
use bench_methods::{
    LossTerms, Targets,
    cp_sl::{
        equations::{self, LAYER_NORM_EPS, Networks, Variance},
        losses::{self, Error, Reduction},
        modulation::{self, Norm},
        objective::Objective,
        ranges,
    },
};
use tch::{Kind, Tensor};

use super::case::{Case, Outputs, named};

pub fn run(case: &Case) -> Option<Outputs> {
    Some(match case.name.as_str() {
        "ame" => ame(case),
        "stat_loss" => stat_loss(case),
        "coefficients" => coefficients(case),
        "gradient_application" => gradient_application(case),
        "gated_fusion" => gated_fusion(case),
        "aux_losses" => aux_losses(case),
        "minmax" | "minmax_constant" => minmax(case),
        "full_step" | "full_step_gap" => full_step(case),
        "schedule" => schedule(case),
        _ => return None,
    })
}

/// One for every sample (and step) of a tensor.
fn ones(shape: &[i64], like: &Tensor) -> Tensor {
    Tensor::ones(shape, (like.kind(), like.device()))
}

fn ame(case: &Case) -> Outputs {
    let mut outputs = Outputs::new();
    for (name, reading) in [("softplus", Variance::Softplus), ("exp", Variance::Exponential)] {
        let (mean, raw) = (case.leaf("mu"), case.leaf("raw"));
        let variance = reading.of(&raw);
        let latent = equations::sample(&mean, &variance, &case.get("eps"));
        (&latent * case.get("cotangent")).sum(None::<Kind>).backward();
        let values = [("var", variance), ("Z", latent), ("grad_mu", mean.grad()), ("grad_raw", raw.grad())];
        outputs.extend(values.map(|(output, tensor)| (format!("{output}_{name}"), tensor)));
    }
    outputs
}

/// `1 / (2K)` over the modalities, as in Eq. 3.
fn stat_loss(case: &Case) -> Outputs {
    let modalities = ["a", "v"];
    let inputs = [case.get("A"), case.get("V")];
    let loss = |leaves: &[(Tensor, Tensor); 2], steps: &Tensor, unbiased: bool| {
        let halves = leaves.iter().zip(&inputs).map(|((mean, variance), input)| losses::statistics(mean, Some(variance), input, steps, unbiased));
        halves.reduce(|sum, half| sum + half).unwrap() / 4.0
    };
    let leaves = || modalities.map(|name| (case.leaf(&format!("mu_{name}")), case.leaf(&format!("var_{name}"))));
    let everything = ones(&inputs[0].size()[..2], &inputs[0]);
    let own = leaves();
    let biased = loss(&own, &everything, false);
    biased.backward();
    let mut outputs = named([
        ("L_stat_biased", biased),
        ("L_stat_unbiased", loss(&leaves(), &everything, true)),
        ("L_stat_token_masked", loss(&leaves(), &case.get("token_mask").to_kind(everything.kind()), false)),
    ]);
    for ((name, (mean, variance)), input) in modalities.iter().zip(&own).zip(&inputs) {
        let (empirical_mean, empirical_variance) = losses::empirical_statistics(input, false);
        outputs.insert(format!("grad_mu_{name}"), mean.grad());
        outputs.insert(format!("grad_var_{name}"), variance.grad());
        outputs.insert(format!("emp_mean_{name}"), empirical_mean);
        outputs.insert(format!("emp_var_{name}"), empirical_variance);
    }
    outputs
}

fn coefficients(case: &Case) -> Outputs {
    let table = case.get("table");
    let eta = case.number("eta");
    let mut outputs = Outputs::new();
    for alpha in case.json["hyper_parameters"]["alphas"].as_array().unwrap().iter().map(|alpha| alpha.as_f64().unwrap()) {
        let rows: Vec<Tensor> = (0..table.size()[0])
            .map(|row| {
                let row = table.get(row);
                let (scores, norms) = (modulation::scores(&row.narrow(0, 0, 2)), row.narrow(0, 2, 2));
                let present = scores.ones_like();
                let (rivals, rival_norms) = (modulation::rivals(&scores, &present), modulation::rivals(&norms, &present));
                let own = modulation::coefficients(&scores, &rivals, alpha, false);
                let conflicts = modulation::conflicts(&scores, &rivals, &norms, &rival_norms);
                let after = modulation::penalise(&own, &conflicts, eta);
                Tensor::cat(&[scores, own.shallow_clone(), conflicts.to_kind(own.kind()), after], 0)
            })
            .collect();
        outputs.insert(format!("result_alpha{alpha}"), Tensor::stack(&rows, 0));
    }
    outputs
}

fn gradient_application(case: &Case) -> Outputs {
    let mut outputs = Outputs::new();
    let audio_is_better = (Tensor::from_slice(&[2.0, 1.0]), Tensor::from_slice(&[1.0, 2.0]));
    let amplified = modulation::amplification(&audio_is_better.0, &audio_is_better.1, 1.0);
    for (at, name) in ["a", "v"].into_iter().enumerate() {
        let tensors = ["W", "b"].map(|tensor| format!("{name}_{tensor}"));
        let gradients = || tensors.each_ref().map(|tensor| case.get(&format!("grad_{tensor}")).copy());
        let coefficient = Tensor::from(case.number(&format!("c_{name}"))).to_kind(gradients()[0].kind());
        let noise = |at: usize, _: &Tensor| case.get(&format!("noise_{}", tensors[at]));
        let [mut scaled, mut noisy, mut amplified_too] = [gradients(), gradients(), gradients()];
        modulation::scale(&mut scaled, &coefficient);
        modulation::scale_with_noise(&mut noisy, &coefficient, &noise);
        modulation::scale(&mut amplified_too, &(&coefficient * amplified.get(at as i64).to_kind(coefficient.kind())));
        for (kind, results) in [("mod", scaled), ("modge", noisy), ("amp", amplified_too)] {
            outputs.extend(tensors.iter().zip(results).map(|(tensor, result)| (format!("{kind}_{tensor}"), result)));
        }
        outputs.insert(format!("g_{name}_mean"), modulation::norm(&gradients(), Norm::Mean));
        outputs.insert(format!("g_{name}_global"), modulation::norm(&gradients(), Norm::Global));
    }
    outputs
}

fn gated_fusion(case: &Case) -> Outputs {
    let leaves = ["Za", "Zv", "T"].map(|name| case.leaf(name));
    let toy = Toy(case);
    let logits = toy.gate(&leaves[0], &leaves[1]);
    let fused = toy.fuse(&leaves[..2]);
    let shift = toy.linear(&fused, "Wp", None);
    let injected = equations::inject(&leaves[2], &shift, case.number("beta"));
    let (weight, bias) = (case.get("ln_w"), case.get("ln_b"));
    let normed = injected.layer_norm([injected.size()[2]], Some(&weight), Some(&bias), LAYER_NORM_EPS, false);
    let pooled = equations::pooler(&normed.select(1, 0), &case.get("Wpool"), &case.get("bpool"));
    let answer = toy.linear(&pooled, "Wout", Some("bout")).squeeze_dim(-1);
    answer.sum(None::<Kind>).backward();
    named([
        ("gate", equations::shares(Some(&logits), 2).swap_remove(0)),
        ("F_av", fused),
        ("P_av", shift.tanh()),
        ("H", injected),
        ("H_norm", normed),
        ("pooled", pooled),
        ("pred", answer),
        ("grad_Za", leaves[0].grad()),
        ("grad_Zv", leaves[1].grad()),
        ("grad_T", leaves[2].grad()),
    ])
}

fn aux_losses(case: &Case) -> Outputs {
    let mut outputs = Outputs::new();
    let pairs = [("A", "A_hat"), ("V", "V_hat")];
    let present = ones(&[case.get("y").size()[0]], &case.get("y"));
    for (name, reduction) in [("mse", Reduction::Element), ("token", Reduction::Token), ("sum", Reduction::Sum)] {
        let leaves = pairs.map(|(_, reconstructed)| case.leaf(reconstructed));
        let each = pairs.iter().zip(&leaves).map(|((input, _), leaf)| losses::reconstruction(&case.get(input), leaf, &present, reduction));
        let loss = each.reduce(|sum, term| sum + term).unwrap() / 2.0;
        loss.backward();
        for ((_, reconstructed), leaf) in pairs.iter().zip(&leaves) {
            outputs.insert(format!("grad_{reconstructed}_{name}"), leaf.grad());
        }
        outputs.insert(format!("L_recon_{name}"), loss);
    }
    let everyone = present.unsqueeze(0).expand([3, -1], false);
    let heads = |error: Error| {
        let (each, judged) = losses::unimodal_each(&case.get("uni_preds").unsqueeze(-1), &Targets::Values(case.get("y")), error);
        (losses::head_means(&each, &everyone), losses::head_means(&judged, &everyone))
    };
    let (squares, absolutes) = heads(Error::Square);
    outputs.extend(named([
        ("L_uni_mse_sum", squares.sum(None::<Kind>)),
        ("L_uni_mse_mean", squares.mean(None::<Kind>)),
        ("L_uni_mae_sum", heads(Error::Absolute).0.sum(None::<Kind>)),
        ("mae_heads", absolutes),
        ("mse_heads", squares),
    ]));
    let latents = [case.leaf("Za"), case.leaf("Zv")];
    let steps = ones(&latents[0].size()[..2], &latents[0]);
    let softmax = (losses::softmax_diversity(&latents[0], &steps) + losses::softmax_diversity(&latents[1], &steps)) / 2.0;
    softmax.backward();
    let gauss = ["var_a", "var_v"].map(|name| losses::gauss_diversity(&case.get(name), &steps));
    outputs.extend(named([
        ("L_div_softmax", softmax),
        ("grad_Za_div", latents[0].grad()),
        ("grad_Zv_div", latents[1].grad()),
        ("L_div_gauss", (&gauss[0] + &gauss[1]) / 2.0),
    ]));
    outputs
}

fn minmax(case: &Case) -> Outputs {
    let values = case.get("x");
    let normalised = |by_feature: bool| {
        let (low, high) = ranges::bounds(&values, None, by_feature);
        ranges::min_max(&values, &low, &high)
    };
    named([("global", normalised(false)), ("per_feature", normalised(true))])
}

fn schedule(case: &Case) -> Outputs {
    let whole = |name: &str| case.number(name) as usize;
    let (steps, epochs) = (whole("total_steps"), whole("epochs"));
    let warmup = Schedule::Warmup { fraction: case.number("warmup_steps") / case.number("total_steps") };
    let factors: Vec<f64> = (0..=steps).map(|step| warmup.factor(Progress { epoch: 0, epochs: 1, step, steps })).collect();
    let active: Vec<i64> = (0..epochs).map(|epoch| i64::from(modulation::active(epoch, epochs, modulation::PAPER_WINDOW.0))).collect();
    named([("lr_multiplier", Tensor::from_slice(&factors)), ("modulated_epochs", Tensor::from_slice(&active))])
}

/// The case's linear heads in the model's places.
struct Toy<'a>(&'a Case);

impl Toy<'_> {
    fn linear(&self, input: &Tensor, weight: &str, bias: Option<&str>) -> Tensor {
        input.linear(&self.0.get(weight), bias.map(|bias| self.0.get(bias)).as_ref())
    }

    fn gate(&self, audio: &Tensor, vision: &Tensor) -> Tensor {
        self.linear(&Tensor::cat(&[audio, vision], -1), "Wg", Some("bg"))
    }

    fn fuse(&self, latents: &[Tensor]) -> Tensor {
        let [audio, vision] = latents else { panic!("the cases have two modalities") };
        let branches = [self.linear(audio, "Wa", Some("ba")), self.linear(vision, "Wv", Some("bv"))];
        equations::gated_fusion(&branches, Some(&self.gate(audio, vision)))
    }
}

/// [`Toy`] with encoder parameters that gradients are wanted of.
struct Step<'a> {
    toy: Toy<'a>,
    encoders: [[Tensor; 4]; 2],
}

const ENCODER: [&str; 4] = ["mu_W", "mu_b", "var_W", "var_b"];

impl Networks for Step<'_> {
    fn mean(&self, modality: usize, input: &Tensor) -> Tensor {
        let [weight, bias, _, _] = &self.encoders[modality];
        input.linear(weight, Some(bias))
    }

    fn variance(&self, modality: usize, input: &Tensor) -> Option<Tensor> {
        let [_, _, weight, bias] = &self.encoders[modality];
        Some(Variance::Softplus.of(&input.linear(weight, Some(bias))))
    }

    fn shift(&self, latents: &[Tensor]) -> Tensor {
        self.toy.linear(&self.toy.fuse(latents), "Wp", None)
    }

    fn answer(&self, injected: &Tensor) -> Tensor {
        let normed = injected.layer_norm([injected.size()[2]], None::<Tensor>, None::<Tensor>, LAYER_NORM_EPS, false);
        let pooled = equations::pooler(&normed.select(1, 0), &self.toy.0.get("Wpool"), &self.toy.0.get("bpool"));
        self.toy.linear(&pooled, "Wout", Some("bout"))
    }

    fn decode(&self, modality: usize, latent: &Tensor) -> Tensor {
        let name = ["ra", "rv"][modality];
        self.toy.linear(latent, &format!("{name}_W"), Some(&format!("{name}_b")))
    }

    fn alone(&self, modality: Option<usize>, pooled: &Tensor) -> Tensor {
        let name = modality.map_or("ut", |modality| ["ua", "uv"][modality]);
        self.toy.linear(pooled, &format!("{name}_W"), Some(&format!("{name}_b")))
    }
}

fn full_step(case: &Case) -> Outputs {
    let modalities = ["a", "v"];
    let encoders = modalities.map(|name| ENCODER.map(|tensor| case.leaf(&format!("{name}_{tensor}"))));
    let step = Step { toy: Toy(case), encoders };
    let (text, inputs) = (case.get("T"), [case.get("A"), case.get("V")]);
    let targets = Targets::Values(case.get("y"));
    let [rows, steps] = [text.size()[0], text.size()[1]];
    let pooling = ones(&[rows, steps], &text) / steps as f64;
    let noise = |at: usize, _: &Tensor| case.get(&format!("eps_{}", modalities[at]));
    let pass = equations::pass(&step, &text, &inputs, Some(&pooling), case.number("beta"), Some(&noise));
    let objective = Objective {
        reconstruction: case.number("lambda_recon"),
        unimodal: case.number("lambda_uni"),
        diversity: case.number("lambda_div"),
        statistics: case.number("lambda_stat"),
        ..Objective::default()
    };
    let present = ones(&[3, rows], &text);
    let (terms, judged) = objective.terms(&pass, &inputs, &targets, &present, None);
    let total = terms.total();
    total.backward();

    let errors = judged.narrow(0, 1, 2);
    let everyone = errors.ones_like();
    let scores = modulation::scores(&errors);
    let rivals = modulation::rivals(&scores, &everyone);
    let before = modulation::coefficients(&scores, &rivals, case.number("alpha"), false);
    let mut gradients = step.encoders.each_ref().map(|encoder| encoder.each_ref().map(|tensor| tensor.grad().copy()));
    let norms = Tensor::stack(&gradients.each_ref().map(|gradients| modulation::norm(gradients, Norm::Mean)), 0);
    let conflicts = modulation::conflicts(&scores, &rivals, &norms, &modulation::rivals(&norms, &everyone));
    let after = modulation::penalise(&before, &conflicts, case.number("eta"));
    let mut outputs = named([
        ("pred", pass.answer.squeeze_dim(-1)),
        ("L_task", term(&terms, "task")),
        ("L_recon", term(&terms, "reconstruction")),
        ("L_uni", term(&terms, "unimodal")),
        ("L_div", term(&terms, "diversity")),
        ("L_stat", term(&terms, "statistics")),
        ("total", total),
        ("conflict", conflicts.to_kind(Kind::Int64)),
    ]);
    for (at, (name, own)) in modalities.iter().zip(&mut gradients).enumerate() {
        let numbers = [("mae", &errors), ("g", &norms), ("c", &after)];
        outputs.extend(numbers.map(|(number, values)| (format!("{number}_{name}"), values.get(at as i64))));
        outputs.insert(format!("c_{name}_gm"), before.get(at as i64));
        let raw = own.each_ref().map(Tensor::copy);
        modulation::scale(own, &after.get(at as i64));
        for ((tensor, raw), modulated) in ENCODER.iter().zip(raw).zip(own.iter()) {
            outputs.insert(format!("raw_{name}_{tensor}"), raw);
            outputs.insert(format!("mod_{name}_{tensor}"), modulated.shallow_clone());
        }
    }
    outputs
}

fn term(terms: &LossTerms, name: &str) -> Tensor {
    terms.term(name).unwrap_or_else(|| panic!("the objective has no {name}")).shallow_clone()
}
