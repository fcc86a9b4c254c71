//! Identities of MLA's equations. Expected values are worked by hand or come from another formula than the code's.

use bench_methods::{
    fusion,
    mla::{Modification, Modifier, equations},
};
use tch::{Device, Kind, Tensor};

use crate::cases::distance;

const DOUBLE: (Kind, Device) = (Kind::Double, Device::Cpu);
const OWM: Modification = Modification { as_released: false, lambda: 0.1, falling_lambda: false, normalise: false, absorb_current: false };

/// Numbers spread over [−1, 1], another set for every salt.
fn numbers(shape: &[i64], salt: f64) -> Tensor {
    (Tensor::arange(shape.iter().product::<i64>(), DOUBLE) * (1.7 + salt) + salt).sin().view(shape)
}

fn identity(width: i64) -> Tensor {
    Tensor::eye(width, DOUBLE)
}

fn absorbed(means: &[Tensor], lambda: f64) -> Tensor {
    means.iter().fold(identity(6), |projector, mean| equations::absorb(&projector, mean, lambda))
}

fn means() -> Vec<Tensor> {
    (0..4).map(|at| numbers(&[6], f64::from(at))).collect()
}

#[test]
fn an_absorbed_direction_is_shrunk_by_lambda_over_lambda_plus_its_square() {
    let mean = numbers(&[6], 0.0);
    let square = mean.dot(&mean).double_value(&[]);
    for lambda in [1e-8, 0.1, 10.0] {
        let shrunk = equations::absorb(&identity(6), &mean, lambda).mv(&mean);
        assert!(distance(&shrunk, &(&mean * (lambda / (lambda + square)))) < 1e-12, "{lambda}");
    }
}

#[test]
fn the_recursion_is_the_inverse_of_the_sum_of_squares() {
    let lambda = 0.3;
    let sum = means().iter().fold(identity(6), |sum, mean| sum + mean.outer(mean) / lambda);
    assert!(distance(&absorbed(&means(), lambda), &sum.inverse()) < 1e-12);
}

#[test]
fn the_projector_is_symmetric_to_the_bit_and_only_shrinks() {
    let mut smallest = 1.0;
    for count in 0..=4 {
        let projector = absorbed(&means()[..count], 0.1);
        assert_eq!(projector, projector.tr(), "after {count}");
        let values = projector.linalg_eigvalsh("L");
        let [low, high] = [values.min(), values.max()].map(|value| value.double_value(&[]));
        assert!(low > 0.0 && high <= 1.0 + 1e-12, "after {count}: {low} to {high}");
        assert!(low <= smallest + 1e-12, "after {count}");
        smallest = low;
    }
    assert!(smallest < 0.1, "it does shrink: {smallest}");
}

// A step along −G P changes the head's answer to r by −η G P r.
#[test]
fn a_modified_step_leaves_the_answer_to_absorbed_means_and_forgets_nothing_as_lambda_vanishes() {
    let (first, second) = (numbers(&[6], 0.0), numbers(&[6], 2.0));
    let gradient = numbers(&[3, 6], 5.0);
    let plain = gradient.mv(&first);
    assert!(plain.abs().max().double_value(&[]) > 0.1);
    let change = |lambda: f64| {
        let mut modifier = Modifier::new(Modification { lambda, ..OWM }, 6, DOUBLE);
        let _ = modifier.modify(&gradient, first.shallow_clone(), 0, 1);
        modifier.modify(&gradient, second.shallow_clone(), 0, 1).mv(&first)
    };
    let factor = |lambda: f64| lambda / (lambda + first.dot(&first).double_value(&[]));
    for lambda in [1.0, 0.1] {
        assert!(distance(&change(lambda), &(&plain * factor(lambda))) < 1e-12, "{lambda}");
    }
    assert!(change(1e-10).abs().max().double_value(&[]) < 1e-9);
    assert!(distance(&change(1e8), &plain) < 1e-6);
}

#[test]
fn the_very_first_gradient_is_left_as_it_is() {
    let gradient = numbers(&[3, 6], 5.0);
    for modification in [OWM, Modification { normalise: true, absorb_current: true, ..OWM }, Modification { as_released: true, ..OWM }] {
        let mut modifier = Modifier::new(modification, 6, DOUBLE);
        assert_eq!(modifier.modify(&gradient, numbers(&[6], 0.0), 0, 1), gradient, "{modification:?}");
        assert_ne!(modifier.modify(&gradient, numbers(&[6], 0.0), 0, 1), gradient, "{modification:?}");
        modifier.reset();
        assert_eq!(modifier.projector(), &identity(6));
        assert_eq!(modifier.modify(&gradient, numbers(&[6], 1.0), 0, 1), gradient, "{modification:?}");
    }
}

#[test]
fn the_current_mean_is_absorbed_in_place_of_the_previous_one() {
    let (first, second, gradient) = (numbers(&[6], 0.0), numbers(&[6], 2.0), numbers(&[3, 6], 5.0));
    for (absorb_current, expected) in [(false, &first), (true, &second)] {
        let mut modifier = Modifier::new(Modification { absorb_current, ..OWM }, 6, DOUBLE);
        let _ = modifier.modify(&gradient, first.shallow_clone(), 0, 1);
        let _ = modifier.modify(&gradient, second.shallow_clone(), 0, 1);
        assert!(distance(modifier.projector(), &absorbed(&[expected.shallow_clone()], 0.1)) < 1e-12, "{absorb_current}");
    }
}

// 0.1 · 0.1^(t/4): half a decade at the middle of the epoch.
#[test]
fn the_released_lambda_falls_within_an_epoch_and_jumps_back() {
    let values: Vec<f64> = (0..4).map(|batch| equations::released_lambda(0.1, batch, 4)).collect();
    assert_eq!(values[0], 0.1);
    assert!((values[2] - 0.031_622_776_601_683_8).abs() < 1e-15);
    assert!(values.windows(2).all(|pair| pair[1] < pair[0]) && values[3] > 0.01);
    let (first, second, gradient) = (numbers(&[6], 0.0), numbers(&[6], 2.0), numbers(&[3, 6], 5.0));
    let mut modifier = Modifier::new(Modification { falling_lambda: true, ..OWM }, 6, DOUBLE);
    let _ = modifier.modify(&gradient, first.shallow_clone(), 1, 4);
    let _ = modifier.modify(&gradient, second, 2, 4);
    assert!(distance(modifier.projector(), &absorbed(&[first], values[2])) < 1e-12);
}

// Two samples have the modality, one has not: ln 2 of even logits, and ln(1 + e^−1) of a logit that leads by one.
#[test]
fn means_are_over_the_samples_that_have_the_modality() {
    let availability = Tensor::from_slice(&[true, false, true, false, false, false]).view([2, 3]);
    let shares = equations::shares(&availability, Kind::Double);
    let logits = Tensor::from_slice(&[0.0, 0.0, 9.0, -9.0, 1.0, 0.0]).view([3, 2]);
    let loss = |modality: i64| equations::unimodal_loss(&logits, &Tensor::from_slice(&[0i64, 1, 0]), &shares.get(modality)).double_value(&[]);
    assert!((loss(0) - (2f64.ln() + (1.0 + (-1f64).exp()).ln()) / 2.0).abs() < 1e-12);
    let features = Tensor::from_slice(&[1.0, 2.0, 100.0, 100.0, 3.0, 6.0]).view([3, 2]);
    assert_eq!(Vec::<f64>::try_from(equations::mean_feature(&features, &shares.get(0))).unwrap(), [2.0, 4.0]);
    assert_eq!(loss(1), 0.0, "nobody has the second");
}

#[test]
fn weights_are_shares_that_fall_with_entropy() {
    // An even answer over four classes has ln 4, a sure one nearly 0.
    let logits = Tensor::from_slice(&[0.0, 0.0, 0.0, 0.0, 40.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]).view([3, 1, 4]);
    let entropy = equations::entropy(&logits);
    assert!((entropy.double_value(&[0, 0]) - 4f64.ln()).abs() < 1e-12);
    assert!(entropy.double_value(&[1, 0]) < 1e-12);
    let everyone = Tensor::ones([3, 1], (Kind::Bool, Device::Cpu));
    let weights = Vec::<f64>::try_from(equations::weights(&entropy, &everyone).flatten(0, -1)).unwrap();
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(weights[1] > weights[2] && weights[2] > weights[0], "{weights:?}");
    assert!((weights[1] / weights[0] - 4.0).abs() < 1e-9, "e^(ln 4) to one");
    let equal = equations::weights(&(everyone.to_kind(Kind::Double) * 0.7), &everyone);
    assert!(distance(&equal, &(everyone.to_kind(Kind::Double) / 3.0)) < 1e-12);
}

#[test]
fn a_shift_of_all_logits_of_a_modality_does_not_change_its_entropy() {
    let logits = numbers(&[3, 5, 4], 0.0) * 3.0;
    assert!(distance(&equations::entropy(&logits), &equations::entropy(&(&logits + 17.0))) < 1e-12);
}

#[test]
fn one_available_modality_answers_alone_under_every_weighting() {
    let logits = numbers(&[3, 5, 4], 0.0) * 3.0;
    let alone = Tensor::from_slice(&[false, true, false]).unsqueeze(1).expand([3, 5], false);
    let weightings = [
        equations::weights(&equations::entropy(&logits), &alone),
        equations::weights(&equations::batch_entropy(&logits, &alone).unsqueeze(-1).expand([3, 5], false), &alone),
        equations::constant_weights(&Tensor::from_slice(&[0.35, 0.25, 0.40]), &alone),
    ];
    for weights in weightings {
        assert_eq!(equations::fuse(&weights, &logits, &alone), logits.get(1));
    }
}

#[test]
fn a_missing_answer_may_be_anything() {
    let logits = numbers(&[2, 3, 4], 0.0);
    let missing = Tensor::cat(&[logits.narrow(0, 0, 1), logits.narrow(0, 1, 1) * f64::NAN], 0);
    let available = Tensor::from_slice(&[true, false]).unsqueeze(1).expand([2, 3], false);
    let fuse = |entropy: Tensor| equations::fuse(&equations::weights(&entropy, &available), &missing, &available);
    assert_eq!(fuse(equations::entropy(&missing)), logits.get(0));
    assert_eq!(fuse(equations::batch_entropy(&missing, &available).unsqueeze(-1).expand([2, 3], false)), logits.get(0));
}

// Softmax over the rows that have the modality, here rows 0 and 2 as a batch of their own.
#[test]
fn the_released_entropy_counts_samples_that_have_the_modality() {
    let logits = numbers(&[1, 3, 4], 0.0) * 2.0;
    let some = equations::batch_entropy(&logits, &Tensor::from_slice(&[true, false, true]).unsqueeze(0));
    let kept = logits.index_select(1, &Tensor::from_slice(&[0i64, 2]));
    let own = kept.softmax(1, None::<Kind>);
    assert!(distance(&some, &(-(&own * own.log()).sum(Kind::Double)).unsqueeze(0)) < 1e-12);
}

// Summed over four classes, the released entropies of even logits are 4 ln B: weights that nearly choose one modality for the whole batch.
#[test]
fn the_released_weights_harden_with_the_number_of_classes() {
    let sharp = Tensor::cat(&[numbers(&[1, 6, 20], 0.0) * 8.0, Tensor::zeros([1, 6, 20], DOUBLE)], 0);
    let everyone = Tensor::ones([2, 6], (Kind::Bool, Device::Cpu));
    let released = equations::batch_entropy(&sharp, &everyone);
    assert!((released.double_value(&[1]) - 20.0 * 6f64.ln()).abs() < 1e-9);
    let weights = equations::weights(&released.unsqueeze(-1).expand([2, 6], false), &everyone);
    assert!(weights.double_value(&[1, 0]) < 1e-6);
    let by_sample = equations::weights(&equations::entropy(&sharp), &everyone);
    assert!(by_sample.get(1).min().double_value(&[]) > 1e-2);
}

// OGM-GE takes a modality's own logits from the concatenation head with the bias split evenly.
#[test]
fn shares_of_the_concatenation_head_add_up_to_its_logits() {
    let features = [numbers(&[5, 3], 0.0), numbers(&[5, 4], 1.0), numbers(&[5, 2], 2.0)];
    let (weight, bias) = (numbers(&[6, 9], 3.0), numbers(&[6], 4.0));
    let sum: Tensor = (0..3).map(|at| fusion::concat_share(&features, at, &weight, &bias)).sum();
    assert!(distance(&sum, &fusion::concat(&features, &weight, &bias)) < 1e-12);
}
