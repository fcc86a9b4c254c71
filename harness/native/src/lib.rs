/*!
The few things the harness needs from libtorch and the CUDA driver that tch does not offer.

This is the only crate with unsafe code: a small C++ shim over libtorch (`*.cpp`), and symbols that are looked up at run time
because they may be missing (`driver.rs`, `library.rs`). Everything public is safe to call, and no C++ exception crosses over.
*/
#![expect(unsafe_code, reason = "calls into libtorch's C++ and into libraries loaded at run time")]

mod clock;
mod context;
mod driver;
mod library;
mod linear;
mod memory;
mod observer;
mod optimiser;
mod probe;
mod recorder;
mod text;

// Links libtorch: the shim alone would leave its symbols undefined.
use torch_sys as _;

pub use clock::thread_time;
pub use context::{cpu_capability, leave, libtorch_version, make_cuda_deterministic, set_cudnn_enabled, set_intra_op_threads};
pub use library::load_cuda;
pub use linear::{clamp, linear};
pub use memory::{Bytes, MemoryWatch};
pub use observer::{OperationTime, operation_times};
pub use optimiser::{Adam, FusedOptimiser, Sgd};
pub use probe::{CudaDevice, CudaReport, probe_cuda};
pub use recorder::{Argument, Operation, Origin, Phase, Recording, report_work};
