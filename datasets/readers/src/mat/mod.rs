/*!
MATLAB files of versions 5 to 7.2.

Source: "MAT-File Format" of The MathWorks, <https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf>, and SciPy's `scipy.io.matlab`, where that is silent.
No crate fits: `matfile` 0.5 reads numeric arrays only, `matrw` 0.1 nests without a limit and has `unwrap` and `unimplemented!` on what a file says.

| MATLAB | here |
| --- | --- |
| numbers, truth values | array, [`Order::ColumnMajor`](crate::Order), of the type that they are stored in: MATLAB stores whole doubles in fewer bytes |
| `char` | text; with several rows a list of texts without the blanks behind |
| `cell` | list; with several rows and columns an array of objects with its shape, columns after each other |
| `struct` | table; a list of tables (or array of objects) where it has several elements |
| `sparse` | array whose zeros are made when rows are asked for |
| complex numbers, objects, functions | arrays that say what they are when they are asked for |

Version 7.3 is HDF5 and read as that.
*/

mod element;
mod matrix;
mod sparse;
mod text;

use std::{
    collections::HashSet,
    io::{self, BufReader, Read},
    path::PathBuf,
    sync::Arc,
};

use flate2::bufread::ZlibDecoder;

use crate::{
    Node, ReadError, Source, Tree,
    stream::Stream,
    unpack::{RATIO, Unpacker},
};
use element::{Element, Input, kind};
use matrix::Builder;

/// Bytes before the first element.
const HEADER: u64 = 128;
/// Bytes of a tag.
const TAG: u64 = 8;
const DAMAGED: &str = "the file is damaged: get it again";

/// Reads all variables. The root is a table from their names to their values; large arrays stay in the file where it does not compress.
///
/// # Errors
/// Where the file is truncated or damaged, nests more than 64 deep, or has two variables of one name.
pub fn read(source: Arc<Source>) -> Result<Tree, ReadError> {
    let input = open(Arc::clone(&source))?;
    let (mut builder, mut entries, mut names, mut unpacker) = (Builder::new(source.len()), Vec::new(), HashSet::new(), Unpacker::new());
    let mut at = HEADER;
    while at < source.len() {
        let element = input.element(at, source.len())?;
        let (name, value) = match element.kind {
            kind::MATRIX => builder.matrix(&input, &element, 0)?,
            kind::COMPRESSED => {
                let inflated = inflate(&input, &element, &mut unpacker)?;
                let inner = inflated.element(0, inflated.source.len())?;
                builder.matrix(&inflated, &inner, 0)?
            }
            other => return Err(input.invalid(at, format!("an element of type {other}"), "a variable (14) or a compressed one (15)", DAMAGED)),
        };
        // Data of classes and functions, which MATLAB puts behind the variables; the name is SciPy's.
        let name = if name.is_empty() { "__function_workspace__".to_owned() } else { name };
        if !names.insert(name.clone()) {
            return Err(input.invalid(at, format!("a second variable {name}"), "names that differ", DAMAGED));
        }
        entries.push((builder.push(&input, Node::Text(name.into()))?, value));
        at = element.next;
    }
    let root = builder.push(&input, Node::Table(entries))?;
    Tree::new(builder.nodes, root, source)
}

/// Checks the header: 116 bytes of text, 8 of a place, a version, and `MI` as a number of two bytes.
fn open(source: Arc<Source>) -> Result<Input, ReadError> {
    let mut tail = [0; 4];
    source.read_at(HEADER - 4, &mut tail)?;
    let (big_endian, version) = match tail {
        [low, high, b'I', b'M'] => (false, u16::from_le_bytes([low, high])),
        [high, low, b'M', b'I'] => (true, u16::from_be_bytes([high, low])),
        _ => return Err(source.invalid(126, format!("{:?}", &tail[2..]), "the letters IM or MI", "save the variables with -v7 in MATLAB")),
    };
    if version != 0x0100 {
        return Err(source.invalid(124, format!("version {version:#06x}"), "0x0100", "save the variables with -v7 in MATLAB"));
    }
    Ok(Input { source, big_endian })
}

/// What a compressed element holds: one variable, whose tag says how long it is.
fn inflate(input: &Input, element: &Element, unpacker: &mut Unpacker) -> Result<Input, ReadError> {
    let source = &input.source;
    let packed = Source::part(source, source.file(), element.start, element.length)?;
    let unread = |error: io::Error| {
        let damaged = |error: io::Error| input.invalid(element.start, error, "a compressed variable that can be read to its end", DAMAGED);
        error.downcast::<ReadError>().unwrap_or_else(damaged)
    };
    let mut decoder = ZlibDecoder::new(BufReader::new(Stream::new(Arc::new(packed))));
    let mut tag = [0; TAG as usize];
    decoder.read_exact(&mut tag).map_err(unread)?;
    let words = Input { source: Arc::new(Source::memory(source.file(), tag.to_vec())), big_endian: input.big_endian };
    let (length, most) = (u64::from(words.word(4)?), element.length.saturating_mul(RATIO));
    if length + TAG > most {
        let found = format!("{} bytes that are said to hold {length}", element.length);
        return Err(input.invalid(element.start, found, format!("at most {most}"), DAMAGED));
    }
    let path = PathBuf::from(format!("{} (variable compressed at byte {})", source.file().display(), element.start));
    // One byte more, so that the decoder sees the end and compares its checksum.
    let bytes = unpacker.unpack(tag.chain(decoder), length + TAG + 1, path, unread)?;
    if bytes.len() != length + TAG {
        let found = if bytes.len() > length + TAG { "more".to_owned() } else { bytes.len().to_string() };
        return Err(input.invalid(element.start, format!("{found} bytes after decompression"), length + TAG, DAMAGED));
    }
    Ok(Input { source: Arc::new(bytes), big_endian: input.big_endian })
}
