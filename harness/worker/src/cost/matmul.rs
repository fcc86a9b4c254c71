//! Matrix products: `[n, k] · [k, m]` is n · k · m multiply-accumulates; an added bias or a fused activation is element-wise work over the result.

use bench_native::Operation;
use bench_store::profile::Family;

use super::{Count, Rule, macs, product, shape};

pub(super) const RULES: &[Rule] = &[
    Rule { names: &["aten::mm", "aten::bmm", "aten::mv", "aten::dot", "aten::vdot"], family: Family::Matmul, count: plain },
    Rule {
        names: &["aten::addmm", "aten::addmm_", "aten::baddbmm", "aten::baddbmm_", "aten::addmv", "aten::addmv_", "aten::_addmm_activation"],
        family: Family::Matmul,
        count: added,
    },
    Rule { names: &["aten::addbmm", "aten::addbmm_"], family: Family::Matmul, count: added },
    Rule { names: &["aten::mkldnn_linear", "aten::_linear_prepacked"], family: Family::Matmul, count: linear },
];

fn plain(operation: &Operation) -> Option<Count> {
    product_of(shape(operation, 0)?, shape(operation, 1)?).map(macs)
}

fn added(operation: &Operation) -> Option<Count> {
    let flops = 2 * product_of(shape(operation, 1)?, shape(operation, 2)?)?;
    Some(Count::Flops { flops, elements: operation.outputs.first()?.elements() })
}

/// x Wᵀ: each of W's numbers meets each row of x once.
fn linear(operation: &Operation) -> Option<Count> {
    let (input, weight) = (shape(operation, 0)?, shape(operation, 1)?);
    let rows = product(&input[..input.len().checked_sub(1)?]);
    Some(macs(rows * product(weight)))
}

/// Each number of the left factor meets each column of the right one once.
fn product_of(left: &[i64], right: &[i64]) -> Option<u64> {
    let columns = match (left.len(), right.len()) {
        (1 | 2, 1) => 1,
        (2, 2) | (3, 3) => right[right.len() - 1].max(0) as u64,
        _ => return None,
    };
    Some(product(left) * columns)
}
