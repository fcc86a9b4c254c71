//! RAML's options do what they say, seen in the terms of its objective.

use bench_methods::{Batch, LossTerms, Method, Step};
use tch::Tensor;

use crate::{
    cases::{self, Case, bits, seeded},
    gradients::leaves,
    toy::{self, Problem},
};

const STEP: Step = Step { epoch: 0, epochs: 1, step: 0, steps: 1 };

/// Three modalities of other kinds, four classes.
fn problem() -> Problem {
    toy::problems().into_iter().find(|problem| problem.arity() == 3 && !problem.regression()).unwrap()
}

fn raml(query: &str) -> Case {
    cases::named(&format!("raml?{query}"), &problem())
}

fn model(query: &str) -> Box<dyn Method> {
    raml(query).build(1)
}

fn term(terms: &LossTerms, name: &str) -> f64 {
    terms.term(name).unwrap().double_value(&[])
}

fn loss(query: &str, batch: &Batch, seed: i64) -> LossTerms {
    let model = model(query);
    seeded(seed, || model.loss(batch, &STEP))
}

#[test]
fn without_the_other_terms_the_objective_is_the_multimodal_loss() {
    let batch = problem().batch();
    for query in ["lambda1=0&lambda2=0", "unimodal-loss=false&sparsity-loss=false"] {
        let terms = loss(query, &batch, 1);
        assert_eq!(terms.total().double_value(&[]), term(&terms, "multimodal"), "{query}");
    }
}

#[test]
fn the_objective_weighs_its_terms_by_lambda() {
    let terms = loss("lambda1=0.5&lambda2=1.5", &problem().batch(), 1);
    let expected = term(&terms, "multimodal") + 0.5 * term(&terms, "unimodal") + 1.5 * term(&terms, "sparsity");
    assert!((terms.total().double_value(&[]) - expected).abs() < 1e-5);
}

#[test]
fn several_samples_are_averaged_in_the_unimodal_loss() {
    let batch = problem().batch();
    let one = model("samples=1");
    let each = seeded(5, || [(); 3].map(|()| term(&one.loss(&batch, &STEP), "unimodal")));
    assert_ne!(each[0], each[1], "every draw is fresh");
    let three = term(&loss("samples=3", &batch, 5), "unimodal");
    assert!((three - each.iter().sum::<f64>() / 3.0).abs() < 1e-5, "{three} of {each:?}");
}

#[test]
fn the_sparsity_reductions_differ_by_width_and_batch_size() {
    let batch = problem().batch();
    let sparsity = |query: &str| term(&loss(query, &batch, 1), "sparsity");
    let mean = sparsity("sparsity-features=mean&sparsity-batch=mean");
    assert!((sparsity("sparsity-features=sum") / mean / 128.0 - 1.0).abs() < 1e-5);
    assert!((sparsity("sparsity-features=mean&sparsity-batch=sum") / mean / toy::ROWS as f64 - 1.0).abs() < 1e-5);
}

#[test]
fn incomplete_samples_are_masked_or_taken_literally_and_complete_ones_are_alike() {
    let both = |batch: &Batch, name: &str| ["masked", "literal"].map(|value| term(&loss(&format!("incomplete={value}"), batch, 1), name));
    for name in ["unimodal", "sparsity"] {
        let [masked, literal] = both(&problem().batch(), name);
        assert!((masked - literal).abs() < 1e-5, "{name} of complete samples");
        let [masked, literal] = both(&problem().incomplete_batch(), name);
        assert!((masked - literal).abs() > 1e-3, "{name} of incomplete samples: {masked} and {literal}");
    }
}

// With equal draws the literal reading adds the cross-entropy of every zero input to the masked one.
#[test]
fn the_literal_augmentation_counts_zero_inputs_and_the_masked_one_does_not() {
    let batch = problem().batch();
    let unimodal = |value: &str| term(&loss(&format!("unimodal-on={value}&samples=64"), &batch, 1), "unimodal");
    let (full, masked, literal) = (unimodal("full"), unimodal("augmented-masked"), unimodal("augmented-literal"));
    // A modality is in four of the seven patterns of three; it is untrained, so that a zero input costs about as much as another.
    assert!((masked / full - 4.0 / 7.0).abs() < 0.02, "{masked} of {full}");
    assert!((literal / full - 1.0).abs() < 0.1, "{literal} and {full}");
}

#[test]
fn all_readings_of_the_augmentation_fuse_alike_on_complete_samples() {
    let batch = problem().batch();
    let multimodal = |value: &str| term(&loss(&format!("unimodal-on={value}"), &batch, 1), "multimodal");
    let full = multimodal("full");
    for value in ["augmented-masked", "augmented-literal"] {
        assert!((multimodal(value) - full).abs() < 1e-5, "{value}");
    }
}

#[test]
fn sampled_patterns_average_to_all_patterns() {
    let batch = problem().batch();
    let sampled = model("augmentation=sampled");
    let draws: Vec<f64> = seeded(1, || (0..80).map(|_| term(&tch::no_grad(|| sampled.loss(&batch, &STEP)), "multimodal")).collect());
    let mean = draws.iter().sum::<f64>() / draws.len() as f64;
    let error = (draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / (draws.len() * (draws.len() - 1)) as f64).sqrt();
    let all = term(&loss("augmentation=all-patterns", &batch, 1), "multimodal");
    assert!(error > 0.0, "patterns are drawn");
    assert!((mean - all).abs() < 5.0 * error, "{mean} ± {error} and {all}");
    assert_ne!(all, term(&loss("augmentation=none", &batch, 1), "multimodal"));
}

#[test]
fn no_gradient_reaches_a_missing_modality_and_its_content_is_not_seen() {
    for query in ["weighting=adaptive", "weighting=fixed", "weighting=identical"] {
        let case = raml(query);
        let method = case.prepared(1);
        // Not zeroed: δ alone has to keep it out.
        let mut inputs = leaves(case.problem.inputs("original"));
        inputs.availability = Tensor::from_slice(&[false, true, true]).unsqueeze(0).expand([toy::ROWS, 3], false).contiguous();
        let answer = method.predict(&inputs).tensor().shallow_clone();
        answer.sum(None::<tch::Kind>).backward();
        let size = |at: usize| {
            let gradient = inputs.modalities[at].values.grad();
            if gradient.defined() { gradient.abs().max().double_value(&[]) } else { 0.0 }
        };
        assert_eq!(size(0), 0.0, "{query}");
        assert!(size(2) > 0.0, "{query}");
        let mut other = case.problem.inputs("original");
        other.modalities[0] = case.problem.inputs("other").modalities.swap_remove(0);
        other.availability = inputs.availability.shallow_clone();
        assert_eq!(bits(&answer), bits(&cases::predict(method.as_ref(), &other)), "{query}");
    }
}
