//! HDF5's datatypes as types of elements.

use hdf5_reader::{Datatype, ReferenceType, StringPadding, StringSize, VarLenKind, error::ByteOrder};

use crate::{Dtype, Element};

/// What a datatype becomes.
#[derive(Debug, PartialEq)]
pub enum Kind {
    /// Elements as they are stored, each an array of this shape: `[]`, but for HDF5's own array types.
    Plain(Dtype, Vec<u64>),
    /// Text of variable length, or padded otherwise than with zeros.
    Text,
    /// Ragged arrays of such elements.
    Ragged(Dtype),
    /// Addresses of other objects.
    Reference,
    /// None of these, in a few words.
    Other(String),
}

/// What `datatype` becomes.
pub fn kind(datatype: &Datatype) -> Kind {
    match datatype {
        Datatype::String { size: StringSize::Fixed(size), padding: StringPadding::NullPad, .. } => {
            Kind::Plain(Dtype { element: Element::Bytes, size: *size as usize, big_endian: false }, Vec::new())
        }
        Datatype::String { .. } => Kind::Text,
        Datatype::VarLen { base, kind: VarLenKind::String, .. } if base.is_vlen_string_base() => Kind::Text,
        Datatype::VarLen { base, kind: VarLenKind::Sequence, .. } => {
            numeric(base).map_or_else(|| Kind::Other("ragged arrays of what are no numbers".into()), Kind::Ragged)
        }
        Datatype::Reference { ref_type: ReferenceType::Object, .. } => Kind::Reference,
        Datatype::Array { base, dims } => match numeric(base) {
            Some(dtype) => Kind::Plain(dtype, dims.clone()),
            None => Kind::Other("arrays in an array, of what are no numbers".into()),
        },
        _ => numeric(datatype).map_or_else(|| Kind::Other(name(datatype)), |dtype| Kind::Plain(dtype, Vec::new())),
    }
}

/// The type of a number.
fn numeric(datatype: &Datatype) -> Option<Dtype> {
    let of = |element, size: u8, order: ByteOrder| Dtype { element, size: usize::from(size), big_endian: order == ByteOrder::BigEndian };
    let found = match datatype {
        Datatype::FixedPoint { size, signed, byte_order } => of(if *signed { Element::Signed } else { Element::Unsigned }, *size, *byte_order),
        Datatype::FloatingPoint { size: size @ (2 | 4 | 8), byte_order } => of(Element::Float, *size, *byte_order),
        Datatype::Bitfield { size, byte_order } => of(Element::Unsigned, *size, *byte_order),
        Datatype::Enum { base, members } => {
            let Datatype::FixedPoint { size, byte_order, .. } = **base else { return None };
            // h5py's bool.
            let is_bool = size == 1 && members.len() == 2 && members.iter().all(|member| matches!(&*member.name, "FALSE" | "TRUE"));
            if is_bool { of(Element::Bool, size, byte_order) } else { numeric(base)? }
        }
        _ => return None,
    };
    matches!(found.size, 1 | 2 | 4 | 8).then_some(found)
}

/// A datatype in a few words, for messages.
fn name(datatype: &Datatype) -> String {
    match datatype {
        Datatype::Compound { fields, .. } => {
            let names: Vec<&str> = fields.iter().take(6).map(|field| &*field.name).collect();
            let more = if fields.len() > names.len() { ", …" } else { "" };
            format!("a compound of {}{more}", names.join(", "))
        }
        Datatype::Opaque { size, .. } => format!("opaque elements of {size} bytes"),
        Datatype::Reference { .. } => "references to regions".into(),
        Datatype::FloatingPoint { size, .. } => format!("floating-point numbers of {size} bytes"),
        Datatype::FixedPoint { size, .. } => format!("whole numbers of {size} bytes"),
        _ => "elements of an unknown type".into(),
    }
}

/// Whether a datatype's message, as stored, is IEEE 754's: the decoder tells the size only, and of two bytes there are two kinds.
pub fn is_ieee_half(message: &[u8]) -> bool {
    // Class and flags (4), size (4), bit offset (2), precision (2), then places and sizes of exponent and mantissa.
    matches!(message, [_, _, _, _, 2, 0, 0, 0, 0, 0, 16, 0, 10, 5, 0, 10, ..])
}
