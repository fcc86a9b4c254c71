//! Recurrent layers that libtorch runs as one operation: at each position each number of the two weight matrices meets each sample once. Other recurrent layers
//! are matrix products to libtorch, and are counted as such.

use bench_native::{Argument, Operation};
use bench_store::profile::Family;

use super::{Count, Rule, product, shape};

pub(super) const RULES: &[Rule] = &[
    Rule { names: &["aten::mkldnn_rnn_layer"], family: Family::Recurrent, count: |operation| layer(operation, 1) },
    // Gradients of input and state, and of both matrices.
    Rule { names: &["aten::mkldnn_rnn_layer_backward"], family: Family::Recurrent, count: |operation| layer(operation, 2) },
    Rule { names: &["aten::_cudnn_rnn"], family: Family::Recurrent, count: |operation| layers(operation, 1) },
    Rule { names: &["aten::_cudnn_rnn_backward"], family: Family::Recurrent, count: |operation| layers(operation, 2) },
];

/// One layer in one direction: input `[T, B, I]`, weights `[G H, I]` and `[G H, H]`. Gates are element-wise: `T B G H`.
fn layer(operation: &Operation, passes: u64) -> Option<Count> {
    let (input, of_input, of_state) = (shape(operation, 0)?, shape(operation, 1)?, shape(operation, 2)?);
    let &[steps, batch, _] = input else { return None };
    let places = product(&[steps, batch]);
    let gates = places * product(&of_state[..1]);
    Some(Count::Flops { flops: 2 * passes * places * (product(of_input) + product(of_state)), elements: passes * gates })
}

/// All layers and directions: the matrices are those weights that have two dimensions.
fn layers(operation: &Operation, passes: u64) -> Option<Count> {
    let &[first, second, _] = shape(operation, 0)? else { return None };
    let places = product(&[first, second]);
    let Argument::List(weights) = operation.inputs.get(1)? else { return None };
    let matrices = || weights.iter().filter_map(Argument::shape).filter(|shape| shape.len() == 2);
    let gates: u64 = matrices().map(|matrix| product(&matrix[..1])).sum::<u64>() / 2;
    Some(Count::Flops { flops: 2 * passes * places * matrices().map(product).sum::<u64>(), elements: passes * places * gates })
}
