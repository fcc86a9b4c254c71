//! Features of single clips: `FOLDER/NAME.npy` for each sample, `[d]` or `[T, d]`, a modality for each folder.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use bench_readers::Array;

use crate::{Content, ImportError, Numbers, draft::Rows, formats};

/// One array a sample. They are opened when they are looked at and again when they are read: there may be more of them than a process may hold open.
#[derive(Debug)]
struct Clips {
    files: Vec<PathBuf>,
    /// Most steps; `None` for `[d]`.
    steps: Option<usize>,
    dim: usize,
}

/// The modality of these files.
///
/// # Errors
/// Where one cannot be read, or is not of the first one's kind.
pub(super) fn content(files: Vec<PathBuf>) -> Result<Content, ImportError> {
    let mut clips = Clips { files, steps: None, dim: 0 };
    let mut lengths = Vec::with_capacity(clips.files.len());
    for (at, file) in clips.files.iter().enumerate() {
        let array = array(file)?;
        let (steps, dim) = match *array.shape {
            [dim] => (None, dim),
            [steps, dim] => (Some(steps), dim),
            _ => {
                return Err(array
                    .invalid("array", array.describe(), "[features] or [steps, features]", "check that this is the features' folder")
                    .into());
            }
        };
        if at > 0 && (dim, steps.is_some()) != (clips.dim, clips.steps.is_some()) {
            let expected = format!("{}{} features, as before", if clips.steps.is_some() { "steps of " } else { "" }, clips.dim);
            return Err(array.invalid("array", array.describe(), expected, "check that all of these are of one kind").into());
        }
        clips.dim = dim;
        clips.steps = steps.map(|steps| steps.max(clips.steps.unwrap_or(1)));
        lengths.push(u32::try_from(steps.unwrap_or(1)).unwrap_or(u32::MAX));
    }
    let shape = clips.steps.into_iter().chain([clips.dim]).collect();
    let lengths = clips.steps.map(|_| lengths);
    Ok(Content::Numbers(Numbers { shape, lengths, rows: Box::new(clips), bytes: None }))
}

fn array(file: &Path) -> Result<Arc<Array>, ImportError> {
    Ok(formats::open(file)?.root().array()?)
}

impl Rows for Clips {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let row = self.steps.unwrap_or(1) * self.dim;
        let mut values = Vec::with_capacity(rows.len() * row);
        for file in &self.files[rows] {
            let array = array(file)?;
            let filled = values.len() + row;
            let found = array.floats("array", 0..array.rows().min(self.steps.unwrap_or(self.dim)))?;
            if found.len() > row || found.len() % self.dim.max(1) > 0 {
                return Err(array
                    .invalid("array", array.describe(), "the shape that it had when it was looked at", "do not change files while they are read")
                    .into());
            }
            values.extend(found);
            values.resize(filled, 0.0);
        }
        Ok(values)
    }
}
