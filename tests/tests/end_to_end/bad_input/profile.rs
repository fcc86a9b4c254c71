//! `bench profile`: wrong names, numbers and folders are refused before anything is measured.

use std::fs;

use super::{only_trial, place::Place, train, transcript::Transcript};

#[test]
fn wrong_names_and_numbers_are_refused() {
    let place = Place::new();
    let mut seen = Transcript::of(&place)
        .replacing("known are prior, .*", "known are [METHODS]")
        .replacing("known are cremad-agree, .*", "known are [DATASETS]");
    for arguments in [
        &["--method", "conct"][..],
        &["--method", "raml/nosparsity"],
        &["--dataset", "openmojy"],
        &["--batch", "0"],
        &["--batch", "-1"],
        &["--batch", "1000000000"],
        &["--batches", "1,x"],
        &["--repeats", "0"],
        &["--warm-up", "-1"],
        &["--extractor", "bert-base"],
        &["--extractor", "bert:128"],
        &["--extractor", "bert-base:513"],
        &["--extractor", "resnet-50:0.5"],
        &["--extractor", "wav2vec2-base:NaN"],
        &["--scale", "depth"],
        &["--scale", "width", "--run", "out"],
        &["--scale", "width", "--dataset", "openmoji"],
        &["--scale", "batch", "--dataset", "openmoji,digits"],
        &["--scale", "batch", "--no-timing"],
        &["--format", "xml"],
        &["--device", "gpu"],
        &["--keep"],
        &["--run", "out", "--keep", "--batch", "8"],
    ] {
        seen.run(&[&["profile"][..], arguments].concat());
    }
    seen.check("profile_names");
}

#[test]
fn a_run_folder_without_what_is_asked_is_named() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    seen.run(&["profile", "--run", "nowhere", "--device", "cpu"]);
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    seen.run(&["profile", "--run", "out", "--method", "concta", "--device", "cpu"]);
    seen.run(&["profile", "--run", "out", "--dataset", "digits", "--device", "cpu"]);
    fs::write(place.path("file"), "").unwrap();
    seen.run(&["profile", "--run", "out", "--out", "file", "--device", "cpu"]);
    fs::remove_file(only_trial(&place).join("weights.safetensors")).unwrap();
    seen.run(&["profile", "--run", "out", "--device", "cpu"]);
    seen.check("profile_runs");
}
