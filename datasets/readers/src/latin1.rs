//! Bytes written as text: Python 3 pickles bytes in protocol 2 as the UTF-8 of code points below 256.

use crate::{ReadError, Source};

/// Decoded bytes between two marks.
const STRIDE: u64 = 1 << 20;
/// Encoded bytes looked at in one go.
const CHUNK: u64 = 1 << 20;

/// A run of such text in a file, with marks, so that any part of it can be decoded without what stands before.
#[derive(Debug)]
pub struct Latin1 {
    start: u64,
    end: u64,
    length: u64,
    /// Where in the file each multiple of [`STRIDE`] decoded bytes begins.
    marks: Vec<u64>,
}

impl Latin1 {
    /// Looks through `encoded` bytes from `start` on.
    ///
    /// # Errors
    /// Where they are no UTF-8 of code points below 256, or the file ends before.
    pub fn scan(source: &Source, start: u64, encoded: u64) -> Result<Self, ReadError> {
        source.check(start, encoded)?;
        let end = start + encoded;
        let (mut at, mut length, mut marks) = (start, 0, Vec::new());
        let mut lead = None;
        while at < end {
            let chunk = source.bytes(at, CHUNK.min(end - at))?;
            for (place, &byte) in (at..).zip(&chunk) {
                if lead.is_none() && length % STRIDE == 0 {
                    marks.push(place);
                }
                match (lead.take(), byte) {
                    (None, 0..0x80) | (Some(()), 0x80..0xc0) => length += 1,
                    (None, 0xc2 | 0xc3) => lead = Some(()),
                    _ => {
                        return Err(source.invalid(
                            place,
                            format!("byte {byte:#04x}"),
                            "text of characters below 256",
                            "the array's bytes are damaged: get the file again",
                        ));
                    }
                }
            }
            at += chunk.len() as u64;
        }
        if lead.is_some() {
            return Err(source.invalid(end, "half a character", "text of characters below 256", "the array's bytes are damaged: get the file again"));
        }
        Ok(Self { start, end, length, marks })
    }

    /// Decoded bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// `length` decoded bytes from the decoded byte `offset` on.
    ///
    /// # Errors
    /// Where there are fewer, or the file cannot be read.
    pub fn read(&self, source: &Source, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        if offset.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(source.invalid(
                self.start,
                format!("{} bytes", self.length),
                format!("{length} from {offset} on"),
                "the file is truncated or damaged: get it again",
            ));
        }
        let mut decoded = Vec::with_capacity(length);
        let mut skip = offset % STRIDE;
        let mut at = self.marks.get((offset / STRIDE) as usize).copied().unwrap_or(self.end);
        let mut high = None;
        while decoded.len() < length && at < self.end {
            let chunk = source.bytes(at, CHUNK.min(self.end - at))?;
            for &byte in &chunk {
                let value = match high.take() {
                    None if byte < 0x80 => byte,
                    None => {
                        high = Some(byte & 0x03);
                        continue;
                    }
                    Some(high) => (high << 6) | (byte & 0x3f),
                };
                if skip > 0 {
                    skip -= 1;
                } else if decoded.len() < length {
                    decoded.push(value);
                } else {
                    break;
                }
            }
            at += chunk.len() as u64;
        }
        Ok(decoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_part_is_decoded_across_marks() {
        let bytes: Vec<u8> = (0..3 * STRIDE as usize + 17).map(|at| (at * 7 + at / 251) as u8).collect();
        let text: String = bytes.iter().copied().map(char::from).collect();
        let source = Source::memory("test", [b"xx".as_slice(), text.as_bytes(), b"yy"].concat());
        let found = Latin1::scan(&source, 2, text.len() as u64).unwrap();
        assert_eq!(found.len(), bytes.len() as u64);
        for (start, length) in [(0, 5), (STRIDE as usize - 3, 9), (2 * STRIDE as usize, 1), (bytes.len() - 4, 4), (0, bytes.len())] {
            assert_eq!(found.read(&source, start as u64, length).unwrap(), bytes[start..start + length]);
        }
        assert!(found.read(&source, found.len(), 1).is_err());
    }

    #[test]
    fn other_text_is_refused() {
        for bad in [b"\xc4\x80".as_slice(), b"\xc3", b"\xff", b"\xc3a"] {
            assert!(Latin1::scan(&Source::memory("test", bad.to_vec()), 0, bad.len() as u64).is_err());
        }
    }
}
