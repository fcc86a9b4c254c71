//! Progress on standard error: bars on a terminal, a line a finished trial elsewhere, nothing where asked to be quiet.

mod bars;

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
};

pub use bars::{bytes, copies, methods, rounds};
use bench_store::{
    folder::TrialFolder,
    protocol::{Event, Job},
};

use crate::{
    output,
    workers::{Notice, Outcome},
};

/// Where progress goes.
pub struct Progress {
    total: usize,
    done: usize,
    /// Epochs trained by each running request: how a trial that was already trained is told from one that was not.
    epochs: BTreeMap<usize, usize>,
    view: View,
}

enum View {
    Quiet,
    Lines,
    Bars(bars::Bars),
}

impl Progress {
    /// For `total` trials of which `done` are done already, on `workers` workers.
    pub fn new(quiet: bool, total: usize, done: usize, workers: usize) -> Self {
        let view = match (quiet, io::stderr().is_terminal()) {
            (true, _) => View::Quiet,
            (false, true) => View::Bars(bars::Bars::new(total, done, workers)),
            (false, false) => View::Lines,
        };
        Self { total, done, epochs: BTreeMap::new(), view }
    }

    /// Shows a notice about `job`, request number `request`.
    pub fn notice(&mut self, worker: usize, request: usize, job: &Job, notice: &Notice) {
        match notice {
            Notice::Started => self.show(worker, &format!("{}: starting", name(job))),
            Notice::Event(Event::Epoch { epoch, epochs, loss, validation }) => {
                self.epochs.insert(request, *epoch);
                self.show(worker, &format!("{}: epoch {epoch}/{epochs}, loss {loss:.4}, validation {validation:.3}", name(job)));
            }
            Notice::Event(Event::Evaluated { done, of }) => self.show(worker, &format!("{}: condition {done}/{of}", name(job))),
            Notice::Event(_) => {}
            // Cut short: the end of the command says so once.
            Notice::Ended(Outcome::NotRun) => {}
            Notice::Ended(outcome) => {
                self.done += 1;
                let trained = self.epochs.remove(&request).is_some();
                let line = format!("[{}/{}] {}: {}", self.done, self.total, name(job), ended(job, outcome, trained));
                match &self.view {
                    View::Quiet => {}
                    View::Lines => output::tell(&line),
                    View::Bars(bars) => bars.ended(worker, &line),
                }
            }
        }
    }

    fn show(&self, worker: usize, text: &str) {
        if let View::Bars(bars) = &self.view {
            bars.show(worker, text);
        }
    }

    /// Takes the bars away.
    pub fn finish(self) {
        if let View::Bars(bars) = self.view {
            bars.finish();
        }
    }
}

/// A trial in progress lines and errors: `digits?train=500 raml seed 42`.
pub fn name(job: &Job) -> String {
    format!("{} {} seed {}", job.spec.dataset, job.label, job.spec.seed)
}

fn ended(job: &Job, outcome: &Outcome, trained: bool) -> String {
    match outcome {
        Outcome::Failed { message, .. } => format!("failed: {message}"),
        Outcome::NotRun => "not run".into(),
        Outcome::Sized { parts } => format!("{} parameters", parts.iter().map(|part| part.parameters).sum::<u64>()),
        Outcome::Profiled { profiles } => format!("{} profiles", profiles.len()),
        Outcome::Extracted { shape, .. } => format!("features {shape:?}"),
        Outcome::Estimated { epoch_seconds, .. } => format!("an epoch takes {epoch_seconds:.2} s"),
        Outcome::Done { .. } if !trained => {
            format!("{} more condition{} evaluated", job.conditions.len(), if job.conditions.len() == 1 { "" } else { "s" })
        }
        // Only for people: what cannot be read here is reported where it matters.
        Outcome::Done { .. } => TrialFolder::at(&job.folder).read().ok().flatten().map_or_else(
            || "done".into(),
            |trial| {
                let outcome = trial.outcome;
                let score =
                    outcome.selected_value.map_or_else(String::new, |value| format!(", {} {} {value:.3}", outcome.selected_on, outcome.selected_by));
                format!("{} epochs{score}", outcome.epochs_run)
            },
        ),
    }
}
