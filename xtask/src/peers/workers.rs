//! Two workers against one, and how fast `bench` starts.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{
    COSTLY, shown,
    statistics::{median, ratio},
};

/// What the two workers share: eight trials of equal length.
const SHARED: &str = "run --quiet --dataset openmoji --method raml --seeds 8 --epochs 12 --patience 12 --suite missing";

/// Wall time of the same trials with one worker and with two.
pub(super) fn measure(bench: &Path, folder: &Path, repetitions: usize) -> Result<(), String> {
    let out = folder.join("run");
    let mut times = [Vec::new(), Vec::new()];
    for repetition in 0..=repetitions.div_ceil(COSTLY) {
        for turn in 0..2 {
            let jobs = (repetition + turn) % 2;
            if out.exists() {
                std::fs::remove_dir_all(&out).map_err(|error| format!("cannot remove {}: {error}", out.display()))?;
            }
            let mut command = Command::new(bench);
            command.args(SHARED.split(' ')).args(["--jobs", &(jobs + 1).to_string(), "--out"]).arg(&out).stdout(Stdio::null());
            let seconds = timed(&mut command)?;
            if repetition > 0 {
                times[jobs].push(seconds);
            }
        }
    }
    println!(
        "`bench {SHARED}`: {:.2} s with one worker, {:.2} s with two, ratio {}.\n",
        median(&times[0]),
        median(&times[1]),
        shown(ratio(&times[0], &times[1]))
    );
    Ok(())
}

/// Milliseconds until `bench --help` has printed.
pub(super) fn start_up(bench: &Path, repetitions: usize) -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..repetitions.max(COSTLY) {
        times.push(1e3 * timed(Command::new(bench).arg("--help").stdout(Stdio::null()))?);
    }
    let slowest = times.iter().copied().fold(0.0, f64::max);
    println!("`bench --help`: {:.1} ms (slowest of {}: {slowest:.1} ms).", median(&times), times.len());
    Ok(())
}

/// Seconds of a command that must succeed.
fn timed(command: &mut Command) -> Result<f64, String> {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).status().map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    if status.success() { Ok(start.elapsed().as_secs_f64()) } else { Err(format!("{command:?} failed: {status}")) }
}
