//! What an importer found, before it becomes a dataset's folder.

use std::{fmt, ops::Range, sync::Arc};

use bench_datasets::Split;
use bench_readers::Array;

use crate::ImportError;

/// All that an importer knows. Rows are samples; every vector of rows has one entry for each of [`Draft::ids`].
#[derive(Debug, Default)]
pub struct Draft {
    /// Name if none is given: `mosi`, or the file's stem.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// A name for each sample; made unique by `assemble`, which says so.
    pub ids: Vec<String>,
    /// Split of each sample; empty where the files have none. Where no sample is in [`Split::Validation`] (or none in [`Split::Test`]), `assemble` takes some of the
    /// training split, whole groups at a time.
    pub splits: Vec<Split>,
    /// Other predefined divisions (cross-validation): for each fold its name and the split of each sample, `None` where the fold leaves it out.
    pub folds: Vec<(String, Vec<Option<Split>>)>,
    /// What may be predicted; the first is the default.
    pub targets: Vec<Targets>,
    /// Samples that belong together, by what they may be grouped: the first that crosses no split is the default.
    pub groups: Vec<Groups>,
    /// The modalities.
    pub streams: Vec<Stream>,
    /// What was wrong in the files and was put right, a sentence each. Numbers that are not finite are counted by `assemble`.
    pub repaired: Vec<String>,
    /// What the files do not say and was taken to be so, a sentence each.
    pub assumed: Vec<String>,
    /// Where the data come from, their licence and what to cite, as far as the format says.
    pub provenance: bench_datasets::Provenance,
}

/// One thing that may be predicted.
#[derive(Debug, Clone)]
pub struct Targets {
    /// For `--target`: `sentiment`, `emotion`.
    pub name: String,
    /// The targets.
    pub target: Target,
}

/// What is predicted of each sample.
#[derive(Debug, Clone)]
pub enum Target {
    /// A class.
    Classes {
        /// Place in `names`.
        labels: Vec<u32>,
        /// Names of the classes.
        names: Vec<String>,
    },
    /// A real number.
    Values {
        /// Finite numbers.
        values: Vec<f32>,
        /// Smallest possible value; where `None`, the smallest that occurs in the training split (said as assumed).
        low: Option<f32>,
        /// Largest possible value, likewise.
        high: Option<f32>,
    },
}

/// A way to group samples.
#[derive(Debug, Clone)]
pub struct Groups {
    /// What a group is: `speaker`, `dialogue`, `video`.
    pub name: String,
    /// Group of each sample.
    pub of_sample: Vec<String>,
}

/// One modality.
#[derive(Debug)]
pub struct Stream {
    /// As in the files; `--map` renames it.
    pub name: String,
    /// Its values.
    pub content: Content,
}

/// A modality's values.
#[derive(Debug)]
pub enum Content {
    /// `[d]` or `[T, d]` with the number of valid steps, or images `[c, h, w]`.
    Numbers(Numbers),
    /// Words of each sample; their vocabulary is built on the training split.
    Words(Vec<Vec<String>>),
}

/// Numbers of every sample.
#[derive(Debug)]
pub struct Numbers {
    /// `[d]`, `[T, d]` or `[c, h, w]`: shape of one sample.
    pub shape: Vec<usize>,
    /// For `[T, d]`: valid steps of each sample, at the front. The rest is set to zero.
    pub lengths: Option<Vec<u32>>,
    /// Where they are read.
    pub rows: Box<dyn Rows>,
    /// Bytes as stored, with value = stored · scale + offset (images: 1/255, 0); else 32-bit floating point.
    pub bytes: Option<(f64, f64)>,
}

/// Rows that are read when they are written.
pub trait Rows: fmt::Debug + Send {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values of these rows, each as long as the shape of one sample; where [`Numbers::bytes`] is set, whole numbers from 0 to 255. Numbers that are not
    /// finite are passed on: `assemble` repairs and counts them.
    ///
    /// # Errors
    /// Where a file cannot be read or holds something else.
    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError>;
}

/// Arrays whose rows follow each other: `train`, then `valid`, then `test`. Rows of the same number of elements.
#[derive(Debug, Default)]
pub struct Stacked {
    parts: Vec<(String, Arc<Array>)>,
}

impl Stacked {
    /// Adds an array's rows; `place` is its path in the file, for messages.
    pub fn push(&mut self, place: impl Into<String>, array: Arc<Array>) {
        self.parts.push((place.into(), array));
    }
}

impl Rows for Stacked {
    fn len(&self) -> usize {
        self.parts.iter().map(|(_, array)| array.rows()).sum()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let (mut values, mut start) = (Vec::new(), 0);
        for (place, array) in &self.parts {
            let end = start + array.rows();
            let (from, to) = (rows.start.clamp(start, end), rows.end.clamp(start, end));
            if from < to {
                values.extend(array.floats(place, from - start..to - start)?);
            }
            start = end;
        }
        Ok(values)
    }
}

/// A series `[T_i, d]` for each sample, padded with zeros behind (or cut) to `steps`.
#[derive(Debug)]
pub struct Ragged {
    /// Longest series.
    pub steps: usize,
    /// Features of a step.
    pub dim: usize,
    /// Path in the file and array of each sample.
    pub series: Vec<(String, Arc<Array>)>,
}

impl Ragged {
    /// Series of these arrays, as long as the longest.
    ///
    /// # Errors
    /// Where they are not `[T, d]` of one `d`.
    pub fn new(series: Vec<(String, Arc<Array>)>) -> Result<Self, ImportError> {
        let (mut steps, mut dim) = (1, None);
        for (place, array) in &series {
            let &[length, own] = &*array.shape else {
                return Err(array
                    .invalid(place, array.describe(), "a series [steps, features]", "check that this is the right file and format")
                    .into());
            };
            if *dim.get_or_insert(own) != own {
                let expected = format!("{} features a step, as before", dim.unwrap_or_default());
                return Err(array.invalid(place, array.describe(), expected, "check that the file is whole").into());
            }
            steps = steps.max(length);
        }
        Ok(Self { steps, dim: dim.unwrap_or(0), series })
    }

    /// Steps of each series, at most [`Ragged::steps`].
    pub fn lengths(&self) -> Vec<u32> {
        self.series.iter().map(|(_, array)| u32::try_from(array.rows().min(self.steps)).unwrap_or(u32::MAX)).collect()
    }
}

impl Rows for Ragged {
    fn len(&self) -> usize {
        self.series.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let row = self.steps * self.dim;
        let mut values = Vec::with_capacity(rows.len() * row);
        for (place, array) in &self.series[rows] {
            let filled = values.len() + row;
            values.extend(array.floats(place, 0..array.rows().min(self.steps))?);
            values.resize(filled, 0.0);
        }
        Ok(values)
    }
}
