//! Which method answers what: tasks, attacks, many modalities.

use std::collections::BTreeSet;

use super::{
    place::Place,
    run::{Row, Run},
};

fn run(place: &Place, settings: &str) -> Run {
    place.fine(&["run --device cpu --quiet --out out ", settings].concat().split_whitespace().collect::<Vec<_>>());
    Run::at(place.path("out"))
}

#[test]
fn a_method_without_gradients_is_not_attacked_and_says_so() {
    let place = Place::new();
    let run = run(&place, "--suite adversarial --dataset openmoji?train=100 --method prior,concat --seeds 1 --epochs 1");
    let attacked: Vec<Row> = run.rows().into_iter().filter(|row| row.condition.starts_with("fgsm")).collect();
    let of = |method: &str| attacked.iter().filter(|row| row.method == method).cloned().collect::<Vec<_>>();
    assert!(!of("prior").is_empty() && of("prior").iter().all(|row| row.value.is_none() && row.note == "needs gradients"));
    assert!(of("concat").iter().any(|row| row.metric == "accuracy" && row.value.is_some()));
    assert!(run.rows().iter().any(|row| row.method == "prior" && row.condition == "clean" && row.value.is_some()));
}

#[test]
fn regression_is_finite_and_classifiers_are_refused_with_the_reason() {
    let place = Place::new();
    let methods = "concat,sum,late,unimodal,prior,augmentation,raml";
    let run = run(&place, &format!("--suite noise --dataset cremad-agree?train=200 --method {methods} --seeds 1 --epochs 2"));
    let rows = run.rows();
    let mut answered = BTreeSet::new();
    for row in &rows {
        match (row.method.as_str(), row.metric.as_str()) {
            ("raml", _) => assert!(row.value.is_none() && row.note == "classification only", "{row:?}"),
            // A constant has no correlation.
            ("prior", "pearson") => assert!(row.value.is_none() && row.note == "undefined", "{row:?}"),
            (_, "pearson") => assert!(row.value.is_some_and(|value| value.abs() <= 1.0), "{row:?}"),
            (_, "mean_absolute_error") => assert!(row.value.is_some_and(|value| (0.0..=6.0).contains(&value)), "{row:?}"),
            _ => {}
        }
        answered.insert(row.method.as_str());
    }
    let all = ["augmentation", "concat", "late", "prior", "raml", "sum", "unimodal/face", "unimodal/voice"];
    assert_eq!(answered.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn all_63_patterns_of_six_modalities_are_finite() {
    let place = Place::new();
    let run = run(&place, "--suite missing --dataset mfeat --method concat,raml --seeds 1 --epochs 2");
    let rows = run.rows();
    for method in ["concat", "raml"] {
        let own: Vec<&Row> = rows.iter().filter(|row| row.method == method).collect();
        let patterns: BTreeSet<&str> = own.iter().map(|row| row.condition.as_str()).collect();
        assert_eq!(patterns.len(), 63, "{method}");
        for metric in ["accuracy", "macro_f1", "negative_log_likelihood"] {
            let finite = own.iter().filter(|row| row.metric == metric && row.value.is_some_and(f64::is_finite)).count();
            assert_eq!(finite, 63, "{method} {metric}");
        }
    }
}
