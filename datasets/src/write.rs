/*!
Writing a dataset's folder: what an importer calls, and the tests.

Files are written first and `dataset.toml`, with their checksums, last; then the folder is opened again, so that what was written is known to be
readable.
*/

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use safetensors::{
    Dtype,
    tensor::{Metadata, TensorInfo},
};
use sha2::{Digest, Sha256};

pub use crate::manifest::{FORMAT, FoldsEntry, GroupsEntry, KindEntry, MANIFEST, Manifest, ModalityEntry, TaskEntry};
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
        self.put_tensors(&name, tensors)?;
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
            self.put_tensors(TENSORS, &content.tensors)?;
        }
        let file = self.root.join(MANIFEST);
        let manifest = Manifest { shards: self.shards, files: self.files, ..content.manifest.clone() };
        let text =
            toml::to_string(&manifest).map_err(|error| invalid(&file, "content", error, "values that TOML can hold", "correct the manifest"))?;
        save(&file, text.as_bytes())?;
        Dataset::open(&DatasetRef::in_folder(&self.root), &[])
    }

    fn put_tensors(&mut self, name: &str, tensors: &BTreeMap<String, Array>) -> Result<(), DatasetError> {
        let sum = save_tensors(&self.root.join(name), tensors)?;
        self.files.insert(name.to_owned(), sum);
        Ok(())
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), DatasetError> {
        crate::files::check_plain(&self.root.join(MANIFEST), "files", name)?;
        self.files.insert(name.to_owned(), hex(&Sha256::digest(bytes)));
        save(&self.root.join(name), bytes)
    }
}

/// Writes tensors in the bytes of `safetensors::serialize`, a few at a time: beside the values themselves next to nothing is in memory. Gives the SHA-256.
fn save_tensors(file: &Path, tensors: &BTreeMap<String, Array>) -> Result<String, DatasetError> {
    let cannot = |error: &dyn std::fmt::Display| invalid(file, "tensors", error, "what safetensors can hold", "correct the tensors");
    let mut ordered: Vec<(&String, &Array)> = tensors.iter().collect();
    // Wide types first, so that every tensor is aligned; names are sorted already.
    ordered.sort_by_key(|(_, array)| std::cmp::Reverse(array.values.dtype()));
    let (mut described, mut offset) = (Vec::with_capacity(ordered.len()), 0_usize);
    for (name, array) in &ordered {
        let count = array.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        if count != Some(array.values.len()) {
            let expected = format!("as many values as {:?} says", array.shape);
            return Err(invalid(file, format!("tensor `{name}`"), array.values.len(), expected, "correct the shape"));
        }
        let end = offset + array.values.len() * array.values.dtype().bitsize() / 8;
        described.push(((*name).clone(), TensorInfo { dtype: array.values.dtype(), shape: array.shape.clone(), data_offsets: (offset, end) }));
        offset = end;
    }
    let metadata = Metadata::new(None, described).map_err(|error| cannot(&error))?;
    let mut header = serde_json::to_vec(&metadata).map_err(|error| cannot(&error))?;
    header.resize(header.len().next_multiple_of(8), b' ');
    let failed = |source| DatasetError::Io { action: "write", file: file.to_owned(), source };
    let mut out = Summed { inner: File::create(file).map_err(failed)?, sum: Sha256::new() };
    let mut write = || -> io::Result<()> {
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        ordered.iter().try_for_each(|(_, array)| array.values.write(&mut out))
    };
    write().map_err(failed)?;
    Ok(hex(&out.sum.finalize()))
}

/// A file with the checksum of what was written to it.
struct Summed {
    inner: File,
    sum: Sha256,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Values that are turned into bytes at once.
const BLOCK: usize = 1 << 16;

fn write_blocks<T: Copy, const N: usize>(values: &[T], out: &mut impl Write, bytes: impl Fn(T) -> [u8; N]) -> io::Result<()> {
    let mut block = Vec::with_capacity(values.len().min(BLOCK) * N);
    for values in values.chunks(BLOCK) {
        block.clear();
        values.iter().for_each(|&value| block.extend(bytes(value)));
        out.write_all(&block)?;
    }
    Ok(())
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

    fn len(&self) -> usize {
        match self {
            Self::U8(values) => values.len(),
            Self::U16(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::U8(values) => out.write_all(values),
            Self::U16(values) => write_blocks(values, out, u16::to_le_bytes),
            Self::U32(values) => write_blocks(values, out, u32::to_le_bytes),
            Self::I32(values) => write_blocks(values, out, i32::to_le_bytes),
            Self::F32(values) => write_blocks(values, out, f32::to_le_bytes),
        }
    }
}

fn save(file: &Path, bytes: &[u8]) -> Result<(), DatasetError> {
    fs::write(file, bytes).map_err(|source| DatasetError::Io { action: "write", file: file.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use safetensors::tensor::TensorView;

    use super::*;

    #[test]
    fn the_bytes_are_those_of_safetensors() {
        let array = |shape: &[usize], values| Array { shape: shape.to_vec(), values };
        let tensors: BTreeMap<String, Array> = [
            ("z", array(&[2, 3], Values::F32(vec![1.0, -2.5, 3.0, 0.0, f32::MAX, 6.0]))),
            ("a\"b", array(&[5], Values::U8(vec![1, 2, 3, 4, 255]))),
            ("m", array(&[2], Values::U16(vec![1, 65_535]))),
            ("n", array(&[0, 4], Values::U32(vec![]))),
            ("i", array(&[1], Values::I32(vec![-7]))),
        ]
        .map(|(name, array)| (name.to_owned(), array))
        .into();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.safetensors");
        let sum = save_tensors(&file, &tensors).unwrap();
        let bytes: BTreeMap<&String, Vec<u8>> = tensors
            .iter()
            .map(|(name, array)| {
                let mut bytes = Vec::new();
                array.values.write(&mut bytes).unwrap();
                (name, bytes)
            })
            .collect();
        let views = tensors.iter().map(|(name, array)| (name, TensorView::new(array.values.dtype(), array.shape.clone(), &bytes[name]).unwrap()));
        let expected = safetensors::serialize(views, None).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), expected);
        assert_eq!(sum, hex(&Sha256::digest(&expected)));
    }

    #[test]
    fn values_that_do_not_fill_their_shape_are_refused() {
        let tensors = [("a".to_owned(), Array { shape: vec![2, 2], values: Values::U8(vec![1; 3]) })].into();
        let folder = tempfile::tempdir().unwrap();
        let error = save_tensors(&folder.path().join("a.safetensors"), &tensors).unwrap_err().to_string();
        assert!(error.contains("tensor `a`: found 3, expected as many values as [2, 2] says"), "{error}");
    }
}
