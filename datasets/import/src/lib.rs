/*!
Importers: from what the field has on disk to a dataset's folder.

An importer (one file a format, in `formats/`) turns files into a [`Draft`]: ids, splits, targets, groups, and streams whose numbers stay in their files.
`assemble` then does what is the same for every format: chooses target and groups, makes the splits that are missing, repairs numbers, builds
vocabularies on the training split, and writes the folder a shard at a time.
*/

pub mod draft;
mod error;
pub mod formats;
pub mod signal;

pub use draft::{Content, Draft, Groups, Numbers, Rows, Stream, Target, Targets};
pub use error::ImportError;
