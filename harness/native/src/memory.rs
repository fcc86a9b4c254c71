//! How many bytes tensors hold, from libtorch's allocators.

use std::ffi::c_char;

use crate::text::{first_line, take};

unsafe extern "C" {
    fn bench_native_memory_watch(cuda: bool) -> *mut c_char;
    fn bench_native_memory_mark();
    fn bench_native_memory_read(live: *mut i64, peak: *mut i64, at_backward: *mut i64);
    fn bench_native_memory_end() -> *mut c_char;
}

/// Watches the allocator of one kind of device for the thread that starts it; ends when dropped, after any [`crate::Recording`] that started later. Tensors that exist before it starts are in no number, and must outlive it: the CPU's allocator
/// knows only the sizes of what it gave out under a watch, and complains when others are given back.
#[derive(Debug)]
pub struct MemoryWatch(());

/// Bytes under a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes {
    /// Held now.
    pub live: u64,
    /// The most since the last [`MemoryWatch::mark`].
    pub peak: u64,
    /// The most that was held at the begin of a backward pass since the last mark; `None` where there was none, or no [`crate::Recording`] that saw it.
    pub at_backward: Option<u64>,
}

impl MemoryWatch {
    /// Starts a watch of the CPU's or the CUDA devices' memory, for this thread and the backward passes that it starts.
    ///
    /// # Errors
    /// Another watch is under way.
    pub fn start(device: tch::Device) -> Result<Self, String> {
        // SAFETY: what comes back is null or a text that `take` frees.
        match unsafe { take(bench_native_memory_watch(device.is_cuda())) } {
            None => Ok(Self(())),
            Some(error) => Err(first_line(&error).to_owned()),
        }
    }

    /// Forgets peak and backward passes so far.
    pub fn mark(&self) {
        // SAFETY: no arguments, and the shim looks whether there is a watch.
        unsafe { bench_native_memory_mark() }
    }

    /// The numbers now.
    pub fn bytes(&self) -> Bytes {
        let (mut live, mut peak, mut at_backward) = (0, 0, -1);
        // SAFETY: three places to write to that live through the call.
        unsafe { bench_native_memory_read(&raw mut live, &raw mut peak, &raw mut at_backward) };
        Bytes { live: live.max(0) as u64, peak: peak.max(0) as u64, at_backward: u64::try_from(at_backward).ok() }
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        // SAFETY: what comes back is null or a text that `take` frees. libtorch refuses only where recording and watch do not end in the reverse order.
        drop(unsafe { take(bench_native_memory_end()) });
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind, Tensor};

    use super::*;
    use crate::Recording;

    /// By hand, in float32: x and w take 4000 bytes each; x·w and its exponential as much again, and the sum 4. The backward pass needs x, w and exp(x·w).
    #[test]
    fn bytes_are_those_of_the_tensors_that_live() {
        let watch = MemoryWatch::start(Device::Cpu).unwrap();
        let make = || Tensor::ones([1000], (Kind::Float, Device::Cpu));
        let (x, w) = (make(), make().set_requires_grad(true));
        assert_eq!(watch.bytes().live, 8000);
        drop(make());
        assert_eq!((watch.bytes().live, watch.bytes().peak), (8000, 12000));
        watch.mark();
        assert_eq!(watch.bytes(), Bytes { live: 8000, peak: 8000, at_backward: None });
        let recording = Recording::start([]).unwrap();
        let loss = (&x * &w).exp().sum(Kind::Float);
        // The product itself lives to the end of the statement: the exponential keeps its result.
        assert_eq!((watch.bytes().live, watch.bytes().peak), (12004, 16004));
        loss.backward();
        recording.finish();
        // The root gradient of 4 bytes is there when the pass begins.
        assert_eq!(watch.bytes().at_backward, Some(12008));
        assert!(w.grad().defined());
        drop(loss);
        assert_eq!(watch.bytes().live, 12000);
    }
}
