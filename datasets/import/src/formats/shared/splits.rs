//! Files that are a dict of splits, each a dict of arrays: MMSA, MulT, MultiBench.

use std::sync::Arc;

use bench_datasets::Split;
use bench_readers::{Array, View};

use crate::{ImportError, draft::Stacked};

/// One split of a file.
#[derive(Debug)]
pub struct Part<'a> {
    /// Which.
    pub split: Split,
    /// Its name in the file.
    pub name: &'static str,
    /// Its keys.
    pub view: View<'a>,
    /// Samples: rows of the key that `parts` was asked to count by.
    pub samples: usize,
}

/// A modality of all splits.
#[derive(Debug)]
pub struct Series {
    /// `[d]` or `[T, d]`.
    pub shape: Vec<usize>,
    /// Path in the file and array of each split that has it.
    pub arrays: Vec<(String, Arc<Array>)>,
}

impl Series {
    /// Its rows, split after split.
    pub fn stacked(&self) -> Stacked {
        let mut rows = Stacked::default();
        for (place, array) in &self.arrays {
            rows.push(place.clone(), Arc::clone(array));
        }
        rows
    }

    /// Steps of a series; 1 for vectors.
    pub fn steps(&self) -> usize {
        if let [steps, _] = *self.shape { steps } else { 1 }
    }

    /// Features of a step.
    pub fn dim(&self) -> usize {
        self.shape.last().copied().unwrap_or(0)
    }
}

/// The splits of a file, with as many samples as `counted` has rows.
///
/// # Errors
/// Where `train` is missing, or a split has no such key.
pub fn parts<'a>(root: &View<'a>, counted: &str) -> Result<Vec<Part<'a>>, ImportError> {
    root.key("train")?;
    let mut parts = Vec::new();
    for (name, split) in [("train", Split::Train), ("valid", Split::Validation), ("dev", Split::Validation), ("test", Split::Test)] {
        if let Some(view) = root.find(name)? {
            let samples = view.key(counted)?.count()?;
            parts.push(Part { split, name, view, samples });
        }
    }
    Ok(parts)
}

/// The split of each sample.
pub fn of_samples(parts: &[Part<'_>]) -> Vec<Split> {
    parts.iter().flat_map(|part| std::iter::repeat_n(part.split, part.samples)).collect()
}

/// The arrays of a key; `None` where no split has it.
///
/// # Errors
/// Where some splits lack it, it is no `[N, T, d]` or `[N, d]`, has another number of samples than the split, or another row shape than the first.
pub fn series(parts: &[Part<'_>], key: &str) -> Result<Option<Series>, ImportError> {
    let mut found: Option<Series> = None;
    for (at, part) in parts.iter().enumerate() {
        let view = if at == 0 {
            let Some(view) = part.view.find(key)? else { return Ok(None) };
            view
        } else {
            part.view.key(key)?
        };
        let array = view.array()?;
        let refused = |expected: String, remedy: &str| ImportError::from(view.invalid(array.describe(), expected, remedy));
        if !matches!(array.shape.len(), 2 | 3) || array.row_shape().contains(&0) {
            return Err(refused("features [samples, steps, features] or [samples, features]".into(), "check that this is the right file and format"));
        }
        if array.rows() != part.samples {
            return Err(refused(format!("{} samples, as many as there are labels", part.samples), "check that the file is whole"));
        }
        let series = found.get_or_insert_with(|| Series { shape: array.row_shape().to_vec(), arrays: Vec::new() });
        if series.shape != array.row_shape() {
            let expected = format!("samples of shape {:?}, as in `{}`", series.shape, parts.first().map_or("train", |first| first.name));
            return Err(refused(expected, "check that all splits come from one file"));
        }
        series.arrays.push((view.path().to_owned(), array));
    }
    Ok(found)
}
