/*!
Frozen extractors: TorchScript modules that turn a raw input into features.

A module is code. It is loaded only where the request names the SHA-256 of its file as one that the user trusts, and from the very bytes that were hashed.
*/

mod block;
mod cache;
mod job;
mod module;
mod tokenizer;

pub(crate) use block::{joined, part};
pub use cache::Cache;
pub use job::extract;
pub use module::{Extractor, Features};
