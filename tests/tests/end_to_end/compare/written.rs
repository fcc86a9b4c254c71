//! What is written: whole, before anything is printed, whatever the verdict, and the same each time.

use std::{fs, fs::File, io, process::Command};

use super::{
    copy,
    place::{Place, files},
    train,
};

const FILES: [&str; 4] = ["comment.md", "compare.json", "compare.md", "junit.xml"];

/// `a`, and `b` which lacks a trial.
fn place() -> Place {
    let place = Place::new();
    train(&place, "prior,concat", "5", "a");
    place
}

#[test]
fn files_are_there_also_where_something_regressed_or_is_missing() {
    let place = place();
    copy(&place.path("a"), &place.path("b"));
    let trials = super::Run::at(place.path("b")).trials();
    fs::remove_file(trials[&("concat".to_string(), 42)].0.join("trial.json")).unwrap();
    for (base, head, out, code) in [("a:concat", "a:prior", "regressed", 1), ("a", "b", "incomplete", 3), ("a", "a", "new/folder", 0)] {
        let output = place.run(&["compare", base, head, "--out", out, "--quiet"]);
        assert_eq!(output.status.code(), Some(code), "{}", super::errors(&output));
        assert_eq!(files(&place.path(out)), FILES);
        for name in FILES {
            assert!(!fs::read(place.path(out).join(name)).unwrap().is_empty(), "{name}");
        }
        assert!(fs::read_to_string(place.path(out).join("junit.xml")).unwrap().starts_with("<?xml"));
    }
}

/// Nothing of the time, the place or the process is in what is said; what is printed is what is written.
#[test]
fn the_same_inputs_give_the_same_bytes() {
    let place = place();
    let printed = |format: &str, out: &str| place.run(&["compare", "a:concat", "a:prior", "--format", format, "--out", out, "--quiet"]).stdout;
    for (format, name) in [("json", "compare.json"), ("md", "compare.md"), ("github", "comment.md"), ("junit", "junit.xml"), ("table", "compare.md")]
    {
        let (one, other) = (printed(format, "one"), printed(format, "other"));
        assert!(one == other, "--format {format} prints other bytes");
        if format != "table" {
            assert!(one == fs::read(place.path("one").join(name)).unwrap(), "--format {format} is not {name}");
        }
    }
    for name in FILES {
        let (one, other) = (fs::read(place.path("one").join(name)).unwrap(), fs::read(place.path("other").join(name)).unwrap());
        assert!(one == other, "{name} has other bytes");
        let text = String::from_utf8(one).unwrap();
        assert!(!text.contains(place.path("").to_str().unwrap().trim_end_matches('/')), "{name} names a folder of this machine");
    }
    assert_eq!(files(&place.path("a")).iter().filter(|name| name.contains("compare")).count(), 0);
}

#[test]
fn a_reader_that_went_away_loses_neither_files_nor_the_verdict() {
    let place = place();
    let compare = |out: &str| -> Command { place.bench(&["compare", "a:concat", "a:prior", "--format", "json", "--out", out, "--quiet"]) };
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let closed = compare("closed").stdout(writer).output().unwrap();
    assert_eq!(closed.status.code(), Some(1));
    let full = compare("full").stdout(File::options().write(true).open("/dev/full").unwrap()).output().unwrap();
    assert_eq!(full.status.code(), Some(2));
    for out in ["closed", "full"] {
        assert_eq!(files(&place.path(out)), FILES);
    }
    // A folder that cannot be made is told before anything is printed.
    fs::write(place.path("file"), "").unwrap();
    let refused = place.run(&["compare", "a", "a", "--out", "file/verdict", "--quiet"]);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0));
}
