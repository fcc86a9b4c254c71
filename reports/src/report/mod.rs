/*!
A summary as text and pictures: [`terminal`] for people who just ran it, [`markdown`] for `report.md`, [`charts`] for its figures.

Percent with one decimal, ± the sample sd over seeds; regression raw with three decimals. ▲ and ▼ mark what is better and worse than the reference
by both tests after Bonferroni, △ and ▽ by the seeds alone; nothing else is emphasised, because the best mean of a column is often chance.
*/

pub mod charts;
mod folds;
mod format;
mod markdown;
mod prose;
mod statistics;
mod terminal;

pub use format::p_value;
pub use markdown::markdown;
pub(crate) use markdown::table as markdown_table;
pub use statistics::statistics;
pub use terminal::{terminal, wrapped};

use serde::{Deserialize, Serialize};

/// What was run, for the head of `report.md`: no times and no paths, so that the same run gives the same file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// E.g. `robustness@1`.
    pub title: String,
    /// Name and value, e.g. `("device", "cpu")`.
    pub facts: Vec<(String, String)>,
}
