//! What a sample is made of: modalities, their kinds and units, the task, the splits.

use serde::{Deserialize, Serialize};

/// Token id of padding; the first word of every vocabulary is `<pad>`.
pub const PADDING: u32 = 0;
/// Token id of a word outside the vocabulary; the second word of every vocabulary is `<unk>`.
pub const UNKNOWN: u32 = 1;
/// The first two words of every vocabulary, by id.
pub const RESERVED_WORDS: [&str; 2] = ["<pad>", "<unk>"];

/// The kind of a modality, with the shape of one sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// Features `[dim]`.
    Vector {
        /// Number of features.
        dim: usize,
    },
    /// A series `[steps, dim]`; the steps behind a sample's length are padding.
    Sequence {
        /// Longest series.
        steps: usize,
        /// Features of a step.
        dim: usize,
    },
    /// Words `[steps]` as ids into a vocabulary; the ids behind a sample's length are [`PADDING`].
    Tokens {
        /// Longest text in words.
        steps: usize,
        /// The words by id; the first two are [`RESERVED_WORDS`].
        vocabulary: Vec<String>,
    },
    /// An image `[channels, height, width]` with values in [0, 1].
    Image {
        /// 1 for grey, 3 for RGB.
        channels: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
}

impl Kind {
    /// Shape of one sample, without the batch; tokens: `[steps]`.
    pub fn shape(&self) -> Vec<usize> {
        match *self {
            Self::Vector { dim } => vec![dim],
            Self::Sequence { steps, dim } => vec![steps, dim],
            Self::Tokens { steps, .. } => vec![steps],
            Self::Image { channels, height, width } => vec![channels, height, width],
        }
    }

    /// Numbers (or token ids) of one sample.
    pub fn numel(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether values are real numbers: everything but tokens.
    pub fn is_continuous(&self) -> bool {
        !matches!(self, Self::Tokens { .. })
    }

    /// The unit in which a corruption of this kind is measured.
    pub fn unit(&self) -> Unit {
        match self {
            Self::Vector { .. } | Self::Sequence { .. } => Unit::TrainingStandardDeviations,
            Self::Tokens { .. } => Unit::Words,
            Self::Image { .. } => Unit::Pixels,
        }
    }

    /// Closed range of raw values, where there is one.
    pub fn bounds(&self) -> Option<(f32, f32)> {
        matches!(self, Self::Image { .. }).then_some((0.0, 1.0))
    }

    /// The kind's name in files and messages: `vector`, `sequence`, `tokens` or `image`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Vector { .. } => "vector",
            Self::Sequence { .. } => "sequence",
            Self::Tokens { .. } => "tokens",
            Self::Image { .. } => "image",
        }
    }
}

/// The unit of a corruption's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// The whole range of a pixel is 1.
    Pixels,
    /// Standard deviations of the feature over the training split.
    TrainingStandardDeviations,
    /// Shares of a text's words.
    Words,
}

/// One named input stream of a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Modality {
    /// As in `noise(image, 0.18)`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// What is to be predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Task {
    /// One of several classes.
    Classification {
        /// Names of the classes by label.
        classes: Vec<String>,
    },
    /// A real number.
    Regression {
        /// What the number is.
        target: String,
        /// Smallest possible value.
        low: f32,
        /// Largest possible value.
        high: f32,
    },
}

/// A fixed part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// For fitting, normalisation included.
    Train,
    /// For choosing: checkpoints, hyper-parameters.
    Validation,
    /// For reporting.
    Test,
}

impl Split {
    /// All splits, in the order of their codes on disk (0, 1, 2).
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// `train`, `validation` or `test`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// The target of every sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Labels {
    /// Class numbers, `[N]`.
    Classes(Vec<u32>),
    /// Values in the task's range, `[N]`.
    Values(Vec<f32>),
}

/// Samples that belong together (an actor, a speaker): statistics resample groups, and no group crosses splits.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// What a group is: `actor`.
    pub name: String,
    /// Names of the groups by number.
    pub names: Vec<String>,
    /// Group number of every sample, `[N]`.
    pub of_sample: Vec<u32>,
}

/// Where a dataset comes from and what may be done with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Upstream packages or repositories, with versions.
    pub source: String,
    /// Name of the licence, preferably its SPDX identifier.
    pub licence: String,
    /// File in the dataset's folder that holds the licence's text or notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence_file: Option<String>,
    /// What to cite.
    #[serde(default)]
    pub citation: String,
    /// Caveats and decisions, a sentence or more each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Words taken out of texts, because they would give the class away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_words: Vec<String>,
}
