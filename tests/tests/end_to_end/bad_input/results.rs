//! Run folders whose files are damaged, or were made by another version: the file is named, and nothing else is touched.

use std::fs;

use bench_store::Scores;

use super::{damage, edit, nothing_lost, only_trial, place::Place, run::Run, train, transcript::Transcript};

/// A place with a run of one trial in `out`.
fn trained() -> Place {
    let place = Place::new();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    place
}

#[test]
fn a_damaged_checkpoint_is_named_and_deleting_it_mends_the_run() {
    let place = trained();
    let weights = only_trial(&place).join("weights.safetensors");
    let sound = fs::read(&weights).unwrap();
    damage(&weights);
    let eval = ["eval", "out", "--condition", "noise(image,0.3)", "--quiet"];
    let mut seen = Transcript::of(&place);
    seen.run(&eval);
    fs::remove_file(&weights).unwrap();
    seen.run(&eval);
    seen.run(&train(&["--seeds", "1", "--out", "out"]));
    assert!(fs::read(&weights).unwrap() == sound, "training it again gave other weights");
    seen.run(&eval);
    seen.check("checkpoint_damaged");
}

#[test]
fn a_truncated_file_of_scores_is_named_and_deleting_it_mends_the_run() {
    let place = trained();
    let scores = Run::at(place.path("out")).scores_file("concat", 42, "clean");
    let sound = fs::read(&scores).unwrap();
    fs::write(&scores, &sound[..sound.len() / 2]).unwrap();
    let mut seen = Transcript::of(&place).replacing("is damaged: .*; delete", "is damaged: [WHAT POLARS SAYS]; delete");
    seen.run(&["report", "out"]);
    seen.run(&train(&["--seeds", "1", "--out", "out"]));
    fs::remove_file(&scores).unwrap();
    seen.run(&train(&["--seeds", "1", "--out", "out"]));
    seen.check("scores_truncated");
    assert!(fs::read(&scores).unwrap() == sound);
}

/// What a version with other columns would have written.
#[test]
fn scores_of_another_schema_are_named() {
    let place = trained();
    let path = Run::at(place.path("out")).scores_file("concat", 42, "clean");
    let sound = Scores::read(&path).unwrap();
    let mut seen = Transcript::of(&place);
    let width = sound.width - 1;
    let narrower = Scores { width, values: sound.values.chunks(sound.width).flat_map(|row| row[..width].to_vec()).collect(), ..sound.clone() };
    let without = Scores { width: 0, values: Vec::new(), perturbations: Vec::new(), ..sound.clone() };
    for scores in [narrower, without] {
        scores.write(&path).unwrap();
        seen.run(&["report", "out"]);
    }
    fs::write(&path, "PAR1").unwrap();
    seen.run(&["report", "out"]);
    seen.check("scores_of_another_schema");
}

#[test]
fn a_trial_of_another_schema_is_told_from_a_damaged_one() {
    let place = trained();
    let trial = only_trial(&place).join("trial.json");
    let sound = fs::read_to_string(&trial).unwrap();
    let again = train(&["--seeds", "2", "--out", "out"]);
    let mut seen = Transcript::of(&place)
        .replacing(r"at line \d+ column \d+", "at [THIS PLACE]")
        .replacing("expected one of `protocol`, .*`", "expected one of [FIELDS]");
    for (from, to) in [("\"format\": 1", "\"format\": 2"), ("\"spec\"", "\"specification\""), ("\"seed\": 42", "\"seed\": 42,\n    \"sown\": true")] {
        edit(&trial, from, to);
        for arguments in [&["list", "out"][..], &["report", "out"], &again] {
            seen.run(arguments);
        }
        fs::write(&trial, &sound).unwrap();
    }
    for text in ["{", "", "[1]"] {
        fs::write(&trial, text).unwrap();
        seen.run(&again);
    }
    fs::write(&trial, &sound).unwrap();
    for text in ["{", "{}"] {
        fs::write(trial.with_file_name("conditions.json"), text).unwrap();
        seen.run(&again);
    }
    seen.check("trial_of_another_schema");
}

#[test]
fn settings_of_a_run_that_cannot_be_read_are_named() {
    let place = trained();
    let file = place.path("out/run.toml");
    let sound = fs::read_to_string(&file).unwrap();
    let mut seen = Transcript::of(&place).replacing("known are `robustness@1`, .*`", "known are [SUITES]");
    for (from, to) in
        [("suite = ", "suit = "), ("missing@1", "missing@9"), ("epochs = 1", "epochs = "), ("format = 1\n", "format = 'one'\n"), ("format = 1\n", "")]
    {
        edit(&file, from, to);
        seen.run(&["report", "out"]);
        fs::write(&file, &sound).unwrap();
    }
    fs::remove_file(&file).unwrap();
    seen.run(&["report", "out"]);
    seen.run(&["eval", "out", "--suite", "noise"]);
    seen.check("settings_of_a_run");
}

/// What is derived is made anew, whatever stands there.
#[test]
fn derived_files_that_are_damaged_are_made_anew() {
    let place = trained();
    let run = Run::at(place.path("out"));
    let before = run.bytes();
    for name in ["records.csv", "records.parquet", "report.md", "selftest.json"] {
        fs::write(place.path("out").join(name), "nonsense").unwrap();
    }
    let mut seen = Transcript::of(&place);
    seen.run(&train(&["--seeds", "1", "--out", "out"]));
    seen.files("out");
    seen.check("derived_files");
    nothing_lost(&before, &run);
    assert!(run.bytes() == before, "records.* are not what they were");
}

#[test]
fn a_dataset_that_changed_after_training_is_named() {
    let place = Place::new();
    let write = |value: f32| super::made_up::write_dataset(&place.path("set"), |content| super::made_up::floats(content, "left")[0] = value).unwrap();
    write(0.0);
    let run =
        ["run", "--suite", "missing", "--method", "concat", "--epochs", "1", "--device", "cpu", "--quiet", "--dataset", "./set", "--out", "out"];
    place.fine(&[&run[..], &["--seeds", "1"]].concat());
    let before = Run::at(place.path("out")).bytes();
    write(1.0);
    let mut seen = Transcript::of(&place);
    seen.run(&["eval", "out", "--condition", "noise(left,0.1)"]);
    seen.run(&["report", "out"]);
    fs::remove_file(place.path("set/dataset.toml")).unwrap();
    seen.run(&["report", "out"]);
    seen.check("dataset_changed");
    nothing_lost(&before, &Run::at(place.path("out")));
}
