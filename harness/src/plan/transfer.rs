//! Weights of finished trials that new ones start from.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use bench_store::{Init, RunFolder, TrainedTrial, TrialSpec, folder::TrialFolder};

use crate::exit::Failure;

/// Finished trials to start from.
#[derive(Debug)]
pub struct Transfer {
    /// As given.
    path: PathBuf,
    /// Whether one trial is given, for all to start from.
    single: bool,
    trials: Vec<(PathBuf, TrainedTrial)>,
    freeze_encoders: bool,
}

impl Transfer {
    /// Of a trial's folder, or of all finished trials of a run folder.
    ///
    /// # Errors
    /// A path that is neither, or a damaged trial.
    pub fn open(path: &Path, freeze_encoders: bool) -> anyhow::Result<Self> {
        let trial = TrialFolder::at(path);
        let (single, folders) = match trial.read()? {
            Some(_) => (true, vec![trial]),
            None => {
                let run = RunFolder::at(path);
                (false, run.finished()?.iter().map(|key| run.trial(key)).collect())
            }
        };
        let mut trials = Vec::new();
        for folder in folders {
            if let Some(trained) = folder.read()? {
                trials.push((absolute(&folder.weights())?, trained));
            }
        }
        if trials.is_empty() {
            return Err(Failure::usage(format!(
                "{} holds no finished trial; give a trial's folder (RUN/trials/KEY) or a run folder",
                path.display()
            )));
        }
        Ok(Self { path: path.into(), single, trials, freeze_encoders })
    }

    /// What a trial starts from, and the file of these weights. Its dataset's own trials are not taken from a run folder.
    ///
    /// # Errors
    /// No trial of the same method, options and seed, or trials on several datasets.
    pub fn start(&self, spec: &TrialSpec, label: &str) -> anyhow::Result<(Init, PathBuf)> {
        let same = |own: &TrialSpec| (&own.method, &own.modality) == (&spec.method, &spec.modality);
        let fits = |own: &TrialSpec| {
            same(own) && (self.single || (&own.options, own.seed) == (&spec.options, spec.seed) && own.dataset != spec.dataset && own.init.is_none())
        };
        let fitting: Vec<&(PathBuf, TrainedTrial)> = self.trials.iter().filter(|(_, trained)| fits(&trained.spec)).collect();
        let datasets: BTreeSet<&str> = fitting.iter().map(|(_, trained)| trained.spec.dataset.as_str()).collect();
        match (fitting.first(), datasets.len()) {
            (Some((weights, trained)), 1) => {
                let init =
                    Init { dataset: trained.spec.dataset.clone(), weights: trained.outcome.weights.clone(), freeze_encoders: self.freeze_encoders };
                Ok((init, weights.clone()))
            }
            (Some(_), _) => Err(Failure::usage(format!(
                "{} has trials of {label} on {}; give the folder of one of them (RUN/trials/KEY)",
                self.path.display(),
                datasets.into_iter().collect::<Vec<_>>().join(" and on ")
            ))),
            (None, _) => Err(Failure::usage(format!(
                "{} has no trial of {label}{} to start from",
                self.path.display(),
                if self.single { String::new() } else { format!(" with seed {} on another dataset", spec.seed) }
            ))),
        }
    }
}

/// The start from the trial of a run folder with this key and the file of its weights, or `None` where it is not finished.
///
/// # Errors
/// A damaged trial.
pub fn from_trial(run: &RunFolder, key: &str, freeze_encoders: bool) -> anyhow::Result<Option<(Init, PathBuf)>> {
    let folder = run.trial(key);
    let weights = folder.weights();
    let Some(trained) = folder.read()?.filter(|_| weights.is_file()) else { return Ok(None) };
    let init = Init { dataset: trained.spec.dataset, weights: trained.outcome.weights, freeze_encoders };
    Ok(Some((init, absolute(&weights)?)))
}

/// What a label says of a start.
pub fn suffix(init: &Init) -> String {
    from(&init.dataset, init.freeze_encoders)
}

/// What a label says of a start from a trial on `dataset`.
pub fn from(dataset: &str, freeze_encoders: bool) -> String {
    format!(" (from {dataset}{})", if freeze_encoders { ", encoders frozen" } else { "" })
}

/// The worker may have another working folder one day, and the job is text.
fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}
