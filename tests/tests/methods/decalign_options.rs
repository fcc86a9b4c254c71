//! DecAlign's options do what they say, seen in the terms of its objective.

use bench_methods::{Batch, Inputs, LossTerms, Step};
use tch::{Kind, Tensor};

use crate::{
    cases::{self, Case, bits, predict, seeded},
    toy::{self, Problem},
};

const STEP: Step = Step { epoch: 0, epochs: 1, step: 0, steps: 1 };

/// Three modalities of other kinds.
fn problem() -> Problem {
    toy::problems().into_iter().find(|problem| problem.arity() == 3 && !problem.regression()).unwrap()
}

fn decalign(reference: &str) -> Case {
    cases::named(reference, &problem())
}

fn loss(reference: &str, batch: &Batch) -> LossTerms {
    let model = decalign(reference).build(1);
    seeded(1, || model.loss(batch, &STEP))
}

fn names(terms: &LossTerms) -> Vec<&'static str> {
    terms.iter().map(|(name, _, _)| name).collect()
}

fn term(terms: &LossTerms, name: &str) -> f64 {
    terms.term(name).unwrap().double_value(&[])
}

#[test]
fn without_the_other_terms_the_objective_is_the_task_s_loss() {
    let terms = loss("decalign?mfd=false&hete=false&homo=false&ct=false", &problem().batch());
    assert_eq!(terms.total().double_value(&[]), term(&terms, "task"));
}

#[test]
fn the_objective_weighs_its_terms_by_alpha_and_beta() {
    let terms = loss("decalign?alpha=0.3&beta=0.7&ct-weight=0.2", &problem().batch());
    let sum = |names: [&str; 2]| names.iter().map(|name| term(&terms, name)).sum::<f64>();
    let aligned = 0.3 * sum(["transport", "calibration"]) + 0.7 * sum(["semantic", "discrepancy"]);
    let expected = sum(["task", "decoupling"]) + aligned + 0.2 * term(&terms, "contrastive");
    assert!((terms.total().double_value(&[]) - expected).abs() < 1e-5);
}

#[test]
fn each_row_of_the_ablation_tables_leaves_its_terms_out() {
    let all = ["task", "decoupling", "transport", "calibration", "semantic", "discrepancy", "contrastive"];
    let without = |gone: &[&str]| all.into_iter().filter(|name| !gone.contains(name)).collect::<Vec<_>>();
    let batch = problem().batch();
    for (reference, gone) in [
        ("decalign", &[][..]),
        ("decalign/no-homo", &["semantic", "discrepancy"]),
        ("decalign/no-hete", &["transport", "calibration"]),
        ("decalign/no-both", &["transport", "calibration", "semantic", "discrepancy"]),
        ("decalign/no-mfd", &["decoupling"]),
        ("decalign/no-proto-ot", &["transport", "calibration"]),
        ("decalign?proto-ot=without-transport", &["transport"]),
        ("decalign/no-ct", &["contrastive"]),
        ("decalign/no-sem", &["semantic"]),
        ("decalign/no-mmd", &["discrepancy"]),
    ] {
        assert_eq!(names(&loss(reference, &batch)), without(gone), "{reference}");
    }
}

#[test]
fn a_modality_with_one_sample_leaves_no_distribution_to_transport() {
    let batch = problem().batch();
    let mut rows = vec![[true, true, false]; toy::ROWS as usize];
    rows[3] = [true, true, true];
    let flat: Vec<bool> = rows.concat();
    let inputs = Inputs { availability: Tensor::from_slice(&flat).view([toy::ROWS, 3]), ..batch.inputs };
    assert_eq!(names(&loss("decalign", &Batch { inputs, ..batch })), ["task", "decoupling", "semantic", "discrepancy", "contrastive"]);
}

// The encoders of vectors and images have biases, so that what is missing must be silenced behind them.
#[test]
fn what_stands_in_a_missing_modality_enters_no_term() {
    let masked = problem().incomplete_batch();
    let other = problem().inputs("other");
    let unmasked = problem().batch();
    let mix = |at: usize| {
        let available = masked.inputs.available(at);
        let (one, two) = (&unmasked.inputs.modalities[at], &other.modalities[at]);
        let mut shape = vec![1; one.values.dim()];
        shape[0] = -1;
        let values = one.values.where_self(&available.view(shape.as_slice()), &two.values);
        let lengths = one.lengths.as_ref().zip(two.lengths.as_ref()).map(|(one, two)| one.where_self(&available, two));
        bench_methods::ModalityInput { values, lengths }
    };
    let inputs = Inputs { modalities: (0..3).map(mix).collect(), availability: masked.inputs.availability.shallow_clone() };
    let dirty = Batch { inputs, ..problem().batch() };
    let (clean, dirty) = (loss("decalign", &masked), loss("decalign", &dirty));
    for ((name, _, clean), (_, _, dirty)) in clean.iter().zip(dirty.iter()) {
        assert_eq!(bits(clean), bits(dirty), "{name}");
    }
}

/// Answers with one modality, before and after all parameters under `prefix` got another value.
fn alone(reference: &str, prefix: &str) -> [Tensor; 2] {
    let case = decalign(reference);
    let model = case.prepared(1);
    let inputs = case.problem.inputs("original").restricted(&[true, false, false]);
    let before = predict(model.as_ref(), &inputs);
    for group in model.groups() {
        for (_, mut parameter) in group.variables.variables().into_iter().filter(|(name, _)| name.starts_with(prefix)) {
            tch::no_grad(|| parameter.copy_(&(&parameter * 1.5 + 0.1)));
        }
    }
    [before, predict(model.as_ref(), &inputs)]
}

#[test]
fn a_modality_alone_reads_its_own_frames_or_leaves_its_branch_empty() {
    let [before, after] = alone("decalign?alone=zero", "transformer");
    assert_eq!(bits(&before), bits(&after), "a branch of zeros goes through no transformer");
    let [before, after] = alone("decalign", "transformer.layer0.widen");
    assert_ne!(bits(&before), bits(&after));
    // Nobody may see the keys and values that the other modalities' projections make.
    let [before, after] = alone("decalign", "projection.text");
    assert_eq!(bits(&before), bits(&after));
}

#[test]
fn kernels_span_no_more_frames_than_there_are() {
    let case = decalign("decalign?kernel=5");
    let model = case.build(1);
    let shapes: Vec<(String, i64)> = model
        .groups()
        .iter()
        .flat_map(|group| group.variables.variables())
        .filter(|(name, _)| name.starts_with("projection"))
        .map(|(name, weight)| (name, weight.size()[2]))
        .collect();
    let of = |modality: &str| shapes.iter().find(|(name, _)| name.ends_with(modality)).map(|(_, kernel)| *kernel);
    // Six frames of speech, six words, a feature map of 2 × 2.
    assert_eq!([of("speech"), of("text"), of("image")], [Some(5), Some(5), Some(4)]);
    let answer = predict(model.as_ref(), &case.problem.inputs("original"));
    assert!(bool::try_from(answer.isfinite().all()).unwrap());
}

#[test]
fn heads_that_do_not_divide_the_width_are_refused() {
    let case = decalign("decalign?width=30&heads=4");
    let error = case.build_with(1, &case.options).err().unwrap().to_string();
    assert!(error.contains("4 heads do not divide a width of 30"), "{error}");
}

#[test]
fn gradients_reach_every_encoder_from_the_alignment_alone() {
    let model = decalign("decalign").build(1);
    let terms = seeded(1, || model.loss(&problem().batch(), &STEP));
    let aligned = ["transport", "calibration", "semantic", "discrepancy"].iter().map(|name| terms.term(name).unwrap().shallow_clone());
    aligned.reduce(|sum, term| sum + term).unwrap().backward();
    for group in model.groups() {
        for (name, parameter) in group.variables.variables().into_iter().filter(|(name, _)| name.starts_with("encoder")) {
            assert!(parameter.grad().abs().sum(Kind::Double).double_value(&[]) > 0.0, "{name}");
        }
    }
}
