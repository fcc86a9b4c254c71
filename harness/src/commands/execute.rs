//! Trials through the worker pool, with progress, and what came of them.

use bench_store::protocol::{Job, Request};

use crate::{
    exit::{Exit, sentence},
    output,
    progress::{self, Progress},
    workers::{Outcome, Pool},
};

/// What came of a batch of trials.
pub struct Execution {
    /// In the jobs' order.
    pub outcomes: Vec<Outcome>,
    /// Sentences of the trials that failed, each beginning with the trial.
    pub failed: Vec<String>,
    /// Whether every failure is the user's to mend.
    usage: bool,
    /// Whether it was cut short.
    pub interrupted: bool,
}

/// Runs jobs; `total` and `done` count trials that need nothing as well.
pub fn execute(pool: &Pool<'_>, jobs: &[Job], quiet: bool, total: usize) -> Execution {
    let requests: Vec<Request> = jobs.iter().cloned().map(Request::Trial).collect();
    let mut progress = Progress::new(quiet, total, total.saturating_sub(jobs.len()), pool.jobs.min(jobs.len()));
    let outcomes = pool.run(&requests, |worker, request, notice| {
        if let Some(job) = jobs.get(request) {
            progress.notice(worker, request, job, notice);
        }
    });
    progress.finish();
    let mut failed = Vec::new();
    let mut usage = true;
    for (job, outcome) in jobs.iter().zip(&outcomes) {
        if let Outcome::Failed { usage: own, message } = outcome {
            failed.push(format!("{}: {message}", progress::name(job)));
            usage &= own;
        }
    }
    Execution { outcomes, failed, usage, interrupted: pool.interrupt.is_set() }
}

impl Execution {
    /// Both together, one after the other.
    pub fn and(mut self, mut other: Self) -> Self {
        self.usage = match (self.failed.is_empty(), other.failed.is_empty()) {
            (true, _) => other.usage,
            (false, true) => self.usage,
            (false, false) => self.usage && other.usage,
        };
        self.outcomes.append(&mut other.outcomes);
        self.failed.append(&mut other.failed);
        self.interrupted |= other.interrupted;
        self
    }

    /// Tells what failed and gives the exit code; `reported` is what came of noting and showing the finished trials.
    ///
    /// # Errors
    /// Why they could not be shown, where no trial failed: a failed trial and its reason are told in any case.
    pub fn conclude(&self, reported: anyhow::Result<()>) -> anyhow::Result<Exit> {
        if !self.failed.is_empty() {
            output::tell(&format!("bench: {} of {} trials failed:", self.failed.len(), self.outcomes.len()));
            for failure in &self.failed {
                output::tell(&format!("  {failure}"));
            }
        }
        let exit = match (self.interrupted, self.failed.is_empty(), self.usage) {
            (true, _, _) => {
                let again = command_line();
                output::tell(&format!("bench: interrupted; finished trials are kept, the same command goes on where this stopped: {again}"));
                Exit::Interrupted
            }
            (false, true, _) => return reported.map(|()| Exit::Fine),
            (false, false, true) => Exit::Usage,
            (false, false, false) => Exit::Trial,
        };
        if let Err(error) = reported {
            output::tell(&format!("bench: {}", sentence(&error)));
        }
        Ok(exit)
    }
}

/// The command line, quoted where a shell needs it.
fn command_line() -> String {
    std::env::args_os().map(|argument| quoted(argument.to_string_lossy().into_owned())).collect::<Vec<_>>().join(" ")
}

/// An argument, quoted where a shell needs it.
pub fn quoted(text: String) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_./,:=@+".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
