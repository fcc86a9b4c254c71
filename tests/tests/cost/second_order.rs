//! Gradients of gradients.

use bench_store::profile::Family;
use tch::{Kind, Tensor};

use crate::counted::{count, draw, leaf};

/// The gradient penalty of f(x) = w₂ · tanh(W₁ x + b₁), with B = 5 samples of d = 3, h = 4.
///
/// Forward: x W₁ᵀ 5 · 3 · 4 = 60, a w₂ᵀ 5 · 4 = 20.
/// The gradient by x alone: g w₂ 20, then (…) W₁ 60.
/// The penalty's gradient by W₁ and w₂, backwards through all of this: through (…) W₁ by both factors 2 · 60; through g w₂ by w₂ alone 20 (g is no variable); the derivative of tanh reaches
/// x W₁ᵀ, by W₁ alone 60. The value of f does not enter, so a w₂ᵀ has no gradient.
#[test]
fn a_gradient_penalty_is_counted_product_by_product() {
    let (input, first, bias, second) = (leaf(&[5, 3]), leaf(&[4, 3]), leaf(&[4]), leaf(&[1, 4]));
    let work = count(|| {
        let value = (input.matmul(&first.tr()) + &bias).tanh().matmul(&second.tr());
        let slope = Tensor::run_backward(&[value.sum(Kind::Float)], &[&input], true, true);
        let penalty = (slope[0].square().sum_dim_intlist(-1, false, None::<Kind>).sqrt() - 1.0).square().mean(Kind::Float);
        drop(Tensor::run_backward(&[penalty], &[&first, &second], false, false));
    });
    assert_eq!(work.forward_macs(Family::Matmul), 60 + 20);
    assert_eq!(work.backward_macs(Family::Matmul), (20 + 60) + (2 * 60 + 20 + 60));
    work.has_only(&[Family::Matmul]);
}

/// A convolution y = w ∗ x with x [1, 2, 6] and 3 kernels of 3: 4 places, 3 · 4 · 2 · 3 = 72. The gradient by x is 72; the gradient by w of that gradient's square is a convolution of the same
/// pairs, 72. As y is linear in x, x itself has no part in it. libtorch computes the gradient by what came from behind (`ggO` in `_convolution_double_backward`) whether or not anybody asked: 72
/// more. They are executed, so they are counted.
#[test]
fn the_second_derivative_of_a_convolution() {
    let (input, weight) = (leaf(&[1, 2, 6]), leaf(&[3, 2, 3]));
    let places = draw(&[1, 3, 4]);
    let work = count(|| {
        let value = input.conv1d(&weight, None::<&Tensor>, 1, 0, 1, 1);
        let slope = Tensor::run_backward(&[(value * &places).sum(Kind::Float)], &[&input], true, true);
        drop(Tensor::run_backward(&[slope[0].square().sum(Kind::Float)], &[&weight], false, false));
    });
    assert_eq!((work.forward_macs(Family::Convolution), work.backward_macs(Family::Convolution)), (72, 72 + 72 + 72));
    work.has_only(&[Family::Convolution]);
}
