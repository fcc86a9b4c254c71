//! Two runs, or two methods, against each other: the verdict and its exit code, and what is written whatever it is.

#[path = "compare/inputs.rs"]
mod inputs;
#[path = "compare/latency.rs"]
mod latency;
#[path = "compare/verdicts.rs"]
mod verdicts;
#[path = "compare/written.rs"]
mod written;

use std::fs;

use serde_json::Value;

use super::{
    made_up,
    place::{self, Place, copy, errors},
    run::Run,
    transcript,
};

/// A training of about a second each: ten epochs bring concatenation to 39 % here, where a prior has 15 %.
const TRAIN: &str = "run --suite missing --dataset openmoji?train=100 --epochs 10 --device cpu --quiet";

/// Trains `methods` into `out`.
#[track_caller]
fn train(place: &Place, methods: &str, seeds: &str, out: &str) {
    place.fine(&[&words(TRAIN)[..], &["--method", methods, "--seeds", seeds, "--out", out]].concat());
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// Compares with all files written to `verdict`; the exit code and compare.json.
#[track_caller]
fn compare(place: &Place, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = place.run(&[&["compare", "--out", "verdict", "--quiet"], arguments].concat());
    let file = place.path("verdict/compare.json");
    let text = fs::read_to_string(&file).unwrap_or_else(|_| panic!("no compare.json: {}", errors(&output)));
    fs::remove_file(file).unwrap();
    (output.status.code(), serde_json::from_str(&text).unwrap())
}

/// The rows of the only dataset.
fn rows(report: &Value) -> &Vec<Value> {
    let datasets = report["datasets"].as_array().unwrap();
    assert_eq!(datasets.len(), 1, "{report}");
    datasets[0]["rows"].as_array().unwrap()
}

/// The texts of a list.
fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().map_or_else(|| item.to_string(), String::from)).collect()
}

/// Whether one of the texts has all of these parts.
#[track_caller]
fn says(list: &Value, parts: &[&str]) {
    let texts = texts(list);
    assert!(texts.iter().any(|text| parts.iter().all(|part| text.contains(part))), "none says {parts:?}: {texts:#?}");
}
