//! A judged comparison as text: the same evidence gives the same bytes, without times, and without paths but in the sides' names.

mod escape;
mod github;
mod json;
mod junit;
mod markdown;
mod terminal;
mod words;

pub use github::github;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use terminal::terminal;
