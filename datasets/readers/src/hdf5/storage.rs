//! The file as the decoder reads it: never mapped, and with an account of what its structure costs.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use hdf5_reader::{
    Storage, StorageBuffer,
    error::{Error, Result},
};

use crate::Source;

/// Ranges of a file. What the decoder keeps of a file's structure grows with the bytes that it reads, and structures of a hostile file may overlap or be named
/// many times: so the bytes that may be read while the structure is walked are limited.
#[derive(Debug)]
pub struct Ranges {
    source: Arc<Source>,
    left: AtomicU64,
}

impl Ranges {
    /// `allowed` bytes may be read until [`Ranges::lift`] is called.
    pub fn new(source: Arc<Source>, allowed: u64) -> Self {
        Self { source, left: AtomicU64::new(allowed) }
    }

    /// No limit from here on: elements are bounded by their array.
    pub fn lift(&self) {
        self.left.store(u64::MAX, Ordering::Relaxed);
    }
}

impl Storage for Ranges {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_range(&self, offset: u64, len: usize) -> Result<StorageBuffer> {
        let left = self.left.load(Ordering::Relaxed);
        if left != u64::MAX {
            let rest = left
                .checked_sub(len as u64)
                .ok_or_else(|| Error::ResourceLimit("groups and headers that name the same bytes again and again".into()))?;
            self.left.store(rest, Ordering::Relaxed);
        }
        match self.source.bytes(offset, len as u64) {
            Ok(bytes) => Ok(StorageBuffer::from_vec(bytes)),
            Err(crate::ReadError::Io { source, .. }) => Err(Error::Io(source)),
            Err(_) => Err(Error::UnexpectedEof { offset, needed: len as u64, available: self.source.len().saturating_sub(offset) }),
        }
    }
}
