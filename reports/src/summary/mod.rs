/*!
From trials to what a report says: per dataset the primary quantities of every method (mean ± sample sd over seeds), each tested against a named
reference by a paired t-test over seeds and by a two-level bootstrap over seeds and samples.

Primary family of a dataset: accuracy (MAE for regression) × {clean, noise mean, words mean, missing macro, attack mean} × (methods − 1), corrected by
Bonferroni; a winner is named only where both tests agree. All else is exploratory: corrected by Holm, or only described.
*/

mod collect;
mod comparison;
mod grid;
mod guards;
mod notes;
mod order;
mod quantity;
mod robust;
mod samples;
mod secondary;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Record,
    budget::{self, Budget},
    condition::Condition,
    folds::FoldInfo,
    metrics::Metric,
};

pub use collect::{Collector, TrialEvidence};
pub(crate) use comparison::common;
pub use comparison::{Comparison, Design, Family, HOPELESS, Outcome, POWER, Test, Verdict};
pub use guards::{Guard, Status, can_judge_groups};
pub use order::is_control;
pub(crate) use quantity::all_patterns;
pub use quantity::{Cell, Estimate, Quantity};
pub use robust::{BestUnimodal, MeasureRow};
pub use samples::{SampleTest, resample_samples, resampling_key};
pub use secondary::{Exploration, Finding, Subject};

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
    /// Which fold of a cross-validation it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<FoldInfo>,
    /// What is known of its conditions, in any order. One that is not here has no place on a curve, and the group that its records say.
    #[serde(skip)]
    pub conditions: Vec<Condition>,
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
    /// All tests beside the primary family; `None` with one method only.
    pub exploratory: Option<Exploration>,
    /// Every condition with the primary metric of each row.
    pub conditions: Vec<ConditionRow>,
    /// Robustness numbers of every row.
    pub measures: Vec<MeasureRow>,
    /// The unimodal control that fusion is measured against.
    pub gain: Option<BestUnimodal>,
    /// What a reader must know to read the tables; without it they mislead.
    pub notes: Vec<String>,
    /// What must hold before the tables are believed, checked.
    pub guards: Vec<Guard>,
}

impl DatasetSummary {
    /// What looks wrong and should be looked at.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.guards.iter().filter(|guard| guard.status == Status::Fails).map(|guard| guard.text.as_str())
    }
}

/// One method on one dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodRow {
    /// The method; with its preset in brackets where a method stands here with several.
    pub label: String,
    /// The method with variant and changed options.
    pub method: String,
    /// `harness`, `paper` or `tuned(N)`.
    pub preset: String,
    /// What was spent on choosing the hyper-parameters; `None` for a method that is not trained, or has no trial. Other budgets are not compared with it.
    pub budget: Option<Budget>,
    /// Seeds that have records, ascending.
    pub seeds: Vec<u64>,
    /// Whether all others are tested against it.
    pub is_reference: bool,
    /// One cell for each of [`Quantity::ALL`].
    pub cells: Vec<Cell>,
    /// The pattern behind [`Quantity::MissingWorst`].
    pub worst_pattern: Option<String>,
    /// Expected calibration error on clean data; unavailable for regression.
    pub calibration: Cell,
}

impl MethodRow {
    /// The cell of a quantity.
    pub fn cell(&self, quantity: Quantity) -> &Cell {
        self.cells.get(quantity as usize).unwrap_or(&Cell::Absent)
    }

    /// Why it is not ranked against `other`: the tuning budget is another one.
    pub fn refusal(&self, other: &Self) -> Option<String> {
        budget::refusal(self.budget.as_ref(), other.budget.as_ref())
    }
}

/// One condition over all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionRow {
    /// Canonical form.
    pub condition: String,
    /// `clean`, `noise`, …
    pub group: String,
    /// Primary metric, in the order of [`DatasetSummary::rows`].
    pub cells: Vec<Cell>,
    /// Expected calibration error, in the same order; unavailable for regression.
    pub calibration: Vec<Cell>,
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
    let mut by_row: BTreeMap<(&str, &str, &str), Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_row.entry((&record.dataset, &record.method, &record.preset)).or_default().push(record);
    }
    let known = || datasets.iter().map(|info| info.name.clone()).collect();
    if let Some((unknown, ..)) = by_row.keys().find(|(dataset, ..)| datasets.iter().all(|info| info.name != *dataset)) {
        return Err(SummaryError::UnknownDataset { dataset: (*unknown).into(), known: known() });
    }
    let rows = |name: &str| -> Vec<(String, String)> {
        by_row.keys().filter(|(dataset, ..)| *dataset == name).map(|(_, method, preset)| ((*method).into(), (*preset).into())).collect()
    };
    check_reference(datasets.iter().map(|info| rows(&info.name)), reference)?;
    let mut summaries = Vec::new();
    for info in datasets {
        let rows = rows(&info.name);
        if rows.is_empty() {
            continue;
        }
        let mut collector = Collector::new(info.clone(), &rows, reference, None);
        for (at, (method, preset)) in collector.order().iter().enumerate() {
            let mut trials: BTreeMap<u64, TrialEvidence> = BTreeMap::new();
            for record in by_row.get(&(info.name.as_str(), method.as_str(), preset.as_str())).into_iter().flatten() {
                let trial = trials.entry(record.seed).or_insert_with(|| TrialEvidence { seed: record.seed, ..TrialEvidence::default() });
                trial.records.push((*record).clone());
            }
            collector.add(at, &trials.values().collect::<Vec<_>>())?;
        }
        summaries.push(collector.finish());
    }
    Ok(Summary { datasets: summaries })
}

/// Whether some dataset has the reference asked for, given the rows (method, preset) of each.
///
/// # Errors
/// No dataset has it.
pub fn check_reference(datasets: impl Iterator<Item = Vec<(String, String)>>, reference: Option<&str>) -> Result<(), SummaryError> {
    let labels = datasets.flat_map(|rows| grid::labels(&rows).into_iter().chain(rows.into_iter().map(|(method, _)| method)).collect::<Vec<_>>());
    let mut known: Vec<String> = labels.collect();
    known.sort();
    known.dedup();
    match reference {
        Some(name) if !known.is_empty() && !known.iter().any(|label| label == name) => {
            Err(SummaryError::UnknownReference { reference: name.into(), known })
        }
        _ => Ok(()),
    }
}

fn list(known: &[String]) -> String {
    if known.is_empty() { "none".into() } else { known.join(", ") }
}
