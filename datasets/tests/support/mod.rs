//! What tests of folders share.

use std::path::Path;

use bench_datasets::{Dataset, DatasetError, DatasetRef};

/// Opens a dataset's folder.
pub fn open(folder: &Path) -> Result<Dataset, DatasetError> {
    Dataset::open(&DatasetRef::whole(folder.to_str().unwrap()), &[])
}

/// Refused with one sentence that has all of `parts`.
#[track_caller]
pub fn refused(result: Result<Dataset, DatasetError>, parts: &[&str]) {
    let message = result.expect_err("it was accepted").to_string();
    assert!(!message.contains('\n'), "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}
