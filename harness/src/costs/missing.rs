//! What of the wanted costs is not stored yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use bench_store::TrialSpec;
use bench_tables::spec::Cost;

use super::{
    files::{OfExtractors, OfTrial},
    units::{has_extractors, has_model, is_timed},
};
use crate::{exit::Failure, folder::Folder};

/// A trained trial. One seed of a method is enough: cost does not depend on the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialToProfile {
    /// The trial's key.
    pub key: String,
    /// What it is.
    pub spec: TrialSpec,
    /// As in tables.
    pub label: String,
    /// `trials/<key>`, whose weights are used.
    pub folder: PathBuf,
}

/// What is to be measured.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    /// Trials by dataset, in the order given; those of one dataset are timed in turns.
    pub(super) datasets: Vec<(String, Vec<TrialToProfile>)>,
    /// Whether they are timed, or only counted.
    pub(super) times: bool,
    /// Whether the extractors are to be counted.
    pub(super) extractors: bool,
}

impl Missing {
    /// Whether all is stored.
    pub fn is_empty(&self) -> bool {
        self.datasets.is_empty() && !self.extractors
    }
}

/// What must be measured of these trials so that [`super::Costs`] knows the `wanted` costs. Times that are stored stay: a trial is measured again only where it
/// was counted and is now to be timed.
///
/// # Errors
/// A stored file that is damaged or of another version, or a trial without weights.
pub fn missing(folder: &Folder, trials: &[TrialToProfile], wanted: &BTreeSet<Cost>) -> anyhow::Result<Missing> {
    let times = wanted.iter().copied().any(is_timed);
    let extractors = wanted.iter().copied().any(has_extractors) && OfExtractors::read(folder)?.is_none();
    let mut found = Missing { datasets: Vec::new(), times, extractors };
    if !wanted.iter().copied().any(has_model) {
        return Ok(found);
    }
    let mut seen = BTreeSet::new();
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    for trial in trials.iter().filter(|trial| seen.insert(&trial.key)) {
        if OfTrial::read(folder, &trial.key)?.is_some_and(|stored| !times || !stored.measured.timed_batches.is_empty()) {
            continue;
        }
        if !trial.folder.join("weights.safetensors").is_file() {
            return Err(Failure::usage(format!("trial {} has no weights.safetensors; run the same `bench run` again first", trial.key)));
        }
        let at = *positions.entry(&trial.spec.dataset).or_insert(found.datasets.len());
        match found.datasets.get_mut(at) {
            Some((_, trials)) => trials.push(trial.clone()),
            None => found.datasets.push((trial.spec.dataset.clone(), vec![trial.clone()])),
        }
    }
    Ok(found)
}
