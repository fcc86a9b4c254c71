//! DEF+AAF, `vectors/defaaf`: Eqs. 1–20 and 32, the ablations of Tables 4 and 19, and inference without labels.

use bench_methods::{
    def_aaf::{
        autoencoder::{Conditional, Decoder, Encoder},
        equations::{
            Presence, alignment,
            contrastive::{Reading, contrastive},
            critic, distances, fusion, homologous, inference, reconstruction,
        },
        objective::{Parts, Weights},
    },
    nn::Linear,
};
use tch::{Kind, Tensor};

use super::case::{Case, Outputs};

pub fn run(case: &Case) -> Option<Outputs> {
    let mut outputs = Outputs::new();
    match case.name.as_str() {
        "homologous" => homologous(case, &mut outputs),
        "variance_contraction" => variance_contraction(case, &mut outputs),
        "ablation_losses" => ablation_losses(case, &mut outputs),
        "reconstruction" => reconstruction(case, &mut outputs),
        "cca_forward" => autoencoder(case, &mut outputs),
        "contrastive" => contrastives(case, &mut outputs),
        "fusion" => fused(case, &mut outputs),
        "critic_gp" => critic_gp(case, &mut outputs),
        "aaf_generator" => generator(case, &mut outputs),
        "totals" => totals(case, &mut outputs),
        "diagnostics" => diagnostics(case, &mut outputs),
        "inference_modes" => inference_modes(case, &mut outputs),
        _ => return None,
    }
    Some(outputs)
}

fn put<const N: usize>(outputs: &mut Outputs, values: [(&str, Tensor); N]) {
    outputs.extend(values.into_iter().map(|(name, tensor)| (name.to_string(), tensor)));
}

fn presence(case: &Case) -> Presence {
    Presence::new(&case.mask("mask"), case.get(if case.name == "reconstruction" || case.name == "cca_forward" { "X0" } else { "c" }).kind())
}

/// All of `[B, M]` codes there.
fn complete(codes: &Tensor) -> Presence {
    Presence::new(&codes.select(-1, 0).ones_like().to_kind(Kind::Bool), codes.kind())
}

/// A value and its gradient in the codes `c`.
fn derived(case: &Case, loss: impl FnOnce(&Tensor) -> Tensor) -> [Tensor; 2] {
    let codes = case.leaf("c");
    let value = loss(&codes);
    value.backward();
    [value, codes.grad()]
}

fn homologous(case: &Case, outputs: &mut Outputs) {
    let presence = presence(case);
    let each = homologous::homologous_each(&case.get("c"), &presence);
    let [loss, gradient] = derived(case, |codes| homologous::over_batch(&homologous::homologous_each(codes, &presence), &presence, false));
    let embeddings = case.get("e").index_select(0, &case.get("w"));
    let [to_class, to_class_gradient] = derived(case, |codes| homologous::to_class(codes, &embeddings, &presence));
    put(
        outputs,
        [
            ("LH", loss),
            ("grad_c", gradient),
            ("LH_valid_mean", homologous::over_batch(&each, &presence, true)),
            ("LH_per_sample", each),
            ("eq19_per_sample", homologous::centroid_each(&case.get("c"), &presence)),
            ("centroid", homologous::centroid(&case.get("c"), &presence)),
            ("LH_A1", to_class),
            ("grad_c_A1", to_class_gradient),
        ],
    );
}

fn variance_contraction(case: &Case, outputs: &mut Outputs) {
    let codes = case.get("c");
    let presence = complete(&codes);
    let [_, gradient] = derived(case, |codes| homologous::homologous_each(codes, &presence).sum(None::<Kind>));
    let after = &codes - gradient * case.number("eta");
    let deviation = |codes: &Tensor| codes - homologous::centroid(codes, &presence).unsqueeze(1);
    let factor = (deviation(&after) * deviation(&codes)).sum(None::<Kind>) / deviation(&codes).square().sum(None::<Kind>);
    put(outputs, [("c_after", after), ("factor", factor)]);
}

fn ablation_losses(case: &Case, outputs: &mut Outputs) {
    let presence = complete(&case.get("c"));
    let [triplet, triplet_gradient] = derived(case, |codes| homologous::triplet(codes, &presence, case.number("margin")));
    let [info_nce, info_nce_gradient] = derived(case, |codes| homologous::info_nce(codes, &presence));
    put(outputs, [("L_triplet", triplet), ("grad_c_triplet", triplet_gradient), ("L_infonce", info_nce), ("grad_c_infonce", info_nce_gradient)]);
}

const MODALITIES: [usize; 3] = [0, 1, 2];

fn weights(case: &Case) -> Weights {
    Weights { homologous: 1.0, reconstruction: 1.0, intra: case.number("lambda_"), contrastive: 0.5, alignment: 1.0, task: 1.0 }
}

fn reconstruction(case: &Case, outputs: &mut Outputs) {
    let presence = presence(case);
    let features = MODALITIES.map(|at| case.get(&format!("X{at}")));
    let leaves = MODALITIES.map(|from| MODALITIES.map(|to| case.leaf(&format!("Xhat_{from}to{to}"))));
    let stacked = MODALITIES.map(|to| Tensor::stack(&MODALITIES.map(|from| &leaves[from][to]), 1));
    let errors = |mean: bool| reconstruction::errors(&features, &stacked, mean);
    let mean = |each: &Tensor| each.mean(None::<Kind>);
    let (intra, cross) = (reconstruction::intra_each(&errors(false), &presence, false), reconstruction::cross_each(&errors(false), &presence));
    let parts = Parts { intra: Some(mean(&intra)), cross: Some(mean(&cross)), ..Parts::default() };
    let total = weights(case).terms(parts).total();
    total.backward();
    for (from, row) in leaves.iter().enumerate() {
        for (to, leaf) in row.iter().enumerate() {
            outputs.insert(format!("grad_Xhat_{from}to{to}"), leaf.grad());
        }
    }
    put(
        outputs,
        [
            ("L_intra", mean(&intra)),
            ("L_cross", mean(&cross)),
            ("L_intra_per_sample", intra),
            ("L_cross_per_sample", cross),
            ("L_R", total),
            ("L_intra_dimnorm", mean(&reconstruction::intra_each(&errors(true), &presence, true))),
            ("L_cross_dimnorm", mean(&reconstruction::cross_each(&errors(true), &presence))),
        ],
    );
}

fn autoencoder(case: &Case, outputs: &mut Outputs) {
    let presence = presence(case);
    let features = MODALITIES.map(|at| case.get(&format!("X{at}")));
    let linear = |name: String| Linear { weight: case.get(&format!("{name}_W")), bias: case.get(&format!("{name}_b")) };
    // One layer on [x; e] is stored in two parts.
    let shared = |name: &str, inputs: i64| {
        let whole = linear(format!("{name}1"));
        let columns = whole.weight.size()[1];
        Conditional {
            first: Linear { weight: whole.weight.narrow(1, 0, inputs), bias: whole.bias },
            condition: whole.weight.narrow(1, inputs, columns - inputs),
            second: linear(format!("{name}2")),
            third: linear(format!("{name}3")),
        }
    };
    let encoder = Encoder { projections: MODALITIES.map(|at| linear(format!("in{at}"))).into(), shared: shared("enc", 7) };
    let decoder = Decoder { shared: shared("dec", 4), outputs: MODALITIES.map(|at| linear(format!("out{at}"))).into() };
    let classes = case.leaf("e");
    let embeddings = inference::labelled(&case.get("w"), 3, classes.kind()).matmul(&classes);
    let begun = MODALITIES.map(|at| encoder.begin(at, &features[at]));
    let codes = encoder.codes(&Tensor::stack(&begun, 1), &embeddings);
    let hidden = decoder.hidden(&codes, &embeddings);
    let reconstructions = decoder.reconstruct_all(&hidden);
    for (to, reconstruction) in reconstructions.iter().enumerate() {
        MODALITIES.iter().for_each(|&from| drop(outputs.insert(format!("Xhat_{from}to{to}"), reconstruction.select(1, from as i64))));
    }
    for (own, all) in
        decoder.reconstruct_own(&hidden).iter().zip(&reconstructions).enumerate().map(|(at, (own, all))| (own, all.select(1, at as i64)))
    {
        assert!(own.allclose(&all, 1e-5, 1e-6, false));
    }
    let errors = reconstruction::errors(&features, &reconstructions, false);
    let mean = |each: Tensor| each.mean(None::<Kind>);
    let parts = || Parts {
        homologous: Some(homologous::over_batch(&homologous::homologous_each(&codes, &presence), &presence, false)),
        intra: Some(mean(reconstruction::intra_each(&errors, &presence, false))),
        cross: Some(mean(reconstruction::cross_each(&errors, &presence))),
        ..Parts::default()
    };
    let terms = weights(case).terms(parts());
    let total = terms.total();
    total.backward();
    for (name, term) in [("L_H", "homologous"), ("L_intra", "intra"), ("L_cross", "cross")] {
        outputs.insert(name.into(), terms.term(term).unwrap().shallow_clone());
    }
    put(outputs, [("c", codes), ("total", total), ("grad_e", classes.grad())]);
}

fn contrastives(case: &Case, outputs: &mut Outputs) {
    for (masked, presence) in [("full", complete(&case.get("c"))), ("masked", presence(case))] {
        for (denominator, positive_in_denominator) in [("posden", true), ("negden", false)] {
            for (similarity, cosine) in [("cos", true), ("dot", false)] {
                let reading = Reading { temperature: case.number("tau"), cosine, positive_in_denominator };
                let [value, gradient] = derived(case, |codes| contrastive(codes, &presence, reading, None));
                let name = format!("{denominator}_{similarity}_{masked}");
                outputs.insert(format!("Lcon_{name}"), value);
                outputs.insert(format!("grad_c_{name}"), gradient);
            }
        }
    }
}

/// `tanh(x W1ᵀ + b1) W2ᵀ + b2` without its last axis.
fn tanh_network<'a>(case: &'a Case, prefix: &str) -> impl Fn(&Tensor) -> Tensor + use<'a> {
    let [first, first_bias, second, second_bias] = ["W1", "b1", "W2", "b2"].map(|name| case.get(&format!("{prefix}{name}")));
    move |input| input.linear(&first, Some(&first_bias)).tanh().linear(&second, Some(&second_bias)).squeeze_dim(-1)
}

fn fused(case: &Case, outputs: &mut Outputs) {
    let codes = case.leaf("c");
    let presence = presence(case);
    let scores = tanh_network(case, "")(&codes);
    let alpha = fusion::weights(&scores, &presence.there);
    let z = fusion::fuse(&alpha, &codes);
    (&z * case.get("cotangent")).sum(None::<Kind>).backward();
    put(
        outputs,
        [
            ("grad_c", codes.grad()),
            ("alpha_unmasked", fusion::weights(&scores, &complete(&codes).there)),
            ("z_uniform", fusion::fuse(&fusion::uniform(&presence), &codes)),
            ("scores", scores),
            ("alpha", alpha),
            ("z", z),
        ],
    );
}

fn critic_gp(case: &Case, outputs: &mut Outputs) {
    let (codes, fused) = (case.get("c"), case.get("z"));
    for (name, presence) in [("full", complete(&codes)), ("masked", presence(case))] {
        let parameters = ["W1", "b1", "W2", "b2"].map(|name| case.leaf(name));
        let [first, first_bias, second, second_bias] = &parameters;
        let judge = |points: &Tensor| points.linear(first, Some(first_bias)).tanh().linear(second, Some(second_bias)).squeeze_dim(-1);
        let (on_codes, on_fused) = (judge(&codes), judge(&fused));
        let interpolates = critic::interpolates(&codes, &fused, &case.get("eps"));
        let norms = critic::gradient_norms(judge, &interpolates);
        let gap = critic::gap(&on_codes, &on_fused.unsqueeze(-1), &presence);
        let penalty = critic::penalty(&norms, &presence, case.number("lambda_gp"));
        let loss = &penalty - &gap;
        loss.backward();
        for (parameter, leaf) in ["W1", "b1", "W2", "b2"].iter().zip(&parameters) {
            // A constant on D changes nothing; autograd may leave its gradient out.
            let gradient = if leaf.grad().defined() { leaf.grad() } else { leaf.zeros_like() };
            outputs.insert(format!("grad_{parameter}_{name}"), gradient);
        }
        outputs.extend([("gap", gap), ("GP", penalty), ("critic_loss", loss)].map(|(value, tensor)| (format!("{value}_{name}"), tensor)));
        put(outputs, [("D_c_full", on_codes), ("D_z", on_fused), ("xhat", interpolates), ("grad_norm", norms)]);
    }
    let linear = |scale: f64| {
        let weight = case.get("w_unit") * scale;
        let norms = critic::gradient_norms(|points| points.matmul(&weight), &case.get("xhat"));
        critic::penalty(&norms, &complete(&codes), case.number("lambda_gp"))
    };
    put(outputs, [("GP_linear_unit", linear(1.0)), ("GP_linear_3x", linear(3.0))]);
}

/// α → the weights of the alignment.
type Weigh<'a> = &'a dyn Fn(&Tensor) -> Tensor;

fn generator(case: &Case, outputs: &mut Outputs) {
    let (scorer, judge) = (tanh_network(case, "h_"), tanh_network(case, "D_"));
    let beta = case.number("beta");
    for (masked, presence) in [("masked", presence(case)), ("full", complete(&case.get("c")))] {
        let fuse = |codes: &Tensor| {
            let alpha = fusion::weights(&scorer(codes), &presence.there);
            let z = fusion::fuse(&alpha, codes);
            (alpha, z)
        };
        let readings: [(&str, Weigh<'_>); 5] = [
            ("uniform", &|_| presence.shares()),
            ("weighted", &|alpha| alignment::reliability(&alpha.detach(), &presence, beta)),
            ("weighted_nodetach", &|alpha| alignment::reliability(alpha, &presence, beta)),
            ("top1", &|alpha| alignment::top(alpha, &presence, 1)),
            ("top2", &|alpha| alignment::top(alpha, &presence, 2)),
        ];
        for (name, weights) in readings {
            let [value, gradient] = derived(case, |codes| {
                let (alpha, z) = fuse(codes);
                alignment::gap(&judge(codes), &judge(&z).unsqueeze(-1), &weights(&alpha))
            });
            outputs.insert(format!("{name}_{masked}"), value);
            outputs.insert(format!("grad_c_{name}_{masked}"), gradient);
        }
        let [_, gradient] = derived(case, |codes| {
            let (_, z) = fuse(codes);
            alignment::gap(&judge(&codes.detach()), &judge(&z).unsqueeze(-1), &presence.shares())
        });
        outputs.insert(format!("grad_c_uniform_zonly_{masked}"), gradient);
        let (alpha, z) = fuse(&case.get("c"));
        // The case stores those of the full run, which comes last.
        put(outputs, [("gamma", alignment::reliability(&alpha, &presence, beta)), ("alpha", alpha), ("z", z)]);
    }
}

fn totals(case: &Case, outputs: &mut Outputs) {
    let given = |name: &str| Some(case.get(name));
    let weights = Weights {
        homologous: case.number("alpha"),
        reconstruction: case.number("beta"),
        contrastive: case.number("tau_weight"),
        alignment: case.number("gamma"),
        ..weights(case)
    };
    let reconstruction = || Parts { intra: given("L_intra"), cross: given("L_cross"), ..Parts::default() };
    let stage1 = || Parts { homologous: given("L_H"), ..reconstruction() };
    let def = || Parts { contrastive: given("L_con"), ..stage1() };
    let literal = || Parts { alignment: given("L_AAF"), ..def() };
    let total = |parts: Parts| weights.terms(parts).total();
    put(
        outputs,
        [
            ("L_R", total(reconstruction())),
            ("stage1", total(stage1())),
            ("L_DEF", total(def())),
            ("L_total_literal", total(literal())),
            ("L_total", total(Parts { task: given("L_task"), ..literal() })),
        ],
    );
}

fn diagnostics(case: &Case, outputs: &mut Outputs) {
    let (left, right, labels) = (case.get("a"), case.get("b"), case.get("y"));
    let (distance, partners) = distances::wasserstein(&left, &right);
    let partners: Vec<i64> = partners.into_iter().map(|partner| partner as i64).collect();
    let classes = labels.max().int64_value(&[]) + 1;
    put(
        outputs,
        [
            ("W1", Tensor::from(distance)),
            ("assignment", Tensor::from_slice(&partners)),
            ("intra_class_var", distances::variance_within_classes(&left, &labels, classes)),
            ("W1_1d_first_coord", distances::wasserstein_by_coordinate(&left, &right).get(0)),
        ],
    );
}

fn inference_modes(case: &Case, outputs: &mut Outputs) {
    let features = MODALITIES.map(|at| case.get(&format!("X{at}")));
    let classes = case.get("e");
    let presence = Presence::new(&case.mask("mask"), classes.kind());
    let (prior, rows) = (case.get("prior"), features[0].size()[0]);
    let of = |letter: &str| MODALITIES.map(|at| case.get(&format!("{letter}{at}")));
    let (inward, outward, conditions) = (of("A"), of("C"), of("V"));
    let encode = |embeddings: &Tensor| {
        let condition = embeddings.linear(&case.get("U"), None::<Tensor>);
        MODALITIES.map(|at| (features[at].linear(&inward[at], None::<Tensor>) + &condition).tanh())
    };
    let classify = |mixture: &Tensor| {
        let codes = Tensor::stack(&encode(&mixture.matmul(&classes)), 1);
        let alpha = fusion::weights(&codes.matmul(&case.get("w_h")), &presence.there);
        fusion::fuse(&alpha, &codes).linear(&case.get("W"), Some(&case.get("b")))
    };
    let error = |mixture: &Tensor| {
        let embeddings = mixture.matmul(&classes);
        let own = encode(&embeddings);
        let reconstruct = |at: usize| own[at].linear(&outward[at], None::<Tensor>) + embeddings.linear(&conditions[at], None::<Tensor>);
        inference::own_errors(&features, &MODALITIES.map(reconstruct), &presence)
    };
    let [first, second] = inference::two_pass(classify, &prior, rows);
    put(
        outputs,
        [
            ("logits_prior_mean", first),
            ("logits_two_pass", second),
            ("scores_per_class", inference::per_class(classify, &prior, rows)),
            ("scores_recon", inference::by_reconstruction(error, &prior, rows)),
            ("logits_oracle", inference::oracle(classify, &case.get("y"), &prior)),
        ],
    );
}
