//! What is to be measured: one job a dataset with all its methods, which are timed in turns in one process.

use std::path::PathBuf;

use bench_datasets::Dataset;
use bench_reports::cost::Score;
use bench_store::{
    profile::{ProfileJob, Subject},
    protocol::{Description, Job},
};

use super::arguments::Arguments;
use crate::{
    plan::{Plan, PlannedTrial},
    settings::Settings,
};

/// One job with what `bench` knows of its subjects.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// The dataset, or what else the subjects have in common.
    pub name: String,
    /// Modalities of the dataset; 0 where there is none.
    pub modalities: usize,
    /// The question for the worker.
    pub job: ProfileJob,
    /// In the subjects' order: what trained models score.
    pub scores: Vec<Option<Score>>,
    /// Label and reason of methods that cannot be measured.
    pub refused: Vec<(String, String)>,
    /// The row that accuracy is compared with.
    pub control: Option<usize>,
}

/// How to count and time, whatever the subjects.
#[derive(Debug, Clone)]
pub struct Protocol {
    device: String,
    folders: Vec<PathBuf>,
    batch: usize,
    timed_batches: Vec<usize>,
    patterns: bool,
    repeats: usize,
    warm_up: usize,
}

impl Protocol {
    /// As the flags say, on `device` (`cpu` or `cuda:N`).
    pub fn of(arguments: &Arguments, device: &str, folders: Vec<PathBuf>) -> Self {
        let mut timed_batches: Vec<usize> = arguments.batches.iter().map(|batch| batch.get()).collect();
        timed_batches.sort_unstable();
        timed_batches.dedup();
        Self {
            device: device.into(),
            folders,
            batch: arguments.batch.get(),
            timed_batches: if arguments.no_timing { Vec::new() } else { timed_batches },
            patterns: !arguments.no_patterns,
            repeats: arguments.repeats.get(),
            warm_up: usize::from(arguments.warm_up),
        }
    }

    /// The same with other batches timed, where any are, and only with all modalities.
    pub fn timing_only(&self, batches: &[usize]) -> Self {
        let timed_batches = if self.timed_batches.is_empty() { Vec::new() } else { batches.to_vec() };
        Self { timed_batches, patterns: false, ..self.clone() }
    }

    /// The same with batches of one sample: cost is the same for each, and 64 through large extractors would take minutes a call.
    pub fn one_by_one(&self) -> Self {
        Self { batch: 1, ..self.timing_only(&[1]) }
    }

    /// The same with one more batch timed.
    pub fn also_timing(&self, batches: impl Iterator<Item = usize>) -> Self {
        let mut own = self.clone();
        if !own.timed_batches.is_empty() {
            own.timed_batches.extend(batches);
            own.timed_batches.sort_unstable();
            own.timed_batches.dedup();
        }
        own
    }

    /// Samples in the batch of counts.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The job of these subjects.
    pub fn job(&self, subjects: Vec<Subject>) -> ProfileJob {
        ProfileJob {
            subjects,
            data: self.folders.clone(),
            device: self.device.clone(),
            batch: self.batch,
            timed_batches: self.timed_batches.clone(),
            patterns: self.patterns,
            repeats: self.repeats,
            warm_up: self.warm_up,
        }
    }
}

/// Untrained models: one measurement a dataset, in the datasets' order.
///
/// # Errors
/// An unknown method, variant or option.
pub fn untrained(settings: &Settings, datasets: Vec<Dataset>, worker: &Description, protocol: &Protocol) -> anyhow::Result<Vec<Measurement>> {
    let kind = protocol.device.split(':').next().unwrap_or_default();
    let plan = Plan::of(settings, datasets, worker, kind)?;
    let measurement = |(at, planned): (usize, &crate::plan::PlannedDataset)| {
        let name = planned.dataset.reference().to_string();
        let subjects: Vec<Subject> = plan.trials.iter().filter(|trial| trial.dataset == at).map(subject).collect();
        Measurement {
            scores: vec![None; subjects.len()],
            refused: plan
                .refused
                .iter()
                .filter(|refused| refused.dataset == name)
                .map(|refused| (refused.method.clone(), refused.reason.clone()))
                .collect(),
            name,
            modalities: planned.dataset.modalities().len(),
            job: protocol.job(subjects),
            control: None,
        }
    };
    Ok(plan.datasets.iter().enumerate().map(measurement).collect())
}

fn subject(trial: &PlannedTrial) -> Subject {
    Subject::Method { spec: trial.spec.clone(), label: trial.label.clone(), trial: None }
}

/// The question for the size of a job's subject alone, which tells whether it can be built.
pub fn size_job(job: &ProfileJob, subject: &Subject) -> Option<Job> {
    let Subject::Method { spec, label, .. } = subject else { return None };
    Some(Job {
        spec: spec.clone(),
        label: label.clone(),
        folder: PathBuf::new(),
        data: job.data.clone(),
        conditions: Vec::new(),
        device: job.device.clone(),
        init: None,
        train: false,
        trusted: Vec::new(),
        cache: None,
    })
}

/// As in tables.
pub fn label(subject: &Subject) -> String {
    match subject {
        Subject::Method { label, .. } => label.clone(),
        Subject::Extractor { name, size } => format!("{name}:{size}"),
    }
}
