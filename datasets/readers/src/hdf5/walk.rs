//! From groups and datasets to a tree: every object once, whatever the number of links to it.

use std::{collections::HashMap, sync::Arc};

use hdf5_reader::{Hdf5File, error::Error, group::Group, messages::HdfMessage, messages::link::LinkTarget, object_header::ObjectHeader};

use super::{
    decoded, failed, is_unsupported,
    links::{Budget, links},
};
use crate::{Array, Data, Dtype, Element, Id, Node, Order, ReadError, Source, Tree};

/// Groups of MATLAB's files that hold what cells refer to.
const HIDDEN: [&str; 2] = ["#refs#", "#subsystem#"];

/// What is known of a file while it is walked.
pub struct Walk {
    pub(super) file: Hdf5File,
    pub(super) source: Arc<Source>,
    nodes: Vec<Node>,
    /// A key with the place of the group that it stands in.
    places: Vec<(usize, Arc<str>)>,
    /// Objects by the address of their header.
    seen: HashMap<u64, Id>,
    pending: Vec<(Group, Id, usize)>,
    /// Lists whose items are objects at these addresses.
    references: Vec<(Id, Vec<u64>)>,
    /// Bytes of names and texts.
    pub(super) names: Budget,
    /// Bytes of elements that must be looked at for the tree: references, texts.
    pub(super) elements: Budget,
}

/// A dataset on its way to a node: the header, and the link that led to it, which is how the decoder opens it.
pub struct Found<'a> {
    pub(super) group: &'a Group,
    pub(super) name: &'a str,
    pub(super) address: u64,
    pub(super) header: &'a ObjectHeader,
    pub(super) id: Id,
    place: usize,
}

/// Reads the structure of a file.
pub fn walk(file: Hdf5File, source: Arc<Source>) -> Result<Tree, ReadError> {
    let length = source.len();
    let mut walk = Walk {
        file,
        source: Arc::clone(&source),
        nodes: Vec::new(),
        places: Vec::new(),
        seen: HashMap::new(),
        pending: Vec::new(),
        references: Vec::new(),
        names: Budget(length.saturating_mul(8).saturating_add(1 << 16)),
        elements: Budget(decoded(length)),
    };
    let group = walk.file.root_group().map_err(|error| failed(&source, "root group", error))?;
    walk.places.push((0, "".into()));
    let root = walk.push(Node::None)?;
    walk.seen.insert(group.address(), root);
    walk.pending.push((group, root, 0));
    while let Some((group, id, place)) = walk.pending.pop() {
        walk.group(&group, id, place)?;
    }
    walk.refer()?;
    Tree::new(walk.nodes, root, source)
}

impl Walk {
    pub(super) fn push(&mut self, node: Node) -> Result<Id, ReadError> {
        let id = u32::try_from(self.nodes.len()).map_err(|_| self.failed(0, Error::ResourceLimit("more than 2^32 objects".into())))?;
        self.nodes.push(node);
        Ok(Id(id))
    }

    fn set(&mut self, Id(id): Id, node: Node) {
        if let Some(place) = self.nodes.get_mut(id as usize) {
            *place = node;
        }
    }

    fn failed(&self, place: usize, error: Error) -> ReadError {
        failed(&self.source, &self.path(place), error)
    }

    /// Keys that lead to a place, the last ones where there are many.
    fn path(&self, mut place: usize) -> String {
        let (mut keys, mut length) = (Vec::new(), 0);
        while place != 0 && length < 200 {
            let Some((above, key)) = self.places.get(place) else { break };
            length += key.len() + 1;
            keys.push(&**key);
            place = *above;
        }
        keys.reverse();
        if keys.is_empty() { "the whole file".into() } else { keys.join(".") }
    }

    /// An array of which a few words say why it is not read.
    pub(super) fn refused(&self, what: impl Into<Arc<str>>, shape: Vec<usize>) -> Node {
        let dtype = Dtype { element: Element::Object, size: 0, big_endian: false };
        Node::Array(Arc::new(Array { shape, dtype, order: Order::RowMajor, data: Data::Refused(what.into()), source: Arc::clone(&self.source) }))
    }

    fn group(&mut self, group: &Group, id: Id, place: usize) -> Result<(), ReadError> {
        let header = self.file.get_or_parse_header(group.address()).map_err(|error| self.failed(place, error))?;
        let found = links(&self.file, &header, &mut self.names).map_err(|error| self.failed(place, error))?;
        let mut entries = Vec::new();
        for link in found {
            let name: Arc<str> = link.name.into();
            self.places.push((place, Arc::clone(&name)));
            let at = self.places.len() - 1;
            let value = match link.target {
                LinkTarget::Hard { address } => self.object(group, &name, address, at)?,
                LinkTarget::Soft { path } => self.push(self.refused(format!("a soft link to {path}"), Vec::new()))?,
                LinkTarget::External { filename, path } => self.push(self.refused(format!("a link to {path} in {filename}"), Vec::new()))?,
            };
            if place != 0 || !HIDDEN.contains(&&*name) {
                let key = self.push(Node::Text(name))?;
                entries.push((key, value));
            }
        }
        self.set(id, Node::Table(entries));
        Ok(())
    }

    fn object(&mut self, group: &Group, name: &str, address: u64, place: usize) -> Result<Id, ReadError> {
        if let Some(&id) = self.seen.get(&address) {
            return Ok(id);
        }
        let id = self.push(Node::None)?;
        self.seen.insert(address, id);
        let header = match self.file.get_or_parse_header(address) {
            Ok(header) => header,
            Err(error) if is_unsupported(&error) => {
                self.set(id, self.refused(format!("an object with {error}"), Vec::new()));
                return Ok(id);
            }
            Err(error) => return Err(self.failed(place, error)),
        };
        let has = |wanted: fn(&HdfMessage) -> bool| header.messages.iter().any(wanted);
        if has(|message| matches!(message, HdfMessage::SymbolTable(_) | HdfMessage::Link(_) | HdfMessage::LinkInfo(_) | HdfMessage::GroupInfo(_))) {
            let inner = group.group(name).map_err(|error| self.failed(place, error))?;
            if inner.address() != address {
                return Err(self.failed(place, Error::InvalidData(format!("two members named {name}"))));
            }
            self.pending.push((inner, id, place));
        } else if has(|message| matches!(message, HdfMessage::DataLayout(_))) {
            let found = Found { group, name, address, header: &header, id, place };
            let node = self.dataset(&found)?;
            self.set(id, node);
        } else {
            self.set(id, self.refused("an object that is neither a group nor a dataset", Vec::new()));
        }
        Ok(id)
    }

    /// The decoder's error about a dataset.
    pub(super) fn failed_at(&self, found: &Found<'_>, error: Error) -> ReadError {
        self.failed(found.place, error)
    }

    /// Path of a dataset.
    pub(super) fn path_of(&self, found: &Found<'_>) -> String {
        self.path(found.place)
    }

    /// The dataset's node will be a list of the objects at these addresses.
    pub(super) fn await_objects(&mut self, found: &Found<'_>, addresses: Vec<u64>) {
        self.references.push((found.id, addresses));
    }

    /// Puts objects where references to them stand: all objects are known now.
    fn refer(&mut self) -> Result<(), ReadError> {
        for (id, addresses) in std::mem::take(&mut self.references) {
            let mut items = Vec::with_capacity(addresses.len());
            for address in addresses {
                items.push(match self.seen.get(&address) {
                    Some(&item) => item,
                    None if address == 0 => self.push(Node::None)?,
                    None => self.push(self.refused(format!("a reference to byte {address}, where no object is"), Vec::new()))?,
                });
            }
            self.set(id, Node::List(items));
        }
        Ok(())
    }
}
