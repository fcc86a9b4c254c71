/*!
Importers: from what the field has on disk to a dataset's folder.

An importer (one file a format, in `formats/`) turns files into a [`Draft`]: ids, splits, targets, groups, and streams whose numbers stay in their files.
`assemble` then does what is the same for every format: chooses target and groups, makes the splits that are missing, repairs numbers, builds
vocabularies on the training split, and writes the folder a shard at a time.
*/

pub mod assemble;
pub mod auto;
mod context;
pub mod draft;
mod error;
mod field;
pub mod formats;
mod labels;
mod listing;
mod named;
pub mod options;
mod padding;
mod rows;
pub mod signal;
mod spec;
mod store;
pub mod summary;
mod table;
mod words;

pub use assemble::{Progress, assemble};
pub use draft::{Content, Draft, Groups, Numbers, Rows, Stream, Target, Targets};
pub use error::ImportError;
pub use options::{Options, Rename};
pub use summary::Summary;
pub use words::words;
