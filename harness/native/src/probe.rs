//! What `bench doctor` says about CUDA: "no driver" and "library not loaded" are different troubles with different remedies.

use crate::driver;
use crate::library;

/// The state of CUDA on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CudaReport {
    /// The driver's version, e.g. `580.65.06 (CUDA 13.0)`, or why there is no driver.
    pub driver: Result<String, String>,
    /// Whether `libtorch_cuda.so` and what it needs can be loaded, or why not.
    pub library: Result<(), String>,
    /// The devices that the driver shows to this process (after `CUDA_VISIBLE_DEVICES`).
    pub devices: Vec<CudaDevice>,
}

/// One CUDA device, as the driver sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CudaDevice {
    /// The N of `cuda:N`.
    pub index: usize,
    /// Product name.
    pub name: String,
    /// Total memory in bytes.
    pub total_bytes: u64,
    /// Free memory in bytes; `None` where the management library does not tell.
    pub free_bytes: Option<u64>,
}

/// Asks the driver for its devices and tries to load libtorch's CUDA kernels (which then stay loaded: seconds and some memory where
/// they exist, so it belongs in a process of its own). Never fails: troubles are part of the report.
pub fn probe_cuda() -> CudaReport {
    let library = library::open_kernels();
    match driver::probe() {
        Ok(found) => CudaReport { driver: Ok(found.version), library, devices: found.devices },
        Err(reason) => CudaReport { driver: Err(reason), library, devices: Vec::new() },
    }
}
