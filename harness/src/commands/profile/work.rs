//! Jobs through one worker process, with progress. One at a time: what runs beside it would be in the times.

use std::io::{self, IsTerminal};

use bench_reports::cost::Group;
use bench_store::{
    profile::{Profile, ProfileJob},
    protocol::Request,
};

use super::{
    jobs::{Measurement, label, size_job},
    measured,
};
use crate::{
    costs::ask,
    exit::Exit,
    interrupt::Interrupt,
    output,
    workers::{Outcome, Pool, WorkerProgram},
};

/// What came of all measurements.
pub struct Measured {
    /// Of the measurements that succeeded, in their order.
    pub groups: Vec<Group>,
    /// What failed, one sentence each.
    pub failed: Vec<String>,
    /// Whether every failure is the user's to mend.
    usage: bool,
    /// Whether it was cut short.
    pub interrupted: bool,
}

/// Measures all in one job, so that what is compared between them, as growth is, was timed in turns too.
pub fn measure_together(worker: &WorkerProgram, interrupt: &Interrupt, mut measurements: Vec<Measurement>, quiet: bool) -> Measured {
    let pool = Pool { program: worker, jobs: 1, interrupt };
    let joined = |measurements: &[Measurement]| {
        let subjects = measurements.iter().flat_map(|measurement| measurement.job.subjects.iter().cloned()).collect();
        measurements.first().map(|first| ProfileJob { subjects, ..first.job.clone() })
    };
    let mut found = Measured { groups: Vec::new(), failed: Vec::new(), usage: true, interrupted: false };
    let Some(job) = joined(&measurements) else { return found };
    let head = format!("{} points in turns", measurements.len());
    let mut outcome = ask(&pool, &job, &head, quiet);
    if matches!(outcome, Outcome::Failed { usage: true, .. }) {
        for measurement in &mut measurements {
            set_aside(&pool, measurement);
        }
        outcome = joined(&measurements).map_or(Outcome::NotRun, |job| ask(&pool, &job, &head, quiet));
    }
    let wanted: usize = measurements.iter().map(|measurement| measurement.job.subjects.len()).sum();
    match outcome {
        Outcome::Profiled { profiles } if profiles.len() == wanted => {
            let mut profiles = profiles.into_iter();
            for measurement in measurements {
                let own: Vec<Profile> = profiles.by_ref().take(measurement.job.subjects.len()).collect();
                found.groups.push(group(measurement, &own));
            }
        }
        outcome => found.fail(&head, outcome),
    }
    found.interrupted = interrupt.is_set();
    found
}

/// Measures one after another.
pub fn measure(worker: &WorkerProgram, interrupt: &Interrupt, measurements: Vec<Measurement>, quiet: bool) -> Measured {
    let pool = Pool { program: worker, jobs: 1, interrupt };
    let of = measurements.len();
    let mut found = Measured { groups: Vec::new(), failed: Vec::new(), usage: true, interrupted: false };
    for (at, mut measurement) in measurements.into_iter().enumerate() {
        if interrupt.is_set() {
            break;
        }
        let head = format!("[{}/{of}] {}", at + 1, measurement.name);
        let mut outcome = ask(&pool, &measurement.job, &head, quiet);
        // A method may find only when it is built that the dataset does not suit it. The others must not suffer for it.
        if matches!(outcome, Outcome::Failed { usage: true, .. }) && measurement.job.subjects.len() > 1 && set_aside(&pool, &mut measurement) {
            outcome = ask(&pool, &measurement.job, &head, quiet);
        }
        match outcome {
            Outcome::Profiled { profiles } if profiles.len() == measurement.job.subjects.len() => {
                if !quiet && !io::stderr().is_terminal() {
                    output::tell(&format!("{head}: {} measured", profiles.len()));
                }
                found.groups.push(group(measurement, &profiles));
            }
            outcome => found.fail(&measurement.name, outcome),
        }
    }
    found.interrupted = interrupt.is_set();
    found
}

impl Measured {
    /// Notes that `name` came to something else than profiles.
    fn fail(&mut self, name: &str, outcome: Outcome) {
        let (usage, message) = match outcome {
            Outcome::NotRun => return,
            Outcome::Failed { usage, message } => (usage, message),
            _ => (false, "the worker answered another question".into()),
        };
        self.usage &= usage;
        self.failed.push(format!("{name}: {message}"));
    }

    /// Tells what failed and gives the exit code.
    pub fn conclude(&self) -> Exit {
        if !self.failed.is_empty() {
            output::tell("bench: this could not be measured:");
            self.failed.iter().for_each(|failure| output::tell(&format!("  {failure}")));
        }
        match (self.failed.is_empty(), self.usage) {
            (true, _) => Exit::Fine,
            (false, true) => Exit::Usage,
            (false, false) => Exit::Trial,
        }
    }
}

/// Moves the subjects that cannot be built to the refused ones; whether there were some, and others are left.
fn set_aside(pool: &Pool<'_>, measurement: &mut Measurement) -> bool {
    let subjects = &measurement.job.subjects;
    let asked: Vec<(usize, Request)> =
        subjects.iter().enumerate().filter_map(|(at, subject)| Some((at, Request::Size(size_job(&measurement.job, subject)?)))).collect();
    let requests: Vec<Request> = asked.iter().map(|(_, request)| request.clone()).collect();
    let outcomes = pool.run(&requests, |_, _, _| {});
    let refused: Vec<(usize, String)> = asked
        .iter()
        .zip(outcomes)
        .filter_map(|((at, _), outcome)| match outcome {
            Outcome::Failed { usage: true, message } => Some((*at, message)),
            _ => None,
        })
        .collect();
    let is_refused = |at: &usize| refused.iter().any(|(refused, _)| refused == at);
    measurement.refused.extend(refused.iter().filter_map(|(at, message)| Some((label(subjects.get(*at)?), message.clone()))));
    measurement.control =
        measurement.control.filter(|control| !is_refused(control)).map(|control| control - refused.iter().filter(|(at, _)| *at < control).count());
    let keep: Vec<bool> = (0..subjects.len()).map(|at| !is_refused(&at)).collect();
    let mut kept = keep.iter();
    measurement.job.subjects.retain(|_| *kept.next().unwrap_or(&true));
    let mut kept = keep.iter();
    measurement.scores.retain(|_| *kept.next().unwrap_or(&true));
    !refused.is_empty() && !measurement.job.subjects.is_empty()
}

fn group(measurement: Measurement, profiles: &[Profile]) -> Group {
    let Measurement { name, modalities, job, scores, refused, control } = measurement;
    let rows =
        job.subjects.iter().zip(scores).zip(profiles).map(|((subject, score), profile)| measured::row(label(subject), score, profile)).collect();
    Group { name, modalities, rows, refused, control }
}
