//! CP+SL's training step: what modulation changes, what it leaves, and what an optimiser makes of it.

use bench_card::{Optimiser, Recipe, Schedule};
use bench_methods::{Batch, LossTerms, Optimisers, Step};

use crate::{
    cases::{self, Case, bits, seeded},
    step::{self, FIRST, Parameters, is_encoder, observed, parameters, problem},
    toy::Problem,
};

/// One step of cp-sl with these options.
fn one_step(query: &str, problem: &Problem, batch: &Batch, step: Step) -> (Parameters, Parameters, LossTerms) {
    step::one_step(&format!("cp-sl?{query}"), problem, batch, step)
}

const OTHERS: [&str; 2] = ["speech", "image"];
const PLAIN: &str = "gm=false&cp=false&ge=false";

/// Asserts that a step moved each other modality's encoder by `factor(modality)` times what the plain step moved it by, and nothing else otherwise.
fn assert_scaled(query: &str, regression: bool, factor: impl Fn(&LossTerms, &str) -> f64) -> Vec<f64> {
    let problem = problem(3, regression);
    // The norm on shared parameters sums the fusion in another order, so that the plain step needs it for equal bits.
    let norm = query.split('&').find(|part| part.starts_with("norm=")).unwrap_or("norm=mean");
    let (before, plain, _) = one_step(&format!("{PLAIN}&{norm}"), &problem, &problem.batch(), FIRST);
    let (_, modulated, terms) = one_step(query, &problem, &problem.batch(), FIRST);
    for (name, start) in &before {
        let Some(modality) = OTHERS.into_iter().find(|modality| is_encoder(name, modality)) else {
            assert!(bits(&plain[name]) == bits(&modulated[name]), "{query}: {name} is no business of the modulation's");
            continue;
        };
        let (free, scaled) = (&plain[name] - start, &modulated[name] - start);
        let off = (&scaled - &free * factor(&terms, modality)).norm().double_value(&[]);
        assert!(off < 1e-3 * free.norm().double_value(&[]) + 1e-7, "{query}: {name} is off by {off}");
    }
    OTHERS.map(|modality| factor(&terms, modality)).into()
}

#[test]
fn modulation_scales_the_encoders_gradients_and_nothing_else() {
    for regression in [false, true] {
        for query in ["ge=false", "ge=false&cp=false", "ge=false&norm=global", "ge=false&norm=shared", "ge=false&coefficient=continuous"] {
            let factors = assert_scaled(query, regression, |terms, name| observed(terms, &format!("coefficient {name}")));
            assert!(factors.iter().any(|&factor| factor < 1.0) && factors.contains(&1.0), "{query}: {factors:?}");
        }
    }
}

#[test]
fn amplification_makes_the_weaker_modality_stronger_by_tanh_alpha() {
    let amplified = |terms: &LossTerms, name: &str| {
        let other = OTHERS.into_iter().find(|other| *other != name).unwrap();
        let weaker = observed(terms, &format!("coefficient {other}")) < 1.0;
        observed(terms, &format!("coefficient {name}")) * if weaker { 1.0 + f64::tanh(1.0) } else { 1.0 }
    };
    let factors = assert_scaled("enhancement=amplify-weak", false, amplified);
    assert!(factors.iter().any(|&factor| factor > 1.7), "{factors:?}");
}

#[test]
fn enhancement_by_noise_moves_the_encoders_of_both_and_nothing_else() {
    let problem = problem(3, false);
    let (_, plain, _) = one_step("ge=false", &problem, &problem.batch(), FIRST);
    let (_, noisy, _) = one_step("ge=true", &problem, &problem.batch(), FIRST);
    for name in plain.keys() {
        let same = bits(&plain[name]) == bits(&noisy[name]);
        assert_eq!(same, !OTHERS.into_iter().any(|modality| is_encoder(name, modality)), "{name}");
    }
}

#[test]
fn after_the_last_epoch_of_the_window_nothing_is_changed() {
    let problem = problem(3, false);
    let batch = problem.batch();
    let at = |epoch: usize| Step { epoch, ..FIRST };
    let (_, plain, _) = one_step(PLAIN, &problem, &batch, at(25));
    let same = |epoch: usize| {
        let (_, after, terms) = one_step("ame=true", &problem, &batch, at(epoch));
        let coefficients = OTHERS.map(|name| observed(&terms, &format!("coefficient {name}")));
        (plain.keys().all(|name| bits(&plain[name]) == bits(&after[name])), coefficients == [1.0, 1.0])
    };
    assert_eq!([same(25), same(26)], [(false, false), (true, true)]);
}

#[test]
fn the_branches_of_the_fusion_are_scaled_where_asked() {
    let problem = problem(3, false);
    let (before, plain, _) = one_step(PLAIN, &problem, &problem.batch(), FIRST);
    let (_, modulated, terms) = one_step("ge=false&modulated=encoder-and-gate", &problem, &problem.batch(), FIRST);
    for modality in OTHERS {
        let factor = observed(&terms, &format!("coefficient {modality}"));
        let name = format!("other.{modality}.branch.weight");
        let (free, scaled) = (&plain[&name] - &before[&name], &modulated[&name] - &before[&name]);
        assert!((&scaled - &free * factor).norm().double_value(&[]) < 1e-3 * free.norm().double_value(&[]), "{name}");
    }
}

/// One coefficient is 1, a suppressed one is at most 1 − tanh 1, and a conflict is of a suppressed one.
#[test]
fn logged_coefficients_are_those_that_equations_5_and_6_allow() {
    let mut suppressed = 0;
    for regression in [false, true] {
        let problem = problem(3, regression);
        let (_, _, terms) = one_step("ame=true", &problem, &problem.batch(), FIRST);
        let coefficients = OTHERS.map(|name| observed(&terms, &format!("coefficient {name}")));
        assert!(coefficients.contains(&1.0), "{coefficients:?}");
        for (name, coefficient) in OTHERS.into_iter().zip(coefficients) {
            assert!(coefficient == 1.0 || (0.0..=1.0 - f64::tanh(1.0)).contains(&coefficient), "{coefficient}");
            suppressed += usize::from(coefficient < 1.0);
            assert!(observed(&terms, &format!("conflict {name}")) == 0.0 || coefficient < 1.0);
            assert!(observed(&terms, &format!("gradient norm {name}")) > 0.0);
        }
        assert!(observed(&terms, "imbalance") >= 1.0);
    }
    assert_eq!(suppressed, 2);
}

#[test]
fn a_modality_that_the_batch_lacks_is_neither_scaled_nor_compared_with() {
    let problem = problem(3, false);
    let complete = problem.batch();
    let without_image = Batch { inputs: complete.inputs.restricted(&[true, true, false]), ..complete };
    let (_, _, terms) = one_step("ame=true", &problem, &without_image, FIRST);
    assert_eq!(OTHERS.map(|name| observed(&terms, &format!("coefficient {name}"))), [1.0, 1.0]);
    assert_eq!(observed(&terms, "imbalance"), 1.0);
}

#[test]
fn one_other_modality_is_compared_with_the_pivot_or_left_alone() {
    for regression in [false, true] {
        let problem = problem(2, regression);
        let batch = problem.batch();
        let (_, plain, _) = one_step(PLAIN, &problem, &batch, FIRST);
        let (_, left, terms) = one_step("ge=false&one-other=none", &problem, &batch, FIRST);
        assert_eq!(observed(&terms, "coefficient pulse"), 1.0);
        assert!(plain.keys().all(|name| bits(&plain[name]) == bits(&left[name])));
        let (_, compared, terms) = one_step("ge=false", &problem, &batch, FIRST);
        let changed: Vec<&String> = plain.keys().filter(|name| bits(&plain[*name]) != bits(&compared[*name])).collect();
        assert_eq!(changed.is_empty(), observed(&terms, "coefficient pulse") == 1.0);
        assert!(changed.iter().all(|name| is_encoder(name, "pulse")), "{changed:?}");
    }
}

#[test]
fn the_objective_is_affine_in_its_weights() {
    let problem = problem(3, false);
    let case = cases::named("cp-sl?lambda-recon=0.3&lambda-uni=0.7&lambda-div=2&lambda-stat=1.5", &problem);
    let method = case.prepared(1);
    let terms = seeded(1, || method.loss(&problem.batch(), &FIRST));
    let term = |name: &str| terms.term(name).unwrap().double_value(&[]);
    let expected = term("task") + 0.3 * term("reconstruction") + 0.7 * term("unimodal") + 2.0 * term("diversity") + 1.5 * term("statistics");
    assert!((terms.total().double_value(&[]) - expected).abs() < 1e-5);
    assert!((-1.0..=0.0).contains(&term("diversity")));
}

/// How far the encoders' end is from where it would be without the factor, relative to the way they went.
fn effect_of_halving(recipe: &Recipe) -> f64 {
    let problem = problem(3, false);
    let batch = problem.batch();
    let walk = |factor: f64| {
        let case: Case = cases::named(&format!("cp-sl?{PLAIN}"), &problem);
        let mut method = case.build(1);
        case.train(method.as_mut(), &batch, 0);
        let mut optimisers = Optimisers::new(method.as_ref(), recipe).unwrap();
        let start = parameters(method.as_ref());
        seeded(3, || {
            for step in 0..10 {
                let step = Step { epoch: 0, epochs: 1, step, steps: 10 };
                optimisers.begin_step(&step);
                let loss = method.loss(&batch, &step).total();
                let group = optimisers.group("model").unwrap();
                group.zero_gradients();
                loss.backward();
                for (name, tensor) in method.groups()[0].variables.variables() {
                    if OTHERS.into_iter().any(|modality| is_encoder(&name, modality)) {
                        let _ = tensor.grad().g_mul_scalar_(factor);
                    }
                }
                group.step();
            }
        });
        (start, parameters(method.as_ref()))
    };
    let ((start, whole), (_, half)) = (walk(1.0), walk(0.5));
    let encoders = || start.keys().filter(|name| OTHERS.into_iter().any(|modality| is_encoder(name, modality)));
    let length = |left: &Parameters, right: &Parameters| {
        encoders().map(|name| (&left[name] - &right[name]).norm().double_value(&[]).powi(2)).sum::<f64>().sqrt()
    };
    length(&half, &whole) / length(&whole, &start)
}

/// AdamW divides a gradient by its own size, so half of every gradient ends at nearly the same place; plain descent goes half the way.
#[test]
fn a_constant_factor_is_felt_by_descent_and_hardly_by_adamw() {
    let steady = Optimiser::adamw(1e-3, 0.01);
    let adamw = effect_of_halving(&Recipe { optimisers: vec![("*".into(), steady)], ..Recipe::default() });
    let sgd = effect_of_halving(&Recipe {
        optimisers: vec![("*".into(), Optimiser::Sgd { lr: 0.01, momentum: 0.0, weight_decay: 0.0, schedule: Schedule::Constant, clip_norm: None })],
        ..Recipe::default()
    });
    assert!(adamw < 0.02, "AdamW: {adamw}");
    assert!((0.4..0.6).contains(&sgd), "descent: {sgd}");
}
