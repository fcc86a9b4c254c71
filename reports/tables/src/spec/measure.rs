//! Quantities that a cell may be.

use std::{fmt, str::FromStr};

use bench_reports::metrics::Metric;
use serde::Deserialize;

/// A quantity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Measure {
    /// A metric of the records: `accuracy`, `unweighted_recall`, `mean_absolute_error`, …
    Metric(Metric),
    /// `acc2`: positive against negative, neutral samples left out (non-zero), of a regression.
    Acc2,
    /// `f1-2`: F1 of the same two classes, weighted by their sizes.
    F1OfTwo,
    /// `acc7`: both sides clipped to [−3, 3] and rounded, of a regression.
    Acc7,
    /// `class-f1:K`: F1 of the K-th class, from 0.
    ClassF1(usize),
    /// `relative-deviation:METRIC`: sample standard deviation over the seeds in percent of the mean.
    RelativeDeviation(Metric),
    /// `parameters`: numbers that training moves.
    Parameters,
    /// `diagnostic:NAME`: a line of `diagnostics.json`; `{A}` in the name stands for the modality that plays the part A.
    Diagnostic(String),
    /// `of:train`, …: a fact of the dataset.
    Of(Of),
    /// `cost:…`: of `bench profile`.
    Cost(Cost),
    /// `option:NAME`: the value that an option of the method's card has here.
    Option(String),
    /// `recipe:batch`: samples in a training batch.
    Batch,
}

/// A fact of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// Training samples.
    Train,
    /// Validation samples.
    Validation,
    /// Test samples.
    Test,
    /// Classes.
    Classes,
    /// Modalities.
    Modalities,
}

/// A cost of a method, of a batch as the profile counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// `training-flops`: one training step on a batch of 64, in GFLOPs (2 × multiply-accumulates), without extractors.
    TrainingFlops,
    /// `inference-flops`: one prediction of the batch, in GFLOPs, without extractors.
    InferenceFlops,
    /// `extractor-flops`: the frozen extractors for the batch, in GFLOPs.
    ExtractorFlops,
    /// `end-to-end-training-flops`: training step and extractors.
    EndToEndTrainingFlops,
    /// `end-to-end-inference-flops`: prediction and extractors.
    EndToEndInferenceFlops,
    /// `step-peak`: most that a training step holds at once, in GB.
    StepPeak,
    /// `activations`: MB.
    Activations,
    /// `gradients`: MB.
    Gradients,
    /// `latency`: milliseconds a sample, one prediction of one sample, without extractors; a time of this machine.
    Latency,
    /// `training-hours`: steps of the trained epochs times the time of a step; a time of this machine.
    TrainingHours,
}

impl Cost {
    const NAMES: [(&'static str, Self); 10] = [
        ("training-flops", Self::TrainingFlops),
        ("inference-flops", Self::InferenceFlops),
        ("extractor-flops", Self::ExtractorFlops),
        ("end-to-end-training-flops", Self::EndToEndTrainingFlops),
        ("end-to-end-inference-flops", Self::EndToEndInferenceFlops),
        ("step-peak", Self::StepPeak),
        ("activations", Self::Activations),
        ("gradients", Self::Gradients),
        ("latency", Self::Latency),
        ("training-hours", Self::TrainingHours),
    ];
}

impl Measure {
    /// Whether it is read from scores, and so depends on a condition.
    pub fn is_of_scores(&self) -> bool {
        matches!(self, Self::Metric(_) | Self::Acc2 | Self::F1OfTwo | Self::Acc7 | Self::ClassF1(_) | Self::RelativeDeviation(_))
    }

    /// Whether it is a number of a trained model, so that trials are needed.
    pub fn needs_trials(&self) -> bool {
        self.is_of_scores() || matches!(self, Self::Parameters | Self::Diagnostic(_) | Self::Cost(_))
    }

    /// Whether datasets with classes have it; `None` where both kinds do.
    pub fn of_classes(&self) -> Option<bool> {
        match self {
            Self::Metric(Metric::MeanAbsoluteError | Metric::Pearson) | Self::Acc2 | Self::F1OfTwo | Self::Acc7 => Some(false),
            Self::RelativeDeviation(metric) => Self::Metric(*metric).of_classes(),
            Self::Metric(_) | Self::ClassF1(_) | Self::Of(Of::Classes) => Some(true),
            _ => None,
        }
    }

    /// Whether more is better, where that has a meaning.
    pub fn higher_is_better(&self) -> Option<bool> {
        match self {
            Self::Metric(metric) => Some(metric.higher_is_better()),
            Self::Acc2 | Self::F1OfTwo | Self::Acc7 | Self::ClassF1(_) => Some(true),
            Self::RelativeDeviation(_) | Self::Cost(_) | Self::Diagnostic(_) => Some(false),
            Self::Parameters | Self::Of(_) | Self::Option(_) | Self::Batch => None,
        }
    }
}

impl FromStr for Measure {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(name, argument)| (name, Some(argument)));
        let metric = |name: &str| name.parse::<Metric>().map_err(|error| format!("measure `{text}`: {error}"));
        Ok(match (name, argument) {
            ("acc2", None) => Self::Acc2,
            ("f1-2", None) => Self::F1OfTwo,
            ("acc7", None) => Self::Acc7,
            ("parameters", None) => Self::Parameters,
            ("class-f1", Some(class)) => Self::ClassF1(class.parse().map_err(|_| format!("measure `{text}`: `{class}` is no number of a class"))?),
            ("relative-deviation", Some(name)) => Self::RelativeDeviation(metric(name)?),
            ("diagnostic", Some(name)) => Self::Diagnostic(name.into()),
            ("of", Some("train")) => Self::Of(Of::Train),
            ("of", Some("validation")) => Self::Of(Of::Validation),
            ("of", Some("test")) => Self::Of(Of::Test),
            ("of", Some("classes")) => Self::Of(Of::Classes),
            ("of", Some("modalities")) => Self::Of(Of::Modalities),
            ("cost", Some(cost)) => {
                let known = Cost::NAMES.iter().find(|(known, _)| *known == cost);
                let names = || Cost::NAMES.map(|(name, _)| name).join(", ");
                Self::Cost(known.ok_or_else(|| format!("measure `{text}`: costs are {}", names()))?.1)
            }
            ("option", Some(name)) => Self::Option(name.into()),
            ("recipe", Some("batch")) => Self::Batch,
            (_, None) => Self::Metric(metric(name)?),
            _ => return Err(format!("there is no measure `{text}`")),
        })
    }
}

impl TryFrom<String> for Measure {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(Self::NAMES.iter().find(|(_, cost)| cost == self).map_or("", |(name, _)| name))
    }
}
