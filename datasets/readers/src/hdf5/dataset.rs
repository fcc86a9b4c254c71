//! From a dataset's header to a node.

use std::{collections::HashMap, sync::Arc};

use hdf5_reader::{
    Dataset, Datatype, StringPadding, StringSize,
    error::Error,
    io::Cursor,
    messages::{HdfMessage, dataspace::DataspaceType, layout::DataLayout},
    reference::read_object_references,
};

use super::{
    chunks::Chunks,
    decoded,
    element::{self, Kind},
    matlab::{self, Class},
    walk::{Found, Walk},
};
use crate::{Array, Data, Dtype, Element, Id, Node, Order, ReadError};

impl Walk {
    /// The node of a dataset.
    pub(super) fn dataset(&mut self, found: &Found<'_>) -> Result<Node, ReadError> {
        let (mut space, mut datatype, mut layout) = (None, None, None);
        for message in &found.header.messages {
            match message {
                HdfMessage::Dataspace(own) => space = Some(own),
                HdfMessage::Datatype(own) => datatype = Some(&own.datatype),
                HdfMessage::DataLayout(own) => layout = Some(&own.layout),
                _ => {}
            }
        }
        let missing = || self.failed_at(found, Error::InvalidData("a dataset without dataspace, datatype or layout".into()));
        let (Some(space), Some(datatype), Some(layout)) = (space, datatype, layout) else { return Err(missing()) };
        if space.dataspace_type == DataspaceType::Null {
            return Ok(Node::None);
        }
        let axes = self.axes(found, &space.dims)?;
        if let Some(what) = unread(found) {
            return Ok(self.refused(what, axes));
        }
        let class = Class::of(found.header);
        match element::kind(datatype) {
            Kind::Plain(dtype, inner) => {
                let axes = self.axes(found, &[&*space.dims, &inner].concat())?;
                self.plain(found, dtype, axes, layout, class.as_ref())
            }
            Kind::Text => self.texts(found, datatype, &axes),
            Kind::Ragged(dtype) => self.ragged(found, dtype, &axes),
            Kind::Reference => {
                if class.is_some_and(|class| class.is_empty) {
                    return Ok(Node::List(Vec::new()));
                }
                let raw = self.raw(found, &axes)?;
                let addresses = read_object_references(&raw, self.file.superblock().offset_size).map_err(|error| self.failed_at(found, error))?;
                self.await_objects(found, addresses);
                Ok(Node::None)
            }
            Kind::Other(what) => Ok(self.refused(what, axes)),
        }
    }

    /// Sizes of axes, of which no file's rows could be more.
    fn axes(&self, found: &Found<'_>, sizes: &[u64]) -> Result<Vec<usize>, ReadError> {
        let limit = decoded(self.source.len());
        let fits = sizes.len() <= 32 && sizes.iter().all(|&size| size <= limit);
        let fits = fits && sizes.iter().filter(|&&size| size > 0).try_fold(1_u64, |product, &size| product.checked_mul(size)).is_some();
        if fits {
            return Ok(sizes.iter().map(|&size| size as usize).collect());
        }
        Err(self.failed_at(found, Error::ResourceLimit(format!("{} axes of {:?}", sizes.len(), sizes.get(..4).unwrap_or(sizes)))))
    }

    fn open(&self, found: &Found<'_>) -> Result<Dataset, ReadError> {
        let dataset = found.group.dataset(found.name).map_err(|error| self.failed_at(found, error))?;
        if dataset.address() == found.address {
            return Ok(dataset);
        }
        Err(self.failed_at(found, Error::InvalidData(format!("two members named {}", found.name))))
    }

    /// Elements that are needed for the tree, as stored.
    fn raw(&mut self, found: &Found<'_>, axes: &[usize]) -> Result<Vec<u8>, ReadError> {
        let dataset = self.open(found)?;
        let size = dataset.raw_element_size().map_err(|error| self.failed_at(found, error))?;
        let length = axes.iter().product::<usize>().saturating_mul(size) as u64;
        self.elements.spend(length).map_err(|error| self.failed_at(found, error))?;
        dataset.read_raw_bytes().map_err(|error| self.failed_at(found, error))
    }

    fn plain(&mut self, found: &Found<'_>, dtype: Dtype, axes: Vec<usize>, layout: &DataLayout, class: Option<&Class>) -> Result<Node, ReadError> {
        if dtype.element == Element::Float && dtype.size == 2 {
            let message = self.open(found)?.raw_datatype().map_err(|error| self.failed_at(found, error))?;
            if !element::is_ieee_half(&message) {
                return Ok(self.refused("floating-point numbers of 2 bytes that are not IEEE 754's (bfloat16?)", axes));
            }
        }
        let data = self.elements(found, dtype, &axes, layout, class.is_none())?;
        let mut array = Array { shape: axes, dtype, order: Order::RowMajor, data, source: Arc::clone(&self.source) };
        let Some(class) = class else { return Ok(Node::Array(Arc::new(array))) };
        if class.is_empty || class.name == "char" {
            let count = array.numel().unwrap_or(usize::MAX);
            self.elements.spend(count as u64).map_err(|error| self.failed_at(found, error))?;
            let flat = Array { shape: vec![count], ..array.clone() };
            let numbers = flat.wholes(&self.path_of(found), 0..count)?;
            if class.is_empty {
                return self.empty(found, class, &numbers, array);
            }
            return self.characters(&array.shape, &numbers);
        }
        if class.name == "logical" && dtype.size == 1 {
            array.dtype.element = Element::Bool;
        }
        array.shape.reverse();
        array.order = Order::ColumnMajor;
        Ok(Node::Array(Arc::new(array)))
    }

    /// MATLAB's array without elements: what is stored are the sizes of its axes.
    fn empty(&self, found: &Found<'_>, class: &Class, sizes: &[i64], array: Array) -> Result<Node, ReadError> {
        match &*class.name {
            "char" => return Ok(Node::Text("".into())),
            "cell" => return Ok(Node::List(Vec::new())),
            _ => {}
        }
        let sizes: Vec<u64> = sizes.iter().map(|&size| u64::try_from(size).unwrap_or(u64::MAX)).collect();
        let shape = self.axes(found, &sizes)?;
        if !shape.contains(&0) {
            return Err(self.failed_at(found, Error::InvalidData(format!("an empty array of {shape:?}"))));
        }
        Ok(Node::Array(Arc::new(Array { shape, data: Data::Owned(Arc::default()), ..array })))
    }

    /// MATLAB's text.
    fn characters(&mut self, axes: &[usize], units: &[i64]) -> Result<Node, ReadError> {
        let mut wide = Vec::with_capacity(units.len());
        for &unit in units {
            let code = u32::try_from(unit).unwrap_or(u32::MAX);
            match u16::try_from(code) {
                Ok(unit) => wide.push(unit),
                Err(_) => wide.extend_from_slice(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf16(&mut [0; 2])),
            }
        }
        let mut rows = matlab::texts(axes.last().copied().unwrap_or(1), &wide);
        if rows.len() < 2 {
            return Ok(Node::Text(rows.pop().unwrap_or_default().into()));
        }
        let ids: Result<Vec<Id>, ReadError> = rows.into_iter().map(|row| self.push(Node::Text(row.into()))).collect();
        Ok(Node::List(ids?))
    }

    /// Where the elements are; all of them must be in the file, or come from as many bytes as can become them.
    fn elements(&self, found: &Found<'_>, dtype: Dtype, axes: &[usize], layout: &DataLayout, by_rows: bool) -> Result<Data, ReadError> {
        let damaged = |what: String| self.failed_at(found, Error::InvalidData(what));
        let count = axes.iter().product::<usize>();
        let length = (count as u64).checked_mul(dtype.size as u64).ok_or_else(|| damaged(format!("{count} elements of {} bytes", dtype.size)))?;
        if length == 0 {
            return Ok(Data::Owned(Arc::default()));
        }
        let mut stored = length;
        match layout {
            DataLayout::Compact { data } => {
                let own = usize::try_from(length).ok().and_then(|length| data.get(..length));
                let own = own.ok_or_else(|| damaged(format!("{} bytes of the {length} of {dtype} {axes:?}", data.len())))?;
                return Ok(Data::Owned(Arc::new(own.to_vec())));
            }
            DataLayout::Contiguous { address, .. } if !Cursor::is_undefined_offset(*address, self.file.superblock().offset_size) => {
                let start = address.checked_add(self.file.superblock().base_address).filter(|start| self.source.check(*start, length).is_ok());
                let start =
                    start.ok_or_else(|| damaged(format!("a file that ends within the {length} bytes from {address} on of {dtype} {axes:?}")))?;
                return Ok(Data::Span(start));
            }
            // Written never: fill values.
            DataLayout::Contiguous { .. } => {}
            DataLayout::Chunked { dims, .. } => {
                // Chunks at the edges are stored whole.
                let padded = axes.iter().zip(dims).try_fold(1_u64, |product, (&size, &chunk)| {
                    (size as u64).checked_next_multiple_of(u64::from(chunk)).and_then(|size| product.checked_mul(size))
                });
                let padded = padded.and_then(|count| count.checked_mul(dtype.size as u64));
                stored = padded.ok_or_else(|| damaged(format!("chunks of {dims:?} of {dtype} {axes:?}")))?;
            }
        }
        if stored > decoded(self.source.len()) {
            return Err(self.failed_at(found, Error::ResourceLimit(format!("{stored} bytes of {dtype} {axes:?}"))));
        }
        let dataset = self.open(found)?;
        Ok(Data::Lazy(Arc::new(Chunks::new(dataset, Arc::clone(&self.source), self.path_of(found), length, dtype.size, by_rows))))
    }

    /// Text of variable length, or padded otherwise than with zeros.
    fn texts(&mut self, found: &Found<'_>, datatype: &Datatype, axes: &[usize]) -> Result<Node, ReadError> {
        let raw = self.raw(found, axes)?;
        let dataset = self.open(found)?;
        let size = dataset.raw_element_size().map_err(|error| self.failed_at(found, error))?;
        let fixed = match datatype {
            Datatype::String { size: StringSize::Fixed(_), padding, .. } => Some(*padding),
            _ => None,
        };
        let text = |element: &[u8]| -> Result<String, Error> {
            Ok(match fixed {
                Some(StringPadding::NullTerminate) => crate::array::narrow(element.split(|&byte| byte == 0).next().unwrap_or_default()),
                Some(_) => crate::array::narrow(element).trim_end_matches(' ').to_owned(),
                None => crate::array::narrow(&dataset.resolve_vlen_reference_bytes(element, 1)?),
            })
        };
        self.gather(found, &raw, size, axes, |element| text(element).map(|text| (text.len(), Node::Text(text.into()))))
    }

    /// Arrays of numbers of any length.
    fn ragged(&mut self, found: &Found<'_>, dtype: Dtype, axes: &[usize]) -> Result<Node, ReadError> {
        let raw = self.raw(found, axes)?;
        let dataset = self.open(found)?;
        let source = Arc::clone(&self.source);
        let array = |element: &[u8]| -> Result<(usize, Node), Error> {
            let bytes = dataset.resolve_vlen_reference_bytes(element, dtype.size)?;
            let (length, shape) = (bytes.len(), vec![bytes.len() / dtype.size]);
            let data = Data::Owned(Arc::new(bytes));
            Ok((length, Node::Array(Arc::new(Array { shape, dtype, order: Order::RowMajor, data, source: Arc::clone(&source) }))))
        };
        self.gather(found, &raw, dataset.vlen_reference_size(), axes, array)
    }

    /// A node for each element of `size` bytes, and lists of them along the axes. Elements of the same bytes are the same node.
    fn gather(
        &mut self,
        found: &Found<'_>,
        raw: &[u8],
        size: usize,
        axes: &[usize],
        node: impl Fn(&[u8]) -> Result<(usize, Node), Error>,
    ) -> Result<Node, ReadError> {
        let (mut known, mut ids) = (HashMap::new(), Vec::new());
        for element in raw.chunks_exact(size.max(1)) {
            let id = match known.get(element) {
                Some(&id) => id,
                None => {
                    let made = node(element).and_then(|(length, node)| self.names.spend(length as u64).map(|()| node));
                    let id = self.push(made.map_err(|error| self.failed_at(found, error))?)?;
                    known.insert(element, id);
                    id
                }
            };
            ids.push(id);
        }
        let Some((_, inner)) = axes.split_first() else {
            return match raw.get(..size) {
                Some(element) => Ok(node(element).map_err(|error| self.failed_at(found, error))?.1),
                None => Ok(Node::None),
            };
        };
        for &axis in inner.iter().rev() {
            let lists: Result<Vec<Id>, ReadError> = ids.chunks(axis.max(1)).map(|ids| self.push(Node::List(ids.to_vec()))).collect();
            ids = lists?;
        }
        Ok(Node::List(ids))
    }
}

/// Why a dataset's elements are not read, if they are not.
fn unread(found: &Found<'_>) -> Option<String> {
    found.header.messages.iter().find_map(|message| match message {
        HdfMessage::ExternalFiles(_) => Some("elements in another file".into()),
        HdfMessage::FilterPipeline(pipeline) => pipeline.filters.iter().find_map(|filter| {
            let name = match filter.id {
                1..=6 => return None,
                32000 => "lzf".into(),
                32001 => "Blosc".into(),
                32004 => "LZ4".into(),
                32008 => "bitshuffle".into(),
                32015 => "Zstandard".into(),
                id => format!("filter {id}"),
            };
            Some(format!("elements compressed with {name}"))
        }),
        _ => None,
    })
}
