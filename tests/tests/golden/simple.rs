//! Simple fusions, `vectors/simple`.

use bench_methods::{fusion, nn::Linear, patterns};
use tch::{Device, Kind, Tensor};

use super::case::{Case, Outputs};

pub fn run(case: &Case) -> Option<Outputs> {
    Some(match case.name.as_str() {
        "fusion_heads" => fusion_heads(case),
        "masked_fusion" => masked_fusion(case),
        _ => return None,
    })
}

fn fusion_heads(case: &Case) -> Outputs {
    let features = [case.get("h1"), case.get("h2")];
    let head = |weight: &str, bias: &str| (case.get(weight), case.get(bias));
    let linear = |input: &Tensor, (weight, bias): (Tensor, Tensor)| input.linear(&weight, Some(&bias));
    let logits = Tensor::stack(&[linear(&features[0], head("W1", "b1")), linear(&features[1], head("W2", "b2"))], 0);
    let everyone = Tensor::ones([logits.size()[1], 2], (Kind::Bool, Device::Cpu));
    let (weight, bias) = head("W_c", "b_c");
    let layer = |weight: &str, bias: &str| Linear { weight: case.get(weight), bias: case.get(bias) };
    let out = layer("W_o", "b_o");
    [
        ("concat", fusion::concat(&features, &weight, &bias)),
        ("sum", fusion::sum(&logits, &everyone)),
        ("late_mean_logits", fusion::mean(&logits, &everyone)),
        ("late_mean_probs", fusion::mean(&logits.softmax(-1, None::<Kind>), &everyone)),
        ("film", out.forward(&fusion::film(&features[0], &features[1], &layer("W_f", "b_f")))),
        ("gated", out.forward(&fusion::gated(&features[0], &features[1], &layer("Wg1", "bg1"), &layer("Wg2", "bg2")))),
        ("concat_uni1", fusion::concat_share(&features, 0, &weight, &bias)),
        ("concat_uni2", fusion::concat_share(&features, 1, &weight, &bias)),
    ]
    .map(|(name, tensor)| (name.to_string(), tensor))
    .into()
}

fn masked_fusion(case: &Case) -> Outputs {
    let (logits, delta) = (case.get("logits"), case.mask("delta"));
    [
        ("late_masked", fusion::mean(&logits, &delta)),
        ("late_unmasked", fusion::mean(&logits, &delta.ones_like())),
        ("sum_masked", fusion::sum(&logits, &delta)),
        ("patterns_M2", patterns::tensor(&patterns::all(2), Device::Cpu).to_kind(Kind::Int64)),
        ("patterns_M3", patterns::tensor(&patterns::all(3), Device::Cpu).to_kind(Kind::Int64)),
    ]
    .map(|(name, tensor)| (name.to_string(), tensor))
    .into()
}
