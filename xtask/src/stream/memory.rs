//! The most private memory that a process had.

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

fn anonymous(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?.split_whitespace().next()?.parse().ok()
}
