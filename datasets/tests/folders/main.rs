//! Datasets as folders: what is read from sound ones, and the sentence with which others are refused.

mod embedded;
mod folds;
mod raw;
mod refusals;
mod shards;
mod support;
