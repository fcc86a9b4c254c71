/*!
Read-only memory maps of files.

Mapping has no safe interface, and unsafe code lives under `harness/native` alone; this is the part of it that does not need libtorch, so that
`datasets` can use it.
*/

use std::{fs::File, io, ops::Deref};

/// The bytes of a file, mapped read-only; several processes share their pages.
#[derive(Debug)]
pub struct Map(memmap2::Mmap);

impl Map {
    /// Maps a regular file.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn of(file: &File) -> io::Result<Self> {
        // SAFETY: the map is private to this process and never written through. Another process could still shorten the file meanwhile, which
        // would end this one; datasets are verified through the map itself and are not edited in place.
        unsafe { memmap2::Mmap::map(file) }.map(Self)
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
