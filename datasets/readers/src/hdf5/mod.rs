/*!
HDF5 as h5py, PyTables' plain arrays and MATLAB 7.3 write it.

Groups are tables, datasets are arrays. Contiguous elements stay in the file; chunks are decompressed when their rows are asked for. Text of variable length is
a text or a list of texts, ragged numbers are a list of arrays, object references are the objects themselves. What is none of these (compounds, data in other
files, soft links, virtual datasets) is an array that says so when it is read, and does not keep the rest of a file from being read.

Why the crate `hdf5-reader`: its superblocks 0 to 3, both kinds of headers and groups, all five chunk indexes and the filters deflate, shuffle, Fletcher-32,
scale-offset, n-bit and SZIP read every file in `tests/fixtures/hdf5` (h5py, libver earliest and latest, MATLAB 7.3), it reads through any storage, and its
limits were set with hostile files in mind. `hdf5-pure` and `rust-hdf5` are readers and writers several times its size that take a whole file or a path. Three
things are done here and not there: groups are listed with a limit on names that are shared, what the structure costs is limited by the file's size
(`Ranges`), and elements are refused where no stored bytes could decompress to them.

What the decoder does not read, though it is sound: a group in the format of HDF5 1.8 or later (`libver='latest'`, `track_order`) whose names need more than half a
megabyte in its heap, about 16 000 names of 16 letters; it reports an end of data. h5py's default format has no such limit.

MATLAB 7.3 (`MATLAB_class` on an object): axes are reversed, so arrays are column-major; `char` is text, `logical` is bool, a `cell` is a list, a `struct` is a
table, `MATLAB_empty` marks an array that keeps its shape in place of elements. The groups `#refs#` and `#subsystem#` are left out: they hold the cells' contents.
*/

mod chunks;
mod dataset;
mod element;
mod links;
mod matlab;
mod storage;
mod walk;

use std::sync::Arc;

use hdf5_reader::{Hdf5File, OpenOptions, error::Error};

use crate::{ReadError, Source, Tree};

/// Deflate, the densest of the filters, makes at most 1032 bytes of one.
const DEFLATE: u64 = 1032;

/// Reads what an HDF5 file nests; elements are left where they are.
///
/// # Errors
/// Where the file's structure is damaged, or more is asked than its size warrants.
pub fn read(source: Arc<Source>) -> Result<Tree, ReadError> {
    let length = source.len();
    let storage = Arc::new(storage::Ranges::new(Arc::clone(&source), length.saturating_mul(64).saturating_add(16 << 20)));
    let options = OpenOptions::default()
        .with_chunk_cache_bytes(32 << 20)
        .with_max_chunk_bytes(decoded(length).min(1 << 30) as usize)
        .with_max_read_bytes(usize::try_from(decoded(length)).unwrap_or(usize::MAX))
        .with_max_object_header_bytes(4 << 20);
    let file = Hdf5File::from_storage_with_options(Arc::clone(&storage) as _, options).map_err(|error| failed(&source, "superblock", error))?;
    let tree = walk::walk(file, source)?;
    storage.lift();
    Ok(tree)
}

/// Most bytes that a file of this length can decompress to; small files may have a little more that is written nowhere (fill values).
fn decoded(length: u64) -> u64 {
    length.saturating_mul(DEFLATE).saturating_add(1 << 20)
}

/// The decoder's error at a key's path.
fn failed(source: &Source, place: &str, error: Error) -> ReadError {
    match error {
        Error::Context { source: inner, .. } => failed(source, place, *inner),
        Error::Io(error) => ReadError::Io { action: "read", file: source.file().to_owned(), source: error },
        Error::ResourceLimit(what) => ReadError::invalid(
            source.file(),
            place,
            what,
            "no more than a file of this size can hold",
            "the file is damaged or hostile: get it again",
        ),
        error if is_unsupported(&error) => ReadError::invalid(
            source.file(),
            place,
            error,
            "HDF5 as h5py and MATLAB write it, compressed with gzip or not at all",
            "write the file again with h5py",
        ),
        error => ReadError::invalid(source.file(), place, error, "undamaged HDF5", "the file is truncated or damaged: get it again"),
    }
}

/// Whether a file may be sound, but has what the decoder does not know.
fn is_unsupported(error: &Error) -> bool {
    match error {
        Error::Context { source, .. } => is_unsupported(source),
        Error::UnsupportedDatatypeClass(_)
        | Error::UnsupportedLayoutClass(_)
        | Error::UnsupportedLayoutVersion(_)
        | Error::UnsupportedFilterPipelineVersion(_)
        | Error::UnsupportedDataspaceVersion(_)
        | Error::UnsupportedFillValueVersion(_)
        | Error::UnsupportedFilter(_)
        | Error::UnsupportedEncoding(_) => true,
        _ => false,
    }
}
