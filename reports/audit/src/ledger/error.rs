//! What can be wrong with a ledger: one sentence that says where.

use thiserror::Error;

/// A ledger that cannot be used.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// A file that cannot be read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write {file}: {source}")]
    Unwritable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is not what it should be.
    #[error("{file}: {reason}")]
    Malformed {
        /// The file.
        file: String,
        /// What was found and what was expected.
        reason: String,
    },
    /// A row of a table.
    #[error("{file}, line {line}: {reason}")]
    Row {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What was found and what was expected.
        reason: String,
    },
    /// A claim.
    #[error("{file}, claim \"{id}\": {reason}")]
    Claim {
        /// The file.
        file: String,
        /// The claim's id.
        id: String,
        /// What was found and what was expected.
        reason: String,
    },
}

impl LedgerError {
    /// A file that is not what it should be.
    pub(super) fn malformed(file: &str, reason: impl Into<String>) -> Self {
        Self::Malformed { file: file.to_owned(), reason: reason.into() }
    }
}
