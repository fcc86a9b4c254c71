//! Vectors: a multilayer perceptron.

use tch::Tensor;

use super::{Linear, Scope, WIDTH};

/// `d → 128 → 128` with a ReLU after each layer (RAML's set-up: a two-layer perceptron of width 128).
#[derive(Debug)]
pub struct VectorEncoder {
    first: Linear,
    second: Linear,
}

impl VectorEncoder {
    /// An encoder of `[B, dim]`.
    pub fn new(scope: &Scope<'_>, dim: i64) -> Self {
        Self { first: Linear::new(&scope.at("first"), dim, WIDTH), second: Linear::new(&scope.at("second"), WIDTH, WIDTH) }
    }

    /// `[B, dim]` → `[B, 128]`.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        self.second.forward_relu(&self.first.forward_relu(input))
    }
}
