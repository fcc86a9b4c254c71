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

    /// Asks the system to load `length` bytes from `start` on, which are about to be read. A hint: bytes outside the map and systems that do not
    /// know it are passed over.
    pub fn will_need(&self, start: usize, length: usize) {
        #[cfg(unix)]
        if start < self.len() {
            // Without the hint the bytes come when they are touched.
            let _ = self.0.advise_range(memmap2::Advice::WillNeed, start, length.min(self.len() - start));
        }
        #[cfg(not(unix))]
        let _ = (start, length);
    }

    /// Tells the system that reads will jump about, so that a missing page brings no neighbours with it. A hint.
    pub fn expect_jumps(&self) {
        #[cfg(unix)]
        let _ = self.0.advise(memmap2::Advice::Random);
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
