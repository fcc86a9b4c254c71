//! The pool with a worker that is a small shell script.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Instant};

use bench_card::{Options, Recipe};
use bench_store::{TrialSpec, protocol::Job};

use super::*;

fn job(seed: u64) -> Request {
    let spec = TrialSpec {
        protocol: 1,
        dataset: "d".into(),
        dataset_hash: "h".into(),
        split: "fixed".into(),
        method: "m".into(),
        modality: None,
        revision: 1,
        options: Options::new(),
        preset: "paper".into(),
        recipe: Recipe::default(),
        epochs: 1,
        patience: 1,
        seed,
        device: "cpu".into(),
        libtorch: "0".into(),
        evaluation_batch: 1,
        init: None,
    };
    let conditions = vec!["clean".into()];
    Request::Trial(Job {
        spec,
        label: "m".into(),
        folder: "f".into(),
        data: Vec::new(),
        conditions,
        device: "cpu".into(),
        init: None,
        train: true,
        trusted: Vec::new(),
        cache: None,
    })
}

/// A worker that answers each request line by the first of `cases` (shell patterns) that it matches, else with `done`.
fn program(folder: &Path, cases: &str) -> WorkerProgram {
    let path = folder.join("worker");
    let script = format!(
        "#!/bin/sh\nwhile read -r line; do\n  case \"$line\" in\n{cases}\n    *) echo '{{\"event\":\"trained\",\"epochs\":3}}'; \
         echo '{{\"event\":\"done\",\"unavailable\":[]}}';;\n  esac\ndone\n"
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    WorkerProgram::at_path(path)
}

fn done() -> Outcome {
    Outcome::Done { unavailable: Vec::new() }
}

#[test]
fn every_request_is_served_once_and_outcomes_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), "    *'\"seed\":2,'*) echo '{\"event\":\"failed\",\"usage\":true,\"message\":\"no\"}';;");
    let requests: Vec<Request> = (0..7).map(job).collect();
    for jobs in [1, 3] {
        let mut started = vec![0; requests.len()];
        let outcomes = Pool { program: &program, jobs, interrupt: &Interrupt::default() }.run(&requests, |_, request, notice| {
            started[request] += usize::from(matches!(notice, Notice::Started));
        });
        assert_eq!(started, [1; 7]);
        for (at, outcome) in outcomes.iter().enumerate() {
            let expected = if at == 2 { Outcome::Failed { usage: true, message: "no".into() } } else { done() };
            assert_eq!(*outcome, expected, "{at} of {jobs} jobs");
        }
    }
}

#[test]
fn a_worker_that_dies_loses_its_trial_and_not_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), "    *'\"seed\":1,'*) echo 'out of luck' >&2; kill -9 $$;;\n    *'\"seed\":3,'*) exit 7;;");
    let requests: Vec<Request> = (0..5).map(job).collect();
    let outcomes = Pool { program: &program, jobs: 1, interrupt: &Interrupt::default() }.run(&requests, |_, _, _| {});
    let message = |at: usize| match &outcomes[at] {
        Outcome::Failed { usage: false, message } => message.clone(),
        other => panic!("{other:?}"),
    };
    assert!(message(1).contains("signal 9") && message(1).contains("out of luck"), "{}", message(1));
    assert!(message(3).contains("exit code 7"), "{}", message(3));
    assert_eq!([&outcomes[0], &outcomes[2], &outcomes[4]], [&done(), &done(), &done()]);
}

#[test]
fn a_worker_that_talks_nonsense_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), "    *'\"seed\":0,'*) echo 'hello';;");
    let outcomes = Pool { program: &program, jobs: 1, interrupt: &Interrupt::default() }.run(&[job(0), job(1)], |_, _, _| {});
    assert!(matches!(&outcomes[0], Outcome::Failed { usage: false, message } if message.contains("`hello`")), "{outcomes:?}");
    assert_eq!(outcomes[1], done());
}

#[test]
fn an_interrupt_kills_the_workers_and_keeps_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), "    *'\"seed\":1,'*) exec sleep 60;;");
    let interrupt = Interrupt::default();
    let started = Instant::now();
    let outcomes = Pool { program: &program, jobs: 1, interrupt: &interrupt }.run(&[job(0), job(1), job(2)], |_, request, notice| {
        if request == 1 && matches!(notice, Notice::Started) {
            interrupt.set();
        }
    });
    assert_eq!(outcomes, [done(), Outcome::NotRun, Outcome::NotRun]);
    assert!(started.elapsed().as_secs() < 30);
}

#[test]
fn a_program_that_does_not_start_is_a_sentence() {
    let program = WorkerProgram::at_path("/no/such/worker".into());
    let outcomes = Pool { program: &program, jobs: 2, interrupt: &Interrupt::default() }.run(&[job(0)], |_, _, _| {});
    assert!(matches!(&outcomes[0], Outcome::Failed { usage: true, message } if message.contains("/no/such/worker")), "{outcomes:?}");
}
