//! What several of the pickle formats have in common.

pub(super) mod examples;
pub(super) mod files;
pub(super) mod ids;
pub(super) mod labels;
pub(super) mod padded;
pub(super) mod splits;

/// What is said where a file holds both a sentence's features and its words.
pub(super) const TWICE: &str = "`text` and `words` are the same sentences, as features and as words: leave one out (`--map words=` or `--map text=`), or a missing text is still there as words";
