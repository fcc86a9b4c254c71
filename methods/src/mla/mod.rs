//! MLA: multimodal representation learning by alternating unimodal adaptation.

mod alternation;
pub mod equations;
mod modifier;

pub use alternation::{Round, Stepper, Substep};
pub use modifier::{Modification, Modifier};
