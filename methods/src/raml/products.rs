/*!
Eqs. 3 and 4 for all patterns of missing modalities at once, as matrix products.

With the precision τ_m = 1/σ_m², Eq. 4 is a quotient of sums over the modalities that are there, `h = Σ_m δ_m τ_m μ_m / Σ_m δ_m τ_m`, and the sums of
all patterns are one product of the patterns `[P, M]` with the M modalities' values, `[M, B D]`. The same function as `equations::fuse` of
`equations::weights` on `[P, M, B, D]`, without that tensor: it would be passed over a dozen times in a training step.

Only for a bounded log-variance: the softmax of [`super::equations`] takes any σ, a quotient of exponentials overflows.
*/

use tch::{Kind, Tensor};

/// Keeps the quotient of two empty sums at zero; the smallest precision under the clamp is e^−10, to which adding this changes no bit.
const NO_PRECISION: f64 = 1e-30;

/// Means weighted by their precision, and the precisions, both zero where a modality is missing: `[M, B, D]`.
pub struct Weighed {
    precision: Tensor,
    weighted: Tensor,
}

impl Weighed {
    /// Of μ and the log-variance 2 ln σ, `[M, B, D]`, for samples with δ = `availability`, `[M, B]`, 1 or 0.
    pub fn new(mu: &Tensor, log_variance: &Tensor, availability: &Tensor) -> Self {
        let precision = log_variance.neg().exp_() * availability.unsqueeze(-1);
        let weighted = &precision * mu;
        Self { precision, weighted }
    }

    /// Eq. 4 under each pattern of `patterns`, `[P, M]`, 1 or 0: `[P, B, D]`. A pattern that leaves a sample nothing gives zero.
    pub fn fuse(&self, patterns: &Tensor) -> Tensor {
        let sums = |values: &Tensor| patterns.mm(&values.flatten(1, -1));
        let mut shape = self.precision.size();
        shape[0] = patterns.size()[0];
        (sums(&self.weighted) / sums(&self.precision).g_add_scalar_(NO_PRECISION)).view(shape.as_slice())
    }

    /// Eq. 3 before its reductions over features and batch, `Σ_m |(σ/σ_m)² μ_m|` over the available modalities: `[B, D]`.
    pub fn sparsity(&self) -> Tensor {
        let sum = |values: &Tensor| values.sum_dim_intlist(0, false, None::<Kind>);
        sum(&self.weighted.abs()) / sum(&self.precision)
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::{patterns, raml::equations};

    const MODALITIES: i64 = 3;

    fn draw() -> Tensor {
        Tensor::randn([MODALITIES, 5, 4], (Kind::Double, Device::Cpu))
    }

    /// δ of five samples: the first has all modalities, the others lack some.
    fn incomplete() -> Tensor {
        let rows = [[true, true, true], [false, true, true], [true, false, false], [false, false, true], [true, true, false]].map(Vec::from);
        patterns::tensor(&rows, Device::Cpu).transpose(0, 1)
    }

    /// Value and both gradients of a function of μ and ln σ.
    fn derived(function: impl Fn(&Tensor, &Tensor) -> Tensor, mu: &Tensor, log_sigma: &Tensor) -> [Tensor; 3] {
        let leaf = |tensor: &Tensor| tensor.copy().set_requires_grad(true);
        let (mu, log_sigma) = (leaf(mu), leaf(log_sigma));
        let value = function(&mu, &log_sigma);
        // Another weight for each element, so that none can stand for another.
        (&value * Tensor::arange(value.numel() as i64, (Kind::Double, Device::Cpu)).view_as(&value)).sum(Kind::Double).backward();
        [value.detach(), mu.grad(), log_sigma.grad()]
    }

    fn assert_close(found: [Tensor; 3], expected: [Tensor; 3]) {
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.allclose(expected, 1e-10, 1e-10, false), "{found:?}, not {expected:?}");
        }
    }

    #[test]
    fn fusing_all_patterns_is_equation_4_with_its_gradients() {
        let patterns = patterns::tensor(&patterns::all(MODALITIES as usize), Device::Cpu);
        let there = patterns.unsqueeze(-1).logical_and(&incomplete());
        let counted = there.any_dim(1, false);
        let direct = |mu: &Tensor, log_sigma: &Tensor| {
            let some = there.logical_or(&counted.logical_not().unsqueeze(1));
            let fused = equations::fuse(&equations::weights(&equations::adaptive_scores(log_sigma), &some), mu);
            fused.masked_fill(&counted.logical_not().unsqueeze(-1), 0.0)
        };
        let (mu, log_sigma) = (draw(), draw());
        let products = |mu: &Tensor, log_sigma: &Tensor| {
            Weighed::new(mu, &(log_sigma * 2.0), &incomplete().to_kind(Kind::Double)).fuse(&patterns.to_kind(Kind::Double))
        };
        assert_close(derived(products, &mu, &log_sigma), derived(direct, &mu, &log_sigma));
    }

    #[test]
    fn sparsity_is_equation_3_with_its_gradients() {
        let (mu, log_sigma) = (draw(), draw());
        let total =
            |mu: &Tensor, log_sigma: &Tensor| equations::sparsity_each(mu, log_sigma, Some(&incomplete())).sum_dim_intlist(0, false, None::<Kind>);
        let products = |mu: &Tensor, log_sigma: &Tensor| {
            Weighed::new(mu, &(log_sigma * 2.0), &incomplete().to_kind(Kind::Double)).sparsity().sum_dim_intlist(-1, false, None::<Kind>)
        };
        assert_close(derived(products, &mu, &log_sigma), derived(total, &mu, &log_sigma));
    }

    #[test]
    fn the_clamp_s_ends_are_no_danger_in_single_precision() {
        let mu = Tensor::from_slice(&[1.0f32, -2.0]).view([2, 1, 1]);
        let log_variance = Tensor::from_slice(&[-10.0f32, 10.0]).view([2, 1, 1]);
        let weighed = Weighed::new(&mu, &log_variance, &Tensor::ones([2, 1], (Kind::Float, Device::Cpu)));
        let fused = weighed.fuse(&patterns::tensor(&patterns::all(2), Device::Cpu).to_kind(Kind::Float));
        // Alone each is itself; together the first outweighs the second e²⁰ to one.
        assert_eq!(Vec::<f32>::try_from(fused.flatten(0, -1)).unwrap(), [-2.0, 1.0, 1.0]);
    }
}
