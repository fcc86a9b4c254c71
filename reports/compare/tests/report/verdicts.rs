//! Every verdict, with its numbers worked out by hand.

use crate::sample::{dataset, evidence, identical, row};
use bench_compare::{Cost, Dataset, Decides, Evidence, Outcome, Pair, Report, Row, Rules, Verdict};

fn judged(datasets: Vec<Dataset>) -> Report {
    Report::of(&evidence(datasets), Rules::default())
}

/// MAE-like rows without values a sample: only the seeds speak.
fn alone(n_test: usize, differences: &[f64]) -> Dataset {
    let pairs = differences.iter().zip(1..).map(|(difference, seed)| Pair { seed, base: 0.5, head: 0.5 + difference, samples: None });
    dataset("d", n_test, vec![Row { pairs: pairs.collect(), ..row("m", "clean", n_test, &[]) }])
}

fn only(report: &Report) -> &bench_compare::JudgedRow {
    &report.datasets[0].rows[0]
}

/// By hand: d = −1, −2, −3 points in three seeds: mean −2, s = 1, se = 1/√3, t = −2√3, p = 1 − √(12/14) = 0.0742 with two degrees of freedom: no difference at
/// 5 %. Its 90 % interval is −2 ± 2.92/√3 = −3.69 to −0.31: not within ±2. With four seeds the same mean and spread give t = −4 against 3.18: regressed.
#[test]
fn three_seeds_cannot_tell_and_four_would() {
    let report = judged(vec![alone(1000, &[-0.01, -0.02, -0.03])]);
    let found = only(&report);
    assert_eq!((found.verdict, report.verdict), (Some(Verdict::CannotTell), Verdict::CannotTell));
    let seeds = found.seeds.unwrap();
    assert!((seeds.p - (1.0 - (12.0_f64 / 14.0).sqrt())).abs() < 1e-10);
    assert!((seeds.inner.0 + 0.036_86).abs() < 1e-4 && (seeds.inner.1 + 0.003_14).abs() < 1e-4, "{seeds:?}");
    assert_eq!(found.decides, Some(Decides::Seeds { seeds: 4, verdict: Verdict::Regressed }));
    assert_eq!(report.outcome(), Outcome::Fine);
    let strict = Report::of(&evidence(vec![alone(1000, &[-0.01, -0.02, -0.03])]), Rules { require_proof: true, ..Rules::default() });
    assert_eq!(strict.outcome(), Outcome::CannotTell);
}

/// By hand: d = −9, −10, −11 points: t = −10√3 = −17.3; p = 1 − √(300/302) = 0.0033; −10 ± 2.92/√3 is far from ±2.
#[test]
fn ten_points_are_a_regression_or_an_improvement() {
    let report = judged(vec![alone(1000, &[-0.09, -0.10, -0.11])]);
    assert_eq!((report.verdict, report.outcome()), (Verdict::Regressed, Outcome::Regression));
    assert!((only(&report).p_corrected.unwrap() - (1.0 - (300.0_f64 / 302.0).sqrt())).abs() < 1e-10);
    assert_eq!(judged(vec![alone(1000, &[0.09, 0.10, 0.11])]).verdict, Verdict::Improved);
    let errors = Dataset { higher_is_better: false, ..alone(1000, &[0.09, 0.10, 0.11]) };
    assert_eq!(judged(vec![errors]).verdict, Verdict::Regressed);
}

/// By hand: −0.30, −0.31, −0.32 points of 10,000 samples: t = −31·√3 = −53.7, p = 0.00035, and yet −0.31 ± 0.017 (2.92 · 0.01/√3) lies well inside ±2.
#[test]
fn a_significant_difference_inside_the_margin_is_the_same() {
    let report = judged(vec![alone(10_000, &[-0.0030, -0.0031, -0.0032])]);
    assert_eq!(report.verdict, Verdict::Same);
    assert_eq!(only(&report).reason, "0.31 lower, within the margin of 2.00, by the seeds alone");
}

/// By hand: 50 samples make the margin two of them, 4 points. Seeds that all lose one sample have the spread of one, 2 points: −2 ± 2.92 · 2/√3 = −5.37 to
/// 1.37 with three seeds; with five, −2 ± 2.132 · 2/√5 = −3.91 to −0.09, within ±4. The same of the bootstrap cannot be: one sample is all that changed,
/// and other samples could be 1 in 50 as well as 4; so only where there are no values a sample.
#[test]
fn agreeing_seeds_are_no_proof_until_they_are_many() {
    let report = judged(vec![alone(50, &[-0.02; 3])]);
    assert_eq!((report.verdict, report.datasets[0].design.margin), (Verdict::CannotTell, 0.04));
    assert!(report.datasets[0].design.margin_raised);
    assert_eq!(judged(vec![alone(50, &[-0.02; 5])]).verdict, Verdict::Same);
    assert_eq!(judged(vec![alone(50, &[0.0; 2])]).verdict, Verdict::CannotTell);
}

/// Bits that are the same need no test and are not in the family; no answer that changed is the same in the bootstrap too.
#[test]
fn identical_rows_are_the_same_at_once() {
    let same = || identical(row("m", "clean", 100, &[(80, 80)]));
    let report = judged(vec![dataset("d", 100, vec![same(), same()])]);
    assert_eq!((report.verdict, report.datasets[0].design.family, report.is_identical()), (Verdict::Same, 0, true));
    let other_bits = row("m", "noise mean", 1000, &[(800, 800), (801, 801), (802, 802)]);
    let report = judged(vec![dataset("d", 1000, vec![identical(row("m", "clean", 1000, &[(800, 800)])), other_bits])]);
    assert_eq!((report.verdict, report.datasets[0].design.family, report.is_identical()), (Verdict::Same, 1, false));
}

/// 30 of 1000 samples lost in every seed, more or less. By hand, all seeds alike: sd of a sample's difference √(0.03·0.97) = 0.17, /√1000 = 0.0054: −3 ±
/// 1.65 · 0.54 = −3.9 to −2.1 points: outside ±2, and 5.6 deviations from zero. In twenty samples 5 % is one of them: 5 ± 8.
#[test]
fn samples_have_their_say() {
    let lost = row("m", "clean", 1000, &[(800, 770), (801, 772), (802, 771), (800, 770), (799, 770)]);
    let report = judged(vec![dataset("d", 1000, vec![lost])]);
    assert_eq!(report.verdict, Verdict::Regressed);
    let few = row("m", "clean", 20, &[(16, 15); 5]);
    let report = judged(vec![dataset("d", 20, vec![few])]);
    assert_eq!(only(&report).verdict, Some(Verdict::CannotTell));
    assert!(only(&report).samples.unwrap().p > 0.5, "one sample of twenty is no evidence");
}

/// By hand, Holm: p of one row, 0.0033, doubles with a second tested row, and an identical one costs nothing. 0.0742 of the other stays.
#[test]
fn the_family_is_all_tested_rows_of_all_datasets() {
    let (strong, weak) = (alone(1000, &[-0.09, -0.10, -0.11]), alone(1000, &[-0.01, -0.02, -0.03]));
    let bits = dataset("bits", 100, vec![identical(row("m", "clean", 100, &[(80, 80), (80, 80)]))]);
    let report = judged(vec![strong, weak, bits]);
    let p: Vec<Option<f64>> = report.datasets.iter().map(|dataset| dataset.rows[0].p_corrected).collect();
    assert!((p[0].unwrap() - 2.0 * (1.0 - (300.0_f64 / 302.0).sqrt())).abs() < 1e-10);
    assert!((p[1].unwrap() - (1.0 - (12.0_f64 / 14.0).sqrt())).abs() < 1e-10);
    assert_eq!((p[2], report.datasets[0].design.family), (None, 2));
}

#[test]
fn what_cannot_be_tested_says_why() {
    let report = judged(vec![dataset("d", 100, vec![row("m", "clean", 100, &[(80, 20)])])]);
    assert_eq!((only(&report).verdict, only(&report).decides), (Some(Verdict::CannotTell), Some(Decides::Unknown)));
    let report = judged(vec![dataset("d", 100, vec![row("m", "clean", 100, &[])])]);
    assert_eq!(only(&report).reason, "no seed that both sides have");
    let away = Row { unavailable: Some("needs gradients".into()), ..row("m", "clean", 100, &[]) };
    let report = judged(vec![dataset("d", 100, vec![away])]);
    assert_eq!((only(&report).verdict, report.outcome()), (None, Outcome::Incomplete));
    assert_eq!(judged(vec![alone(100, &[0.0, f64::NAN])]).verdict, Verdict::Regressed);
}

/// Whole groups vary where there are ten or more; under ten their samples do, and a sentence says so.
#[test]
fn few_groups_are_taken_as_they_are() {
    let with = |groups: u32| {
        let lost = row("m", "clean", 1000, &[(800, 700), (801, 702), (802, 701), (800, 700), (799, 700)]);
        let groups = Some(("speaker".to_owned(), (0..1000).map(|at| at % groups).collect()));
        judged(vec![Dataset { groups, ..dataset("d", 1000, vec![lost]) }])
    };
    let (few, many) = (with(6), with(20));
    assert_eq!((few.verdict, only(&few).units.unwrap().grouped, only(&few).units.unwrap().count), (Verdict::Regressed, false, 1000));
    assert!(few.datasets[0].design.limits[0].starts_with("6 groups (speaker) are too few to stand for others"));
    assert_eq!((many.verdict, only(&many).units.unwrap().grouped, only(&many).units.unwrap().count), (Verdict::Regressed, true, 20));
}

#[test]
fn costs_count_but_for_timings_that_cannot_be_told() {
    let bits = || vec![dataset("d", 100, vec![identical(row("m", "clean", 100, &[(80, 80), (80, 80)]))])];
    let with = |values, interval| {
        let cost =
            Cost { dataset: "d".into(), base: "m".into(), head: "m".into(), what: "FLOPs".into(), unit: String::new(), values, ratio: 1.0, interval };
        Report::of(&Evidence { costs: vec![cost], ..evidence(bits()) }, Rules { require_proof: true, ..Rules::default() })
    };
    let heavier = with(Some((100.0, 110.0)), None);
    assert_eq!((heavier.verdict, heavier.outcome()), (Verdict::Regressed, Outcome::Regression));
    let noisy = with(None, Some((0.8, 1.3)));
    assert_eq!((noisy.verdict, noisy.outcome(), noisy.untold_timings()), (Verdict::Same, Outcome::Fine, 1));
    assert_eq!(with(None, Some((1.1, 1.3))).outcome(), Outcome::Regression);
}

#[test]
fn what_lacks_makes_it_incomplete_whatever_was_found() {
    let mut lacking = crate::sample::all();
    assert_eq!(Report::of(&lacking, Rules::default()).outcome(), Outcome::Incomplete);
    lacking.lacking.clear();
    assert_eq!(Report::of(&lacking, Rules::default()).outcome(), Outcome::Regression);
    assert_eq!(Report::of(&lacking, Rules::default()), Report::of(&lacking, Rules::default()));
}
