//! Where datasets are looked for, and opening one by the name that a user typed.

use std::path::PathBuf;

use bench_datasets::{Dataset, DatasetRef};

use crate::names;

/// The folders searched: those given, then the embedded ones, then those installed beside the program.
pub fn folders(given: &[PathBuf]) -> Vec<PathBuf> {
    let installed = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("../share/bench/datasets")));
    given.iter().cloned().chain([bench_datasets::embedded_directory()]).chain(installed).filter(|folder| folder.is_dir()).collect()
}

/// Opens a dataset.
///
/// # Errors
/// An unknown name (with what there is), or what is wrong with its files.
pub fn open(reference: &DatasetRef, folders: &[PathBuf]) -> anyhow::Result<Dataset> {
    if !reference.is_path() {
        let known = Dataset::available(folders)?;
        if !known.contains(&reference.name) {
            return Err(names::unknown("dataset", &reference.name, known.iter().map(String::as_str)));
        }
    }
    Ok(Dataset::open(reference, folders)?)
}
