//! What was measured of both sides.

use serde::{Deserialize, Serialize};

/// All that a comparison knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
    /// In the order of the base's run; those that both sides have.
    pub datasets: Vec<Dataset>,
    /// Costs of models that both sides have; empty where nothing was profiled.
    pub costs: Vec<Cost>,
    /// What was asked of a side and is not there: the comparison is incomplete.
    pub lacking: Vec<Lacking>,
    /// Sentences for readers: settings that differ, methods that the head alone has, metrics without values a sample.
    pub notes: Vec<String>,
}

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// As it was asked for: `runs/main`, or `runs/robustness:raml`.
    pub name: String,
    /// Name and value: suite, seeds, preset, version of `bench`, libtorch, …
    pub facts: Vec<(String, String)>,
}

/// Something that a comparison needs and a side does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    /// `base` or `head`.
    pub side: String,
    /// What, in words: `raml on digits?train=300, seed 42 is not trained`.
    pub what: String,
}

/// A dataset that both sides have, with the same content.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// E.g. `digits?train=300`.
    pub name: String,
    /// Samples of the test split.
    pub n_test: usize,
    /// What samples are grouped by and the group of each test sample, dense from 0.
    pub groups: Option<(String, Vec<u32>)>,
    /// The metric that is compared, by its title: `accuracy`, `MAE`.
    pub metric: String,
    /// Whether more of it is better.
    pub higher_is_better: bool,
    /// Width of the metric's range, which a margin in hundredths is of: 1 for shares; the range of the labels for errors in their unit.
    pub range: f64,
    /// By method and quantity.
    pub rows: Vec<Row>,
}

/// One quantity of one method on a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The base's method with its preset where that matters: `raml`, `concat`.
    pub base: String,
    /// The head's; the same text in a comparison of two runs.
    pub head: String,
    /// `clean`, `noise mean`, `missing macro`, ….
    pub quantity: String,
    /// How many conditions it is the mean over.
    pub conditions: usize,
    /// Whether every score of every sample is the same, bit for bit, in all pairs and all its conditions. Costs no test.
    pub identical: bool,
    /// By seed, ascending; the seeds that both sides have. Empty where a side cannot answer.
    pub pairs: Vec<Pair>,
    /// Why there is no value, where a side has none: `needs gradients`.
    pub unavailable: Option<String>,
}

/// Both sides' value of one seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The seed.
    pub seed: u64,
    /// The base's value, in the metric's unit.
    pub base: f64,
    /// The head's.
    pub head: f64,
    /// Values of each test sample in id order, `[n_test]` each, base and head, whose means are the two values; `None` for a metric that is no mean over samples.
    pub samples: Option<(Vec<f64>, Vec<f64>)>,
}

/// A cost of one model on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// E.g. `digits?train=300`.
    pub dataset: String,
    /// As in [`Row::base`].
    pub base: String,
    /// As in [`Row::head`].
    pub head: String,
    /// What: `FLOPs of a prediction`, `trainable parameters`, `peak memory of a training step`, `time of a prediction`.
    pub what: String,
    /// `FLOPs`, `parameters`, `bytes`; empty for a ratio alone.
    pub unit: String,
    /// Both values, base and head; `None` for times, of which only the ratio means anything.
    pub values: Option<(f64, f64)>,
    /// head / base.
    pub ratio: f64,
    /// Interval of the ratio at 95 %, for what is timed; `None` for what is counted, which is exact.
    pub interval: Option<(f64, f64)>,
}
