/*!
Datasets of `bench`: what a sample is, the on-disk format, the embedded sets, normalisation, keyed random draws.

A dataset is a folder with a `dataset.toml` and `*.safetensors` files. [`Dataset::open`] verifies all of it and answers with an error that names
the file and the field; afterwards reading cannot fail. Arrays are plain: no tensor library is linked.

```
use bench_datasets::{Dataset, Normaliser, Split, embedded_directory};

let dataset = Dataset::open(&"digits?train=500".parse()?, &[embedded_directory()])?;
let train = dataset.indices(Split::Train);
assert_eq!(train.len(), 500);
let mut images = dataset.read(1, &train[..32]);
Normaliser::fit(&dataset).apply(1, &dataset.modalities()[1].kind, &mut images);
# Ok::<(), Box<dyn std::error::Error>>(())
```
*/

mod column;
mod dataset;
pub mod derive;
mod error;
mod files;
mod folds;
pub mod keyed;
mod kind;
mod low_data;
mod manifest;
mod normalise;
mod open;
mod raw;
mod reference;
mod tensors;
mod verify;
pub mod write;

use std::path::{Path, PathBuf};

pub use column::Block;
pub use dataset::Dataset;
pub use error::DatasetError;
pub use folds::Fold;
pub use kind::{Groups, Kind, Labels, Modality, PADDING, Provenance, RESERVED_WORDS, Split, Task, UNKNOWN, Unit};
pub use normalise::{Normaliser, Standardisation};
pub use raw::Extractor;
pub use reference::{DatasetRef, DatasetRefError, is_plain_name};
pub use verify::{Verified, verify};

/// The folder of the embedded datasets in the source tree that this was built from.
pub fn embedded_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("embedded")
}
