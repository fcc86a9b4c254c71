//! Measuring what is missing.

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal},
    path::PathBuf,
};

use bench_store::{
    profile::{Profile, ProfileJob, Subject},
    protocol::Description,
};

use super::{
    BATCH, EXTRACTORS, ask,
    files::{How, OfExtractor, OfExtractors, OfTrial},
    missing::{Missing, TrialToProfile},
};
use crate::{
    folder::Folder,
    interrupt::Interrupt,
    output,
    workers::{Outcome, Pool, WorkerProgram},
};

/// Measured calls of each timing, as in `bench profile`: of 30 the 10th and the 21st smallest hold the median between them with 95.7 %.
const REPEATS: usize = 30;
/// Calls before the measured ones, as in `bench profile`.
const WARM_UP: usize = 3;

/// What measuring needs.
pub struct Around<'a> {
    /// The worker's program.
    pub worker: &'a WorkerProgram,
    /// What it says of itself.
    pub description: &'a Description,
    /// Ends the measuring; what is stored stays.
    pub interrupt: &'a Interrupt,
    /// `cpu` or `cuda:N`, the device that the trials were trained on.
    pub device: &'a str,
    /// Folders in which datasets are looked for.
    pub data: &'a [PathBuf],
    /// No progress.
    pub quiet: bool,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    /// Files written in `costs/`.
    pub stored: usize,
    /// What failed, one sentence each; the others are stored.
    pub failed: Vec<String>,
    /// Whether it was cut short.
    pub interrupted: bool,
}

/// Measures what is missing and stores it in `costs/` of the run folder, which the caller has locked. One job a dataset, one at a time, on one computing thread:
/// what runs beside it would be in the times. Each job's profiles are stored when it ends, so that an interrupt loses one dataset at most.
///
/// # Errors
/// The file system's refusal to store.
pub fn measure(folder: &Folder, missing: &Missing, around: &Around<'_>) -> anyhow::Result<Measured> {
    let mut measured = Measured::default();
    let of = missing.datasets.len() + usize::from(missing.extractors);
    for (at, (dataset, trials)) in missing.datasets.iter().enumerate() {
        let job = job_of_trials(trials, missing.times, around);
        let head = format!("[{}/{of}] cost of {} models on {dataset}", at + 1, trials.len());
        let Some(profiles) = measured.profiles(dataset, &head, &job, around) else { continue };
        for (trial, profile) in trials.iter().zip(profiles) {
            let mut how = How::of(&job, around.description);
            if missing.times {
                how.in_turns_with = trials.iter().map(|other| other.key.clone()).filter(|key| *key != trial.key).collect();
            }
            OfTrial::new(trial.label.clone(), trial.spec.clone(), how, profile).write(folder, &trial.key)?;
            measured.stored += 1;
        }
    }
    if missing.extractors {
        let job = job_of_extractors(around);
        let head = format!("[{of}/{of}] cost of {} frozen extractors, counted once for the folder", EXTRACTORS.len());
        if let Some(profiles) = measured.profiles("extractors", &head, &job, around) {
            let extractor = |((name, size), profile): (&(&str, f64), Profile)| OfExtractor { name: (*name).into(), size: *size, profile };
            measured.stored += 1;
            let extractors = EXTRACTORS.iter().zip(profiles).map(extractor).collect();
            OfExtractors::new(How::of(&job, around.description), extractors).write(folder)?;
        }
    }
    Ok(measured)
}

impl Measured {
    /// What the worker found for a job; `None` where it failed or was interrupted.
    fn profiles(&mut self, name: &str, head: &str, job: &ProfileJob, around: &Around<'_>) -> Option<Vec<Profile>> {
        if around.interrupt.is_set() {
            self.interrupted = true;
            return None;
        }
        if !around.quiet && !io::stderr().is_terminal() {
            output::tell(head);
        }
        let pool = Pool { program: around.worker, jobs: 1, interrupt: around.interrupt };
        let outcome = ask(&pool, job, head, around.quiet);
        self.interrupted |= around.interrupt.is_set();
        match outcome {
            Outcome::Profiled { profiles } if profiles.len() == job.subjects.len() => return Some(profiles),
            Outcome::Failed { message, .. } => self.failed.push(format!("{name}: {message}")),
            Outcome::NotRun => {}
            _ => self.failed.push(format!("{name}: the worker answered another question")),
        }
        None
    }
}

/// Predictions of one sample are timed, and steps at every batch that one of the trials was trained with.
fn job_of_trials(trials: &[TrialToProfile], times: bool, around: &Around<'_>) -> ProfileJob {
    let subject =
        |trial: &TrialToProfile| Subject::Method { spec: trial.spec.clone(), label: trial.label.clone(), trial: Some(trial.folder.clone()) };
    let batches: BTreeSet<usize> = trials.iter().map(|trial| trial.spec.recipe.batch.max(1)).chain([1]).collect();
    let timed_batches = if times { batches.into_iter().collect() } else { Vec::new() };
    job(trials.iter().map(subject).collect(), BATCH, timed_batches, around)
}

/// One sample at a time: cost is the same for each, and a batch would take minutes a call. Nothing is timed: no table has the extractors' time.
fn job_of_extractors(around: &Around<'_>) -> ProfileJob {
    let subjects = EXTRACTORS.iter().map(|(name, size)| Subject::Extractor { name: (*name).into(), size: *size }).collect();
    job(subjects, 1, Vec::new(), around)
}

fn job(subjects: Vec<Subject>, batch: usize, timed_batches: Vec<usize>, around: &Around<'_>) -> ProfileJob {
    let (data, device) = (around.data.to_vec(), around.device.to_string());
    ProfileJob { subjects, data, device, batch, timed_batches, patterns: false, repeats: REPEATS, warm_up: WARM_UP }
}

#[cfg(all(test, unix))]
#[path = "measure_tests.rs"]
mod tests;
