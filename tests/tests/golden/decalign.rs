//! DecAlign, `vectors/decalign`: Eqs. 1–13 and the released code's terms. The whole model is in `decalign_model`.

use bench_methods::{
    LossTerms,
    decalign::{
        alignment::{self, Heterogeneity, HeterogeneitySettings, Homogeneity},
        equations::{self, Calibration, Decoupling, Semantic},
    },
    mixture::{self, Fit, Mixture, Reduction},
    moments::{Pairs, Sets},
    nn::mean_over_steps,
    transport::{Domain, Objective, Sinkhorn},
};
use tch::{Device, Kind, Tensor};

use super::{
    case::{Case, Outputs, named},
    decalign_model,
};

/// Sweeps after which another changes nothing any more.
const CONVERGED: usize = 20_000;

pub fn run(case: &Case) -> Option<Outputs> {
    Some(match case.name.as_str() {
        "decouple" => decouple(case),
        "gmm" => gmm(case),
        "gmm_small_batch" => gmm_small_batch(case),
        "wasserstein_cost" => wasserstein_cost(case),
        "sinkhorn_m2" => sinkhorn(case, 2),
        "sinkhorn_m3" => sinkhorn(case, 3),
        "proto_local" => proto_local(case),
        "hetero_full" => hetero_full(case),
        "semantic" => semantic(case),
        "mmd" => mmd(case),
        "contrastive_ct" => contrastive_ct(case),
        "totals" => totals(case),
        "transformer" => decalign_model::transformer(case),
        "model_forward" | "model_forward_k3" | "model_forward_cls" => decalign_model::forward(case),
        "metrics" => decalign_model::metrics(case),
        _ => return None,
    })
}

fn decouple(case: &Case) -> Outputs {
    let mut outputs = Outputs::new();
    for (name, reading) in [("official", Decoupling::SquaredMean), ("paper", Decoupling::SignedSum), ("abs", Decoupling::AbsoluteSum)] {
        let leaves: Vec<Tensor> = (0..3).map(|at| case.leaf(&format!("s_{at}"))).collect();
        let each =
            leaves.iter().enumerate().map(|(at, unique)| equations::cosines(&unique.flatten(1, 2), &case.get(&format!("c_{at}")).flatten(1, 2)));
        let cosines = Tensor::stack(&each.collect::<Vec<_>>(), 0);
        let loss = reading.loss(&cosines, None);
        loss.backward();
        outputs.extend(leaves.iter().enumerate().map(|(at, leaf)| (format!("grad_s{at}_{name}"), leaf.grad())));
        outputs.insert(format!("loss_{name}"), loss);
        outputs.insert("cos".into(), cosines);
    }
    outputs
}

/// A batch of one mixture.
fn one(tensor: &Tensor) -> Tensor {
    tensor.unsqueeze(0)
}

fn fitted(fit: &Fit) -> [Tensor; 4] {
    let Mixture { share, mean, variance } = &fit.mixture;
    [share, mean, variance, &fit.responsibilities].map(|tensor| tensor.get(0))
}

fn gmm(case: &Case) -> Outputs {
    let [x, again] = [0; 2].map(|_| case.leaf("x"));
    let mixture = Mixture { share: one(&case.get("pi")), mean: one(&case.get("mu")), variance: one(&case.get("var")) };
    let joint = mixture::log_joint(&one(&x), &mixture).get(0);
    let responsibilities = joint.softmax(-1, None::<Kind>);
    (case.get("cotangent") * &responsibilities).sum(None::<Kind>).backward();
    let fit = mixture::fit(&one(&again), None, case.number("K") as i64, case.number("em_iters") as usize, true);
    let [share, mean, variance, posterior] = fitted(&fit);
    (case.get("cotangent") * &posterior).sum(None::<Kind>).backward();
    let full = mixture::log_density_full(&case.get("x"), &case.get("mu"), &case.get("Sigma_full"));
    named([
        ("log_joint", joint),
        ("resp", responsibilities),
        ("grad_x_resp", x.grad()),
        ("em_pi", share),
        ("em_mu", mean),
        ("em_var", variance),
        ("em_posterior", posterior),
        ("grad_x_em", again.grad()),
        ("loglik_trace", fit.trace.unwrap().select(1, 0)),
        ("resp_full", (&full + case.get("pi").log()).softmax(-1, None::<Kind>)),
        ("log_density_full", full),
    ])
}

fn gmm_small_batch(case: &Case) -> Outputs {
    let [share, mean, variance, posterior] = fitted(&mixture::fit(&one(&case.get("x")), None, case.number("K") as i64, 5, false));
    named([("em_pi", share), ("em_mu", mean), ("em_var", variance), ("em_posterior", posterior)])
}

fn wasserstein_cost(case: &Case) -> Outputs {
    let leaves = ["mu1", "var1", "mu2", "var2"].map(|name| case.leaf(name));
    let [mean, variance, other_mean, other_variance] = &leaves;
    let (left, right) = ((mean, variance), (other_mean, other_variance));
    let cost = mixture::transport_cost(left, right, Reduction::Mean);
    (case.get("cotangent") * &cost).sum(None::<Kind>).backward();
    let exact = mixture::bures(left, right, 0.0);
    let (first, second) = ((mean.get(0), case.get("Sigma1")), (other_mean.get(0), case.get("Sigma2")));
    let full = |left: &(Tensor, Tensor), right: &(Tensor, Tensor)| mixture::transport_cost_full((&left.0, &left.1), (&right.0, &right.1));
    named([
        ("cost_diag_mean", cost),
        ("cost_diag_mean_eps0", &exact / mean.size()[1] as f64),
        ("cost_diag_sum", mixture::transport_cost(left, right, Reduction::Sum)),
        ("cost_diag_sum_eps0", exact),
        ("grad_mu1", mean.grad()),
        ("grad_var1", variance.grad()),
        ("grad_mu2", other_mean.grad()),
        ("grad_var2", other_variance.grad()),
        ("cost_full", full(&first, &second)),
        ("self_cost_full", full(&first, &first)),
    ])
}

fn sinkhorn(case: &Case, axes: usize) -> Outputs {
    let mut outputs = Outputs::new();
    for (suffix, regularisation) in [("", 0.1), ("_reg05", 0.5)] {
        let cost = case.leaf("cost");
        let masses: Vec<Tensor> = (0..axes).map(|at| case.leaf(&format!("nu{at}"))).collect();
        let marginals = Tensor::stack(&masses, 0);
        let released = Sinkhorn { regularisation, sweeps: 50, domain: Domain::Scaling };
        let losses = |objective| released.loss(objective, &one(&cost), &one(&marginals)).get(0);
        let loss = losses(Objective::Entropic);
        loss.backward();
        let plan = released.plan(&cost, &marginals);
        let converged = Sinkhorn { sweeps: CONVERGED, domain: Domain::Logarithmic, ..released }.plan(&cost, &marginals);
        let transport = (&converged * &cost).sum(None::<Kind>);
        let objective = &transport + (&converged * converged.log()).sum(None::<Kind>) * regularisation;
        for (axis, mass) in masses.iter().enumerate() {
            let others: Vec<i64> = (0..axes as i64).filter(|other| *other != axis as i64).collect();
            outputs.insert(format!("marginal{axis}_plan50{suffix}"), plan.sum_dim_intlist(others.as_slice(), false, None::<Kind>));
            outputs.insert(format!("grad_nu{axis}{suffix}"), mass.grad());
        }
        let computed = named([
            ("plan50", plan),
            ("plan_converged", converged),
            ("transport_cost50", losses(Objective::Transport)),
            ("transport_cost_converged", transport),
            ("loss_official", loss),
            ("objective_paper_converged", objective),
            ("grad_cost", cost.grad()),
        ]);
        outputs.extend(computed.into_iter().map(|(name, tensor)| (format!("{name}{suffix}"), tensor)));
    }
    if axes == 3 {
        let pairs = Tensor::stack(&["pair_01", "pair_02", "pair_12"].map(|name| case.get(name)), 0);
        outputs.insert("joint_from_pairs".into(), equations::joint_cost(&pairs, 3));
    }
    outputs
}

fn stacked(case: &Case, name: &str) -> Tensor {
    Tensor::stack(&[0, 1, 2].map(|at| case.get(&format!("{name}_{at}"))), 0)
}

fn proto_local(case: &Case) -> Outputs {
    let leaves = [0, 1, 2].map(|at| case.leaf(&format!("x_{at}")));
    let mean = stacked(case, "mu");
    let samples = Tensor::stack(&leaves, 0);
    let counts = Tensor::full([3, 1, 1], samples.size()[1] as f64, (samples.kind(), Device::Cpu));
    let terms = |reading| equations::calibration_terms(&samples, &stacked(case, "post"), (&mean, &mean.ones_like()), &counts, reading);
    let ordered = |terms: &Tensor| {
        let pairs = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)].map(|(left, right)| terms.get(left).get(right));
        Tensor::stack(&pairs, 0)
    };
    let (means, sums) = (terms(Calibration::Mean), terms(Calibration::Sum));
    let loss = Calibration::Mean.loss(&means);
    loss.backward();
    let mut outputs = named([
        ("pair_terms_mean", ordered(&means)),
        ("pair_terms_sum", ordered(&sums)),
        ("loss_official", loss),
        ("loss_paper_sum", Calibration::Sum.loss(&sums)),
    ]);
    outputs.extend(leaves.iter().enumerate().map(|(at, leaf)| (format!("grad_x_{at}"), leaf.grad())));
    outputs
}

fn hetero_full(case: &Case) -> Outputs {
    let leaves = [0, 1, 2].map(|at| case.leaf(&format!("s_{at}")));
    let pooled = Tensor::stack(&leaves.each_ref().map(|leaf| mean_over_steps(&leaf.transpose(1, 2), None)), 0);
    let settings = HeterogeneitySettings::released(case.number("K") as i64);
    let Heterogeneity { fit, marginals, costs, problem_marginals, transport, calibration } = alignment::heterogeneity(&pooled, None, &settings);
    let total = &transport + &calibration;
    total.backward();
    let plain = settings.sinkhorn.loss(Objective::Transport, &costs, &problem_marginals).get(0);
    let mut outputs = named([
        ("joint_cost", costs.get(0)),
        ("plan", settings.sinkhorn.plan(&costs.get(0), &marginals)),
        ("loss_hete_paper_ot", &plain + &calibration),
        ("transport_cost", plain),
        ("loss_ot_official", transport),
        ("loss_local", calibration),
        ("loss_hete", total),
    ]);
    for (at, leaf) in leaves.iter().enumerate() {
        let place = at as i64;
        outputs.insert(format!("nu_{at}"), marginals.get(place));
        outputs.insert(format!("em_mu_{at}"), fit.mixture.mean.get(place));
        outputs.insert(format!("em_var_{at}"), fit.mixture.variance.get(place));
        outputs.insert(format!("grad_s_{at}"), leaf.grad());
    }
    outputs
}

fn semantic(case: &Case) -> Outputs {
    let mut outputs = Outputs::new();
    for (name, reading) in [("official", Semantic::Released), ("paper", Semantic::Paper)] {
        let leaves = [0, 1, 2].map(|at| case.leaf(&format!("z_{at}")));
        let latent = Tensor::stack(&leaves, 0);
        let loss = Homogeneity::new(&latent, None).semantic(reading);
        loss.backward();
        outputs.insert(format!("loss_{name}"), loss);
        let moments = Sets::new(&latent, None).moments();
        for (at, leaf) in leaves.iter().enumerate() {
            outputs.insert(format!("grad_z{at}_{name}"), leaf.grad());
            for (moment, values) in [("mean", &moments.mean), ("cov", &moments.covariance), ("skew", &moments.skewness)] {
                outputs.insert(format!("{moment}_{at}"), values.get(at as i64));
            }
        }
    }
    outputs
}

/// Sets of different sizes as one tensor, and which samples are real.
fn padded(sets: &[Tensor]) -> (Tensor, Tensor) {
    let most = sets.iter().map(|set| set.size()[0]).max().unwrap_or(0);
    let pad = |tensor: Tensor, rows: i64| tensor.constant_pad_nd(if tensor.dim() == 2 { vec![0, 0, 0, most - rows] } else { vec![0, most - rows] });
    let values: Vec<Tensor> = sets.iter().map(|set| pad(set.shallow_clone(), set.size()[0])).collect();
    let counted: Vec<Tensor> = sets.iter().map(|set| pad(Tensor::ones([set.size()[0]], (set.kind(), Device::Cpu)), set.size()[0])).collect();
    (Tensor::stack(&values, 0), Tensor::stack(&counted, 0))
}

fn mmd(case: &Case) -> Outputs {
    let mut outputs = Outputs::new();
    let first = Pairs::new(&[(0, 1)], Device::Cpu);
    for bandwidth in [1.0, 4.0] {
        let (x, y) = (case.leaf("x"), case.leaf("y"));
        let (values, counted) = padded(&[x.shallow_clone(), y.shallow_clone()]);
        let discrepancy = Sets::new(&values, Some(&counted)).discrepancies(&first, bandwidth).get(0);
        discrepancy.backward();
        outputs.insert(format!("grad_x_bw{bandwidth}"), x.grad());
        outputs.insert(format!("grad_y_bw{bandwidth}"), y.grad());
        outputs.insert(format!("mmd_xy_bw{bandwidth}"), discrepancy);
    }
    let (values, counted) = padded(&["x", "y", "z"].map(|name| case.get(name)));
    let pairs = Sets::new(&values, Some(&counted)).discrepancies(&Pairs::new(&equations::pairs(3), Device::Cpu), 1.0);
    outputs.insert("loss_mmd_3".into(), equations::mean_over_pairs(&pairs, None));
    outputs.insert("pairs".into(), pairs);
    let twice = Tensor::stack(&["x", "x"].map(|name| case.get(name)), 0);
    outputs.insert("mmd_xx".into(), Sets::new(&twice, None).discrepancies(&first, 1.0).get(0));
    outputs
}

fn contrastive_ct(case: &Case) -> Outputs {
    let of = |labels: Tensor| {
        let features = case.leaf("features");
        let loss = equations::contrastive(&features, &labels, case.number("temperature"));
        loss.backward();
        [loss, features.grad()]
    };
    let [loss_reg, grad_reg] = of(equations::rounded_labels(&case.get("y_reg")));
    let [loss_cls, grad_cls] = of(case.get("y_cls"));
    named([("loss_reg", loss_reg), ("grad_reg", grad_reg), ("loss_cls", loss_cls), ("grad_cls", grad_cls)])
}

fn totals(case: &Case) -> Outputs {
    let (alpha, beta) = (case.number("alpha"), case.number("beta"));
    let paper = || {
        let terms = LossTerms::one("task", case.get("task")).and("decoupling", case.number("dec_weight"), case.get("dec"));
        terms.and("heterogeneity", alpha, case.get("hete")).and("homogeneity", beta, case.get("homo"))
    };
    let with_ct = paper().and("contrastive", case.number("ct_weight"), case.get("ct"));
    named([("total_paper", paper().total()), ("total_with_ct", with_ct.total())])
}
