//! Loading `libtorch_cuda.so`: the linker drops it because no executable names its symbols, and CPU runs should not pay for it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

use crate::context::check_cuda_usable;

/// Loads libtorch's CUDA kernels into this process. Must come before anything else asks libtorch about CUDA (tch's
/// `Cuda::is_available` and `Device::cuda_if_available` too): libtorch remembers the first answer.
///
/// # Errors
/// One sentence: `libtorch_cuda.so` or a library that it needs is missing, or it is loaded but sees no device. The first answer of a process stays.
pub fn load_cuda() -> Result<(), String> {
    open_kernels()?;
    check_cuda_usable().map_err(|reason| format!("libtorch's CUDA kernels are loaded but cannot be used: {reason}; see `bench doctor`"))
}

/// Opens `libtorch_cuda.so` beside the loaded `libtorch_cpu.so`; once per process.
pub(crate) fn open_kernels() -> Result<(), String> {
    static OPENED: OnceLock<Result<(), String>> = OnceLock::new();
    OPENED.get_or_init(|| open(&libtorch_folder()?.join("libtorch_cuda.so"))).clone()
}

fn open(file: &Path) -> Result<(), String> {
    if !file.is_file() {
        return Err(format!("this libtorch is built without CUDA ({} does not exist): run `cargo xtask setup --cuda`", file.display()));
    }
    // SAFETY: loading runs libtorch's own initialisers, which register kernels and nothing else.
    match unsafe { Library::open(Some(file), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => {
            // Kernels are registered by address: unloading the library would leave them dangling.
            std::mem::forget(library);
            Ok(())
        }
        Err(error) => Err(format!(
            "{} cannot be loaded ({}): run `cargo xtask setup --cuda`, or install the library that is named",
            file.display(),
            loader_message(&error)
        )),
    }
}

/// What the dynamic loader said.
pub(crate) fn loader_message(error: &libloading::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => cause.to_string(),
        None => error.to_string(),
    }
}

/// The folder of the `libtorch_cpu.so` that this process runs on.
fn libtorch_folder() -> Result<PathBuf, String> {
    let maps = std::fs::read_to_string("/proc/self/maps").map_err(|error| format!("/proc/self/maps cannot be read to find libtorch: {error}"))?;
    folder_of(&maps, "libtorch_cpu.so").ok_or_else(|| "libtorch_cpu.so is not among the libraries of this process".to_owned())
}

/// The folder of a library named in the lines of `/proc/<pid>/maps`.
fn folder_of(maps: &str, library: &str) -> Option<PathBuf> {
    let file = maps.lines().filter_map(|line| line.find('/').map(|start| Path::new(&line[start..]))).find(|file| file.ends_with(library))?;
    file.parent().map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtorch_folder_holds_the_loaded_library() {
        assert!(libtorch_folder().unwrap().join("libtorch_cpu.so").is_file());
    }

    #[test]
    fn folder_with_spaces_is_found_in_the_memory_map() {
        let maps = "7f00-7f01 r-xp 00000000 fe:00 12   /usr/lib/libc.so.6\n7f02-7f03 r-xp 00000000 fe:00 13   /my models/lib/libtorch_cpu.so\n";
        assert_eq!(folder_of(maps, "libtorch_cpu.so"), Some(PathBuf::from("/my models/lib")));
        assert_eq!(folder_of(maps, "libtorch.so"), None);
    }

    #[test]
    fn a_libtorch_without_cuda_says_so() {
        let error = open(Path::new("/nowhere/libtorch_cuda.so")).unwrap_err();
        assert!(error.contains("built without CUDA") && error.contains("setup --cuda"), "{error}");
    }
}
