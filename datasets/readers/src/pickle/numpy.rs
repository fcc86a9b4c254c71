//! NumPy's arrays, scalars and types of elements.

use std::sync::Arc;

use super::{
    globals::Global,
    machine::Machine,
    value::{Blob, Value},
};
use crate::{Array, Data, Dtype, Element, Id, Order, ReadError};

/// NumPy 2 allows as many; NumPy 1 half.
const MOST_AXES: usize = 64;
/// An axis of an array without elements may be as long in any file.
const EMPTY_AXIS: u64 = 1 << 20;
/// Bytes of a transposed array.
const MOST_TRANSPOSED: usize = 1 << 30;
const PLAIN: &str = "numbers, truth values, text, bytes or objects";
const CONVERT: &str = "convert the array with `astype` and write the file again";

impl Machine {
    /// `numpy.dtype(code, …)`.
    pub(super) fn dtype(&mut self, code: Id) -> Result<(), ReadError> {
        let dtype = match self.value(code) {
            &Value::Global(Global::Number(dtype)) => dtype,
            Value::Text(_) | Value::Bytes(_) | Value::String(_) => {
                let code = self.short_text(code)?;
                parse(&code).ok_or_else(|| self.invalid(format!("elements of type `{code}`"), PLAIN, CONVERT))?
            }
            other => return Err(self.invalid(format!("elements of type {}", other.describe()), PLAIN, CONVERT)),
        };
        self.push(Value::Dtype(dtype))
    }

    /// Fills what was made empty: an array, or the byte order of a type.
    pub(super) fn build(&mut self, object: Id, state: Id) -> Result<(), ReadError> {
        let Value::Tuple(parts) = self.value(state) else {
            return Err(self.refused(format!("a state of {} for {}", self.value(state).describe(), self.value(object).describe())));
        };
        let value = match (self.value(object), &**parts) {
            (&Value::Dtype(dtype), &[_, order, subtype, names, fields, size, _, _] | &[_, order, subtype, names, fields, size, _, _, _]) => {
                Value::Dtype(self.ordered(dtype, order, [subtype, names, fields], size)?)
            }
            (Value::Blank(_) | Value::Array(_), &[_, shape, dtype, fortran, data] | &[shape, dtype, fortran, data]) => {
                let order = match self.value(fortran) {
                    Value::Bool(false) | Value::Whole(0) => Order::RowMajor,
                    Value::Bool(true) | Value::Whole(1) => Order::ColumnMajor,
                    other => return Err(self.damaged(other.describe(), "whether the first axis runs fastest")),
                };
                Value::Array(Arc::new(self.array(data, dtype, shape, order)?))
            }
            (other, _) => return Err(self.refused(format!("a state of {} parts for {}", parts.len(), other.describe()))),
        };
        *self.value_mut(object) = value;
        Ok(())
    }

    /// `numpy.core.numeric._frombuffer(data, dtype, shape, order, axes)`.
    pub(super) fn array_of_buffer(&mut self, [data, dtype, shape, order]: [Id; 4], axes: Option<Id>) -> Result<(), ReadError> {
        let array = match (&*self.short_text(order)?, axes) {
            ("C", _) => self.array(data, dtype, shape, Order::RowMajor)?,
            ("F", _) => self.array(data, dtype, shape, Order::ColumnMajor)?,
            ("K", Some(axes)) => {
                let array = self.array(data, dtype, shape, Order::RowMajor)?;
                let axes = self.shape(axes)?;
                self.transposed(&array, &axes)?
            }
            (other, _) => return Err(self.damaged(format!("an array in order `{other}`"), "order `C`, `F`, or `K` with its axes")),
        };
        self.push(Value::Array(Arc::new(array)))
    }

    /// The array with its axes in that order, as NumPy 2.3 and later write transposed arrays. No run of rows of it lies together in the file, so it is
    /// taken into memory.
    fn transposed(&mut self, array: &Array, axes: &[usize]) -> Result<Array, ReadError> {
        let mut sorted = axes.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..array.shape.len()) {
            return Err(self.damaged(format!("axes {axes:?}"), format!("each of the {} axes once", array.shape.len())));
        }
        let size = array.dtype.size;
        let length = array.numel().unwrap_or(0) * size;
        if length > MOST_TRANSPOSED || array.dtype.element == Element::Object {
            let found = format!("a transposed array: {}", array.describe());
            return Err(self.invalid(found, format!("at most {MOST_TRANSPOSED} bytes of such"), "write it through `numpy.ascontiguousarray`"));
        }
        self.spend(length as u64)?;
        let bytes = match &array.data {
            Data::Span(start) => self.input.source().bytes(*start, length as u64)?,
            Data::Latin1(text) => text.read(self.input.source(), 0, length)?,
            Data::Owned(bytes) => bytes.to_vec(),
            // Objects have no bytes, and a pickle makes none of the others.
            Data::Objects(_) | Data::Lazy(_) | Data::Refused(_) => Vec::new(),
        };
        let mut strides = vec![size; axes.len()];
        for axis in (1..axes.len()).rev() {
            strides[axis - 1] = strides[axis] * array.shape[axis].max(1);
        }
        let shape: Vec<usize> = axes.iter().map(|&axis| array.shape[axis]).collect();
        let strides: Vec<usize> = axes.iter().map(|&axis| strides[axis]).collect();
        let mut gathered = Vec::with_capacity(length);
        let mut index = vec![0; shape.len()];
        while gathered.len() < length {
            let start: usize = index.iter().zip(&strides).map(|(&at, &stride)| at * stride).sum();
            gathered.extend_from_slice(&bytes[start..start + size]);
            for (at, &size) in index.iter_mut().zip(&shape).rev() {
                *at += 1;
                if *at < size {
                    break;
                }
                *at = 0;
            }
        }
        Ok(Array { shape, data: Data::Owned(Arc::new(gathered)), ..array.clone() })
    }

    /// One number, text or byte string; a long one stays in the file.
    pub(super) fn scalar(&mut self, dtype: Id, data: Id) -> Result<(), ReadError> {
        let (dtype, blob) = (self.dtype_of(dtype)?, self.blob_of(data)?.clone());
        if dtype.element == Element::Object || blob.len() != dtype.size as u64 {
            return Err(self.damaged(format!("{} bytes", blob.len()), format!("one element of type {dtype}")));
        }
        self.spend(blob.len())?;
        let array = Array { shape: Vec::new(), dtype, order: Order::RowMajor, data: blob.data(), source: Arc::clone(self.input.source()) };
        let place = self.place();
        let value = match (dtype.element, blob) {
            (_, Blob::Span { .. } | Blob::Latin1(_)) | (Element::Object, _) => Value::Array(Arc::new(array)),
            (Element::Bytes, blob) => Value::Bytes(blob),
            (Element::Text, _) => Value::Text(array.texts(&place, 0..1)?.concat().into()),
            (Element::Float | Element::BFloat, _) => Value::Real(array.reals(&place, 0..1)?.iter().sum()),
            (Element::Bool, Blob::Owned(bytes)) => Value::Bool(bytes.iter().any(|&byte| byte != 0)),
            (Element::Signed | Element::Unsigned, Blob::Owned(bytes)) => match array.wholes(&place, 0..1) {
                Ok(numbers) => Value::Whole(numbers.iter().sum()),
                // Only unsigned numbers of 64 bits are beyond signed ones.
                Err(_) => {
                    let mut raw = <[u8; 8]>::try_from(&**bytes).unwrap_or_default();
                    if dtype.big_endian {
                        raw.reverse();
                    }
                    Value::Text(u64::from_le_bytes(raw).to_string().into())
                }
            },
        };
        self.push(value)
    }

    /// A type with the byte order of its state.
    fn ordered(&self, dtype: Dtype, order: Id, parts: [Id; 3], size: Id) -> Result<Dtype, ReadError> {
        if parts.iter().any(|&part| !matches!(self.value(part), Value::None)) {
            return Err(self.invalid("elements of several fields", PLAIN, "write each field as an array of its own"));
        }
        match *self.value(size) {
            Value::Whole(-1) => {}
            Value::Whole(size) if usize::try_from(size) == Ok(dtype.size) => {}
            // Objects are pointers in NumPy's memory, and nodes here.
            Value::Whole(4 | 8) if dtype.element == Element::Object => {}
            _ => return Err(self.damaged(format!("an element's size of {}", self.value(size).describe()), format!("{} bytes", dtype.size))),
        }
        let big_endian = match &*self.short_text(order)? {
            ">" => true,
            "<" | "|" | "=" => false,
            other => return Err(self.damaged(format!("byte order `{other}`"), "`<`, `>` or `|`")),
        };
        Ok(Dtype { big_endian, ..dtype })
    }

    fn dtype_of(&self, id: Id) -> Result<Dtype, ReadError> {
        match *self.value(id) {
            Value::Dtype(dtype) | Value::Global(Global::Number(dtype)) => Ok(dtype),
            ref other => Err(self.damaged(other.describe(), "a type of elements")),
        }
    }

    /// An array of these parts, if they fit each other.
    fn array(&mut self, data: Id, dtype: Id, shape: Id, order: Order) -> Result<Array, ReadError> {
        let dtype = self.dtype_of(dtype)?;
        let shape = self.shape(shape)?;
        let source = Arc::clone(self.input.source());
        // Empty axes do not hide what would overflow: readers multiply the others.
        let widest = shape.iter().try_fold(dtype.size.max(1), |product, &size| product.checked_mul(size.max(1)));
        let count = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        let (Some(_), Some(count)) = (widest, count) else {
            return Err(self.damaged(format!("shape {shape:?}"), "a shape that fits into memory"));
        };
        if let Some(size) = shape.iter().find(|&&size| size as u64 > source.len().max(EMPTY_AXIS)) {
            return Err(self.damaged(format!("an axis of {size} in shape {shape:?}"), "no more than the file has bytes"));
        }
        if dtype.element == Element::Object {
            let (Value::List(items) | Value::Tuple(items)) = self.value(data) else {
                return Err(self.damaged(self.value(data).describe(), "a list of objects"));
            };
            if items.len() != count {
                return Err(self.damaged(format!("{} objects", items.len()), format!("{count} for shape {shape:?}")));
            }
            self.spend(count as u64)?;
            let objects = match self.value(data) {
                Value::List(items) | Value::Tuple(items) => Arc::new(items.clone()),
                _ => Arc::default(),
            };
            // NumPy lists objects with the last axis fastest, whatever their order in memory.
            return Ok(Array { shape, dtype, order: Order::RowMajor, data: Data::Objects(objects), source });
        }
        let blob = self.blob_of(data)?;
        let expected = count * dtype.size;
        if blob.len() != expected as u64 || (dtype.size == 0 && count > 0) {
            return Err(self.damaged(format!("{} bytes", blob.len()), format!("{expected} for {dtype} {shape:?}")));
        }
        Ok(Array { shape, dtype, order, data: blob.data(), source })
    }

    fn shape(&self, id: Id) -> Result<Vec<usize>, ReadError> {
        let (Value::Tuple(axes) | Value::List(axes)) = self.value(id) else {
            return Err(self.damaged(self.value(id).describe(), "an array's shape"));
        };
        if axes.len() > MOST_AXES {
            return Err(self.damaged(format!("{} axes", axes.len()), format!("at most {MOST_AXES}")));
        }
        let size = |&axis: &Id| match *self.value(axis) {
            Value::Whole(size) if size >= 0 => Ok(size as usize),
            ref other => Err(self.damaged(format!("{} in a shape", other.describe()), "the size of an axis")),
        };
        axes.iter().map(size).collect()
    }
}

/// `f8`, `<i4`, `U12`: a kind and a number of bytes, of characters for text.
fn parse(code: &str) -> Option<Dtype> {
    let plain = code.strip_prefix(['<', '>', '=', '|']).unwrap_or(code);
    let mut characters = plain.chars();
    let kind = characters.next()?;
    let digits = characters.as_str();
    let size = if digits.is_empty() && kind == 'O' { 8 } else { digits.parse::<u32>().ok()? as usize };
    let (element, size) = match (kind, size) {
        ('f', 2 | 4 | 8) => (Element::Float, size),
        ('i', 1 | 2 | 4 | 8) => (Element::Signed, size),
        ('u', 1 | 2 | 4 | 8) => (Element::Unsigned, size),
        ('b', 1) => (Element::Bool, size),
        ('S' | 'a', _) => (Element::Bytes, size),
        ('U', _) => (Element::Text, size.checked_mul(4)?),
        ('O', _) => (Element::Object, 0),
        _ => return None,
    };
    Some(Dtype { element, size, big_endian: code.starts_with('>') })
}
