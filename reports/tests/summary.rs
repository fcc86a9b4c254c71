//! Records in, tables and verdicts out.

use bench_reports::{
    Record,
    report::{RunInfo, markdown, terminal},
    summary::{Cell, DatasetInfo, DatasetSummary, Modality, Outcome, Quantity, Summary, SummaryError, Task, Test, Verdict, summarise},
};

fn info(task: Task) -> DatasetInfo {
    let modality = |(name, unit): (&str, &str)| Modality { name: name.into(), kind: "vector".into(), unit: unit.into() };
    DatasetInfo {
        name: "digits".into(),
        task,
        classes: if task == Task::Classification { 10 } else { 0 },
        n_test: 200,
        chance: None,
        modalities: [("audio", "training standard deviations"), ("image", "pixels")].map(modality).into(),
        groups: Some(("speaker".into(), 3)),
        fold: None,
        conditions: Vec::new(),
    }
}

fn record(method: &str, seed: u64, (condition, group): (&str, &str), metric: &str, value: Option<f64>) -> Record {
    Record {
        dataset: "digits".into(),
        method: method.into(),
        preset: "paper".into(),
        seed,
        condition: condition.into(),
        group: group.into(),
        metric: metric.into(),
        value,
        note: if value.is_none() { "needs gradients".into() } else { String::new() },
        samples: 200,
        selected_on: "validation".into(),
        trial: format!("{method}-{seed}"),
    }
}

const CLEAN: (&str, &str) = ("clean", "clean");

/// One accuracy record a seed (42, 43, …) under `condition`.
fn accuracies(method: &str, condition: (&str, &str), values: &[f64]) -> Vec<Record> {
    (42..).zip(values).map(|(seed, &value)| record(method, seed, condition, "accuracy", Some(value))).collect()
}

fn one(summary: Summary) -> DatasetSummary {
    assert_eq!(summary.datasets.len(), 1);
    summary.datasets.into_iter().next().unwrap()
}

fn classify(records: &[Record]) -> DatasetSummary {
    one(summarise(records, &[info(Task::Classification)], None).unwrap())
}

fn value(dataset: &DatasetSummary, method: &str, quantity: Quantity) -> f64 {
    let row = dataset.rows.iter().find(|row| row.label == method).unwrap();
    row.cell(quantity).estimate().unwrap().mean
}

fn outcome<'a>(dataset: &'a DatasetSummary, method: &str, quantity: Quantity) -> &'a Outcome {
    let row = dataset.rows.iter().position(|row| row.label == method).unwrap();
    &dataset.comparisons.iter().find(|comparison| comparison.row == row && comparison.quantity == quantity).unwrap().outcome
}

fn tested<'a>(dataset: &'a DatasetSummary, method: &str, quantity: Quantity) -> &'a Test {
    match outcome(dataset, method, quantity) {
        Outcome::Tested(test) => test,
        Outcome::Untested(reason) => panic!("{reason}"),
    }
}

const RAML: [f64; 5] = [0.62, 0.64, 0.61, 0.66, 0.63];
const CONCAT: [f64; 5] = [0.58, 0.61, 0.60, 0.60, 0.59];

/// p = 0.0114105716698670 from SciPy's `ttest_rel`; the family is 1 quantity × 1 method, with a noise column 2 × 1.
#[test]
fn the_p_value_is_multiplied_by_the_columns_present_times_the_methods() {
    let mut records = [accuracies("raml", CLEAN, &RAML), accuracies("concat", CLEAN, &CONCAT)].concat();
    let dataset = classify(&records);
    let test = tested(&dataset, "raml", Quantity::Clean);
    assert!((test.paired.mean_difference - 0.036).abs() < 1e-12);
    assert!((test.p_bonferroni - 0.011_410_571_669_867).abs() < 1e-9);
    assert_eq!(test.verdict, Verdict::SeedsBetter);

    records.extend(accuracies("raml", ("noise(image,0.1)", "noise"), &RAML));
    records.extend(accuracies("concat", ("noise(image,0.1)", "noise"), &CONCAT));
    let dataset = classify(&records);
    assert_eq!(dataset.family.as_ref().unwrap().size(), 2);
    assert!((tested(&dataset, "raml", Quantity::Clean).p_bonferroni - 0.022_821_143_339_734).abs() < 1e-9);

    for method in ["late", "sum"] {
        records.extend(accuracies(method, CLEAN, &CONCAT));
    }
    let dataset = classify(&records);
    assert_eq!(dataset.family.as_ref().unwrap().size(), 6);
    assert_eq!(tested(&dataset, "raml", Quantity::Clean).verdict, Verdict::Undecided);
}

/// By hand: seed means over the two noise levels 0.4 and 0.6, so mean 0.5 and sd √0.02 (ddof 1).
#[test]
fn a_column_is_the_mean_over_conditions_per_seed_and_its_sd_is_over_seeds() {
    let records =
        [accuracies("late", ("noise(image,0.1)", "noise"), &[0.5, 0.7]), accuracies("late", ("noise(audio,1)", "noise"), &[0.3, 0.5])].concat();
    let dataset = classify(&records);
    let estimate = dataset.rows[0].cell(Quantity::Noise).estimate().unwrap();
    assert!((estimate.mean - 0.5).abs() < 1e-15);
    assert!((estimate.sd.unwrap() - 0.02f64.sqrt()).abs() < 1e-15);
    assert!(dataset.notes.iter().any(|note| note.contains("audio (training standard deviations)") && note.contains("different units")));
}

/// By hand: (0.9 + 0.6 + 0.3) / 3 over clean and the two single-modality patterns; the worst one is 0.3.
#[test]
fn missing_macro_includes_the_full_pattern_and_needs_all_of_them() {
    let mut records = [accuracies("late", CLEAN, &[0.9]), accuracies("late", ("missing(audio)", "missing"), &[0.3])].concat();
    let dataset = classify(&records);
    assert_eq!(*dataset.rows[0].cell(Quantity::MissingMacro), Cell::Absent);
    assert!(dataset.notes.iter().any(|note| note.contains("No missing macro")));

    records.extend(accuracies("late", ("missing(image)", "missing"), &[0.6]));
    let dataset = classify(&records);
    assert!((value(&dataset, "late", Quantity::MissingMacro) - 0.6).abs() < 1e-15);
    assert!((value(&dataset, "late", Quantity::MissingWorst) - 0.3).abs() < 1e-15);
    assert_eq!(dataset.rows[0].worst_pattern.as_deref(), Some("missing(audio)"));
}

#[test]
fn lower_error_is_better_and_the_largest_error_is_the_worst_pattern() {
    let errors = |method: &str, condition, values: &[f64]| -> Vec<Record> {
        (42..).zip(values).map(|(seed, &value)| record(method, seed, condition, "mean_absolute_error", Some(value))).collect()
    };
    let mut records = [errors("raml", CLEAN, &CONCAT), errors("concat", CLEAN, &RAML)].concat();
    for (condition, value) in [("missing(audio)", 0.9), ("missing(image)", 0.8)] {
        records.extend(errors("raml", (condition, "missing"), &[value; 5]));
    }
    let dataset = one(summarise(&records, &[info(Task::Regression)], None).unwrap());
    assert!(tested(&dataset, "raml", Quantity::Clean).paired.mean_difference < 0.0);
    assert_eq!(tested(&dataset, "raml", Quantity::Clean).verdict, Verdict::SeedsBetter);
    assert_eq!(dataset.rows[1].worst_pattern.as_deref(), Some("missing(audio)"));
    assert!(matches!(dataset.rows[0].cell(Quantity::MissingMacro), Cell::Unavailable(_)));
}

#[test]
fn what_a_method_cannot_answer_prints_its_reason_and_is_not_tested() {
    let fgsm = ("fgsm(image,0.1)", "attack");
    let mut records = [accuracies("concat", CLEAN, &CONCAT), accuracies("tree", CLEAN, &RAML), accuracies("concat", fgsm, &CONCAT)].concat();
    records.extend((42..47).map(|seed| record("tree", seed, fgsm, "accuracy", None)));
    let dataset = classify(&records);
    assert_eq!(*outcome(&dataset, "tree", Quantity::Attack), Outcome::Untested("needs gradients".into()));
    // The family is what was planned: a test that cannot be made does not make the others easier.
    assert_eq!(dataset.family.as_ref().unwrap().size(), 2);
    let summary = Summary { datasets: vec![dataset] };
    assert!(markdown(&summary, &RunInfo::default()).contains("n/a (needs gradients)"));
    assert!(terminal(&summary, Some(100)).contains("n/a (needs"));
}

/// Seeds 42–46 against 44–46: three pairs.
#[test]
fn only_common_seeds_are_paired_and_the_table_says_so() {
    let mut records = accuracies("concat", CLEAN, &CONCAT);
    records.extend(accuracies("raml", CLEAN, &RAML).into_iter().skip(2));
    let dataset = classify(&records);
    assert_eq!(tested(&dataset, "raml", Quantity::Clean).paired.n, 3);
    assert!(dataset.warnings().any(|warning| warning.contains("raml lacks 42, 43")));
    let summary = Summary { datasets: vec![dataset] };
    assert!(terminal(&summary, Some(120)).contains("raml (3 of 5 seeds)"));
}

#[test]
fn one_seed_gives_no_spread_and_no_test() {
    let dataset = classify(&[accuracies("concat", CLEAN, &[0.5]), accuracies("raml", CLEAN, &[0.9])].concat());
    assert_eq!(dataset.rows[1].cell(Quantity::Clean).estimate().unwrap().sd, None);
    assert!(matches!(outcome(&dataset, "raml", Quantity::Clean), Outcome::Untested(reason) if reason.contains("one common seed")));
    assert!(dataset.notes.iter().any(|note| note.contains("cannot reach significance")));
    let text = terminal(&Summary { datasets: vec![dataset] }, None);
    assert!(text.contains("90.0") && !text.contains('±'), "{text}");
}

#[test]
fn equal_methods_are_pointed_out_and_never_marked() {
    let conditions = [CLEAN, ("noise(image,0.1)", "noise")];
    let both = conditions.iter().flat_map(|&condition| [accuracies("concat", condition, &CONCAT), accuracies("copy", condition, &CONCAT)].concat());
    let mut records: Vec<Record> = both.collect();
    records.extend(accuracies("shifted", CLEAN, &CONCAT.map(|value| value + 0.125)));
    let dataset = classify(&records);
    assert!(dataset.warnings().any(|warning| warning.contains("concat, copy have the same accuracy in all 10")));
    assert_eq!(*outcome(&dataset, "copy", Quantity::Clean), Outcome::Untested("equal in every seed".into()));
    assert!(matches!(outcome(&dataset, "shifted", Quantity::Clean), Outcome::Untested(reason) if reason.contains("same difference")));
}

#[test]
fn the_reference_is_concat_then_the_first_method_and_controls_stand_last() {
    let clean = |method| accuracies(method, CLEAN, &CONCAT);
    let labels = |records: &[Record], reference| -> Vec<String> {
        let dataset = one(summarise(records, &[info(Task::Classification)], reference).unwrap());
        assert!(dataset.rows[0].is_reference && dataset.rows[1..].iter().all(|row| !row.is_reference));
        dataset.rows.into_iter().map(|row| row.label).collect()
    };
    let mut records = ["unimodal/audio", "late", "prior", "augmentation"].map(clean).concat();
    assert_eq!(labels(&records, None), ["augmentation", "late", "prior", "unimodal/audio"]);
    records.extend(clean("concat"));
    assert_eq!(labels(&records, None), ["concat", "augmentation", "late", "prior", "unimodal/audio"]);
    assert_eq!(labels(&records, Some("prior")), ["prior", "augmentation", "concat", "late", "unimodal/audio"]);
}

#[test]
fn what_cannot_be_summarised_is_refused_in_words() {
    let records = [accuracies("concat", CLEAN, &[0.5]), accuracies("late", CLEAN, &[0.5])].concat();
    let describe = |records: &[Record], reference| summarise(records, &[info(Task::Classification)], reference).unwrap_err();
    assert!(describe(&records, Some("nobody")).to_string().contains("the methods are concat, late"));
    assert!(matches!(summarise(&records, &[], None), Err(SummaryError::UnknownDataset { .. })));
    let mut other = record("late", 42, CLEAN, "accuracy", Some(0.5));
    other.trial = "another".into();
    let error = describe(&[records.as_slice(), &[other]].concat(), None);
    assert!(error.to_string().contains("trials another and late-42"), "{error}");
    // The same record twice is no contradiction.
    assert!(summarise(&[records.clone(), records].concat(), &[info(Task::Classification)], None).is_ok());
}

#[test]
fn the_order_of_the_records_does_not_reach_the_text() {
    let conditions =
        [CLEAN, ("noise(image,0.5)", "noise"), ("noise(image,2)", "noise"), ("missing(audio)", "missing"), ("missing(image)", "missing")];
    let both = conditions.iter().flat_map(|&condition| [accuracies("raml", condition, &RAML), accuracies("concat", condition, &CONCAT)].concat());
    let records: Vec<Record> = both.collect();
    let reversed: Vec<Record> = records.iter().rev().cloned().collect();
    let texts = [records, reversed].map(|records| {
        let summary = summarise(&records, &[info(Task::Classification)], None).unwrap();
        (markdown(&summary, &RunInfo::default()), terminal(&summary, Some(80)))
    });
    assert_eq!(texts[0], texts[1]);
    assert!(texts[0].1.lines().all(|line| line.chars().count() <= 80), "{}", texts[0].1);
}

#[test]
fn no_records_make_an_empty_report() {
    let summary = summarise(&[], &[info(Task::Classification)], Some("concat")).unwrap();
    assert_eq!(terminal(&summary, None), "");
    assert!(markdown(&summary, &RunInfo::default()).contains("No records"));
}
