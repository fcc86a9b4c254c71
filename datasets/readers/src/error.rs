//! What can be wrong with a file: always with the file, the place, what was found, what was expected, and what to do.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// Why a file could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", file.display())]
    Io {
        /// `read`, `open`, …
        action: &'static str,
        /// The file.
        file: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file holds something else than its format says, or something that is refused.
    #[error("{}: {place}: found {found}, expected {expected}; {remedy}", file.display())]
    Invalid {
        /// The file.
        file: PathBuf,
        /// `byte 1234`, a key's path such as `train.audio`, or `line 3`.
        place: String,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: String,
        /// What to do.
        remedy: String,
    },
}

impl ReadError {
    /// An [`ReadError::Invalid`] from anything that displays. What was found may come from a hostile file: its beginning only is kept, on one line.
    pub fn invalid(file: &Path, place: impl fmt::Display, found: impl fmt::Display, expected: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self::Invalid {
            file: file.to_owned(),
            place: clip(&place.to_string()),
            found: clip(&found.to_string()),
            expected: expected.to_string(),
            remedy: remedy.to_string(),
        }
    }
}

fn clip(text: &str) -> String {
    let mut shown: String = text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
