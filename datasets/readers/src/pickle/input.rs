//! The file from its beginning to its end, a buffer at a time; what need not be read is stepped over.

use std::sync::Arc;

use crate::{ReadError, Source};

const BUFFER: u64 = 64 * 1024;

/// A place in a file, and the bytes behind it.
pub(super) struct Input {
    source: Arc<Source>,
    buffer: Vec<u8>,
    /// Where in the file the buffer begins.
    start: u64,
    /// How much of the buffer is done.
    done: usize,
}

impl Input {
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self { source, buffer: Vec::new(), start: 0, done: 0 }
    }

    pub(super) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The next byte's place in the file.
    pub(super) fn position(&self) -> u64 {
        self.start + self.done as u64
    }

    pub(super) fn byte(&mut self) -> Result<u8, ReadError> {
        if self.done == self.buffer.len() {
            self.refill()?;
        }
        let byte = self.buffer[self.done];
        self.done += 1;
        Ok(byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    /// The next `length` bytes, in memory.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, ReadError> {
        let start = self.position();
        self.skip(length)?;
        let end = self.done.checked_sub(length as usize).and_then(|begin| self.buffer.get(begin..self.done));
        end.map_or_else(|| self.source.bytes(start, length), |bytes| Ok(bytes.to_vec()))
    }

    /// Steps over `length` bytes that the file must have.
    pub(super) fn skip(&mut self, length: u64) -> Result<(), ReadError> {
        let start = self.position();
        self.source.check(start, length)?;
        if length <= (self.buffer.len() - self.done) as u64 {
            self.done += length as usize;
        } else {
            self.buffer.clear();
            self.start = start + length;
            self.done = 0;
        }
        Ok(())
    }

    /// The bytes up to the end of a line, without it.
    pub(super) fn line(&mut self, limit: usize) -> Result<Vec<u8>, ReadError> {
        let start = self.position();
        let mut line = Vec::new();
        loop {
            if self.done == self.buffer.len() {
                self.refill()?;
            }
            let rest = &self.buffer[self.done..];
            let end = rest.iter().position(|&byte| byte == b'\n');
            let taken = end.unwrap_or(rest.len());
            if taken > limit - line.len() {
                return Err(self.source.invalid(start, "a longer line", format!("at most {limit} bytes"), super::value::DAMAGED));
            }
            line.extend_from_slice(&rest[..taken]);
            self.done += taken + usize::from(end.is_some());
            if end.is_some() {
                return Ok(line);
            }
        }
    }

    fn refill(&mut self) -> Result<(), ReadError> {
        let start = self.position();
        self.source.check(start, 1)?;
        self.buffer = self.source.bytes(start, BUFFER.min(self.source.len() - start))?;
        self.start = start;
        self.done = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_lines_cross_the_buffer() {
        let size = BUFFER as usize;
        let mut bytes: Vec<u8> = (0..3 * size).map(|at| (at % 7) as u8).collect();
        bytes[2 * size + 5] = b'\n';
        let mut input = Input::new(Arc::new(Source::memory("test", bytes.clone())));
        assert_eq!(input.byte().unwrap(), 0);
        assert_eq!(input.bytes(4).unwrap(), bytes[1..5]);
        assert_eq!(input.bytes(size as u64).unwrap(), bytes[5..size + 5]);
        assert_eq!(input.line(usize::MAX).unwrap(), bytes[size + 5..2 * size + 5]);
        assert_eq!(input.position(), 2 * size as u64 + 6);
        assert!(input.line(9).is_err());
        input.skip(size as u64 - 7).unwrap();
        assert_eq!(input.byte().unwrap(), bytes[3 * size - 1]);
        assert!(input.byte().is_err() && input.line(usize::MAX).is_err() && input.skip(1).is_err() && input.bytes(u64::MAX).is_err());
    }
}
