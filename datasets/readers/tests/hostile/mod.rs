//! What every reader must survive: files that are cut, changed, and lie.

use std::{path::PathBuf, sync::Arc};

use bench_readers::{Node, Source, Tree, View, read};
use proptest::prelude::*;

/// Bytes of a committed file.
pub fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/fixtures", name].iter().collect();
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads a committed file.
pub fn tree(name: &str) -> Tree {
    of(name, fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads bytes under a name.
pub fn of(name: &str, bytes: Vec<u8>) -> Result<Tree, String> {
    read(Arc::new(Source::memory(name, bytes))).map_err(|error| error.to_string())
}

/// The error of such bytes.
pub fn refusal(name: &str, bytes: Vec<u8>) -> String {
    of(name, bytes).and_then(|tree| visit(&tree).map(|()| panic!("{name} was read"))).unwrap_err()
}

/// Reads all that a file holds: a value or an error, nothing else.
pub fn survive(bytes: Vec<u8>) {
    if let Ok(tree) = of("hostile", bytes) {
        let _ = visit(&tree);
    }
}

/// Asks for every text and all rows of every array.
pub fn visit(tree: &Tree) -> Result<(), String> {
    let mut stack: Vec<View> = vec![tree.root()];
    while let Some(view) = stack.pop() {
        match view.node() {
            Node::Table(_) => stack.extend(view.entries().map_err(|error| error.to_string())?.into_iter().map(|(_, value)| value)),
            Node::List(_) => stack.extend(view.items().map_err(|error| error.to_string())?),
            Node::Array(array) => match array.dtype.element {
                bench_readers::Element::Text | bench_readers::Element::Bytes => drop(view.texts().map_err(|error| error.to_string())?),
                bench_readers::Element::Object => stack.extend(view.items().map_err(|error| error.to_string())?),
                _ => drop(view.reals().map_err(|error| error.to_string())?),
            },
            _ => {}
        }
    }
    Ok(())
}

/// A change to a file.
#[derive(Debug, Clone)]
pub enum Change {
    Flip(usize, u8),
    Set(usize, Vec<u8>),
    Cut(usize),
    Remove(usize, usize),
    Repeat(usize, usize),
}

/// Changes that hit fields: whole words of ones, of zeros, of large numbers; single bits; missing and repeated parts.
pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    let words = prop_oneof![
        Just(vec![0xff; 4]),
        Just(vec![0; 4]),
        Just(vec![0xff, 0xff, 0xff, 0x7f]),
        Just(vec![0x7f, 0xff, 0xff, 0xff]),
        Just(vec![0xff; 8]),
        proptest::collection::vec(any::<u8>(), 1..9),
    ];
    let change = prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, mask)| Change::Flip(at, mask)),
        4 => (any::<usize>(), words).prop_map(|(at, word)| Change::Set(at, word)),
        1 => any::<usize>().prop_map(Change::Cut),
        1 => (any::<usize>(), 1_usize..64).prop_map(|(at, length)| Change::Remove(at, length)),
        1 => (any::<usize>(), 1_usize..64).prop_map(|(at, length)| Change::Repeat(at, length)),
    ];
    proptest::collection::vec(change, 1..5)
}

/// A file with these changes.
pub fn changed(mut bytes: Vec<u8>, changes: Vec<Change>) -> Vec<u8> {
    for change in changes {
        let length = bytes.len().max(1);
        match change {
            _ if bytes.is_empty() => {}
            Change::Flip(at, mask) => bytes[at % length] ^= mask,
            Change::Set(at, word) => {
                for (place, value) in (at % length..length).zip(word) {
                    bytes[place] = value;
                }
            }
            Change::Cut(at) => bytes.truncate(at % length),
            Change::Remove(at, count) => drop(bytes.drain(at % length..(at % length + count).min(length))),
            Change::Repeat(at, count) => {
                let part = bytes[at % length..(at % length + count).min(length)].to_vec();
                bytes.splice(at % length..at % length, part);
            }
        }
    }
    bytes
}
