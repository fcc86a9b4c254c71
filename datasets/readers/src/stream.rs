//! A file as the standard library's reader, for crates that want one.

use std::{
    io::{Error, ErrorKind, Read, Result, Seek, SeekFrom},
    sync::Arc,
};

use crate::Source;

/// Reads a [`Source`] from front to back, and anywhere.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    source: Arc<Source>,
    at: u64,
    end: u64,
}

impl Stream {
    /// All of a file.
    pub fn new(source: Arc<Source>) -> Self {
        let end = source.len();
        Self { source, at: 0, end }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        if count > 0 {
            self.source.read_at(self.at, &mut buffer[..count]).map_err(|error| Error::new(ErrorKind::UnexpectedEof, error))?;
            self.at += count as u64;
        }
        Ok(count)
    }
}

impl Seek for Stream {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "a place before the beginning of the file"))?;
        Ok(self.at)
    }
}
