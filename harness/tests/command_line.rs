//! The real `bench` with a worker that is a small shell script: exit codes, precedence, resuming.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use bench_card::{Capabilities, Card, TaskKind};
use bench_store::protocol::{Description, Probe};

/// A folder with a worker that describes one method and answers every trial with `answer` (a line of shell).
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(answer: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plain = Card::plain("concat", "Concatenation", "simple fusion", "joins");
        let capabilities = Capabilities { tasks: vec![TaskKind::Classification], min_modalities: 1, ..plain.capabilities };
        let card = Card { paper: "none".into(), capabilities, ..plain };
        let description =
            Description { version: env!("CARGO_PKG_VERSION").into(), libtorch: "2.11.0".into(), cpu: "AVX2".into(), methods: vec![card] };
        let no = |reason: &str| Err(reason.to_string());
        let probe =
            Probe { libtorch: "2.11.0".into(), cpu: "AVX2".into(), driver: no("none"), cuda_library: Err("none".into()), devices: Vec::new() };
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
        write("description.json", serde_json::to_string(&description).unwrap());
        write("probe.json", serde_json::to_string(&probe).unwrap());
        let here = folder.path().display();
        write(
            "worker",
            format!(
                "#!/bin/sh\ncase \"$1\" in\n--describe) cat {here}/description.json; exit;;\n--probe) cat {here}/probe.json; exit;;\nesac\n\
                 while read -r line; do\n{answer}\ndone\n"
            ),
        );
        fs::set_permissions(folder.path().join("worker"), fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bench(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
        command.args(arguments).current_dir(self.folder.path()).env("BENCH_WORKER", self.path("worker")).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.bench(arguments).output().unwrap()
    }
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const REFUSE: &str = r#"echo '{"event":"failed","usage":false,"message":"no luck"}'"#;

#[test]
fn a_mistake_is_one_sentence_and_exit_code_2() {
    let place = Place::new(REFUSE);
    fs::write(place.path("bad.toml"), "epoch = 3\n").unwrap();
    fs::create_dir(place.path("full")).unwrap();
    fs::write(place.path("full/thesis.tex"), "").unwrap();
    for (arguments, part) in [
        (&["run", "--dataset", "openmojy"][..], "did you mean `openmoji`"),
        (&["run", "--method", "conct"], "did you mean `concat`"),
        (&["run", "--suite", "robustnes"], "did you mean `robustness`"),
        (&["run", "--seeds", "99"], "`99,`"),
        (&["run", "--epochs", "0"], "epochs is 0 (from flag)"),
        (&["run", "--config", "bad.toml"], "bad.toml, line 1: there is no setting `epoch`; did you mean `epochs`?"),
        (&["run", "--method", "concat", "--reference", "raml"], "the reference `raml`"),
        (&["run", "--method", "concat", "--out", "full"], "no run folder"),
        (&["run", "--frobnicate"], "unexpected argument"),
        (&["list", "nowhere"], "there is no run folder nowhere"),
        (&["datasets", "show", "nothing"], "there is no dataset `nothing`"),
        (&["eval", "nowhere", "--suite", "noise"], "there is no run folder nowhere"),
    ] {
        let output = place.run(arguments);
        let message = error(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.starts_with("bench: ") && message.contains(part), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty() && !message.contains("stack backtrace"), "{arguments:?}");
    }
}

#[test]
fn a_worker_that_does_not_start_is_told_with_its_last_words() {
    let place = Place::new(REFUSE);
    fs::write(place.path("worker"), "#!/bin/sh\necho 'libtorch_cpu.so: cannot open shared object file' >&2\nexit 127\n").unwrap();
    for (arguments, code) in [(&["run", "--device", "cpu"][..], 2), (&["methods"], 2)] {
        let output = place.run(arguments);
        assert_eq!(output.status.code(), Some(code));
        let message = error(&output);
        assert!(message.contains("libtorch_cpu.so: cannot open") && message.contains("run `bench doctor`"), "{message}");
    }
    let doctor = place.run(&["doctor"]);
    assert_eq!(doctor.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("!!  libtorch"));
}

#[test]
fn flags_win_over_environment_over_file_and_run_toml_says_so() {
    let place = Place::new(REFUSE);
    fs::write(place.path("my.toml"), "epochs = 9\npatience = 4\nseeds = [5]\nmethod = ['concat']\ndataset = ['openmoji']\n").unwrap();
    let output = place
        .bench(&["run", "--config", "my.toml", "--epochs", "7", "--out", "out"])
        .env("BENCH_EPOCHS", "8")
        .env("BENCH_PATIENCE", "3")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", error(&output));
    let run: toml::Table = fs::read_to_string(place.path("out/run.toml")).unwrap().parse().unwrap();
    let (settings, sources) = (run["settings"].as_table().unwrap(), run["sources"].as_table().unwrap());
    assert_eq!([&settings["epochs"], &settings["patience"]].map(toml::Value::as_integer), [Some(7), Some(3)]);
    let source = |name: &str| sources[name].as_str().unwrap().to_string();
    assert_eq!(["epochs", "patience", "seeds", "suite"].map(source), ["flag", "environment", "file", "default"]);
}

#[test]
fn failed_trials_are_listed_and_the_exit_code_is_3() {
    let place = Place::new("kill -9 $$");
    let output = place.run(&["run", "--dataset", "openmoji", "--method", "concat", "--seeds", "2", "--out", "out", "--device", "cpu", "--jobs", "1"]);
    let message = error(&output);
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(message.contains("2 of 2 trials failed") && message.contains("openmoji concat seed 123: its worker was killed (signal 9)"), "{message}");
    assert!(place.path("out/selftest.json").is_file());
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::new(r#"echo '{"event":"estimated","epoch_seconds":2.0,"evaluation_seconds":1.0,"parameters":10}'"#);
    let before = listing(place.folder.path());
    let output = place.run(&["run", "--dry-run", "--dataset", "openmoji", "--method", "concat", "--seeds", "2", "--epochs", "30", "--jobs", "1"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}", error(&output));
    // Two trials of 30 epochs of 2 s and 1 s of evaluation.
    assert!(text.contains("2 trials, 0 of them done") && text.contains("2 min 02 s"), "{text}");
    assert_eq!(listing(place.folder.path()), before);
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new(REFUSE);
    let mut child = place.bench(&["suites", "show", "robustness"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), error(&output)), (Some(0), String::new()));
}

#[test]
fn help_completions_and_manual_come_from_the_same_definitions() {
    let place = Place::new(REFUSE);
    for (arguments, part) in [(&["run", "--help"][..], "--seeds"), (&["completions", "bash"], "--seeds"), (&["man"], "bench\\-run")] {
        let output = place.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(part), "{arguments:?}");
    }
}
