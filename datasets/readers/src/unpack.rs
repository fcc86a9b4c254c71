//! Decompressed bytes: in memory where they are few, else in a file without a name.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
};

use crate::{ReadError, Source};

/// DEFLATE makes at most as many bytes of one: <https://zlib.net/zlib_tech.html>.
pub(crate) const RATIO: u64 = 1032;
/// Decompressed bytes of one file that are kept in memory.
const MEMORY: u64 = 256 << 20;

/// Decompresses the parts of one file.
pub(crate) struct Unpacker {
    memory: u64,
}

impl Unpacker {
    pub fn new() -> Self {
        Self { memory: MEMORY }
    }

    /// What `packed` gives, but no more than `most` bytes, under the name `path`. Its own errors are `unread`'s; the temporary file's are said here.
    pub fn unpack(&mut self, packed: impl Read, most: u64, path: PathBuf, unread: impl Fn(io::Error) -> ReadError) -> Result<Source, ReadError> {
        let mut packed = packed.take(most);
        if let Some(left) = self.memory.checked_sub(most) {
            self.memory = left;
            let mut bytes = Vec::new();
            packed.read_to_end(&mut bytes).map_err(unread)?;
            return Ok(Source::memory(path, bytes));
        }
        let unwritten = |source| ReadError::Io { action: "make a temporary file for", file: path.clone(), source };
        let mut file = tempfile::tempfile().map_err(unwritten)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match packed.read(&mut buffer).map_err(&unread)? {
                0 => break,
                count => file.write_all(&buffer[..count]).map_err(unwritten)?,
            }
        }
        Source::opened(path, file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_memory_is_in_a_file() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
        let unread = |source| ReadError::Io { action: "read", file: "a".into(), source };
        for memory in [1_000_000, 10] {
            let mut unpacker = Unpacker { memory };
            let found = unpacker.unpack(&*bytes, 90_000, "a".into(), unread).unwrap();
            assert_eq!(found.len(), 90_000);
            assert_eq!(found.bytes(89_990, 10).unwrap(), bytes[89_990..90_000]);
            assert_eq!(unpacker.memory, if memory == 10 { 10 } else { 910_000 });
        }
    }
}
