//! What `bench methods` says there is, and what the papers' tables make of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{place::Place, transcript::Transcript};

/// Ids of the methods that are here, and the names of those of which only printed numbers exist.
fn known(place: &Place) -> (BTreeSet<String>, BTreeSet<String>) {
    let all: Value = serde_json::from_str(&place.fine(&["methods", "--format", "json"])).unwrap();
    let names = |list: &str, key: &str| all[list].as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect();
    (names("methods", "id"), names("reported_only", "name"))
}

#[test]
fn a_method_is_listed_with_what_it_takes_and_what_it_makes_of_a_missing_modality() {
    let place = Place::new();
    let all: Value = serde_json::from_str(&place.fine(&["methods", "--format", "json"])).unwrap();
    for card in all["methods"].as_array().unwrap() {
        assert!(card["missing"].as_str().is_some_and(|words| !words.is_empty() && words.len() <= 60), "{card}");
        assert!(!card["capabilities"]["kinds"].as_array().unwrap().is_empty(), "{card}");
    }
    let of = |id: &str| all["methods"].as_array().unwrap().iter().find(|card| card["id"] == id).unwrap().clone();
    assert_eq!(of("film")["missing"], "zero input");
    assert_eq!(of("md")["missing"], "left out of the fusion, or zero input");
    assert_eq!(of("mla")["missing"], "left out of the weighted answer");
    assert_eq!(of("film")["capabilities"]["kinds"], serde_json::json!(["vector", "sequence", "tokens", "image"]));

    let text = place.fine(&["methods"]);
    let row = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}\n{text}"));
    assert!(row("film ").contains("Perez et al., AAAI 2018") && row("raml ").contains("Chen et al., 2023"), "{text}");
    // Everything about a method that is not a sentence stands in one line of a wide terminal.
    let facts = text.lines().take_while(|line| !line.is_empty());
    assert!(facts.clone().count() > 23 && facts.clone().all(|line| line.chars().count() <= 160), "{text}");
    assert!(row("UniMSE ").contains("Hu et al., EMNLP 2022") && row("UniMSE ").contains("cp-sl-1"), "{text}");
}

/// Exit code 0 says that none of them failed while two epochs of it were timed.
#[test]
fn what_a_run_of_every_method_would_take_is_told() {
    let place = Place::new();
    let methods = known(&place).0.into_iter().collect::<Vec<_>>().join(",");
    let told = place.fine(&["run", "--dry-run", "--suite", "clean", "--dataset", "openmoji?train=64", "--seeds", "1", "--method", &methods]);
    assert!(told.contains("0 of them done") && told.contains("at most about"), "{told}");
}

#[test]
fn no_method_is_both_here_and_reported_only() {
    let place = Place::new();
    let (here, reported) = known(&place);
    let both: Vec<&String> = reported.iter().filter(|name| here.contains(&name.to_ascii_lowercase())).collect();
    assert!(both.is_empty() && reported.contains("EmotionLLM"), "{both:?}");
}

#[test]
fn every_method_that_a_table_measures_is_here() {
    let (here, _) = known(&Place::new());
    for spec in bench_tables::spec::builtin().unwrap() {
        for leaf in spec.rows.iter().chain(&spec.columns) {
            let Some(method) = &leaf.meaning.method else { continue };
            assert!(here.contains(&method.method), "{}: no method `{}`", spec.id, method.method);
        }
    }
}

#[test]
fn what_is_known_of_a_method_that_only_papers_have_needs_no_worker() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    for arguments in [&["methods", "show", "UniMSE"][..], &["methods", "show", "emollm", "--format", "json"], &["methods", "show", "HCMSL"]] {
        let mut command = place.bench(arguments);
        command.env("BENCH_WORKER", "/no/such/worker");
        seen.command(command);
    }
    seen.check("reported_only");
}
