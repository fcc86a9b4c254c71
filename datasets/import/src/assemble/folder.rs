//! A folder that is written beside its place and put there when it is whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bench_datasets::DatasetError;

use crate::ImportError;

/// Refuses a place where something is already.
pub fn check(out: &Path) -> Result<(), ImportError> {
    let refuse = |found: &str| ImportError::request(format!("{}: found {found}, expected a new or empty folder; give another", out.display()));
    if out.file_name().is_none() {
        return Err(refuse("no name of a folder"));
    }
    match fs::symlink_metadata(out) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(ImportError::Folder { action: "look at", path: out.to_owned(), source }),
        Ok(about) if about.is_symlink() => Err(refuse("a link")),
        Ok(about) if !about.is_dir() => Err(refuse("a file")),
        Ok(_) => {
            let mut entries = fs::read_dir(out).map_err(|source| ImportError::Folder { action: "list", path: out.to_owned(), source })?;
            if entries.next().is_none() { Ok(()) } else { Err(refuse("a folder that is not empty")) }
        }
    }
}

/// The folder beside; it is removed, with parents that were made for it, unless it is placed.
#[derive(Debug)]
pub struct Beside {
    partial: PathBuf,
    out: PathBuf,
    /// Parents that were not there, the innermost last.
    made: Vec<PathBuf>,
    placed: bool,
}

impl Beside {
    /// Makes a folder beside `out`, and the folders above it.
    pub fn new(out: &Path) -> Result<Self, ImportError> {
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut made: Vec<PathBuf> =
            parent.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).map(Path::to_owned).collect();
        made.reverse();
        let beside = Self { partial: parent.join(format!(".{name}.partial-{}", std::process::id())), out: out.to_owned(), made, placed: false };
        fs::create_dir_all(&beside.partial).map_err(|source| ImportError::Folder { action: "make", path: out.to_owned(), source })?;
        Ok(beside)
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Puts the folder in its place.
    pub fn place(mut self) -> Result<(), ImportError> {
        // Somebody may have written there meanwhile.
        check(&self.out)?;
        fs::rename(&self.partial, &self.out).map_err(|source| ImportError::Folder { action: "make", path: self.out.clone(), source })?;
        self.placed = true;
        Ok(())
    }

    /// The error with the names of files as the user knows them.
    pub fn told(&self, error: ImportError) -> ImportError {
        let known = |file: PathBuf| file.strip_prefix(&self.partial).map_or(file.clone(), |name| self.out.join(name));
        let ImportError::Dataset(error) = error else { return error };
        match *error {
            DatasetError::Io { action, file, source } => DatasetError::Io { action, file: known(file), source }.into(),
            DatasetError::Invalid { file, field, found, expected, remedy } => {
                DatasetError::Invalid { file: known(file), field, found, expected, remedy }.into()
            }
            error => error.into(),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.placed {
            // There is nobody left to tell, and what remains is hidden and named as partial.
            let _ = fs::remove_dir_all(&self.partial);
            self.made.iter().rev().for_each(|folder| {
                let _ = fs::remove_dir(folder);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_placed_leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("a/b/set");
        let beside = Beside::new(&out).unwrap();
        fs::write(beside.path().join("file"), "half").unwrap();
        drop(beside);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        let beside = Beside::new(&out).unwrap();
        fs::write(beside.path().join("file"), "whole").unwrap();
        beside.place().unwrap();
        assert_eq!(fs::read_dir(place.path().join("a/b")).unwrap().count(), 1);
        assert_eq!(fs::read(out.join("file")).unwrap(), b"whole");
    }

    #[test]
    fn what_is_there_is_refused() {
        let place = tempfile::tempdir().unwrap();
        assert!(check(place.path()).is_ok());
        fs::write(place.path().join("file"), "").unwrap();
        let error = check(place.path()).unwrap_err().to_string();
        assert!(error.contains("found a folder that is not empty"), "{error}");
        assert!(check(&place.path().join("file")).unwrap_err().to_string().contains("found a file"));
        assert!(check(Path::new("..")).is_err());
    }
}
