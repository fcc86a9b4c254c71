//! A linear layer.

use tch::Tensor;

use super::Scope;

/// `x Wᵀ + b`.
#[derive(Debug)]
pub struct Linear {
    /// `[out, in]`.
    pub weight: Tensor,
    /// `[out]`.
    pub bias: Tensor,
}

impl Linear {
    /// A layer with PyTorch's default initialisation: both uniform on ±1/√in.
    pub fn new(scope: &Scope<'_>, inputs: i64, outputs: i64) -> Self {
        let bound = 1.0 / (inputs.max(1) as f64).sqrt();
        Self { weight: scope.uniform("weight", &[outputs, inputs], bound), bias: scope.uniform("bias", &[outputs], bound) }
    }

    /// `[…, in]` → `[…, out]`.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        bench_native::linear(input, &self.weight, &self.bias, false)
    }

    /// `[…, in]` → `[…, out]`, negative numbers cut to zero.
    pub fn forward_relu(&self, input: &Tensor) -> Tensor {
        bench_native::linear(input, &self.weight, &self.bias, true)
    }
}
