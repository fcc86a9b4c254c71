/*!
Writing a dataset's folder: what an importer calls, and the tests.

Files are written first and `dataset.toml`, with their checksums, last; then the folder is opened again, so that what was written is known to be
readable.
*/

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use safetensors::{Dtype, tensor::TensorView};
use sha2::{Digest, Sha256};

pub use crate::manifest::{FORMAT, GroupsEntry, KindEntry, MANIFEST, Manifest, ModalityEntry, TaskEntry};
pub use crate::raw::RawEntry;
use crate::{Dataset, DatasetError, DatasetRef, error::invalid, keyed::hex};

/// Name of the file that tensors outside shards are written to.
pub const TENSORS: &str = "data.safetensors";

/// A tensor to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// `[N, ...]`.
    pub shape: Vec<usize>,
    /// Values, row-major.
    pub values: Values,
}

/// The storage types of the format.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Bytes.
    U8(Vec<u8>),
    /// Whole numbers.
    U16(Vec<u16>),
    /// Whole numbers.
    U32(Vec<u32>),
    /// Whole numbers.
    I32(Vec<i32>),
    /// Real numbers.
    F32(Vec<f32>),
}

/// All that a dataset's folder holds.
#[derive(Debug, Clone)]
pub struct Content {
    /// The manifest; its `shards` and `files` are filled in by [`write()`] and [`Writer`].
    pub manifest: Manifest,
    /// Tensors by name.
    pub tensors: BTreeMap<String, Array>,
    /// Lists by file name: ids, vocabularies, groups' names.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Other text files by name: licences, provenance.
    pub texts: BTreeMap<String, String>,
}

/// Writes the folder `root` (made if it is missing) and opens it again.
pub fn write(root: &Path, content: &Content) -> Result<Dataset, DatasetError> {
    Writer::new(root)?.finish(content)
}

/// Writes a dataset's folder shard by shard, so that one shard is in memory at a time.
#[derive(Debug)]
pub struct Writer {
    root: PathBuf,
    shards: Vec<String>,
    files: BTreeMap<String, String>,
}

impl Writer {
    /// Makes the folder `root` if it is missing.
    pub fn new(root: &Path) -> Result<Self, DatasetError> {
        fs::create_dir_all(root).map_err(|source| DatasetError::Io { action: "make", file: root.to_owned(), source })?;
        Ok(Self { root: root.to_owned(), shards: Vec::new(), files: BTreeMap::new() })
    }

    /// Writes the next shard: tensors by name, whose rows continue those of the shards before.
    pub fn shard(&mut self, tensors: &BTreeMap<String, Array>) -> Result<(), DatasetError> {
        let name = format!("shard-{:05}.safetensors", self.shards.len());
        self.put(&name, &self::tensors(&self.root.join(&name), tensors)?)?;
        self.shards.push(name);
        Ok(())
    }

    /// Writes everything else and opens the folder again. `content` has the tensors that lie in no shard.
    pub fn finish(mut self, content: &Content) -> Result<Dataset, DatasetError> {
        for (name, lines) in &content.lists {
            if let Some(line) = lines.iter().find(|line| line.contains(['\n', '\r'])) {
                return Err(invalid(&self.root.join(name), "lines", format!("`{line}`"), "text without line breaks", "replace them"));
            }
            self.put(name, lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().as_bytes())?;
        }
        for (name, text) in &content.texts {
            self.put(name, text.as_bytes())?;
        }
        if self.shards.is_empty() || !content.tensors.is_empty() {
            self.put(TENSORS, &tensors(&self.root.join(TENSORS), &content.tensors)?)?;
        }
        let file = self.root.join(MANIFEST);
        let manifest = Manifest { shards: self.shards, files: self.files, ..content.manifest.clone() };
        let text =
            toml::to_string(&manifest).map_err(|error| invalid(&file, "content", error, "values that TOML can hold", "correct the manifest"))?;
        save(&file, text.as_bytes())?;
        Dataset::open(&DatasetRef::in_folder(&self.root), &[])
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), DatasetError> {
        crate::files::check_plain(&self.root.join(MANIFEST), "files", name)?;
        self.files.insert(name.to_owned(), hex(&Sha256::digest(bytes)));
        save(&self.root.join(name), bytes)
    }
}

fn tensors(file: &Path, tensors: &BTreeMap<String, Array>) -> Result<Vec<u8>, DatasetError> {
    let bytes: Vec<(&String, Dtype, &[usize], Vec<u8>)> =
        tensors.iter().map(|(name, array)| (name, array.values.dtype(), &*array.shape, array.values.bytes())).collect();
    let mut views = Vec::with_capacity(bytes.len());
    for (name, dtype, shape, bytes) in &bytes {
        let view = TensorView::new(*dtype, shape.to_vec(), bytes);
        views.push((
            *name,
            view.map_err(|error| invalid(file, format!("tensor `{name}`"), error, "as many values as the shape says", "correct the shape"))?,
        ));
    }
    safetensors::serialize(views, None).map_err(|error| invalid(file, "tensors", error, "what safetensors can hold", "correct the tensors"))
}

impl Values {
    fn dtype(&self) -> Dtype {
        match self {
            Self::U8(_) => Dtype::U8,
            Self::U16(_) => Dtype::U16,
            Self::U32(_) => Dtype::U32,
            Self::I32(_) => Dtype::I32,
            Self::F32(_) => Dtype::F32,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::U8(values) => values.clone(),
            Self::U16(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::U32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::I32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::F32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }
}

fn save(file: &Path, bytes: &[u8]) -> Result<(), DatasetError> {
    fs::write(file, bytes).map_err(|source| DatasetError::Io { action: "write", file: file.to_owned(), source })
}
