//! What the machine works on: the values of the file, and those that only help to make them.

use std::sync::Arc;

use super::globals::Global;
use crate::{Array, Data, Dtype, Id, Latin1};

/// What to do about a file that no writer wrote so.
pub(super) const DAMAGED: &str = "the file is damaged or no pickle: get it again";
/// What to do about a file that needs more than is done here.
pub(super) const EXPORT: &str = "nothing in a file is executed: export the data as plain arrays";

/// One value.
#[derive(Debug)]
pub(super) enum Value {
    None,
    Bool(bool),
    Whole(i64),
    Real(f64),
    Text(Arc<str>),
    /// Long UTF-8 in the file: text, or the bytes of an array in protocol 2.
    Unread {
        start: u64,
        length: u64,
    },
    Bytes(Blob),
    /// Python 2's `str`: text, or bytes.
    String(Blob),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Set(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Global(Global),
    Dtype(Dtype),
    /// An array that `BUILD` has not filled yet, and where it was made.
    Blank(u64),
    Array(Arc<Array>),
}

/// Bytes, in the file or in memory.
#[derive(Debug, Clone)]
pub(super) enum Blob {
    Span { start: u64, length: u64 },
    Latin1(Arc<Latin1>),
    Owned(Arc<Vec<u8>>),
}

impl Value {
    /// A few words for messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::None => "None".into(),
            Self::Bool(value) => value.to_string(),
            Self::Whole(value) => format!("the number {value}"),
            Self::Real(value) => format!("the number {value}"),
            Self::Text(text) => format!("the text `{text}`"),
            Self::Unread { length, .. } => format!("text of {length} bytes"),
            Self::Bytes(blob) => format!("{} bytes", blob.len()),
            Self::String(Blob::Owned(bytes)) => format!("the text `{}`", crate::array::narrow(bytes)),
            Self::String(blob) => format!("text of {} bytes", blob.len()),
            Self::Tuple(items) => format!("a tuple of {}", items.len()),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Set(items) => format!("a set of {}", items.len()),
            Self::Dict(entries) => format!("a dictionary of {}", entries.len()),
            Self::Global(global) => format!("the global `{global}`"),
            Self::Dtype(dtype) => format!("the type {dtype}"),
            Self::Blank(_) => "an array without contents".into(),
            Self::Array(array) => array.describe(),
        }
    }
}

impl Blob {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self::Owned(Arc::new(bytes))
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Span { length, .. } => *length,
            Self::Latin1(text) => text.len(),
            Self::Owned(bytes) => bytes.len() as u64,
        }
    }

    pub(super) fn data(&self) -> Data {
        match self {
            Self::Span { start, .. } => Data::Span(*start),
            Self::Latin1(text) => Data::Latin1(Arc::clone(text)),
            Self::Owned(bytes) => Data::Owned(Arc::clone(bytes)),
        }
    }
}
