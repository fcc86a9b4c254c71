//! What a trained method says about itself on the validation split.

use std::path::Path;

use bench_methods::Method;
use bench_store::{Diagnostic, files};

use crate::{data::Loaded, failure::Failure, stream};

/// Writes `diagnostics.json`, of at most the first 16 MiB of the split; nothing where the method has no diagnostics.
///
/// # Errors
/// The file system's refusal.
pub fn write(method: &dyn Method, loaded: &Loaded, path: &Path) -> Result<(), Failure> {
    // Whether the split is held or streamed must not show in the numbers.
    let most = stream::at_once(&loaded.dataset, 1).min(loaded.validation.samples());
    let found = method.diagnose(&loaded.validation.batch(&(0..most).collect::<Vec<_>>()));
    if found.is_empty() {
        return Ok(());
    }
    // JSON has no number for what is not finite.
    let diagnostics = found.into_iter().map(|(name, value)| Diagnostic { name, value: value.is_finite().then_some(value) });
    let mut text = serde_json::to_vec_pretty(&diagnostics.collect::<Vec<_>>()).map_err(Failure::trial)?;
    text.push(b'\n');
    files::write_whole(path, &text).map_err(Failure::trial)
}
