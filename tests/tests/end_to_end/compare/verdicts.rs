//! What is found, and the exit code that says so.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::{
    Run, compare, copy,
    place::{Place, files},
    rows, says, texts, train, words,
};

/// Trained twice, not copied: nothing of a place or a time is in what is compared. No test is needed, so one seed is enough.
#[test]
fn the_same_run_made_twice_is_the_same_bit_for_bit() {
    let place = Place::new();
    for out in ["a", "b"] {
        train(&place, "prior,concat", "2", out);
    }
    let (code, report) = compare(&place, &["a", "b", "--require-proof"]);
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!((&report["verdict"], &report["incomplete"]), (&"same".into(), &false.into()));
    // Two methods in two quantities: clean, and the mean over all patterns.
    assert_eq!(rows(&report).len(), 4);
    assert!(rows(&report).iter().all(|row| row["identical"] == true && row["verdict"] == "same"), "{report:#}");
    assert!(report["notes"].as_array().unwrap().is_empty(), "{report:#}");
}

/// A prior knows nothing of the inputs: after ten epochs concatenation is far better than it.
#[test]
fn a_method_that_is_hurt_has_regressed_and_the_other_way_round_it_improved() {
    let place = Place::new();
    train(&place, "prior,concat", "5", "out");
    let (code, worse) = compare(&place, &["out:concat", "out:prior"]);
    assert_eq!((code, &worse["verdict"], &worse["outcome"]), (Some(1), &"regressed".into(), &"regression".into()), "{worse:#}");
    let (code, better) = compare(&place, &["out:prior", "out:concat"]);
    assert_eq!((code, &better["verdict"], &better["outcome"]), (Some(0), &"improved".into(), &"fine".into()), "{better:#}");
    for (report, base, head) in [(&worse, "concat", "prior"), (&better, "prior", "concat")] {
        assert!(rows(report).iter().all(|row| row["base"] == base && row["head"] == head && row["identical"] == false), "{report:#}");
        agrees_with_records(&Run::at(place.path("out")), report);
    }
}

/// Per seed the mean over the conditions of the quantity, then the mean over seeds, from the text of records.csv.
fn agrees_with_records(run: &Run, report: &Value) {
    for row in rows(report) {
        let conditions: &[&str] = match row["quantity"].as_str().unwrap() {
            "clean" => &["clean"],
            "missing macro" => &["clean", "missing(image)", "missing(text)"],
            other => panic!("{other}"),
        };
        for side in ["base", "head"] {
            let mut by_seed: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
            for record in run.rows().iter().filter(|record| record.method == row[side].as_str().unwrap() && record.metric == "accuracy") {
                if conditions.contains(&record.condition.as_str()) {
                    by_seed.entry(record.seed).or_default().push(record.value.unwrap());
                }
            }
            assert!(by_seed.len() == 5 && by_seed.values().all(|values| values.len() == conditions.len()), "{by_seed:?}");
            let means: Vec<f64> = by_seed.values().map(|values| values.iter().sum::<f64>() / values.len() as f64).collect();
            let expected = means.iter().sum::<f64>() / means.len() as f64;
            let found = row["values"][side].as_f64().unwrap();
            assert!((found - expected).abs() < 1e-12, "{side} of {row}: {found}, not {expected}");
        }
    }
}

/// Two seeds and a strict level: |t| with one degree of freedom would have to be over 636.
#[test]
fn what_two_seeds_cannot_tell_fails_only_where_proof_is_asked_for() {
    let place = Place::new();
    train(&place, "concat", "2", "a");
    place.fine(&words("run --suite missing --dataset openmoji?train=100 --method concat --seeds 3 --epochs 1 --device cpu --quiet --out b"));
    let question = ["a", "b", "--alpha", "0.001"];
    let (code, report) = compare(&place, &question);
    assert_eq!((code, &report["verdict"]), (Some(0), &"cannot-tell".into()), "{report:#}");
    says(&report["notes"], &["The base was trained with epochs 10, the head with 1."]);
    says(&report["notes"], &["Seeds of the base are 42, 123, of the head 42, 123, 456"]);
    let (code, report) = compare(&place, &[&question[..], &["--require-proof"]].concat());
    assert_eq!((code, &report["outcome"]), (Some(4), &"cannot-tell".into()));
}

#[test]
fn a_trial_a_condition_or_a_method_that_is_gone_makes_it_incomplete() {
    let place = Place::new();
    train(&place, "prior,concat", "2", "a");
    let damaged = |name: &str, damage: &dyn Fn(&Run)| -> Value {
        copy(&place.path("a"), &place.path(name));
        damage(&Run::at(place.path(name)));
        let (code, report) = compare(&place, &["a", name]);
        assert_eq!((code, &report["incomplete"]), (Some(3), &true.into()), "{name}: {report:#}");
        report
    };
    let trial = |run: &Run, method: &str, seed: u64| run.trials()[&(method.to_string(), seed)].0.join("trial.json");
    let report = damaged("trial", &|run| fs::remove_file(trial(run, "concat", 123)).unwrap());
    says(&report["lacking"], &["head", "concat on openmoji?train=100, seed 123", "not trained"]);
    assert_eq!(report["lacking"].as_array().unwrap().len(), 1, "{report:#}");
    let report = damaged("condition", &|run| fs::remove_file(run.scores_file("concat", 42, "missing(text)")).unwrap());
    says(&report["lacking"], &["head", "concat on openmoji?train=100, seed 42: 1 of 3 conditions not evaluated, such as missing(text)"]);
    // A run that never asked for the method is whole by itself, but the base had it.
    train(&place, "prior", "2", "method");
    let (code, report) = compare(&place, &["a", "method"]);
    assert_eq!(code, Some(3), "{report:#}");
    says(&report["lacking"], &["head", "concat on openmoji?train=100 is not trained"]);
    // What the folder says was planned goes before what can be guessed; a reader is told what it is.
    let planned = "[planned]\n\"0123\" = \"late on openmoji?train=100, seed 42\"\n";
    let report = damaged("planned", &|run| {
        let file = run.root().join("run.toml");
        let text = fs::read_to_string(&file).unwrap();
        let with = if text.contains("[planned]\n") { text.replace("[planned]\n", planned) } else { format!("{text}\n{planned}") };
        fs::write(file, with).unwrap();
    });
    assert_eq!(texts(&report["lacking"]).len(), 1, "{report:#}");
    says(&report["lacking"], &["head", "late on openmoji?train=100, seed 42 is not trained"]);
    // What the head alone has is told and passes.
    let (code, report) = compare(&place, &["method", "a"]);
    assert_eq!(code, Some(0), "{report:#}");
    says(&report["notes"], &["The head alone has concat on openmoji?train=100"]);
    // What is not asked for is not missed.
    assert_eq!(compare(&place, &["a", "method", "--method", "prior"]).0, Some(0));
}

/// A metric without values of each sample, which prints another range.
#[test]
fn another_metric_is_compared_by_seeds_alone() {
    let place = Place::new();
    train(&place, "prior,concat", "3", "out");
    let (_, report) = compare(&place, &["out:prior", "out:concat", "--metric", "negative_log_likelihood"]);
    let dataset = &report["datasets"][0];
    assert_eq!((&dataset["metric"], &dataset["higher_is_better"]), (&"NLL".into(), &false.into()));
    says(&report["notes"], &["NLL has no value of each sample"]);
    let run = Run::at(place.path("out"));
    let clean = rows(&report).iter().find(|row| row["quantity"] == "clean").unwrap();
    let records = run.rows();
    let of = |method: &str| -> Vec<f64> {
        let of = records.iter().filter(|row| row.method == method && row.condition == "clean" && row.metric == "negative_log_likelihood");
        of.filter_map(|row| row.value).collect()
    };
    for (side, method) in [("base", "prior"), ("head", "concat")] {
        let values = of(method);
        assert_eq!(values.len(), 3);
        let (found, expected) = (clean["values"][side].as_f64().unwrap(), values.iter().sum::<f64>() / 3.0);
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }
}

/// Parameters are known of every trial; work and memory where both folders keep profiles.
#[test]
fn costs_of_models_are_compared_as_they_were_counted() {
    let place = Place::new();
    train(&place, "concat", "1", "a");
    let of = |report: &Value, what: &str| report["costs"].as_array().unwrap().iter().find(|cost| cost["what"] == what).cloned();
    copy(&place.path("a"), &place.path("b"));
    place.fine(&words("profile --run a --keep --quiet --format json"));
    let (code, report) = compare(&place, &["a", "b"]);
    assert_eq!(code, Some(0), "{report:#}");
    let parameters = Run::at(place.path("a")).trials()[&("concat".to_string(), 42)].1.outcome.parameters;
    assert_eq!(of(&report, "trainable parameters").unwrap()["values"][0].as_f64(), Some(parameters as f64));
    assert!(of(&report, "FLOPs of a prediction").is_none());
    says(&report["notes"], &["the head has no kept profile"]);

    // A head that needs a tenth more work in the forward pass of a prediction.
    copy(&place.path("a/costs"), &place.path("b/costs"));
    let name = files(&place.path("b/costs")).into_iter().find(|name| name != "extractors.json").unwrap();
    let file = place.path("b/costs").join(name);
    let mut kept: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let total = |work: &Value| work["flops"].as_array().unwrap().iter().map(|family| family["flops"].as_u64().unwrap()).sum::<u64>();
    let before = total(&kept["profile"]["inference"]);
    let more = &mut kept["profile"]["inference"]["flops"][0]["flops"];
    *more = (more.as_u64().unwrap() + before / 10).into();
    fs::write(&file, kept.to_string()).unwrap();
    let (code, report) = compare(&place, &["a", "b"]);
    let cost = of(&report, "FLOPs of a prediction").unwrap();
    assert_eq!(cost["values"][0].as_f64(), Some(before as f64));
    assert_eq!((code, &cost["verdict"]), (Some(1), &"regressed".into()), "{report:#}");
    assert_eq!(of(&report, "FLOPs of a training step").unwrap()["ratio"].as_f64(), Some(1.0));
    assert_eq!(compare(&place, &["a", "b", "--cost-margin", "11"]).0, Some(0));
    assert!(texts(&report["notes"]).is_empty(), "{report:#}");
}
