//! What a thread has computed, where the machine does other things as well.

use std::time::Duration;

unsafe extern "C" {
    fn bench_native_thread_nanoseconds() -> i64;
}

/// How long the calling thread has been on a processor. Between two calls less passes than by the clock on the wall where other threads had the processor
/// meanwhile. Zero where the system does not tell.
pub fn thread_time() -> Duration {
    // SAFETY: takes nothing and gives a number.
    Duration::from_nanos(unsafe { bench_native_thread_nanoseconds() }.try_into().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_takes_no_time_and_computing_does() {
        let start = thread_time();
        std::thread::sleep(Duration::from_millis(50));
        assert!(thread_time() - start < Duration::from_millis(40));
        let before = thread_time();
        let sum: u64 = (0..2_000_000u64).map(std::hint::black_box).sum();
        assert!(thread_time() > before, "{sum}");
    }
}
