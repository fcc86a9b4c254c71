//! Multimodal Dynamics, `vectors/md`.

use bench_methods::{
    Output, Targets,
    dynamics::{Layers, Said},
    losses,
    nn::Linear,
};
use tch::{Kind, Tensor};

use super::case::{Case, Outputs, named};

pub fn run(case: &Case) -> Option<Outputs> {
    if case.name != "forward_loss" {
        return None;
    }
    let mut leaves: Vec<(String, Tensor)> = Vec::new();
    let mut layer = |name: &str| {
        let mut leaf = |part: &str| {
            let name = format!("{name}_clf_0_{part}");
            let leaf = case.leaf(&name);
            leaves.push((name, leaf.shallow_clone()));
            leaf
        };
        Linear { weight: leaf("weight"), bias: leaf("bias") }
    };
    let views = [0, 1].map(|view| Layers {
        gate: layer(&format!("FeatureInforEncoder_{view}")),
        encode: layer(&format!("FeatureEncoder_{view}")),
        confidence: layer(&format!("TCPConfidenceLayer_{view}")),
        classify: layer(&format!("TCPClassifierLayer_{view}")),
    });
    let fusion = layer("MMClasifier_0");
    let inputs = [case.get("x0"), case.get("x1")];
    let say = |inputs: &[Tensor; 2]| [0, 1].map(|view: usize| views[view].say(&inputs[view], false));
    let fuse = |parts: &[Tensor; 2]| fusion.forward(&Tensor::cat(parts, -1));
    let parts = |said: &[Said; 2]| [0, 1].map(|view: usize| said[view].part());

    let said = say(&inputs);
    let logits = fuse(&parts(&said));
    let classes = case.get("label");
    let mut loss = losses::task_loss(&Output::Logits(logits.shallow_clone()), &Targets::Classes(classes.shallow_clone()));
    let mut outputs = Outputs::new();
    for (view, said) in said.iter().enumerate() {
        for (name, each) in ["l_sparse", "l_conf", "l_ce"].into_iter().zip(said.losses(&classes)) {
            let mean = each.mean(None::<Kind>);
            loss += &mean;
            outputs.insert(format!("{name}{view}"), mean);
        }
        for (name, tensor) in [("gate", &said.gate), ("conf", &said.confidence), ("logits", &said.logits)] {
            outputs.insert(format!("{name}{view}"), tensor.shallow_clone());
        }
    }
    let gradients = Tensor::run_backward(&[&loss], &leaves.iter().map(|(_, leaf)| leaf).collect::<Vec<_>>(), true, false);
    outputs.extend(leaves.iter().map(|(name, _)| format!("d_{name}")).zip(gradients));

    let missing = case.mask("delta").logical_not();
    let hide = |tensors: &[Tensor; 2]| [0, 1].map(|view: usize| tensors[view].masked_fill(&missing.narrow(1, view as i64, 1), 0));
    let unseen = say(&hide(&inputs));
    outputs.extend(named([
        ("logits_zero_input", fuse(&parts(&unseen))),
        ("logits_masked", fuse(&hide(&parts(&unseen)))),
        ("logits", logits),
        ("loss", loss),
    ]));
    Some(outputs)
}
