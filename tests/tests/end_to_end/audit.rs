//! `bench audit` through the real program: exit codes, machine-readable output, baselines, plain tables, and the committed report.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    place::{Place, errors},
    transcript::Transcript,
};

fn json(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

/// Standard output of a command whose answer is no.
#[track_caller]
fn no(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_claim_has_a_verdict_and_every_number_it_rests_on() {
    let place = Place::new();
    let rows = json(&no(&place, &["audit", "--format", "json"]));
    assert!(rows.len() >= 426, "{}", rows.len());
    for row in &rows {
        for field in ["id", "paper", "kind", "loc", "quote", "verdict", "reason", "origin"] {
            assert!(row[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {row}");
        }
        assert!(row["stated"].is_string());
        assert!(["holds", "fails", "undecidable"].contains(&row["verdict"].as_str().unwrap()));
        let found = &row["recomputed"];
        if row["op"] != "manual" && !found.is_null() {
            let number = |name: &str| found[name].as_f64().unwrap();
            assert!(number("lo") <= number("value") && number("value") <= number("hi"), "{row}");
        }
        assert!(row["verdict"] == "undecidable" || !found.is_null(), "{row}");
    }
    let sheet = no(&place, &["audit", "--format", "csv"]);
    assert!(sheet.starts_with("id,paper,kind,origin,loc,quote,verdict,"), "{sheet}");
}

#[test]
fn papers_and_verdicts_can_be_chosen() {
    let place = Place::new();
    let rows = json(&no(&place, &["audit", "RAML", "cpsl", "--only", "fails", "--format", "json"]));
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["verdict"] == "fails" && (row["paper"] == "raml" || row["paper"] == "cpsl")));
}

#[test]
fn the_committed_report_is_what_the_program_writes() {
    let place = Place::new();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/claims.md");
    let committed = fs::read_to_string(page).unwrap();
    let now = no(&place, &["audit", "--format", "md"]);
    assert!(committed == now, "docs/claims.md is not up to date: `bench audit --format md > docs/claims.md`");
}

#[test]
fn a_baseline_turns_the_question_into_what_changed() {
    let place = Place::new();
    let verdicts = no(&place, &["audit", "--format", "json"]);
    fs::write(place.path("same.json"), &verdicts).unwrap();
    place.fine(&["audit", "--baseline", "same.json"]);
    // A claim that fails today held then, one is new and one is gone.
    let mut before = json(&verdicts);
    let fails = before.iter().position(|row| row["verdict"] == "fails").unwrap();
    before[fails]["verdict"] = "holds".into();
    let changed = before[fails]["id"].as_str().unwrap().to_owned();
    let mut gone = before[0].clone();
    gone["id"] = "once-there".into();
    before.push(gone);
    fs::write(place.path("other.json"), serde_json::to_string(&before).unwrap()).unwrap();
    let rows = json(&no(&place, &["audit", "--baseline", "other.json", "--format", "json"]));
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [changed.as_str(), "once-there"]);
    assert_eq!((&rows[0]["before"], &rows[0]["now"]), (&"holds".into(), &"fails".into()));
    assert_eq!(rows[1]["now"], Value::Null);
    // Other papers' claims are not gone, only not asked for.
    place.fine(&["audit", "mla", "--baseline", "same.json"]);
}

#[test]
fn a_ledger_can_be_started_and_audited_at_once() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    seen.run(&["audit", "--new", "mine"]);
    seen.files("mine");
    seen.run(&["audit", "--ledger", "mine", "--only", "holds"]);
    seen.run(&["audit", "--ledger", "mine", "--explain", "example-difference"]);
    seen.run(&["audit", "--new", "mine"]);
    seen.check("audit_new");
}

#[test]
fn any_table_is_looked_at() {
    let place = Place::new();
    // The mean of 80.00 and 90.00 is printed as 86.00, and 79.10 carries the mark of the best. 80.00 % of 7 samples cannot be.
    fs::write(place.path("wrong.csv"), "Method,A.Acc (%),B.Acc (%),Average\nours,80.00,**79.10**,86.00\nother,70.00,79.50,74.75\nthird,60.00,71.00,65.50\nfourth,61.00,73.00,67.00\n").unwrap();
    let rows = json(&no(&place, &["audit", "--csv", "wrong.csv", "--format", "json"]));
    let checks: Vec<&str> = rows.iter().map(|row| row["check"].as_str().unwrap()).collect();
    assert!(checks.contains(&"mean") && checks.contains(&"mark"), "{rows:?}");
    let rows = json(&no(&place, &["audit", "--csv", "wrong.csv", "--n-test", "7", "--check", "grim", "--format", "json"]));
    assert!(rows.iter().all(|row| row["check"] == "grim") && !rows.is_empty(), "{rows:?}");
    fs::write(
        place.path("right.csv"),
        "Method,A.Acc (%),B.Acc (%),Average\nours,**80.00**,79.10,**79.55**\nother,70.00,**79.50**,74.75\nthird,60.00,71.00,65.50\n",
    )
    .unwrap();
    place.fine(&["audit", "--csv", "right.csv"]);
}
