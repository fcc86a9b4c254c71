//! Where things lie in the repository.

use std::path::{Path, PathBuf};

/// The repository and the files that set-up makes in it; git ignores all of them.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub root: PathBuf,
}

impl Place {
    /// The workspace that this executable was started for.
    pub(crate) fn of_this_workspace() -> Result<Self, String> {
        // Cargo sets it at run time too; the compiled-in one would be wrong after the repository was moved.
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().filter(|root| root.join("xtask/Cargo.toml").is_file());
        let root = root.ok_or_else(|| format!("{} is not in the repository: start it as `cargo xtask`", package.display()))?;
        Ok(Self { root: root.to_path_buf() })
    }

    /// The libtorch that plain `cargo build` uses (`.cargo/config.toml`): a link, or a folder that the user put there.
    pub(crate) fn link(&self) -> PathBuf {
        self.root.join(".libtorch")
    }

    /// The virtual environment that set-up makes.
    pub(crate) fn environment(&self) -> PathBuf {
        self.root.join(".libtorch-venv")
    }

    /// Held while setting up, so that two commands started at once do not install over each other.
    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join(".libtorch.lock")
    }

    /// `path` as people read it: relative to the repository where it lies in it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
