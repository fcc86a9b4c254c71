//! The only names that mean something here.

use std::fmt;

use crate::{Dtype, Element};

/// A function or class that is known by its full name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Global {
    /// `numpy.core.multiarray._reconstruct`.
    Reconstruct,
    /// `numpy.core.multiarray.scalar`.
    Scalar,
    /// `numpy.core.numeric._frombuffer`.
    FromBuffer,
    /// `numpy.ndarray`.
    Ndarray,
    /// `numpy.dtype`.
    Dtype,
    /// `numpy.float64` and its like.
    Number(Dtype),
    /// `_codecs.encode`.
    Encode,
    /// `copyreg._reconstructor`.
    Reconstructor,
    /// A container's class.
    Container(Container),
    /// A class that is only named.
    Named(&'static str),
}

/// Python's containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    List,
    Tuple,
    Set,
    FrozenSet,
    Dict,
    OrderedDict,
    DefaultDict,
    Bytes,
    ByteArray,
}

impl Global {
    /// The one of this name, if it is allowed.
    pub(super) fn of(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => Self::Reconstruct,
            ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar") => Self::Scalar,
            ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer") => Self::FromBuffer,
            ("numpy", "ndarray") => Self::Ndarray,
            ("numpy", "dtype") => Self::Dtype,
            ("numpy", _) => Self::Number(number(name)?),
            ("_codecs", "encode") => Self::Encode,
            ("copyreg" | "copy_reg", "_reconstructor") => Self::Reconstructor,
            ("collections", "OrderedDict") => Self::Container(Container::OrderedDict),
            ("collections", "defaultdict") => Self::Container(Container::DefaultDict),
            ("builtins" | "__builtin__", _) => builtin(name)?,
            _ => return None,
        })
    }
}

impl fmt::Display for Global {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reconstruct => out.write_str("numpy.core.multiarray._reconstruct"),
            Self::Scalar => out.write_str("numpy.core.multiarray.scalar"),
            Self::FromBuffer => out.write_str("numpy.core.numeric._frombuffer"),
            Self::Ndarray => out.write_str("numpy.ndarray"),
            Self::Dtype => out.write_str("numpy.dtype"),
            Self::Number(dtype) => write!(out, "numpy.{dtype}"),
            Self::Encode => out.write_str("_codecs.encode"),
            Self::Reconstructor => out.write_str("copyreg._reconstructor"),
            Self::Named(name) => out.write_str(name),
            Self::Container(container) => out.write_str(match container {
                Container::List => "list",
                Container::Tuple => "tuple",
                Container::Set => "set",
                Container::FrozenSet => "frozenset",
                Container::Dict => "dict",
                Container::OrderedDict => "collections.OrderedDict",
                Container::DefaultDict => "collections.defaultdict",
                Container::Bytes => "bytes",
                Container::ByteArray => "bytearray",
            }),
        }
    }
}

fn builtin(name: &str) -> Option<Global> {
    Some(match name {
        "list" => Global::Container(Container::List),
        "tuple" => Global::Container(Container::Tuple),
        "set" => Global::Container(Container::Set),
        "frozenset" => Global::Container(Container::FrozenSet),
        "dict" => Global::Container(Container::Dict),
        "bytes" => Global::Container(Container::Bytes),
        "bytearray" => Global::Container(Container::ByteArray),
        "int" => Global::Named("int"),
        "long" => Global::Named("long"),
        "float" => Global::Named("float"),
        "bool" => Global::Named("bool"),
        "str" => Global::Named("str"),
        "unicode" => Global::Named("unicode"),
        "object" => Global::Named("object"),
        _ => return None,
    })
}

fn number(name: &str) -> Option<Dtype> {
    let (element, size) = match name {
        "float16" => (Element::Float, 2),
        "float32" => (Element::Float, 4),
        "float64" => (Element::Float, 8),
        "int8" => (Element::Signed, 1),
        "int16" => (Element::Signed, 2),
        "int32" => (Element::Signed, 4),
        "int64" => (Element::Signed, 8),
        "uint8" => (Element::Unsigned, 1),
        "uint16" => (Element::Unsigned, 2),
        "uint32" => (Element::Unsigned, 4),
        "uint64" => (Element::Unsigned, 8),
        "bool" | "bool_" => (Element::Bool, 1),
        _ => return None,
    };
    Some(Dtype { element, size, big_endian: false })
}
