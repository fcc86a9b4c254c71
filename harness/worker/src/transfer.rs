//! Training that starts from another trial's weights.

use bench_methods::Method;
use bench_store::{TrialSpec, protocol::Job};

use crate::{
    checkpoint::{Snapshot, parameters},
    failure::Failure,
};

/// What the names of parameters begin with that turn a modality's input into its code.
const ENCODER: &str = "encoder";

/// Copies the weights that the job starts from, and freezes what it says; the names of the parameters that stay fresh, sorted. Nothing where the job starts
/// from nothing.
///
/// Encoders must all fit. Heads need not: another number of classes makes another shape.
///
/// # Errors
/// Weights that cannot be read, or an encoder that does not fit.
pub fn start(method: &mut dyn Method, job: &Job) -> Result<Vec<String>, Failure> {
    let (Some(init), Some(path)) = (&job.spec.init, &job.init) else { return Ok(Vec::new()) };
    let weights = Snapshot::read(path, &init.weights)?;
    let mut fresh = Vec::new();
    for (name, mut parameter) in parameters(method) {
        match weights.parameter(&name) {
            Some(saved) if saved.size() == parameter.size() => tch::no_grad(|| parameter.copy_(saved)),
            found if is_encoder(&name) => {
                let found = found.map_or_else(|| "is not there".into(), |saved| format!("has shape {:?}", saved.size()));
                let wanted = parameter.size();
                return Err(Failure::usage(format!(
                    "the weights trained on {} do not fit this dataset's modalities: `{name}` {found}, and has shape {wanted:?} here",
                    init.dataset
                )));
            }
            _ => fresh.push(name),
        }
    }
    freeze(method, &job.spec);
    Ok(fresh)
}

/// Freezes what the trial leaves as it was.
pub fn freeze(method: &dyn Method, spec: &TrialSpec) {
    if !spec.init.as_ref().is_some_and(|init| init.freeze_encoders) {
        return;
    }
    for (_, parameter) in parameters(method).into_iter().filter(|(name, _)| is_encoder(name)) {
        // The handle shares the parameter, so this is the parameter's own switch.
        let _ = parameter.set_requires_grad(false);
    }
}

/// `group/encoder…`.
fn is_encoder(name: &str) -> bool {
    name.split_once('/').is_some_and(|(_, name)| name.starts_with(ENCODER))
}
