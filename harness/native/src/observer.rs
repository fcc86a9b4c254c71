//! Where libtorch's time goes, operation by operation.

use std::{ffi::c_char, time::Duration};

use crate::text::take;

unsafe extern "C" {
    fn bench_native_observe() -> *mut c_char;
    fn bench_native_observed() -> *mut c_char;
}

/// One operation of libtorch during [`operation_times`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationTime {
    /// As the dispatcher names it, e.g. `aten::addmm`.
    pub name: String,
    /// How often it ran.
    pub calls: u64,
    /// How long, without the operations that it called.
    pub time: Duration,
}

/// Runs `work` and tells each operation that libtorch ran on this thread, forward and backward, the longest first. Observing costs about a microsecond a
/// call; on a GPU the times are those of the launches.
///
/// # Errors
/// libtorch refuses the observer.
pub fn operation_times(work: impl FnOnce()) -> Result<Vec<OperationTime>, String> {
    // SAFETY: what comes back is null or a text that `take` frees.
    if let Some(error) = unsafe { take(bench_native_observe()) } {
        return Err(error);
    }
    let observer = Observer;
    work();
    Ok(observer.finish())
}

/// An observer that is on; switched off when dropped, so that a panic in the work does not leave it on.
struct Observer;

impl Observer {
    fn finish(self) -> Vec<OperationTime> {
        // SAFETY: what comes back is null or a text that `take` frees.
        let text = unsafe { take(bench_native_observed()) }.unwrap_or_default();
        let mut times: Vec<OperationTime> = text.lines().filter_map(parse).collect();
        times.sort_by_key(|time| std::cmp::Reverse(time.time));
        times
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        // SAFETY: what comes back is null or a text that `take` frees.
        drop(unsafe { take(bench_native_observed()) });
    }
}

fn parse(line: &str) -> Option<OperationTime> {
    let mut fields = line.split('\t');
    let (name, calls, nanoseconds) = (fields.next()?, fields.next()?, fields.next()?);
    Some(OperationTime { name: name.into(), calls: calls.parse().ok()?, time: Duration::from_nanos(nanoseconds.parse().ok()?) })
}

#[cfg(test)]
mod tests {
    use tch::{Kind, Tensor};

    use super::*;

    #[test]
    fn every_operation_is_counted_forward_and_backward_and_nothing_afterwards() {
        let matrix = || Tensor::ones([4, 4], (Kind::Float, tch::Device::Cpu));
        let product = || matrix().set_requires_grad(true).mm(&matrix()).sum(Kind::Float).backward();
        let count = |times: &[OperationTime], name: &str| times.iter().find(|time| time.name == name).map_or(0, |time| time.calls);
        let times = operation_times(|| (0..3).for_each(|_| product())).unwrap();
        // A product's gradient by one factor is one more product.
        assert_eq!(count(&times, "aten::mm"), 6, "{times:?}");
        assert!(times.windows(2).all(|pair| pair[0].time >= pair[1].time));
        product();
        assert_eq!(operation_times(|| ()).unwrap(), []);
    }
}
