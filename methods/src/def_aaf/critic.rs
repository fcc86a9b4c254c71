/*!
The critic D, and its step of WGAN-GP without autograd.

The gradient penalty asks for the derivative of a derivative. LeakyReLU is linear on each side of zero, so `∇D(x̂) = W₁ᵀ (m₁ ⊙ W₂ᵀ (m₂ ⊙ w₃))` with slopes m that
do not change with the parameters, and the penalty's gradient is a product of the same matrices. A step therefore is one pass forward and one back over
codes, fusions and interpolates together, a third of what double backward does. A test holds it to double backward.
*/

use tch::{Kind, Tensor, no_grad};

use super::equations::Presence;
use crate::nn::{Parameters, Scope};

const SLOPE: f64 = 0.2;

/// `d → hidden → hidden → 1` with LeakyReLU(0.2); one for all modalities (K = 1), or one a modality (K = M).
#[derive(Debug)]
pub struct Critic {
    parameters: Parameters,
    /// `[K, hidden, d]` and `[K, 1, hidden]`.
    first: (Tensor, Tensor),
    /// `[K, hidden, hidden]` and `[K, 1, hidden]`.
    second: (Tensor, Tensor),
    /// `[K, hidden, 1]`.
    last: Tensor,
    /// `[K, 1, 1]`. A constant changes nothing in a difference of means, so only a discriminator has one.
    bias: Option<Tensor>,
    count: i64,
}

/// What a critic step saw: 0-d tensors.
#[derive(Debug)]
pub struct Seen {
    /// `E_c D(c) − E_z D(z)` before the step.
    pub gap: Tensor,
    /// The gradient penalty before the step.
    pub penalty: Tensor,
}

/// The rows of a step, made once for all its repetitions.
pub struct Rows {
    codes: Tensor,
    fused: Tensor,
    /// `[K, 2P + B, d]`: codes, fusions, and room for what changes from step to step.
    points: Tensor,
    /// `[K, P, 1]`: weight of each pair in the means.
    shares: Tensor,
    /// `[K, 2P + B, 1]`: minus the share of a code, the share of a fusion, one for an interpolate.
    signed: Tensor,
}

impl Critic {
    /// `count` critics of points of width `width`.
    pub fn new(parameters: Parameters, count: i64, width: i64, hidden: i64, discriminator: bool) -> Self {
        let root = parameters.root().at("critic");
        let layer = |scope: &Scope<'_>, inputs: i64| {
            let bound = 1.0 / (inputs as f64).sqrt();
            (scope.uniform("weight", &[count, hidden, inputs], bound), scope.uniform("bias", &[count, 1, hidden], bound))
        };
        let (first, second) = (layer(&root.at("first"), width), layer(&root.at("second"), hidden));
        let bound = 1.0 / (hidden as f64).sqrt();
        let last = root.at("last").uniform("weight", &[count, hidden, 1], bound);
        let bias = discriminator.then(|| root.at("last").zeros("bias", &[count, 1, 1]));
        Self { parameters, first, second, last, bias, count }
    }

    /// The parameters, a group of their own.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// D of points `[K, R, d]`: `[K, R]`. With `frozen` no gradient reaches the parameters.
    pub fn values(&self, points: &Tensor, frozen: bool) -> Tensor {
        let held = |tensor: &Tensor| if frozen { tensor.detach() } else { tensor.shallow_clone() };
        let layer = |(weight, bias): &(Tensor, Tensor), points: &Tensor| leaky(&affine(&held(bias), points, &held(weight)));
        let hidden = layer(&self.second, &layer(&self.first, points));
        let values = hidden.matmul(&held(&self.last)).squeeze_dim(-1);
        self.bias.as_ref().map_or_else(|| values.shallow_clone(), |bias| &values + held(bias).squeeze_dim(-1))
    }

    /// D of codes `[B, M, d]` and of fusions `[B, d]`: `[B, M]`, and `[B, 1]` or (one critic a modality) `[B, M]`.
    pub fn judge(&self, codes: &Tensor, fused: &Tensor, frozen: bool) -> (Tensor, Tensor) {
        let size = codes.size();
        let points = Tensor::cat(&[self.grouped(codes), self.fused(fused)], 1);
        let pairs = points.size()[1] - size[0];
        let values = self.values(&points, frozen);
        let (on_codes, on_fused) = (values.narrow(1, 0, pairs), values.narrow(1, pairs, size[0]));
        let back = if self.count == 1 { on_codes.view([size[0], size[1]]) } else { on_codes.transpose(0, 1) };
        (back, on_fused.transpose(0, 1))
    }

    /// `[B, M, …]` → `[K, P, …]`: P = B M pairs for one critic, P = B for each of M.
    fn grouped(&self, tensor: &Tensor) -> Tensor {
        if self.count == 1 { tensor.flatten(0, 1).unsqueeze(0) } else { tensor.transpose(0, 1) }
    }

    fn fused(&self, fused: &Tensor) -> Tensor {
        fused.unsqueeze(0).expand([self.count, fused.size()[0], fused.size()[1]], false)
    }

    /// Codes `[B, M, d]` and fusions `[B, d]` as the rows of [`Critic::learn`].
    pub fn rows(&self, codes: &Tensor, fused: &Tensor, presence: &Presence) -> Rows {
        let _no_grad = tch::no_grad_guard();
        let modalities = codes.size()[1];
        let repeated = fused.unsqueeze(1).expand([-1, modalities, -1], false);
        let (codes, spread, fused) = (self.grouped(codes), self.grouped(&repeated).contiguous(), self.fused(fused));
        let counted = self.grouped(&presence.counted.unsqueeze(-1));
        let total = counted.sum_dim_intlist(1, true, None::<Kind>).clamp_min(1) * self.count as f64;
        let shares = counted / total;
        let even = fused.narrow(-1, 0, 1).ones_like() / (self.count * fused.size()[1]) as f64;
        let signed = Tensor::cat(&[-&shares, even, shares.ones_like()], 1);
        let points = Tensor::cat(&[&codes, &fused, &codes], 1);
        Rows { codes: codes.contiguous(), fused: spread, points, shares, signed }
    }

    /// Gradients of `−gap + λ E(‖∇D(x̂)‖₂ − 1)²` (Eqs. 13, 14) in the parameters, left as their `grad`. ε `[B, M, 1]`, uniform.
    pub fn learn(&self, rows: &mut Rows, epsilon: &Tensor, lambda: f64) -> Seen {
        let _no_grad = tch::no_grad_guard();
        self.make_gradients();
        let pairs = rows.codes.size()[1];
        let real = rows.points.size()[1] - pairs;
        let interpolated = |tensor: &Tensor| tensor.narrow(1, real, pairs);
        let judged = |tensor: &Tensor| tensor.narrow(1, 0, real);
        let ((first, first_bias), (second, second_bias)) = (&self.first, &self.second);

        // Forward: codes, fusions and x̂ = ε z + (1 − ε) c at once.
        interpolated(&rows.points).copy_(&rows.codes.lerp_tensor(&rows.fused, &self.grouped(epsilon)));
        let before_first = affine(first_bias, &rows.points, first);
        let after_first = leaky(&before_first);
        let before_second = affine(second_bias, &after_first, second);
        let after_second = judged(&leaky(&before_second));
        let signed = judged(&rows.signed);
        let gap = -(after_second.matmul(&self.last) * &signed).sum(None::<Kind>);

        // Back: of a code or fusion its share of the gap's gradient, of an interpolate ∇D.
        let back_second = slope(&before_second, &rows.signed.matmul(&self.last.transpose(1, 2)));
        let back_first = slope(&before_first, &back_second.matmul(second));
        let gradients = interpolated(&back_first).matmul(first);
        let norms = gradients.norm_scalaropt_dim(2, [-1i64].as_slice(), true).clamp_min(1e-12);
        let excess = &norms - 1.0;
        let weighed = &rows.shares * (&excess * lambda);
        let penalty = (&weighed * &excess).sum(None::<Kind>);

        // The penalty's derivative in ∇D, pushed forward through the same slopes.
        let pushed = gradients * (weighed * 2.0 / norms);
        let pushed_first = slope(&interpolated(&before_first), &pushed.matmul(&first.transpose(1, 2)));
        let pushed_second = slope(&interpolated(&before_second), &pushed_first.matmul(&second.transpose(1, 2)));
        interpolated(&rows.points).copy_(&pushed);
        interpolated(&after_first).copy_(&pushed_first);

        let over_rows = |tensor: &Tensor| tensor.sum_dim_intlist(1, true, None::<Kind>);
        first.grad().copy_(&back_first.transpose(1, 2).matmul(&rows.points));
        first_bias.grad().copy_(&over_rows(&judged(&back_first)));
        second.grad().copy_(&back_second.transpose(1, 2).matmul(&after_first));
        second_bias.grad().copy_(&over_rows(&judged(&back_second)));
        self.last.grad().copy_(&(after_second.transpose(1, 2).matmul(&signed) + over_rows(&pushed_second).transpose(1, 2)));
        Seen { gap, penalty }
    }

    /// Gradients to write to: a parameter has none before its first backward.
    fn make_gradients(&self) {
        if !self.last.grad().defined() {
            tch::with_grad(|| {
                let parameters = self.parameters.variables().trainable_variables();
                let sums: Vec<Tensor> = parameters.iter().map(|parameter| parameter.sum(None::<Kind>)).collect();
                Tensor::stack(&sums, 0).sum(None::<Kind>).backward();
            });
        }
    }

    /// ‖∇D‖₂ at points `[B, M, d]`: `[B, M]`, without a graph.
    pub fn gradient_norms(&self, points: &Tensor) -> Tensor {
        no_grad(|| {
            let size = points.size();
            let points = self.grouped(points);
            let before_first = affine(&self.first.1, &points, &self.first.0);
            let before_second = affine(&self.second.1, &leaky(&before_first), &self.second.0);
            let ones = before_second.narrow(-1, 0, 1).ones_like();
            let back = slope(&before_second, &ones.matmul(&self.last.transpose(1, 2)));
            let gradients = slope(&before_first, &back.matmul(&self.second.0)).matmul(&self.first.0);
            let norms = gradients.norm_scalaropt_dim(2, [-1i64].as_slice(), false);
            if self.count == 1 { norms.view([size[0], size[1]]) } else { norms.transpose(0, 1) }
        })
    }
}

/// `x Wᵀ + b` of K layers.
fn affine(bias: &Tensor, points: &Tensor, weight: &Tensor) -> Tensor {
    bias.baddbmm(points, &weight.transpose(1, 2), 1, 1)
}

/// LeakyReLU(0.2); tch offers no slope but libtorch's default.
fn leaky(before: &Tensor) -> Tensor {
    slope(before, before)
}

/// `gradient` times the slope of LeakyReLU at `before`.
fn slope(before: &Tensor, gradient: &Tensor) -> Tensor {
    before.leaky_relu_backward(gradient, SLOPE, false)
}
