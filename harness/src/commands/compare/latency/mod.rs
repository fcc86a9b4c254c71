/*!
`--latency`: how many times as long the head's models take as the base's.

Only ratios of calls taken in turns are given, because times of a shared machine mean nothing by themselves. With one build both models live in one worker, which
times them call by call; with `--base-program` each build's worker is asked by turns. Nothing is written.
*/

mod couple;
mod turns;

use std::{collections::BTreeMap, path::PathBuf};

use bench_compare::Cost;
use bench_reports::cost::MedianInterval;
use bench_store::{
    profile::{Profile, ProfileJob, Subject, Timed},
    protocol::Request,
};
use indicatif::ProgressBar;

pub use self::couple::Couple;
use self::turns::{Both, times};
use super::{
    arguments::Arguments,
    side::{Role, Side},
};
use crate::{
    costs,
    exit::Failure,
    interrupt::Interrupt,
    progress, search,
    workers::{Outcome, Pool, Standing, WorkerProgram},
};

/// Samples in the batches that are timed: the batch of `bench profile`'s counts.
const BATCH: usize = 64;
/// Calls of each model in one process: the interval is from the 6th to the 16th ratio, with 97.3 %.
const CALLS: usize = 21;
/// Rounds of two processes: from the 2nd to the 10th ratio, with 98.8 %.
const ROUNDS: usize = 11;
/// Calls in such a round.
const CALLS_OF_A_ROUND: usize = 5;
/// Calls before the measured ones.
const WARM_UP: usize = 3;

/// The programs that time.
pub struct Timer<'a> {
    arguments: &'a Arguments,
    worker: WorkerProgram,
    /// Of another build.
    base: Option<WorkerProgram>,
}

/// What came of it.
#[derive(Default)]
pub struct Taken {
    /// Two rows a couple: a prediction and a training step.
    pub costs: Vec<Cost>,
    /// How times were taken, and what has none.
    pub notes: Vec<String>,
}

/// Why there are no times: an interrupt, or something to tell.
enum Stop {
    Interrupted,
    Failed(anyhow::Error),
}

/// Times of both sides, with what each could not do (what, and why).
struct Measured {
    both: Both,
    unavailable: BTreeMap<Role, Vec<(String, String)>>,
}

impl<'a> Timer<'a> {
    /// Finds the programs.
    ///
    /// # Errors
    /// One that is not there, or a worker of this build that does not start.
    pub fn of(arguments: &'a Arguments) -> anyhow::Result<Self> {
        let base = arguments.base_program.as_deref().map(|path| WorkerProgram::of_build(path, "--base-program")).transpose()?;
        // A program that is no worker might read the question and never answer.
        let version = base.as_ref().map(WorkerProgram::version).transpose();
        version.map_err(|error| Failure::usage(format!("--base-program names no worker: {error}")))?;
        let worker = WorkerProgram::find()?;
        worker.describe()?;
        Ok(Self { arguments, worker, base })
    }

    /// Times every couple; nothing where an interrupt came.
    ///
    /// # Errors
    /// A worker that fails or does not understand.
    pub fn time(&self, couples: &[Couple], sides: (&Side, &Side), interrupt: &Interrupt) -> anyhow::Result<Taken> {
        let job = self.job(sides);
        match self.all(couples, &job, interrupt) {
            Ok(mut taken) => {
                if !couples.is_empty() {
                    let how = if self.base.is_some() { "Each side was timed with its own build" } else { "Both sides were timed with this build" };
                    taken.notes.insert(0, format!("{how}, in turns, on {}, in batches of {BATCH}; each ratio is of their times.", job.device));
                }
                Ok(taken)
            }
            Err(Stop::Interrupted) => Ok(Taken::default()),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// The question without its subjects, on the head's device.
    fn job(&self, (base, head): (&Side, &Side)) -> ProfileJob {
        let settings = [head, base].map(|side| &side.opened.run.settings);
        let data: Vec<PathBuf> = self.arguments.data.iter().chain(settings.iter().flat_map(|settings| &settings.data)).cloned().collect();
        ProfileJob {
            subjects: Vec::new(),
            data: search::folders(&data),
            device: head.opened.run.settings.device.clone(),
            batch: BATCH,
            timed_batches: vec![BATCH],
            patterns: false,
            repeats: if self.base.is_some() { CALLS_OF_A_ROUND } else { CALLS },
            warm_up: WARM_UP,
        }
    }

    fn all(&self, couples: &[Couple], job: &ProfileJob, interrupt: &Interrupt) -> Result<Taken, Stop> {
        let pool = |program| Pool { program, jobs: 1, interrupt };
        let mut workers = self.base.as_ref().map(|base| [pool(base), pool(&self.worker)].map(Standing::of));
        let bar = workers.as_ref().map(|_| progress::rounds(couples.len() * ROUNDS * 2, self.arguments.quiet));
        let mut taken = Taken::default();
        for couple in couples {
            let measured = match (&mut workers, &bar) {
                (Some(workers), Some(bar)) => self.by_turns(workers, couple, job, bar)?,
                _ => self.together(&pool(&self.worker), couple, job)?,
            };
            measured.add(couple, &mut taken);
        }
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        Ok(taken)
    }

    /// Both in one process, which takes turns by itself.
    fn together(&self, pool: &Pool<'_>, couple: &Couple, job: &ProfileJob) -> Result<Measured, Stop> {
        let job = ProfileJob { subjects: vec![couple.base.clone(), couple.head.clone()], ..job.clone() };
        let profiles = profiles(costs::ask(pool, &job, &couple.title(), self.arguments.quiet)).map_err(|stop| {
            stop.told(|reason| {
                format!(
                    "{} cannot be timed: {reason}; --base-program names the build that made the base, where this one cannot load it",
                    couple.title()
                )
            })
        })?;
        let [base, head] = profiles.as_slice() else { return Err(Stop::Failed(another_answer())) };
        Ok(Measured {
            both: Both { base: times(base, BATCH), head: times(head, BATCH) },
            unavailable: BTreeMap::from([(Role::Base, base.unavailable.clone()), (Role::Head, head.unavailable.clone())]),
        })
    }

    /// Each in its own build's process, one question at a time.
    fn by_turns(&self, workers: &mut [Standing<'_>; 2], couple: &Couple, job: &ProfileJob, bar: &ProgressBar) -> Result<Measured, Stop> {
        bar.set_message(couple.title());
        let mut unavailable = BTreeMap::new();
        let [base, head] = workers;
        let both = turns::alternate(ROUNDS, |role| {
            let (worker, subject): (&mut Standing<'_>, &Subject) = match role {
                Role::Base => (&mut *base, &couple.base),
                Role::Head => (&mut *head, &couple.head),
            };
            let job = ProfileJob { subjects: vec![subject.clone()], ..job.clone() };
            let found =
                profiles(worker.ask(&Request::Profile(job), |_| {})).map_err(|stop| stop.told(|reason| self.cannot(role, couple, &reason)))?;
            bar.inc(1);
            let [profile] = found.as_slice() else { return Err(Stop::Failed(another_answer())) };
            unavailable.entry(role).or_insert_with(|| profile.unavailable.clone());
            Ok(times(profile, BATCH))
        })?;
        Ok(Measured { both, unavailable })
    }

    /// What a side's own build says no to.
    fn cannot(&self, role: Role, couple: &Couple, reason: &str) -> String {
        let (title, role, program) = (couple.title(), role.name(), if role == Role::Base { self.base.as_ref() } else { Some(&self.worker) });
        let path = program.map_or_else(String::new, |program| program.path().display().to_string());
        format!("the {role}'s worker {path} cannot time {title}: {reason} (a build of another version may not understand what this one asks)")
    }
}

impl Stop {
    /// With more around the reason.
    fn told(self, sentence: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Failed(error) => Self::Failed(Failure::usage(sentence(error.to_string()))),
            Self::Interrupted => Self::Interrupted,
        }
    }
}

fn profiles(outcome: Outcome) -> Result<Vec<Profile>, Stop> {
    match outcome {
        Outcome::Profiled { profiles } => Ok(profiles),
        Outcome::Failed { message, .. } => Err(Stop::Failed(Failure::usage(message))),
        Outcome::NotRun => Err(Stop::Interrupted),
        _ => Err(Stop::Failed(another_answer())),
    }
}

fn another_answer() -> anyhow::Error {
    Failure::usage("a worker answered another question than for times")
}

/// As costs are called.
fn title(what: Timed) -> &'static str {
    match what {
        Timed::Inference => "time of a prediction",
        Timed::TrainingStep => "time of a training step",
    }
}

impl Measured {
    /// A row, or why there is none. Where neither side is trained by steps, there is nothing to say.
    fn add(&self, couple: &Couple, taken: &mut Taken) {
        for what in [Timed::Inference, Timed::TrainingStep] {
            if let Some(MedianInterval { median, interval, .. }) = self.both.ratio(what) {
                taken.costs.push(couple.cost(title(what), median, interval));
            } else if let Some(reason) = self.reason(what) {
                taken.notes.push(format!("{}: {} is not compared: {reason}.", couple.title(), title(what)));
            }
        }
    }

    fn reason(&self, what: Timed) -> Option<String> {
        let said = |role: Role| {
            let unavailable = self.unavailable.get(&role).into_iter().flatten();
            let of = unavailable.filter(|(name, _)| name.starts_with(what.name())).map(|(_, reason)| reason).next();
            of.map(|reason| format!("of the {}: {}", role.name(), reason.trim_end_matches('.')))
        };
        said(Role::Base).or_else(|| said(Role::Head)).or_else(|| match (self.both.base.get(&what), self.both.head.get(&what)) {
            (None, None) => None,
            (None, Some(_)) => Some("the base is not trained by steps".into()),
            (Some(_), None) => Some("the head is not trained by steps".into()),
            (Some(_), Some(_)) => Some("the times of the rounds do not pair".into()),
        })
    }
}
