//! The bytes of one file, read at any place: nothing is mapped, so resident memory stays flat however large the file, and a file that shrinks is an error.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::ReadError;

/// A file, or bytes that stand for one.
#[derive(Debug)]
pub struct Source {
    file: PathBuf,
    length: u64,
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    File(File),
    Memory(Vec<u8>),
    Part { whole: Arc<Source>, start: u64 },
}

impl Source {
    /// Opens a regular file; a pipe or device would block or never end.
    ///
    /// # Errors
    /// Where the system refuses, or the path is no regular file.
    pub fn open(file: &Path) -> Result<Self, ReadError> {
        let failed = |source| ReadError::Io { action: "read", file: file.to_owned(), source };
        let about = file.metadata().map_err(failed)?;
        if !about.is_file() {
            return Err(failed(io::Error::other("it is no regular file")));
        }
        let opened = File::open(file).map_err(failed)?;
        Ok(Self { file: file.to_owned(), length: about.len(), bytes: Bytes::File(opened) })
    }

    /// Bytes in memory under a file's name: members of archives, tests, fuzzing.
    pub fn memory(name: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        Self { file: name.into(), length: bytes.len() as u64, bytes: Bytes::Memory(bytes) }
    }

    /// An open file under another name: what was decompressed into a temporary file.
    ///
    /// # Errors
    /// Where the system does not tell its size.
    pub fn opened(name: impl Into<PathBuf>, file: File) -> Result<Self, ReadError> {
        let name = name.into();
        let about = file.metadata().map_err(|source| ReadError::Io { action: "read", file: name.clone(), source })?;
        Ok(Self { file: name, length: about.len(), bytes: Bytes::File(file) })
    }

    /// A part of another file under its own name: a member of an archive. Its offsets begin at the part.
    ///
    /// # Errors
    /// Where the file ends before.
    pub fn part(whole: &Arc<Self>, name: impl Into<PathBuf>, start: u64, length: u64) -> Result<Self, ReadError> {
        whole.check(start, length)?;
        Ok(Self { file: name.into(), length, bytes: Bytes::Part { whole: Arc::clone(whole), start } })
    }

    /// The file's path.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Its size in bytes when it was opened.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// Where the file ends before, or the system refuses.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.check(offset, buffer.len() as u64)?;
        match &self.bytes {
            Bytes::File(file) => {
                file.read_exact_at(buffer, offset).map_err(|source| ReadError::Io { action: "read", file: self.file.clone(), source })
            }
            Bytes::Memory(bytes) => {
                let start = offset as usize;
                buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
                Ok(())
            }
            Bytes::Part { whole, start } => whole.read_at(start + offset, buffer),
        }
    }

    /// `length` bytes from `offset` on; nothing is allocated before the file is known to hold as many.
    ///
    /// # Errors
    /// As [`Source::read_at`].
    pub fn bytes(&self, offset: u64, length: u64) -> Result<Vec<u8>, ReadError> {
        self.check(offset, length)?;
        let mut buffer = vec![0; length as usize];
        self.read_at(offset, &mut buffer)?;
        Ok(buffer)
    }

    /// That the file holds `length` bytes from `offset` on.
    ///
    /// # Errors
    /// Where it ends before: it is truncated, or a length in it is wrong.
    pub fn check(&self, offset: u64, length: u64) -> Result<(), ReadError> {
        if offset.checked_add(length).is_some_and(|end| end <= self.length) {
            return Ok(());
        }
        let left = self.length.saturating_sub(offset);
        Err(self.invalid(
            offset,
            format!("{left} bytes to the end of the file"),
            format!("{length} more"),
            "the file is truncated or damaged: get it again",
        ))
    }

    /// An error at a byte of this file.
    pub fn invalid(&self, offset: u64, found: impl std::fmt::Display, expected: impl std::fmt::Display, remedy: impl std::fmt::Display) -> ReadError {
        ReadError::invalid(&self.file, format!("byte {offset}"), found, expected, remedy)
    }
}
