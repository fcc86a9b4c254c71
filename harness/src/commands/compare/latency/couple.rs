//! Two models that are timed against each other.

use bench_compare::Cost;
use bench_store::profile::Subject;

use super::super::{pairing::Match, side::Side};
use crate::results::Finished;

/// A model of the base and the one of the head that it is compared with, of the same seed.
pub struct Couple {
    dataset: String,
    matched: Match,
    /// The base's, with its weights.
    pub base: Subject,
    /// The head's, with its weights.
    pub head: Subject,
}

/// A side's trials of the common seeds, in their order.
type Trials<'a> = (&'a Side, &'a [&'a Finished]);

impl Couple {
    /// Of the first seed whose weights both sides have.
    pub fn of(dataset: &str, matched: &Match, base: Trials<'_>, head: Trials<'_>) -> Option<Self> {
        let mut seeds = base.1.iter().zip(head.1);
        let (base, head) = seeds.find_map(|(own, other)| subject(base.0, own).zip(subject(head.0, other)))?;
        Some(Self { dataset: dataset.into(), matched: matched.clone(), base, head })
    }

    /// `concat and raml on digits?train=300`.
    pub fn title(&self) -> String {
        format!("{} on {}", self.matched.name(), self.dataset)
    }

    /// A row of a ratio.
    pub fn cost(&self, what: &str, ratio: f64, interval: Option<(f64, f64)>) -> Cost {
        Cost {
            dataset: self.dataset.clone(),
            base: self.matched.base_name.clone(),
            head: self.matched.head_name.clone(),
            what: what.into(),
            unit: String::new(),
            values: None,
            ratio,
            interval,
        }
    }
}

/// The model of a trial, where its weights are there.
fn subject(side: &Side, finished: &Finished) -> Option<Subject> {
    let trial = side.opened.folder.trial(&finished.key);
    let (spec, label) = (finished.trial.spec.clone(), finished.trial.label.clone());
    trial.weights().is_file().then(|| Subject::Method { spec, label, trial: Some(trial.root().to_path_buf()) })
}
