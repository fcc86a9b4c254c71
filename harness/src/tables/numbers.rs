//! From scores to the quantity that a cell wants.

use bench_reports::metrics::{self, ClassCounts, Metric, Pairs, Sentiment};
use bench_store::{ScoreKind, Scores};
use bench_tables::spec::Measure;

/// A quantity of one trial under one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// In its own unit: shares from 0 to 1.
    pub value: f64,
    /// The quantity of every sample, `[n]`, where it is their mean.
    pub samples: Option<Vec<f64>>,
}

/// What `measure` is of these scores.
///
/// # Errors
/// A few words: the scores are of another task, there is no such class, or the quantity is undefined.
pub fn number(measure: &Measure, scores: &Scores) -> Result<Number, String> {
    let values: Vec<f64> = scores.values.iter().map(|&value| f64::from(value)).collect();
    let found = match scores.kind {
        ScoreKind::Value => of_values(measure, &values, &scores.targets)?,
        ScoreKind::Logits => of_classes(measure, &metrics::softmax(&values, scores.width), scores)?,
        ScoreKind::Probabilities => of_classes(measure, &values, scores)?,
    };
    if found.value.is_finite() { Ok(found) } else { Err("undefined".into()) }
}

fn of_values(measure: &Measure, predicted: &[f64], truth: &[f64]) -> Result<Number, String> {
    let plain = |value: f64| Number { value, samples: None };
    let sentiment = || Sentiment::of(Pairs { predicted, truth });
    Ok(match measure {
        Measure::Acc2 => plain(sentiment().non_zero.accuracy),
        Measure::F1OfTwo => plain(sentiment().non_zero.weighted_f1),
        Measure::Acc7 => plain(sentiment().seven_classes),
        Measure::Metric(Metric::MeanAbsoluteError) => {
            let errors: Vec<f64> = predicted.iter().zip(truth).map(|(predicted, truth)| (predicted - truth).abs()).collect();
            Number { value: metrics::mean_absolute_error(predicted, truth), samples: Some(errors) }
        }
        Measure::Metric(Metric::Pearson) => plain(metrics::pearson(predicted, truth).ok_or("undefined")?),
        _ => return Err("n/a (values, no classes)".into()),
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a class")]
fn of_classes(measure: &Measure, probabilities: &[f64], scores: &Scores) -> Result<Number, String> {
    let classes = scores.width;
    if scores.targets.iter().any(|target| !(*target >= 0.0 && *target < classes as f64 && target.fract() == 0.0)) {
        return Err("a target is no class".into());
    }
    let truth: Vec<u32> = scores.targets.iter().map(|&target| target as u32).collect();
    let predicted = metrics::predicted_classes(probabilities, classes);
    match measure {
        Measure::Metric(Metric::Accuracy) => {
            let right: Vec<f64> = predicted.iter().zip(&truth).map(|(predicted, truth)| f64::from(u8::from(predicted == truth))).collect();
            Ok(Number { value: metrics::accuracy(&predicted, &truth), samples: Some(right) })
        }
        Measure::Metric(metric) => {
            let all = metrics::classification(probabilities, &truth, classes);
            let found = all.into_iter().find(|(known, _)| known == metric).ok_or("n/a (classes, no values)")?;
            Ok(Number { value: found.1.ok_or("undefined")?, samples: None })
        }
        Measure::ClassF1(class) => {
            let counts = ClassCounts::of(Pairs { predicted: &predicted, truth: &truth }, classes).ok_or("undefined")?;
            let f1 = counts.f1s().get(*class).copied().ok_or_else(|| format!("only {classes} classes"))?;
            Ok(Number { value: f1, samples: None })
        }
        _ => Err("n/a (classes, no values)".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(kind: ScoreKind, width: usize, values: Vec<f32>, targets: Vec<f64>) -> Scores {
        Scores { ids: (0..targets.len()).map(|at| at.to_string()).collect(), targets, kind, width, values, perturbations: Vec::new() }
    }

    /// By hand: classes 0, 1, 1 are called 0, 0, 1: accuracy 2/3, recalls 1 and 1/2, F1 of class 0: 2·1/(2 + 1) = 2/3, of class 1 the same.
    #[test]
    fn classes_by_hand() {
        let scores = scores(ScoreKind::Logits, 2, vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0], vec![0.0, 1.0, 1.0]);
        let of = |text: &str| number(&text.parse().unwrap(), &scores);
        let accuracy = of("accuracy").unwrap();
        assert!((accuracy.value - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(accuracy.samples, Some(vec![1.0, 0.0, 1.0]));
        assert!((of("unweighted_recall").unwrap().value - 0.75).abs() < 1e-12);
        assert!((of("class-f1:0").unwrap().value - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(of("class-f1:2").unwrap_err(), "only 2 classes");
        assert!(of("acc2").unwrap_err().contains("no values"));
    }

    /// By hand: the neutral sample is left out of Acc-2; 2.6 is rounded to 3 in Acc-7.
    #[test]
    fn sentiment_by_hand() {
        let scores = scores(ScoreKind::Value, 1, vec![1.0, -1.0, 2.6, 0.4], vec![2.0, 1.0, 3.0, 0.0]);
        let of = |text: &str| number(&text.parse().unwrap(), &scores).map(|number| number.value);
        assert!((of("acc2").unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert!((of("acc7").unwrap() - 0.5).abs() < 1e-12);
        assert!((of("mean_absolute_error").unwrap() - (1.0 + 2.0 + 0.4 + 0.4) / 4.0).abs() < 1e-6);
        assert!(of("accuracy").is_err());
    }
}
