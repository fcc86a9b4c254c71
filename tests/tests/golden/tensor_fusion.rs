//! Products of modalities, `vectors/tfn` and `vectors/lmf`.

use bench_methods::{
    nn::Linear,
    tensor_fusion::{low_rank, outer, tfn},
};
use tch::{Kind, Tensor};

use super::case::{Case, Outputs, named};

pub fn run_tfn(case: &Case) -> Option<Outputs> {
    if case.name != "fusion" {
        return None;
    }
    let features = ["a", "v", "t"].map(|name| case.leaf(name));
    let layer = |at: usize| Linear { weight: case.get(&format!("W{at}")), bias: case.get(&format!("b{at}")) };
    let product = outer(&features);
    let scores = tfn::head(&product, &[layer(1), layer(2), layer(3)]);
    let out = tfn::squashed(&scores, (-3.0, 3.0));
    let gradients = Tensor::run_backward(&[out.sum(None::<Kind>)], &features, false, false);
    let mut outputs = named([("fusion_tensor", product), ("pre_sigmoid", scores), ("out", out)]);
    outputs.extend(["da", "dv", "dt"].map(String::from).into_iter().zip(gradients));
    Some(outputs)
}

pub fn run_lmf(case: &Case) -> Option<Outputs> {
    if case.name != "fusion" {
        return None;
    }
    let names = ["a", "v", "t", "factor_a", "factor_v", "factor_t"];
    let leaves = names.map(|name| case.leaf(name));
    let out = low_rank(&leaves[..3], &leaves[3..], &case.get("fusion_weights"), &case.get("fusion_bias"));
    let gradients = Tensor::run_backward(&[out.square().sum(None::<Kind>)], &leaves, false, false);
    let mut outputs = named([("out", out)]);
    outputs.extend(names.map(|name| format!("d{name}")).into_iter().zip(gradients));
    Some(outputs)
}
