/*!
Tensors as `safetensors` keeps them.

The crate of that name reads the header: at most 100 MB, tensors behind each other without gaps or overlaps, as long as their shapes say. It wants all of the file in memory only to compare lengths, so it is
handed the header alone, and the comparison with the file's length is made here.
*/

use std::sync::Arc;

use safetensors::tensor::{Dtype as Stored, Metadata};

use crate::{Array, Data, Dtype, Element, Id, Node, Order, ReadError, Source, Tree, array::extent};

/// The crate's own bound.
const LONGEST_HEADER: u64 = 100_000_000;
const REMEDY: &str = "save the tensors with safetensors.numpy.save_file or safetensors.torch.save_file";

/// Reads a file. The root is a table from names to arrays in the order of the file; they stay in the file.
///
/// # Errors
/// Where the file is truncated or no safetensors file, or a tensor has elements other than real numbers, whole numbers or truth values.
pub fn read(source: Arc<Source>) -> Result<Tree, ReadError> {
    let mut length = [0; 8];
    source.read_at(0, &mut length)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER {
        return Err(source.invalid(0, format!("a header of {length} bytes"), format!("at most {LONGEST_HEADER}"), REMEDY));
    }
    let header = source.bytes(8, length)?;
    let damaged = |found: &dyn std::fmt::Display| source.invalid(8, found, "a header of safetensors", "the file is damaged: get it again");
    let metadata: Metadata = serde_json::from_slice(&header).map_err(|error| damaged(&error))?;
    let start = 8 + length;
    if start.saturating_add(metadata.data_len() as u64) != source.len() {
        let expected = format!("{} behind the header", metadata.data_len());
        return Err(source.invalid(start, format!("{} bytes", source.len() - start), expected, "the file is truncated or damaged: get it again"));
    }
    let (mut nodes, mut entries) = (Vec::new(), Vec::new());
    for (at, name) in (0..).step_by(2).zip(metadata.offset_keys()) {
        let info = metadata.info(&name).ok_or_else(|| damaged(&"a tensor without a place"))?;
        let refused = || {
            ReadError::invalid(
                source.file(),
                &name,
                format!("{} {:?}", info.dtype, info.shape),
                "real numbers, whole numbers or truth values",
                REMEDY,
            )
        };
        let dtype = dtype(info.dtype).ok_or_else(refused)?;
        extent(&info.shape, dtype).ok_or_else(refused)?;
        let data = Data::Span(start + info.data_offsets.0 as u64);
        let array = Array { shape: info.shape.clone(), dtype, order: Order::RowMajor, data, source: Arc::clone(&source) };
        nodes.push(Node::Text(name.into()));
        nodes.push(Node::Array(Arc::new(array)));
        entries.push((Id(at), Id(at + 1)));
    }
    let root = Id(nodes.len() as u32);
    nodes.push(Node::Table(entries));
    Tree::new(nodes, root, source)
}

/// Little-endian throughout. Numbers of 8 bits and less with scales elsewhere have no meaning by themselves.
fn dtype(stored: Stored) -> Option<Dtype> {
    let (element, size) = match stored {
        Stored::BOOL => (Element::Bool, 1),
        Stored::U8 => (Element::Unsigned, 1),
        Stored::U16 => (Element::Unsigned, 2),
        Stored::U32 => (Element::Unsigned, 4),
        Stored::U64 => (Element::Unsigned, 8),
        Stored::I8 => (Element::Signed, 1),
        Stored::I16 => (Element::Signed, 2),
        Stored::I32 => (Element::Signed, 4),
        Stored::I64 => (Element::Signed, 8),
        Stored::F16 => (Element::Float, 2),
        Stored::BF16 => (Element::BFloat, 2),
        Stored::F32 => (Element::Float, 4),
        Stored::F64 => (Element::Float, 8),
        _ => return None,
    };
    Some(Dtype { element, size, big_endian: false })
}
