//! Sparse matrices: the entries of each column, from which any part is made when it is asked for.

use std::{ops::Range, sync::Arc};

use super::{
    element::{Element, Input, Pieces},
    matrix::{array, stored},
};
use crate::{Data, Lazy, Node, ReadError, array::extent};

/// With all zeros, a matrix may have this many times the bytes of its entries, so that a small file cannot ask for all memory. Bags of words have about 200.
const ZEROS: u64 = 1024;

/// Entries in the order of the columns.
#[derive(Debug)]
struct Columns {
    rows: usize,
    /// Row of each entry; rising in each column.
    row_of: Vec<u32>,
    /// Where each column's entries begin, and where the last one's end.
    start_of: Vec<u32>,
    /// The entries' bytes, `size` each.
    entries: Vec<u8>,
    size: usize,
}

/// Reads a sparse matrix `[rows, columns]`.
pub(super) fn matrix(pieces: &mut Pieces, shape: Vec<usize>, logical: bool) -> Result<Node, ReadError> {
    let &[rows, columns] = &*shape else {
        return Err(pieces.invalid(format!("a sparse matrix {shape:?}"), "rows and columns"));
    };
    let begin = pieces.at;
    let (row_of, start_of) = (pieces.next("rows of entries")?, pieces.next("places of columns")?);
    let (row_of, start_of) = (pieces.input.words(&row_of)?, pieces.input.words(&start_of)?);
    let count = start_of.last().map_or(0, |&end| end as usize);
    let broken = start_of.first() != Some(&0)
        || start_of.len() != columns + 1
        || !start_of.is_sorted()
        || count > row_of.len()
        || start_of.windows(2).any(|ends| !rises(&row_of[ends[0] as usize..ends[1] as usize], rows));
    if broken {
        let found = format!("{} entries in {} columns that are out of order", row_of.len(), start_of.len().saturating_sub(1));
        return Err(pieces.input.invalid(begin, found, format!("places in a matrix {shape:?}"), super::DAMAGED));
    }
    let element = if count == 0 && pieces.at >= pieces.end { None } else { Some(pieces.next("entries")?) };
    let dtype = match &element {
        Some(element) if element.length > 0 => stored(pieces.input, element, logical)?,
        _ => crate::Dtype::F64,
    };
    let entries = entries(pieces.input, element.as_ref(), count, dtype.size)?;
    let most = ((row_of.len() + start_of.len()) as u64 * 4 + entries.len() as u64).saturating_mul(ZEROS);
    if extent(&shape, dtype).is_none_or(|bytes| bytes > most) {
        let found = format!("a sparse matrix {shape:?} of {count} entries");
        return Err(pieces.input.invalid(begin, found, format!("at most {most} bytes with its zeros"), "save fewer columns, or the matrix in parts"));
    }
    let columns = Columns { rows, row_of, start_of, entries, size: dtype.size };
    Ok(array(pieces.input, shape, dtype, Data::Lazy(Arc::new(columns))))
}

fn rises(rows: &[u32], most: usize) -> bool {
    rows.windows(2).all(|pair| pair[0] < pair[1]) && rows.last().is_none_or(|&last| (last as usize) < most)
}

fn entries(input: &Input, element: Option<&Element>, count: usize, size: usize) -> Result<Vec<u8>, ReadError> {
    let Some(element) = element else { return Ok(Vec::new()) };
    // There may be room for more entries than there are.
    let length = (count * size) as u64;
    if element.length < length {
        return Err(input.invalid(element.start, format!("{} bytes", element.length), format!("{length} for {count} entries"), super::DAMAGED));
    }
    input.source.bytes(element.start, length)
}

impl Columns {
    /// Puts those entries of a column that are in `rows` into their place in `out`, which begins with the first of these.
    fn fill(&self, column: usize, rows: Range<usize>, out: &mut [u8]) {
        let ends = (self.start_of.get(column), self.start_of.get(column + 1));
        let (Some(&start), Some(&end)) = ends else { return };
        let (start, row_of) = (start as usize, &self.row_of[start as usize..end as usize]);
        let first = row_of.partition_point(|&row| (row as usize) < rows.start);
        for (at, &row) in row_of.iter().enumerate().skip(first).take_while(|&(_, &row)| (row as usize) < rows.end) {
            let (from, to) = ((start + at) * self.size, (row as usize - rows.start) * self.size);
            out[to..to + self.size].copy_from_slice(&self.entries[from..from + self.size]);
        }
    }
}

impl Lazy for Columns {
    fn len(&self) -> u64 {
        (self.rows * (self.start_of.len() - 1) * self.size) as u64
    }

    /// Whole elements only, as [`Array`](crate::Array) asks for.
    fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        let mut out = vec![0; length];
        let first = offset as usize / self.size;
        let last = first + length / self.size;
        let mut at = first;
        while at < last {
            let (column, row) = (at / self.rows, at % self.rows);
            let count = (self.rows - row).min(last - at);
            self.fill(column, row..row + count, &mut out[(at - first) * self.size..]);
            at += count;
        }
        Ok(out)
    }
}
