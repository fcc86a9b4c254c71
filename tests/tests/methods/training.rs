//! Training: it learns, stays finite, and is a function of its seeds.

use tch::Tensor;

use crate::cases::{self, Case, bits, contents, predict};

/// The objective of a method with draws moves a little from step to step, so averages over this many steps are compared.
const AVERAGED: usize = 2;
const STEPS: usize = 10;

#[test]
fn training_lowers_the_loss_of_every_method_and_stays_finite() {
    for mut case in cases::all().into_iter().filter(|case| case.card.capabilities.trained) {
        // Weights that rise from epoch to epoch make another objective of each.
        if let Some(annealing) = case.options.get_mut("annealing") {
            *annealing = 0.0.into();
        }
        let mut method = case.build(1);
        let losses = case.train(method.as_mut(), &case.problem.batch(), STEPS);
        assert!(losses.iter().all(|loss| loss.is_finite()), "{}: {losses:?}", case.name());
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / AVERAGED as f64;
        // Epochs of a first stage have another objective.
        let comparable = &losses[(0..STEPS).find(|&epoch| method.selectable(epoch, STEPS)).unwrap()..];
        let (first, last) = (mean(&comparable[..AVERAGED]), mean(&comparable[comparable.len() - AVERAGED..]));
        assert!(last < 0.98 * first, "{}: the loss went from {first} to {last}", case.name());
        assert_finite(&case, &predict(method.as_ref(), &case.problem.inputs("original")));
    }
}

#[test]
fn every_parameter_group_is_trained() {
    for case in cases::all().iter().filter(|case| case.card.capabilities.trained) {
        let before = case.build(1);
        let after = case.trained(1, 1);
        for (before, after) in before.groups().iter().zip(&after.groups()) {
            let (before_values, after_values) = (before.variables.variables(), after.variables.variables());
            let moved = before_values.iter().filter(|(name, tensor)| bits(tensor) != bits(&after_values[*name])).count();
            assert!(moved > 0, "{}: nothing of group {} moved", case.name(), before.name);
        }
    }
}

#[test]
fn no_parameter_is_idle_under_the_default_options() {
    for case in cases::all().iter().filter(|case| case.card.overrides(&case.options).is_empty()) {
        let (before, after) = (contents(case.build(1).as_ref()), contents(case.trained(1, 2).as_ref()));
        let idle: Vec<&str> = before.iter().zip(&after).filter(|(before, after)| before == after).map(|((name, _), _)| name.as_str()).collect();
        assert!(idle.is_empty(), "{}: {idle:?} did not move", case.name());
    }
}

#[test]
fn samples_that_lack_modalities_train_with_a_finite_loss() {
    for case in cases::all() {
        let mut method = case.build(1);
        let batch = case.problem.incomplete_batch();
        let losses = case.train(method.as_mut(), &batch, 2);
        assert!(losses.iter().all(|loss| loss.is_finite()), "{}: {losses:?}", case.name());
        assert_finite(&case, &predict(method.as_ref(), &batch.inputs));
    }
}

#[test]
fn initial_bits_follow_the_seed() {
    for case in cases::all() {
        let first = contents(case.build(1).as_ref());
        assert!(first == contents(case.build(1).as_ref()), "{}: one seed, two models", case.name());
        if case.card.capabilities.trained {
            assert!(first != contents(case.build(2).as_ref()), "{}: two seeds, one model", case.name());
        }
    }
}

#[test]
fn training_twice_with_equal_seeds_gives_equal_bits() {
    for case in cases::all() {
        let fit = || {
            let mut method = case.build(1);
            let losses = case.train(method.as_mut(), &case.problem.batch(), 2);
            (losses.iter().map(|loss| loss.to_bits()).collect::<Vec<_>>(), contents(method.as_ref()))
        };
        assert!(fit() == fit(), "{}: trained twice, other bits", case.name());
    }
}

fn assert_finite(case: &Case, answer: &Tensor) {
    assert!(bool::try_from(answer.isfinite().all()).unwrap(), "{}: an answer is not finite", case.name());
}
