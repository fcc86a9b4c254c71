/*!
CP+SL's Eqs. 1 and 2 as functions of tensors and of networks that are handed in.

Axes: `B` samples, `L` steps of the pivot (the paper's text), `K` other modalities (the paper's acoustic and visual streams), `d_m` features of
modality m, `d_z` latent features, `d_t` features of the pivot's states.
*/

use tch::{Kind, Tensor};

/// Added to a variance before its root (Eq. 1's ε; the paper uses one letter for this and for Eq. 5's).
pub const VARIANCE_FLOOR: f64 = 1e-6;

/// Of the layer normalisation behind Eq. 2 (DeBERTa's).
pub const LAYER_NORM_EPS: f64 = 1e-7;

/// How a variance head's raw output becomes a variance; the paper does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variance {
    /// softplus(raw).
    Softplus,
    /// exp(raw), raw being a log-variance clamped to [−10, 10].
    Exponential,
}

impl Variance {
    /// σ² of a raw output, same shape.
    pub fn of(self, raw: &Tensor) -> Tensor {
        match self {
            Self::Softplus => raw.softplus(),
            Self::Exponential => bench_native::clamp(raw, -10.0, 10.0).exp(),
        }
    }
}

/// Reparameterised draw `Z = μ + ε ⊙ √(σ² + 1e-6)` (Eq. 1).
pub fn sample(mean: &Tensor, variance: &Tensor, noise: &Tensor) -> Tensor {
    mean.addcmul(noise, &(variance + VARIANCE_FLOOR).sqrt())
}

/// One modality's encoding.
#[derive(Debug)]
pub struct Latent {
    /// μ, `[B, L, d_z]`.
    pub mean: Tensor,
    /// σ², `[B, L, d_z]`, where there is a head for it.
    pub variance: Option<Tensor>,
    /// Z, `[B, L, d_z]`: a draw, or μ.
    pub drawn: Tensor,
}

/// The networks between the equations.
pub trait Networks {
    /// `f_m^(μ)`: `[B, L, d_m]` → `[B, L, d_z]`.
    fn mean(&self, modality: usize, input: &Tensor) -> Tensor;
    /// `f_m^(σ²)`, positive: `[B, L, d_m]` → `[B, L, d_z]`; `None` where the model has no such head.
    fn variance(&self, modality: usize, input: &Tensor) -> Option<Tensor>;
    /// `W_p F` of the K latents, before the tanh: `[B, L, d_t]`.
    fn shift(&self, latents: &[Tensor]) -> Tensor;
    /// Normalisation, pooling and task head: `[B, L, d_t]` → `[B, C]`.
    fn answer(&self, injected: &Tensor) -> Tensor;
    /// Reconstruction: `[B, L, d_z]` → `[B, L, d_m]`.
    fn decode(&self, modality: usize, latent: &Tensor) -> Tensor;
    /// Unimodal head on the mean over steps, the pivot's for `None`: `[B, d_t]` or `[B, d_z]` → `[B, C]`.
    fn alone(&self, modality: Option<usize>, pooled: &Tensor) -> Tensor;
}

/// Standard normal numbers for modality m, in the shape of its μ.
pub type Noise<'a> = &'a dyn Fn(usize, &Tensor) -> Tensor;

/// All that a training step computes before its losses.
#[derive(Debug)]
pub struct Pass {
    /// K encodings.
    pub latents: Vec<Latent>,
    /// The model's answer, `[B, C]`.
    pub answer: Tensor,
    /// Unimodal answers, the pivot's first: `[K + 1, B, C]`.
    pub alone: Tensor,
    /// Reconstructed inputs, K × `[B, L, d_m]`.
    pub reconstructions: Vec<Tensor>,
}

/// Steps 1 to 3: the pivot's states `[B, L, d_t]`, the others' inputs K × `[B, L, d_m]`. Without `noise` every Z is its μ.
///
/// `pooling` (`[B, L]`, rows sum to one) is the mean over a sample's steps that the unimodal heads read; `None` where L is 1.
pub fn pass(networks: &dyn Networks, pivot: &Tensor, inputs: &[Tensor], pooling: Option<&Tensor>, beta: f64, noise: Option<Noise<'_>>) -> Pass {
    let latents = encode(networks, inputs, noise);
    let drawn: Vec<Tensor> = latents.iter().map(|latent| latent.drawn.shallow_clone()).collect();
    let answer = networks.answer(&inject(pivot, &networks.shift(&drawn), beta));
    let mut alone = vec![networks.alone(None, &step_mean(pivot, pooling))];
    alone.extend(drawn.iter().enumerate().map(|(at, latent)| networks.alone(Some(at), &step_mean(latent, pooling))));
    let reconstructions = drawn.iter().enumerate().map(|(at, latent)| networks.decode(at, latent)).collect();
    Pass { latents, answer, alone: Tensor::stack(&alone, 0), reconstructions }
}

/// The path of a prediction: ε = 0, so that no variance head is asked.
pub fn predict(networks: &dyn Networks, pivot: &Tensor, inputs: &[Tensor], beta: f64) -> Tensor {
    let means: Vec<Tensor> = inputs.iter().enumerate().map(|(at, input)| networks.mean(at, input)).collect();
    networks.answer(&inject(pivot, &networks.shift(&means), beta))
}

/// Step 1, Eq. 1.
fn encode(networks: &dyn Networks, inputs: &[Tensor], noise: Option<Noise<'_>>) -> Vec<Latent> {
    let one = |(at, input): (usize, &Tensor)| {
        let (mean, variance) = (networks.mean(at, input), networks.variance(at, input));
        let drawn = match (noise, &variance) {
            (Some(noise), Some(variance)) => sample(&mean, variance, &noise(at, &mean)),
            _ => mean.shallow_clone(),
        };
        Latent { mean, variance, drawn }
    };
    inputs.iter().enumerate().map(one).collect()
}

/// `H = T + β tanh(W_p F)` (Eq. 2).
pub fn inject(pivot: &Tensor, shift: &Tensor, beta: f64) -> Tensor {
    let injected = shift.tanh();
    if beta == 1.0 { pivot + injected } else { pivot + injected * beta }
}

/// Shares of K modalities from gate logits `[…, (K − 1) d_f]`, K × `[…, d_f]`: softmax over K scores, the last of which is zero.
///
/// For two modalities these are `g = sigmoid(logits)` and `1 − g`, the gated multimodal unit; for one, nothing is shared.
pub fn shares(logits: Option<&Tensor>, modalities: usize) -> Vec<Tensor> {
    match logits {
        None => Vec::new(),
        Some(logits) if modalities == 2 => {
            let first = logits.sigmoid();
            let second = first.ones_like() - &first;
            vec![first, second]
        }
        Some(logits) => {
            let parts = logits.chunk(modalities as i64 - 1, -1);
            let mut scores: Vec<Tensor> = parts.iter().map(Tensor::shallow_clone).collect();
            scores.extend(parts.first().map(Tensor::zeros_like));
            Tensor::stack(&scores, 0).softmax(0, None::<Kind>).unbind(0)
        }
    }
}

/// Gated fusion before its sum: `share_m ⊙ tanh(branch_m)`, where `branch_m = W_m Z_m + b_m`, K × `[…, d_f]`.
pub fn gated_parts(branches: &[Tensor], logits: Option<&Tensor>) -> Vec<Tensor> {
    let shares = shares(logits, branches.len());
    let part = |(at, branch): (usize, &Tensor)| match shares.get(at) {
        Some(share) => branch.tanh() * share,
        None => branch.tanh(),
    };
    branches.iter().enumerate().map(part).collect()
}

/// Gated fusion `F`, the sum of [`gated_parts`]: `[…, d_f]`. For two, `F = g ⊙ tanh(W_a Z_a) + (1 − g) ⊙ tanh(W_v Z_v)`.
pub fn gated_fusion(branches: &[Tensor], logits: Option<&Tensor>) -> Tensor {
    match (branches, logits) {
        ([first, second], Some(logits)) => second.tanh().lerp_tensor(&first.tanh(), &logits.sigmoid()),
        _ => sum(gated_parts(branches, logits)),
    }
}

/// The sum of tensors of one shape; a 0-d zero for none.
pub(super) fn sum(terms: Vec<Tensor>) -> Tensor {
    terms.into_iter().reduce(|sum, term| sum + term).unwrap_or_else(|| Tensor::from(0.0f32))
}

/// Mean over a sample's steps, `[B, L, d]` → `[B, d]`, by weights `[B, L]`; `None` where L is 1.
pub fn step_mean(steps: &Tensor, pooling: Option<&Tensor>) -> Tensor {
    match pooling {
        Some(pooling) => pooling.unsqueeze(1).bmm(steps).squeeze_dim(1),
        None => steps.squeeze_dim(1),
    }
}

/// `tanh(W x + b)`, the dense layer between pooling and head.
pub fn pooler(pooled: &Tensor, weight: &Tensor, bias: &Tensor) -> Tensor {
    bench_native::linear(pooled, weight, bias, false).tanh()
}
