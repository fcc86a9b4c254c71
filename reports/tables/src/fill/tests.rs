//! RAML's Table V filled from made-up numbers, with what comes out worked by hand.

use std::collections::BTreeMap;

use super::*;
use crate::{
    assign::{Here, StandsIn, assign},
    budgets::tests::trial,
    spec::PaperDataset,
    table::Verdict,
};

const SPEC: &str = r#"
format = 1
id = "raml-5"
paper = "raml"
ledger = "V"
caption = "Weighting strategies"
corner = "Strategy"
reference = "Adaptive"
notes = ["A note."]
rows = [
    { key = "Identical", method = "raml/identical-weights" },
    { key = "Fixed", method = "raml/fixed-weights" },
    { key = "Adaptive", method = "raml" },
    { key = "Lead", derive = { op = "lead", row = "Adaptive" } },
    { key = "Nothing", derive = { op = "difference", a = { row = "Fixed" }, b = { row = "Fixed" } } },
    { key = "Gain", derive = { op = "difference", a = { row = "Adaptive" }, b = { row = "Identical" } } },
]
columns = [
    { key = "Food-101", dataset = "Food-101", measure = "accuracy" },
    { key = "N24News", dataset = "N24News", measure = "accuracy" },
    { key = "IEMOCAP", dataset = "IEMOCAP", measure = "unweighted_recall" },
    { key = "MOSEI", dataset = "MOSEI", reported_only = "not asked" },
]
"#;

fn here(name: &str) -> Here {
    Here { reference: name.into(), classes: true, modalities: vec![("image".into(), "image".into()), ("text".into(), "tokens".into())] }
}

/// Accuracies of three seeds, with forty samples each of which that share is right.
fn found(values: [f64; 3], trials: &str) -> Answer {
    let samples = values.map(|value| (0..40).map(|sample| f64::from(f64::from(sample) < value * 40.0)).collect::<Vec<f64>>());
    Answer::Found(Found {
        per_seed: (1..).zip(values).collect(),
        trials: (1..4).map(|seed| format!("{trials}-{seed}")).collect(),
        samples: (1..).zip(samples).collect(),
        ..Found::default()
    })
}

fn table() -> Table {
    with_presets(["harness", "paper", "harness"])
}

/// The table where the trials of equal, fixed and adaptive weights have these presets.
fn with_presets(presets: [&str; 3]) -> Table {
    let ledger = bench_audit::ledger::builtin().unwrap();
    let spec = Spec::read("x.toml", SPEC).unwrap();
    let paper = |name: &str| (name.to_owned(), PaperDataset { name: name.to_lowercase(), about: format!("{name} it is"), parts: vec![] });
    let papers: PaperDatasets = ["Food-101", "N24News", "IEMOCAP", "MOSEI"].map(paper).into();
    let own = BTreeMap::from([("Food-101".to_owned(), here("food-101"))]);
    let assigned = assign(&spec, &papers, &own, &[StandsIn { only_for: None, dataset: here("openmoji") }]);
    let questions = Questions::of(&spec, &papers, &assigned).unwrap();
    let flags = Flags::of_ledger(&ledger).unwrap();
    let of = |(name, preset): (&str, &str)| (1..4).map(|seed| (format!("{name}-{seed}"), trial(preset, "validation"))).collect::<Vec<_>>();
    let trials = ["a", "b", "c", "d"].into_iter().zip([presets[0], presets[1], presets[2], presets[2]]).flat_map(of).collect();
    let sources = Sources { ledger: &ledger, flags: &flags, papers: &papers, assigned: &assigned, questions: &questions, trials: &trials };
    fill(&spec, &sources, |request| {
        let method = request.method.as_ref().unwrap().to_string();
        match (request.dataset.as_str(), method.as_str()) {
            ("food-101", "raml/identical-weights") => found([0.5, 0.525, 0.5], "a"),
            ("food-101", "raml/fixed-weights") => found([0.7, 0.725, 0.7], "b"),
            ("food-101", "raml") => found([0.75, 0.775, 0.7], "c"),
            ("openmoji", "raml") => found([0.25, 0.25, 0.25], "d"),
            _ => Answer::Absent("not trained".into()),
        }
    })
}

fn value(cell: &Cell, line: usize) -> &Value {
    match &cell.measured[line] {
        Some(Measured::Value(value)) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_papers_own_data_make_a_difference_and_stand_ins_make_none() {
    let table = table();
    // Table V prints 0.6346 for equal weights on Food-101; (0.5 + 0.525 + 0.5) / 3 = 0.508333.
    let cell = &table.rows[0].cells[0];
    assert_eq!(cell.reported.as_ref().unwrap().text, "0.6346");
    let own = value(cell, 0);
    assert!((own.difference.unwrap() - (0.508_333_333 - 0.6346)).abs() < 1e-6 && !own.stands_in);
    assert_eq!(own.text(), "0.5083 ± 0.0144");
    assert_eq!(own.trials, ["a-1", "a-2", "a-3"]);
    let other = value(&table.rows[2].cells[1], 0);
    assert_eq!((other.on.as_str(), other.stands_in, other.difference), ("openmoji", true, None));
    assert_eq!(table.rows[0].cells[1].measured[0], Some(Measured::Absent("not trained".into())));
    assert_eq!(table.rows[0].cells[3].measured[0], None);
    assert!(table.notes.contains(&"Not measured: MOSEI (not asked).".to_owned()), "{:?}", table.notes);
    assert_eq!(table.rows[0].cells[2].measured[0], Some(Measured::Absent("needs IEMOCAP".into())));
}

/// Seeds differ by -0.25, -0.25, -0.2 from the reference: mean -0.23333, sd 0.0288675, t = -14, p = 0.0050633 (SciPy's `ttest_rel`); the others by
/// -0.05, -0.05, 0: t = -2, p = 0.1835. Holm over two tests doubles the first.
#[test]
fn rows_are_tested_against_the_reference_and_corrected() {
    let table = table();
    assert_eq!((table.tests, table.reference.as_deref()), (2, Some("Adaptive")));
    let first = value(&table.rows[0].cells[0], 0).versus.as_ref().unwrap();
    assert!((first.difference + 0.233_333_333).abs() < 1e-9 && (first.p - 2.0 * 0.005_063_3).abs() < 1e-5, "{first:?}");
    assert!(matches!(first.verdict, Verdict::Worse | Verdict::SeedsWorse) && first.p_samples.is_some());
    let second = value(&table.rows[1].cells[0], 0).versus.as_ref().unwrap();
    assert!((second.p - 0.183_503_4).abs() < 1e-5 && second.verdict == Verdict::Undecided && second.p_samples.is_none());
    assert_eq!(value(&table.rows[2].cells[0], 0).versus, None);
}

/// As above, with fixed weights tuned: its test is not made, and still doubles the other's p. The lead over the best of the others is none, because one of them
/// cannot be ranked; a difference between two rows that a table asks for stays a number.
#[test]
fn rows_of_other_tuning_budgets_are_not_tested() {
    let table = with_presets(["paper", "tuned(20)", "harness"]);
    assert_eq!(table.tests, 2);
    let first = value(&table.rows[0].cells[0], 0).versus.as_ref().unwrap();
    assert!((first.p - 2.0 * 0.005_063_3).abs() < 1e-5, "{first:?}");
    assert_eq!(value(&table.rows[1].cells[0], 0).versus, None);
    let note = "Not tested against Adaptive: Fixed (other tuning budget: tuned, 20 settings against untuned). Those tests stay in the number that is corrected for.";
    assert!(table.notes.iter().any(|own| own == note), "{:?}", table.notes);
    let lead = table.rows[3].cells[0].measured[0].as_ref();
    assert!(matches!(lead, Some(Measured::Absent(reason)) if reason.starts_with("other tuning budget")), "{lead:?}");
    assert!((value(&table.rows[5].cells[0], 0).mean - 0.233_333_333).abs() < 1e-9);

    let equal = with_presets(["tuned(20)"; 3]);
    assert!(value(&equal.rows[1].cells[0], 0).versus.is_some() && equal.notes.iter().all(|note| !note.contains("Not tested")));
}

#[test]
fn derived_rows_are_computed_seed_by_seed() {
    let table = table();
    // The best of the others is Fixed: 0.05, 0.05, 0.
    let lead = value(&table.rows[3].cells[0], 0);
    let expected = [(1, 0.05), (2, 0.05), (3, 0.0)];
    assert!(lead.per_seed.iter().zip(expected).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-12), "{lead:?}");
    assert_eq!((lead.difference, lead.versus.clone()), (None, None));
    assert_eq!(lead.trials.len(), 6);
    assert_eq!(table.rows[4].cells[0].measured[0], None);
    assert!((value(&table.rows[5].cells[0], 0).mean - 0.233_333_333).abs() < 1e-9);
    // On openmoji there is no other row to lead over.
    assert_eq!(table.rows[3].cells[1].measured[0], None);
}

#[test]
fn the_command_and_the_notes_say_how_to_go_on() {
    let table = table();
    assert_eq!(table.command.as_deref(), Some("bench run --table raml-5 --on openmoji"));
    assert_eq!(table.stand_ins.len(), 1);
    assert!(table.notes.iter().all(|note| !note.contains("Fewer than")));
    assert!(table.notes.iter().any(|note| note.contains("IEMOCAP is not here (IEMOCAP it is)")));
    assert!(table.notes.iter().all(|note| !note.contains("Food-101 is not here")));
    assert_eq!((table.number.as_str(), table.paper.as_str()), ("V", "RAML"));
}

#[test]
fn a_mean_over_fewer_seeds_is_told() {
    let spec = Spec::read("x.toml", SPEC).unwrap();
    let filled = |seeds: u64| {
        let found = Found { per_seed: (0..seeds).map(|seed| (seed, 0.5)).collect(), ..Found::default() };
        vec![Some(Ok(Filled { on: "d".into(), stands_in: false, found, higher_is_better: Some(true), derived: false }))]
    };
    assert_eq!(few_seeds(&spec, &vec![vec![filled(3)], vec![filled(3)]]), None);
    let told = few_seeds(&spec, &vec![vec![filled(3)], vec![filled(2)]]).unwrap();
    assert_eq!(told, "Fewer than 3 seeds: Fixed, Food-101: 2. The same `bench run` again adds what is missing.");
}

/// Food-101 would take the dataset that looks like it, so the one that was given for it must be named.
#[test]
fn the_command_deals_the_same_stand_ins_out_again() {
    let paper = |name: &str| PaperDataset { name: name.to_lowercase(), about: String::new(), parts: vec!["I".into(), "T".into()] };
    let papers = PaperDatasets::from(["Food-101", "N24News"].map(|name| (name.to_owned(), paper(name))));
    let spec = Spec::read("x.toml", SPEC).unwrap();
    let other = Here { modalities: vec![("voice".into(), "vector".into()), ("face".into(), "vector".into())], ..here("votes?train=9") };
    let on = |only_for: Option<&str>| {
        let first = StandsIn { only_for: only_for.map(ToOwned::to_owned), dataset: other.clone() };
        assign(&spec, &papers, &BTreeMap::new(), &[first, StandsIn { only_for: None, dataset: here("openmoji") }])
    };
    assert_eq!(command(&spec, &papers, &on(None)), "bench run --table raml-5 --on 'openmoji,votes?train=9'");
    assert_eq!(command(&spec, &papers, &on(Some("Food-101"))), "bench run --table raml-5 --on 'Food-101=votes?train=9,N24News=openmoji'");
}
