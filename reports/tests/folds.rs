//! Means and tests over the folds of a cross-validation.

use std::collections::BTreeMap;

use bench_reports::{
    Record,
    folds::{FoldInfo, OverFolds, over_folds},
    report::{RunInfo, markdown, statistics, terminal},
    summary::{Collector, DatasetInfo, DatasetSummary, Modality, Quantity, Summary, Task, TrialEvidence},
};

const SEEDS: [u64; 2] = [42, 123];

fn info(fold: &str, of: usize, (test, train): (usize, usize)) -> DatasetInfo {
    DatasetInfo {
        name: format!("digits?folds={of}&fold={fold}"),
        task: Task::Classification,
        classes: 10,
        n_test: test,
        chance: None,
        modalities: ["audio", "image"].map(|name| Modality { name: name.into(), kind: "vector".into(), unit: "pixels".into() }).into(),
        groups: None,
        fold: Some(FoldInfo { family: format!("digits?folds={of}"), name: fold.into(), of, n_train: train }),
        conditions: Vec::new(),
    }
}

/// A fold in which each method has these clean accuracies, one a seed.
fn fold(info: DatasetInfo, methods: &[(&str, &str, &[f64])]) -> DatasetSummary {
    let rows: Vec<(String, String)> = methods.iter().map(|(method, preset, _)| ((*method).into(), (*preset).into())).collect();
    let name = info.name.clone();
    let mut collector = Collector::new(info, &rows, None, None);
    for (at, (method, preset)) in collector.order().into_iter().enumerate() {
        let (.., values) = methods.iter().find(|row| row.0 == method && row.1 == preset).unwrap();
        let trial = |(&seed, &value): (&u64, &f64)| {
            let record = Record {
                dataset: name.clone(),
                method: method.clone(),
                preset: preset.clone(),
                seed,
                condition: "clean".into(),
                group: "clean".into(),
                metric: "accuracy".into(),
                value: Some(value),
                note: String::new(),
                samples: 100,
                selected_on: "validation".into(),
                trial: format!("{method}-{preset}-{seed}"),
            };
            TrialEvidence { seed, records: vec![record], samples: BTreeMap::new(), fingerprint: Some(seed), ..TrialEvidence::default() }
        };
        let trials: Vec<TrialEvidence> = SEEDS.iter().zip(*values).map(trial).collect();
        collector.add(at, &trials.iter().collect::<Vec<_>>()).unwrap();
    }
    collector.finish()
}

/// Three folds of three methods, test half as large as training.
fn three() -> Summary {
    let methods = [
        [("concat", [0.5, 0.7]), ("raml", [0.6, 0.8]), ("late", [0.4, 0.6])],
        [("concat", [0.6, 0.6]), ("raml", [0.8, 0.8]), ("late", [0.5, 0.5])],
        [("concat", [0.7, 0.9]), ("raml", [1.0, 1.0]), ("late", [0.7, 0.9])],
    ];
    let folds = methods.iter().enumerate().map(|(at, methods)| {
        let rows: Vec<(&str, &str, &[f64])> = methods.iter().map(|(method, values)| (*method, "paper", &values[..])).collect();
        fold(info(&(at + 1).to_string(), 3, (100, 200)), &rows)
    });
    Summary { datasets: folds.collect() }
}

fn only(summary: &Summary) -> OverFolds {
    let mut found = over_folds(summary);
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

/// By hand. Means over seeds: concat .6 .6 .8, raml .7 .8 1.0, late .5 .5 .8. Means over folds 2/3, 2.5/3, .6; deviations √(.04/3), √(.07/3), √.03.
/// Differences from concat: raml .1 .2 .2 (mean 1/6, s² = 1/300), late −.1 −.1 0 (mean −1/15, s² = 1/300). Corrected variance (1/3 + 1/2)/300 = 1/360,
/// so t = √360/6 = √10 and −√360/15 = −√1.6 with two degrees of freedom, where p = 1 − |t|/√(t² + 2): 1 − √(10/12) and 1 − √(1.6/3.6) = 1/3.
/// Holm of two: twice the smaller, then the larger (at least as much).
#[test]
fn three_folds_by_hand() {
    let over = only(&three());
    assert_eq!((over.family.as_str(), over.of, over.reference.as_str(), over.tests), ("digits?folds=3", 3, "concat", 2));
    assert_eq!((&over.folds[..], &over.quantities[..]), (&["1", "2", "3"].map(String::from)[..], &[Quantity::Clean][..]));
    close(over.test_to_train, 0.5);
    let row = |label: &str| &over.rows.iter().find(|row| row.label == label).unwrap().cells[0];
    for (label, mean, variance) in [("concat", 2.0 / 3.0, 0.04 / 3.0), ("raml", 2.5 / 3.0, 0.07 / 3.0), ("late", 0.6, 0.03)] {
        close(row(label).mean.unwrap(), mean);
        close(row(label).sd.unwrap(), f64::sqrt(variance));
        assert_eq!(row(label).per_fold.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    }
    assert!(row("concat").against.is_none());
    let p_raml = 1.0 - f64::sqrt(10.0 / 12.0);
    for (label, difference, t, p, p_holm) in
        [("raml", 1.0 / 6.0, f64::sqrt(10.0), p_raml, 2.0 * p_raml), ("late", -1.0 / 15.0, -f64::sqrt(1.6), 1.0 / 3.0, 1.0 / 3.0)]
    {
        let found = row(label).against.as_ref().unwrap().as_ref().unwrap();
        close(found.test.estimate, difference);
        close(found.test.standard_error, f64::sqrt(1.0 / 360.0));
        close(found.test.t(), t);
        close(found.p, p);
        close(found.p_holm, p_holm);
        assert_eq!((found.folds, found.test.df), (3, 2.0));
        // The 97.5 % point of t with two degrees of freedom: √(2·.95²/(1 − .95²)).
        close(found.interval.1 - difference, f64::sqrt(2.0 * 0.9025 / 0.0975) * f64::sqrt(1.0 / 360.0));
    }
}

/// 1/k + 1/(k − 2) where the folds are even and one is kept for validation: for ten folds of 30 samples, 3 to 24.
#[test]
fn the_correction_is_that_of_the_sizes() {
    let folds = (1..=10).map(|at| {
        let values = [0.5 + f64::from(at % 3) / 10.0];
        fold(info(&at.to_string(), 10, (3, 24)), &[("concat", "paper", &[0.5]), ("raml", "paper", &values)])
    });
    let over = only(&Summary { datasets: folds.collect() });
    let found = over.rows[1].cells[0].against.as_ref().unwrap().as_ref().unwrap();
    // Differences .1 .2 0 .1 .2 0 .1 .2 0 .1: mean .1, squares 6 · .01, s² = .06/9.
    close(found.test.estimate, 0.1);
    close(found.test.standard_error.powi(2), (0.1 + 1.0 / 8.0) * 0.06 / 9.0);
}

#[test]
fn what_is_missing_is_said_and_not_averaged_over_in_silence() {
    let rows: [&[(&str, &str, &[f64])]; 3] = [
        &[("concat", "paper", &[0.5, 0.7]), ("raml", "paper", &[0.6, 0.9])],
        &[("concat", "paper", &[0.6]), ("raml", "paper", &[0.8, 0.4])],
        &[("concat", "paper", &[0.7]), ("late", "paper", &[0.9])],
    ];
    let folds = rows.iter().enumerate().map(|(at, rows)| fold(info(&(at + 1).to_string(), 5, (100, 300)), rows));
    let summary = Summary { datasets: folds.collect() };
    let over = only(&summary);
    let row = |label: &str| &over.rows.iter().find(|row| row.label == label).unwrap().cells[0];
    assert_eq!((row("raml").per_fold.len(), row("raml").missing.as_deref()), (2, Some("no trial in fold 3")));
    // Only the first seed is common in the second fold: .8 − .6, and .75 − .6 in the first.
    let found = row("raml").against.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(found.folds, 2);
    close(found.test.estimate, (0.15 + 0.2) / 2.0);
    assert_eq!(row("late").against.as_ref().unwrap().as_ref().unwrap_err(), "1 fold with values of both: a test needs two");
    let text = markdown(&summary, &RunInfo::default());
    assert!(text.contains("3 folds (1, 2, 3); the other 2 are not here."), "{text}");
    assert!(text.contains("(2 of 3 folds)") && text.contains("n/a (1 fold with values of both: a test needs two)"), "{text}");
}

#[test]
fn equal_differences_and_other_budgets_are_not_tested() {
    let same = (1..=3)
        .map(|at| fold(info(&at.to_string(), 3, (1, 1)), &[("concat", "paper", &[0.5]), ("raml", "paper", &[0.5]), ("late", "paper", &[0.75])]));
    let over = only(&Summary { datasets: same.collect() });
    let reasons: Vec<&str> = over.rows[1..].iter().map(|row| row.cells[0].against.as_ref().unwrap().as_ref().unwrap_err().as_str()).collect();
    assert_eq!(reasons, ["the same difference in every fold: no spread to test against", "equal in every fold"]);
    let tuned = (1..=3).map(|at| {
        let value = [0.5 + f64::from(at) / 10.0];
        fold(info(&at.to_string(), 3, (1, 1)), &[("concat", "paper", &[0.5]), ("raml", "tuned(20)", &value)])
    });
    let over = only(&Summary { datasets: tuned.collect() });
    assert!(over.rows[1].cells[0].against.as_ref().unwrap().is_err());
    assert_eq!(over.tests, 0);
}

#[test]
fn one_fold_or_none_has_no_section() {
    let mut alone = three();
    alone.datasets.truncate(1);
    assert!(over_folds(&alone).is_empty());
    assert!(!markdown(&alone, &RunInfo::default()).contains("Over the folds"));
    let mut plain = three();
    plain.datasets.iter_mut().for_each(|dataset| dataset.info.fold = None);
    assert!(over_folds(&plain).is_empty());
    assert!(!terminal(&plain, None).contains("Over the folds"));
}

#[test]
fn the_reports_have_the_section_and_say_what_folds_share() {
    let summary = three();
    let text = markdown(&summary, &RunInfo::default());
    for part in [
        "## Over the folds: digits?folds=3",
        "3 folds (1, 2, 3). Accuracy in %, higher is better.",
        "| `concat` (reference) | 66.7 ± 11.5 |",
        "Folds share training samples",
        "(1/3 + 0.500) times",
        "2 degrees of freedom; p after Holm over 2 tests",
        "+16.7",
        "No method can be told apart from `concat` over the folds",
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    let shown = terminal(&summary, Some(80));
    assert!(shown.contains("Over the folds: digits?folds=3") && shown.contains("66.7 ± 11.5"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let tests = statistics(&summary);
    assert!(tests.contains("Over the folds") && tests.contains("3.16") && tests.contains("0.17"), "{tests}");
}

/// Differences .30 .31 .30 against a third of the samples: s² = 1/30000, t = .3033…/√((1/3 + 1/3)/30000) = 64.3, p about .00024.
#[test]
fn a_difference_that_is_found_is_named() {
    let folds = [0.8, 0.81, 0.8]
        .iter()
        .enumerate()
        .map(|(at, &value)| fold(info(&at.to_string(), 3, (1, 3)), &[("concat", "paper", &[0.5]), ("raml", "paper", &[value])]));
    let text = markdown(&Summary { datasets: folds.collect() }, &RunInfo::default());
    assert!(text.contains("Against `concat`: `raml` is better in clean (+30.3, p\u{a0}=\u{a0}0.00024)"), "{text}");
}
