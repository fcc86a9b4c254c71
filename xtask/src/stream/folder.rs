//! A temporary folder that is gone afterwards, whatever ends this process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Removes its argument when its input closes: at the latest when the process that holds the other end is gone. Deaf to Ctrl-C, which reaches it too. A program
/// that is still writing to the folder then fails, but may put a file into it while it is being removed.
const KEEPER: &str = "trap '' INT TERM HUP; read -r _; until rm -rf -- \"$0\" 2> /dev/null || [ $((tries += 1)) -gt 60 ]; do sleep 1; done";

/// The folder, and the process that removes it.
pub(super) struct Temporary {
    path: PathBuf,
    keeper: Child,
}

impl Temporary {
    /// Makes a new folder in `parent`.
    pub(super) fn make(parent: &Path) -> Result<Self, String> {
        let path = parent.join(format!("bench-stream-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|error| format!("cannot make {}: {error}", path.display()))?;
        let keeper = Command::new("sh").args(["-c", KEEPER]).arg(&path).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        match keeper {
            Ok(keeper) => Ok(Self { path, keeper }),
            Err(error) => {
                // It is empty still.
                let _ = std::fs::remove_dir(&path);
                Err(format!("sh cannot be started: {error}"))
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        // In case somebody ended the keeper; it is gone otherwise.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_gone_with_its_content() {
        let temporary = Temporary::make(&std::env::temp_dir()).unwrap();
        let path = temporary.path().to_owned();
        std::fs::write(path.join("large"), "content").unwrap();
        drop(temporary);
        assert!(!path.exists());
    }
}
