//! Verdicts and findings as rows for programs and as a page for people.

mod markdown;
mod order;
mod row;
mod separated;
mod text;

pub use markdown::page;
pub use order::{Group, Tally, grouped};
pub use row::{ClaimRow, FindingRow, Numbers};
pub use separated::separated;
pub use text::{interval, number, said, strength};
