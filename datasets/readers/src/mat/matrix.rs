//! Variables: flags, sizes, a name, and what their class has behind these.

use std::sync::Arc;

use super::{
    element::{Element, Input, Pieces, kind},
    sparse, text,
};
use crate::{
    Array, Data, Dtype, Element as Type, Id, Node, Order, ReadError, Source,
    array::{extent, narrow},
};

/// Cells in cells; the field has two or three.
const DEEPEST: usize = 64;
/// Axes of a variable; MATLAB's own limit is far above what anyone uses.
const AXES: usize = 64;
const LOGICAL: u32 = 0x0200;
const COMPLEX: u32 = 0x0800;

/// Values that any file may have.
const FEW: u64 = 1 << 20;

/// Gathers the values of a file.
pub(super) struct Builder {
    pub nodes: Vec<Node>,
    most: u64,
}

impl Builder {
    /// For a file of so many bytes. Compressed tags of empty cells take almost no room, but a value takes more than a hundred bytes of memory: beyond the first million
    /// there may be as many as the file has bytes.
    pub fn new(length: u64) -> Self {
        Self { nodes: Vec::new(), most: length.saturating_add(FEW).min(u64::from(u32::MAX)) }
    }

    /// Adds a value.
    pub fn push(&mut self, input: &Input, node: Node) -> Result<Id, ReadError> {
        let id = u32::try_from(self.nodes.len()).ok().filter(|&id| u64::from(id) < self.most);
        let many = || input.invalid(0, "more values", format!("at most {}", self.most), "save fewer cells, or without compression (-v6)");
        let id = id.ok_or_else(many)?;
        self.nodes.push(node);
        Ok(Id(id))
    }

    /// Reads a variable or a part of one: its name and its value.
    pub fn matrix(&mut self, input: &Input, element: &Element, depth: usize) -> Result<(String, Id), ReadError> {
        if element.kind != kind::MATRIX {
            return Err(input.invalid(element.start, format!("an element of type {}", element.kind), "a value (14)", super::DAMAGED));
        }
        if depth >= DEEPEST {
            return Err(input.invalid(element.start, format!("values nested more than {DEEPEST} deep"), "fewer", "save the variables one by one"));
        }
        if element.length == 0 {
            let empty = array(input, vec![0, 0], Dtype::F64, Data::Owned(Arc::default()));
            return Ok((String::new(), self.push(input, empty)?));
        }
        let mut pieces = Pieces::of(input, element);
        let flags = input.words(&pieces.next("flags")?)?;
        let flags = *flags.first().ok_or_else(|| pieces.invalid("no flags", "the class of a variable"))?;
        let class = flags & 0xff;
        if class == 17 {
            let name = self::name(&mut pieces)?;
            let refused = refused(input, "an object of a MATLAB class");
            return Ok((name, self.push(input, refused)?));
        }
        let shape = shape(&mut pieces)?;
        let name = self::name(&mut pieces)?;
        let value = match class {
            1 => self.cells(&mut pieces, &shape, depth)?,
            2 => self.structs(&mut pieces, &shape, depth)?,
            3 => refused(input, "an object of a MATLAB class"),
            4 => self.letters(&mut pieces, &shape)?,
            5..=15 if flags & COMPLEX != 0 => refused(input, "complex numbers"),
            5 => sparse::matrix(&mut pieces, shape, flags & LOGICAL != 0)?,
            6..=15 => numbers(&mut pieces, shape, flags & LOGICAL != 0)?,
            16 => refused(input, "a MATLAB function"),
            _ => return Err(pieces.invalid(format!("class {class}"), "a class from 1 to 17")),
        };
        Ok((name, self.push(input, value)?))
    }

    fn cells(&mut self, pieces: &mut Pieces, shape: &[usize], depth: usize) -> Result<Node, ReadError> {
        let count = pieces.check(product(shape))?;
        let mut items = Vec::new();
        for _ in 0..count {
            let element = pieces.next("a cell")?;
            items.push(self.matrix(pieces.input, &element, depth + 1)?.1);
        }
        Ok(shaped(pieces.input, shape, items))
    }

    fn structs(&mut self, pieces: &mut Pieces, shape: &[usize], depth: usize) -> Result<Node, ReadError> {
        let width = pieces.next("the length of field names")?;
        let width = pieces.input.words(&width)?.first().map_or(0, |&width| width as usize);
        let names = pieces.next("field names")?;
        let names = pieces.input.source.bytes(names.start, names.length)?;
        if width == 0 && !names.is_empty() {
            return Err(pieces.invalid("field names of no letters", "at least one letter"));
        }
        let mut keys = Vec::new();
        for name in names.chunks(width.max(1)) {
            let end = name.iter().position(|&letter| letter == 0).unwrap_or(name.len());
            keys.push(self.push(pieces.input, Node::Text(narrow(&name[..end]).into()))?);
        }
        // Without fields, elements take no room in the file: there must be no more than of those that do.
        let count = product(shape);
        pieces.check(count.and_then(|count| count.checked_mul(keys.len())))?;
        let count = count.filter(|&count| !keys.is_empty() || count <= 1 << 10).ok_or_else(|| pieces.invalid("elements without fields", "fields"))?;
        let mut items = Vec::new();
        for _ in 0..count {
            let mut entries = Vec::new();
            for &key in &keys {
                let element = pieces.next("a field")?;
                entries.push((key, self.matrix(pieces.input, &element, depth + 1)?.1));
            }
            if count == 1 {
                return Ok(Node::Table(entries));
            }
            items.push(self.push(pieces.input, Node::Table(entries))?);
        }
        Ok(shaped(pieces.input, shape, items))
    }

    fn letters(&mut self, pieces: &mut Pieces, shape: &[usize]) -> Result<Node, ReadError> {
        let mut rows = text::rows(pieces, shape)?;
        if rows.len() == 1 {
            return Ok(Node::Text(rows.remove(0).into()));
        }
        let rows = rows.into_iter().map(|row| self.push(pieces.input, Node::Text(row.trim_end().into())));
        rows.collect::<Result<_, _>>().map(Node::List)
    }
}

/// Elements of a cell or struct array, columns after each other.
fn shaped(input: &Input, shape: &[usize], items: Vec<Id>) -> Node {
    if shape.iter().filter(|&&size| size != 1).count() < 2 || items.is_empty() {
        return Node::List(items);
    }
    array(input, shape.to_vec(), Dtype { element: Type::Object, size: 0, big_endian: false }, Data::Objects(Arc::new(items)))
}

fn refused(input: &Input, what: &str) -> Node {
    array(input, Vec::new(), Dtype { element: Type::Object, size: 0, big_endian: false }, Data::Refused(what.into()))
}

pub(super) fn array(input: &Input, shape: Vec<usize>, dtype: Dtype, data: Data) -> Node {
    let source: Arc<Source> = Arc::clone(&input.source);
    Node::Array(Arc::new(Array { shape, dtype, order: Order::ColumnMajor, data, source }))
}

fn numbers(pieces: &mut Pieces, shape: Vec<usize>, logical: bool) -> Result<Node, ReadError> {
    if shape.contains(&0) {
        extent(&shape, Dtype::F64).ok_or_else(|| pieces.invalid(format!("sizes {shape:?}"), "an array that fits into a file"))?;
        return Ok(array(pieces.input, shape, Dtype::F64, Data::Owned(Arc::default())));
    }
    let element = pieces.next("numbers")?;
    let dtype = stored(pieces.input, &element, logical)?;
    if extent(&shape, dtype) != Some(element.length) {
        return Err(pieces.input.invalid(
            element.start,
            format!("{} bytes", element.length),
            format!("as many as {dtype} {shape:?} has"),
            super::DAMAGED,
        ));
    }
    Ok(array(pieces.input, shape, dtype, Data::Span(element.start)))
}

/// Type of the numbers of an element, which may have fewer bytes than the variable's class.
pub(super) fn stored(input: &Input, element: &Element, logical: bool) -> Result<Dtype, ReadError> {
    let (element_type, size) = match element.kind {
        kind::INT8 => (Type::Signed, 1),
        kind::UINT8 if logical => (Type::Bool, 1),
        kind::UINT8 => (Type::Unsigned, 1),
        kind::INT16 => (Type::Signed, 2),
        kind::UINT16 => (Type::Unsigned, 2),
        kind::INT32 => (Type::Signed, 4),
        kind::UINT32 => (Type::Unsigned, 4),
        kind::SINGLE => (Type::Float, 4),
        kind::DOUBLE => (Type::Float, 8),
        kind::INT64 => (Type::Signed, 8),
        kind::UINT64 => (Type::Unsigned, 8),
        other => return Err(input.invalid(element.start, format!("an element of type {other}"), "numbers", super::DAMAGED)),
    };
    Ok(Dtype { element: element_type, size, big_endian: input.big_endian })
}

fn shape(pieces: &mut Pieces) -> Result<Vec<usize>, ReadError> {
    let element = pieces.next("sizes")?;
    let sizes = pieces.input.words(&element)?;
    if !(1..=AXES).contains(&sizes.len()) {
        return Err(pieces.invalid(format!("{} axes", sizes.len()), format!("1 to {AXES}")));
    }
    sizes.iter().map(|&size| i32::try_from(size).ok().and_then(|size| usize::try_from(size).ok())).collect::<Option<_>>().ok_or_else(|| {
        let found = format!("sizes {:?}", sizes.iter().map(|&size| size as i32).collect::<Vec<_>>());
        pieces.input.invalid(element.start, found, "none below zero", super::DAMAGED)
    })
}

fn name(pieces: &mut Pieces) -> Result<String, ReadError> {
    let element = pieces.next("a name")?;
    Ok(narrow(&pieces.input.source.bytes(element.start, element.length)?))
}

fn product(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size))
}
