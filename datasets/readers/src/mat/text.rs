//! Letters `[rows, length]`, column after column, in one of several encodings.

use super::element::{Pieces, kind};
use crate::ReadError;

/// Each row as text, with the blanks that fill it up.
pub(super) fn rows(pieces: &mut Pieces, shape: &[usize]) -> Result<Vec<String>, ReadError> {
    let count = shape.first().copied().unwrap_or(1);
    if shape.contains(&0) {
        // Many rows without letters would take no room in the file.
        return Ok(vec![String::new()]);
    }
    let element = pieces.next("letters")?;
    let bytes = pieces.input.source.bytes(element.start, element.length)?;
    let big_endian = pieces.input.big_endian;
    let pair = |&bytes: &[u8; 2]| if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
    let quad = |&bytes: &[u8; 4]| if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    // Where a letter above 65535 is two units, MATLAB counts both.
    let (units, wide): (Vec<u32>, bool) = match element.kind {
        kind::INT8 | kind::UINT8 => (bytes.iter().copied().map(u32::from).collect(), true),
        kind::INT16 | kind::UINT16 | kind::UTF16 => (bytes.as_chunks().0.iter().map(|bytes| u32::from(pair(bytes))).collect(), false),
        kind::UTF8 => (String::from_utf8_lossy(&bytes).chars().map(u32::from).collect(), true),
        kind::INT32 | kind::UINT32 | kind::UTF32 => (bytes.as_chunks().0.iter().map(quad).collect(), true),
        other => return Err(pieces.input.invalid(element.start, format!("an element of type {other}"), "letters", super::DAMAGED)),
    };
    let text = |units: &mut dyn Iterator<Item = u32>| -> String {
        if wide {
            return units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        }
        char::decode_utf16(units.map(|unit| unit as u16)).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    // Writers differ in what they count for a single row; what is there is the text.
    if count == 1 {
        return Ok(vec![text(&mut units.iter().copied())]);
    }
    let length = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    if length != Some(units.len()) {
        return Err(pieces.input.invalid(element.start, format!("{} letters", units.len()), format!("as many as {shape:?} has"), super::DAMAGED));
    }
    Ok((0..count).map(|row| text(&mut units.iter().copied().skip(row).step_by(count))).collect())
}
