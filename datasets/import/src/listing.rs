//! What lies in folders, in the order of the names: the same on every machine.

use std::path::{Path, PathBuf};

use bench_readers::ReadError;

use crate::ImportError;

/// Everything in a folder, sorted.
///
/// # Errors
/// Where the folder cannot be read.
pub(crate) fn inside(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let failed = |source| ReadError::Io { action: "read", file: folder.to_owned(), source };
    let entries = folder.read_dir().map_err(failed)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

/// The files given, with a folder in place of what is `wanted` in it.
///
/// # Errors
/// Where a folder cannot be read.
pub(crate) fn files(paths: &[PathBuf], wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(inside(path)?.into_iter().filter(|file| wanted(file)));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}
