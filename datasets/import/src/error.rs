//! Why an import failed.

use std::{io, path::PathBuf};

use bench_datasets::DatasetError;
use bench_readers::ReadError;
use thiserror::Error;

/// Why an import failed: always a sentence with file, place, finding and expectation.
#[derive(Debug, Error)]
pub enum ImportError {
    /// A file could not be read, or holds something else than its format says.
    #[error(transparent)]
    Read(Box<ReadError>),
    /// The dataset could not be written, or what was written is no dataset.
    #[error(transparent)]
    Dataset(Box<DatasetError>),
    /// The request does not fit what was found: an option names what is not there, files do not fit each other.
    #[error("{0}")]
    Request(String),
    /// The file system refused what is done with whole folders.
    #[error("cannot {action} {}: {source}", path.display())]
    Folder {
        /// `make`, `rename`, …
        action: &'static str,
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The user asked to stop; nothing is left behind.
    #[error("interrupted; nothing was written")]
    Interrupted,
}

impl ImportError {
    /// An [`ImportError::Request`].
    pub fn request(sentence: impl Into<String>) -> Self {
        Self::Request(sentence.into())
    }
}

// Boxed, so that a result is not as large as its longest sentence.
impl From<ReadError> for ImportError {
    fn from(error: ReadError) -> Self {
        Self::Read(Box::new(error))
    }
}

impl From<DatasetError> for ImportError {
    fn from(error: DatasetError) -> Self {
        Self::Dataset(Box::new(error))
    }
}
