//! Linear solves and factorisations by the leading terms of Golub and Van Loan (2013): FLOPs, as the two operations of a step do not always come in pairs.

use bench_methods::transport::{Domain, Objective, Sinkhorn};
use bench_store::profile::{Family, Work};
use tch::Tensor;

use crate::counted::{backward, count, draw, leaf, macs};

fn solves(work: &Work) -> u64 {
    work.flops.iter().filter(|found| found.family == Family::Solve).map(|found| found.flops).sum()
}

/// Two matrices that can be solved with, [2, 6, 6].
fn matrices() -> Tensor {
    let drawn = draw(&[2, 6, 6]);
    drawn.matmul(&drawn.transpose(1, 2)) + Tensor::eye(6, (tch::Kind::Float, tch::Device::Cpu))
}

/// n = 6, two matrices, k = 2 right-hand sides. LU 2n³/3 = 144, two triangular solves of n²k = 72: 2 (144 + 144) = 576. Backward: the factors are there, so dB takes two triangular
/// solves, 2 · 144 = 288 FLOPs, and dA = −dB Xᵀ takes 2 · 6 · 6 · 2 = 144 MACs.
#[test]
fn a_solve_and_its_gradient() {
    let (left, right) = (matrices().set_requires_grad(true), leaf(&[2, 6, 2]));
    let work = count(|| backward(&Tensor::linalg_solve(&left, &right, true)));
    assert_eq!((solves(&work.0.forward), solves(&work.0.backward)), (576, 288));
    assert_eq!(macs(&work.0.backward, Family::Matmul), 144);
    work.has_only(&[Family::Solve, Family::Matmul]);
}

/// n³/3 = 72 a matrix. Its gradient (Murray 2016, Eq. 10) is Lᵀ dL, n³ = 216 MACs, between two triangular solves of n sides, n³ = 216 FLOPs each.
#[test]
fn a_cholesky_factor_and_its_gradient() {
    let matrices = matrices().set_requires_grad(true);
    let work = count(|| backward(&matrices.linalg_cholesky(false)));
    assert_eq!((solves(&work.0.forward), solves(&work.0.backward)), (2 * 72, 2 * 2 * 216));
    assert_eq!(macs(&work.0.backward, Family::Matmul), 2 * 216);
    work.has_only(&[Family::Solve, Family::Matmul]);
}

/// LU 144 a matrix; a triangular solve of k = 3 sides n²k = 108 a matrix; by a Cholesky factor twice that; an inverse 2n³ = 432.
#[test]
fn factors_and_what_is_solved_with_them() {
    let (matrices, sides) = (matrices(), draw(&[2, 6, 3]));
    let factor = matrices.linalg_cholesky(false);
    let flops = |run: &dyn Fn() -> Tensor| {
        let work = count(|| drop(run()));
        work.has_only(&[Family::Solve]);
        solves(&work.0.forward)
    };
    assert_eq!(flops(&|| Tensor::linalg_lu_factor(&matrices, true).0), 2 * 144);
    assert_eq!(flops(&|| factor.linalg_solve_triangular(&sides, false, true, false)), 2 * 108);
    assert_eq!(flops(&|| sides.cholesky_solve(&factor, false)), 2 * 2 * 108);
    assert_eq!(flops(&|| Tensor::linalg_inv(&matrices)), 2 * 432);
}

/// Sinkhorn's loops are not libtorch's: they report themselves. P = 2 problems of M = 2 marginals of K = 3 are 18 cells; 5 sweeps are 10 updates. An update passes over all cells twice (the sums in
/// front and behind), its reverse four times: 9 · 10 · 2 = 180 MACs for one plan, 18 · 10 · 6 = 1080 for both
/// losses with their gradients, and nothing more when the gradients are asked for.
#[test]
fn the_projects_own_sweeps_report_their_work() {
    let sinkhorn = Sinkhorn { regularisation: 0.5, sweeps: 5, domain: Domain::Logarithmic };
    let cost = leaf(&[2, 3, 3]).square().detach().set_requires_grad(true);
    let marginals = Tensor::full([2, 2, 3], 1.0 / 3.0, (tch::Kind::Float, tch::Device::Cpu));
    let work = count(|| backward(&sinkhorn.loss(Objective::Transport, &cost, &marginals)));
    assert_eq!((work.forward_macs(Family::Own), work.backward_macs(Family::Own)), (1080, 0));
    work.has_only(&[Family::Own]);
    let work = count(|| drop(sinkhorn.plan(&cost.view([18]).narrow(0, 0, 9).view([3, 3]), &marginals.get(0))));
    assert_eq!(work.forward_macs(Family::Own), 180);
    work.has_only(&[Family::Own]);
}
