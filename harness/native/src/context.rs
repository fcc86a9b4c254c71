//! Process-wide switches and facts of libtorch.

use std::ffi::{CStr, c_char, c_int};

use crate::text::{first_line, take};

unsafe extern "C" {
    fn bench_native_header_version() -> *const c_char;
    fn bench_native_build_settings() -> *mut c_char;
    fn bench_native_cpu_capability() -> *mut c_char;
    fn bench_native_set_intra_op_threads(threads: c_int) -> *mut c_char;
    fn bench_native_set_cudnn_enabled(enabled: bool) -> *mut c_char;
    fn bench_native_make_cuda_deterministic() -> *mut c_char;
    fn bench_native_cuda_unusable() -> *mut c_char;
}

/// The version of the libtorch that is loaded, e.g. `2.11.0`; of its headers, if the library does not tell.
pub fn libtorch_version() -> String {
    // SAFETY: the shim returns null or a text that `take` frees, and the header version is a static string.
    let (settings, headers) = unsafe { (take(bench_native_build_settings()), CStr::from_ptr(bench_native_header_version())) };
    settings.as_deref().and_then(version_in).unwrap_or_else(|| headers.to_string_lossy().into_owned())
}

/// The vector instructions that libtorch's CPU kernels use here: `DEFAULT`, `AVX2`, `AVX512`, … Trained bits depend on it.
pub fn cpu_capability() -> String {
    // SAFETY: the shim returns null or a text that `take` frees.
    unsafe { take(bench_native_cpu_capability()) }.unwrap_or_else(|| "unknown".to_owned())
}

/// Ends the process at once, without destructors. The usual exit would take libtorch's tables away while another thread still computes with them, which then fails in
/// any way it likes.
pub fn leave() -> ! {
    unsafe extern "C" {
        fn _exit(status: c_int) -> !;
    }
    // SAFETY: takes a number and does not return; nothing is run that could see half-destroyed state.
    unsafe { _exit(0) }
}

/// Sets how many threads one operation may use (at least 1). Results depend on it, so workers use exactly one.
pub fn set_intra_op_threads(threads: usize) {
    let threads = c_int::try_from(threads.max(1)).unwrap_or(c_int::MAX);
    // SAFETY: a plain value goes in; what comes back is null or a text that `take` frees.
    let error = unsafe { take(bench_native_set_intra_op_threads(threads)) };
    debug_assert_eq!(error, None, "libtorch accepts every positive thread count");
}

/// Switches cuDNN on or off. Gradients through a cuDNN LSTM need training mode, so attacks in evaluation mode switch it off.
pub fn set_cudnn_enabled(enabled: bool) {
    // SAFETY: a plain value goes in; what comes back is null or a text that `take` frees.
    let error = unsafe { take(bench_native_set_cudnn_enabled(enabled)) };
    debug_assert_eq!(error, None, "libtorch only stores this flag");
}

/// Makes CUDA results repeatable: deterministic algorithms only, no cuDNN benchmarking, TF32 off in cuBLAS and cuDNN.
///
/// # Errors
/// When `CUBLAS_WORKSPACE_CONFIG` is not `:4096:8` or `:16:8` (cuBLAS reads it once, so it must be set before the process starts), or
/// when libtorch refuses a switch.
pub fn make_cuda_deterministic() -> Result<(), String> {
    check_cublas_workspace(std::env::var("CUBLAS_WORKSPACE_CONFIG").ok().as_deref())?;
    // SAFETY: what comes back is null or a text that `take` frees.
    match unsafe { take(bench_native_make_cuda_deterministic()) } {
        None => Ok(()),
        Some(error) => Err(format!("libtorch cannot be made deterministic: {}", first_line(&error))),
    }
}

/// Whether libtorch sees a CUDA device. Only to be asked once libtorch_cuda.so is loaded: libtorch remembers the first answer.
pub(crate) fn check_cuda_usable() -> Result<(), String> {
    // SAFETY: what comes back is null or a text that `take` frees.
    match unsafe { take(bench_native_cuda_unusable()) } {
        None => Ok(()),
        Some(error) => Err(first_line(&error).to_owned()),
    }
}

fn check_cublas_workspace(setting: Option<&str>) -> Result<(), String> {
    let found = match setting {
        Some(":4096:8" | ":16:8") => return Ok(()),
        Some(other) => format!("is `{other}`"),
        None => "is not set".to_owned(),
    };
    Err(format!("CUBLAS_WORKSPACE_CONFIG {found}, but repeatable CUDA results need `:4096:8` or `:16:8`: export CUBLAS_WORKSPACE_CONFIG=:4096:8"))
}

/// `TORCH_VERSION=…` of libtorch's build settings.
fn version_in(settings: &str) -> Option<String> {
    let (_, rest) = settings.split_once("TORCH_VERSION=")?;
    let version: String = rest.chars().take_while(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '+')).collect();
    (!version.is_empty()).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loaded_library_tells_its_version() {
        assert!(libtorch_version().starts_with("2.11."), "{}", libtorch_version());
    }

    #[test]
    fn version_is_read_from_build_settings() {
        assert_eq!(version_in("Build settings: A=1, TORCH_VERSION=2.11.0, USE_CUDA=1"), Some("2.11.0".to_owned()));
        assert_eq!(version_in("Build settings: A=1"), None);
    }

    #[test]
    fn cpu_capability_is_a_known_word() {
        let capability = cpu_capability();
        assert!(["DEFAULT", "NO AVX", "AVX2", "AVX512", "SVE128", "SVE256"].contains(&capability.as_str()), "{capability}");
    }

    #[test]
    fn thread_count_arrives_and_zero_means_one() {
        // SAFETY: reads a number.
        let threads = || unsafe { torch_sys::at_get_num_threads() };
        set_intra_op_threads(2);
        assert_eq!(threads(), 2);
        set_intra_op_threads(0);
        assert_eq!(threads(), 1);
    }

    #[test]
    fn cublas_workspace_must_be_a_repeatable_one() {
        assert_eq!(check_cublas_workspace(Some(":4096:8")), Ok(()));
        assert!(check_cublas_workspace(None).unwrap_err().contains("is not set"));
        assert!(check_cublas_workspace(Some(":8:8")).unwrap_err().contains("`:8:8`"));
    }
}
