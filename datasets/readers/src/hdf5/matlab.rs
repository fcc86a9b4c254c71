//! What MATLAB 7.3 says of an object in its attributes.

use hdf5_reader::{messages::HdfMessage, object_header::ObjectHeader};

/// MATLAB's attributes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// `double`, `char`, `logical`, `cell`, `struct`, …
    pub name: String,
    /// The elements are the sizes of the axes of an array without elements.
    pub is_empty: bool,
}

impl Class {
    /// `None` where the object is not MATLAB's.
    pub fn of(header: &ObjectHeader) -> Option<Self> {
        let attribute = |wanted: &str| {
            header.messages.iter().find_map(|message| match message {
                HdfMessage::Attribute(attribute) if attribute.name == wanted => Some(attribute),
                _ => None,
            })
        };
        let name = crate::array::narrow(&attribute("MATLAB_class")?.raw_data);
        let is_empty = attribute("MATLAB_empty").is_some_and(|attribute| attribute.raw_data.iter().any(|&byte| byte != 0));
        Some(Self { name, is_empty })
    }
}

/// Texts of a `char` matrix of so many rows, from its UTF-16 units, which are stored column by column.
pub fn texts(rows: usize, units: &[u16]) -> Vec<String> {
    let rows = rows.max(1);
    let row = |at: usize| -> String {
        let own: Vec<u16> = units.iter().copied().skip(at).step_by(rows).collect();
        let text = String::from_utf16_lossy(&own);
        // Rows of a matrix are padded to one length.
        if rows > 1 { text.trim_end_matches(' ').to_owned() } else { text }
    };
    (0..rows.min(units.len())).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_char_matrix_are_texts() {
        // MATLAB: ['ab '; 'cde'], 2 × 3.
        let units: Vec<u16> = "acbd e".encode_utf16().collect();
        assert_eq!(texts(2, &units), ["ab", "cde"]);
        assert_eq!(texts(1, &"hé ".encode_utf16().collect::<Vec<_>>()), ["hé "]);
    }
}
