//! Matrix products: linear layers, batched products, sums by index.

use bench_store::profile::Family;
use tch::{Kind, Tensor};

use crate::counted::{backward, count, draw, leaf};

/// x [5, 3] to 4 outputs: 5 · 3 · 4 = 60 MACs. Backward, with G = dL/dy [5, 4]: dW = Gᵀ x takes 4 · 5 · 3 = 60, dx = G W takes 5 · 4 · 3 = 60; the bias only
/// sums. So with the input's gradient a layer costs 3 times its forward pass, without it 2 times.
#[test]
fn a_linear_layer_costs_one_product_forward_and_one_for_each_gradient() {
    for bias in [false, true] {
        for (input, gradients) in [(draw(&[5, 3]), 1), (leaf(&[5, 3]), 2)] {
            let (weight, bias) = (leaf(&[4, 3]), bias.then(|| leaf(&[4])));
            let work = count(|| backward(&input.linear(&weight, bias.as_ref())));
            assert_eq!(work.forward_macs(Family::Matmul), 60);
            assert_eq!(work.backward_macs(Family::Matmul), gradients * 60);
            work.has_only(&[Family::Matmul]);
        }
    }
}

/// As above: one node of the graph instead of three, the same products. Leading axes [2, 5] make ten rows: 120 MACs.
#[test]
fn the_fused_linear_layer_costs_the_same_products() {
    for relu in [false, true] {
        for (input, gradients) in [(draw(&[2, 5, 3]), 1), (leaf(&[2, 5, 3]), 2)] {
            let (weight, bias) = (leaf(&[4, 3]), leaf(&[4]));
            let work = count(|| backward(&bench_native::linear(&input, &weight, &bias, relu)));
            assert_eq!(work.forward_macs(Family::Matmul), 120);
            assert_eq!(work.backward_macs(Family::Matmul), gradients * 120);
            work.has_only(&[Family::Matmul]);
        }
    }
}

/// [2, 3, 4] by [2, 4, 5]: 2 · 3 · 4 · 5 = 120; each gradient is a product of the same three lengths.
#[test]
fn batched_products() {
    let work = count(|| backward(&leaf(&[2, 3, 4]).bmm(&leaf(&[2, 4, 5]))));
    assert_eq!((work.forward_macs(Family::Matmul), work.backward_macs(Family::Matmul)), (120, 240));
    let work = count(|| drop(draw(&[2, 3, 5]).baddbmm(&draw(&[2, 3, 4]), &draw(&[2, 4, 5]), 1.0, 1.0)));
    assert_eq!(work.forward_macs(Family::Matmul), 120);
    work.has_only(&[Family::Matmul]);
}

/// [2, 1, 3, 4] by [5, 4, 6] is ten products of 3 · 4 · 6 = 72: 720. Rows [2, 5, 3] by a matrix [3, 4] are one product of ten rows: 120. A matrix [5, 3] by a vector: 15;
/// a dot product of 7: 7.
#[test]
fn products_of_all_ranks_with_broadcasting() {
    let work = count(|| backward(&leaf(&[2, 1, 3, 4]).matmul(&leaf(&[5, 4, 6]))));
    assert_eq!((work.forward_macs(Family::Matmul), work.backward_macs(Family::Matmul)), (720, 1440));
    let forward = |left: &[i64], right: &[i64]| count(|| drop(draw(left).matmul(&draw(right)))).forward_macs(Family::Matmul);
    assert_eq!(forward(&[2, 5, 3], &[3, 4]), 120);
    assert_eq!(forward(&[5, 3], &[3]), 15);
    assert_eq!(forward(&[7], &[7]), 7);
}

/// `bid,bjd->bij` with b 2, i 3, j 5, d 4: 2 · 3 · 5 · 4 = 120, each gradient as much.
#[test]
fn sums_by_index_are_products() {
    let work = count(|| backward(&Tensor::einsum("bid,bjd->bij", &[leaf(&[2, 3, 4]), leaf(&[2, 5, 4])], None::<i64>)));
    assert_eq!((work.forward_macs(Family::Matmul), work.backward_macs(Family::Matmul)), (120, 240));
    work.has_only(&[Family::Matmul]);
}

/// Q [2, 3, 4], K and V [2, 6, 4]: scores 2 · 3 · 6 · 4 = 144, weighted sums 144. Four gradients of 144.
#[test]
fn attention_written_out() {
    let (query, key, value) = (leaf(&[2, 3, 4]), leaf(&[2, 6, 4]), leaf(&[2, 6, 4]));
    let work = count(|| backward(&(query.matmul(&key.transpose(1, 2)) * 0.5).softmax(-1, None::<Kind>).matmul(&value)));
    assert_eq!((work.forward_macs(Family::Matmul), work.backward_macs(Family::Matmul)), (288, 576));
    work.has_only(&[Family::Matmul]);
}
