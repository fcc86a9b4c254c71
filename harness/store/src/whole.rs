//! A file that is written bit by bit and is either whole or absent.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use crate::{StoreError, files};

/// A file that grows beside its place and moves there when it is whole; dropped before that, it leaves nothing.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    beside: PathBuf,
    file: BufWriter<File>,
    /// Whether it stands at its place: then there is nothing beside it.
    placed: bool,
}

impl WholeFile {
    /// Begins to write what will be at `path`.
    ///
    /// # Errors
    /// The file system's refusal, naming the file.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let beside = files::beside(path);
        let file = File::create(&beside).map_err(StoreError::io("write", path))?;
        Ok(Self { path: path.into(), beside, file: BufWriter::new(file), placed: false })
    }

    /// A second handle on the file, for a writer that keeps what it writes to; it must be done before [`WholeFile::finish`].
    ///
    /// # Errors
    /// The file system's refusal, naming the file.
    pub fn handle(&self) -> Result<File, StoreError> {
        self.file.get_ref().try_clone().map_err(StoreError::io("write", &self.path))
    }

    /// Forces it to disk and puts it in its place: after a kill at any moment the path holds the old bytes or the new ones.
    ///
    /// # Errors
    /// The file system's refusal, naming the file; then nothing is left beside it.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.file.flush().and_then(|()| self.file.get_ref().sync_all()).map_err(StoreError::io("write", &self.path))?;
        fs::rename(&self.beside, &self.path).map_err(StoreError::io("rename", &self.path))?;
        self.placed = true;
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.placed {
            // Its own removal may fail on a broken disk, which changes nothing.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_at_its_place_only_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let mut file = WholeFile::create(&path).unwrap();
        file.write_all(b"one").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        let mut abandoned = WholeFile::create(&path).unwrap();
        abandoned.write_all(b"two").unwrap();
        drop(abandoned);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_refusal_names_the_file() {
        let message = WholeFile::create(Path::new("/proc/no/such.csv")).unwrap_err().to_string();
        assert!(message.contains("/proc/no/such.csv"), "{message}");
    }
}
