//! Tensors of memory-mapped `*.safetensors` files: found by name, decoded on demand, never trusted.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt::Display,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use bench_map::Map;
use safetensors::{Dtype, SafeTensorError, SafeTensors, tensor::TensorView};

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

/// A tensor of `[rows, ...]`, little-endian and row-major: whole in one mapped file, or in runs of rows in several shards.
#[derive(Clone)]
pub(crate) struct Tensor {
    name: String,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pieces: Vec<Piece>,
}

/// A run of rows inside a mapped file.
#[derive(Clone)]
struct Piece {
    map: Arc<Map>,
    start: usize,
    end: usize,
    file: PathBuf,
    /// Rows of the tensor in front of this run.
    first: usize,
}

/// The tensors of all `*.safetensors` files of a folder, by name.
pub(crate) struct Tensors {
    tensors: BTreeMap<String, Tensor>,
    manifest: PathBuf,
}

impl Tensors {
    /// Maps and verifies the files. A tensor lies in one of them; only `shards` may share one, and continue each other's rows in the order given.
    pub(crate) fn open(folder: &Folder<'_>, shards: &[String], manifest: PathBuf) -> Result<Self, DatasetError> {
        let mut tensors: BTreeMap<String, Tensor> = BTreeMap::new();
        let (listed, mut alone): (BTreeSet<&String>, _) = (shards.iter().collect(), BTreeSet::new());
        let others = folder.sums.keys().filter(|name| name.ends_with(".safetensors") && !listed.contains(name));
        for name in others.chain(shards) {
            let is_shard = listed.contains(name);
            let map = Arc::new(folder.bytes(name)?);
            for tensor in tensors_of(&map, &folder.path(name))? {
                if !is_shard {
                    alone.insert(tensor.name.clone());
                }
                match tensors.entry(tensor.name.clone()) {
                    Entry::Vacant(place) => drop(place.insert(tensor)),
                    Entry::Occupied(known) if is_shard && !alone.contains(&tensor.name) => known.into_mut().append(tensor)?,
                    Entry::Occupied(known) => {
                        let found = format!("it again; it is in {} too", known.get().file().display());
                        return Err(tensor.invalid("", found, "every tensor once", "rename one, or list both files under `shards`"));
                    }
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
            let found = format!("{:?}", tensor.shape);
            if tensor.pieces.len() > 1 {
                let (found, field) = (format!("{found} in {} shards together", tensor.pieces.len()), format!("tensor `{name}`: shape"));
                return Err(invalid(&self.manifest, field, found, format!("{shape:?}"), "list every shard once, with one row for each id"));
            }
            return Err(tensor.invalid("shape", found, format!("{shape:?}"), "store it in that shape, or correct the manifest"));
        }
        Ok(tensor)
    }
}

/// The tensors of one mapped file.
fn tensors_of(map: &Arc<Map>, file: &Path) -> Result<Vec<Tensor>, DatasetError> {
    let header = map.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
    if header.is_none_or(|length| length > HEADER_LIMIT || length > map.len() as u64 - 8) {
        if let Some((_, other, remedy)) = OTHERS.iter().find(|(start, ..)| map.starts_with(start)) {
            return Err(invalid(file, "format", other, "a safetensors file", *remedy));
        }
        let found = header.map_or(format!("{} bytes in all", map.len()), |length| format!("{length} bytes in a file of {}", map.len()));
        return Err(invalid(file, "header size", found, format!("at most {HEADER_LIMIT} bytes, inside the file"), "build the file again"));
    }
    let parsed = SafeTensors::deserialize(map).map_err(|error| {
        let found = match error {
            SafeTensorError::MetadataIncompleteBuffer => "tensors that end before or behind the file's end".into(),
            SafeTensorError::TensorInvalidInfo => "a tensor whose shape and type take another number of bytes than its offsets".into(),
            other => other.to_string(),
        };
        invalid(file, "header", found, "the header of a complete safetensors file", "build the file again")
    })?;
    let tensor = |(name, view): (&str, TensorView<'_>)| {
        let start = view.data().as_ptr().addr().saturating_sub(map.as_ptr().addr());
        let piece = Piece { map: map.clone(), start, end: start + view.data().len(), file: file.to_owned(), first: 0 };
        Tensor { name: name.to_owned(), dtype: view.dtype(), shape: view.shape().to_vec(), pieces: vec![piece] }
    };
    Ok(parsed.iter().map(tensor).collect())
}

/// Types that hold whole numbers.
pub(crate) const WHOLE: [Dtype; 5] = [Dtype::U8, Dtype::U16, Dtype::U32, Dtype::I32, Dtype::I64];

impl Tensor {
    /// An error about this tensor.
    pub(crate) fn invalid(&self, what: &str, found: impl Display, expected: impl Display, remedy: &str) -> DatasetError {
        let what = if what.is_empty() { String::new() } else { format!(": {what}") };
        invalid(self.file(), format!("tensor `{}`{what}", self.name), found, expected, remedy)
    }

    /// An error about number `at` of this tensor, in the file that holds it: `row 3, number 17`, rows counted over all shards.
    pub(crate) fn invalid_at(&self, at: usize, found: impl Display, expected: impl Display, remedy: &str) -> DatasetError {
        let each = self.each().max(1);
        let place = if each == 1 { format!("row {at}") } else { format!("row {}, number {}", at / each, at % each) };
        let file = self.piece(at / each).map_or_else(|| self.file(), |piece| &piece.file);
        invalid(file, format!("tensor `{}`: {place}", self.name), found, expected, remedy)
    }

    /// The file of its first rows.
    fn file(&self) -> &Path {
        self.pieces.first().map_or(Path::new(""), |piece| &piece.file)
    }

    /// Continues this tensor with the rows of another shard.
    fn append(&mut self, next: Self) -> Result<(), DatasetError> {
        let (Some((rows, row)), Some((more, next_row))) = (self.shape.split_first(), next.shape.split_first()) else {
            return Err(next.invalid("shape", format!("{:?}", next.shape), "[rows, ...] in every shard", "store a run of rows in each"));
        };
        let (first, alike) = (*rows, "store the same tensor in every shard");
        if next.dtype != self.dtype {
            return Err(next.invalid("type", format!("{:?}", next.dtype), format!("{:?}, as in {}", self.dtype, self.file().display()), alike));
        }
        if row != next_row {
            let expected = format!("[rows, ...] with rows of {row:?}, as in {}", self.file().display());
            return Err(next.invalid("shape", format!("{:?}", next.shape), expected, alike));
        }
        let Some(rows) = first.checked_add(*more) else {
            return Err(next.invalid("shape", format!("{:?}", next.shape), "a number of rows that can be counted", alike));
        };
        self.pieces.extend(next.pieces.into_iter().map(|piece| Piece { first, ..piece }));
        if let Some(size) = self.shape.first_mut() {
            *size = rows;
        }
        Ok(())
    }

    /// Numbers of one row.
    fn each(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// Bytes of one row.
    fn width(&self) -> usize {
        self.each() * self.dtype.bitsize() / 8
    }

    /// The run of rows that holds a row.
    fn piece(&self, row: usize) -> Option<&Piece> {
        self.pieces.get(self.pieces.partition_point(|piece| piece.first <= row).checked_sub(1)?)
    }

    /// Rows from `first` on that one file holds.
    pub(crate) fn together(&self, first: usize) -> usize {
        let next = self.pieces.get(self.pieces.partition_point(|piece| piece.first <= first));
        next.map_or_else(|| self.shape.first().copied().unwrap_or_default(), |piece| piece.first).saturating_sub(first)
    }

    /// Where the bytes of `count` rows from `first` on lie, or of as many of them as one file holds.
    fn place(&self, first: usize, count: usize) -> Option<(&Map, Range<usize>)> {
        let piece = self.piece(first)?;
        let start = piece.start + (first - piece.first) * self.width();
        Some((&piece.map, start..piece.end.min(start + count * self.width())))
    }

    /// The bytes of `count` rows from `first` on, or of as many of them as one file holds; none where there is no such row.
    pub(crate) fn rows(&self, first: usize, count: usize) -> &[u8] {
        self.place(first, count).and_then(|(map, range)| map.get(range)).unwrap_or_default()
    }

    /// Asks the system to load rows that are about to be read.
    pub(crate) fn will_need(&self, first: usize, count: usize) {
        if let Some((map, range)) = self.place(first, count) {
            map.will_need(range.start, range.len());
        }
    }

    /// Tells the system that rows will be read in any order.
    pub(crate) fn expect_jumps(&self) {
        self.pieces.iter().for_each(|piece| piece.map.expect_jumps());
    }

    /// The bytes of every run of rows, in their order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().filter_map(|piece| piece.map.get(piece.start..piece.end))
    }

    /// All numbers of a whole-number tensor, each below `bound`.
    pub(crate) fn whole(&self, bound: u32, remedy: &str) -> Result<Vec<u32>, DatasetError> {
        let mut numbers = Vec::with_capacity(self.runs().map(<[u8]>::len).sum::<usize>() * 8 / self.dtype.bitsize());
        for number in self.runs().flat_map(|bytes| whole(self.dtype, bytes)) {
            numbers.push(self.below(numbers.len(), number, bound, remedy)?);
        }
        Ok(numbers)
    }

    /// Number `at`, which must be from 0 to below `bound`.
    pub(crate) fn below(&self, at: usize, number: i64, bound: u32, remedy: &str) -> Result<u32, DatasetError> {
        let fits = u32::try_from(number).ok().filter(|&number| number < bound);
        fits.ok_or_else(|| self.invalid_at(at, number, format!("0 to {}", bound.saturating_sub(1)), remedy))
    }

    /// All numbers of an f32 tensor, each finite and inside the closed range.
    pub(crate) fn check_real(&self, range: Option<(f32, f32)>, remedy: &str) -> Result<(), DatasetError> {
        let (low, high) = range.unwrap_or((f32::MIN, f32::MAX));
        let mut before = 0;
        for bytes in self.runs() {
            if let Some((at, found)) = outside(bytes, low, high) {
                let expected = range.map_or("a finite number".into(), |(low, high)| format!("a number from {low} to {high}"));
                return Err(self.invalid_at(before + at, found, expected, remedy));
            }
            before += bytes.len() / 4;
        }
        Ok(())
    }
}

/// The first number that is not in the closed range, with its place.
fn outside(bytes: &[u8], low: f32, high: f32) -> Option<(usize, f32)> {
    // Blocks without an early exit are compared many numbers at a time.
    const BLOCK: usize = 1 << 12;
    let sound = |block: &[u8]| reals(block).fold(true, |sound, number| sound & (low <= number) & (number <= high));
    let block = bytes.chunks(BLOCK).position(|block| !sound(block))?;
    let first = block * (BLOCK / 4);
    reals(bytes).enumerate().skip(first).find(|(_, number)| !(low..=high).contains(number))
}

/// Little-endian f32 numbers.
pub(crate) fn reals(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks::<4>().0.iter().map(|chunk| f32::from_le_bytes(*chunk))
}

/// Little-endian whole numbers.
pub(crate) fn whole(dtype: Dtype, bytes: &[u8]) -> Box<dyn Iterator<Item = i64> + '_> {
    match dtype {
        Dtype::I64 => Box::new(bytes.as_chunks::<8>().0.iter().map(|chunk| i64::from_le_bytes(*chunk))),
        Dtype::U8 => Box::new(bytes.iter().map(|&byte| i64::from(byte))),
        Dtype::U16 => Box::new(bytes.as_chunks::<2>().0.iter().map(|chunk| i64::from(u16::from_le_bytes(*chunk)))),
        Dtype::U32 => Box::new(bytes.as_chunks::<4>().0.iter().map(|chunk| i64::from(u32::from_le_bytes(*chunk)))),
        _ => Box::new(bytes.as_chunks::<4>().0.iter().map(|chunk| i64::from(i32::from_le_bytes(*chunk)))),
    }
}
