/*!
Readers of what the field has on disk: they execute nothing, allocate no more than a file's own size warrants, and never panic.

Large arrays stay in their file: a reader hands out an [`Array`] that knows where its bytes lie, and whoever wants some rows asks for them. What a pickle or a
`.mat` file nests is a [`Tree`]; a [`View`] walks it and knows the path it came by, so that every error names file, place, expectation and finding.
*/

pub mod array;
mod error;
pub mod hdf5;
pub mod image;
mod latin1;
pub mod mat;
pub mod npy;
pub mod npz;
mod npz_write;
pub mod pickle;
pub mod safetensors;
mod sniff;
pub mod sound;
mod source;
mod stream;
pub mod tree;
mod unpack;

pub use array::{Array, Data, Dtype, Element, Lazy, Order};
pub use error::ReadError;
pub use latin1::Latin1;
pub use npz_write::NpzWriter;
pub use sniff::Container;
pub use source::Source;
pub use tree::{Id, Node, Tree, View};

use std::sync::Arc;

/// Reads what a file nests, by what its first bytes say.
///
/// # Errors
/// Where the file is none of the containers, or is damaged.
pub fn read(source: Arc<Source>) -> Result<Tree, ReadError> {
    match Container::of(&source)? {
        Container::Pickle => pickle::read(source),
        Container::Hdf5 => hdf5::read(source),
        Container::Npy => npy::read(source),
        Container::Matlab => mat::read(source),
        Container::Zip => npz::read(source),
        Container::Safetensors => safetensors::read(source),
        container => Err(source.invalid(0, container, "a pickle, .npy, .npz, .mat, HDF5 or safetensors file", "check that this is the right file")),
    }
}
