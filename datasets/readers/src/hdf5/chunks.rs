//! Elements that lie in compressed chunks, decompressed a few rows at a time.

use std::sync::{Arc, OnceLock};

use hdf5_reader::{Dataset, Datatype, H5Type, SliceInfo, SliceInfoElem, error};

use crate::{Lazy, ReadError, Source};

/// Elements of a dataset, as stored.
pub struct Chunks {
    dataset: Dataset,
    source: Arc<Source>,
    /// Path of the dataset, for messages.
    place: String,
    /// Bytes of all elements.
    length: u64,
    /// Bytes of one row; 0 where rows cannot be read alone.
    row: u64,
    /// All elements, once they are read, where rows cannot be read alone.
    whole: OnceLock<Vec<u8>>,
}

impl Chunks {
    /// Elements of `size` bytes, `length` bytes in all. `by_rows`: they are asked for along the first axis as stored (not so in MATLAB's files, whose axes are
    /// reversed: their rows lie everywhere, and all is decompressed once).
    pub fn new(dataset: Dataset, source: Arc<Source>, place: String, length: u64, size: usize, by_rows: bool) -> Self {
        let rows = dataset.shape().first().copied().unwrap_or(0);
        let alone = by_rows && size <= Raw::SIZE && dataset.raw_element_size().is_ok_and(|stored| stored == size) && dataset.chunks().is_some();
        let row = if alone { length.checked_div(rows).unwrap_or(0) } else { 0 };
        Self { dataset, source, place, length, row, whole: OnceLock::new() }
    }

    fn rows(&self, offset: u64, length: usize) -> Result<Vec<u8>, error::Error> {
        let first = offset / self.row;
        let end = offset.saturating_add(length as u64).div_ceil(self.row);
        let axis = |at| match at {
            0 => SliceInfoElem::Slice { start: first, end, step: 1 },
            _ => SliceInfoElem::Slice { start: 0, end: u64::MAX, step: 1 },
        };
        let rows = self.dataset.read_slice::<Raw>(&SliceInfo { selections: (0..self.dataset.ndim()).map(axis).collect() })?;
        let size = self.dataset.raw_element_size()?;
        let mut bytes: Vec<u8> = Vec::with_capacity(rows.len() * size);
        rows.iter().for_each(|raw| bytes.extend(raw.0.iter().take(size)));
        let skip = (offset - first * self.row) as usize;
        bytes.drain(..skip.min(bytes.len()));
        bytes.truncate(length);
        Ok(bytes)
    }

    fn whole(&self) -> Result<&[u8], error::Error> {
        if let Some(bytes) = self.whole.get() {
            return Ok(bytes);
        }
        let bytes = self.dataset.read_raw_bytes()?;
        Ok(self.whole.get_or_init(|| bytes))
    }
}

impl Lazy for Chunks {
    fn len(&self) -> u64 {
        self.length
    }

    fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        let short = |held: u64| {
            ReadError::invalid(
                self.source.file(),
                &self.place,
                format!("{held} bytes"),
                format!("{length} from {offset} on"),
                "the file is truncated or damaged: get it again",
            )
        };
        if length == 0 {
            return Ok(Vec::new());
        }
        if offset.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(short(self.length));
        }
        let failed = |error| super::failed(&self.source, &self.place, error);
        let bytes = if self.row > 0 {
            self.rows(offset, length).map_err(failed)?
        } else {
            let whole = self.whole().map_err(failed)?;
            let part = usize::try_from(offset).ok().and_then(|start| whole.get(start..start.checked_add(length)?));
            part.ok_or_else(|| short(whole.len() as u64))?.to_vec()
        };
        if bytes.len() == length { Ok(bytes) } else { Err(short(bytes.len() as u64)) }
    }
}

impl std::fmt::Debug for Chunks {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Chunks").field("place", &self.place).field("length", &self.length).finish_non_exhaustive()
    }
}

/// An element of up to eight bytes, as stored: the decoder then neither converts nor swaps.
#[derive(Clone, Copy)]
struct Raw([u8; Self::SIZE]);

impl Raw {
    const SIZE: usize = 8;
}

impl H5Type for Raw {
    fn hdf5_type() -> Datatype {
        Datatype::Opaque { size: Self::SIZE as u32, tag: String::new() }
    }

    fn from_bytes(bytes: &[u8], _: &Datatype) -> error::Result<Self> {
        let mut raw = [0; Self::SIZE];
        raw.iter_mut().zip(bytes).for_each(|(to, &from)| *to = from);
        Ok(Self(raw))
    }

    fn element_size(datatype: &Datatype) -> usize {
        hdf5_reader::dtype_element_size(datatype).unwrap_or(Self::SIZE)
    }
}
