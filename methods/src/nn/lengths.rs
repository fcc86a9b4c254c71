//! Where sequences and texts end.

use tch::{Kind, Tensor};

use crate::ModalityInput;

/// Valid steps of each sample, `[B]` int64; all of them where the input does not say.
pub(super) fn lengths(input: &ModalityInput) -> Tensor {
    let full = || {
        let size = input.values.size();
        Tensor::full([size[0]], size[1], (Kind::Int64, input.values.device()))
    };
    input.lengths.as_ref().map_or_else(full, Tensor::shallow_clone)
}

/// Which of `steps` steps are valid, `[B, steps]` bool: the first `lengths` (`[B]`).
pub(super) fn valid(lengths: &Tensor, steps: i64) -> Tensor {
    Tensor::arange(steps, (Kind::Int64, lengths.device())).unsqueeze(0).lt_tensor(&lengths.unsqueeze(1))
}
