/*!
A dataset whose features a frozen extractor made of another dataset's raw inputs: the other's files, the features, the extractor.

The features' tensor file is written into the folder by whoever ran the extractor. This adds everything else, `dataset.toml` last.
*/

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{
    Dataset, DatasetError, DatasetRef,
    error::invalid,
    files,
    keyed::hex,
    manifest::{KindEntry, MANIFEST, Manifest, ModalityEntry},
    raw::RawEntry,
};

/// The features of one modality, already written into the new folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// The modality.
    pub modality: String,
    /// `[dim]` for one vector a sample, `[steps, dim]` for a sequence.
    pub shape: Vec<usize>,
    /// Whether [`Features::lengths`] is in the file: valid steps of each sample.
    pub ragged: bool,
    /// The TorchScript module that made them.
    pub module: PathBuf,
    /// The tokenizer of a text.
    pub tokenizer: Option<PathBuf>,
}

impl Features {
    /// Name of the tensor file in the new folder.
    pub fn file(modality: &str) -> String {
        format!("{modality}.features.safetensors")
    }

    /// Name of the tensor `[N, ..shape]`, f32.
    pub fn tensor(modality: &str) -> String {
        format!("{modality}.features")
    }

    /// Name of the tensor `[N]` of valid steps, i64.
    pub fn lengths(modality: &str) -> String {
        format!("{modality}.features.lengths")
    }
}

/// Completes the folder `root`, which holds the features' tensor files, as the dataset `name`, and opens it. Files of `source` are linked, or copied
/// where they lie on another file system.
///
/// # Errors
/// A modality that has features of an extractor already, names that collide, or the file system's refusal.
pub fn derive(source: &Dataset, name: &str, root: &Path, features: &[Features]) -> Result<Dataset, DatasetError> {
    let mut manifest = Manifest::read(source.folder())?;
    let from = source.folder().join(MANIFEST);
    for file in manifest.files.keys() {
        place(&source.folder().join(file), &root.join(file))?;
    }
    for features in features {
        let Some(entry) = manifest.modalities.iter_mut().find(|entry| entry.name == features.modality) else {
            return Err(invalid(&from, "modalities", format!("no `{}`", features.modality), "the modality that was extracted", "name another"));
        };
        if entry.raw.is_some() {
            let remedy = "extract from the dataset that they were made of";
            return Err(invalid(&from, format!("modality `{}`", entry.name), "features of an extractor", "raw input", remedy));
        }
        let (module, tokenizer) = (format!("{}.extractor.pt", entry.name), format!("{}.tokenizer.json", entry.name));
        let mut new = vec![(Features::file(&entry.name), None), (module.clone(), Some(&features.module))];
        new.extend(features.tokenizer.as_ref().map(|file| (tokenizer.clone(), Some(file))));
        for (file, copied) in new {
            if let Some(copied) = copied {
                fs::copy(copied, root.join(&file)).map_err(|source| DatasetError::Io { action: "copy", file: copied.clone(), source })?;
            }
            let sum = sum(&root.join(&file))?;
            if manifest.files.insert(file.clone(), sum).is_some() {
                return Err(invalid(&from, "files", format!("`{file}`"), "no file of this name, which the features take", "rename it"));
            }
        }
        *entry = with_features(entry, features, module, tokenizer);
    }
    manifest.derived_from = Some(source.base_hash().to_owned());
    manifest.name = name.to_owned();
    let file = root.join(MANIFEST);
    let text = toml::to_string(&manifest).map_err(|error| invalid(&file, "content", error, "values that TOML can hold", "correct the manifest"))?;
    fs::write(&file, text).map_err(|source| DatasetError::Io { action: "write", file: file.clone(), source })?;
    Dataset::open(&DatasetRef::in_folder(root), &[])
}

/// A modality's entry with its features in the place of its raw input.
fn with_features(entry: &ModalityEntry, features: &Features, module: String, tokenizer: String) -> ModalityEntry {
    let raw = RawEntry {
        kind: entry.kind,
        shape: entry.shape.clone(),
        tensor: entry.tensor.clone(),
        dtype: entry.dtype.clone(),
        scale: entry.scale,
        offset: entry.offset,
        lengths: entry.lengths.clone(),
        vocabulary: entry.vocabulary.clone(),
        extractor: module,
        tokenizer: features.tokenizer.is_some().then_some(tokenizer),
    };
    ModalityEntry {
        name: entry.name.clone(),
        kind: if features.shape.len() == 1 { KindEntry::Vector } else { KindEntry::Sequence },
        shape: features.shape.clone(),
        tensor: Features::tensor(&entry.name),
        dtype: "f32".into(),
        lengths: features.ragged.then(|| Features::lengths(&entry.name)),
        raw: Some(raw),
        ..ModalityEntry::default()
    }
}

/// SHA-256 of a file.
///
/// # Errors
/// A file that cannot be read.
pub fn sum(file: &Path) -> Result<String, DatasetError> {
    Ok(hex(&Sha256::digest(&*files::map(file)?)))
}

/// The same file in another folder: a link, which takes no room, or a copy.
fn place(from: &Path, to: &Path) -> Result<(), DatasetError> {
    // A symbolic link is followed first: a hard link to it would point from the wrong folder.
    let linked = fs::canonicalize(from).and_then(|from| fs::hard_link(from, to));
    let placed = linked.or_else(|_| fs::copy(from, to).map(|_| ()));
    placed.map_err(|source| DatasetError::Io { action: "copy", file: from.to_owned(), source })
}
