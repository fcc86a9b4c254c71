//! QMF's energies and ranking, `vectors/qmf`.

use bench_methods::{
    Output, Targets, fusion, losses,
    qmf::{Pairs, difficulty, fuse, recorded},
};
use tch::{Device, Kind, Tensor};

use super::case::{Case, Outputs, named};

pub fn run(case: &Case) -> Option<Outputs> {
    Some(match case.name.as_str() {
        "energy_fusion" => energy_fusion(case),
        "rank_loss" => rank_loss(case),
        "rank_loss_first_batch_nan" => first_batch(case),
        _ => return None,
    })
}

fn confidence(logits: &Tensor) -> Tensor {
    fusion::energy_confidence(logits).squeeze_dim(-1)
}

fn energy_fusion(case: &Case) -> Outputs {
    let mut outputs = Outputs::new();
    let classes = case.get("label");
    let stacked = |leaves: &[Tensor]| Tensor::stack(leaves, 0);
    for modalities in [2, 3] {
        for attached in [false, true] {
            let leaves: Vec<Tensor> = (0..modalities).map(|at| case.leaf(&format!("logits{at}"))).collect();
            let logits = stacked(&leaves);
            let weights = fusion::energy_confidence(&logits);
            let weights = if attached { weights } else { weights.detach() };
            let everyone = Tensor::ones([logits.size()[1], modalities], (Kind::Bool, Device::Cpu));
            let fused = fuse(&logits, &weights, &everyone);
            let own = losses::cross_entropy_each(&logits, &classes).mean_dim(-1, false, None::<Kind>).sum(None::<Kind>);
            let loss = own + losses::task_loss(&Output::Logits(fused.shallow_clone()), &Targets::Classes(classes.shallow_clone()));
            let gradients = Tensor::run_backward(&[&loss], &leaves.iter().collect::<Vec<_>>(), false, false);
            let how = if attached { "attached" } else { "detached" };
            outputs.extend(gradients.into_iter().enumerate().map(|(at, gradient)| (format!("dlogits{at}_M{modalities}_{how}"), gradient)));
            outputs.insert(format!("fused_M{modalities}"), fused);
            outputs.insert(format!("clf_loss_M{modalities}"), loss);
        }
    }
    let logits = stacked(&[0, 1, 2].map(|at| case.get(&format!("logits{at}"))));
    let weights = fusion::energy_confidence(&logits);
    outputs.extend((0..3).map(|at| (format!("conf{at}"), weights.get(at))));
    outputs.insert("fused_masked".into(), fuse(&logits, &weights, &case.mask("delta")));
    outputs
}

fn rank_loss(case: &Case) -> Outputs {
    let mut outputs = Outputs::new();
    let mut history = Tensor::zeros([case.number("n_data") as i64], (case.get("logits_0").kind(), Device::Cpu));
    for step in 0..3 {
        let of = |name: &str| format!("{name}_{step}");
        let (logits, rows) = (case.leaf(&of("logits")), case.get(&of("idx")));
        history = recorded(&history, &rows, &losses::cross_entropy_each(&logits, &case.get(&of("label"))).detach());
        let pairs = Pairs::of(&difficulty(&history, &rows));
        let loss = pairs.losses(&confidence(&logits)).mean(None::<Kind>);
        outputs.insert(of("dlogits"), Tensor::run_backward(&[&loss], &[&logits], true, false).remove(0));
        outputs.extend([
            (of("history"), history.shallow_clone()),
            (of("target"), pairs.target),
            (of("margin"), pairs.margin),
            (of("rank_loss"), loss),
        ]);
    }
    outputs
}

fn first_batch(case: &Case) -> Outputs {
    let logits = case.get("logits");
    let samples = case.number("n_data") as i64;
    let rows = Tensor::arange(samples, (Kind::Int64, Device::Cpu));
    let history = Tensor::zeros([samples], (logits.kind(), Device::Cpu));
    let unguarded = (&history - history.min()) / (history.max() - history.min());
    let loss = |difficulty: &Tensor| Pairs::of(difficulty).losses(&confidence(&logits)).mean(None::<Kind>);
    named([("rank_loss_official", loss(&unguarded)), ("rank_loss_guarded", loss(&difficulty(&history, &rows)))])
}
