//! Fused attention on queries `[B, H, L, E]`, keys `[B, H, S, E]`, values `[B, H, S, V]`: scores take L · S · E multiply-accumulates a head, the weighted sum
//! L · S · V. Masked places are counted as the kernels compute them: all.

use bench_native::Operation;
use bench_store::profile::Family;

use super::{Count, Rule, product, shape};

pub(super) const RULES: &[Rule] = &[
    Rule {
        names: &[
            "aten::_scaled_dot_product_flash_attention_for_cpu",
            "aten::_scaled_dot_product_flash_attention",
            "aten::_scaled_dot_product_efficient_attention",
            "aten::_scaled_dot_product_cudnn_attention",
        ],
        family: Family::Attention,
        count: forward,
    },
    Rule {
        names: &[
            "aten::_scaled_dot_product_flash_attention_for_cpu_backward",
            "aten::_scaled_dot_product_flash_attention_backward",
            "aten::_scaled_dot_product_efficient_attention_backward",
            "aten::_scaled_dot_product_cudnn_attention_backward",
        ],
        family: Family::Attention,
        count: backward,
    },
];

fn forward(operation: &Operation) -> Option<Count> {
    let (pairs, key, value) = sizes(operation, 0)?;
    Some(Count::Flops { flops: 2 * pairs * (key + value), elements: pairs })
}

/// Scores once more, then gradients of values and weights (V each), of queries and keys (E each).
fn backward(operation: &Operation) -> Option<Count> {
    let (pairs, key, value) = sizes(operation, 1)?;
    Some(Count::Flops { flops: 2 * pairs * (3 * key + 2 * value), elements: 2 * pairs })
}

/// Pairs of query and key over batch and heads; E; V.
fn sizes(operation: &Operation, first: usize) -> Option<(u64, u64, u64)> {
    let (queries, keys, values) = (shape(operation, first)?, shape(operation, first + 1)?, shape(operation, first + 2)?);
    let &[_, _, _, width] = queries else { return None };
    let &[_, _, positions, _] = keys else { return None };
    let &[_, _, _, out] = values else { return None };
    Some((product(&queries[..3]) * positions.max(0) as u64, width.max(0) as u64, out.max(0) as u64))
}
