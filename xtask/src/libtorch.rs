//! Whether a folder is a libtorch that the workspace can be built on.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release that the bindings (tch 0.24) are generated for; its patch releases have the same interface.
pub(crate) const VERSION: &str = "2.11.0";
const RELEASE: (u32, u32) = (2, 11);

/// A usable libtorch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Libtorch {
    pub folder: PathBuf,
    /// As the folder tells it, e.g. `2.11.0+cu130`.
    pub version: String,
}

/// Why a folder is no usable libtorch; reads after the folder's name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Missing,
    Incomplete { file: &'static str },
    Version { found: String },
    Unloadable { library: &'static str, missing: Vec<String> },
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(formatter, "does not exist"),
            Self::Incomplete { file } => write!(formatter, "has no {file}"),
            Self::Version { found } => write!(formatter, "is libtorch {found} (needed: {VERSION})"),
            Self::Unloadable { library, missing } => write!(formatter, "has a {library} that cannot be loaded: {} not found", missing.join(", ")),
        }
    }
}

const CPU_LIBRARY: &str = "lib/libtorch_cpu.so";
const CUDA_LIBRARY: &str = "lib/libtorch_cuda.so";

/// Looks at the version, the headers and the libraries of `folder`, and whether those can be loaded.
pub(crate) fn inspect(folder: &Path, cuda: bool) -> Result<Libtorch, Problem> {
    if !folder.is_dir() {
        return Err(Problem::Missing);
    }
    let version = version(folder).ok_or(Problem::Incomplete { file: "version.py or build-version" })?;
    if release(&version) != Some(RELEASE) {
        return Err(Problem::Version { found: version });
    }
    let mut files = vec![CPU_LIBRARY, "lib/libc10.so", "include/ATen/Context.h", "include/torch/csrc/api/include/torch/torch.h"];
    let mut libraries = vec![CPU_LIBRARY];
    if cuda {
        files.push(CUDA_LIBRARY);
        libraries.push(CUDA_LIBRARY);
    }
    if let Some(file) = files.into_iter().find(|file| !folder.join(file).is_file()) {
        return Err(Problem::Incomplete { file });
    }
    for library in libraries {
        let missing = missing_libraries(&folder.join(library));
        if !missing.is_empty() {
            return Err(Problem::Unloadable { library, missing });
        }
    }
    Ok(Libtorch { folder: folder.to_path_buf(), version })
}

/// `build-version` in a libtorch archive, `version.py` in the Python package.
fn version(folder: &Path) -> Option<String> {
    let from_archive = std::fs::read_to_string(folder.join("build-version")).ok().map(|text| text.trim().to_owned());
    from_archive.or_else(|| version_in(&std::fs::read_to_string(folder.join("version.py")).ok()?))
}

/// The value of `__version__ = '…'`.
fn version_in(module: &str) -> Option<String> {
    let value = module.lines().find_map(|line| line.strip_prefix("__version__")?.trim_start().strip_prefix('='))?;
    let version = value.trim().trim_matches(['\'', '"']);
    (!version.is_empty()).then(|| version.to_owned())
}

/// Major and minor of `2.11.0+cu130`.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', '+']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What the loader would miss; nothing where `ldd` is missing itself (the build then tells).
fn missing_libraries(library: &Path) -> Vec<String> {
    match Command::new("ldd").arg(library).output() {
        Ok(output) => not_found_in(&String::from_utf8_lossy(&output.stdout)),
        Err(_) => Vec::new(),
    }
}

/// The names in `name => not found` lines, without those that come with the GPU driver: a machine without a GPU may build.
fn not_found_in(listing: &str) -> Vec<String> {
    let names = listing.lines().filter_map(|line| line.trim().strip_suffix("=> not found").map(|name| name.trim().to_owned()));
    names.filter(|name| !name.starts_with("libcuda.so") && !name.starts_with("libnvidia-ml.so")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_read_from_the_python_package() {
        let module = "from typing import Optional\n\n__all__ = ['__version__']\n__version__ = '2.11.0+cu130'\ncuda: Optional[str] = '13.0'\n";
        assert_eq!(version_in(module), Some("2.11.0+cu130".to_owned()));
        assert_eq!(version_in("debug = False\n"), None);
    }

    #[test]
    fn only_the_release_2_11_fits() {
        assert_eq!(release("2.11.0+cu130"), Some(RELEASE));
        assert_eq!(release("2.11.0"), Some(RELEASE));
        assert_ne!(release("2.1.1"), Some(RELEASE));
        assert_ne!(release("2.12.0.dev20260401"), Some(RELEASE));
        assert_eq!(release("main"), None);
    }

    #[test]
    fn missing_libraries_are_listed_without_those_of_the_driver() {
        let listing = "\tlibc10.so => /x/lib/libc10.so (0x00007f)\n\tlibcublas.so.13 => not found\n\tlibcuda.so.1 => not found\n";
        assert_eq!(not_found_in(listing), ["libcublas.so.13"]);
    }

    #[test]
    fn a_folder_says_what_it_lacks() {
        let folder = std::env::temp_dir().join(format!("xtask-libtorch-{}", std::process::id()));
        assert_eq!(inspect(&folder, false), Err(Problem::Missing));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(inspect(&folder, false), Err(Problem::Incomplete { file: "version.py or build-version" }));
        std::fs::write(folder.join("build-version"), "2.9.1+cpu\n").unwrap();
        assert_eq!(inspect(&folder, false), Err(Problem::Version { found: "2.9.1+cpu".to_owned() }));
        std::fs::write(folder.join("build-version"), "2.11.0+cpu\n").unwrap();
        assert_eq!(inspect(&folder, false), Err(Problem::Incomplete { file: CPU_LIBRARY }));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
