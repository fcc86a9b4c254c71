//! A run folder grows; what is in it stays, file by file and row by row.

use std::{collections::BTreeMap, fs, time::SystemTime};

use super::{
    place::{Place, copy, files},
    run::Run,
};

/// Bytes and time of last change of all that is never written twice; `conditions.json` is a list that grows.
fn settled(run: &Run) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let trials = run.root().join("trials");
    let names = files(&trials).into_iter().filter(|name| !name.ends_with("conditions.json"));
    let state = |name: &String| (fs::read(trials.join(name)).unwrap(), fs::metadata(trials.join(name)).unwrap().modified().unwrap());
    names.map(|name| (name.clone(), state(&name))).collect()
}

#[test]
fn seeds_methods_datasets_suites_and_conditions_are_added_without_touching_what_is_there() {
    let place = Place::new();
    let run = Run::at(place.path("out"));
    let base = ["--epochs", "1", "--device", "cpu", "--jobs", "2", "--quiet"];
    let openmoji = "openmoji?train=100";
    let begin = ["run", "--out", "out", "--suite", "missing", "--dataset", openmoji, "--method", "concat", "--seeds", "1"];
    place.fine(&[&begin[..], &base].concat());
    for (what, arguments) in [
        ("a seed", &["run", "--out", "out", "--suite", "missing", "--dataset", openmoji, "--method", "concat", "--seeds", "2"][..]),
        ("a method", &["run", "--out", "out", "--suite", "missing", "--dataset", openmoji, "--method", "late", "--seeds", "2"]),
        ("a dataset", &["run", "--out", "out", "--suite", "missing", "--dataset", "cremad-votes?train=200", "--method", "late", "--seeds", "1"]),
        ("a suite", &["run", "--out", "out", "--suite", "words", "--dataset", openmoji, "--method", "concat,late", "--seeds", "2"]),
        ("a suite by eval", &["eval", "out", "--suite", "adversarial", "--jobs", "2", "--quiet"]),
        ("a condition", &["eval", "out", "--condition", "noise(image,0.5)+missing(text)", "--dataset", openmoji, "--quiet"]),
    ] {
        let (before, rows) = (settled(&run), run.csv());
        let base = if arguments[0] == "run" { &base[..] } else { &[] };
        place.fine(&[arguments, base].concat());
        let (after, grown) = (settled(&run), run.csv());
        assert!(after.len() > before.len(), "{what} added no file");
        for (name, state) in &before {
            assert!(after.get(name) == Some(state), "{what} touched {name}");
        }
        let grown: Vec<&str> = grown.lines().collect();
        assert!(grown.len() > rows.lines().count(), "{what} added no row");
        if let Some(gone) = rows.lines().find(|row| !grown.contains(row)) {
            panic!("{what} changed the row {gone}");
        }
    }
}

/// The worker encodes each modality once and reuses it over conditions: which conditions came before may not show.
#[test]
fn a_condition_evaluated_alone_has_the_bytes_of_one_evaluated_with_all_others() {
    let place = Place::new();
    let methods = ["concat", "augmentation", "raml"];
    let train = "run --suite missing --dataset openmoji?train=100 --seeds 1 --epochs 1 --device cpu --quiet --out together --method";
    place.fine(&train.split(' ').chain([methods.join(",").as_str()]).collect::<Vec<_>>());
    let asked = ["noise(image,0.18)+missing(text)", "noise(image,0.18)+mask(text,0.1)", "noise(image,0.18)+fgsm(image,4/255)"];
    for alone in 0..asked.len() {
        copy(&place.path("together"), &place.path(&format!("alone{alone}")));
    }
    let all: Vec<&str> = asked.iter().rev().flat_map(|condition| ["--condition", *condition]).collect();
    place.fine(&[&["eval", "together", "--quiet", "--suite", "robustness"], &all[..]].concat());
    let together = Run::at(place.path("together"));
    for (alone, condition) in asked.iter().enumerate() {
        let name = format!("alone{alone}");
        place.fine(&["eval", &name, "--quiet", "--condition", condition]);
        for method in methods {
            let bytes = |run: &Run| fs::read(run.scores_file(method, 42, condition)).unwrap();
            assert!(bytes(&Run::at(place.path(&name))) == bytes(&together), "{method} under {condition}");
        }
    }
}
