//! One row of `records.csv`.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// One trial under one condition, measured by one metric.
///
/// Records are ordered by dataset, method, preset, seed, condition and metric: the order of `records.csv`. All other fields only break ties.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Dataset with its parameters, e.g. `digits?train=500`.
    pub dataset: String,
    /// Method with variant and changed options, e.g. `raml/no-sparsity`.
    pub method: String,
    /// Where the hyper-parameters come from: `harness`, `paper`, or `tuned(N)` with N settings drawn ([`Budget`](crate::budget::Budget)).
    pub preset: String,
    /// Seed of the trial: the pairing unit of the paired t-test.
    pub seed: u64,
    /// What the test set suffered, in canonical form, e.g. `noise(image,0.18)`.
    pub condition: String,
    /// `clean`, `noise`, `words`, `missing`, `attack` or `mixed`.
    pub group: String,
    /// [`Metric::name`](crate::metrics::Metric::name).
    pub metric: String,
    /// The value in the metric's own units (accuracy in [0, 1]); `None` where it is not available.
    pub value: Option<f64>,
    /// Why there is no value, e.g. `needs gradients`; else empty.
    pub note: String,
    /// Test samples behind the value.
    pub samples: u64,
    /// The split that chose the checkpoint.
    pub selected_on: String,
    /// Key of the trial.
    pub trial: String,
}

impl Ord for Record {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.dataset, &self.method, &self.preset)
            .cmp(&(&other.dataset, &other.method, &other.preset))
            .then(self.seed.cmp(&other.seed))
            .then_with(|| (&self.condition, &self.metric, &self.group).cmp(&(&other.condition, &other.metric, &other.group)))
            .then_with(|| (&self.trial, &self.selected_on, &self.note).cmp(&(&other.trial, &other.selected_on, &other.note)))
            .then(self.samples.cmp(&other.samples))
            .then_with(|| match (self.value, other.value) {
                (Some(value), Some(other)) => value.total_cmp(&other),
                (value, other) => value.is_some().cmp(&other.is_some()),
            })
    }
}

impl PartialOrd for Record {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Record {}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(method: &str, seed: u64, value: Option<f64>) -> Record {
        Record {
            dataset: "digits".into(),
            method: method.into(),
            preset: "paper".into(),
            seed,
            condition: "clean".into(),
            group: "clean".into(),
            metric: "accuracy".into(),
            value,
            note: String::new(),
            samples: 10,
            selected_on: "validation".into(),
            trial: "k".into(),
        }
    }

    #[test]
    fn records_sort_by_name_then_seed_as_a_number() {
        let mut records = [record("sum", 1, None), record("late", 123, None), record("late", 42, Some(0.5))];
        records.sort();
        let places: Vec<(&str, u64)> = records.iter().map(|record| (record.method.as_str(), record.seed)).collect();
        assert_eq!(places, [("late", 42), ("late", 123), ("sum", 1)]);
    }

    #[test]
    fn records_that_differ_in_their_value_are_not_equal() {
        assert_ne!(record("sum", 1, Some(0.5)), record("sum", 1, Some(0.25)));
        assert_ne!(record("sum", 1, Some(0.5)), record("sum", 1, None));
        assert_eq!(record("sum", 1, Some(0.5)), record("sum", 1, Some(0.5)));
    }

    #[test]
    fn a_record_survives_json_with_its_bits() {
        let value = 0.1 + 0.2;
        let text = serde_json::to_string(&record("sum", u64::MAX, Some(value))).unwrap();
        let back: Record = serde_json::from_str(&text).unwrap();
        assert_eq!(back.value.map(f64::to_bits), Some(value.to_bits()));
        assert_eq!(back.seed, u64::MAX);
    }
}
