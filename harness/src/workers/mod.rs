//! Worker processes: finding the program, asking it what it is, and a pool that feeds it trials.

mod pool;
mod process;
mod program;
mod standing;

pub use pool::{Notice, Outcome, Pool};
pub use program::WorkerProgram;
pub use standing::Standing;
