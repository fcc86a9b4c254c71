//! Looking at a whole folder: every fault, not only the first.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    Dataset, DatasetError, DatasetRef,
    files::Folder,
    manifest::{MANIFEST, Manifest},
};

/// What was found in a dataset's folder.
#[derive(Debug)]
pub struct Verified {
    /// The dataset, where nothing is wrong with it.
    pub dataset: Option<Dataset>,
    /// Files whose checksums were looked at.
    pub files: usize,
    /// Those of them that fit.
    pub fitting: usize,
    /// Bytes of those that fit.
    pub bytes: u64,
    /// What is wrong: the manifest alone, else each file that does not fit its checksum, else the first value that is none.
    pub faults: Vec<DatasetError>,
    /// Files and folders that the manifest does not list, sorted. They are no part of the dataset and nothing was looked at in them.
    pub unlisted: Vec<String>,
}

/// Verifies the checksums of all files in the folder `root`, then all values.
pub fn verify(root: &Path) -> Verified {
    let mut found = Verified { dataset: None, files: 0, fitting: 0, bytes: 0, faults: Vec::new(), unlisted: Vec::new() };
    let reference = DatasetRef::in_folder(root);
    let manifest = match Manifest::read(root) {
        Ok(manifest) => manifest,
        // Opening says it better where there is no such folder.
        Err(error) => {
            found.faults.push(Dataset::open(&reference, &[]).err().unwrap_or(error));
            return found;
        }
    };
    let folder = Folder { root, sums: &manifest.files };
    for name in manifest.files.keys() {
        found.files += 1;
        match folder.bytes(name) {
            Ok(bytes) => {
                found.fitting += 1;
                found.bytes += bytes.len() as u64;
            }
            Err(fault) => found.faults.push(fault),
        }
    }
    match unlisted(root, &manifest) {
        Ok(names) => found.unlisted = names,
        Err(fault) => found.faults.push(fault),
    }
    if found.faults.is_empty() {
        match Dataset::open(&reference, &[]) {
            Ok(dataset) => found.dataset = Some(dataset),
            Err(fault) => found.faults.push(fault),
        }
    }
    found
}

fn unlisted(root: &Path, manifest: &Manifest) -> Result<Vec<String>, DatasetError> {
    let failed = |source| DatasetError::Io { action: "list", file: root.to_owned(), source };
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if name != MANIFEST && !manifest.files.contains_key(&name) {
            names.insert(name);
        }
    }
    Ok(names.into_iter().collect())
}
