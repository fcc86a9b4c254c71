//! Files of named arrays: NumPy's `.npz` and `.npy`, safetensors. A spec says what they are, or their names do.

mod conventions;

use std::path::Path;

use super::{Format, Glance, Request, Takes};
use crate::{Draft, ImportError, named, spec::Spec, store::Store};

/// NumPy's files.
pub(super) const NPZ: Format = Format {
    name: "npz",
    title: "NumPy arrays (.npz, .npy): named by a TOML file, or by convention (NAME_train, NAME_valid, NAME_test, y_*, id_*)",
    paths: "files, or one folder with them (its files are then named by --spec)",
    takes: &[Takes::Spec],
    read,
    recognise: |glance| recognise(glance, "npz", "npy"),
};

/// Safetensors.
pub(super) const SAFETENSORS: Format = Format {
    name: "safetensors",
    title: "tensors in safetensors: named as in `npz`",
    paths: "files, or one folder with them (its files are then named by --spec)",
    takes: &[Takes::Spec],
    read,
    recognise: |glance| recognise(glance, "safetensors", "safetensors"),
};

/// By the spec, or else by the names of the arrays.
pub(super) fn read(request: &Request) -> Result<Draft, ImportError> {
    match &request.spec {
        Some(path) => by_spec(request, path),
        None => {
            let mut store = Store::open(&request.paths, &[], None)?;
            let spec = conventions::of(&store)?;
            named::draft(&spec, &mut store)
        }
    }
}

/// As a spec says.
pub(super) fn by_spec(request: &Request, path: &Path) -> Result<Draft, ImportError> {
    let spec = Spec::open(path)?;
    let mut store = Store::open(&request.paths, &spec.files, path.parent())?;
    named::draft(&spec, &mut store)
}

fn recognise(glance: &Glance, ending: &str, other: &str) -> Option<String> {
    let file = glance.paths.first()?;
    let fits = file.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending) || own.eq_ignore_ascii_case(other));
    let entries = glance.tree.as_ref()?.root().entries().ok()?;
    let keys: Vec<String> = entries.into_iter().map(|(key, _)| key).collect();
    (fits && conventions::fit(&keys))
        .then(|| format!("its arrays are named by split ({})", keys.iter().take(4).cloned().collect::<Vec<_>>().join(", ")))
}
