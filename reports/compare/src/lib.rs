/*!
Two runs against each other: regressed, improved, the same within a margin, or cannot tell.

[`Evidence`] is what was measured of both, paired by dataset, seed, condition and sample; [`Report::of`] judges it; [`render`] writes it down. Nothing here reads
files or knows trials, so the same evidence gives the same bytes.
*/

mod evidence;
mod judge;
mod numbers;
pub mod render;
mod report;
mod rules;

pub use evidence::{Cost, Dataset, Evidence, Lacking, Pair, Row, Side};
pub use report::{Decides, Design, JudgedCost, JudgedDataset, JudgedRow, Opinion, Outcome, Report, Units, Values, Verdict};
pub use rules::Rules;
