//! Tags: every piece of a file says its type and how many bytes it has.

use std::{fmt::Display, sync::Arc};

use crate::{ReadError, Source};

/// Types of elements that are named elsewhere.
pub(super) mod kind {
    pub const INT8: u32 = 1;
    pub const UINT8: u32 = 2;
    pub const INT16: u32 = 3;
    pub const UINT16: u32 = 4;
    pub const INT32: u32 = 5;
    pub const UINT32: u32 = 6;
    pub const SINGLE: u32 = 7;
    pub const DOUBLE: u32 = 9;
    pub const INT64: u32 = 12;
    pub const UINT64: u32 = 13;
    pub const MATRIX: u32 = 14;
    pub const COMPRESSED: u32 = 15;
    pub const UTF8: u32 = 16;
    pub const UTF16: u32 = 17;
    pub const UTF32: u32 = 18;
}

/// The file, or a variable that was compressed in it.
pub(super) struct Input {
    pub source: Arc<Source>,
    pub big_endian: bool,
}

/// One piece.
pub(super) struct Element {
    pub kind: u32,
    /// Where its data begin.
    pub start: u64,
    /// How many bytes they are.
    pub length: u64,
    /// Where the next piece begins.
    pub next: u64,
}

/// Pieces behind each other.
pub(super) struct Pieces<'a> {
    pub input: &'a Input,
    pub at: u64,
    pub end: u64,
}

impl Input {
    /// The number of 32 bits at a place.
    pub fn word(&self, at: u64) -> Result<u32, ReadError> {
        let mut bytes = [0; 4];
        self.source.read_at(at, &mut bytes)?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// All numbers of 32 bits of an element.
    pub fn words(&self, element: &Element) -> Result<Vec<u32>, ReadError> {
        if !matches!(element.kind, kind::INT32 | kind::UINT32) {
            return Err(self.invalid(element.start, format!("type {}", element.kind), "whole numbers of 32 bits (5)", super::DAMAGED));
        }
        let bytes = self.source.bytes(element.start, element.length)?;
        let (words, _) = bytes.as_chunks::<4>();
        Ok(words.iter().map(|&word| if self.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }).collect())
    }

    /// The element whose tag is at a place, in what ends at `end`. Up to four bytes of data may stand in the tag itself.
    pub fn element(&self, at: u64, end: u64) -> Result<Element, ReadError> {
        let first = self.word(at)?;
        let (kind, start, length, room) = match first >> 16 {
            0 => {
                let length = u64::from(self.word(at + 4)?);
                // Compressed elements are not padded.
                (first, at + super::TAG, length, if first == kind::COMPRESSED { length } else { length.next_multiple_of(8) })
            }
            length @ 1..=4 => (first & 0xffff, at + 4, u64::from(length), 4),
            length => return Err(self.invalid(at, format!("a small element of {length} bytes"), "at most 4", super::DAMAGED)),
        };
        if start + length > end {
            let found = format!("{} bytes to the end", end.saturating_sub(start));
            return Err(self.invalid(at, found, format!("{length} more"), "the file is truncated or damaged: get it again"));
        }
        // What stands behind the last one need not be.
        Ok(Element { kind, start, length, next: (start + room).min(end) })
    }

    pub fn invalid(&self, at: u64, found: impl Display, expected: impl Display, remedy: &str) -> ReadError {
        self.source.invalid(at, found, expected, remedy)
    }
}

impl<'a> Pieces<'a> {
    /// The pieces inside of an element.
    pub fn of(input: &'a Input, element: &Element) -> Self {
        Self { input, at: element.start, end: element.start + element.length }
    }

    /// The next piece.
    pub fn next(&mut self, expected: &str) -> Result<Element, ReadError> {
        if self.at >= self.end {
            return Err(self.invalid("the end of the variable", expected));
        }
        let element = self.input.element(self.at, self.end)?;
        self.at = element.next;
        Ok(element)
    }

    /// That there is room for as many values; each has a tag at least.
    pub fn check(&self, count: Option<usize>) -> Result<usize, ReadError> {
        let room = self.end.saturating_sub(self.at) / super::TAG;
        let found = || self.invalid(format!("room for {room} values"), count.map_or("more than any file holds".into(), |count| count.to_string()));
        count.filter(|&count| count as u64 <= room).ok_or_else(found)
    }

    pub fn invalid(&self, found: impl Display, expected: impl Display) -> ReadError {
        self.input.invalid(self.at, found, expected, super::DAMAGED)
    }
}
