//! Linear solves and factorisations by LAPACK's leading terms (Golub and Van Loan, Matrix Computations, 4th ed., 2013): LU 2n³/3, Cholesky n³/3, a triangular
//! solve of k right-hand sides n²k FLOPs. What iterates until it converges (eigenvalues, singular values) has no rule and is listed.

use bench_native::Operation;
use bench_store::profile::Family;

use super::{Count, Rule, product, shape};

pub(super) const RULES: &[Rule] = &[
    Rule {
        names: &["aten::_linalg_solve_ex", "aten::linalg_solve_ex"],
        family: Family::Solve,
        count: |operation| {
            let (matrices, n) = square(operation, 0)?;
            let sides = right_sides(shape(operation, 0)?, shape(operation, 1)?)?;
            flops(matrices * (2 * n * n * n / 3 + 2 * n * n * sides))
        },
    },
    Rule {
        names: &["aten::linalg_lu_factor_ex", "aten::_linalg_det", "aten::_linalg_slogdet"],
        family: Family::Solve,
        count: |operation| {
            let (matrices, n) = square(operation, 0)?;
            flops(matrices * (2 * n * n * n / 3))
        },
    },
    Rule {
        names: &["aten::linalg_cholesky_ex"],
        family: Family::Solve,
        count: |operation| {
            let (matrices, n) = square(operation, 0)?;
            flops(matrices * (n * n * n / 3))
        },
    },
    Rule {
        names: &["aten::linalg_inv_ex"],
        family: Family::Solve,
        count: |operation| {
            let (matrices, n) = square(operation, 0)?;
            flops(matrices * 2 * n * n * n)
        },
    },
    Rule { names: &["aten::linalg_solve_triangular"], family: Family::Solve, count: |operation| triangular(operation, 0, 1, 1) },
    Rule { names: &["aten::triangular_solve", "aten::cholesky_solve"], family: Family::Solve, count: by_factor },
    Rule { names: &["aten::linalg_lu_solve"], family: Family::Solve, count: |operation| triangular(operation, 0, 2, 2) },
];

/// `triangular_solve` goes through one factor, `cholesky_solve` through it and its transpose.
fn by_factor(operation: &Operation) -> Option<Count> {
    triangular(operation, 1, 0, if operation.name == "aten::cholesky_solve" { 2 } else { 1 })
}

/// n²k for each of `times` triangular factors.
fn triangular(operation: &Operation, factor: usize, right: usize, times: u64) -> Option<Count> {
    let (_, n) = square(operation, factor)?;
    let result = shape(operation, right)?;
    // Batches may broadcast: the result's right-hand sides are what is solved.
    let columns = product(result) / n.max(1);
    flops(times * n * n * columns)
}

/// Number and order of square matrices.
fn square(operation: &Operation, at: usize) -> Option<(u64, u64)> {
    let shape = shape(operation, at)?;
    let order = shape.last()?.max(&0);
    Some((product(&shape[..shape.len().checked_sub(2)?]), *order as u64))
}

/// Columns of B in A X = B; one where B is a vector a matrix.
fn right_sides(matrix: &[i64], right: &[i64]) -> Option<u64> {
    if right.len() + 1 == matrix.len() { Some(1) } else { right.last().map(|&columns| columns.max(0) as u64) }
}

fn flops(flops: u64) -> Option<Count> {
    Some(Count::Flops { flops, elements: 0 })
}
