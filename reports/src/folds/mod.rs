/*!
One dataset over the folds of a cross-validation: what each method reaches on average, and whether it differs from the reference on other divisions of
the same data.

A fold counts as one value: the mean over its seeds. Folds share most of their training samples, so their differences are not independent, and a plain
paired t-test over them finds differences that are not there. The corrected resampled t-test adds n_test/n_train to the 1/J of the variance (Nadeau and
Bengio, Machine Learning, 2003).
*/

mod test;

use serde::{Deserialize, Serialize};

use crate::summary::{Cell, DatasetSummary, MethodRow, Quantity, Summary, Task};

pub use test::FoldTest;

/// Which fold of which cross-validation a dataset is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoldInfo {
    /// What all its folds share: `digits?folds=3&by=speaker`, or `iemocap?folds=all` for folds that come with a dataset.
    pub family: String,
    /// Its name or number.
    pub name: String,
    /// Folds that there are in all.
    pub of: usize,
    /// Training samples.
    pub n_train: usize,
}

/// The folds of one cross-validation that a run has.
#[derive(Debug, Clone, PartialEq)]
pub struct OverFolds {
    /// As in [`FoldInfo::family`].
    pub family: String,
    /// Names of the folds, in the summary's order; at least two.
    pub folds: Vec<String>,
    /// Folds that there are in all.
    pub of: usize,
    /// What is predicted.
    pub task: Task,
    /// Quantities of the primary family that some fold has.
    pub quantities: Vec<Quantity>,
    /// Label of the method that others are compared with.
    pub reference: String,
    /// Methods in the order of the first fold's table, then those that only other folds have.
    pub rows: Vec<FoldRow>,
    /// Tests made, which Holm's correction is over.
    pub tests: usize,
    /// n_test/n_train, the mean over the folds.
    pub test_to_train: f64,
}

/// One method over the folds.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldRow {
    /// As in the tables of the folds.
    pub label: String,
    /// Whether others are compared with it.
    pub is_reference: bool,
    /// In the order of [`OverFolds::quantities`].
    pub cells: Vec<FoldCell>,
}

/// One method's quantity over the folds.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldCell {
    /// Name of the fold and mean over seeds, for each fold that has a value.
    pub per_fold: Vec<(String, f64)>,
    /// Mean over these folds; `None` without one.
    pub mean: Option<f64>,
    /// Sample standard deviation over these folds (ddof 1); `None` under two. It is no standard error: folds are not independent.
    pub sd: Option<f64>,
    /// Why the first fold without a value has none.
    pub missing: Option<String>,
    /// Against the reference; `None` for the reference itself.
    pub against: Option<Result<FoldTest, String>>,
}

impl OverFolds {
    /// What a quantity is measured in, better if higher or lower.
    pub fn higher_is_better(&self) -> bool {
        self.task.primary().higher_is_better()
    }
}

/// Every cross-validation of which the summary has two folds or more, in the order of their first folds.
pub fn over_folds(summary: &Summary) -> Vec<OverFolds> {
    let mut families: Vec<(&str, Vec<Fold<'_>>)> = Vec::new();
    for dataset in &summary.datasets {
        let Some(info) = &dataset.info.fold else { continue };
        let fold = Fold { info, dataset };
        match families.iter_mut().find(|(family, _)| *family == info.family) {
            Some((_, folds)) => folds.push(fold),
            None => families.push((&info.family, vec![fold])),
        }
    }
    families.into_iter().filter(|(_, folds)| folds.len() > 1).filter_map(|(_, folds)| of_family(&folds)).collect()
}

/// A fold with its tables.
#[derive(Clone, Copy)]
struct Fold<'a> {
    info: &'a FoldInfo,
    dataset: &'a DatasetSummary,
}

impl Fold<'_> {
    fn row(&self, label: &str) -> Option<&MethodRow> {
        self.dataset.rows.iter().find(|row| row.label == label)
    }

    fn test_to_train(&self) -> f64 {
        self.dataset.info.n_test as f64 / self.info.n_train as f64
    }
}

fn of_family(folds: &[Fold<'_>]) -> Option<OverFolds> {
    let first = folds.first()?;
    let reference = first.dataset.rows.iter().find(|row| row.is_reference)?.label.clone();
    let has = |quantity: &Quantity| folds.iter().flat_map(|fold| &fold.dataset.rows).any(|row| *row.cell(*quantity) != Cell::Absent);
    let quantities: Vec<Quantity> = Quantity::primary().filter(has).collect();
    let mut labels: Vec<&str> = Vec::new();
    for row in folds.iter().flat_map(|fold| &fold.dataset.rows) {
        if !labels.contains(&row.label.as_str()) {
            labels.push(&row.label);
        }
    }
    let mut rows: Vec<FoldRow> = Vec::new();
    for label in labels {
        let is_reference = label == reference;
        let cell = |&quantity: &Quantity| {
            let against = (!is_reference).then(|| test::against(folds, label, &reference, quantity));
            FoldCell { against, ..values(folds, label, quantity) }
        };
        rows.push(FoldRow { label: label.into(), is_reference, cells: quantities.iter().map(cell).collect() });
    }
    let mut made: Vec<&mut FoldTest> =
        rows.iter_mut().flat_map(|row| &mut row.cells).filter_map(|cell| cell.against.as_mut()?.as_mut().ok()).collect();
    test::correct(&mut made);
    let tests = made.len();
    Some(OverFolds {
        family: first.info.family.clone(),
        folds: folds.iter().map(|fold| fold.info.name.clone()).collect(),
        of: first.info.of,
        task: first.dataset.info.task,
        quantities,
        reference,
        rows,
        tests,
        test_to_train: crate::statistics::mean(&folds.iter().map(Fold::test_to_train).collect::<Vec<_>>()),
    })
}

/// A method's mean over seeds in each fold, and their mean and spread.
fn values(folds: &[Fold<'_>], label: &str, quantity: Quantity) -> FoldCell {
    let mut cell = FoldCell { per_fold: Vec::new(), mean: None, sd: None, missing: None, against: None };
    for fold in folds {
        let reason = match fold.row(label).map(|row| row.cell(quantity)) {
            Some(Cell::Value(estimate)) => {
                cell.per_fold.push((fold.info.name.clone(), estimate.mean));
                continue;
            }
            Some(Cell::Unavailable(reason)) => reason.clone(),
            Some(Cell::Absent) => "no such conditions".into(),
            None => format!("no trial in fold {}", fold.info.name),
        };
        cell.missing.get_or_insert(reason);
    }
    let means: Vec<f64> = cell.per_fold.iter().map(|&(_, mean)| mean).collect();
    cell.mean = (!means.is_empty()).then(|| crate::statistics::mean(&means));
    cell.sd = crate::statistics::sample_standard_deviation(&means);
    cell
}
