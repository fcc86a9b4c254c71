//! Files that are either whole or absent.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{StoreError, WholeFile};

static UNIQUE: AtomicU64 = AtomicU64::new(0);

/// Writes `bytes` beside `path`, forces them to disk and renames: after a kill at any moment `path` holds the old bytes or the new ones.
///
/// # Errors
/// The file system's refusal, naming the file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = WholeFile::create(path)?;
    file.write_all(bytes).map_err(StoreError::io("write", path))?;
    file.finish()
}

/// A name in the same folder that no other process and no other thread uses.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{}.partial", process::id(), UNIQUE.fetch_add(1, Ordering::Relaxed)))
}

/// Creates a folder and its parents.
///
/// # Errors
/// The file system's refusal, naming the folder.
pub fn create_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(StoreError::io("create", path))
}

/// Reads a file, or `None` if it is not there.
///
/// # Errors
/// Any other refusal, naming the file.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Io { doing: "read", path: path.into(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_refusal_names_the_file() {
        let error = write_whole(Path::new("/proc/no/such/a.json"), b"").unwrap_err();
        assert!(error.to_string().contains("/proc/no/such/a.json"), "{error}");
    }
}
