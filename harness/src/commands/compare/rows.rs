//! The rows of two methods on a dataset: a value a seed and quantity, and whether the answers are the same bit for bit.

use std::collections::{BTreeMap, BTreeSet};

use bench_compare::{Lacking, Pair, Row};
use bench_reports::{metrics::Metric, statistics::mean, summary::Quantity};

use super::{pairing::Match, quantities::Conditions, side::Side};
use crate::results::Exact;

/// Why there is no value where nothing was evaluated; everything else is in the records.
const NOT_EVALUATED: &str = "not evaluated";

/// A number, or why there is none.
type Value = Result<f64, String>;

/// What is compared of a dataset.
pub struct Measure<'a> {
    /// As in tables.
    pub dataset: &'a str,
    /// Of all rows.
    pub metric: Metric,
    /// Whether that is a mean over samples that the trials hold the values of.
    pub is_primary: bool,
    /// The quantities with their conditions.
    pub quantities: &'a Conditions,
    /// Heads of the quantities.
    pub title: &'a dyn Fn(Quantity) -> String,
}

/// A side with the trials of the common seeds, ascending.
pub struct Measured<'a> {
    /// Which.
    pub side: &'a Side,
    /// One a seed.
    pub trials: &'a [Exact],
    /// All conditions of its suite.
    pub suite: &'a [String],
}

impl Measure<'_> {
    /// The rows of a match, one a quantity, and what the trials lack.
    pub fn rows(&self, found: &Match, base: &Measured<'_>, head: &Measured<'_>) -> (Vec<Row>, Vec<Lacking>) {
        let mut lacking = self.not_evaluated(&found.base_name, base);
        lacking.extend(self.not_evaluated(&found.head_name, head));
        let mut rows = Vec::new();
        for (&quantity, conditions) in self.quantities {
            let of = |measured: &Measured<'_>| measured.trials.iter().map(|trial| self.value(trial, conditions)).collect::<Vec<_>>();
            let (of_base, of_head) = (of(base), of(head));
            let mut pairs = Vec::new();
            for (at, (base, head)) in base.trials.iter().zip(head.trials).enumerate() {
                if let (Some(Ok(base_value)), Some(Ok(head_value))) = (of_base.get(at), of_head.get(at)) {
                    pairs.push(Pair { seed: base.evidence.seed, base: *base_value, head: *head_value, samples: self.samples(quantity, base, head) });
                }
            }
            let reason = |values: &[Value]| values.iter().find_map(|value| value.as_ref().err().cloned());
            let (no_base, no_head) = (reason(&of_base), reason(&of_head));
            lacking.extend(self.gone(quantity, found, base, head, (&of_base, &of_head)));
            rows.push(Row {
                base: found.base_name.clone(),
                head: found.head_name.clone(),
                quantity: (self.title)(quantity),
                conditions: conditions.len(),
                identical: !pairs.is_empty() && base.trials.iter().zip(head.trials).all(|(base, head)| same_bits(base, head, conditions)),
                unavailable: pairs.is_empty().then(|| unavailable(no_base, no_head)),
                pairs,
            });
        }
        (rows, lacking)
    }

    /// The mean over the conditions of one trial, or why there is none.
    fn value(&self, trial: &Exact, conditions: &BTreeSet<String>) -> Value {
        let known = known(trial, self.metric);
        let values: Result<Vec<f64>, String> =
            conditions.iter().map(|condition| known.get(condition.as_str()).cloned().unwrap_or_else(|| Err(NOT_EVALUATED.into()))).collect();
        values.map(|values| mean(&values))
    }

    /// Sample by sample, where the metric is a mean over them and both trials are of the same number.
    fn samples(&self, quantity: Quantity, base: &Exact, head: &Exact) -> Option<(Vec<f64>, Vec<f64>)> {
        let of = |trial: &Exact| trial.evidence.samples.get(&quantity).cloned();
        of(base).zip(of(head)).filter(|(base, head)| self.is_primary && base.len() == head.len())
    }

    /// Conditions of the suite of which neither scores nor a reason are there.
    fn not_evaluated(&self, name: &str, measured: &Measured<'_>) -> Vec<Lacking> {
        let lacks = |trial: &Exact| {
            let there: BTreeSet<&str> = trial.evidence.records.iter().map(|record| record.condition.as_str()).collect();
            let absent: Vec<&String> = measured.suite.iter().filter(|condition| !there.contains(condition.as_str())).collect();
            let first = absent.first()?;
            let (count, of) = (absent.len(), measured.suite.len());
            let text = format!("{name} on {}, seed {}: {count} of {of} conditions not evaluated, such as {first}", self.dataset, trial.evidence.seed);
            Some(measured.side.lacks(text))
        };
        measured.trials.iter().filter_map(lacks).collect()
    }

    /// Values that a side should have: those that are not defined, and, between two runs, those that the head's method can no longer give.
    fn gone(&self, quantity: Quantity, found: &Match, base: &Measured<'_>, head: &Measured<'_>, values: (&[Value], &[Value])) -> Vec<Lacking> {
        let sides = [(base, &found.base_name, values.0, values.1), (head, &found.head_name, values.1, values.0)];
        let mut lacking = Vec::new();
        for (measured, name, own, other) in sides {
            for (at, (own, other)) in own.iter().zip(other).enumerate() {
                let (Err(reason), Some(trial)) = (own, measured.trials.get(at)) else { continue };
                let is_lost = std::ptr::eq(measured, head) && !head.side.is_method;
                if reason != NOT_EVALUATED && other.is_ok() && (reason == UNDEFINED || is_lost) {
                    let title = (self.title)(quantity);
                    lacking.push(measured.side.lacks(format!("{name} on {}, seed {}: no {title} ({reason})", self.dataset, trial.evidence.seed)));
                }
            }
        }
        lacking
    }
}

/// The note of a record whose metric is no number.
const UNDEFINED: &str = "undefined";

/// The metric by condition, or why it is not there.
fn known(trial: &Exact, metric: Metric) -> BTreeMap<&str, Value> {
    let mut known: BTreeMap<&str, Value> = BTreeMap::new();
    for record in &trial.evidence.records {
        let reason = || Err(if record.note.is_empty() { UNDEFINED.to_string() } else { record.note.clone() });
        if record.metric == metric.name() {
            known.insert(&record.condition, record.value.filter(|value| value.is_finite()).map_or_else(reason, Ok));
        } else if record.samples == 0 {
            // What cannot be answered is noted of two metrics and means all.
            known.entry(&record.condition).or_insert_with(reason);
        }
    }
    known
}

fn same_bits(base: &Exact, head: &Exact, conditions: &BTreeSet<String>) -> bool {
    conditions.iter().all(|condition| {
        let bits = base.fingerprints.get(condition);
        bits.is_some() && bits == head.fingerprints.get(condition)
    })
}

fn unavailable(base: Option<String>, head: Option<String>) -> String {
    match (base, head) {
        (Some(base), Some(head)) if base == head => base,
        (Some(base), Some(head)) => format!("base: {base}; head: {head}"),
        (Some(base), None) => format!("base: {base}"),
        (None, Some(head)) => format!("head: {head}"),
        (None, None) => "no seed in common".into(),
    }
}

#[cfg(test)]
mod tests {
    use bench_reports::summary::TrialEvidence;

    use super::*;
    use crate::results::tests::record;

    fn trial(records: Vec<bench_reports::Record>, bits: u8) -> Exact {
        let fingerprints = BTreeMap::from([("clean".to_string(), [bits; 32])]);
        Exact { evidence: TrialEvidence { seed: 42, records, ..TrialEvidence::default() }, fingerprints }
    }

    /// What a method cannot answer has two records, of the primary and the secondary metric, over no samples.
    #[test]
    fn what_cannot_be_answered_is_so_by_every_metric() {
        let cannot = bench_reports::Record { value: None, note: "needs gradients".into(), samples: 0, ..record("late", 42) };
        assert_eq!(known(&trial(vec![cannot], 0), Metric::Brier)["clean"], Err("needs gradients".into()));
        let infinite = bench_reports::Record { value: Some(f64::INFINITY), ..record("late", 42) };
        assert_eq!(known(&trial(vec![infinite], 0), Metric::Accuracy)["clean"], Err("undefined".into()));
        assert_eq!(known(&trial(vec![record("late", 42)], 0), Metric::Accuracy)["clean"], Ok(0.5));
    }

    #[test]
    fn bits_are_the_same_only_where_both_sides_have_them() {
        let clean = BTreeSet::from(["clean".to_string()]);
        let more = BTreeSet::from(["clean".to_string(), "missing(text)".to_string()]);
        let (one, same, other) = (trial(Vec::new(), 1), trial(Vec::new(), 1), trial(Vec::new(), 2));
        assert!(same_bits(&one, &same, &clean));
        assert!(!same_bits(&one, &other, &clean));
        assert!(!same_bits(&one, &same, &more), "conditions that neither has are not the same");
    }

    #[test]
    fn the_side_without_a_value_is_named_where_one_has_it() {
        let no = || Some("needs gradients".to_string());
        assert_eq!(unavailable(no(), no()), "needs gradients");
        assert_eq!(unavailable(None, no()), "head: needs gradients");
        assert_eq!(unavailable(Some("undefined".into()), no()), "base: undefined; head: needs gradients");
    }
}
