//! Memory of a run as its trials grow.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Numbers of trials.
const TRIALS: [usize; 3] = [5, 40, 160];

/// Prints the largest resident memory of the worker and of `bench` for growing numbers of short trials in one worker. Linux only: elsewhere nothing.
pub(super) fn measure(bench: &Path, out: &Path) -> Result<(), String> {
    if !Path::new("/proc/self/status").is_file() {
        return Ok(());
    }
    println!("| trials in one worker | worker's peak, MB | `bench`'s peak, MB |\n| --- | --- | --- |");
    for trials in TRIALS {
        if out.exists() {
            std::fs::remove_dir_all(out).map_err(|error| format!("cannot remove {}: {error}", out.display()))?;
        }
        let seeds: Vec<String> = (1..=trials).map(|seed| seed.to_string()).collect();
        let mut command = Command::new(bench);
        command.args([
            "run",
            "--quiet",
            "--dataset",
            "cremad-votes?train=200",
            "--method",
            "concat",
            "--epochs",
            "1",
            "--suite",
            "missing",
            "--jobs",
            "1",
        ]);
        command.args(["--seeds", &seeds.join(","), "--out"]).arg(out).stdin(Stdio::null()).stdout(Stdio::null());
        let mut running = command.spawn().map_err(|error| format!("{} cannot be started: {error}", bench.display()))?;
        let (mut own, mut worker) = (0, 0);
        let status = loop {
            // The children are the short `bench-worker --describe` and then the one worker.
            worker = worker.max(children(running.id()).into_iter().filter_map(peak).max().unwrap_or(0));
            own = own.max(peak(running.id()).unwrap_or(0));
            match running.try_wait().map_err(|error| error.to_string())? {
                Some(status) => break status,
                None => sleep(Duration::from_millis(10)),
            }
        };
        if !status.success() {
            return Err(format!("{command:?} failed: {status}"));
        }
        println!("| {trials} | {} | {} |", worker / 1024, own / 1024);
    }
    println!();
    Ok(())
}

/// Largest resident memory of a process so far, in KiB.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

/// Processes that any thread of `process` started and that still run.
fn children(process: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>()).collect()
}
