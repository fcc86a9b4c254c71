//! DEF+AAF as a model: stages, options, and that no label reaches a prediction.

use bench_methods::{Batch, LossTerms, Step, Targets};
use tch::{Kind, Tensor};

use crate::{
    cases::{self, Case, bits, predict, seeded},
    toy::{self, Problem},
};

fn problem() -> Problem {
    toy::problems().into_iter().find(|problem| problem.arity() == 3 && !problem.regression()).unwrap()
}

fn case(query: &str) -> Case {
    cases::named(&format!("def-aaf{query}"), &problem())
}

fn at(epoch: usize) -> Step {
    Step { epoch, epochs: 10, step: 0, steps: 1 }
}

fn names(terms: &LossTerms) -> Vec<&'static str> {
    terms.iter().map(|(name, _, _)| name).collect()
}

fn loss(query: &str, batch: &Batch, epoch: usize) -> LossTerms {
    let model = case(query).prepared(1);
    seeded(1, || model.loss(batch, &at(epoch)))
}

#[test]
fn stage_one_has_homologous_and_reconstruction_terms_alone_and_cannot_be_chosen() {
    let batch = problem().batch();
    assert_eq!(names(&loss("", &batch, 3)), ["homologous", "intra", "cross"]);
    assert_eq!(names(&loss("", &batch, 4)), ["homologous", "intra", "cross", "contrastive", "alignment", "task"]);
    let model = case("").build(1);
    assert_eq!((0..10).map(|epoch| model.selectable(epoch, 10)).collect::<Vec<_>>(), [vec![false; 4], vec![true; 6]].concat());
    assert!(case("/aaf-only").build(1).selectable(0, 10), "nothing to pretrain with");
}

#[test]
fn the_objective_is_affine_in_every_weight() {
    let batch = problem().batch();
    let weights = [("w-hom", "homologous"), ("w-con", "contrastive"), ("w-aaf", "alignment"), ("w-task", "task")];
    for (option, term) in weights {
        let at = |weight: f64| loss(&format!("?{option}={weight}"), &batch, 5);
        let term = at(1.0).term(term).unwrap().double_value(&[]);
        let totals = [0.0, 1.0, 3.0].map(|weight| at(weight).total().double_value(&[]));
        assert!(
            (totals[1] - totals[0] - term).abs() < 1e-4 && (totals[2] - totals[0] - 3.0 * term).abs() < 1e-4,
            "{option}: {totals:?}, term {term}"
        );
        assert!(term.abs() > 1e-6, "{option}");
    }
}

#[test]
fn ablations_leave_their_terms_out() {
    let batch = problem().batch();
    let lacks = |variant: &str, term: &str| {
        let terms = loss(variant, &batch, 5);
        assert!(terms.term(term).is_none(), "{variant} has {term}");
    };
    for (variant, terms) in [
        ("/def-only", vec!["alignment"]),
        ("/aaf-only", vec!["homologous", "intra", "cross", "contrastive"]),
        ("/no-homologous", vec!["homologous"]),
        ("/no-contrastive", vec!["contrastive"]),
        ("/no-cross", vec!["cross"]),
        ("/no-adversarial", vec!["alignment"]),
        ("/early", vec!["homologous", "cross", "contrastive", "alignment"]),
    ] {
        terms.iter().for_each(|term| lacks(variant, term));
    }
    let critics = |variant: &str| case(variant).build(1).groups().len() - 1;
    assert_eq!(["", "/gan", "/mmd", "/no-adversarial", "/early"].map(critics), [1, 1, 0, 0, 0]);
}

// With its labels permuted a batch has other losses, but the same answers: `predict` is not given them, and nothing is kept of them.
#[test]
fn permuted_labels_change_no_prediction() {
    for query in ["", "?infer=prior-mean", "?infer=per-class", "?infer=recon-argmin", "/literal-head"] {
        let model = case(query).prepared(1);
        let batch = problem().batch();
        let Targets::Classes(labels) = &batch.targets else { unreachable!() };
        let permuted = Batch { targets: Targets::Classes(labels.roll(1, 0)), ..problem().batch() };
        let objective = |batch: &Batch| seeded(1, || model.loss(batch, &at(5))).total().double_value(&[]);
        let first = bits(&predict(model.as_ref(), &batch.inputs));
        assert_ne!(objective(&batch), objective(&permuted), "{query}: the loss does see labels");
        drop(model.diagnose(&permuted));
        assert_eq!(first, bits(&predict(model.as_ref(), &permuted.inputs)), "{query}");
    }
}

#[test]
fn the_literal_head_reads_the_label_and_the_diagnosis_says_so() {
    let case = case("/literal-head");
    let mut model = case.build(1);
    let batch = problem().batch();
    case.train(model.as_mut(), &batch, 60);
    // Other contents of the same labels, and a label that is not the sample's.
    let unseen = Batch { inputs: problem().inputs("other"), ..problem().batch() };
    let found = model.diagnose(&unseen);
    let number = |name: &str| found.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("no {name} in {found:?}")).1;
    assert!(number("oracle accuracy (leaks the label)") >= number("accuracy when another sample's label is told"));
    assert!(found.iter().all(|(_, value)| value.is_finite()), "{found:?}");
    assert!(number("theorem 3, right: Lipschitz constant of the head") > 0.0);
}

#[test]
fn diagnoses_are_finite_for_clusters_and_for_samples_that_lack_modalities() {
    for query in ["", "?classes=pseudo", "?critic=per-modality", "/early"] {
        let found = case(query).prepared(1).diagnose(&problem().incomplete_batch());
        assert!(!found.is_empty() && found.iter().all(|(_, value)| value.is_finite()), "{query}: {found:?}");
    }
}

// Cluster centres are fitted on inputs alone.
#[test]
fn pseudo_classes_do_not_see_the_labels() {
    let case = case("?classes=pseudo");
    let batch = problem().batch();
    let Targets::Classes(labels) = &batch.targets else { unreachable!() };
    let fit = |targets: &Targets| {
        let mut model = case.build(1);
        toy::viewed(&Batch { targets: targets.shallow_clone(), ..problem().batch() }, |train| model.prepare(train));
        model.state().into_iter().map(|(name, tensor)| (name, bits(&tensor))).collect::<Vec<_>>()
    };
    assert_eq!(fit(&batch.targets), fit(&Targets::Classes(labels.roll(1, 0))));
}

#[test]
fn the_critic_moves_without_the_model_s_gradient_reaching_it() {
    let model = case("").prepared(1);
    let terms = seeded(1, || model.loss(&problem().batch(), &at(5)));
    terms.total().backward();
    let groups = model.groups();
    let critic = groups.iter().find(|group| group.name == "critic").unwrap();
    assert!(critic.variables.trainable_variables().iter().all(|parameter| !parameter.grad().defined()));
    let trained = |group: &str| groups.iter().find(|own| own.name == group).unwrap().variables.trainable_variables();
    let largest = trained("model").into_iter().filter(|parameter| parameter.grad().defined()).map(|own| own.grad().abs().max().double_value(&[]));
    assert!(largest.fold(0.0, f64::max) > 0.0);
}

#[test]
fn frozen_embeddings_have_no_gradient() {
    for (query, expected) in [("", true), ("?embeddings=frozen", false)] {
        let model = case(query).prepared(1);
        seeded(1, || model.loss(&problem().batch(), &at(5))).total().backward();
        let groups = model.groups();
        let gradient: Tensor = groups[0].variables.variables()["classes"].grad();
        let moves = gradient.defined() && gradient.abs().sum(Kind::Double).double_value(&[]) > 0.0;
        assert_eq!(moves, expected, "{query}");
    }
}
