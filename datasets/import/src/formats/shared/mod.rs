//! What several of the pickle formats have in common.

pub(super) mod examples;
pub(super) mod files;
pub(super) mod ids;
pub(super) mod labels;
pub(super) mod padded;
pub(super) mod splits;
pub(super) mod text;
