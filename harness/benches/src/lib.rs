//! Benchmarks of the harness; there is no library here.
