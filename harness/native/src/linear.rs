//! Layers in fewer operations than tch's.

use std::ffi::c_char;

use tch::Tensor;
use torch_sys::C_tensor;

use crate::text::check;

unsafe extern "C" {
    fn bench_native_linear(
        input: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        relu: bool,
        made: *mut *mut C_tensor,
    ) -> *mut c_char;
    fn bench_native_clamp(input: *const C_tensor, low: f64, high: f64, made: *mut *mut C_tensor) -> *mut c_char;
}

/// `x Wᵀ + b`, with `relu` cut at zero: input `[…, in]`, weight `[out, in]`, bias `[out]` → `[…, out]`.
///
/// The numbers of `Tensor::linear` and `Tensor::relu`, and their gradients, in fewer calls: one node of the graph where libtorch makes three. There is no
/// second derivative.
///
/// # Panics
/// On libtorch's errors (shapes or types that do not fit), as tch does.
pub fn linear(input: &Tensor, weight: &Tensor, bias: &Tensor, relu: bool) -> Tensor {
    if input.dim() == 2 {
        return flat(input, weight, bias, relu);
    }
    let mut shape = input.size();
    let rows = input.flatten(0, -2);
    if let (Some(last), Some(&outputs)) = (shape.last_mut(), bias.size().first()) {
        *last = outputs;
    }
    flat(&rows, weight, bias, relu).view(shape.as_slice())
}

fn flat(input: &Tensor, weight: &Tensor, bias: &Tensor, relu: bool) -> Tensor {
    let mut made = std::ptr::null_mut();
    // SAFETY: the pointers are those of living tensors, and `made` takes one pointer.
    check(unsafe { bench_native_linear(input.as_ptr(), weight.as_ptr(), bias.as_ptr(), relu, &mut made) });
    // SAFETY: there was no error, so `made` is a new tensor that nobody else has.
    unsafe { Tensor::from_ptr(made) }
}

/// Values cut to [low, high]. One kernel forward and one backward, where the gradient of `Tensor::clamp` takes four; the gradient at the ends is zero.
///
/// # Panics
/// On libtorch's errors, as tch does.
pub fn clamp(input: &Tensor, low: f64, high: f64) -> Tensor {
    let mut made = std::ptr::null_mut();
    // SAFETY: the pointer is that of a living tensor, and `made` takes one pointer.
    check(unsafe { bench_native_clamp(input.as_ptr(), low, high, &mut made) });
    // SAFETY: there was no error, so `made` is a new tensor that nobody else has.
    unsafe { Tensor::from_ptr(made) }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;

    fn leaf(shape: &[i64]) -> Tensor {
        Tensor::randn(shape, (Kind::Double, Device::Cpu)).set_requires_grad(true)
    }

    /// libtorch's own operations are the reference, for values and for all three gradients.
    #[test]
    fn values_and_gradients_are_those_of_libtorch() {
        for (shape, relu) in [(vec![5, 3], false), (vec![5, 3], true), (vec![2, 5, 3], true)] {
            let leaves = [leaf(&shape), leaf(&[4, 3]), leaf(&[4])];
            let ours = linear(&leaves[0], &leaves[1], &leaves[2], relu);
            let plain = leaves[0].linear(&leaves[1], Some(&leaves[2]));
            let theirs = if relu { plain.relu() } else { plain };
            assert_eq!(ours.size(), theirs.size());
            assert!(ours.allclose(&theirs, 1e-12, 1e-12, false));
            let cotangent = Tensor::randn(ours.size(), (Kind::Double, Device::Cpu));
            let gradients = |output: &Tensor| Tensor::run_backward(&[(output * &cotangent).sum(Kind::Double)], &leaves, false, false);
            for (at, (own, reference)) in gradients(&ours).iter().zip(gradients(&theirs)).enumerate() {
                assert!(own.allclose(&reference, 1e-12, 1e-12, false), "gradient {at} of {shape:?}, relu {relu}");
            }
        }
    }

    #[test]
    fn only_what_is_asked_for_gets_a_gradient() {
        let input = Tensor::ones([2, 3], (Kind::Double, Device::Cpu));
        let (weight, bias) = (leaf(&[4, 3]), leaf(&[4]));
        linear(&input, &weight, &bias, true).sum(Kind::Double).backward();
        assert!(weight.grad().defined() && bias.grad().defined() && !input.grad().defined());
        assert!(!tch::no_grad(|| linear(&input, &weight, &bias, true)).requires_grad());
    }

    #[test]
    fn a_clamp_has_gradients_inside_only() {
        let input = Tensor::from_slice(&[-3.0, -0.5, 2.0, 7.0]).set_requires_grad(true);
        let clamped = clamp(&input, -1.0, 2.5);
        clamped.sum(Kind::Double).backward();
        assert_eq!(Vec::<f64>::try_from(clamped.detach()).unwrap(), [-1.0, -0.5, 2.0, 2.5]);
        assert_eq!(Vec::<f64>::try_from(input.grad()).unwrap(), [0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    #[should_panic(expected = "2x3 and 5x4")]
    fn shapes_that_do_not_fit_are_named() {
        drop(linear(&leaf(&[2, 3]), &leaf(&[4, 5]), &leaf(&[4]), false));
    }
}
