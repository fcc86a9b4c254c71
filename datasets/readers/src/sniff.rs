//! What a file is, told by its first bytes: names and endings lie too often in this field.

use std::fmt;

use crate::{ReadError, Source};

/// A file's container format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Python's pickle, protocols 0 to 5.
    Pickle,
    /// One NumPy array.
    Npy,
    /// A ZIP archive; of `.npy` members: NumPy's `.npz`.
    Zip,
    /// MATLAB 5 to 7.2.
    Matlab,
    /// HDF5, MATLAB 7.3 among it.
    Hdf5,
    /// Tensors in safetensors.
    Safetensors,
    /// Text, as far as its beginning tells.
    Text,
    /// None of these.
    Unknown,
}

impl Container {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of(source: &Source) -> Result<Self, ReadError> {
        let head = source.bytes(0, source.len().min(1024))?;
        Ok(if head.starts_with(b"\x93NUMPY") {
            Self::Npy
        } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            Self::Zip
        } else if head.starts_with(b"\x89HDF\r\n\x1a\n") || head.starts_with(b"MATLAB 7.3") {
            Self::Hdf5
        } else if head.starts_with(b"MATLAB 5.0") {
            Self::Matlab
        } else if matches!(*head, [0x80, 2..=5, ..]) {
            Self::Pickle
        } else if is_safetensors(&head, source.len()) {
            Self::Safetensors
        } else if is_old_pickle(&head, source)? {
            Self::Pickle
        } else if is_text(&head) {
            Self::Text
        } else {
            Self::Unknown
        })
    }
}

impl fmt::Display for Container {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Pickle => "a pickle",
            Self::Npy => "a NumPy array (.npy)",
            Self::Zip => "a ZIP archive (.npz)",
            Self::Matlab => "a MATLAB 5 file",
            Self::Hdf5 => "an HDF5 file",
            Self::Safetensors => "a safetensors file",
            Self::Text => "a text file",
            Self::Unknown => "a file of an unknown kind",
        })
    }
}

/// Eight bytes of length, then a JSON object of that length.
fn is_safetensors(head: &[u8], length: u64) -> bool {
    head.first_chunk().is_some_and(|bytes| u64::from_le_bytes(*bytes).checked_add(8).is_some_and(|end| end <= length)) && head.get(8) == Some(&b'{')
}

/// Protocols 0 and 1 have no mark: they open with an opcode that makes a container, text or a global, and end with a full stop.
fn is_old_pickle(head: &[u8], source: &Source) -> Result<bool, ReadError> {
    let opens = matches!(head.first(), Some(b'(' | b'c' | b']' | b'}' | b')' | b'S' | b'V' | b'I' | b'F'));
    Ok(opens && source.bytes(source.len().saturating_sub(1), source.len().min(1))? == b".")
}

fn is_text(head: &[u8]) -> bool {
    let cut = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut at the end of what was looked at.
        Err(error) if error.valid_up_to() + 4 > head.len() => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !cut.is_empty() && !cut.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}
