//! The same settings give the same bytes: whatever the order, the number of workers, kills and interrupts.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio};

use super::{
    place::{Place, count, errors, program, signal, wait_until},
    run::Run,
};

/// Eight trials of two methods: long enough to be cut in the middle.
const TRIALS: usize = 8;
const SETTINGS: &str = "run --dataset cremad-votes?train=200 --method concat,raml --seeds 4 --epochs 3 --device cpu --quiet";

fn command<'a>(out: &'a str, jobs: &'a str) -> Vec<&'a str> {
    SETTINGS.split(' ').chain(["--out", out, "--jobs", jobs]).collect()
}

fn undisturbed(place: &Place) -> Run {
    place.fine(&command("undisturbed", "2"));
    let run = Run::at(place.path("undisturbed"));
    assert_eq!(count(run.root(), "/trial.json"), TRIALS);
    run
}

#[test]
fn neither_order_nor_number_of_workers_changes_a_byte() {
    let place = Place::new();
    for (out, jobs, datasets, methods, seeds) in [
        ("one", "1", "cremad-votes?train=200,openmoji?train=100", "concat,raml,unimodal,prior", "42,123"),
        ("two", "2", "openmoji?train=100,cremad-votes?train=200", "prior,unimodal,raml,concat", "123,42"),
    ] {
        let settings = ["run", "--dataset", datasets, "--method", methods, "--seeds", seeds, "--epochs", "2", "--reference", "concat"];
        place.fine(&[&settings[..], &["--device", "cpu", "--out", out, "--jobs", jobs, "--quiet"]].concat());
    }
    Run::at(place.path("one")).assert_same_bytes(&Run::at(place.path("two")));
}

/// Weights, losses, scores and all that is derived from them; `mla` asks for diagnostics, `def-aaf` for the whole training split before it starts.
#[test]
fn streaming_the_data_changes_no_byte() {
    let place = Place::new();
    for stream in ["never", "always"] {
        let settings = ["run", "--dataset", "openmoji?train=100,cremad-votes?train=200", "--method", "concat,raml,mla,def-aaf", "--seeds", "2"];
        let arguments = [&settings[..], &["--epochs", "2", "--reference", "concat", "--device", "cpu", "--out", stream, "--quiet"]].concat();
        let output = place.bench(&arguments).env("BENCH_STREAM", stream).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    }
    Run::at(place.path("never")).assert_same_bytes(&Run::at(place.path("always")));
    let output = place.bench(&["run", "--quick"]).env("BENCH_STREAM", "maybe").output().unwrap();
    assert!(errors(&output).contains("BENCH_STREAM is `maybe`, expected auto, always or never"), "{}", errors(&output));
}

#[test]
fn a_run_that_was_killed_again_and_again_ends_with_the_same_bytes() {
    let place = Place::new();
    let undisturbed = undisturbed(&place);
    let out = place.path("killed");
    // In the middle of a training, after a training, in the middle of an evaluation; each wait begins where the last kill left off.
    for (end, more) in [("/weights.safetensors", 1), ("/trial.json", 1), (".parquet", 12)] {
        let wanted = count(&out, end) + more;
        let mut child = place.bench(&command("killed", "1")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until(&mut child, &format!("{wanted} files *{end}"), || count(&out, end) >= wanted);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(count(&out, "/trial.json") < TRIALS, "it was not killed in the middle");
    // What a kill between writing and renaming leaves.
    let (trial, _) = Run::at(out.clone()).trials().into_values().next().unwrap();
    for name in [".trial.json.1-0.partial", ".weights.safetensors.1-1.partial", "eval/.0123.parquet.1-2.partial"] {
        fs::write(trial.join(name), "half").unwrap();
    }
    fs::write(out.join(".records.csv.1-3.partial"), "half").unwrap();
    place.fine(&command("killed", "2"));
    Run::at(out).assert_same_bytes(&undisturbed);
}

#[test]
fn a_killed_worker_loses_its_trial_alone_and_the_next_command_makes_it() {
    let place = Place::new();
    let undisturbed = undisturbed(&place);
    let out = place.path("out");
    let (worker, process) = (place.path("worker"), place.path("process"));
    // The real worker, whose process number is known.
    let script = format!(
        "#!/bin/sh\n[ $# -eq 0 ] && echo $$ > '{0}.new' && mv '{0}.new' '{0}'\nexec '{1}' \"$@\"\n",
        process.display(),
        program("bench-worker").display()
    );
    fs::write(&worker, script).unwrap();
    fs::set_permissions(&worker, fs::Permissions::from_mode(0o755)).unwrap();
    let mut child = place.bench(&command("out", "1"));
    let mut child = child.env("BENCH_WORKER", &worker).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut child, "a trained trial", || count(&out, "/trial.json") > 0);
    signal("KILL", fs::read_to_string(&process).unwrap().trim().parse().unwrap());
    let output = child.wait_with_output().unwrap();
    let message = errors(&output);
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(message.contains(&format!("1 of {TRIALS} trials failed")) && message.contains("was killed (signal 9)"), "{message}");
    assert!(message.lines().any(|line| line.starts_with("  cremad-votes?train=200 ") && line.contains(" seed ")), "{message}");
    place.fine(&command("out", "1"));
    Run::at(out).assert_same_bytes(&undisturbed);
}

#[test]
fn an_interrupted_run_keeps_finished_trials_and_goes_on_to_the_same_bytes() {
    let place = Place::new();
    let undisturbed = undisturbed(&place);
    let out = place.path("interrupted");
    let mut child = place.bench(&command("interrupted", "2")).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut child, "a trained trial", || count(&out, "/trial.json") > 0);
    signal("INT", child.id());
    let output = child.wait_with_output().unwrap();
    let message = errors(&output);
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(message.contains("interrupted; finished trials are kept"), "{message}");
    let kept = Run::at(out.clone()).trials();
    assert!(!kept.is_empty() && kept.len() < TRIALS, "{} trials", kept.len());
    let weights = |folder: &std::path::Path| fs::metadata(folder.join("weights.safetensors")).unwrap().modified().unwrap();
    let before: Vec<_> = kept.values().map(|(folder, _)| (folder, weights(folder))).collect();
    place.fine(&command("interrupted", "2"));
    assert!(before.iter().all(|(folder, written)| weights(folder) == *written), "a finished trial was trained again");
    Run::at(out).assert_same_bytes(&undisturbed);
}
