//! CP+SL's options do what they say, and what they cannot do is refused.

use bench_card::TaskKind;
use bench_methods::{MethodError, Step, registry};
use tch::Tensor;

use crate::{
    cases::{self, bits, distance, predict, seeded},
    toy::{self, Problem},
};

/// Speech, text and image; text is the pivot.
fn problem() -> Problem {
    toy::problems().into_iter().find(|problem| problem.arity() == 3 && !problem.regression()).unwrap()
}

#[test]
fn switches_that_contradict_one_another_are_refused_in_a_sentence() {
    let wrong = [
        ("gm=false", "`cp` penalises"),
        ("ge=false&gm=false", "set gm=true or cp=false"),
        ("ame=false&sl=false&diversity=gauss", "no variance head"),
        ("norm=shared&fusion=concat", "sum over modalities"),
    ];
    for (query, reason) in wrong {
        let case = cases::named(&format!("cp-sl?{query}"), &problem());
        match case.build_with(1, &case.options).err() {
            Some(error @ MethodError::Refused { method: "cp-sl", .. }) => assert!(error.to_string().contains(reason), "{error}"),
            other => panic!("{query}: {other:?}"),
        }
    }
}

#[test]
fn rows_that_table_2_has_twice_are_one_setting_and_a6_is_the_default() {
    let card = (registry::find("cp-sl").unwrap().card)();
    let options = |name: &str| card.resolve(&format!("cp-sl/{name}").parse().unwrap()).unwrap();
    for (one, other) in [("a1", "b1"), ("a2", "c3"), ("a5", "c4")] {
        assert_eq!(options(one), options(other));
    }
    assert!(card.overrides(&options("a6")).is_empty());
    let rows: Vec<&str> = card.variants.iter().map(|variant| variant.name.as_str()).filter(|name| name.len() == 2).collect();
    assert_eq!(rows, ["a0", "a1", "a2", "a3", "a4", "a5", "a6", "b1", "b2", "b3", "b4", "b5", "c1", "c2", "c3", "c4", "c5"]);
    let mut different: Vec<_> = rows.iter().map(|row| options(row)).collect();
    different.dedup();
    different.sort_by_key(|options| format!("{options:?}"));
    different.dedup();
    assert_eq!(different.len(), rows.len() - 3);
    assert_eq!(card.capabilities.tasks, [TaskKind::Classification, TaskKind::Regression]);
}

#[test]
fn without_injection_the_answer_is_the_pivot_s_alone_and_no_task_gradient_reaches_the_others() {
    let problem = problem();
    let case = cases::named("cp-sl?beta=0&lambda-recon=0&lambda-uni=0&lambda-div=0&lambda-stat=0", &problem);
    let method = case.prepared(1);
    let (one, mut other) = (problem.inputs("original"), problem.inputs("other"));
    other.modalities[1] = one.modalities[1].shallow_clone();
    assert_eq!(bits(&predict(method.as_ref(), &one)), bits(&predict(method.as_ref(), &other)));
    let step = Step { epoch: 0, epochs: 1, step: 0, steps: 1 };
    seeded(1, || method.loss(&problem.batch(), &step)).total().backward();
    for (name, parameter) in method.groups()[0].variables.variables() {
        let gradient = parameter.grad();
        let reached = gradient.defined() && gradient.abs().max().double_value(&[]) > 0.0;
        if ["encoder.speech.", "encoder.image."].iter().any(|scope| name.starts_with(scope)) {
            assert!(!reached, "{name}");
        }
    }
}

#[test]
fn without_the_pivot_the_others_still_decide() {
    let problem = problem();
    let method = cases::named("cp-sl", &problem).prepared(1);
    let answer = |contents: &str| bits(&predict(method.as_ref(), &problem.inputs(contents).restricted(&[true, false, true])));
    assert_ne!(answer("original"), answer("other"));
}

#[test]
fn bounds_of_a_batch_that_is_the_training_split_are_those_of_the_training_split() {
    let problem = problem();
    let answer = |value: &str| {
        let method = cases::named(&format!("cp-sl?minmax={value}"), &problem).prepared(1);
        predict(method.as_ref(), &problem.inputs("original"))
    };
    assert!(distance(&answer("train"), &answer("batch")) < 1e-6);
}

#[test]
fn bounds_of_a_batch_do_not_see_missing_samples() {
    let problem = problem();
    let method = cases::named("cp-sl?minmax=batch", &problem).prepared(1);
    let mut inputs = problem.inputs("original");
    let first_lacks_speech = Tensor::from_slice(&(0..toy::ROWS).map(|row| row != 0).collect::<Vec<_>>());
    let availability = inputs.availability.copy();
    availability.select(1, 0).copy_(&first_lacks_speech);
    inputs.availability = availability;
    let answer = |value: f64| {
        let changed = toy::rows(&inputs, &(0..toy::ROWS).collect::<Vec<_>>());
        let _ = changed.modalities[0].values.get(0).fill_(value);
        bits(&predict(method.as_ref(), &changed))
    };
    assert_eq!(answer(0.0), answer(1000.0));
}

/// ε = 0 in evaluation, so what the variance heads say is not asked.
#[test]
fn a_prediction_takes_the_mean_path() {
    let problem = problem();
    let method = cases::named("cp-sl", &problem).prepared(1);
    let inputs = problem.inputs("original");
    let before = bits(&predict(method.as_ref(), &inputs));
    let mut heads = 0;
    for (name, mut parameter) in method.groups()[0].variables.variables() {
        if name.contains(".variance.") {
            let _ = tch::no_grad(|| parameter.fill_(3.0));
            heads += 1;
        }
    }
    assert_eq!(heads, 8, "two modalities with two layers each");
    assert_eq!(before, bits(&predict(method.as_ref(), &inputs)));
}

#[test]
fn the_variance_head_stays_for_the_statistical_loss_alone_unless_it_compares_means_only() {
    let problem = problem();
    let has_head = |reference: &str| {
        let method = cases::named(reference, &problem).build(1);
        method.groups()[0].variables.variables().keys().any(|name| name.contains(".variance."))
    };
    assert_eq!(["cp-sl", "cp-sl/b3", "cp-sl/a0", "cp-sl/b3?sl-without-ame=mean-only"].map(has_head), [true, true, false, false]);
}
