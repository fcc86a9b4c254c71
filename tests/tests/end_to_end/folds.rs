//! Cross-validation: folds are datasets of a run, and the report has them together.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use bench_datasets::{Dataset, Split, embedded_directory};
use serde_json::Value;

use super::{
    place::{Place, count, errors},
    shards::{assert_same, shards, whole, words},
};

/// By hand: three folds, two methods, two seeds: 12 trials.
const SETTINGS: &str =
    "run --suite clean --dataset digits?train=60 --folds 3 --by speaker --method concat,late --seeds 2 --epochs 1 --device cpu --jobs 2 --quiet";
const TRIALS: usize = 12;

/// The ids of the test samples of every dataset in a run folder, as in the stored scores' records: one set a dataset.
fn folds() -> Vec<Dataset> {
    (1..=3)
        .map(|fold| Dataset::open(&format!("digits?folds=3&fold={fold}&by=speaker&train=60").parse().unwrap(), &[embedded_directory()]).unwrap())
        .collect()
}

#[test]
fn a_run_over_folds_tests_every_sample_once_and_reports_them_together() {
    let place = Place::new();
    let shown = place.fine(&words(SETTINGS, &["--out", "run"]));
    assert_eq!(count(&place.path("run"), "/trial.json"), TRIALS);

    // Who is tested where, from the datasets that the run opened under the names it wrote down.
    let run = fs::read_to_string(place.path("run/run.toml")).unwrap();
    let run: toml::Table = run.parse().unwrap();
    let settings = run["settings"].as_table().unwrap();
    assert_eq!((settings["folds"].as_integer(), settings["by"].as_str()), (Some(3), Some("speaker")));
    let names: Vec<&str> = settings["dataset"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let opened = folds();
    assert_eq!(names, opened.iter().map(|dataset| dataset.reference().to_string()).collect::<Vec<_>>());
    let mut tested: BTreeMap<&str, usize> = BTreeMap::new();
    for dataset in &opened {
        let groups = dataset.groups().unwrap();
        let speakers = Split::ALL.map(|split| dataset.indices(split).iter().map(|&row| groups.of_sample[row]).collect::<BTreeSet<_>>());
        assert_eq!(speakers.iter().map(BTreeSet::len).sum::<usize>(), speakers.iter().flatten().collect::<BTreeSet<_>>().len());
        dataset.indices(Split::Test).iter().for_each(|&row| *tested.entry(&dataset.ids()[row]).or_default() += 1);
        assert_eq!(dataset.indices(Split::Train).len(), 60);
    }
    assert!(tested.len() == 3000 && tested.values().all(|&times| times == 1));

    // The means over folds are those of the records.
    let records = fs::read_to_string(place.path("run/records.csv")).unwrap();
    let mut of_fold: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for line in records.lines().filter(|line| line.contains(",late,") && line.contains(",clean,clean,accuracy,")) {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields[9], "1000", "{line}");
        of_fold.entry(fields[0]).or_default().push(fields[7].parse().unwrap());
    }
    assert!(of_fold.len() == 3 && of_fold.values().all(|values| values.len() == 2), "{of_fold:?}");
    let mean = of_fold.values().map(|values| values.iter().sum::<f64>() / 2.0).sum::<f64>() / 3.0;
    let table = fs::read_to_string(place.path("run/folds.csv")).unwrap();
    let row: Vec<&str> = table.lines().find(|line| line.contains(",late,clean,accuracy,")).unwrap().split(',').collect();
    assert_eq!((row[0], row[4], row[9]), ("digits?folds=3&by=speaker&train=60", "3", "3"));
    assert!((row[5].parse::<f64>().unwrap() - mean).abs() < 1e-12, "{table}");
    // 1000 test samples to 60 for training.
    assert!((row[10].parse::<f64>().unwrap() - 1000.0 / 60.0).abs() < 1e-9, "{table}");

    let report = fs::read_to_string(place.path("run/report.md")).unwrap();
    for part in ["## Over the folds: digits?folds=3&by=speaker&train=60", "3 folds (1, 2, 3). Accuracy in %", "(1/3 + 16.667) times"] {
        assert!(report.contains(part), "`{part}` is not in:\n{report}");
    }
    assert!(shown.contains("Over the folds: digits?folds=3&by=speaker&train=60"), "{shown}");
    let value: Value = serde_json::from_str(&place.fine(&["stats", "run", "--format", "json"])).unwrap();
    let late = &value["folds"][0]["methods"][1];
    assert_eq!((late["method"].as_str(), value["datasets"][2]["dataset"]["fold"]["name"].as_str()), (Some("late"), Some("3")));
    assert!((late["quantities"]["clean"]["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    assert!(place.fine(&["show", "run"]).contains("3, by speaker"));
    assert!(place.fine(&["list", "run"]).contains("digits?folds=3&fold=2&by=speaker&train=60"));

    // Again: nothing is trained, and no byte changes. A fold run alone is the same trial.
    let before = whole(&place.path("run"));
    place.fine(&words(SETTINGS, &["--out", "run"]));
    assert!(before == whole(&place.path("run")));
    let alone = SETTINGS.replace("digits?train=60 --folds 3 --by speaker", "digits?folds=3&fold=2&by=speaker&train=60");
    place.fine(&words(&alone, &["--out", "alone"]));
    assert!(!place.path("alone/folds.csv").exists());
    for name in before.keys().filter(|name| place.path("alone").join(name).is_file() && name.ends_with("weights.safetensors")) {
        assert!(fs::read(place.path("alone").join(name)).unwrap() == before[name], "{name}");
    }
    assert_eq!(before.keys().filter(|name| place.path("alone").join(name).is_file() && name.ends_with("weights.safetensors")).count(), 4);
}

#[test]
fn folds_in_shards_and_begun_anew_have_the_bytes_of_one_run() {
    let place = Place::new();
    place.fine(&words(SETTINGS, &["--out", "single"]));
    shards(&place, SETTINGS, 2, &[1, 2]);
    place.fine(&["merge", "s1", "s2", "--out", "merged"]);
    assert_same(&place, "single", "merged");
    // One fold of one method first, the rest from a settings file and the environment.
    let first = SETTINGS.replace("digits?train=60 --folds 3 --by speaker", "digits?folds=3&fold=3&by=speaker&train=60");
    place.fine(&words(&first, &["--out", "steps"]));
    place.fine(&words(SETTINGS, &["--out", "steps"]));
    assert_same(&place, "single", "steps");
}

#[test]
fn folds_come_from_file_and_environment_and_are_shown_before_anything_runs() {
    let place = Place::new();
    fs::write(place.path("a.toml"), "dataset = ['digits?train=60']\nmethod = ['concat']\nfolds = 3\nseeds = 1\nsuite = 'clean'\ndevice = 'cpu'\n")
        .unwrap();
    let mut command = place.bench(&["run", "--config", "a.toml", "--dry-run"]);
    let output = command.env("BENCH_BY", "speaker").output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert!(shown.contains("each dataset in 3 folds by speaker") && shown.contains("3 trials, 0 of them done"), "{shown}");
    assert!((1..=3).all(|fold| shown.contains(&format!("digits?folds=3&fold={fold}&by=speaker&train=60: 1 conditions"))), "{shown}");
    assert!(!place.path("runs").exists());
}

#[test]
fn what_cannot_be_folded_is_refused_with_a_sentence() {
    let place = Place::new();
    let refused = |more: &[&str], said: &str| {
        let output = place.run(&[&["run", "--suite", "clean", "--method", "concat", "--device", "cpu", "--out", "run"], more].concat());
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        assert!(errors(&output).contains(said), "`{said}` is not in {}", errors(&output));
    };
    refused(&["--dataset", "digits", "--folds", "7"], "6 groups (speaker), too few for 7 folds; ask for 6 folds or fewer");
    refused(&["--dataset", "digits", "--folds", "2"], "`2` is no number of folds; write a number from 3");
    refused(&["--dataset", "digits", "--folds", "3", "--by", "actor"], "grouped by `speaker`");
    refused(&["--dataset", "digits", "--folds", "all"], "digits comes with no folds");
    refused(&["--dataset", "digits", "--by", "speaker"], "needs a number of folds");
    refused(&["--dataset", "digits?folds=3&fold=1", "--folds", "3"], "is one fold already");
    refused(&["--dataset", "digits?folds=3"], "`folds` needs `fold`");
    refused(&["--dataset", "mfeat", "--folds", "3", "--preset", "tuned"], "a preset chosen on other splits has seen samples that this fold tests");
    assert!(!place.path("run").exists());
}
