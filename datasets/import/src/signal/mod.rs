//! Raw signals as rows of a draft: files that are decoded when their rows are written, so that corruptions meet the signal itself.

mod images;
pub mod log_mel;
mod sounds;

pub use images::Images;
pub use sounds::Sounds;
