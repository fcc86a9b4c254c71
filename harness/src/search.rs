//! Where datasets are looked for, and opening one by the name that a user typed.

use std::path::{Path, PathBuf};

use bench_datasets::{Dataset, DatasetRef};

use crate::{exit::Failure, names};

/// The folders searched: those given, then the embedded ones, then those installed beside the program.
pub fn folders(given: &[PathBuf]) -> Vec<PathBuf> {
    let installed = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("../share/bench/datasets")));
    let installed = installed.filter(|folder| folder.to_str().is_some());
    given.iter().cloned().chain([bench_datasets::embedded_directory()]).chain(installed).filter(|folder| folder.is_dir()).collect()
}

/// Refuses a folder that is not there. Only of those that a user names now: a run folder may remember one of another machine.
///
/// # Errors
/// The first that is not there.
pub fn refuse_missing(given: &[PathBuf]) -> anyhow::Result<()> {
    let missing = given.iter().find(|folder| !folder.is_dir());
    missing.map_or(Ok(()), |folder| Err(Failure::usage(format!("data: there is no folder {}, in which to look for datasets", folder.display()))))
}

/// What is odd about a dataset that can be used all the same: one sentence, or nothing.
pub fn warning(dataset: &Dataset) -> Option<String> {
    let absent = dataset.classes_without_training();
    let (noun, names) = (if absent.len() == 1 { "class" } else { "classes" }, absent.iter().map(|class| format!("`{class}`")).collect::<Vec<_>>());
    let reference = dataset.reference();
    (!absent.is_empty()).then(|| format!("dataset {reference}: no training sample is of {noun} {}, which no method can learn", names.join(", ")))
}

/// Opens a dataset.
///
/// # Errors
/// An unknown name (with what there is), or what is wrong with its files.
pub fn open(reference: &DatasetRef, folders: &[PathBuf]) -> anyhow::Result<Dataset> {
    // They are sent to the worker as JSON.
    if let Some(folder) = folders.iter().find(|folder| folder.to_str().is_none()) {
        return Err(Failure::usage(format!("the name of the folder of datasets {} is not UTF-8; rename it", folder.display())));
    }
    refuse_unknown(reference, folders)?;
    Ok(Dataset::open(reference, folders)?)
}

/// Refuses a name that no dataset has.
///
/// # Errors
/// An unknown name, with what there is.
pub fn refuse_unknown(reference: &DatasetRef, folders: &[PathBuf]) -> anyhow::Result<()> {
    if !reference.is_path() {
        let known = Dataset::available(folders)?;
        if !known.contains(&reference.name) {
            if Path::new(&reference.name).is_dir() {
                return Err(Failure::usage(format!("there is no dataset `{0}`; for the folder of that name write `./{0}`", reference.name)));
            }
            return Err(names::unknown("dataset", &reference.name, known.iter().map(String::as_str)));
        }
    }
    Ok(())
}
