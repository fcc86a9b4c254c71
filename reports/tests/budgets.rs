//! Methods with different tuning budgets stand in one table and are not ranked against each other.

use bench_reports::{
    Record,
    report::{RunInfo, markdown, statistics, terminal},
    summary::{Collector, DatasetInfo, DatasetSummary, Modality, Outcome, Quantity, Status, Subject, Summary, Task, Test, TrialEvidence},
};

const SEEDS: [u64; 5] = [42, 123, 456, 789, 2024];
/// Differences over seeds that a paired t-test finds at once, added to what a method is ahead by.
const WOBBLE: [f64; 5] = [0.0, 0.01, 0.02, 0.01, 0.0];

fn info() -> DatasetInfo {
    DatasetInfo {
        name: "digits".into(),
        task: Task::Classification,
        classes: 10,
        n_test: 200,
        chance: None,
        modalities: ["audio", "image"].map(|name| Modality { name: name.into(), kind: "vector".into(), unit: "pixels".into() }).into(),
        groups: None,
        fold: None,
        conditions: Vec::new(),
    }
}

/// A row: method, preset, mean accuracy and macro-F1, validation value.
type Row = (&'static str, &'static str, f64, f64);

fn summary(rows: &[Row], reference: Option<&str>) -> DatasetSummary {
    let names: Vec<(String, String)> = rows.iter().map(|(method, preset, ..)| ((*method).into(), (*preset).into())).collect();
    let mut collector = Collector::new(info(), &names, reference, None);
    for (at, (method, preset)) in collector.order().into_iter().enumerate() {
        let (.., accuracy, validation) = rows.iter().find(|row| row.0 == method && row.1 == preset).unwrap();
        let trials: Vec<TrialEvidence> = SEEDS
            .iter()
            .zip(WOBBLE)
            .map(|(&seed, wobble)| {
                let value = accuracy + if at == 0 { 0.0 } else { wobble };
                let record = |metric: &str| Record {
                    dataset: "digits".into(),
                    method: method.clone(),
                    preset: preset.clone(),
                    seed,
                    condition: "clean".into(),
                    group: "clean".into(),
                    metric: metric.into(),
                    value: Some(value),
                    note: String::new(),
                    samples: 200,
                    selected_on: if method == "prior" { "none" } else { "validation" }.into(),
                    trial: format!("{method}-{preset}-{seed}"),
                };
                let records = ["accuracy", "macro_f1"].map(record).into();
                TrialEvidence { seed, records, validation: Some(*validation), fingerprint: Some(seed), ..TrialEvidence::default() }
            })
            .collect();
        collector.add(at, &trials.iter().collect::<Vec<_>>()).unwrap();
    }
    collector.finish()
}

fn outcome<'a>(dataset: &'a DatasetSummary, label: &str) -> &'a Outcome {
    let row = dataset.rows.iter().position(|row| row.label == label).unwrap();
    &dataset.comparisons.iter().find(|comparison| comparison.row == row && comparison.quantity == Quantity::Clean).unwrap().outcome
}

fn tested<'a>(dataset: &'a DatasetSummary, label: &str) -> &'a Test {
    match outcome(dataset, label) {
        Outcome::Tested(test) => test,
        Outcome::Untested(reason) => panic!("{reason}"),
    }
}

fn guard(dataset: &DatasetSummary) -> (Status, &str) {
    let mut found =
        dataset.guards.iter().filter(|guard| guard.text.contains("tuned") || guard.text.contains("tuning") || guard.text.contains("preset"));
    let guard = found.next().unwrap();
    assert!(found.next().is_none(), "{:?}", dataset.guards);
    (guard.status, &guard.text)
}

const MIXED: [Row; 4] =
    [("concat", "paper", 0.5, 0.5), ("late", "harness", 0.6, 0.6), ("prior", "tuned(20)", 0.1, 0.1), ("raml", "tuned(20)", 0.9, 0.9)];

/// By hand: late − concat = 0.1, 0.11, 0.12, 0.11, 0.1, so t = 28.8642 and, with 4 degrees of freedom, p = 1 − t/√(t² + 4) · (1 + 2/(t² + 4)) = 8.57522e-6; times
/// the three methods beside the reference, of which raml is refused and counts.
#[test]
fn another_budget_is_refused_and_makes_no_other_test_easier() {
    let dataset = summary(&MIXED, None);
    assert_eq!(*outcome(&dataset, "raml"), Outcome::Untested("other tuning budget: tuned, 20 settings against untuned".into()));
    assert_eq!(dataset.family.as_ref().unwrap().size(), 3);
    let late = tested(&dataset, "late");
    assert!((late.paired.t - 28.8642).abs() < 1e-3 && (late.p_bonferroni / late.paired.p_two_sided - 3.0).abs() < 1e-12, "{late:?}");
    assert!((late.paired.p_two_sided / 8.57522e-6 - 1.0).abs() < 1e-5, "{late:?}");
    // It is not trained, so whatever its preset says, nothing was chosen for it.
    assert!(tested(&dataset, "prior").paired.mean_difference < 0.0);
}

#[test]
fn the_exploratory_family_refuses_and_counts_too() {
    let exploration = summary(&MIXED, None).exploratory.unwrap();
    assert_eq!((exploration.size, exploration.tested), (3, 2));
    let late = exploration.findings.iter().find(|finding| finding.row == 1 && finding.subject == Subject::Secondary).unwrap();
    // Holm by hand: late and prior have the same spread, prior the larger t; the second smallest of three is doubled.
    assert!((late.p_holm / late.paired.p_two_sided - 2.0).abs() < 1e-9, "{late:?}");
    assert!(exploration.findings.iter().all(|finding| finding.row != 2), "{:?}", exploration.findings);
}

#[test]
fn with_a_tuned_reference_the_tuned_are_compared() {
    let rows = [MIXED.as_slice(), &[("sum", "tuned(20)", 0.6, 0.6), ("mla", "tuned(5)", 0.6, 0.6)]].concat();
    let dataset = summary(&rows, Some("raml"));
    assert!(tested(&dataset, "sum").paired.mean_difference < 0.0);
    assert!(tested(&dataset, "prior").paired.mean_difference < 0.0);
    assert_eq!(*outcome(&dataset, "concat"), Outcome::Untested("other tuning budget: untuned against tuned, 20 settings".into()));
    assert_eq!(*outcome(&dataset, "mla"), Outcome::Untested("other tuning budget: tuned, 5 settings against tuned, 20 settings".into()));
    let (status, text) = guard(&dataset);
    assert_eq!(status, Status::Fails);
    assert!(text.contains("tuned, 20 settings: raml, sum; untuned: concat, late; tuned, 5 settings: mla"), "{text}");
    assert!(text.contains("Only those of its own budget are compared with raml; `--reference`"), "{text}");
}

#[test]
fn one_method_with_two_presets_is_not_ranked_against_itself() {
    let dataset = summary(&[("raml", "paper", 0.5, 0.5), ("raml", "tuned(20)", 0.9, 0.9)], None);
    let other = outcome(&dataset, "raml [tuned(20)]");
    assert!(matches!(other, Outcome::Untested(reason) if reason.starts_with("other tuning budget")), "{other:?}");
    let summary = Summary { datasets: vec![dataset] };
    assert!(
        markdown(&summary, &RunInfo::default())
            .contains("**digits**: no fusion method was compared with raml [paper], the tuning budget of each was another one.")
    );
}

#[test]
fn the_guard_says_which_budget_all_had() {
    let of = |concat: &'static str, raml: &'static str| {
        let dataset = summary(&[("concat", concat, 0.5, 0.5), ("prior", "paper", 0.1, 0.1), ("raml", raml, 0.9, 0.9)], None);
        let (status, text) = guard(&dataset);
        (status, text.to_owned())
    };
    assert_eq!(of("paper", "harness"), (Status::Holds, "No method was tuned.".into()));
    assert_eq!(of("tuned(20)", "tuned(20)"), (Status::Holds, "All methods had the same tuning budget (20 settings each).".into()));
    assert_eq!(of("tuned(1)", "tuned(1)"), (Status::Holds, "All methods had the same tuning budget (1 setting each).".into()));
    assert_eq!(of("tuned()", "tuned()").0, Status::Limits);
    assert_eq!(of("tuned(20)", "tuned(21)").0, Status::Fails);
    let untrained = summary(&[("prior", "paper", 0.1, 0.1)], None);
    assert!(untrained.guards.iter().all(|guard| !guard.text.contains("tuned")), "{:?}", untrained.guards);
    let against_prior = summary(&MIXED, Some("prior"));
    assert!(guard(&against_prior).1.contains("prior is not trained, so all are compared with it"), "{:?}", against_prior.guards);
    assert!(tested(&against_prior, "raml").paired.mean_difference > 0.0);
}

/// By hand: raml − audio = 0.9 − 0.7 with the same budget; concat has no control of its own.
#[test]
fn the_gain_is_over_a_control_of_the_same_budget() {
    let gains = |rows: &[Row], reference: &str| {
        let dataset = summary(rows, Some(reference));
        let row = dataset.measures.iter().find(|row| row.name == "multimodal_gain").cloned();
        let gain = |label: &str| {
            let at = dataset.rows.iter().position(|row| row.label == label).unwrap();
            row.as_ref().and_then(|row| Some((row.scope.clone(), row.cells[at].estimate()?.per_seed[1].1)))
        };
        (gain("concat"), gain("raml"))
    };
    let one = [("concat", "paper", 0.5, 0.5), ("raml", "tuned(20)", 0.9, 0.9), ("unimodal/audio", "tuned(20)", 0.7, 0.7)];
    let (concat, raml) = gains(&one, "concat");
    let (control, gain) = raml.unwrap();
    assert!(concat.is_none() && control == "unimodal/audio" && (gain - 0.2).abs() < 1e-12, "{gain}");
    // `image` is better on validation, but was tuned: beside an untuned reference the untuned `audio` is the control.
    let two = [
        ("concat", "paper", 0.5, 0.5),
        ("raml", "tuned(20)", 0.9, 0.9),
        ("unimodal/audio", "paper", 0.3, 0.3),
        ("unimodal/image", "tuned(20)", 0.7, 0.8),
    ];
    let (concat, raml) = gains(&two, "concat");
    assert_eq!((concat.map(|found| found.0), raml), (Some("unimodal/audio".into()), None));
    let (concat, raml) = gains(&two, "raml");
    assert_eq!((concat, raml.map(|found| found.0)), (None, Some("unimodal/image".into())));
}

#[test]
fn the_tables_say_whose_settings_they_are() {
    let texts = |rows: &[Row]| {
        let summary = Summary { datasets: vec![summary(rows, None)] };
        (terminal(&summary, Some(120)), markdown(&summary, &RunInfo::default()), statistics(&summary))
    };
    let (text, page, _) = texts(&[("concat", "harness", 0.5, 0.5), ("prior", "paper", 0.1, 0.1), ("raml", "harness", 0.9, 0.9)]);
    assert!(text.contains("\nSettings: harness\n") && !text.contains("settings"), "{text}");
    assert!(page.contains("\nSettings of all methods: `harness`.\n") && !page.contains("| settings"), "{page}");

    let (text, page, tests) = texts(&MIXED);
    let cells =
        |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().split_whitespace().take(3).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        (cells("concat *")[2].as_str(), cells("raml")[1].as_str(), cells("late")[1].as_str(), cells("prior")[1].as_str()),
        ("paper", "tuned(20)", "harness", "–")
    );
    assert!(text.contains("! Methods had different tuning budgets") && !text.contains("Settings:") && !text.contains("raml is better"), "{text}");
    assert!(text.contains("late is ahead of concat over seeds"), "{text}");
    let rows: Vec<Vec<&str>> =
        page.lines().filter(|line| line.starts_with('|')).map(|line| line.split('|').map(str::trim).skip(1).take(2).collect()).collect();
    for expected in
        [["method", "settings"], ["`concat` (reference)", "`paper`"], ["`late`", "`harness`"], ["`raml`", "`tuned(20)`"], ["`prior`", "–"]]
    {
        assert!(rows.iter().any(|row| *row == expected), "{expected:?} in {rows:?}");
    }
    assert!(page.contains("n/a (other tuning budget: tuned, 20 settings against untuned)") && !page.contains("raml (clean"), "{page}");
    assert!(tests.contains("n/a (other tuning budget"), "{tests}");
}

/// Where a method's own budget has not won or lost, and another method's is refused, the sentence is about those that were compared.
#[test]
fn nothing_found_is_said_of_the_same_budget_only() {
    let equal = [("concat", "paper", 0.5, 0.5), ("late", "paper", 0.5, 0.5), ("raml", "tuned(20)", 0.9, 0.9)];
    let mut dataset = summary(&equal, None);
    dataset
        .comparisons
        .iter_mut()
        .filter(|comparison| comparison.row == 1)
        .for_each(|comparison| comparison.outcome = Outcome::Untested("equal".into()));
    let page = markdown(&Summary { datasets: vec![dataset] }, &RunInfo::default());
    assert!(page.contains("No method of the same tuning budget can be told from concat after correction for 2 tests."), "{page}");
    assert!(page.contains("**digits**: no fusion method of the same tuning budget can be told from concat."), "{page}");
}
