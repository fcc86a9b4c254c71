//! The names in a group and where they lead: one pass, whatever the group's storage.

use hdf5_reader::{
    Hdf5File,
    btree_v1::collect_btree_v1_leaves_storage,
    btree_v2::{BTreeV2Header, BTreeV2Record, collect_btree_v2_records_storage},
    error::{Error, Result},
    fractal_heap::{FractalHeap, FractalHeapDirectBlockCache},
    io::Cursor,
    local_heap::LocalHeap,
    messages::{
        HdfMessage,
        link::{self, LinkMessage, LinkTarget},
        link_info::LinkInfoMessage,
        symbol_table_msg::SymbolTableMessage,
    },
    object_header::ObjectHeader,
    symbol_table::SymbolTableNode,
};

/// A member of a group.
#[derive(Debug)]
pub struct Link {
    pub name: String,
    pub target: LinkTarget,
}

/// Bytes that a header, a B-tree node or a heap may still be decoded to, beyond what was read: names may be shared, and shared names multiply.
#[derive(Debug)]
pub struct Budget(pub u64);

impl Budget {
    /// Takes `bytes` from what is left.
    pub fn spend(&mut self, bytes: u64) -> Result<()> {
        self.0 = self.0.checked_sub(bytes).ok_or_else(|| Error::ResourceLimit("names and texts that are longer in all than the file".into()))?;
        Ok(())
    }
}

/// Members of the group with this header: in the order of their creation where the group keeps it, else by name, as h5py lists them.
pub fn links(file: &Hdf5File, header: &ObjectHeader, budget: &mut Budget) -> Result<Vec<Link>> {
    let mut found = Vec::new();
    for message in &header.messages {
        match message {
            HdfMessage::SymbolTable(table) => symbols(file, table, &mut found, budget)?,
            HdfMessage::Link(link) => {
                budget.spend(link.name.len() as u64)?;
                found.push(link.clone());
            }
            HdfMessage::LinkInfo(info) if !Cursor::is_undefined_offset(info.fractal_heap_address, file.superblock().offset_size) => {
                dense(file, info, &mut found, budget)?;
            }
            _ => {}
        }
    }
    if found.iter().all(|link| link.creation_order.is_some()) {
        found.sort_by_key(|link| link.creation_order);
    } else {
        found.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(found.into_iter().map(|LinkMessage { name, target, .. }| Link { name, target }).collect())
}

/// Groups before HDF5 1.8: a B-tree of symbol tables, whose names lie in a local heap.
fn symbols(file: &Hdf5File, table: &SymbolTableMessage, found: &mut Vec<LinkMessage>, budget: &mut Budget) -> Result<()> {
    let (storage, about) = (file.storage(), file.superblock());
    let (offset_size, length_size) = (about.offset_size, about.length_size);
    let heap = LocalHeap::parse_at_storage(storage, table.heap_address, offset_size, length_size)?;
    let leaves = collect_btree_v1_leaves_storage(storage, table.btree_address, offset_size, length_size, None, &[], None)?;
    if leaves.is_empty() {
        return Ok(());
    }
    let size = usize::try_from(heap.data_segment_size).map_err(|_| Error::OffsetOutOfBounds(heap.data_segment_size))?;
    let names = storage.read_range(heap.data_segment_address, size)?;
    let mut name = |offset: u64| -> Result<String> {
        let rest = usize::try_from(offset).ok().and_then(|start| names.get(start..)).ok_or(Error::OffsetOutOfBounds(offset))?;
        let end = rest.iter().position(|&byte| byte == 0).ok_or(Error::OffsetOutOfBounds(offset))?;
        budget.spend(end as u64)?;
        Ok(crate::array::narrow(&rest[..end]))
    };
    for (_, address) in leaves {
        // A node has room for 2 · K entries, of which the first `count` are used.
        let head = storage.read_range(address, 8)?;
        let count = Cursor::new(&head).at_offset(6)?.read_u16_le()?;
        let entry = 2 * usize::from(offset_size) + 24;
        let node = storage.read_range(address, 8 + usize::from(count) * entry)?;
        for entry in SymbolTableNode::parse(&mut Cursor::new(&node), offset_size, length_size)?.entries {
            let target = if entry.cache_type == 2 {
                let [a, b, c, d, ..] = entry.scratch;
                LinkTarget::Soft { path: name(u64::from(u32::from_le_bytes([a, b, c, d])))? }
            } else {
                LinkTarget::Hard { address: entry.object_header_address }
            };
            found.push(LinkMessage { name: name(entry.link_name_offset)?, target, creation_order: None });
        }
    }
    Ok(())
}

/// Groups of more than eight members since HDF5 1.8: link messages in a fractal heap, found through a B-tree by the hash of their names.
fn dense(file: &Hdf5File, info: &LinkInfoMessage, found: &mut Vec<LinkMessage>, budget: &mut Budget) -> Result<()> {
    let (storage, about) = (file.storage(), file.superblock());
    let (offset_size, length_size) = (about.offset_size, about.length_size);
    let heap = FractalHeap::parse_at_storage(storage, info.fractal_heap_address, offset_size, length_size)?;
    let tree = BTreeV2Header::parse_at_storage(storage, info.btree_name_index_address, offset_size, length_size)?;
    let mut blocks = FractalHeapDirectBlockCache::default();
    for record in collect_btree_v2_records_storage(storage, &tree, offset_size, length_size, None, &[], None)? {
        let BTreeV2Record::LinkNameHash { heap_id, .. } = &record else { continue };
        let bytes = heap.get_object_storage_cached_with_registry(heap_id, storage, offset_size, length_size, &mut blocks, None)?;
        budget.spend(bytes.len() as u64)?;
        found.push(link::parse(&mut Cursor::new(&bytes), offset_size, length_size, bytes.len())?);
    }
    Ok(())
}
