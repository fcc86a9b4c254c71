//! The most private memory that a process had, and the processor time that it took, from what Linux tells of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

/// How often the process is looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// Watches a process from another thread. Linux only: elsewhere it sees nothing.
pub(super) struct Watch {
    peak: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Watch {
    pub(super) fn start(process: u32) -> Self {
        let (peak, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, ended) = (peak.clone(), over.clone());
        let thread = spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                seen.fetch_max(anonymous(process).unwrap_or(0), Ordering::Relaxed);
                sleep(PAUSE);
            }
        });
        Self { peak, over, thread }
    }

    /// KiB that were resident and belonged to no file, at most.
    pub(super) fn stop(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        // It does nothing that could panic.
        let _ = self.thread.join();
        self.peak.load(Ordering::Relaxed)
    }
}

/// Processor seconds of all threads of a process so far. NaN elsewhere than on Linux, where clock ticks are a hundredth of a second.
pub(super) fn processor_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    ticks(&stat).map_or(f64::NAN, |ticks| ticks as f64 / 100.0)
}

/// User and system time, fields 14 and 15 of proc(5)'s `stat`; the name before them may hold blanks and brackets.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

fn anonymous(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of proc(5)'s form: utime 250, stime 17.
    #[test]
    fn user_and_system_time_are_found_behind_a_strange_name() {
        let stat = "71 (a (b) c) S 1 71 71 0 -1 4194304 100 0 0 0 250 17 0 0 20 0 2 0 12345 1000 200";
        assert_eq!(ticks(stat), Some(267));
        assert_eq!(ticks(""), None);
    }
}
