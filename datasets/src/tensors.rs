//! Tensors of memory-mapped `*.safetensors` files: found by name, decoded on demand, never trusted.

use std::{collections::BTreeMap, fmt::Display, path::PathBuf, sync::Arc};

use bench_map::Map;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use crate::{DatasetError, error::invalid, files::Folder};

/// Largest header in bytes: thousands of tensors fit, a bomb does not.
const HEADER_LIMIT: u64 = 1 << 20;

/// How files begin that people put in place of safetensors, and what to do then. Looked at only where the first eight bytes are no length of a
/// header: 640 bytes of header begin like a pickle.
const OTHERS: [(&[u8], &str, &str); 6] = [
    (b"PK\x03\x04", "a ZIP archive, as `torch.save` and `numpy.savez` write", CONVERT),
    (b"\x80\x02", "a pickle", CONVERT),
    (b"\x80\x04", "a pickle", CONVERT),
    (b"\x93NUMPY", "a NumPy array", CONVERT),
    (b"\x89HDF", "an HDF5 file", CONVERT),
    (b"version https://git-lfs", "a pointer of Git LFS, whose file was not fetched", "run `git lfs pull`"),
];

const CONVERT: &str = "save the tensors with the safetensors library";

/// A tensor inside a mapped file, little-endian and row-major.
#[derive(Clone)]
pub(crate) struct Tensor {
    map: Arc<Map>,
    start: usize,
    end: usize,
    file: PathBuf,
    name: String,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
}

/// The tensors of all `*.safetensors` files of a folder, by name.
pub(crate) struct Tensors {
    tensors: BTreeMap<String, Tensor>,
    manifest: PathBuf,
}

impl Tensors {
    /// Maps and verifies the files.
    pub(crate) fn open(folder: &Folder<'_>, manifest: PathBuf) -> Result<Self, DatasetError> {
        let mut tensors = BTreeMap::new();
        for name in folder.sums.keys().filter(|name| name.ends_with(".safetensors")) {
            let map = Arc::new(folder.bytes(name)?);
            let file = folder.path(name);
            let header = map.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
            if header.is_none_or(|length| length > HEADER_LIMIT || length > map.len() as u64 - 8) {
                if let Some((_, other, remedy)) = OTHERS.iter().find(|(start, ..)| map.starts_with(start)) {
                    return Err(invalid(&file, "format", other, "a safetensors file", *remedy));
                }
                let found = header.map_or(format!("{} bytes in all", map.len()), |length| format!("{length} bytes in a file of {}", map.len()));
                return Err(invalid(&file, "header size", found, format!("at most {HEADER_LIMIT} bytes, inside the file"), "build the file again"));
            }
            let parsed = SafeTensors::deserialize(&map).map_err(|error| {
                let found = match error {
                    SafeTensorError::MetadataIncompleteBuffer => "tensors that end before or behind the file's end".into(),
                    SafeTensorError::TensorInvalidInfo => "a tensor whose shape and type take another number of bytes than its offsets".into(),
                    other => other.to_string(),
                };
                invalid(&file, "header", found, "the header of a complete safetensors file", "build the file again")
            })?;
            for (tensor, view) in parsed.iter() {
                let start = view.data().as_ptr().addr().saturating_sub(map.as_ptr().addr());
                let entry = Tensor {
                    map: map.clone(),
                    start,
                    end: start + view.data().len(),
                    file: file.clone(),
                    name: tensor.to_owned(),
                    dtype: view.dtype(),
                    shape: view.shape().to_vec(),
                };
                if let Some(other) = tensors.insert(tensor.to_owned(), entry) {
                    let found = format!("it again; it is in {} too", other.file.display());
                    return Err(invalid(&file, format!("tensor `{tensor}`"), found, "every tensor once", "rename one"));
                }
            }
        }
        Ok(Self { tensors, manifest })
    }

    /// The tensor of that name, of one of the types, of that shape.
    pub(crate) fn get(&self, field: &str, name: &str, dtypes: &[Dtype], shape: &[usize]) -> Result<&Tensor, DatasetError> {
        let tensor = self.tensors.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.tensors.keys().map(String::as_str).collect();
            let expected = format!("one of the tensors {}", known.join(", "));
            invalid(
                &self.manifest,
                field,
                format!("`{name}`"),
                expected,
                "correct the name, or list the *.safetensors file that holds it under [files]",
            )
        })?;
        if !dtypes.contains(&tensor.dtype) {
            return Err(tensor.invalid(
                "type",
                format!("{:?}", tensor.dtype),
                format!("{dtypes:?}"),
                "store it in that type, or correct the manifest",
            ));
        }
        if tensor.shape != shape {
            return Err(tensor.invalid(
                "shape",
                format!("{:?}", tensor.shape),
                format!("{shape:?}"),
                "store it in that shape, or correct the manifest",
            ));
        }
        Ok(tensor)
    }
}

/// Types that hold whole numbers.
pub(crate) const WHOLE: [Dtype; 5] = [Dtype::U8, Dtype::U16, Dtype::U32, Dtype::I32, Dtype::I64];

impl Tensor {
    /// An error about this tensor.
    pub(crate) fn invalid(&self, what: &str, found: impl Display, expected: impl Display, remedy: &str) -> DatasetError {
        invalid(&self.file, format!("tensor `{}`: {what}", self.name), found, expected, remedy)
    }

    /// The bytes of `count` numbers from number `first` on.
    pub(crate) fn bytes(&self, first: usize, count: usize) -> &[u8] {
        let width = self.dtype.bitsize() / 8;
        &self.map[self.start..self.end][first * width..(first + count) * width]
    }

    /// Numbers of the whole tensor.
    pub(crate) fn numel(&self) -> usize {
        (self.end - self.start) * 8 / self.dtype.bitsize()
    }

    /// All numbers of a whole-number tensor, each below `bound`.
    pub(crate) fn whole(&self, bound: u32, remedy: &str) -> Result<Vec<u32>, DatasetError> {
        let mut numbers = Vec::with_capacity(self.numel());
        for (at, number) in self.wide().enumerate() {
            let fits = u32::try_from(number).ok().filter(|&number| number < bound);
            numbers.push(fits.ok_or_else(|| self.invalid(&self.place(at), number, format!("0 to {}", bound.saturating_sub(1)), remedy))?);
        }
        Ok(numbers)
    }

    /// All numbers of an f32 tensor, each finite and inside the closed range.
    pub(crate) fn check_real(&self, range: Option<(f32, f32)>, remedy: &str) -> Result<(), DatasetError> {
        let (low, high) = range.unwrap_or((f32::MIN, f32::MAX));
        match reals(self.bytes(0, self.numel())).position(|number| !(low..=high).contains(&number)) {
            None => Ok(()),
            Some(at) => {
                let found = reals(self.bytes(at, 1)).next().unwrap_or(f32::NAN);
                let expected = range.map_or("a finite number".into(), |(low, high)| format!("a number from {low} to {high}"));
                Err(self.invalid(&self.place(at), found, expected, remedy))
            }
        }
    }

    /// Where a number stands: `row 3, number 17`.
    pub(crate) fn place(&self, at: usize) -> String {
        let row = self.shape.iter().skip(1).product::<usize>().max(1);
        if row == 1 { format!("row {at}") } else { format!("row {}, number {}", at / row, at % row) }
    }

    fn wide(&self) -> Box<dyn Iterator<Item = i64> + '_> {
        let bytes = self.bytes(0, self.numel());
        match self.dtype {
            Dtype::I64 => Box::new(bytes.as_chunks::<8>().0.iter().map(|chunk| i64::from_le_bytes(*chunk))),
            _ => Box::new(whole(self.dtype, bytes)),
        }
    }
}

/// Little-endian f32 numbers.
pub(crate) fn reals(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks::<4>().0.iter().map(|chunk| f32::from_le_bytes(*chunk))
}

/// Little-endian whole numbers of up to 32 bits.
pub(crate) fn whole(dtype: Dtype, bytes: &[u8]) -> Box<dyn Iterator<Item = i64> + '_> {
    match dtype {
        Dtype::U8 => Box::new(bytes.iter().map(|&byte| i64::from(byte))),
        Dtype::U16 => Box::new(bytes.as_chunks::<2>().0.iter().map(|chunk| i64::from(u16::from_le_bytes(*chunk)))),
        Dtype::U32 => Box::new(bytes.as_chunks::<4>().0.iter().map(|chunk| i64::from(u32::from_le_bytes(*chunk)))),
        _ => Box::new(bytes.as_chunks::<4>().0.iter().map(|chunk| i64::from(i32::from_le_bytes(*chunk)))),
    }
}
