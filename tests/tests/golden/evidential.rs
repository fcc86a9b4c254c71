//! Evidence and its combination, `vectors/tmc` and `vectors/etmc`.

use bench_methods::evidential::equations::{
    annealed, combine, conflict, divergence_from_uniform, expected_cross_entropy, expected_squared_error, fuse, misleading, objective, opinion,
};
use tch::{Kind, Tensor};

use super::case::{Case, Outputs, named};

pub fn run_tmc(case: &Case) -> Option<Outputs> {
    Some(match case.name.as_str() {
        "ds_combine" => ds_combine(case),
        "ds_edge" => ds_edge(case),
        "losses" => losses(case),
        "forward" => forward(case),
        _ => return None,
    })
}

pub fn run_etmc(case: &Case) -> Option<Outputs> {
    (case.name == "forward").then(|| etmc(case))
}

fn ds_combine(case: &Case) -> Outputs {
    let evidence: Vec<Tensor> = (0..3).map(|view| case.get(&format!("alpha{view}")) - 1.0).collect();
    let [first, second, third] = [0, 1, 2].map(|view: usize| &evidence[view]);
    let (pair, all) = (combine(first, second), fuse(&evidence));
    let mut outputs = named([
        ("conflict01", conflict(&opinion(first), &opinion(second))),
        ("alpha01", &pair + 1.0),
        ("b01", opinion(&pair).belief),
        ("u01", opinion(&pair).uncertainty),
        ("u012", opinion(&all).uncertainty),
        ("alpha012", all + 1.0),
        ("alpha_0_12", combine(first, &combine(second, third)) + 1.0),
    ]);
    for (view, evidence) in evidence.iter().enumerate() {
        let own = opinion(evidence);
        outputs.insert(format!("b{view}"), own.belief);
        outputs.insert(format!("u{view}"), own.uncertainty);
    }
    outputs
}

fn ds_edge(case: &Case) -> Outputs {
    let (first, second) = (case.get("evidence0"), case.get("evidence1"));
    let fused = combine(&first, &second);
    let own = opinion(&fused);
    named([("conflict", conflict(&opinion(&first), &opinion(&second))), ("alpha", fused + 1.0), ("b", own.belief), ("u", own.uncertainty)])
}

fn hot(case: &Case, classes: i64) -> Tensor {
    case.get("label").one_hot(classes)
}

fn lambda(case: &Case) -> f64 {
    annealed(case.number("epoch"), case.number("annealing_epochs"))
}

fn losses(case: &Case) -> Outputs {
    let alpha = case.leaf("alpha");
    let hot = hot(case, case.number("C") as i64);
    let kl = divergence_from_uniform(&misleading(&alpha, &hot));
    let each = objective(&alpha, &hot, lambda(case));
    let mean = each.mean(None::<Kind>);
    let gradient = Tensor::run_backward(&[&mean], &[&alpha], true, false).remove(0);
    named([
        ("A", expected_cross_entropy(&alpha, &hot).unsqueeze(-1)),
        ("mse_loss_per_sample", (expected_squared_error(&alpha, &hot) + &kl * lambda(case)).unsqueeze(-1)),
        ("kl", kl.unsqueeze(-1)),
        ("loss_per_sample", each.unsqueeze(-1)),
        ("loss_mean", mean),
        ("kl_of_alpha", divergence_from_uniform(&alpha).unsqueeze(-1)),
        ("dloss_dalpha", gradient),
    ])
}

/// Views with one linear layer each, and what the objective is a function of.
struct Views<'a> {
    case: &'a Case,
    leaves: Vec<(String, Tensor)>,
}

impl<'a> Views<'a> {
    fn new(case: &'a Case, names: &[&str]) -> Self {
        let leaves = names.iter().flat_map(|name| [format!("W{name}"), format!("b{name}")]).map(|name| (name.clone(), case.leaf(&name))).collect();
        Self { case, leaves }
    }

    fn evidence(&self, at: usize, input: &Tensor) -> Tensor {
        input.linear(&self.leaves[2 * at].1, Some(&self.leaves[2 * at + 1].1)).softplus()
    }

    /// The objectives of all views and of their combination, averaged over the batch, with its gradients.
    fn finish(&self, evidence: &[Tensor], outputs: &mut Outputs) {
        let hot = hot(self.case, evidence[0].size()[1]);
        let mean = |evidence: &Tensor| objective(&(evidence + 1.0), &hot, lambda(self.case)).mean(None::<Kind>);
        let loss = evidence.iter().map(mean).fold(mean(&fuse(evidence)), |sum, next| sum + next);
        let leaves: Vec<&Tensor> = self.leaves.iter().map(|(_, leaf)| leaf).collect();
        let gradients = Tensor::run_backward(&[&loss], &leaves, false, false);
        outputs.extend(self.leaves.iter().map(|(name, _)| format!("d{name}")).zip(gradients));
        outputs.insert("loss".into(), loss);
    }
}

fn forward(case: &Case) -> Outputs {
    let views = Views::new(case, &["0", "1", "2"]);
    let inputs = ["x0", "x1", "x2"].map(|name| case.get(name));
    let of = |inputs: &[Tensor]| -> Vec<Tensor> { inputs.iter().enumerate().map(|(at, input)| views.evidence(at, input)).collect() };
    let evidence = of(&inputs);
    let available = case.mask("delta");
    let missing = |at: usize| available.narrow(1, at as i64, 1).logical_not();
    let hidden = |tensors: &[Tensor]| -> Vec<Tensor> { tensors.iter().enumerate().map(|(at, tensor)| tensor.masked_fill(&missing(at), 0)).collect() };
    let alpha = fuse(&evidence) + 1.0;
    let mut outputs = named([
        ("prob_fused", &alpha / alpha.sum_dim_intlist(-1, true, None::<Kind>)),
        ("alpha_fused", alpha),
        ("alpha_fused_zero_input_only", fuse(&of(&hidden(&inputs))) + 1.0),
        ("alpha_fused_masked_evidence", fuse(&hidden(&evidence)) + 1.0),
    ]);
    outputs.extend(evidence.iter().enumerate().map(|(at, evidence)| (format!("evidence{at}"), evidence.shallow_clone())));
    views.finish(&evidence, &mut outputs);
    outputs
}

fn etmc(case: &Case) -> Outputs {
    let views = Views::new(case, &["1", "2", "p"]);
    let (first, second) = (case.get("x1"), case.get("x2"));
    let all = Tensor::cat(&[&first, &second], -1);
    let evidence = [views.evidence(0, &first), views.evidence(1, &second), views.evidence(2, &all)];
    let mut outputs = named([
        ("alpha1", &evidence[0] + 1.0),
        ("alpha2", &evidence[1] + 1.0),
        ("alpha_pseudo", &evidence[2] + 1.0),
        ("alpha_fused", fuse(&evidence) + 1.0),
    ]);
    views.finish(&evidence, &mut outputs);
    outputs
}
