//! Numbers recomputed from what a table prints: granularity of accuracies, tests from mean and standard deviation, spread of standard deviations, cost of known networks.

pub mod denominators;
pub mod deviations;
pub mod grim;
pub mod line_scatter;
pub mod macs;
pub mod rounded_runs;
pub mod spread;
pub mod summary_tests;
