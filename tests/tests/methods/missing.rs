//! Missing modalities: any pattern has a finite answer, and what is missing cannot be seen.

use bench_methods::{Inputs, patterns};
use tch::Tensor;

use crate::cases::{self, bits, predict};

#[test]
fn every_missing_pattern_has_a_finite_answer() {
    for case in cases::all() {
        let method = case.prepared(1);
        let inputs = case.problem.inputs("original");
        for pattern in patterns::all(case.problem.arity()) {
            let answer = predict(method.as_ref(), &inputs.restricted(&pattern));
            assert!(bool::try_from(answer.isfinite().all()).unwrap(), "{} with {pattern:?} available", case.name());
        }
    }
}

// Contents have other lengths too: how long a missing recording would have been says something about it.
#[test]
fn contents_and_lengths_of_missing_modalities_do_not_matter() {
    for case in cases::all() {
        let method = case.prepared(1);
        for pattern in patterns::all(case.problem.arity()) {
            let (one, other) = (case.problem.inputs("original"), case.problem.inputs("other"));
            let mixed = pattern.iter().zip(one.modalities.iter().zip(&other.modalities));
            let modalities = mixed.map(|(&available, (one, other))| if available { one } else { other }.shallow_clone()).collect();
            let mixed = Inputs { modalities, availability: one.availability.shallow_clone() };
            let answer = |inputs: &Inputs| bits(&predict(method.as_ref(), &inputs.restricted(&pattern)));
            assert!(answer(&one) == answer(&mixed), "{} with {pattern:?} available: a missing modality shows", case.name());
        }
    }
}

// The harness encodes once for all patterns and publishes those scores.
#[test]
fn encoding_once_and_fusing_gives_the_bits_of_predict_for_every_pattern() {
    for case in cases::all() {
        let method = case.prepared(1);
        let Some(parts) = method.per_modality() else { continue };
        let inputs = case.problem.inputs("original");
        let nothing = inputs.restricted(&vec![false; case.problem.arity()]);
        let encode = |inputs: &Inputs| -> Vec<Tensor> {
            tch::no_grad(|| inputs.modalities.iter().enumerate().map(|(at, input)| parts.encode(at, input)).collect())
        };
        let (seen, unseen) = (encode(&inputs), encode(&nothing));
        for pattern in patterns::all(case.problem.arity()) {
            let restricted = inputs.restricted(&pattern);
            let encodings: Vec<Tensor> =
                pattern.iter().enumerate().map(|(at, &available)| if available { &seen[at] } else { &unseen[at] }.shallow_clone()).collect();
            let fused = tch::no_grad(|| parts.fuse(&encodings, &restricted.availability).tensor().shallow_clone());
            assert!(bits(&fused) == bits(&predict(method.as_ref(), &restricted)), "{} with {pattern:?} available", case.name());
        }
    }
}
