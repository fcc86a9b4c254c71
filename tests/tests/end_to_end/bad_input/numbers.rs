//! Numbers out of range, and arguments that are no text.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

use super::{place::Place, train, transcript::Transcript};

#[test]
fn a_number_out_of_range_is_refused() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    for arguments in [
        ["--jobs", "0"],
        ["--jobs", "-1"],
        ["--epochs", "0"],
        ["--epochs", "1.5"],
        ["--epochs", "99999999999999999999999"],
        ["--patience", "0"],
        ["--seeds", "0"],
        ["--seeds", "21"],
        ["--seeds", "-1"],
        ["--seeds", "1,x"],
        ["--device", "gpu"],
        ["--dataset", "digits?train=0"],
        ["--dataset", "digits?train=1501"],
        ["--dataset", "digits?test=5"],
    ] {
        seen.run(&[&["run"][..], &arguments].concat());
    }
    seen.run(&["eval", "nowhere", "--suite", "noise", "--jobs", "0"]);
    seen.run(&["eval", "nowhere", "--suite", "noise", "--device", "gpu"]);
    seen.run(&["eval", "nowhere"]);
    seen.check("numbers");
    assert!(!place.path("runs").exists());
}

#[test]
fn an_environment_variable_is_read_as_strictly_as_a_flag() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    for (name, value) in [("BENCH_EPOCHS", "0"), ("BENCH_JOBS", "all"), ("BENCH_QUIET", "perhaps")] {
        let mut command = place.bench(&["run"]);
        command.env(name, value);
        let output = command.output().unwrap();
        seen.add(&format!("{name}={value} bench run"), &output);
    }
    seen.check("environment");
}

/// A path may be any bytes on Unix, but the worker is told paths as JSON.
#[test]
fn an_argument_that_is_no_text_is_refused() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    let bytes: &OsStr = OsStr::from_bytes(b"na\xffme");
    fs::create_dir(place.path("").join(bytes)).unwrap();
    for flag in ["--out", "--data"] {
        let arguments: Vec<&OsStr> = train(&[flag]).into_iter().map(OsStr::new).chain([bytes]).collect();
        seen.run(&arguments);
    }
    for flag in ["--dataset", "--method"] {
        seen.run(&[OsStr::new("run"), OsStr::new(flag), bytes]);
    }
    seen.run(&[OsStr::new("datasets"), OsStr::new("show"), bytes]);
    seen.run(&[bytes]);
    seen.check("not_text");
    assert_eq!(fs::read_dir(place.path("").join(bytes)).unwrap().count(), 0);
}
