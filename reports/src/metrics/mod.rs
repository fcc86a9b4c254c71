/*!
Metrics of a trial under one condition, as pure functions on slices.

One rule for all of them: no samples, lengths that do not fit, or a label that is no class give `NaN` (`None` from [`pearson`]), never a number
that looks like a score. [`classification`] and [`regression`] turn `NaN` into `None` for the records.
*/

mod calibration;
mod classes;
mod counts;
mod mmsa;
mod pairs;
mod probabilities;
mod sentiment;
mod sims;
mod values;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use calibration::{CalibrationBin, Reliability, expected_calibration_error};
pub use classes::{accuracy, macro_f1, predicted_classes, unweighted_recall, weighted_f1};
pub use counts::{ClassCounts, Over, confusion_matrix};
pub use mmsa::ThreeClassSentiment;
pub use pairs::Pairs;
pub use probabilities::{brier, brier_per_class, negative_log_likelihood, negative_log_likelihoods, softmax};
pub use sentiment::{Sentiment, TwoClass, four_decimals};
pub use sims::{Precision, Sims};
pub use values::{mean_absolute_error, pearson};

/// Equal-width bins of [`expected_calibration_error`] in the records (Guo et al., ICML 2017).
pub const CALIBRATION_BINS: usize = 15;

/// A metric with its name, direction and range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Share of correct predictions ("weighted accuracy" in speech emotion recognition).
    Accuracy,
    /// Mean F1 over the classes in truth or prediction.
    MacroF1,
    /// Mean F1 over the classes, weighted by their numbers of true samples.
    WeightedF1,
    /// Mean recall over the classes in truth ("unweighted accuracy", balanced accuracy).
    UnweightedRecall,
    /// Mean −ln p(true class), in nats.
    NegativeLogLikelihood,
    /// Mean squared distance of the probabilities from the one-hot truth.
    Brier,
    /// Mean distance of confidence from accuracy over bins of confidence.
    ExpectedCalibrationError,
    /// Mean absolute error, in units of the target.
    MeanAbsoluteError,
    /// Pearson correlation of prediction and target.
    Pearson,
}

/// A metric's name that nobody knows.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{name}` is no metric; the metrics are {}", Metric::ALL.map(Metric::name).join(", "))]
pub struct UnknownMetric {
    name: String,
}

impl Metric {
    /// All metrics, in the order in which reports name them.
    pub const ALL: [Self; 9] = [
        Self::Accuracy,
        Self::MacroF1,
        Self::WeightedF1,
        Self::UnweightedRecall,
        Self::NegativeLogLikelihood,
        Self::Brier,
        Self::ExpectedCalibrationError,
        Self::MeanAbsoluteError,
        Self::Pearson,
    ];

    /// The name in records, e.g. `macro_f1`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::MacroF1 => "macro_f1",
            Self::WeightedF1 => "weighted_f1",
            Self::UnweightedRecall => "unweighted_recall",
            Self::NegativeLogLikelihood => "negative_log_likelihood",
            Self::Brier => "brier",
            Self::ExpectedCalibrationError => "expected_calibration_error",
            Self::MeanAbsoluteError => "mean_absolute_error",
            Self::Pearson => "pearson",
        }
    }

    /// The name in tables, e.g. `macro-F1`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::MacroF1 => "macro-F1",
            Self::WeightedF1 => "weighted F1",
            Self::UnweightedRecall => "UA",
            Self::NegativeLogLikelihood => "NLL",
            Self::Brier => "Brier",
            Self::ExpectedCalibrationError => "ECE",
            Self::MeanAbsoluteError => "MAE",
            Self::Pearson => "Pearson r",
        }
    }

    /// Whether a larger value is a better one.
    pub fn higher_is_better(self) -> bool {
        matches!(self, Self::Accuracy | Self::MacroF1 | Self::WeightedF1 | Self::UnweightedRecall | Self::Pearson)
    }

    /// Smallest and largest possible value.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Accuracy | Self::MacroF1 | Self::WeightedF1 | Self::UnweightedRecall | Self::ExpectedCalibrationError => (0.0, 1.0),
            Self::NegativeLogLikelihood | Self::MeanAbsoluteError => (0.0, f64::INFINITY),
            Self::Brier => (0.0, 2.0),
            Self::Pearson => (-1.0, 1.0),
        }
    }

    /// Whether tables print it in percent; all else prints raw.
    pub fn in_percent(self) -> bool {
        matches!(self, Self::Accuracy | Self::MacroF1 | Self::WeightedF1 | Self::UnweightedRecall | Self::ExpectedCalibrationError)
    }

    /// The value as tables print it: percent with one decimal, or raw with three; no unit.
    pub fn display(self, value: f64) -> String {
        let (scale, decimals) = if self.in_percent() { (100.0, 1) } else { (1.0, 3) };
        let text = format!("{:.decimals$}", value * scale);
        // A rounded −0.0 would read as a loss.
        match text.strip_prefix('-') {
            Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.into(),
            _ => text,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|metric| metric.name() == name).ok_or_else(|| UnknownMetric { name: name.into() })
    }
}

/// Every metric of a classifier from its probabilities (`[n, classes]`, row by row) and the true classes (`[n]`).
pub fn classification(probabilities: &[f64], truth: &[u32], classes: usize) -> Vec<(Metric, Option<f64>)> {
    let predicted = predicted_classes(probabilities, classes);
    [
        (Metric::Accuracy, accuracy(&predicted, truth)),
        (Metric::MacroF1, macro_f1(&predicted, truth, classes)),
        (Metric::WeightedF1, weighted_f1(Pairs { predicted: &predicted, truth }, classes)),
        (Metric::UnweightedRecall, unweighted_recall(&predicted, truth, classes)),
        (Metric::NegativeLogLikelihood, negative_log_likelihood(probabilities, truth, classes)),
        (Metric::Brier, brier(probabilities, truth, classes)),
        (Metric::ExpectedCalibrationError, expected_calibration_error(probabilities, truth, classes, CALIBRATION_BINS)),
    ]
    .map(|(metric, value)| (metric, defined(value)))
    .into()
}

/// Every metric of a regressor from predictions and targets (`[n]` each).
pub fn regression(predicted: &[f64], truth: &[f64]) -> Vec<(Metric, Option<f64>)> {
    vec![(Metric::MeanAbsoluteError, defined(mean_absolute_error(predicted, truth))), (Metric::Pearson, pearson(predicted, truth))]
}

fn defined(value: f64) -> Option<f64> {
    Some(value).filter(|value| !value.is_nan())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_read_by_its_own_name() {
        for metric in Metric::ALL {
            assert_eq!(metric.name().parse(), Ok(metric));
            assert_eq!(serde_json::to_string(&metric).unwrap(), format!("\"{}\"", metric.name()));
        }
        assert!("f1".parse::<Metric>().unwrap_err().to_string().contains("macro_f1"));
    }

    #[test]
    fn percent_has_one_decimal_and_raw_three_and_zero_has_no_sign() {
        assert_eq!(Metric::Accuracy.display(0.62149), "62.1");
        assert_eq!(Metric::MeanAbsoluteError.display(0.62149), "0.621");
        assert_eq!(Metric::Accuracy.display(-0.0004), "0.0");
        assert_eq!(Metric::Accuracy.display(-0.0006), "-0.1");
    }

    #[test]
    fn values_lie_in_their_range_on_a_small_sample() {
        let values = classification(&[0.7, 0.3, 0.4, 0.6, 0.2, 0.8], &[0, 0, 1], 2);
        assert_eq!(values.len(), 7);
        for (metric, value) in values {
            let (low, high) = metric.range();
            assert!(value.is_some_and(|value| (low..=high).contains(&value)), "{metric} {value:?}");
        }
    }

    #[test]
    fn no_samples_give_no_value() {
        assert!(classification(&[], &[], 3).iter().all(|(_, value)| value.is_none()));
        assert!(regression(&[], &[]).iter().all(|(_, value)| value.is_none()));
    }
}
