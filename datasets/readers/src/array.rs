/*!
Arrays as NumPy, MATLAB and HDF5 keep them, left where they are until some rows are asked for.
*/

use std::{ops::Range, sync::Arc};

use crate::{Id, Latin1, ReadError, Source};

/// Type of one element as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dtype {
    /// What the bytes mean.
    pub element: Element,
    /// Bytes of one element; 0 for [`Element::Object`].
    pub size: usize,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
}

/// What the bytes of an element mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// IEEE 754: 2, 4 or 8 bytes.
    Float,
    /// The upper half of a 32-bit IEEE 754 number: 2 bytes (bfloat16 of safetensors).
    BFloat,
    /// Two's complement: 1, 2, 4 or 8 bytes.
    Signed,
    /// 1, 2, 4 or 8 bytes.
    Unsigned,
    /// One byte, 0 or 1.
    Bool,
    /// UTF-32, padded with zeros (`<U12`).
    Text,
    /// Bytes, padded with zeros (`|S12`).
    Bytes,
    /// Python objects.
    Object,
}

/// Order of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The last axis runs fastest (C, NumPy's default, HDF5).
    RowMajor,
    /// The first axis runs fastest (Fortran, MATLAB).
    ColumnMajor,
}

/// An array `[N, …]`.
#[derive(Debug, Clone)]
pub struct Array {
    /// Sizes of the axes; empty for a scalar.
    pub shape: Vec<usize>,
    /// Type of the elements.
    pub dtype: Dtype,
    /// Order of the elements.
    pub order: Order,
    /// Where the elements are.
    pub data: Data,
    /// For messages: the file.
    pub source: Arc<Source>,
}

/// Where an array's elements are.
#[derive(Debug, Clone)]
pub enum Data {
    /// In the file, from this byte on.
    Span(u64),
    /// In the file, as text of which every character is a byte.
    Latin1(Arc<Latin1>),
    /// In memory (decompressed, or gathered from a list).
    Owned(Arc<Vec<u8>>),
    /// Nodes of the tree that holds the array, in its order.
    Objects(Arc<Vec<Id>>),
    /// Made when they are asked for.
    Lazy(Arc<dyn Lazy>),
    /// Nowhere: what stands there is nothing that is read. A few words for messages: `a compound of r, i`.
    Refused(Arc<str>),
}

/// Elements that are made when they are asked for: compressed chunks of HDF5.
pub trait Lazy: std::fmt::Debug + Send + Sync {
    /// Bytes of all elements, in the array's order.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `length` bytes from the byte `offset` on.
    ///
    /// # Errors
    /// Where the file is damaged or cannot be read.
    fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, ReadError>;
}

/// A number as stored, before it becomes what the caller wants.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    Whole(i64),
    /// Above `i64::MAX`.
    Large(u64),
    Real(f64),
}

impl Dtype {
    /// Little-endian 32-bit floating point.
    pub const F32: Self = Self { element: Element::Float, size: 4, big_endian: false };
    /// Little-endian 64-bit floating point.
    pub const F64: Self = Self { element: Element::Float, size: 8, big_endian: false };
    /// Little-endian 64-bit whole numbers.
    pub const I64: Self = Self { element: Element::Signed, size: 8, big_endian: false };

    fn number(self, bytes: &[u8]) -> Option<Number> {
        let mut raw = [0; 8];
        let place = raw.get_mut(..bytes.len())?;
        place.copy_from_slice(bytes);
        if self.big_endian {
            place.reverse();
        }
        let bits = u64::from_le_bytes(raw);
        let unused = 64 - 8 * bytes.len() as u32;
        Some(match (self.element, bytes.len()) {
            (Element::Float, 2) => Number::Real(half(bits as u16)),
            (Element::BFloat, 2) => Number::Real(f64::from(f32::from_bits((bits as u32) << 16))),
            (Element::Float, 4) => Number::Real(f64::from(f32::from_bits(bits as u32))),
            (Element::Float, 8) => Number::Real(f64::from_bits(bits)),
            (Element::Signed, 1 | 2 | 4 | 8) => Number::Whole(((bits << unused) as i64) >> unused),
            (Element::Unsigned | Element::Bool, 1 | 2 | 4 | 8) => i64::try_from(bits).map_or(Number::Large(bits), Number::Whole),
            _ => return None,
        })
    }
}

/// Bytes of an array, as the file's numbers say; `None` where no file is as long. A size of 0 excuses no other: sizes are multiplied in parts everywhere.
pub(crate) fn extent(shape: &[usize], dtype: Dtype) -> Option<u64> {
    let most = shape.iter().try_fold(dtype.size.max(1), |bytes, &size| bytes.checked_mul(size.max(1)))?;
    isize::try_from(most).ok()?;
    Some(shape.iter().fold(dtype.size, |bytes, size| bytes * size) as u64)
}

impl std::fmt::Display for Dtype {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bits = 8 * self.size;
        match self.element {
            Element::Float => write!(out, "float{bits}"),
            Element::BFloat => out.write_str("bfloat16"),
            Element::Signed => write!(out, "int{bits}"),
            Element::Unsigned => write!(out, "uint{bits}"),
            Element::Bool => out.write_str("bool"),
            Element::Text => write!(out, "text of {}", self.size / 4),
            Element::Bytes => write!(out, "bytes of {}", self.size),
            Element::Object => out.write_str("objects"),
        }
    }
}

impl Array {
    /// Numbers in memory, row-major: gathered from a list, computed, made by a test.
    pub fn of_numbers(shape: Vec<usize>, numbers: &[f64], source: Arc<Source>) -> Self {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        Self { shape, dtype: Dtype::F64, order: Order::RowMajor, data: Data::Owned(Arc::new(bytes)), source }
    }

    /// Length of the first axis; 1 for a scalar.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Sizes of the axes behind the first.
    pub fn row_shape(&self) -> &[usize] {
        self.shape.get(1..).unwrap_or_default()
    }

    /// Elements of one row.
    pub fn row_len(&self) -> usize {
        self.row_shape().iter().product()
    }

    /// Elements in all; `None` where the shape is larger than any file.
    pub fn numel(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size))
    }

    /// Some rows as 32-bit numbers, row-major. What is too large for 32 bits becomes infinite, as with NumPy.
    ///
    /// # Errors
    /// Where the elements are no numbers (`place` says which array), or the file cannot be read.
    ///
    /// # Panics
    /// Where the array has no such rows.
    pub fn floats(&self, place: &str, rows: Range<usize>) -> Result<Vec<f32>, ReadError> {
        self.reals(place, rows).map(|reals| reals.into_iter().map(|real| real as f32).collect())
    }

    /// Some rows as 64-bit numbers, row-major.
    ///
    /// # Errors
    /// As [`Array::floats`].
    ///
    /// # Panics
    /// As [`Array::floats`].
    pub fn reals(&self, place: &str, rows: Range<usize>) -> Result<Vec<f64>, ReadError> {
        self.numbers(place, rows, |number| {
            Some(match number {
                Number::Whole(whole) => whole as f64,
                Number::Large(large) => large as f64,
                Number::Real(real) => real,
            })
        })
    }

    /// Some rows as whole numbers; floating-point numbers without a fraction are such.
    ///
    /// # Errors
    /// As [`Array::floats`], and where a number is not whole.
    ///
    /// # Panics
    /// As [`Array::floats`].
    pub fn wholes(&self, place: &str, rows: Range<usize>) -> Result<Vec<i64>, ReadError> {
        self.numbers(place, rows, |number| match number {
            Number::Whole(whole) => Some(whole),
            Number::Real(real) if real.fract() == 0.0 && real.abs() < 9.0e15 => Some(real as i64),
            Number::Large(_) | Number::Real(_) => None,
        })
    }

    /// Some rows as text, one a row element: UTF-32 or bytes (taken as UTF-8, else as Latin-1), without the zeros behind.
    ///
    /// # Errors
    /// Where the elements are no text, or the file cannot be read.
    ///
    /// # Panics
    /// As [`Array::floats`].
    pub fn texts(&self, place: &str, rows: Range<usize>) -> Result<Vec<String>, ReadError> {
        let wide = match self.dtype.element {
            Element::Text => true,
            Element::Bytes => false,
            _ => return Err(self.unfit(place, "an array of text")),
        };
        let bytes = self.row_bytes(place, rows)?;
        if self.dtype.size == 0 {
            return Ok(vec![String::new(); bytes.1]);
        }
        Ok(bytes.0.chunks_exact(self.dtype.size).map(|element| if wide { self.wide(element) } else { narrow(element) }).collect())
    }

    /// An error at this array.
    pub fn invalid(&self, place: &str, found: impl std::fmt::Display, expected: impl std::fmt::Display, remedy: impl std::fmt::Display) -> ReadError {
        ReadError::invalid(self.source.file(), place, found, expected, remedy)
    }

    /// `float32 [1284, 50, 768]`.
    pub fn describe(&self) -> String {
        match &self.data {
            Data::Refused(what) => format!("{what} {:?}", self.shape),
            _ => format!("{} {:?}", self.dtype, self.shape),
        }
    }

    fn unfit(&self, place: &str, expected: &str) -> ReadError {
        self.invalid(place, self.describe(), expected, "name the right array, or convert this one")
    }

    fn numbers<T>(&self, place: &str, rows: Range<usize>, wanted: impl Fn(Number) -> Option<T>) -> Result<Vec<T>, ReadError> {
        let dtype = self.dtype;
        if matches!(dtype.element, Element::Text | Element::Bytes | Element::Object) || !matches!(dtype.size, 1 | 2 | 4 | 8) {
            return Err(self.unfit(place, "an array of numbers"));
        }
        let first = rows.start;
        let (bytes, _) = self.row_bytes(place, rows)?;
        let row = self.row_len().max(1);
        let mut numbers = Vec::with_capacity(bytes.len() / dtype.size);
        for (at, element) in bytes.chunks_exact(dtype.size).enumerate() {
            let number = dtype.number(element).ok_or_else(|| self.unfit(place, "an array of numbers"))?;
            numbers.push(wanted(number).ok_or_else(|| {
                let found = if let Number::Real(real) = number { real.to_string() } else { format!("{number:?}") };
                self.invalid(&format!("{place}[{}]", first + at / row), found, "a whole number", "name the right array")
            })?);
        }
        Ok(numbers)
    }

    /// Bytes of some rows in row-major order, and how many elements they are.
    fn row_bytes(&self, place: &str, rows: Range<usize>) -> Result<(Vec<u8>, usize), ReadError> {
        assert!(rows.start <= rows.end && rows.end <= self.rows(), "rows {rows:?} of an array of {}", self.rows());
        let (row, size) = (self.row_len(), self.dtype.size);
        let count = rows.len().checked_mul(row).filter(|count| count.checked_mul(size.max(1)).is_some());
        let count = count.ok_or_else(|| self.unfit(place, "an array that fits into memory"))?;
        // Without elements, the other axes may have any size.
        if self.order == Order::RowMajor || self.shape.len() < 2 || count == 0 {
            return Ok((self.raw((rows.start * row * size) as u64, count * size)?, count));
        }
        // A run along the first axis is consecutive; runs are scattered to the rows that they belong to.
        let sizes = self.row_shape();
        let mut out = vec![0; self.raw_limit(count * size)?];
        for at in 0..row {
            let (mut rest, mut stride, mut run) = (at, row, 0);
            let mut inner = 1;
            for &axis in sizes {
                stride /= axis;
                run += (rest / stride) * inner;
                rest %= stride;
                inner *= axis;
            }
            let start = (run * self.rows() + rows.start) * size;
            for (to, element) in self.raw(start as u64, rows.len() * size)?.chunks_exact(size.max(1)).enumerate() {
                let place = (to * row + at) * size;
                out[place..place + size].copy_from_slice(element);
            }
        }
        Ok((out, count))
    }

    /// `length`, where the data can hold as many bytes: asked before anything of that size is allocated.
    fn raw_limit(&self, length: usize) -> Result<usize, ReadError> {
        let available = match &self.data {
            Data::Span(start) => self.source.len().saturating_sub(*start),
            Data::Latin1(text) => text.len(),
            Data::Owned(bytes) => bytes.len() as u64,
            Data::Lazy(lazy) => lazy.len(),
            Data::Objects(_) | Data::Refused(_) => 0,
        };
        if length as u64 <= available {
            return Ok(length);
        }
        Err(ReadError::invalid(
            self.source.file(),
            "array",
            format!("{available} bytes"),
            format!("{length} for {}", self.describe()),
            "the file is truncated or damaged: get it again",
        ))
    }

    fn raw(&self, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        match &self.data {
            Data::Span(start) => self.source.bytes(start.saturating_add(offset), length as u64),
            Data::Latin1(text) => text.read(&self.source, offset, length),
            Data::Owned(bytes) => {
                let range = usize::try_from(offset).ok().and_then(|start| bytes.get(start..start.checked_add(length)?));
                range.map(<[u8]>::to_vec).ok_or_else(|| {
                    ReadError::invalid(
                        self.source.file(),
                        "array",
                        format!("{} bytes", bytes.len()),
                        format!("as many as {} needs", self.describe()),
                        "the file is truncated or damaged: get it again",
                    )
                })
            }
            Data::Lazy(lazy) => lazy.read(offset, length),
            Data::Objects(_) | Data::Refused(_) => Err(self.unfit("array", "an array of plain elements")),
        }
    }

    fn wide(&self, element: &[u8]) -> String {
        let code = |bytes: &[u8]| -> u32 {
            let bytes: [u8; 4] = bytes.try_into().unwrap_or_default();
            if self.dtype.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let text: String = element.chunks_exact(4).map(|bytes| char::from_u32(code(bytes)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        text.trim_end_matches('\0').to_owned()
    }
}

/// Bytes as UTF-8 where they are that, else as Latin-1; without the zeros behind.
pub(crate) fn narrow(bytes: &[u8]) -> String {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes[..end].iter().copied().map(char::from).collect(),
    }
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from((bits >> 10) & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(shape: &[usize], dtype: Dtype, order: Order, bytes: Vec<u8>) -> Array {
        let source = Arc::new(Source::memory("test", bytes));
        Array { shape: shape.to_vec(), dtype, order, data: Data::Span(0), source }
    }

    #[test]
    fn column_major_rows_are_gathered() {
        // numpy.arange(24).reshape(2, 3, 4) in Fortran order.
        let mut bytes = vec![0; 24];
        for (i, j, k) in (0..2).flat_map(|i| (0..3).flat_map(move |j| (0..4).map(move |k| (i, j, k)))) {
            bytes[i + 2 * (j + 3 * k)] = (i * 12 + j * 4 + k) as u8;
        }
        let dtype = Dtype { element: Element::Unsigned, size: 1, big_endian: false };
        let found = array(&[2, 3, 4], dtype, Order::ColumnMajor, bytes);
        assert_eq!(found.wholes("a", 0..2).unwrap(), (0..24).collect::<Vec<_>>());
        assert_eq!(found.wholes("a", 1..2).unwrap(), (12..24).collect::<Vec<_>>());
    }

    #[test]
    fn elements_of_all_types_are_read() {
        let of = |element, size, big_endian, bytes: &[u8]| {
            array(&[1], Dtype { element, size, big_endian }, Order::RowMajor, bytes.to_vec()).reals("a", 0..1).unwrap()[0]
        };
        assert_eq!(of(Element::Signed, 2, true, &[0xff, 0xfe]), -2.0);
        assert_eq!(of(Element::Unsigned, 8, false, &[0xff; 8]), u64::MAX as f64);
        assert_eq!(of(Element::Float, 2, false, &0x3555_u16.to_le_bytes()), 0.333_251_953_125);
        assert_eq!(of(Element::Float, 2, false, &0xfc00_u16.to_le_bytes()), f64::NEG_INFINITY);
        assert_eq!(of(Element::Float, 2, false, &1_u16.to_le_bytes()), 2f64.powi(-24));
        assert_eq!(of(Element::Bool, 1, false, &[1]), 1.0);
        // ml_dtypes.bfloat16(-1.5).tobytes()
        assert_eq!(of(Element::BFloat, 2, false, &[0xc0, 0xbf]), -1.5);
    }

    #[test]
    fn shapes_that_no_file_holds_are_refused_before_allocation() {
        let huge = array(&[1 << 40, 1 << 20], Dtype::F32, Order::RowMajor, vec![0; 16]);
        assert!(huge.floats("a", 0..1 << 40).is_err());
        let columns = array(&[1 << 30, 4], Dtype::F32, Order::ColumnMajor, vec![0; 16]);
        assert!(columns.floats("a", 0..1 << 30).is_err());
    }

    #[test]
    fn no_rows_of_any_length_are_read_at_once() {
        let none = array(&[0, 1 << 30, 1 << 30], Dtype::F32, Order::ColumnMajor, vec![]);
        assert!(none.floats("a", 0..0).unwrap().is_empty());
    }

    #[test]
    fn text_loses_its_padding_only() {
        let text = Dtype { element: Element::Text, size: 12, big_endian: false };
        let bytes = "hé".chars().chain(['\0']).flat_map(|c| (c as u32).to_le_bytes()).collect();
        assert_eq!(array(&[1], text, Order::RowMajor, bytes).texts("a", 0..1).unwrap(), ["hé"]);
    }
}
