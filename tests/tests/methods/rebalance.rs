//! Training rules of the methods that balance modalities, and QMF's history.

use bench_card::Value;
use bench_methods::{Batch, Method, Step, Targets};
use tch::{Kind, Tensor};

use crate::{
    cases::{self, bits, contents},
    step::{FIRST, Parameters, is_encoder, observed, one_step, parameters, problem},
    toy,
};

const MODALITIES: [&str; 3] = ["speech", "text", "image"];

/// Parameters after three epochs on the toy rows.
fn trained(reference: &str) -> Parameters {
    parameters(cases::named(reference, &problem(3, false)).trained(1, 3).as_ref())
}

fn same(left: &Parameters, right: &Parameters) -> bool {
    left.len() == right.len() && left.iter().all(|(name, tensor)| bits(tensor) == bits(&right[name]))
}

fn state(method: &dyn Method, name: &str) -> Tensor {
    method.state().into_iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("no state {name}")).1.copy()
}

#[test]
fn rules_that_change_nothing_leave_concatenation_as_it_is() {
    let concat = trained("concat");
    for reference in ["ogm?alpha=0", "pmr?alpha=0"] {
        assert!(same(&concat, &trained(reference)), "{reference}");
    }
    for reference in ["ogm", "ogm-ge", "ogm-ge?alpha=0", "pmr", "cggm"] {
        assert!(!same(&concat, &trained(reference)), "{reference}");
    }
}

/// What one step of plain descent moved, as a multiple of what it moves in concatenation fusion.
fn assert_scaled(reference: &str, factor: impl Fn(&str, &Tensor) -> f64) {
    let (problem, batch) = (problem(3, false), problem(3, false).batch());
    let (before, plain, _) = one_step("concat", &problem, &batch, FIRST);
    let (same_before, after, _) = one_step(reference, &problem, &batch, FIRST);
    for (name, start) in &before {
        assert_eq!(bits(start), bits(&same_before[name]));
        let expected = (&plain[name] - start) * factor(name, start);
        let moved = &after[name] - start;
        assert!(cases::distance(&moved, &expected) < 1e-6, "{reference}: {name}");
    }
}

fn modality_of(name: &str) -> Option<usize> {
    MODALITIES.iter().position(|modality| is_encoder(name, modality))
}

#[test]
fn ogm_scales_the_weights_of_encoders_and_nothing_else() {
    let problem = problem(3, false);
    let (_, _, terms) = one_step("ogm", &problem, &problem.batch(), FIRST);
    let coefficients = MODALITIES.map(|modality| observed(&terms, &format!("coefficient {modality}")));
    assert!(coefficients.iter().any(|&coefficient| coefficient < 1.0) && coefficients.contains(&1.0), "{coefficients:?}");
    assert_scaled("ogm", |name, tensor| modality_of(name).filter(|_| tensor.dim() > 1).map_or(1.0, |at| coefficients[at]));
}

#[test]
fn modulation_ends_after_its_last_epoch() {
    let (problem, batch) = (problem(3, false), problem(3, false).batch());
    let coefficients = |epoch| one_step("ogm?last-epoch=50", &problem, &batch, Step { epoch, ..FIRST }).2.observed().count();
    assert_eq!([0, 15, 16].map(coefficients), [3, 3, 0]);
}

#[test]
fn a_modality_that_no_sample_has_is_not_compared() {
    let complete = problem(3, false).batch();
    let without = Batch { inputs: complete.inputs.restricted(&[true, false, false]), ..complete };
    for method in ["ogm", "ogm?ratio=released", "pmr"] {
        let (_, _, terms) = one_step(method, &problem(3, false), &without, FIRST);
        let expected = if method == "pmr" { 0.0 } else { 1.0 };
        assert!(MODALITIES.iter().all(|modality| observed(&terms, &format!("coefficient {modality}")) == expected), "{method}");
    }
}

/// Before the first batch nobody has an accuracy, so the balances are of the accuracies alone, and the direction loss is zero.
#[test]
fn cggm_scales_encoders_by_the_others_gains() {
    let problem = problem(3, false);
    let (_, _, terms) = one_step("cggm", &problem, &problem.batch(), FIRST);
    let balances = MODALITIES.map(|modality| observed(&terms, &format!("balance {modality}")));
    assert!((balances.iter().sum::<f64>() - 2.0).abs() < 1e-6, "{balances:?}");
    assert_eq!(terms.term("direction").unwrap().double_value(&[]), 0.0);
    assert_scaled("cggm", |name, _| modality_of(name).map_or(1.0, |at| 1.3 * balances[at]));
}

/// The head's gradient that the paper's cosine compares is written out by hand in the method; this is the one libtorch finds.
#[test]
fn cggm_s_direction_follows_the_gradients_of_head_and_classifiers() {
    for regression in [false, true] {
        let problem = problem(3, regression);
        let case = cases::named("cggm?direction=gradients&clip=false", &problem);
        let method = case.trained(1, 2);
        let batch = problem.batch();
        let step = Step { epoch: 3, ..FIRST };
        let found = method.loss(&batch, &step).term("direction").unwrap().double_value(&[]);
        let groups = method.groups();
        let terms = method.loss(&batch, &step);
        let gradient = |of: &str, weight: &Tensor| Tensor::run_backward(&[terms.term(of).unwrap()], &[weight], true, false).remove(0);
        let head = gradient("task", &groups[0].variables.variables()["head.weight"]);
        let own = groups[1].variables.variables();
        let balance = Vec::<f64>::try_from(state(method.as_ref(), "balance")).unwrap();
        let costs = MODALITIES.iter().zip(head.chunk(3, 1)).zip(&balance).map(|((modality, block), balance)| {
            let out = gradient("classifiers", &own[&format!("classifier.{modality}.out.weight")]);
            let cosine = (&out * &block).sum(Kind::Double) / (out.norm() * block.norm());
            balance.abs() - balance * cosine.double_value(&[])
        });
        let expected = costs.sum::<f64>() / 3.0;
        assert!((found - expected).abs() < 1e-5 * expected.abs().max(1.0), "{found}, not {expected}");
    }
}

#[test]
fn prototypes_are_means_of_encodings_and_move_slowly() {
    let problem = problem(3, false);
    let case = cases::named("pmr", &problem);
    let batch = problem.batch();
    let Targets::Classes(classes) = &batch.targets else { unreachable!() };
    let mut method = case.trained(1, 2);
    let before = state(method.as_ref(), "prototypes");
    let parts = method.per_modality().unwrap();
    let mean = |modality: usize, class: i64| {
        let encodings = tch::no_grad(|| parts.encode(modality, &batch.inputs.modalities[modality]));
        encodings.index_select(0, &classes.eq(class).nonzero().squeeze_dim(-1)).mean_dim(0, false, None::<Kind>)
    };
    let expected = mean(2, 1) * 0.8 + before.get(2).get(1) * 0.2;
    toy::viewed(&batch, |train| method.begin_epoch(2, train));
    assert!(cases::distance(&state(method.as_ref(), "prototypes").get(2).get(1), &expected) < 1e-6);
}

#[test]
fn a_share_of_the_samples_makes_other_prototypes() {
    let prototypes = |share: f64| {
        let mut case = cases::named("pmr", &problem(3, false));
        case.options.insert("share".into(), Value::Number(share));
        bits(&state(case.trained(1, 1).as_ref(), "prototypes"))
    };
    assert_ne!(prototypes(1.0), prototypes(0.5));
    assert_eq!(prototypes(0.5), prototypes(0.5));
}

#[test]
fn a_history_adds_up_each_sample_s_own_losses_whatever_the_order() {
    let problem = problem(3, false);
    let history = |places: &[usize]| {
        let case = cases::named("qmf", &problem);
        let mut method = case.build(1);
        case.train(method.as_mut(), &problem.batch(), 0);
        case.train_prepared(method.as_mut(), &toy::picked(&problem.batch(), places), 1);
        state(method.as_ref(), "history")
    };
    let forth: Vec<usize> = (0..toy::ROWS as usize).collect();
    let back: Vec<usize> = forth.iter().rev().copied().collect();
    assert!(cases::distance(&history(&forth), &history(&back)) < 1e-5);
    let few = history(&[3, 1]);
    let seen: Vec<i64> = Vec::try_from(few.get(0).nonzero().squeeze_dim(-1)).unwrap();
    assert_eq!((few.size(), seen), (vec![3, toy::ROWS], vec![1, 3]));
}

#[test]
fn a_qmf_history_is_part_of_a_checkpoint_of_any_length() {
    let case = cases::named("qmf", &problem(3, false));
    let original = case.trained(1, 2);
    let mut restored = case.build(2);
    restored.load_state(&original.state()).unwrap();
    let of_history = |method: &dyn Method| contents(method).into_iter().find(|(name, _)| name == "history").unwrap();
    assert_eq!(of_history(original.as_ref()), of_history(restored.as_ref()));
}
