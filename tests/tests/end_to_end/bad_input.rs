//! Damaged files, wrong data and a full disk: the right exit code and one clear sentence, through the real programs.

use std::{fs, path::Path, process::Output};

use super::{
    made_up::{floats, write_dataset},
    place::{Place, count, errors, program},
    run::Run,
};

/// The exit code, one sentence that holds these parts, and nothing of a panic.
#[track_caller]
fn refused(output: &Output, code: i32, parts: &[&str]) {
    let message = errors(output);
    assert_eq!(output.status.code(), Some(code), "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
    for word in ["panicked", "backtrace", "unwrap()", "RUST_", "internal error"] {
        assert!(!message.contains(word), "{message}");
    }
    let sentences = message.lines().filter(|line| line.contains(parts[0])).count();
    assert_eq!(sentences, 1, "told more than once: {message}");
    // A failed trial is told as a headline and a sentence, all else as a sentence.
    assert!(message.lines().count() <= 2 && message.starts_with("bench: "), "{message}");
}

const TRAIN: [&str; 12] =
    ["run", "--suite", "missing", "--dataset", "openmoji?train=100", "--method", "concat", "--epochs", "1", "--device", "cpu", "--quiet"];

fn train<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&TRAIN[..], more].concat()
}

/// The folder of the only trial of the run in `out`.
fn only_trial(place: &Place) -> std::path::PathBuf {
    Run::at(place.path("out")).trials().into_values().next().unwrap().0
}

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_checkpoint_is_named_and_deleting_it_mends_the_run() {
    let place = Place::new();
    let command = train(&["--seeds", "1", "--out", "out"]);
    place.fine(&command);
    let weights = only_trial(&place).join("weights.safetensors");
    let sound = fs::read(&weights).unwrap();
    damage(&weights);
    let eval = ["eval", "out", "--condition", "noise(image,0.3)", "--quiet"];
    refused(&place.run(&eval), 3, &["weights.safetensors is damaged: its SHA-256", "delete it and run the same command again"]);
    fs::remove_file(&weights).unwrap();
    refused(&place.run(&eval), 2, &["run the same `bench run` again"]);
    place.fine(&command);
    assert!(fs::read(&weights).unwrap() == sound, "training it again gave other weights");
    place.fine(&eval);
}

#[test]
fn a_truncated_file_of_scores_is_named_and_deleting_it_mends_the_run() {
    let place = Place::new();
    let command = train(&["--seeds", "1", "--out", "out"]);
    place.fine(&command);
    let scores = Run::at(place.path("out")).scores_file("concat", 42, "clean");
    let sound = fs::read(&scores).unwrap();
    fs::write(&scores, &sound[..sound.len() / 2]).unwrap();
    let name = scores.file_name().unwrap().to_str().unwrap();
    refused(&place.run(&["report", "out"]), 2, &[&format!("{name} is damaged"), "delete it and run the same command again"]);
    fs::remove_file(&scores).unwrap();
    place.fine(&command);
    assert!(fs::read(&scores).unwrap() == sound);
}

#[test]
fn a_damaged_trial_is_named() {
    let place = Place::new();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    fs::write(only_trial(&place).join("trial.json"), "{").unwrap();
    refused(&place.run(&train(&["--seeds", "1", "--out", "out"])), 2, &["trial.json is damaged"]);
}

#[test]
fn a_dataset_whose_bytes_changed_or_are_not_finite_is_refused_before_anything_is_written() {
    let place = Place::new();
    write_dataset(&place.path("changed"), |_| {}).unwrap();
    damage(&place.path("changed/data.safetensors"));
    // Written with the right checksum; only opening it again refuses it.
    write_dataset(&place.path("not-finite"), |content| floats(content, "right")[7] = f32::NAN).unwrap_err();
    for (dataset, parts) in [("./changed", ["data.safetensors", "SHA-256"]), ("./not-finite", ["data.safetensors", "NaN"])] {
        let output = place.run(&["run", "--dataset", dataset, "--method", "concat", "--device", "cpu", "--out", "out"]);
        refused(&output, 2, &parts);
        assert!(!place.path("out").exists());
    }
}

#[test]
fn a_device_that_is_not_there_is_refused() {
    let place = Place::new();
    let output = place.run(&["run", "--device", "cuda:99", "--method", "concat", "--dataset", "openmoji?train=100", "--seeds", "1", "--out", "out"]);
    refused(&output, 2, &["cuda:99"]);
}

#[test]
fn a_worker_that_is_not_there_is_refused() {
    let place = Place::new();
    let output = place.bench(&train(&["--out", "out"])).env("BENCH_WORKER", "/no/such/worker").output().unwrap();
    refused(&output, 2, &["the worker /no/such/worker is not there", "BENCH_WORKER"]);
}

#[test]
fn a_full_disk_fails_the_trial_and_keeps_the_others() {
    let place = Place::new();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    let before = Run::at(place.path("out")).bytes();
    // No file may grow beyond 200 blocks, which a checkpoint does; without the trap the system would kill the writer.
    let limited = "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\"";
    let mut command = std::process::Command::new("/bin/sh");
    command.arg("-c").arg(limited).arg(program("bench")).args(train(&["--seeds", "2", "--out", "out"])).current_dir(place.path(""));
    let output = command.output().unwrap();
    refused(&output, 3, &["weights.safetensors: File too large", "concat seed 123"]);
    let after = Run::at(place.path("out")).bytes();
    assert!(before.iter().all(|(name, bytes)| after.get(name) == Some(bytes)), "a file of the finished trial changed");
    assert_eq!(count(&place.path("out"), ".partial"), 0);
    place.fine(&train(&["--seeds", "2", "--out", "out"]));
    assert_eq!(Run::at(place.path("out")).trials().len(), 2);
}
