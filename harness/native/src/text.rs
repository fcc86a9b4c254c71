//! Texts that the shim hands over.

use std::ffi::{CStr, c_char};

unsafe extern "C" {
    fn bench_native_free(text: *mut c_char);
}

/// Takes over a text of the shim and frees it; null is `None`.
///
/// # Safety
/// `text` is null or a null-terminated text from the shim, and is not used afterwards.
pub(crate) unsafe fn take(text: *mut c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null, so a text of the shim by the caller's promise; freed once, after the copy.
    unsafe {
        let copy = CStr::from_ptr(text).to_string_lossy().into_owned();
        bench_native_free(text);
        Some(copy)
    }
}

/// libtorch appends a C++ stack trace to its messages.
pub(crate) fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// Panics with libtorch's message, as tch does: what a caller of the shim does on an error that nobody can handle.
pub(crate) fn check(error: *mut c_char) {
    // SAFETY: every caller passes what the shim has just returned: null or a text.
    if let Some(error) = unsafe { take(error) } {
        panic!("libtorch: {}", first_line(&error));
    }
}
