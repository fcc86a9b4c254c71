//! What of a plan is done already.

use bench_corruptions::Condition;

use super::Plan;
use crate::folder::{Folder, Known};

/// What is done of one trial.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Training is finished and its checkpoint is there.
    pub trained: bool,
    /// Conditions whose scores are not there and that are not known to be unavailable.
    pub missing: Vec<String>,
}

impl State {
    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.trained && self.missing.is_empty()
    }
}

impl Plan {
    /// What is done of each trial.
    ///
    /// # Errors
    /// A damaged file of a trial.
    pub fn states(&self, folder: &Folder) -> anyhow::Result<Vec<State>> {
        self.trials.iter().map(|trial| state(folder, &trial.key, trial.conditions.iter())).collect()
    }
}

/// What is done of the trial with this key.
///
/// # Errors
/// A damaged file of the trial.
pub fn state<'a>(folder: &Folder, key: &str, conditions: impl Iterator<Item = &'a Condition>) -> anyhow::Result<State> {
    let trial = folder.trial(key);
    // A checkpoint that was deleted because it was damaged is trained again, to the same bits.
    let trained = trial.read()?.is_some() && trial.weights().is_file();
    if !trained {
        return Ok(State { trained, missing: conditions.map(ToString::to_string).collect() });
    }
    let known = Known::read(&trial)?;
    let missing = conditions.filter(|condition| !trial.scores(&condition.hash()).is_file());
    let missing = missing.map(ToString::to_string).filter(|text| !known.unavailable.contains_key(text)).collect();
    Ok(State { trained, missing })
}
