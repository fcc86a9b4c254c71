//! Errors of the store, each naming the file.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a file of a run folder could not be written or read.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file system said no (disk full, no permission, missing).
    #[error("cannot {doing} {}: {source}{}", path.display(), remedy(source))]
    Io {
        /// `read`, `write`, `create`, `rename`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is there but is not what it should be.
    #[error("{} is damaged: {reason}; delete it and run the same command again, which makes it anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is whole, but holds other fields than this version's.
    #[error("{} was written by another version of bench: {reason}; use that version, or another folder", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// What is other.
        reason: String,
    },
    /// The folder was written by another format major version.
    #[error(
        "{} has run-folder format {found}, this program reads and writes {expected}; use the version of bench that made it, or another folder",
        path.display()
    )]
    Format {
        /// The folder or the file in it.
        path: PathBuf,
        /// The version found.
        found: u32,
        /// The version of this program.
        expected: u32,
    },
    /// It is a file, or a folder that holds something else.
    #[error("{} is no run folder: {}; choose another folder", path.display(), if path.is_dir() { "it is not empty and has no run.toml" } else { "it is a file" })]
    NoRunFolder {
        /// The folder.
        path: PathBuf,
    },
}

/// What to do where the system's reason alone does not say it.
fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room and run the same command again, which keeps what is finished",
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => "; choose a folder that you may write to, or change its permissions",
        _ => "",
    }
}

impl StoreError {
    pub(crate) fn damaged(path: &std::path::Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), reason: reason.into() }
    }

    /// What is wrong with a JSON file: damage, or another schema, which nobody should be told to delete.
    pub fn json(path: &std::path::Path, error: &serde_json::Error) -> Self {
        let reason = error.to_string();
        if error.is_data() { Self::Schema { path: path.into(), reason } } else { Self::Damaged { path: path.into(), reason } }
    }

    /// Closure for `map_err` on an I/O result.
    pub fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
