//! From the machine's values to a tree: what is within reach of the outermost value becomes nodes, at the same places.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use super::{
    globals::Global,
    value::{Blob, DAMAGED, EXPORT, Value},
};
use crate::{Array, Data, Dtype, Element, Id, Node, Order, ReadError, Source, Tree};

/// Python 2's strings up to this length are text; longer ones may be a file's contents and stay where they are.
const LONGEST_STRING: u64 = 1 << 20;

pub(super) fn tree(values: Vec<Value>, root: Id, source: &Arc<Source>) -> Result<Tree, ReadError> {
    let reached = reach(&values, root);
    let mut nodes = Vec::with_capacity(values.len());
    for (value, reached) in values.into_iter().zip(reached) {
        nodes.push(if reached { node(value, source)? } else { Node::None });
    }
    refuse_repeated_keys(&nodes, source)?;
    Tree::new(nodes, root, Arc::clone(source))
}

/// Which values the outermost one leads to.
fn reach(values: &[Value], root: Id) -> Vec<bool> {
    let mut reached = vec![false; values.len()];
    let mut stack = vec![root];
    while let Some(Id(id)) = stack.pop() {
        let at = id as usize;
        if reached[at] {
            continue;
        }
        reached[at] = true;
        let is_new = |id: &&Id| !reached[id.0 as usize];
        match &values[at] {
            Value::Tuple(items) | Value::List(items) | Value::Set(items) => stack.extend(items.iter().filter(is_new)),
            Value::Dict(entries) => stack.extend(entries.iter().flat_map(|(key, value)| [key, value]).filter(is_new)),
            Value::Array(array) => {
                if let Data::Objects(items) = &array.data {
                    stack.extend(items.iter().filter(is_new));
                }
            }
            _ => {}
        }
    }
    reached
}

fn node(value: Value, source: &Arc<Source>) -> Result<Node, ReadError> {
    Ok(match value {
        Value::None => Node::None,
        Value::Bool(value) => Node::Bool(value),
        Value::Whole(value) => Node::Whole(value),
        Value::Real(value) => Node::Real(value),
        Value::Text(text) => Node::Text(text),
        Value::Unread { start, length } => Node::Text(String::from_utf8_lossy(&source.bytes(start, length)?).into()),
        Value::Bytes(Blob::Owned(bytes)) => Node::Bytes((**bytes).into()),
        Value::Bytes(blob) => one_element(&blob, source),
        Value::String(Blob::Owned(bytes)) => Node::Text(narrow(&bytes)),
        Value::String(Blob::Span { start, length }) if length <= LONGEST_STRING => Node::Text(narrow(&source.bytes(start, length)?)),
        Value::String(blob) => one_element(&blob, source),
        Value::Tuple(items) | Value::List(items) | Value::Set(items) => Node::List(items),
        Value::Dict(entries) => Node::Table(entries),
        Value::Array(array) => Node::Array(array),
        Value::Dtype(dtype) => Node::Text(dtype.to_string().into()),
        Value::Global(global @ (Global::Number(_) | Global::Named(_) | Global::Container(_))) => Node::Text(global.to_string().into()),
        Value::Global(global) => {
            let found = format!("the global `{global}` as a value");
            return Err(ReadError::invalid(source.file(), "values", found, "plain values and NumPy arrays", EXPORT));
        }
        Value::Blank(at) => return Err(source.invalid(at, "an array without contents", "one with shape and elements", DAMAGED)),
    })
}

/// Bytes that stay where they are.
fn one_element(blob: &Blob, source: &Arc<Source>) -> Node {
    let dtype = Dtype { element: Element::Bytes, size: blob.len() as usize, big_endian: false };
    Node::Array(Arc::new(Array { shape: Vec::new(), dtype, order: Order::RowMajor, data: blob.data(), source: Arc::clone(source) }))
}

fn narrow(bytes: &[u8]) -> Arc<str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().copied().map(char::from).collect::<String>().into(),
    }
}

/// No writer gives a key twice; of two, Python would keep the last and a reader in order the first.
fn refuse_repeated_keys(nodes: &[Node], source: &Arc<Source>) -> Result<(), ReadError> {
    // A key is compared once, however many tables share it.
    let mut first_of: HashMap<&[u8], Id> = HashMap::new();
    let mut same: HashMap<Id, Id> = HashMap::new();
    let mut seen = HashSet::new();
    for node in nodes {
        let Node::Table(entries) = node else { continue };
        if entries.len() < 2 {
            continue;
        }
        seen.clear();
        for &(key, _) in entries {
            let key = match same.entry(key) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(unknown) => {
                    let first = match &nodes[key.0 as usize] {
                        Node::Text(text) => *first_of.entry(text.as_bytes()).or_insert(key),
                        _ => key,
                    };
                    *unknown.insert(first)
                }
            };
            if !seen.insert(key) {
                let found = match &nodes[key.0 as usize] {
                    Node::Text(text) => format!("the key `{text}` twice"),
                    _ => "a key twice".into(),
                };
                return Err(ReadError::invalid(source.file(), "values", found, "each key once in a dictionary", DAMAGED));
            }
        }
    }
    Ok(())
}
