//! Other divisions of a dataset into splits: folds that come with it (`?fold=NAME`) and folds dealt here (`?folds=K&fold=I`).

mod deal;

use std::fmt;

use crate::{
    Dataset, DatasetError, Groups, Split,
    keyed::Key,
    manifest::FoldsEntry,
    open::rows_of,
    tensors::{Tensors, WHOLE},
};

/// Fewest folds that can be dealt: test, validation, training.
pub(crate) const FEWEST: usize = 3;
/// Code of a sample that a predefined fold leaves out.
const LEFT_OUT: u32 = 3;

/// One fold of a cross-validation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fold {
    /// A division that comes with the dataset, by its name: `fold=Ses05`.
    Named(String),
    /// A division made here: all samples are dealt into `folds` parts; part `fold` is for testing, the next (after the last the first) for validation, the
    /// rest for training. Groups stay together.
    Dealt {
        /// Number of parts, at least 3.
        folds: usize,
        /// From 1.
        fold: usize,
        /// Name of the dataset's groups, where it was said.
        by: Option<String>,
    },
}

impl fmt::Display for Fold {
    /// As in a reference: `folds=10&fold=3&by=speaker`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(out, "fold={name}"),
            Self::Dealt { folds, fold, by } => {
                write!(out, "folds={folds}&fold={fold}")?;
                by.as_ref().map_or(Ok(()), |by| write!(out, "&by={by}"))
            }
        }
    }
}

/// The folds that come with a dataset, verified.
pub(crate) struct Predefined {
    names: Vec<String>,
    /// Split codes of every row, fold after fold: `[N, F]`, row-major.
    codes: Vec<u32>,
}

impl Predefined {
    /// Reads the tensor `[N, F]`; in each fold every split has samples, and no group crosses splits.
    pub(crate) fn open(entry: &FoldsEntry, ids: &[String], groups: Option<&Groups>, tensors: &Tensors) -> Result<Self, DatasetError> {
        let folds = entry.names.len();
        let tensor = tensors.get("folds.tensor", &entry.tensor, &WHOLE, &[ids.len(), folds])?;
        let codes = tensor.whole(LEFT_OUT + 1, "codes are 0 train, 1 validation, 2 test, 3 left out")?;
        let found = Self { names: entry.names.clone(), codes };
        for (at, name) in entry.names.iter().enumerate() {
            let split_of = found.split_of(at);
            let what = format!("fold `{name}`");
            if let Some(split) = Split::ALL.into_iter().find(|&split| !split_of.contains(&(split as u32))) {
                let found = format!("no sample with code {} ({})", split as usize, split.name());
                return Err(tensor.invalid(&what, found, "samples in every split", "assign some, or remove the fold"));
            }
            if let Some((group, [first, row])) = groups.and_then(|groups| crossing(groups, &split_of)) {
                let found = format!("`{group}` in two splits: samples `{}` and `{}`", ids[first], ids[row]);
                return Err(tensor.invalid(&what, found, "every group in one split of a fold", "move the group's samples into one split"));
            }
        }
        Ok(found)
    }

    /// Split code of every row in one fold.
    fn split_of(&self, fold: usize) -> Vec<u32> {
        self.codes.iter().skip(fold).step_by(self.names.len().max(1)).copied().collect()
    }
}

/// A group with samples in two splits, and such samples. Samples that are left out cross nothing.
fn crossing<'a>(groups: &'a Groups, split_of: &[u32]) -> Option<(&'a str, [usize; 2])> {
    let mut first: Vec<Option<usize>> = vec![None; groups.names.len()];
    for (row, (&group, &split)) in groups.of_sample.iter().zip(split_of).enumerate().filter(|(_, (_, split))| **split != LEFT_OUT) {
        let first = *first[group as usize].get_or_insert(row);
        if split_of[first] != split {
            return Some((&groups.names[group as usize], [first, row]));
        }
    }
    None
}

/// Divides the dataset as the fold says, in place of its own splits.
pub(crate) fn divide(dataset: &mut Dataset, fold: &Fold, predefined: Option<&Predefined>) -> Result<(), DatasetError> {
    // Its own hash, not the one that draws are keyed by: that of features is the raw dataset's.
    let variant = Key::new("dataset variant").with("base", &dataset.hash);
    let refuse = |reason: String| DatasetError::Fold { reference: Box::new(dataset.reference.clone()), dataset: dataset.name.clone(), reason };
    let (split_of, variant) = match fold {
        Fold::Named(name) => {
            let predefined = predefined
                .ok_or_else(|| refuse(format!("it comes with no folds, so with none called `{name}`; ?folds=K&fold=I makes K of its samples")))?;
            let at = predefined.names.iter().position(|known| known == name);
            let at = at.ok_or_else(|| refuse(format!("it has no fold `{name}`; it has {}", predefined.names.join(", "))))?;
            (predefined.split_of(at), variant.with("fold", name))
        }
        Fold::Dealt { folds, fold, by } => {
            let groups = dataset.groups.as_ref();
            match (by, groups) {
                (Some(by), None) => return Err(refuse(format!("it has no groups to deal by `{by}`; leave `by` out to deal single samples"))),
                (Some(by), Some(groups)) if *by != groups.name => {
                    let name = &groups.name;
                    return Err(refuse(format!(
                        "its samples are grouped by `{name}`, which stay together, not by `{by}`; write by={name} or leave `by` out"
                    )));
                }
                _ => {}
            }
            let parts = deal::parts(dataset, *folds).map_err(refuse)?;
            let (test, validation) = (fold.saturating_sub(1), fold % folds);
            let split_of = parts.iter().map(|&part| if part == test { Split::Test } else if part == validation { Split::Validation } else { Split::Train } as u32);
            let by = dataset.groups.as_ref().map_or("", |groups| &groups.name);
            (split_of.collect(), variant.with("folds", folds).with("fold", fold).with("by", by))
        }
    };
    dataset.splits = rows_of(&dataset.ids, &split_of);
    dataset.hash = variant.hex();
    Ok(())
}
