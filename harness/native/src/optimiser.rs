//! Optimisers whose step is one call of libtorch for all parameters of a group.

use std::ffi::c_char;

use tch::Tensor;
use torch_sys::C_tensor;

use crate::text::{check, first_line, take};

/// The shim's optimiser.
#[repr(C)]
struct Handle {
    _private: [u8; 0],
}

unsafe extern "C" {
    fn bench_native_adam(
        parameters: *const *const C_tensor,
        count: usize,
        beta1: f64,
        beta2: f64,
        epsilon: f64,
        weight_decay: f64,
        decoupled: bool,
        decay_vectors: bool,
        made: *mut *mut Handle,
    ) -> *mut c_char;
    fn bench_native_sgd(parameters: *const *const C_tensor, count: usize, momentum: f64, weight_decay: f64, made: *mut *mut Handle) -> *mut c_char;
    fn bench_native_optimiser_free(optimiser: *mut Handle);
    fn bench_native_optimiser_zero_gradients(optimiser: *mut Handle) -> *mut c_char;
    fn bench_native_optimiser_clip(optimiser: *mut Handle, largest: f64) -> *mut c_char;
    fn bench_native_optimiser_step(optimiser: *mut Handle, rate: f64) -> *mut c_char;
}

/// Adam (Kingma and Ba, 2015) or AdamW (Loshchilov and Hutter, 2019), as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// First-moment decay.
    pub beta1: f64,
    /// Second-moment decay.
    pub beta2: f64,
    /// Added to the denominator.
    pub epsilon: f64,
    /// Coefficient of the decay.
    pub weight_decay: f64,
    /// False: Adam, the decay is an L2 term of the gradient. True: AdamW, a step first multiplies the parameter by 1 − rate · decay.
    pub decoupled: bool,
    /// Whether parameters of fewer than two dimensions decay.
    pub decay_vectors: bool,
}

/// Stochastic gradient descent with momentum, without dampening, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sgd {
    /// Momentum; 0 for none.
    pub momentum: f64,
    /// Coupled L2 coefficient.
    pub weight_decay: f64,
}

/// The parameters of one group and their moments. A parameter without a gradient is left alone by a step, moments included.
///
/// libtorch's errors are panics, as tch's are.
#[derive(Debug)]
pub struct FusedOptimiser(*mut Handle);

impl FusedOptimiser {
    /// Adam over contiguous parameters of one floating type on one device.
    ///
    /// # Errors
    /// libtorch's refusal.
    pub fn adam(parameters: &[Tensor], settings: Adam) -> Result<Self, String> {
        let Adam { beta1, beta2, epsilon, weight_decay, decoupled, decay_vectors } = settings;
        // SAFETY: the pointers are those of living tensors, of which the shim keeps its own handles.
        Self::make(parameters, |tensors, made| unsafe {
            bench_native_adam(tensors.as_ptr(), tensors.len(), beta1, beta2, epsilon, weight_decay, decoupled, decay_vectors, made)
        })
    }

    /// Stochastic gradient descent over contiguous parameters of one floating type on one device.
    ///
    /// # Errors
    /// libtorch's refusal.
    pub fn sgd(parameters: &[Tensor], Sgd { momentum, weight_decay }: Sgd) -> Result<Self, String> {
        // SAFETY: the pointers are those of living tensors, of which the shim keeps its own handles.
        Self::make(parameters, |tensors, made| unsafe { bench_native_sgd(tensors.as_ptr(), tensors.len(), momentum, weight_decay, made) })
    }

    fn make(parameters: &[Tensor], with: impl FnOnce(&[*const C_tensor], *mut *mut Handle) -> *mut c_char) -> Result<Self, String> {
        let tensors: Vec<*const C_tensor> = parameters.iter().map(Tensor::as_ptr).collect();
        let mut made = std::ptr::null_mut();
        // SAFETY: what comes back is null or a text that `take` frees.
        match unsafe { take(with(&tensors, &mut made)) } {
            None => Ok(Self(made)),
            Some(error) => Err(first_line(&error).to_owned()),
        }
    }

    /// Takes all gradients away.
    ///
    /// # Panics
    /// On libtorch's errors.
    pub fn zero_gradients(&mut self) {
        // SAFETY: the handle lives as long as `self`.
        check(unsafe { bench_native_optimiser_zero_gradients(self.0) });
    }

    /// Scales all gradients by one factor where their joint Euclidean norm is greater than `largest`.
    ///
    /// # Panics
    /// On libtorch's errors.
    pub fn clip_gradient_norm(&mut self, largest: f64) {
        // SAFETY: the handle lives as long as `self`.
        check(unsafe { bench_native_optimiser_clip(self.0, largest) });
    }

    /// One step with learning rate `rate`.
    ///
    /// # Panics
    /// On libtorch's errors.
    pub fn step(&mut self, rate: f64) {
        // SAFETY: the handle lives as long as `self`.
        check(unsafe { bench_native_optimiser_step(self.0, rate) });
    }
}

impl Drop for FusedOptimiser {
    fn drop(&mut self) {
        // SAFETY: made by the shim, freed once.
        unsafe { bench_native_optimiser_free(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRADIENTS: [[f64; 2]; 3] = [[0.5, -2.0], [-1.5, 0.25], [0.125, 3.0]];
    const START: [f64; 2] = [1.0, -3.0];

    /// Steps once a gradient; the parameter afterwards.
    fn after(make: impl Fn(&[Tensor]) -> FusedOptimiser, clip: Option<f64>) -> Vec<f64> {
        let parameter = Tensor::from_slice(&START).set_requires_grad(true);
        let untouched = Tensor::from_slice(&START).set_requires_grad(true);
        let mut optimiser = make(&[parameter.shallow_clone(), untouched.shallow_clone()]);
        for gradient in GRADIENTS {
            optimiser.zero_gradients();
            (&parameter * Tensor::from_slice(&gradient)).sum(tch::Kind::Double).backward();
            if let Some(largest) = clip {
                optimiser.clip_gradient_norm(largest);
            }
            optimiser.step(0.1);
        }
        assert_eq!(Vec::<f64>::try_from(untouched.detach()).unwrap(), START, "a parameter without a gradient stays");
        Vec::try_from(parameter.detach()).unwrap()
    }

    fn assert_close(found: &[f64], expected: &[f64]) {
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}, not {expected:?}");
    }

    /// Algorithm 1 of Kingma and Ba (2015), the L2 term added to the gradient.
    #[test]
    fn adam_follows_its_paper() {
        let settings = Adam { beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weight_decay: 0.05, decoupled: false, decay_vectors: true };
        let expected = [0, 1].map(|at| {
            let (mut parameter, mut first, mut second) = (START[at], 0.0, 0.0);
            for (step, gradient) in (1..).zip(GRADIENTS) {
                let gradient = gradient[at] + settings.weight_decay * parameter;
                first = settings.beta1 * first + (1.0 - settings.beta1) * gradient;
                second = settings.beta2 * second + (1.0 - settings.beta2) * gradient * gradient;
                let corrected: (f64, f64) = (first / (1.0 - settings.beta1.powi(step)), second / (1.0 - settings.beta2.powi(step)));
                parameter -= 0.1 * corrected.0 / (corrected.1.sqrt() + settings.epsilon);
            }
            parameter
        });
        assert_close(&after(|parameters| FusedOptimiser::adam(parameters, settings).unwrap(), None), &expected);
    }

    /// Algorithm 2 of Loshchilov and Hutter (2019) with the schedule's factor in the rate; a vector decays only where it is asked to.
    #[test]
    fn adamw_decays_the_parameter_and_not_the_gradient() {
        for decay_vectors in [true, false] {
            let settings = Adam { beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weight_decay: 0.05, decoupled: true, decay_vectors };
            let decay = if decay_vectors { settings.weight_decay } else { 0.0 };
            let expected = [0, 1].map(|at| {
                let (mut parameter, mut first, mut second) = (START[at], 0.0, 0.0);
                for (step, gradient) in (1..).zip(GRADIENTS) {
                    first = settings.beta1 * first + (1.0 - settings.beta1) * gradient[at];
                    second = settings.beta2 * second + (1.0 - settings.beta2) * gradient[at] * gradient[at];
                    let corrected: (f64, f64) = (first / (1.0 - settings.beta1.powi(step)), second / (1.0 - settings.beta2.powi(step)));
                    parameter = parameter * (1.0 - 0.1 * decay) - 0.1 * corrected.0 / (corrected.1.sqrt() + settings.epsilon);
                }
                parameter
            });
            assert_close(&after(|parameters| FusedOptimiser::adam(parameters, settings).unwrap(), None), &expected);
        }
    }

    /// By hand: without momentum a step is −0.1 g; the buffer of momentum 0.5 is g₁, then g₂ + g₁ / 2, then g₃ + g₂ / 2 + g₁ / 4.
    #[test]
    fn descent_goes_down_the_gradient_with_and_without_momentum() {
        let sgd = |momentum: f64| after(|parameters| FusedOptimiser::sgd(parameters, Sgd { momentum, weight_decay: 0.0 }).unwrap(), None);
        assert_close(&sgd(0.0), &[1.0 - 0.1 * (0.5 - 1.5 + 0.125), -3.0 - 0.1 * (-2.0 + 0.25 + 3.0)]);
        assert_close(&sgd(0.5), &[1.0 - 0.1 * (0.5 * 1.75 - 1.5 * 1.5 + 0.125), -3.0 - 0.1 * (-2.0 * 1.75 + 0.25 * 1.5 + 3.0)]);
    }

    /// Norms 2.06, 1.52 and 3.00: the second is under the limit and stays.
    #[test]
    fn clipping_scales_long_gradients_only() {
        let clipped = after(|parameters| FusedOptimiser::sgd(parameters, Sgd { momentum: 0.0, weight_decay: 0.0 }).unwrap(), Some(2.0));
        let expected = [0, 1].map(|at| {
            let scaled = GRADIENTS.map(|gradient| gradient[at] * (2.0 / (gradient[0].hypot(gradient[1]) + 1e-6)).min(1.0));
            START[at] - 0.1 * scaled.iter().sum::<f64>()
        });
        assert_close(&clipped, &expected);
    }

    #[test]
    fn parameters_that_cannot_be_stepped_in_place_are_refused() {
        let transposed = Tensor::zeros([2, 3], (tch::Kind::Float, tch::Device::Cpu)).transpose(0, 1);
        let refusal = FusedOptimiser::sgd(&[transposed], Sgd { momentum: 0.0, weight_decay: 0.0 }).unwrap_err();
        assert!(refusal.contains("not contiguous"), "{refusal}");
    }
}
