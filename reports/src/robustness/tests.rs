use super::*;
use crate::condition::Point;

fn condition(name: &str, group: &str, available: [bool; 2]) -> Condition {
    Condition { name: name.into(), group: group.into(), point: None, available: available.into(), attack: Vec::new() }
}

fn level(curve: &str, group: &str, level: f64) -> Condition {
    let mut condition = condition(&format!("{}{level})", curve.replace(')', ",")), group, [true; 2]);
    condition.point = Some(Point { curve: curve.into(), level, unit: "pixels".into() });
    if group == "attack" {
        condition.attack = vec![(0, level)];
    }
    condition
}

/// Right where the digit is 1; the predicted class is 0 where right (all samples are of class 0), else 1.
fn answers(right: [u8; 4]) -> Option<Answers> {
    Some(Answers { values: right.map(f64::from).into(), predicted: right.map(|right| u32::from(right == 0)).into() })
}

fn value(measures: &[Measure], name: &str, scope: &str) -> f64 {
    measures
        .iter()
        .find(|measure| measure.name == name && measure.scope == scope)
        .unwrap_or_else(|| panic!("no {name} of {scope}: {measures:?}"))
        .value
}

/// Four samples. Clean 3/4; noise at 1 and 3: 3/4 and 1/4; fgsm at 0.1 and 0.2: wrong on the first two, then right again on the first (a weaker attack
/// did more); without image 1/4, without text 2/4.
fn classifier() -> (Vec<Condition>, Vec<Option<Answers>>) {
    let conditions = vec![
        condition("clean", "clean", [true; 2]),
        level("noise(image)", "noise", 1.0),
        level("noise(image)", "noise", 3.0),
        condition("missing(image)", "missing", [false, true]),
        condition("missing(text)", "missing", [true, false]),
        level("fgsm(image)", "attack", 0.1),
        level("fgsm(image)", "attack", 0.2),
    ];
    let rights = [[1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 1, 1]];
    (conditions, rights.map(answers).into())
}

/// All expected values by hand from the table above.
#[test]
fn every_number_of_a_small_classifier() {
    let (conditions, answers) = classifier();
    let trial = TrialAnswers { conditions: &conditions, answers, higher_is_better: true };
    let found = trial.measures();
    let check = |name, scope, expected: f64| {
        let found = value(&found, name, scope);
        assert!((found - expected).abs() < 1e-12, "{name} of {scope}: {found}, not {expected}");
    };
    check("drop", "noise", 0.75 - 0.5);
    check("relative_drop", "noise", 1.0 / 3.0);
    check("drop", "missing", 0.75 - 0.375);
    check("drop", "attack", 0.75 - 0.5);
    // (0.75 · 1 + (0.75 + 0.25)/2 · 2) / 3.
    check("area", "noise(image)", 1.75 / 3.0);
    check("relative_area", "noise(image)", 1.75 / 3.0 / 0.75);
    check("missing_macro", "missing", 0.5);
    check("missing_partial", "missing", 0.375);
    check("missing_by_number", "1 of 2", 0.375);
    check("missing_by_number", "2 of 2", 0.75);
    check("missing_worst", "missing(image)", 0.25);
    check("worst_case", "noise", 0.25);
    check("worst_case", "missing", 0.25);
    check("worst_case", "attack", 0.25);
    check("worst_case", "all", 0.0);
    check("robust_accuracy", "fgsm(image,0.1)", 0.25);
    // Not the 3/4 that the attack at 0.2 leaves: the weaker one already broke two of them.
    check("robust_accuracy", "fgsm(image,0.2)", 0.25);
    check("flips", "fgsm(image,0.2)", 0.5);
    check("flips_to_wrong", "fgsm(image,0.2)", 0.25);
    check("flips_to_right", "fgsm(image,0.2)", 0.25);
    assert!(found.iter().all(|measure| NAMES.iter().any(|(name, _)| *name == measure.name)));
}

#[test]
fn quantities_per_sample_average_to_the_quantities() {
    let (conditions, answers) = classifier();
    let trial = TrialAnswers { conditions: &conditions, answers, higher_is_better: true };
    let samples = trial.per_sample();
    assert_eq!(samples[&Quantity::Noise], [0.5, 0.5, 1.0, 0.0]);
    let third = |sum: f64| sum / 3.0;
    assert_eq!(samples[&Quantity::MissingMacro], [third(3.0), third(2.0), third(1.0), 0.0]);
    assert!(!samples.contains_key(&Quantity::Words));
}

/// A mean over some of the conditions is another quantity: where an answer is missing there is no number.
#[test]
fn what_was_not_answered_has_no_number() {
    let (conditions, mut answers) = classifier();
    answers[1] = None;
    answers[3] = None;
    let trial = TrialAnswers { conditions: &conditions, answers, higher_is_better: true };
    let found = trial.measures();
    for name in ["area", "missing_macro", "missing_worst"] {
        assert!(found.iter().all(|measure| measure.name != name || measure.scope.starts_with("fgsm")), "{name}: {found:?}");
    }
    assert!(found.iter().all(|measure| !(measure.name == "drop" && measure.scope != "attack")), "{found:?}");
    assert!(found.iter().all(|measure| measure.scope != "all"));
    assert!(!trial.per_sample().contains_key(&Quantity::Noise));
    let nothing = TrialAnswers { conditions: &conditions, answers: vec![None; conditions.len()], higher_is_better: true };
    assert!(nothing.measures().is_empty() && nothing.per_sample().is_empty());
}

#[test]
fn for_errors_the_worst_is_the_largest_and_nothing_flips() {
    let conditions = [condition("clean", "clean", [true; 2]), level("noise(image)", "noise", 1.0)];
    let error = |values: [f64; 2]| Some(Answers { values: values.into(), predicted: Vec::new() });
    let answers = vec![error([0.5, 0.1]), error([0.3, 0.7])];
    let trial = TrialAnswers { conditions: &conditions, answers, higher_is_better: false };
    let found = trial.measures();
    assert!((value(&found, "drop", "noise") - 0.2).abs() < 1e-15);
    assert!((value(&found, "worst_case", "all") - 0.6).abs() < 1e-15);
    assert!(found.iter().all(|measure| !measure.name.starts_with("flips") && measure.name != "robust_accuracy"));
}
