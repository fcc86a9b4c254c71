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
    fn a_thread_is_not_told_of_what_another_computes() {
        let compute = || (0..20_000_000u64).map(std::hint::black_box).sum::<u64>();
        let before = thread_time();
        let (sum, other) = std::thread::spawn(move || (compute(), thread_time())).join().unwrap();
        let waited = thread_time() - before;
        assert!(waited < other, "{waited:?} while another thread computed {sum} in {other:?}");
    }
}
