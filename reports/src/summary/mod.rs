/*!
From records to what a report says: per dataset the primary quantities of every method (mean ± sample sd over seeds), and the paired t-test of each
against a named reference, corrected by Bonferroni over the primary family.

Primary family of a dataset: accuracy (MAE for regression) × {clean, noise mean, words mean, missing macro, attack mean} × (methods − 1); all else is
descriptive.
*/

mod comparison;
mod grid;
mod notes;
mod order;
mod quantity;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Record, metrics::Metric};

pub use comparison::{Comparison, Family, Outcome, Test, Verdict};
pub use order::is_control;
pub use quantity::{Cell, Estimate, Quantity};

/// Level of the primary family.
pub const ALPHA: f64 = 0.05;
/// Level of the intervals, not adjusted for the family.
pub const CONFIDENCE: f64 = 0.95;

/// What a report must know of a dataset beside the records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetInfo {
    /// As in the records, e.g. `digits?train=500`.
    pub name: String,
    /// What is predicted.
    pub task: Task,
    /// Number of classes; 0 for regression.
    pub classes: usize,
    /// Samples of the test split.
    pub n_test: usize,
    /// What the primary metric is without looking at the inputs (share of the largest class in [0, 1], or the MAE of the training median).
    pub chance: Option<f64>,
    /// In dataset order.
    pub modalities: Vec<Modality>,
    /// What samples of the test split are grouped by, and how many groups there are, e.g. `("actor", 18)`.
    pub groups: Option<(String, usize)>,
}

/// A modality, for the notes under a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modality {
    /// E.g. `image`.
    pub name: String,
    /// `vector`, `sequence`, `tokens` or `image`.
    pub kind: String,
    /// Unit of a noise level, e.g. `pixels`, `training standard deviations`, `share of words`.
    pub unit: String,
}

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One of C classes.
    Classification,
    /// One real value.
    Regression,
}

impl Task {
    /// The metric of the primary family.
    pub fn primary(self) -> Metric {
        match self {
            Self::Classification => Metric::Accuracy,
            Self::Regression => Metric::MeanAbsoluteError,
        }
    }

    /// The metric shown beside it on clean data.
    pub fn secondary(self) -> Metric {
        match self {
            Self::Classification => Metric::MacroF1,
            Self::Regression => Metric::Pearson,
        }
    }
}

/// All datasets of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// In the order of the `DatasetInfo`s; a dataset without records is left out.
    pub datasets: Vec<DatasetSummary>,
}

/// One dataset: a row a method, and the tests.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetSummary {
    /// As given.
    pub info: DatasetInfo,
    /// Every seed that any method has, ascending.
    pub seeds: Vec<u64>,
    /// The reference first, then methods, then controls, each by name.
    pub rows: Vec<MethodRow>,
    /// The primary family; `None` with one method only.
    pub family: Option<Family>,
    /// Every method against the reference, by row and quantity.
    pub comparisons: Vec<Comparison>,
    /// Every condition with the primary metric of each row.
    pub conditions: Vec<ConditionRow>,
    /// What a reader must know to read the tables; without it they mislead.
    pub notes: Vec<String>,
    /// What looks wrong and should be looked at.
    pub warnings: Vec<String>,
}

/// One method on one dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodRow {
    /// The method; with its preset in brackets where a method stands here with several.
    pub label: String,
    /// Seeds that have records, ascending.
    pub seeds: Vec<u64>,
    /// Whether all others are tested against it.
    pub is_reference: bool,
    /// One cell for each of [`Quantity::ALL`].
    pub cells: Vec<Cell>,
    /// The pattern behind [`Quantity::MissingWorst`].
    pub worst_pattern: Option<String>,
}

impl MethodRow {
    /// The cell of a quantity.
    pub fn cell(&self, quantity: Quantity) -> &Cell {
        self.cells.get(quantity as usize).unwrap_or(&Cell::Absent)
    }
}

/// One condition over all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionRow {
    /// Canonical form.
    pub condition: String,
    /// `clean`, `noise`, …
    pub group: String,
    /// In the order of [`DatasetSummary::rows`].
    pub cells: Vec<Cell>,
}

/// Why records cannot be summarised.
#[derive(Debug, Error, PartialEq)]
pub enum SummaryError {
    /// Two different records for one cell.
    #[error("there are two records of {cell}, of trials {first} and {second}; keep one trial, or put the two runs in separate folders")]
    Duplicate {
        /// Dataset, method, preset, seed, condition and metric, in words.
        cell: String,
        /// Key of one trial.
        first: String,
        /// Key of the other.
        second: String,
    },
    /// Records of a dataset that is not described.
    #[error("there are records of dataset `{dataset}`, but no description of it; described are {}", list(known))]
    UnknownDataset {
        /// The name in the records.
        dataset: String,
        /// The names described.
        known: Vec<String>,
    },
    /// A reference that no dataset has.
    #[error("reference method `{reference}` is in none of the records; the methods are {}", list(known))]
    UnknownReference {
        /// The name asked for.
        reference: String,
        /// The methods there are.
        known: Vec<String>,
    },
}

/// Summarises `records`, in any order, against `reference`: a method's label; by default `concat`, else the first method.
///
/// Where a dataset has no record of the reference asked for, its default stands in and a warning says so.
///
/// # Errors
/// Two different records for one cell, records of an unknown dataset, or a reference that occurs nowhere.
pub fn summarise(records: &[Record], datasets: &[DatasetInfo], reference: Option<&str>) -> Result<Summary, SummaryError> {
    let mut grids = grid::build(records, datasets)?;
    if let Some(name) = reference
        && !grids.is_empty()
        && !grids.iter().any(|grid| grid.rows.iter().any(|row| row.is_named(name)))
    {
        let mut known: Vec<String> = grids.iter().flat_map(|grid| grid.rows.iter().map(|row| row.label.clone())).collect();
        known.sort();
        known.dedup();
        return Err(SummaryError::UnknownReference { reference: name.into(), known });
    }
    let datasets = grids.iter_mut().map(|grid| dataset(grid, reference)).collect();
    Ok(Summary { datasets })
}

fn dataset(grid: &mut grid::Grid<'_>, reference: Option<&str>) -> DatasetSummary {
    grid.sort_rows(reference);
    let rows: Vec<MethodRow> = grid.rows.iter().enumerate().map(|(at, row)| quantity::method_row(grid, row, at == 0)).collect();
    let (family, comparisons) = comparison::compare(grid, &rows);
    let conditions = quantity::condition_rows(grid);
    let notes = notes::notes(grid, &rows, family.as_ref());
    let warnings = notes::warnings(grid, &rows, reference);
    DatasetSummary { info: grid.info.clone(), seeds: grid.seeds(), rows, family, comparisons, conditions, notes, warnings }
}

fn list(known: &[String]) -> String {
    if known.is_empty() { "none".into() } else { known.join(", ") }
}
