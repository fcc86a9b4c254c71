//! JSON: everything, to render and check again.

use serde::Deserialize;
use thiserror::Error;

use crate::table::{Collection, FORMAT};

/// Why a file is no collection of tables.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Not the JSON of tables.
    #[error("not the JSON of tables: {0}")]
    Json(#[from] serde_json::Error),
    /// Written by another version of the program.
    #[error("the tables have format {found}, this program reads {FORMAT}")]
    Format {
        /// What the file says.
        found: u32,
    },
}

/// Pretty JSON with a newline at the end.
///
/// # Errors
/// Where a number cannot be written.
pub fn json(collection: &Collection) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(collection)? + "\n")
}

/// Reads what [`json`] wrote.
///
/// # Errors
/// Text that is no JSON of tables, or of another format.
pub fn read(text: &str) -> Result<Collection, ReadError> {
    /// Read first: another format may have other fields.
    #[derive(Deserialize)]
    struct Header {
        format: u32,
    }
    let Header { format: found } = serde_json::from_str(text)?;
    if found != FORMAT {
        return Err(ReadError::Format { found });
    }
    Ok(serde_json::from_str(text)?)
}
