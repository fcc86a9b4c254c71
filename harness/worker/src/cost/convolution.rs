//! Convolutions: each output element (of a transposed one: each input element) meets one filter's worth of the weights.

use bench_native::{Argument, Operation};
use bench_store::profile::Family;

use super::{Count, Rule, product, shape};

pub(super) const RULES: &[Rule] = &[
    Rule { names: &["aten::convolution", "aten::_convolution", "aten::convolution_overrideable"], family: Family::Convolution, count: forward },
    Rule { names: &["aten::convolution_backward", "aten::convolution_backward_overrideable"], family: Family::Convolution, count: backward },
];

/// Arguments: input, weight, bias, stride, padding, dilation, transposed, ….
fn forward(operation: &Operation) -> Option<Count> {
    let output = operation.outputs.first()?;
    let macs = meetings(shape(operation, 0)?, shape(operation, 1)?, output.shape()?, transposed(operation, 6)?)?;
    let biased = operation.inputs.get(2)?.shape().is_some();
    Some(Count::Flops { flops: 2 * macs, elements: if biased { output.elements() } else { 0 } })
}

/// Arguments: gradient of the output, input, weight, sizes of the bias, stride, padding, dilation, transposed, …, which gradients are wanted (last). The input's
/// and the weight's take as many multiply-accumulates as the forward pass each; the bias's is a sum.
fn backward(operation: &Operation) -> Option<Count> {
    let gradient = shape(operation, 0)?;
    let once = meetings(shape(operation, 1)?, shape(operation, 2)?, gradient, transposed(operation, 7)?)?;
    let Some(Argument::List(wanted)) = operation.inputs.last() else { return None };
    let wants = |at: usize| u64::from(wanted.get(at) == Some(&Argument::Bool(true)));
    Some(Count::Flops { flops: 2 * once * (wants(0) + wants(1)), elements: product(gradient) * wants(2) })
}

/// Multiply-accumulates; weight `[out, in / groups, …]`, of a transposed convolution `[in, out / groups, …]`. Padding is multiplied like anything else.
fn meetings(input: &[i64], weight: &[i64], output: &[i64], transposed: bool) -> Option<u64> {
    let filter = product(weight.get(1..)?);
    Some(filter * product(if transposed { input } else { output }))
}

fn transposed(operation: &Operation, at: usize) -> Option<bool> {
    match operation.inputs.get(at)? {
        Argument::Bool(transposed) => Some(*transposed),
        _ => None,
    }
}
