//! One job of profiling through a worker, with progress.

use std::time::Duration;

use bench_store::{
    profile::ProfileJob,
    protocol::{Event, Request},
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::workers::{Notice, Outcome, Pool};

/// What the worker says to a job, with progress on a terminal. Nothing may run beside it: it would be in the times.
pub fn ask(pool: &Pool<'_>, job: &ProfileJob, head: &str, quiet: bool) -> Outcome {
    if job.subjects.is_empty() {
        return Outcome::Profiled { profiles: Vec::new() };
    }
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(1) };
    let template = "{bar:30} {pos}/{len} rounds, {elapsed} elapsed, {eta} left: {msg}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(head.to_string());
    bar.enable_steady_tick(Duration::from_millis(500));
    let outcomes = pool.run(&[Request::Profile(job.clone())], |_, _, notice| {
        if let Notice::Event(Event::Profiling { done, of }) = notice {
            bar.set_length(*of as u64);
            bar.set_position(*done as u64);
        }
    });
    bar.finish_and_clear();
    outcomes.into_iter().next().unwrap_or(Outcome::NotRun)
}
