//! What a checkpoint holds beside parameters.

use tch::Tensor;

use crate::MethodError;

/// Copies the tensor of this name from a checkpoint, to the device and kind of the one it replaces.
///
/// # Errors
/// There is none of this name, or it has another shape.
pub(crate) fn take(state: &[(String, Tensor)], name: &str, into: &mut Tensor) -> Result<(), MethodError> {
    let error = |reason: String| MethodError::Checkpoint { reason };
    let (_, found) = state.iter().find(|(own, _)| own == name).ok_or_else(|| error(format!("`{name}` is missing")))?;
    if found.size() != into.size() {
        return Err(error(format!("`{name}` has shape {:?}, the model {:?}", found.size(), into.size())));
    }
    *into = found.to_device(into.device()).to_kind(into.kind()).copy();
    Ok(())
}
