/*!
The audit: what papers print, recomputed from what they print.

A [`Ledger`] holds papers' tables, sentences and outside facts as data. [`verdict`] decides every claim with interval arithmetic over rounding intervals;
[`discover`] looks at the tables alone and reports what does not fit together. Nothing here needs tensors, a network or a clock.
*/

pub mod discover;
pub mod expression;
pub mod ledger;
pub mod number;
pub mod probes;
pub mod recompute;
pub mod report;
pub mod simulate;
pub mod verdict;

pub use ledger::Ledger;
