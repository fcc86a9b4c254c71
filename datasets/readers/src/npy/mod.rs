/*!
NumPy's `.npy`: one array behind a header that is a Python literal.

Source: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>. Crates (`npyz`, `ndarray-npy`) read all elements into a vector; here they stay in the
file. As with `numpy.load`, what stands behind the array is not looked at.
*/

mod header;

use std::sync::Arc;

use crate::{Array, Data, Element, Id, Node, ReadError, Source, Tree, array::extent, pickle};
use header::Header;

/// First bytes of every file.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";
/// NumPy itself refuses more than 10,000 bytes unless told otherwise; headers of plain elements have about 100.
const LONGEST_HEADER: u64 = 1 << 16;

/// Reads an array. The root is the array, its elements stay in the file. Arrays of Python objects are a pickle behind the header, which [`pickle::read`] reads:
/// places in its errors are counted from there.
///
/// # Errors
/// Where the file is truncated, is no `.npy` of version 1 to 3, or has elements other than real numbers, truth values, text or bytes, or
/// Python objects that the reader of pickles refuses.
pub fn read(source: Arc<Source>) -> Result<Tree, ReadError> {
    let (text_start, start) = header_place(&source)?;
    let text = source.bytes(text_start, start - text_start)?;
    let Header { dtype, order, shape } = Header::parse(&source, text_start, &String::from_utf8_lossy(&text))?;
    if dtype.element == Element::Object {
        let objects = Source::part(&source, source.file(), start, source.len().saturating_sub(start))?;
        return pickle::read(Arc::new(objects));
    }
    let remedy = "the file is damaged: get it again";
    let length =
        extent(&shape, dtype).ok_or_else(|| source.invalid(text_start, format!("{dtype} {shape:?}"), "an array that fits into a file", remedy))?;
    if dtype.size == 0 && !shape.contains(&0) {
        return Err(source.invalid(text_start, format!("{dtype} {shape:?}"), "elements of at least one byte", "save the array with its text"));
    }
    source.check(start, length)?;
    let array = Array { shape, dtype, order, data: Data::Span(start), source: Arc::clone(&source) };
    Tree::new(vec![Node::Array(Arc::new(array))], Id(0), source)
}

/// Where the header's text begins and where it ends.
fn header_place(source: &Source) -> Result<(u64, u64), ReadError> {
    let head = source.bytes(0, source.len().min(12))?;
    let (text_start, length) = match *head {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, a, b, ..] => (10, u64::from(u16::from_le_bytes([a, b]))),
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _, a, b, c, d] => (12, u64::from(u32::from_le_bytes([a, b, c, d]))),
        [0x93, b'N', b'U', b'M', b'P', b'Y', version, ..] if !(1..=3).contains(&version) => {
            return Err(source.invalid(6, format!("version {version}"), "version 1, 2 or 3", "save the array with numpy.save"));
        }
        _ => {
            return Err(source.invalid(
                0,
                format!("{} bytes that are no header", head.len()),
                "\\x93NUMPY, a version and a length",
                "check that this is the right file",
            ));
        }
    };
    if length > LONGEST_HEADER {
        return Err(source.invalid(
            8,
            format!("a header of {length} bytes"),
            format!("at most {LONGEST_HEADER}"),
            "save the array as one of plain elements",
        ));
    }
    Ok((text_start, text_start + length))
}
