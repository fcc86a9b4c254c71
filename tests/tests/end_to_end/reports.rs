//! What is said of a run: robustness numbers against the stored scores, and the commands that only read.

use std::{collections::BTreeMap, fs, path::Path};

use bench_store::Scores;
use serde_json::Value;

use super::{
    place::{Place, errors, files},
    run::Run,
};

const RUN: &str = "run --dataset openmoji?train=100 --method concat,unimodal --seeds 3 --epochs 2 --device cpu --quiet --out out";

fn trained() -> Place {
    let place = Place::new();
    place.fine(&RUN.split(' ').collect::<Vec<_>>());
    place
}

/// Whether each test sample is right, by the argmax of the stored scores; the first class of equals.
fn right(scores: &Scores) -> Vec<bool> {
    predicted(scores).iter().zip(&scores.targets).map(|(class, target)| *class as f64 == *target).collect()
}

fn predicted(scores: &Scores) -> Vec<usize> {
    let best = |row: &[f32]| (0..row.len()).rev().max_by(|&left, &right| row[left].total_cmp(&row[right])).unwrap();
    scores.values.chunks(scores.width).map(best).collect()
}

fn share(flags: impl Iterator<Item = bool>) -> f64 {
    let flags: Vec<bool> = flags.collect();
    flags.iter().filter(|flag| **flag).count() as f64 / flags.len() as f64
}

#[test]
fn robustness_numbers_follow_from_the_stored_scores() {
    let place = trained();
    let run = Run::at(place.path("out"));
    let text = fs::read_to_string(place.path("out/robustness.csv")).unwrap();
    let value = |measure: &str, scope: &str| -> f64 {
        let start = format!("openmoji?train=100,concat,paper,42,{measure},{scope},");
        let line = text.lines().find_map(|line| line.strip_prefix(start.as_str())).unwrap_or_else(|| panic!("no line {start}"));
        line.split(',').next().unwrap().parse().unwrap()
    };
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    let scores = |condition: &str| run.scores("concat", 42, condition);
    let clean = scores("clean");

    let attacks = ["fgsm(image,1/255)", "fgsm(image,4/255)", "fgsm(image,16/255)"].map(|condition| right(&scores(condition)));
    let clean_right = right(&clean);
    let survived = |levels: usize| share((0..clean_right.len()).map(|at| clean_right[at] && attacks[..levels].iter().all(|attack| attack[at])));
    close(value("robust_accuracy", "\"fgsm(image,1/255)\""), survived(1));
    close(value("robust_accuracy", "\"fgsm(image,16/255)\""), survived(3));
    close(value("worst_case", "attack"), survived(3));

    let lost = scores("missing(text)");
    close(value("flips", "missing(text)"), share(predicted(&clean).iter().zip(predicted(&lost)).map(|(clean, here)| *clean != here)));
    close(value("flips_to_wrong", "missing(text)"), share(clean_right.iter().zip(right(&lost)).map(|(clean, here)| *clean && !here)));

    // Trapezoids between 0, 0.08, 0.12, 0.18, 0.26 and 0.38.
    let levels = [0.0, 0.08, 0.12, 0.18, 0.26, 0.38];
    let accuracies = levels.map(|level| {
        let condition = if level == 0.0 { "clean".to_string() } else { format!("noise(image,{level})") };
        run.value("concat", &condition, "accuracy")
    });
    let area: f64 = (1..levels.len()).map(|at| (levels[at] - levels[at - 1]) * (accuracies[at] + accuracies[at - 1]) / 2.0).sum();
    close(value("area", "noise(image)"), area / 0.38);
    close(value("drop", "noise"), accuracies[0] - accuracies[1..].iter().sum::<f64>() / 5.0);
}

/// Every file with its bytes.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    files(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

#[test]
fn stats_and_show_say_what_the_report_says_and_write_nothing() {
    let place = trained();
    let report: Value = serde_json::from_str(&place.fine(&["report", "out", "--format", "json"])).unwrap();
    let before = everything(&place.path("out"));
    let stats: Value = serde_json::from_str(&place.fine(&["stats", "out", "--format", "json"])).unwrap();
    assert_eq!(stats, report);
    let dataset = &stats["datasets"][0];
    // Five quantities, two controls beside the reference.
    assert_eq!(dataset["family_size"], 10);
    assert_eq!(dataset["comparisons"].as_array().unwrap().len(), 10);
    assert!(dataset["comparisons"][0]["outcome"]["bootstrap"]["interval"].is_array(), "{}", dataset["comparisons"][0]);
    assert!(["unimodal/image", "unimodal/text"].contains(&dataset["best_unimodal"].as_str().unwrap()));
    assert!(dataset["guards"].as_array().unwrap().iter().all(|guard| guard["text"].is_string()));

    let table = place.fine(&["stats", "out"]);
    assert!(table.contains("10 tests, Bonferroni") && table.contains("✓"), "{table}");
    let overview = place.fine(&["show", "out"]);
    assert!(overview.contains("42 123 456") && overview.contains("unimodal/text"), "{overview}");

    let (folder, _) = Run::at(place.path("out")).trials().remove(&("concat".into(), 42)).unwrap();
    let key = folder.file_name().unwrap().to_str().unwrap();
    let shown: Value = serde_json::from_str(&place.fine(&["show", "out", &key[..12], "--format", "json"])).unwrap();
    assert_eq!(shown["key"], key);
    let accuracy =
        shown["records"].as_array().unwrap().iter().find(|record| record["condition"] == "clean" && record["metric"] == "accuracy").unwrap();
    assert_eq!(accuracy["value"].as_f64().unwrap(), Run::at(place.path("out")).value("concat", "clean", "accuracy"));
    let text = place.fine(&["show", "out", key]);
    assert!(text.contains("concat on openmoji?train=100, seed 42") && text.contains("noise(image,0.18)") && text.contains("validation"), "{text}");
    let after = everything(&place.path("out"));
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    let changed: Vec<&String> = after.iter().filter(|(name, bytes)| before[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(changed.is_empty(), "a command that only reads has changed {changed:?}");
}

#[test]
fn a_trial_is_named_by_as_much_of_its_key_as_is_unique() {
    let place = trained();
    let refused = |trial: &str, part: &str| {
        let output = place.run(&["show", "out", trial]);
        assert_eq!(output.status.code(), Some(2));
        assert!(errors(&output).contains(part), "{}", errors(&output));
    };
    refused("nosuchkey", "no finished trial's key begins with `nosuchkey`");
    refused("", "give more of it");
}

/// The report is one file with its figures: every link leads somewhere, and each figure is a picture.
#[test]
fn every_figure_of_the_report_is_there() {
    let place = trained();
    let report = fs::read_to_string(place.path("out/report.md")).unwrap();
    let links: Vec<&str> = report.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() >= 4, "{links:?}");
    for link in links {
        let svg = fs::read_to_string(place.path("out").join(link)).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>") && svg.contains("polyline"), "{link}");
    }
    assert!(report.find("**What was found.**").unwrap() < report.find("## Details").unwrap());
}
