//! `--latency`: ratios of times are there, and nothing is said of how large they are.

use std::path::Path;

use serde_json::Value;

use super::{
    compare,
    place::{Place, errors, files, program},
    says, train,
};

/// The timed rows: two of a pair, each a finite positive ratio within its interval, without values.
#[track_caller]
fn timed(report: &Value) -> Vec<&Value> {
    let rows: Vec<&Value> = report["costs"].as_array().unwrap().iter().filter(|cost| cost["what"].as_str().unwrap().starts_with("time of")).collect();
    for row in &rows {
        let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("no number in {row:#}"));
        let (ratio, low, high) = (number(&row["ratio"]), number(&row["interval"][0]), number(&row["interval"][1]));
        assert!(0.0 < low && low <= ratio && ratio <= high && high.is_finite(), "{row:#}");
        assert_eq!((&row["values"], &row["unit"]), (&Value::Null, &"".into()));
    }
    rows
}

#[test]
fn models_are_timed_in_turns_with_one_build_or_two() {
    let place = Place::new();
    train(&place, "concat,decalign", "1", "out");
    let before = files(&place.path("out"));
    let (_, report) = compare(&place, &["out:concat", "out:decalign"]);
    assert!(timed(&report).is_empty(), "{report:#}");
    let folder = program("bench").parent().map(Path::to_path_buf).unwrap();
    let builds = [None, Some(program("bench")), Some(program("bench-worker")), Some(folder)];
    for (at, build) in builds.iter().enumerate() {
        let flags: Vec<&str> = build.iter().flat_map(|path| ["--base-program", path.to_str().unwrap()]).collect();
        let (_, report) = compare(&place, &[&["out:concat", "out:decalign", "--latency"], &flags[..]].concat());
        let rows = timed(&report);
        assert_eq!(rows.iter().map(|row| row["what"].as_str().unwrap()).collect::<Vec<_>>(), ["time of a prediction", "time of a training step"]);
        assert!(rows.iter().all(|row| row["base"] == "concat" && row["head"] == "decalign"), "{report:#}");
        says(&report["notes"], &[if at == 0 { "Both sides were timed with this build" } else { "Each side was timed with its own build" }]);
    }
    assert_eq!(files(&place.path("out")), before, "timing writes nothing to a run folder");
}

#[test]
fn a_base_program_that_is_none_is_refused() {
    let place = Place::new();
    train(&place, "concat", "1", "out");
    for (flags, said) in [
        (&["--latency", "--base-program", "/no/such"][..], "--base-program: there is no file /no/such;"),
        (&["--latency", "--base-program", "out"], "bench-worker; name a `bench`, its `bench-worker` or the folder that holds both"),
        (&["--latency", "--base-program", "/bin/true"], "--base-program names no worker: "),
        // It would read the question as commands and wait for more.
        (&["--latency", "--base-program", "/bin/sh"], "--base-program names no worker: "),
        (&["--base-program", "/no/such"], "--latency"),
    ] {
        let output = place.run(&[&["compare", "out", "out", "--quiet"], flags].concat());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{flags:?}: {}", errors(&output));
        assert!(errors(&output).contains(said), "{flags:?}: {}", errors(&output));
    }
}
