/*!
The tables of the papers, as data: which method stands in a row, which dataset, condition and metric in a column, and what the paper prints there.

A [`Spec`] (a TOML file) and the ledger's printed numbers make a [`table::Table`] ([`fill::fill`]) once what it asks ([`request::Questions`]) has been answered.
Adding a table needs no Rust.
*/

pub mod assign;
mod budgets;
pub mod check;
pub mod fill;
pub mod reading;
pub mod render;
pub mod reported;
pub mod request;
pub mod spec;
pub mod table;

pub use spec::{Spec, SpecError};
