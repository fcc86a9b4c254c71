//! One command at a time writes to a run folder: two would lose each other's lists of conditions and show half of each other's trials.

use std::{
    fs::{File, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use bench_store::StoreError;

use crate::{exit::Failure, output};

/// The file in the run folder. It stays there: whoever removed it could remove another's.
pub const FILE: &str = ".lock";

/// Held until dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Locks the folder `root`, which is there.
    ///
    /// # Errors
    /// Another process that holds it, by its number; a file system that takes no file.
    pub fn of(root: &Path) -> anyhow::Result<Self> {
        let path = root.join(FILE);
        let opened = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(StoreError::io("write", &path))?;
        match file.try_lock() {
            Ok(()) => {
                // Only for the other's sentence, which does without it.
                let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
            }
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                let _ = file.read_to_string(&mut process);
                let process = process.parse::<u32>().map_or_else(|_| String::new(), |number| format!(" (process {number})"));
                return Err(Failure::usage(format!(
                    "another bench{process} is writing to {}; wait until it ends, or choose another folder",
                    root.display()
                )));
            }
            // Some network file systems have no locks; every file is still written whole.
            Err(TryLockError::Error(error)) => {
                output::tell(&format!("bench: {} cannot be locked ({error}); run no second bench on it meanwhile", root.display()));
            }
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_once_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::of(folder.path()).unwrap();
        let message = Lock::of(folder.path()).unwrap_err().to_string();
        assert!(message.contains(&format!("another bench (process {}) is writing to", std::process::id())), "{message}");
        drop(first);
        Lock::of(folder.path()).unwrap();
    }
}
