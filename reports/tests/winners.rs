//! A winner is named only where seeds and samples agree.

use std::collections::BTreeMap;

use bench_reports::{
    Record,
    report::{RunInfo, markdown, statistics, terminal},
    robustness::Measure,
    summary::{Collector, DatasetInfo, DatasetSummary, Modality, Outcome, Quantity, Status, Summary, Task, Test, TrialEvidence, Verdict},
};

const SAMPLES: usize = 200;
const SEEDS: [u64; 5] = [42, 123, 456, 789, 2024];

fn info(groups: Option<usize>) -> DatasetInfo {
    DatasetInfo {
        name: "digits".into(),
        task: Task::Classification,
        classes: 10,
        n_test: SAMPLES,
        chance: Some(0.1),
        modalities: ["audio", "image"].map(|name| Modality { name: name.into(), kind: "vector".into(), unit: "pixels".into() }).into(),
        groups: groups.map(|number| ("speaker".into(), number)),
        fold: None,
        conditions: Vec::new(),
    }
}

/// A trial that is right where `right` says so, on clean data only.
fn trial(method: &str, seed: u64, right: impl Fn(usize) -> bool) -> TrialEvidence {
    let values: Vec<f64> = (0..SAMPLES).map(|sample| f64::from(u8::from(right(sample)))).collect();
    let record = Record {
        dataset: "digits".into(),
        method: method.into(),
        preset: "paper".into(),
        seed,
        condition: "clean".into(),
        group: "clean".into(),
        metric: "accuracy".into(),
        value: Some(values.iter().sum::<f64>() / SAMPLES as f64),
        note: String::new(),
        samples: SAMPLES as u64,
        selected_on: "validation".into(),
        trial: format!("{method}-{seed}"),
    };
    TrialEvidence {
        seed,
        records: vec![record],
        samples: BTreeMap::from([(Quantity::Clean, values)]),
        fingerprint: Some(seed),
        ..TrialEvidence::default()
    }
}

/// One method against `concat`, which is right on even samples; `right(seed index, sample)` is the method's.
fn compare(groups: Option<usize>, right: impl Fn(usize, usize) -> bool) -> DatasetSummary {
    let rows = ["concat", "raml"].map(|method| (method.to_owned(), "paper".to_owned()));
    let of_sample = groups.map(|groups| (0..SAMPLES).map(|sample| u32::try_from(sample / 2 % groups).unwrap()).collect());
    let mut collector = Collector::new(info(groups), &rows, None, of_sample);
    let concat: Vec<TrialEvidence> = SEEDS.iter().map(|&seed| trial("concat", seed, |sample| sample % 2 == 0)).collect();
    let raml: Vec<TrialEvidence> = SEEDS.iter().enumerate().map(|(at, &seed)| trial("raml", seed, |sample| right(at, sample))).collect();
    collector.add(0, &concat.iter().collect::<Vec<_>>()).unwrap();
    collector.add(1, &raml.iter().collect::<Vec<_>>()).unwrap();
    collector.finish()
}

fn tested(dataset: &DatasetSummary) -> &Test {
    match &dataset.comparisons[0].outcome {
        Outcome::Tested(test) => test,
        Outcome::Untested(reason) => panic!("{reason}"),
    }
}

/// Right on 40 of the 100 odd samples as well (one more a seed): many samples carry the gain, so others would show it too.
#[test]
fn a_gain_that_many_samples_carry_is_a_win() {
    let dataset = compare(None, |at, sample| sample.is_multiple_of(2) || sample < 80 + 2 * at);
    let test = tested(&dataset);
    assert_eq!(test.verdict, Verdict::Better);
    let found = test.bootstrap.unwrap();
    assert!(found.interval.0 > 0.1 && found.p_bonferroni < 0.001, "{found:?}");
    assert_eq!((found.units, found.grouped, found.resamples), (SAMPLES, false, 10_000));
    let text = terminal(&Summary { datasets: vec![dataset] }, None);
    assert!(text.contains("raml is better than concat: clean +21.0"), "{text}");
}

/// Two samples gained in every seed, and a third in two of them: the seeds are unanimous, but it all hangs on these three samples, which a resample
/// misses with probability (1 − 3/200)^200 = 0.05.
#[test]
fn a_gain_that_few_samples_carry_is_no_win() {
    let dataset = compare(None, |at, sample| sample % 2 == 0 || sample < 4 || (sample == 5 && at < 2));
    let test = tested(&dataset);
    assert!(test.paired.t > 8.0, "{test:?}");
    assert_eq!(test.verdict, Verdict::SeedsBetter);
    assert!(test.bootstrap.unwrap().p > 0.05, "{test:?}");
    let text = markdown(&Summary { datasets: vec![dataset] }, &RunInfo::default());
    assert!(text.contains("ahead of concat over seeds on this test set, but other samples could turn it"), "{text}");
    assert!(!text.contains("is better than"), "{text}");
}

/// The same clear gain, but the test set has two speakers only: nothing can be said of a third.
#[test]
fn two_groups_name_no_winner() {
    let right = |at: usize, sample: usize| sample.is_multiple_of(2) || sample < 80 + 2 * at;
    let dataset = compare(Some(2), right);
    assert_eq!(tested(&dataset).verdict, Verdict::SeedsBetter);
    assert_eq!(tested(&dataset).bootstrap.unwrap().p, 0.5);
    assert!(dataset.guards.iter().any(|guard| guard.status == Status::Limits && guard.text.contains("2 groups (speaker), under 10")));
    assert!(statistics(&Summary { datasets: vec![dataset] }).contains("other groups (speaker) could turn it"));
    assert_eq!(tested(&compare(Some(20), right)).verdict, Verdict::Better);
}

/// The gain is in every group alike, so that a winner is named wherever one can be: exactly where no check says that groups are too few.
#[test]
fn a_winner_over_groups_is_named_where_the_checks_say_it_can_be() {
    for (groups, expected) in [(8, Verdict::SeedsBetter), (9, Verdict::SeedsBetter), (10, Verdict::Better), (11, Verdict::Better)] {
        let dataset = compare(Some(groups), |at, sample| sample.is_multiple_of(2) || sample < 80 + 2 * at);
        let found = tested(&dataset).bootstrap.unwrap();
        assert_eq!((tested(&dataset).verdict, found.units), (expected, groups), "{found:?}");
        // One test in the family: even with eight groups p is below 0.05, but eight are too few to speak for others.
        assert!(found.p_bonferroni < 0.05 && found.at_floor, "{found:?}");
        let limited = dataset.guards.iter().any(|guard| guard.status == Status::Limits && guard.text.contains("cannot be judged"));
        assert_eq!(limited, expected != Verdict::Better, "{:?}", dataset.guards);
        assert_eq!((found.resamples, dataset.family.as_ref().unwrap().resamples), (100_000, 100_000));
    }
}

#[test]
fn seeds_that_answer_identically_are_pointed_out() {
    let rows = [("concat".to_owned(), "paper".to_owned())];
    let mut collector = Collector::new(info(None), &rows, None, None);
    let mut trials: Vec<TrialEvidence> = SEEDS.iter().map(|&seed| trial("concat", seed, |sample| sample % 2 == 0)).collect();
    trials[3].fingerprint = trials[1].fingerprint;
    collector.add(0, &trials.iter().collect::<Vec<_>>()).unwrap();
    let dataset = collector.finish();
    assert!(dataset.warnings().any(|warning| warning.contains("concat answered identically with seeds 123, 789")), "{:?}", dataset.guards);
}

/// Two controls: `image` is better on the test set, `audio` on validation. The gain is over `audio`: +0.3 and +0.2 by hand.
#[test]
fn the_gain_is_over_the_control_that_validation_chose() {
    let methods = ["concat", "unimodal/audio", "unimodal/image"];
    let rows = methods.map(|method| (method.to_owned(), "paper".to_owned()));
    let mut collector = Collector::new(info(None), &rows, None, None);
    let accuracies = [[0.9, 0.8], [0.6, 0.6], [0.7, 0.7]];
    let validations = [0.9, 0.8, 0.75];
    for (at, (method, _)) in collector.order().into_iter().enumerate() {
        let place = methods.iter().position(|known| *known == method).unwrap();
        let trials: Vec<TrialEvidence> = [1, 2]
            .into_iter()
            .zip(accuracies[place])
            .map(|(seed, accuracy)| {
                let mut trial = trial(&method, seed, |sample| (sample as f64) < accuracy * SAMPLES as f64);
                trial.validation = Some(validations[place]);
                trial.measures = vec![Measure { name: "worst_case", scope: "all".into(), value: accuracy / 2.0 }];
                trial
            })
            .collect();
        collector.add(at, &trials.iter().collect::<Vec<_>>()).unwrap();
    }
    let dataset = collector.finish();
    assert_eq!(dataset.gain.as_ref().unwrap().label, "unimodal/audio");
    let row = dataset.measures.iter().find(|row| row.name == "multimodal_gain").unwrap();
    let gains: Vec<f64> = row.cells[0].estimate().unwrap().per_seed.iter().map(|&(_, gain)| gain).collect();
    assert!((gains[0] - 0.3).abs() < 1e-12 && (gains[1] - 0.2).abs() < 1e-12, "{gains:?}");
    assert!(row.cells[1].estimate().is_none());
    let worst = dataset.measures.iter().find(|row| row.name == "worst_case").unwrap();
    assert!((worst.cells[0].estimate().unwrap().mean - 0.425).abs() < 1e-12);
}

/// Holm by hand over the 2 tests beside the primary family: p of the smaller doubled, the other at least as large.
#[test]
fn tests_beside_the_primary_family_are_corrected_by_holm() {
    let rows = ["concat", "raml"].map(|method| (method.to_owned(), "paper".to_owned()));
    let mut collector = Collector::new(info(None), &rows, None, None);
    let noisy = |trial: &TrialEvidence, condition: &str, value: f64| Record {
        condition: condition.into(),
        group: "noise".into(),
        value: Some(value),
        ..trial.records[0].clone()
    };
    for (at, method) in ["concat", "raml"].into_iter().enumerate() {
        let trials: Vec<TrialEvidence> = [0.0, 0.01, 0.02, 0.01, 0.0]
            .into_iter()
            .zip(SEEDS)
            .map(|(wobble, seed)| {
                let mut trial = trial(method, seed, |sample| sample % 2 == 0);
                let gain = if at == 1 { 0.2 + wobble } else { 0.0 };
                trial.records.push(noisy(&trial, "noise(image,0.1)", 0.4 + gain));
                trial.records.push(noisy(&trial, "noise(image,0.2)", 0.4 + gain * wobble * 100.0));
                trial
            })
            .collect();
        collector.add(at, &trials.iter().collect::<Vec<_>>()).unwrap();
    }
    let exploration = collector.finish().exploratory.unwrap();
    assert_eq!((exploration.size, exploration.tested), (2, 2));
    assert_eq!(exploration.findings.len(), 1);
    let finding = &exploration.findings[0];
    assert!((finding.p_holm - 2.0 * finding.paired.p_two_sided).abs() < 1e-15 && finding.better);
}

/// Each number of a test stands under its head, in `report.md` and in `bench stats`.
#[test]
fn numbers_of_a_test_stand_under_their_heads() {
    let dataset = compare(None, |at, sample| sample.is_multiple_of(2) || sample < 80 + 2 * at);
    let t = format!("{:.2}", tested(&dataset).paired.t);
    let summary = Summary { datasets: vec![dataset] };
    let cells = |line: &str, separator: &str| -> Vec<String> {
        line.split(separator).map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect()
    };
    let check = |text: &str, separator: &str, pairs: &str| {
        let lines: Vec<Vec<String>> = text.lines().map(|line| cells(line, separator)).collect();
        let head = lines.iter().find(|line| line.contains(&"detectable".to_owned())).unwrap();
        let row = lines.iter().find(|line| line.len() == head.len() && line[1] == "clean").unwrap();
        let under = |name: &str| row[head.iter().position(|cell| cell == name).unwrap()].as_str();
        assert_eq!((under(pairs), under("t")), ("5", t.as_str()), "{head:?} {row:?}");
        assert!(under("difference").starts_with("+21.0"), "{row:?}");
    };
    check(&markdown(&summary, &RunInfo::default()), "|", "seeds");
    check(&statistics(&summary), "  ", "pairs");
}
