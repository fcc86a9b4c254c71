//! Layers of several networks side by side: one batched operation where a loop over the networks would take one each.

use tch::{Kind, Tensor};

use super::Scope;

/// Added to the variance of a layer normalisation, PyTorch's default.
const NORM_EPSILON: f64 = 1e-5;

/// G linear layers, `x_g W_gᵀ + b_g`.
#[derive(Debug)]
pub struct StackedLinear {
    /// `[G, out, in]`.
    pub weight: Tensor,
    /// `[G, out]`.
    pub bias: Tensor,
}

impl StackedLinear {
    /// PyTorch's default initialisation: weights and biases uniform on ±1/√in.
    pub fn new(scope: &Scope<'_>, count: i64, inputs: i64, outputs: i64) -> Self {
        let bound = 1.0 / (inputs.max(1) as f64).sqrt();
        Self { weight: scope.uniform("weight", &[count, outputs, inputs], bound), bias: scope.uniform("bias", &[count, outputs], bound) }
    }

    /// Glorot's uniform initialisation with biases of zero, as transformers have it.
    pub fn glorot(scope: &Scope<'_>, count: i64, inputs: i64, outputs: i64) -> Self {
        let bound = (6.0 / (inputs + outputs).max(1) as f64).sqrt();
        Self { weight: scope.uniform("weight", &[count, outputs, inputs], bound), bias: scope.zeros("bias", &[count, outputs]) }
    }

    /// `[G, N, in]` → `[G, N, out]`. There is no second derivative.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        if self.alone() {
            return bench_native::linear(input, &self.weight.squeeze_dim(0), &self.bias.squeeze_dim(0), false);
        }
        self.bias.unsqueeze(1).baddbmm(input, &self.weight.transpose(1, 2), 1.0, 1.0)
    }

    /// [`Self::forward`], negative numbers cut to zero.
    pub fn forward_relu(&self, input: &Tensor) -> Tensor {
        if self.alone() {
            return bench_native::linear(input, &self.weight.squeeze_dim(0), &self.bias.squeeze_dim(0), true);
        }
        self.forward(input).relu_()
    }

    /// The layer whose answers are `scale` times this one's.
    pub fn scaled(&self, scale: f64) -> Self {
        Self { weight: &self.weight * scale, bias: &self.bias * scale }
    }

    /// One network needs no batched product, and libtorch has single layers in fewer operations.
    fn alone(&self) -> bool {
        self.weight.size()[0] == 1
    }

    /// Rows `start` to `start + length` of each weight and bias.
    pub fn rows(&self, start: i64, length: i64) -> Self {
        Self { weight: self.weight.narrow(1, start, length), bias: self.bias.narrow(1, start, length) }
    }

    /// Some of the networks, by number (`[H]` int64).
    pub fn select(&self, networks: &Tensor) -> Self {
        Self { weight: self.weight.index_select(0, networks), bias: self.bias.index_select(0, networks) }
    }
}

/// G layer normalisations over the last axis.
#[derive(Debug)]
pub struct StackedNorm {
    /// `[G, d]`.
    pub weight: Tensor,
    /// `[G, d]`.
    pub bias: Tensor,
}

impl StackedNorm {
    /// Weights of one, biases of zero.
    pub fn new(scope: &Scope<'_>, count: i64, width: i64) -> Self {
        Self { weight: scope.ones("weight", &[count, width]), bias: scope.zeros("bias", &[count, width]) }
    }

    /// `[G, N, d]` → `[G, N, d]`.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        let width = input.size().last().copied().unwrap_or(1);
        if self.weight.size()[0] == 1 {
            return input.layer_norm([width], Some(&self.weight.view(-1)), Some(&self.bias.view(-1)), NORM_EPSILON, false);
        }
        let normal = input.layer_norm([width], None::<&Tensor>, None::<&Tensor>, NORM_EPSILON, false);
        self.bias.unsqueeze(1).addcmul(&normal, &self.weight.unsqueeze(1))
    }

    /// Some of the networks, by number (`[H]` int64).
    pub fn select(&self, networks: &Tensor) -> Self {
        Self { weight: self.weight.index_select(0, networks), bias: self.bias.index_select(0, networks) }
    }
}

/// Means over the steps that count: values `[…, T, d]`, mask `[…, T]` of 1 and 0 (`None`: all) → `[…, d]`. Zero where none counts.
pub fn mean_over_steps(values: &Tensor, mask: Option<&Tensor>) -> Tensor {
    let Some(mask) = mask else { return values.mean_dim(-2, false, None::<Kind>) };
    let shares = mask / mask.sum_dim_intlist(-1, true, None::<Kind>).clamp_min(1.0);
    shares.unsqueeze(-2).matmul(values).squeeze_dim(-2)
}
