//! Bars on a terminal: one for the trials, one line a worker.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The bars.
pub struct Bars {
    all: MultiProgress,
    trials: ProgressBar,
    workers: Vec<ProgressBar>,
}

impl Bars {
    pub fn new(total: usize, done: usize, workers: usize) -> Self {
        let all = MultiProgress::new();
        let trials = all.add(ProgressBar::new(total as u64).with_position(done as u64));
        trials.set_style(style("{bar:30} {pos}/{len} trials, {elapsed} elapsed, {eta} left"));
        // What was done before says nothing about the speed of what is left.
        trials.reset_eta();
        trials.enable_steady_tick(Duration::from_millis(500));
        let workers = (0..workers)
            .map(|_| {
                let bar = all.add(ProgressBar::new_spinner());
                bar.set_style(style("  {wide_msg}"));
                bar
            })
            .collect();
        Self { all, trials, workers }
    }

    pub fn show(&self, worker: usize, text: &str) {
        if let Some(bar) = self.workers.get(worker) {
            bar.set_message(text.to_string());
        }
    }

    pub fn ended(&self, worker: usize, line: &str) {
        self.trials.inc(1);
        self.show(worker, "");
        // The line is a comfort; a terminal that has gone away takes nothing else with it.
        let _ = self.all.println(line);
    }

    pub fn finish(self) {
        for bar in self.workers.iter().chain([&self.trials]) {
            bar.finish_and_clear();
        }
    }
}

/// Methods whose results are read and compared; nothing without a terminal, or where `quiet`.
pub fn methods(total: usize, quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(total as u64) };
    bar.set_style(style("{bar:30} {pos}/{len} methods read and compared, {elapsed} elapsed"));
    bar
}

/// Files that are copied; nothing without a terminal, or where `quiet`.
pub fn copies(total: usize, quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(total as u64) };
    bar.set_style(style("{bar:30} {pos}/{len} files copied, {elapsed} elapsed, {eta} left"));
    bar
}

/// Rounds of timing; nothing without a terminal, or where `quiet`.
pub fn rounds(total: usize, quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(total as u64) };
    bar.set_style(style("{bar:30} {pos}/{len} rounds, {elapsed} elapsed, {eta} left: {msg}"));
    bar
}

/// Bytes that are read and written; nothing without a terminal, or where `quiet`.
pub fn bytes(quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
    bar.set_style(style("{bar:30} {bytes}/{total_bytes} {msg}, {elapsed} elapsed, {eta} left"));
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
