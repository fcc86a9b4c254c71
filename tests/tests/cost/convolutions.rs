//! Convolutions: every output is a sum over kernel and input channels of its group, padding included, as the kernels compute it.

use bench_store::profile::Family;
use tch::Tensor;

use crate::counted::{Counted, backward, count, draw, leaf};

/// Both gradients are sums over the same pairs of output and kernel element: dW collects them by weight, dx by input. So each costs as much as the forward pass.
fn costs(macs: u64, forward: impl Fn(&Tensor) -> Tensor, input: &[i64]) {
    let both: Counted = count(|| backward(&forward(&leaf(input))));
    assert_eq!((both.forward_macs(Family::Convolution), both.backward_macs(Family::Convolution)), (macs, 2 * macs), "with the input's gradient");
    both.has_only(&[Family::Convolution]);
    let weights = count(|| backward(&forward(&draw(input))));
    assert_eq!((weights.forward_macs(Family::Convolution), weights.backward_macs(Family::Convolution)), (macs, macs), "without");
}

/// [2, 3, 10], 4 kernels of 3, stride 2, padding 1: ⌊(10 + 2 − 3) / 2⌋ + 1 = 5 places; 2 · 4 · 5 · 3 · 3 = 360.
#[test]
fn one_dimension_strided_and_padded() {
    let (weight, bias) = (leaf(&[4, 3, 3]), leaf(&[4]));
    costs(360, |input| input.conv1d(&weight, Some(&bias), 2, 1, 1, 1), &[2, 3, 10]);
}

/// [2, 4, 6, 5], 6 kernels of 3 × 3 in 2 groups (2 channels each), stride 2 and 1, padding 1 and 0: 3 × 3 places; 2 · 6 · 9 · 2 · 9 = 1944.
#[test]
fn two_dimensions_grouped() {
    let weight = leaf(&[6, 2, 3, 3]);
    costs(1944, |input| input.conv2d(&weight, None::<&Tensor>, [2, 1], [1, 0], [1, 1], 2), &[2, 4, 6, 5]);
}

/// [1, 4, 5, 5], each channel by its own 3 × 3 kernel, padding 1: 4 · 25 · 9 = 900.
#[test]
fn channel_by_channel() {
    let (weight, bias) = (leaf(&[4, 1, 3, 3]), leaf(&[4]));
    costs(900, |input| input.conv2d(&weight, Some(&bias), [1, 1], [1, 1], [1, 1], 4), &[1, 4, 5, 5]);
}

/// A dilated kernel reads as many inputs: [1, 2, 9], 3 kernels of 3, dilation 2: 9 − 4 = 5 places; 3 · 5 · 2 · 3 = 90.
#[test]
fn dilated() {
    let weight = leaf(&[3, 2, 3]);
    costs(90, |input| input.conv1d(&weight, None::<&Tensor>, 1, 0, 2, 1), &[1, 2, 9]);
}

/// Transposed: each input is multiplied by every kernel element. [2, 3, 4, 4], to 5 channels by 2 × 2 kernels, stride 2: 2 · 3 · 16 · 5 · 4 = 1920.
#[test]
fn transposed() {
    let (weight, bias) = (leaf(&[3, 5, 2, 2]), leaf(&[5]));
    costs(1920, |input| input.conv_transpose2d(&weight, Some(&bias), [2, 2], [0, 0], [0, 0], 1, [1, 1]), &[2, 3, 4, 4]);
}
