/*!
What `bench-worker` does, as a library: the executable serves it to `bench`, benchmarks call it.
*/

pub mod attack;
pub mod checkpoint;
pub mod cost;
pub mod data;
pub mod device;
pub mod diagnostics;
pub mod evaluate;
pub mod extract;
pub mod failure;
pub mod generator;
pub mod losses;
pub mod pivot;
pub mod planned;
pub mod profile;
pub mod scoring;
pub mod serve;
pub mod stream;
pub mod train;
pub mod transfer;
