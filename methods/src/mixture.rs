/*!
Gaussian mixtures fitted inside a batch, and the 2-Wasserstein cost between their components.

G mixtures of K components with diagonal covariance are fitted at once by expectation-maximisation (Dempster, Laird, Rubin 1977) with a fixed number of
iterations and a deterministic start, as differentiable functions of the samples. Everything is a product with the samples' first and second powers:
`log N(x; μ, v)` is linear in (x², x), and the sums of an M-step are the responsibilities times (x², x, 1).
*/

use tch::{Device, Kind, Tensor};

const LEAST_VARIANCE: f64 = 1e-4;
const LEAST_MASS: f64 = 1e-6;
const LEAST_SHARE: f64 = 1e-8;
const LOG_TWO_PI: f64 = 1.837_877_066_409_345_5;
/// Under the root of the transport cost, as in DecAlign's released code: the cost of a component with itself is slightly negative.
const UNDER_ROOT: f64 = 1e-8;

/// G mixtures of K Gaussians with diagonal covariance.
#[derive(Debug)]
pub struct Mixture {
    /// Shares of the components, `[G, K]`.
    pub share: Tensor,
    /// Means, `[G, K, d]`.
    pub mean: Tensor,
    /// Variances, `[G, K, d]`.
    pub variance: Tensor,
}

/// First and second powers of samples about an origin, from which distances to components are one product.
#[derive(Debug)]
pub struct Powers {
    /// `[x² | x]`, `[G, N, 2d]`.
    values: Tensor,
    /// `[G, 1, d]`; carries no gradient: the results do not depend on it.
    origin: Tensor,
}

impl Powers {
    /// Of samples `[G, N, d]` about an origin that broadcasts to `[G, 1, d]`. Nearer origins lose fewer digits.
    pub fn about(samples: &Tensor, origin: &Tensor) -> Self {
        let origin = origin.detach();
        let centred = samples - &origin;
        Self { values: Tensor::cat(&[centred.square(), centred], -1), origin }
    }

    /// Squared distances to `means` (`[G, K, d]`), each feature multiplied by `precision` (`[G, K, d]`): `Σ_d p (x − μ)²`, `[G, N, K]`.
    pub fn distances(&self, means: &Tensor, precision: &Tensor) -> Tensor {
        let means = means - &self.origin;
        let weighted = &means * precision;
        let constant = (&means * &weighted).sum_dim_intlist(-1, false, None::<Kind>).unsqueeze(1);
        constant.baddbmm(&self.values, &Tensor::cat(&[precision.shallow_clone(), weighted * -2.0], -1).transpose(1, 2), 1.0, 1.0)
    }
}

/// A fit: the mixture and what it says of its samples.
#[derive(Debug)]
pub struct Fit {
    /// The mixture after the last iteration.
    pub mixture: Mixture,
    /// Responsibilities under it, `[G, N, K]`; zero for samples that do not count.
    pub responsibilities: Tensor,
    /// Mean log-likelihood of the samples that count, after 0, 1, … iterations, `[iterations + 1, G]`; only where it was asked for.
    pub trace: Option<Tensor>,
}

/// `log π_k + log N(x; μ_k, diag v_k)` of samples `[G, N, d]`: `[G, N, K]` (DecAlign's Eq. 4 with a diagonal Σ).
pub fn log_joint(samples: &Tensor, mixture: &Mixture) -> Tensor {
    joint(&Powers::about(samples, &samples.mean_dim(1, true, None::<Kind>)), mixture)
}

fn joint(powers: &Powers, mixture: &Mixture) -> Tensor {
    let features = mixture.mean.size()[2] as f64;
    let volume = mixture.variance.log().sum_dim_intlist(-1, false, None::<Kind>);
    let constant = mixture.share.clamp_min(LEAST_SHARE).log() - (volume + features * LOG_TWO_PI) * 0.5;
    powers.distances(&mixture.mean, &mixture.variance.reciprocal()) * -0.5 + constant.unsqueeze(1)
}

/// `log N(x; μ_k, Σ_k)` with full covariances: samples `[N, d]`, means `[K, d]`, covariances `[K, d, d]` → `[N, K]` (Eq. 4 as printed).
pub fn log_density_full(samples: &Tensor, mean: &Tensor, covariance: &Tensor) -> Tensor {
    let root = covariance.linalg_cholesky(false);
    let away = (samples.unsqueeze(0) - mean.unsqueeze(1)).transpose(1, 2);
    let whitened = root.linalg_solve_triangular(&away, false, true, false);
    let distance = whitened.square().sum_dim_intlist(1, false, None::<Kind>);
    let volume = root.diagonal(0, 1, 2).log().sum_dim_intlist(-1, true, None::<Kind>) * 2.0;
    ((distance + volume + samples.size()[1] as f64 * LOG_TWO_PI) * -0.5).transpose(0, 1)
}

/// Fits G mixtures of `components` Gaussians to samples `[G, N, d]` by `iterations` of EM, with gradients through all of them.
///
/// `counted` (`[G, N]`, 1 or 0) says which samples a mixture sees; `None` is all. The start is deterministic: means at evenly spaced samples in batch
/// order (with fewer than K samples they repeat), the samples' biased variance, equal shares. A mixture without samples is finite and of no meaning.
pub fn fit(samples: &Tensor, counted: Option<&Tensor>, components: i64, iterations: usize, traced: bool) -> Fit {
    let size = samples.size();
    let (groups, rows, features) = (size[0], size[1], size[2]);
    let counted = counted.map(|counted| counted.to_kind(samples.kind()).unsqueeze(-1));
    let count = counted.as_ref().map_or_else(
        || Tensor::full([groups, 1, 1], rows as f64, (samples.kind(), samples.device())),
        |counted| counted.sum_dim_intlist(1, true, None::<Kind>).clamp_min(1.0),
    );
    let average = |values: &Tensor| match &counted {
        None => values.mean_dim(1, true, None::<Kind>),
        Some(counted) => (values * counted).sum_dim_intlist(1, true, None::<Kind>) / &count,
    };
    let centre = average(samples);
    let powers = Powers::about(samples, &centre);
    let spread = average(&(samples - &centre).square()).clamp_min(LEAST_VARIANCE);
    let start = starts(counted.as_ref(), groups, rows, components, samples.device());
    let mut mixture = Mixture {
        share: Tensor::full([groups, components], 1.0 / components as f64, (samples.kind(), samples.device())),
        mean: samples.gather(1, &start.unsqueeze(-1).expand([-1, -1, features], false), false),
        variance: spread.expand([groups, components, features], false),
    };
    let unit = samples.ones_like().narrow(-1, 0, 1);
    let sums = Tensor::cat(&[&powers.values, &unit], -1);
    let mut trace = Vec::new();
    let expect = |mixture: &Mixture, trace: &mut Vec<Tensor>| {
        let joint = joint(&powers, mixture);
        if traced {
            trace.push(average(&joint.logsumexp([-1i64].as_slice(), true)).flatten(0, -1));
        }
        let each = joint.softmax(-1, None::<Kind>);
        counted.as_ref().map_or(each.shallow_clone(), |counted| each * counted)
    };
    for _ in 0..iterations {
        let responsibilities = expect(&mixture, &mut trace);
        let statistics = responsibilities.transpose(1, 2).bmm(&sums);
        let mass = statistics.narrow(-1, 2 * features, 1).clamp_min(LEAST_MASS);
        let moments = statistics.narrow(-1, 0, 2 * features) / &mass;
        let mean = moments.narrow(-1, features, features);
        let variance = (moments.narrow(-1, 0, features) - mean.square()).clamp_min(LEAST_VARIANCE);
        mixture = Mixture { share: (mass / &count).squeeze_dim(-1), mean: mean + &powers.origin, variance };
    }
    let responsibilities = expect(&mixture, &mut trace);
    Fit { mixture, responsibilities, trace: traced.then(|| Tensor::stack(&trace, 0)) }
}

/// Rows that the means start from, `[G, K]`: `round(i (n − 1) / (K − 1))`-th of the n counted rows, halves to even; `i mod n`-th where n < K.
fn starts(counted: Option<&Tensor>, groups: i64, rows: i64, components: i64, device: Device) -> Tensor {
    let index = Tensor::arange(components, (Kind::Double, device));
    let steps = (components - 1).max(1) as f64;
    let Some(counted) = counted else {
        let places = if rows < components { index.remainder(rows as f64) } else { (index * ((rows - 1) as f64 / steps)).round() };
        return places.to_kind(Kind::Int64).unsqueeze(0).expand([groups, -1], false);
    };
    let counted = counted.detach().squeeze_dim(-1);
    let count = counted.sum_dim_intlist(1, true, Kind::Double).clamp_min(1.0);
    let spaced = (&index * (&count - 1.0) / steps).round();
    let places = spaced.where_self(&count.ge(components as f64), &index.remainder_tensor(&count)).to_kind(Kind::Int64);
    // Counted rows first, in batch order.
    let order = counted.argsort_stable(true, 1, true);
    order.gather(1, &places, false)
}

/// How features are reduced in a distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Mean over the d features (DecAlign's released code).
    Mean,
    /// Sum: the printed norms.
    Sum,
}

impl Reduction {
    /// What a sum over `features` is divided by.
    pub fn divisor(self, features: i64) -> f64 {
        match self {
            Self::Mean => features as f64,
            Self::Sum => 1.0,
        }
    }
}

/// Squared 2-Wasserstein distance between components with diagonal covariance, `‖μ − μ'‖² + Σ_d (v + v' − 2 √(v v'))` (DecAlign's Eq. 6): means and
/// variances `[…, K, d]` and `[…, L, d]` → `[…, K, L]`.
pub fn transport_cost(left: (&Tensor, &Tensor), right: (&Tensor, &Tensor), reduction: Reduction) -> Tensor {
    bures(left, right, UNDER_ROOT) / reduction.divisor(left.0.size().last().copied().unwrap_or(1))
}

/// [`transport_cost`] summed over the features, with `under_root` added to `v v'`.
pub fn bures(left: (&Tensor, &Tensor), right: (&Tensor, &Tensor), under_root: f64) -> Tensor {
    let [left, right] = [(left, -2), (right, -3)].map(|((mean, variance), axis)| (mean.unsqueeze(axis), variance.unsqueeze(axis)));
    let means = (&left.0 - &right.0).square();
    let root = (&left.1 * &right.1 + under_root).sqrt();
    (means + &left.1 + &right.1 - root * 2.0).sum_dim_intlist(-1, false, None::<Kind>)
}

/// Eq. 6 with full covariances: `‖μ − μ'‖² + Tr(Σ + Σ' − 2 (Σ^½ Σ' Σ^½)^½)`, means `[d]`, covariances `[d, d]` → 0-d.
///
/// The paper prints `(Σ Σ')^½`; for covariances that do not commute its trace is that of the symmetric form here.
pub fn transport_cost_full(left: (&Tensor, &Tensor), right: (&Tensor, &Tensor)) -> Tensor {
    let (values, vectors) = left.1.linalg_eigh("L");
    let root = vectors.matmul(&(values.clamp_min(0.0).sqrt().unsqueeze(-1) * vectors.transpose(0, 1)));
    let cross = root.matmul(right.1).matmul(&root).linalg_eigvalsh("L").clamp_min(0.0).sqrt().sum(None::<Kind>);
    (left.0 - right.0).square().sum(None::<Kind>) + left.1.trace() + right.1.trace() - cross * 2.0
}

#[cfg(test)]
mod tests;
