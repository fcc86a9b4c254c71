//! What can be wrong with a dataset: always with the file, the field, what was found, what was expected, and what to do.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::DatasetRef;

/// Why a dataset could not be opened, listed or written.
#[derive(Debug, Error)]
pub enum DatasetError {
    /// No folder of that name on the search path.
    #[error("no dataset `{name}` in {searched}; {}", if available.is_empty() { "there is none at all: give the folder of your datasets".to_owned() } else { format!("there are: {}", available.join(", ")) })]
    NotFound {
        /// The name asked for.
        name: String,
        /// The folders searched.
        searched: String,
        /// Names that exist there.
        available: Vec<String>,
    },
    /// A path that is no dataset's folder.
    #[error("`{path}` is no dataset: {reason}; a dataset is a folder with a dataset.toml, see docs/datasets.md")]
    NoFolder {
        /// The path asked for.
        path: String,
        /// What is there instead.
        reason: &'static str,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", file.display())]
    Io {
        /// `read`, `write`, …
        action: &'static str,
        /// The file or folder.
        file: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file holds something else than the format says.
    #[error("{}: {field}: found {found}, expected {expected}; {remedy}", file.display())]
    Invalid {
        /// The file.
        file: PathBuf,
        /// The field or tensor, with its place.
        field: String,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: String,
        /// What to do.
        remedy: String,
    },
    /// A fold that the dataset does not have or cannot be divided into.
    #[error("`{reference}` cannot be made of `{dataset}`: {reason}")]
    Fold {
        /// As asked for.
        reference: Box<DatasetRef>,
        /// The dataset's name.
        dataset: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// More training samples asked for than there are, or none.
    #[error("`{reference}` asks for {asked} training samples, but `{dataset}` has {available}; ask for 1 to {available}")]
    TrainSize {
        /// As asked for.
        reference: Box<DatasetRef>,
        /// The dataset's name.
        dataset: String,
        /// Samples asked for.
        asked: usize,
        /// Samples of the whole training split.
        available: usize,
    },
}

/// A [`DatasetError::Invalid`] from anything that displays.
pub(crate) fn invalid(
    file: &Path,
    field: impl Into<String>,
    found: impl fmt::Display,
    expected: impl fmt::Display,
    remedy: impl Into<String>,
) -> DatasetError {
    DatasetError::Invalid {
        file: file.to_owned(),
        field: field.into(),
        found: clip(found.to_string()),
        expected: expected.to_string(),
        remedy: remedy.into(),
    }
}

/// What was found may come from a hostile file: a message shows its beginning only, on one line.
fn clip(text: String) -> String {
    let mut shown: String = text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
