//! RAML, `vectors/raml`: Eqs. 1–8 and the options of Tables V and VI.

use bench_methods::{
    LossTerms,
    raml::equations::{self, Deviation},
};
use tch::{Kind, Tensor};

use super::case::{Case, Outputs, named};

pub fn run(case: &Case) -> Option<Outputs> {
    Some(match case.name.as_str() {
        "fusion_patterns" => fusion_patterns(case),
        "fusion_extreme_sigma" => fusion_extreme_sigma(case),
        "sparse_loss" => sparse_loss(case),
        "total_loss" => total_loss(case),
        "pattern_expansion" => pattern_expansion(case),
        "total_from_logits" => total_from_logits(case),
        "weighting_ablation" => weighting_ablation(case),
        "theorem31" => theorem31(case),
        "sigma_head" => sigma_head(case),
        _ => return None,
    })
}

fn adaptive(sigma: &Tensor, availability: &Tensor) -> Tensor {
    equations::weights(&equations::adaptive_scores(&sigma.log()), availability)
}

/// One pattern for all samples: `[M]` → `[M, B]`.
fn everywhere(pattern: &Tensor, samples: i64) -> Tensor {
    pattern.unsqueeze(-1).expand([-1, samples], false)
}

fn fusion_patterns(case: &Case) -> Outputs {
    let patterns = case.mask("patterns");
    let mut columns: [Vec<Tensor>; 5] = Default::default();
    for at in 0..patterns.size()[0] {
        let (mu, sigma) = (case.leaf("mu"), case.leaf("sigma"));
        let availability = everywhere(&patterns.get(at), mu.size()[1]);
        let omega = adaptive(&sigma, &availability);
        let h = equations::fuse(&omega, &mu);
        (&h * case.get("cotangent")).sum(None::<Kind>).backward();
        let row = [omega, h, equations::fused_variance(&sigma.log(), &availability), mu.grad(), sigma.grad()];
        columns.iter_mut().zip(row).for_each(|(column, tensor)| column.push(tensor));
    }
    let [omega, h, fused_var, grad_mu, grad_sigma] = columns.map(|column| Tensor::stack(&column, 0));
    let mixed = adaptive(&case.get("sigma_mixed"), &patterns.transpose(0, 1));
    let h_mixed = equations::fuse(&mixed, &case.get("mu_mixed"));
    named([
        ("omega", omega),
        ("h", h),
        ("fused_var", fused_var),
        ("grad_mu", grad_mu),
        ("grad_sigma", grad_sigma),
        ("omega_mixed", mixed),
        ("h_mixed", h_mixed),
    ])
}

fn fusion_extreme_sigma(case: &Case) -> Outputs {
    let fuse = |pattern: [bool; 3]| {
        let omega = adaptive(&case.get("sigma"), &everywhere(&Tensor::from_slice(&pattern), 1));
        let h = equations::fuse(&omega, &case.get("mu"));
        (omega, h)
    };
    let (omega_all, h_all) = fuse([true, true, true]);
    let (omega_drop0, h_drop0) = fuse([false, true, true]);
    named([("omega_all", omega_all), ("h_all", h_all), ("omega_drop0", omega_drop0), ("h_drop0", h_drop0)])
}

fn sparse_loss(case: &Case) -> Outputs {
    let delta = case.mask("delta");
    let reading = |availability: Option<&Tensor>| {
        let (mu, sigma) = (case.leaf("mu"), case.leaf("sigma"));
        let each = equations::sparsity_each(&mu, &sigma.log(), availability);
        let mean = each.sum_dim_intlist(0, false, None::<Kind>).mean(None::<Kind>);
        mean.backward();
        [mean, each.sum(None::<Kind>), each, mu.grad(), sigma.grad()]
    };
    let names = ["loss_{}_mean", "loss_{}_sum", "per_modality_{}", "grad_mu_{}", "grad_sigma_{}"];
    let all = names.iter().map(|name| name.replace("{}", "all")).zip(reading(None));
    let masked = names.iter().map(|name| name.replace("{}", "masked")).zip(reading(Some(&delta)));
    all.chain(masked).collect()
}

fn total_loss(case: &Case) -> Outputs {
    let (lambda1, lambda2) = (case.number("lambda1"), case.number("lambda2"));
    let (delta, classes) = (case.mask("delta"), case.get("y"));
    let mut outputs = Outputs::new();
    for (unimodal_masked, sparsity_masked) in [(false, false), (false, true), (true, false), (true, true)] {
        let [mu, sigma, weight, bias] = ["mu", "sigma", "W", "b"].map(|name| case.leaf(name));
        let drawn = equations::sample(&mu, &sigma.log(), &case.get("rho"));
        let unimodal_logits = drawn.linear(&weight, Some(&bias));
        let h = equations::fuse(&adaptive(&sigma, &delta), &mu);
        let logits = h.linear(&weight, Some(&bias));
        let counted = Tensor::ones([1, classes.size()[0]], (Kind::Bool, classes.device()));
        let multimodal = equations::multimodal_loss(&logits.unsqueeze(0), &classes, &counted);
        let unimodal = equations::unimodal_loss(&unimodal_logits, &classes, unimodal_masked.then_some(&delta));
        let each = equations::sparsity_each(&mu, &sigma.log(), sparsity_masked.then_some(&delta));
        let sparsity = each.sum_dim_intlist(0, false, None::<Kind>).mean(None::<Kind>);
        let terms = |lambda1: f64, lambda2: f64| {
            let terms = LossTerms::one("multimodal", multimodal.shallow_clone()).and("unimodal", lambda1, unimodal.shallow_clone());
            terms.and("sparsity", lambda2, sparsity.shallow_clone()).total()
        };
        let total = terms(lambda1, lambda2);
        total.backward();
        let label = |masked: bool| if masked { "masked" } else { "all" };
        let pair = format!("U{}_D{}", label(unimodal_masked), label(sparsity_masked));
        if !unimodal_masked && !sparsity_masked {
            let rows = [terms(0.0, 0.0), terms(0.0, lambda2), terms(lambda1, 0.0), total.shallow_clone()];
            outputs.insert("ablation_table6".into(), Tensor::stack(&rows, 0));
        }
        for (name, leaf) in [("mu", &mu), ("sigma", &sigma), ("W", &weight), ("b", &bias)] {
            outputs.insert(format!("grad_{name}_{pair}"), leaf.grad());
        }
        outputs.insert(format!("total_{pair}"), total);
        outputs.insert(format!("loss_U_{}", label(unimodal_masked)), unimodal);
        outputs.insert(format!("loss_D_{}", label(sparsity_masked)), sparsity);
        outputs.extend(named([
            ("h_sampled", drawn),
            ("logits_uni", unimodal_logits),
            ("h_fused", h),
            ("logits_multi", logits),
            ("loss_M", multimodal),
        ]));
    }
    outputs
}

fn pattern_expansion(case: &Case) -> Outputs {
    let [mu, sigma] = ["mu", "sigma"].map(|name| case.leaf(name));
    let (weight, bias, classes) = (case.get("W"), case.get("b"), case.get("y"));
    let (patterns, samples) = (case.mask("patterns"), classes.size()[0]);
    let expanded = patterns.unsqueeze(-1).expand([-1, -1, samples], false);
    let scores = equations::adaptive_scores(&sigma.log());
    let logits = equations::fuse(&equations::weights(&scores, &expanded), &mu).linear(&weight, Some(&bias));
    let multimodal = equations::multimodal_loss(&logits, &classes, &expanded.any_dim(1, false));
    let each = bench_methods::losses::cross_entropy_each(&logits, &classes).mean_dim(1, false, None::<Kind>);
    let drawn = equations::sample(&mu, &sigma.log(), &case.get("rho"));
    let unimodal = equations::unimodal_loss(&drawn.linear(&weight, Some(&bias)), &classes, None);
    let sparsity = equations::sparsity_each(&mu, &sigma.log(), None).sum_dim_intlist(0, false, None::<Kind>).mean(None::<Kind>);
    let terms = LossTerms::one("multimodal", multimodal.shallow_clone()).and("unimodal", case.number("lambda1"), unimodal.shallow_clone());
    let total = terms.and("sparsity", case.number("lambda2"), sparsity.shallow_clone()).total();
    total.backward();
    named([
        ("loss_M_per_pattern", each),
        ("loss_M", multimodal),
        ("loss_U", unimodal),
        ("loss_D", sparsity),
        ("total", total),
        ("grad_mu", mu.grad()),
        ("grad_sigma", sigma.grad()),
    ])
}

fn total_from_logits(case: &Case) -> Outputs {
    let [multimodal_logits, unimodal_logits] = ["logits_multi", "logits_uni"].map(|name| case.leaf(name));
    let classes = case.get("y");
    let counted = Tensor::ones([1, classes.size()[0]], (Kind::Bool, classes.device()));
    let multimodal = equations::multimodal_loss(&multimodal_logits.unsqueeze(0), &classes, &counted);
    let unimodal = equations::unimodal_loss(&unimodal_logits, &classes, None);
    let terms = LossTerms::one("multimodal", multimodal.shallow_clone()).and("unimodal", case.number("lambda1"), unimodal.shallow_clone());
    let total = terms.and("sparsity", case.number("lambda2"), case.get("loss_D")).total();
    total.backward();
    named([
        ("loss_M", multimodal),
        ("loss_U", unimodal),
        ("total", total),
        ("grad_logits_multi", multimodal_logits.grad()),
        ("grad_logits_uni", unimodal_logits.grad()),
    ])
}

fn weighting_ablation(case: &Case) -> Outputs {
    let (mu, sigma, delta) = (case.get("mu"), case.get("sigma"), case.mask("delta"));
    let scores = [
        ("identical", mu.zeros_like()),
        ("fixed", case.get("v").unsqueeze(1).expand_as(&mu)),
        ("adaptive", equations::adaptive_scores(&sigma.log())),
    ];
    let weighted = scores.map(|(name, scores)| {
        let omega = equations::weights(&scores, &delta);
        let h = equations::fuse(&omega, &mu);
        [(format!("omega_{name}"), omega), (format!("h_{name}"), h)]
    });
    weighted.into_iter().flatten().collect()
}

fn theorem31(case: &Case) -> Outputs {
    let [uniform, coarse, fine] = equations::predictive_suprema(&case.get("mu"), &case.get("theta"));
    named([("sup_P_uniform", uniform), ("sup_P_coarse", coarse), ("sup_P_fine", fine)])
}

fn sigma_head(case: &Case) -> Outputs {
    let raw = case.get("raw");
    let everyone = Tensor::ones([raw.size()[0], raw.size()[1]], (Kind::Bool, raw.device()));
    let readings = [("logvar", Deviation::LogVariance), ("softplus", Deviation::Softplus), ("logstd", Deviation::LogDeviation)];
    let outputs = readings.map(|(name, deviation)| {
        let sigma = deviation.log_sigma(&raw).exp();
        let omega = adaptive(&sigma, &everyone);
        [(format!("sigma_{name}"), sigma), (format!("omega_{name}"), omega)]
    });
    outputs.into_iter().flatten().collect()
}
