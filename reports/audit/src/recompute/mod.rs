//! Numbers recomputed from what a table prints: granularity of accuracies, tests from mean and standard deviation, spread of standard deviations, cost of known networks.
