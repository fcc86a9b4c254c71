//! The device of a request.

use tch::{Cuda, Device};

use crate::failure::Failure;

/// The device named `cpu` or `cuda:N`, made ready: for CUDA libtorch's library is loaded and its deterministic algorithms are switched on.
///
/// # Errors
/// One sentence where the device is not to be had.
pub fn ready(name: &str) -> Result<Device, Failure> {
    if name == "cpu" {
        return Ok(Device::Cpu);
    }
    let index = name.strip_prefix("cuda:").and_then(|index| index.parse::<usize>().ok());
    let index = index.ok_or_else(|| Failure::usage(format!("`{name}` is no device; use cpu or cuda:N")))?;
    bench_native::load_cuda().map_err(Failure::usage)?;
    let count = usize::try_from(Cuda::device_count()).unwrap_or(0);
    if index >= count {
        return Err(Failure::usage(format!("there is no device {name}: {count} CUDA devices are visible; `bench doctor` says why")));
    }
    bench_native::make_cuda_deterministic().map_err(Failure::usage)?;
    Ok(Device::Cuda(index))
}
