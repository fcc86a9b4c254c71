//! What the targets do with the readers.

mod lists;
mod media;
mod walk;

pub use lists::{CASES, choose, fixture, import};
pub use media::{hear, look};
pub use walk::{feed, walk};
