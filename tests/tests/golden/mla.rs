//! MLA, `vectors/mla`: the head's gradient modification, alternation, entropy fusion, and the appendix's baselines with OGM-GE.

use bench_methods::{
    Output, Targets, fusion, losses,
    mla::{Modification, Modifier, Round, Stepper, Substep, equations},
    nn::Linear,
    rebalance::modulation,
};
use tch::{Device, Kind, Tensor};

use super::{
    case::{Case, Outputs, named},
    rebalance::audio_and_visual,
};

pub fn run(case: &Case) -> Option<Outputs> {
    Some(match case.name.as_str() {
        "gradmod_owm" => gradmod_owm(case),
        "gradmod_released" => gradmod_released(case),
        "projector_identity" => projector_identity(case),
        "alternating_step" => alternating_step(case),
        "entropy_fusion" => entropy_fusion(case),
        "ogm_ge" => ogm_ge(case),
        "baselines" => baselines(case),
        _ => return None,
    })
}

const OWM: Modification = Modification { as_released: false, lambda: 0.1, falling_lambda: false, normalise: false, absorb_current: false };

/// Stochastic gradient descent as PyTorch has it.
struct Sgd {
    parameters: Vec<Tensor>,
    momentum_buffers: Vec<Option<Tensor>>,
    rate: f64,
    momentum: f64,
    weight_decay: f64,
}

impl Sgd {
    fn new(parameters: Vec<Tensor>, rate: f64, momentum: f64, weight_decay: f64) -> Self {
        let momentum_buffers = parameters.iter().map(|_| None).collect();
        Self { parameters, momentum_buffers, rate, momentum, weight_decay }
    }
}

impl Stepper for Sgd {
    fn zero_gradients(&mut self) {
        self.parameters.iter_mut().for_each(Tensor::zero_grad);
    }

    fn step(&mut self) {
        let _no_grad = tch::no_grad_guard();
        for (parameter, buffer) in self.parameters.iter_mut().zip(&mut self.momentum_buffers) {
            let gradient = parameter.grad();
            if !gradient.defined() {
                continue;
            }
            let gradient = gradient + &*parameter * self.weight_decay;
            let moved = buffer.take().map_or_else(|| gradient.copy(), |buffer| buffer * self.momentum + &gradient);
            *buffer = Some(moved.shallow_clone());
            let _ = parameter.g_add_(&(moved * -self.rate));
        }
    }
}

/// What six sub-steps on frozen features left behind, `[6, …]`.
struct HeadRun {
    losses: Tensor,
    gradients: Tensor,
    projected: Tensor,
    projectors: Tensor,
    weights: Tensor,
    biases: Tensor,
}

/// Trains the case's head on its frozen features, sub-step by sub-step, through the code that trains the method.
fn train_head(case: &Case, modification: Option<Modification>, momentum: f64, weight_decay: f64) -> HeadRun {
    let (features, classes) = (case.get("h"), case.get("y"));
    let [batches, modalities, samples, width] = features.size()[..] else { panic!("h should be [t, m, b, d]") };
    let head = Linear { weight: case.leaf("W0"), bias: case.leaf("b0") };
    let options = (features.kind(), Device::Cpu);
    let mut modifier = modification.map(|modification| Modifier::new(modification, width, options));
    let shares = equations::shares(&Tensor::ones([modalities, samples], (Kind::Bool, Device::Cpu)), features.kind());
    let mut sgd = Sgd::new(vec![head.weight.shallow_clone(), head.bias.shallow_clone()], case.number("lr"), momentum, weight_decay);
    let mut columns: [Vec<Tensor>; 6] = Default::default();
    for batch in 0..batches {
        for modality in 0..modalities as usize {
            let own = features.get(batch).get(modality as i64);
            let plain = Linear { weight: head.weight.detach().copy().set_requires_grad(true), bias: head.bias.detach().copy() };
            equations::unimodal_loss(&plain.forward(&own), &classes.get(batch), &shares.get(0)).backward();
            let round = Round { order: &[modality], classes: &classes.get(batch), shares: &shares, batch: batch as usize, batches: batches as usize };
            let substeps = round.run(|_| own.shallow_clone(), |_| &head, modifier.as_mut(), &mut sgd);
            let projector = modifier.as_ref().map_or_else(|| Tensor::eye(width, options), |modifier| modifier.projector().copy());
            let row = [
                substeps[0].loss.shallow_clone(),
                plain.weight.grad(),
                head.weight.grad().copy(),
                projector,
                head.weight.detach().copy(),
                head.bias.detach().copy(),
            ];
            columns.iter_mut().zip(row).for_each(|(column, tensor)| column.push(tensor));
        }
    }
    let [losses, gradients, projected, projectors, weights, biases] = columns.map(|column| Tensor::stack(&column, 0));
    HeadRun { losses, gradients, projected, projectors, weights, biases }
}

fn gradmod_owm(case: &Case) -> Outputs {
    let owm = train_head(case, Some(OWM), 0.0, 0.0);
    let normalised = train_head(case, Some(Modification { normalise: true, ..OWM }), 0.0, 0.0);
    let momentum = train_head(case, Some(OWM), 0.9, 1e-4);
    named([
        ("loss", owm.losses),
        ("gW", owm.gradients),
        ("P", owm.projectors),
        ("gWp", owm.projected),
        ("W", owm.weights),
        ("b", owm.biases),
        ("W_plain", train_head(case, None, 0.0, 0.0).weights),
        ("P_normalised", normalised.projectors),
        ("W_normalised", normalised.weights),
        ("W_momentum", momentum.weights),
        ("b_momentum", momentum.biases),
    ])
}

fn gradmod_released(case: &Case) -> Outputs {
    let released = train_head(case, Some(Modification { as_released: true, ..OWM }), 0.0, 0.0);
    let effective = train_head(case, None, 0.0, 0.0);
    named([("P", released.projectors), ("gWp", released.projected), ("W", released.weights), ("W_effective", effective.weights)])
}

fn projector_identity(case: &Case) -> Outputs {
    let (first, second) = (case.get("r1"), case.get("r2"));
    let of = |name: &str, lambda: f64| {
        let once = equations::absorb(&Tensor::eye(first.size()[0], (first.kind(), Device::Cpu)), &first, lambda);
        let twice = equations::absorb(&once, &second, lambda);
        let response = equations::project(&case.get("G"), &twice).mv(&first);
        [(format!("P1_lam{name}"), once), (format!("P2_lam{name}"), twice), (format!("dresp_r1_lam{name}"), response)]
    };
    [("1", 1.0), ("0.1", 0.1), ("0.001", 0.001), ("1e-08", 1e-8)].into_iter().flat_map(|(name, lambda)| of(name, lambda)).collect()
}

fn alternating_step(case: &Case) -> Outputs {
    let encoders = ["A0", "A1", "A2"].map(|name| case.leaf(name));
    let head = Linear { weight: case.leaf("W0"), bias: case.leaf("b0") };
    let mut parameters: Vec<Tensor> = encoders.iter().map(Tensor::shallow_clone).collect();
    parameters.extend([head.weight.shallow_clone(), head.bias.shallow_clone()]);
    let mut sgd = Sgd::new(parameters, case.number("lr"), case.number("momentum"), 0.0);
    let width = head.weight.size()[1];
    let mut modifier = Modifier::new(Modification { lambda: case.number("lam"), ..OWM }, width, (head.weight.kind(), Device::Cpu));
    let mut losses = Vec::new();
    for batch in 0..2 {
        let (inputs, classes) = (["x0", "x1", "x2"].map(|name| case.get(name).get(batch)), case.get("y").get(batch));
        let shares = equations::shares(&case.mask("mask").get(batch).transpose(0, 1), head.weight.kind());
        let round = Round { order: &[0, 1, 2], classes: &classes, shares: &shares, batch: batch as usize, batches: 2 };
        let substeps = round.run(|at| inputs[at].mm(&encoders[at].tr()), |_| &head, Some(&mut modifier), &mut sgd);
        losses.extend(substeps.into_iter().map(|Substep { loss, .. }| loss));
    }
    let [first, second, third] = encoders.map(|encoder| encoder.detach());
    named([
        ("A0_final", first),
        ("A1_final", second),
        ("A2_final", third),
        ("W_final", head.weight.detach()),
        ("b_final", head.bias.detach()),
        ("P_final", modifier.projector().shallow_clone()),
        ("losses", Tensor::stack(&losses, 0)),
    ])
}

fn entropy_fusion(case: &Case) -> Outputs {
    let (logits, mask) = (case.get("logits"), case.mask("mask"));
    let everyone = mask.ones_like();
    let entropy = equations::entropy(&logits);
    let weights = equations::weights(&entropy, &everyone);
    let masked = equations::weights(&entropy, &mask);
    let constant = |constants: &[f64]| {
        let constants = Tensor::from_slice(constants).to_kind(logits.kind());
        let (logits, everyone) = (logits.narrow(0, 0, constants.size()[0]), everyone.narrow(0, 0, constants.size()[0]));
        equations::fuse(&equations::constant_weights(&constants, &everyone), &logits, &everyone)
    };
    let released_entropy = equations::batch_entropy(&logits, &everyone);
    let released = equations::weights(&released_entropy.unsqueeze(-1).expand_as(&entropy), &everyone);
    named([
        ("fused_logits", equations::fuse(&weights, &logits, &everyone)),
        ("fused_probs", equations::fuse(&weights, &logits.softmax(-1, None::<Kind>), &everyone)),
        ("fused_logits_masked", equations::fuse(&masked, &logits, &mask)),
        ("released_fused_logits", equations::fuse(&released, &logits, &everyone)),
        ("released_weights", released.select(1, 0)),
        ("released_entropy", released_entropy),
        ("fixed_fused_logits", constant(&[0.35, 0.25, 0.40])),
        ("fixed2_fused_logits", constant(&[0.55, 0.45])),
        ("mean_fused_logits", constant(&[1.0; 3])),
        ("weights_2modal", equations::weights(&entropy.narrow(0, 0, 2), &everyone.narrow(0, 0, 2))),
        ("weights_masked", masked),
        ("weights", weights),
        ("entropy", entropy),
    ])
}

fn ogm_ge(case: &Case) -> Outputs {
    let (mut outputs, coefficients) = audio_and_visual(case, &case.get("y"));
    let (gradient, noise) = (case.get("grad"), case.get("noise"));
    let table = |alpha: f64| modulation::coefficients(&case.get("ratio_table"), alpha);
    let features = [case.get("a"), case.get("v")];
    outputs.extend(named([
        ("logits", fusion::concat(&features, &case.get("W"), &case.get("b"))),
        ("noise_std", modulation::noise_deviation(&gradient)),
        ("grad_ogm", modulation::modulate(&gradient, &coefficients.get(0), None)),
        ("grad_ogm_ge", modulation::modulate(&gradient, &coefficients.get(0), Some(&noise))),
        ("coeff_table_alpha03", table(0.3)),
        ("coeff_table_alpha08", table(0.8)),
        ("coeff3_released", modulation::released_coefficients(&case.get("scores3"), 0.3)),
        ("coeff3_recommended", modulation::coefficients(&modulation::ratios(&case.get("scores3")), 0.3)),
    ]));
    outputs
}

fn baselines(case: &Case) -> Outputs {
    let (x, y) = (case.get("x"), case.get("yv"));
    let layer = |name: &str| Linear { weight: case.get(&format!("{name}_W")), bias: case.get(&format!("{name}_b")) };
    let logits = Tensor::stack(&[layer("sum_x").forward(&x), layer("sum_y").forward(&y)], 0);
    let everyone = Tensor::ones([x.size()[0], 2], (Kind::Bool, Device::Cpu));
    let sum = fusion::sum(&logits, &everyone);
    let targets = Targets::Classes(case.get("label"));
    let concat = layer("concat");
    let confidence = fusion::energy_confidence(&logits);
    named([
        ("sum_ce", losses::task_loss(&Output::Logits(sum.shallow_clone()), &targets)),
        ("sum", sum),
        ("concat", fusion::concat(&[x.shallow_clone(), y.shallow_clone()], &concat.weight, &concat.bias)),
        ("late", fusion::mean(&logits, &everyone)),
        ("film", layer("film_out").forward(&fusion::film(&x, &y, &layer("film")))),
        ("gated", layer("gated_out").forward(&fusion::gated(&x, &y, &layer("gated_x"), &layer("gated_y")))),
        ("qmf_conf_x", confidence.get(0)),
        ("qmf_conf_y", confidence.get(1)),
        ("qmf", fusion::sum(&(&logits * &confidence), &everyone)),
    ])
}
