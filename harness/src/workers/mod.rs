//! Worker processes: finding the program, asking it what it is, and a pool that feeds it trials.

mod pool;
mod process;
mod program;

pub use pool::{Notice, Outcome, Pool};
pub use program::WorkerProgram;
