//! CP+SL's networks: two-layer perceptrons, the gated fusion, and the head. The paper gives widths (256, 512) and dropout, no more.

use tch::Tensor;

use super::{
    equations::{self, LAYER_NORM_EPS, Networks},
    modulation::Norm,
    settings::{CpSlSettings, Fusion, Pool, Widths},
};
use crate::nn::{Linear, Scope};

/// `W₂ relu(W₁ x + b₁) + b₂`.
#[derive(Debug)]
pub(super) struct Perceptron {
    first: Linear,
    second: Linear,
}

impl Perceptron {
    pub(super) fn new(scope: &Scope<'_>, inputs: i64, hidden: i64, outputs: i64) -> Self {
        Self { first: Linear::new(&scope.at("first"), inputs, hidden), second: Linear::new(&scope.at("second"), hidden, outputs) }
    }

    fn forward(&self, input: &Tensor) -> Tensor {
        self.second.forward(&self.first.forward_relu(input))
    }

    fn forward_with_dropout(&self, input: &Tensor, dropout: f64, train: bool) -> Tensor {
        let hidden = self.first.forward_relu(input);
        self.second.forward(&if train && dropout > 0.0 { hidden.dropout(dropout, true) } else { hidden })
    }
}

/// One other modality's networks.
#[derive(Debug)]
struct Own {
    mean: Perceptron,
    variance: Option<Perceptron>,
    /// `W_m, b_m` of the fusion; none for a concatenation.
    branch: Option<Linear>,
    decoder: Perceptron,
    head: Perceptron,
}

/// All networks behind the pivot's encoder.
#[derive(Debug)]
pub(super) struct Network {
    others: Vec<Own>,
    pivot_head: Perceptron,
    /// `W_g, b_g`; none for one modality.
    gate: Option<Linear>,
    /// Of `fusion=concat`.
    joint: Option<Linear>,
    /// `W_p`, `[d_t, d_f]`.
    projection: Tensor,
    norm: (Tensor, Tensor),
    pooler: Linear,
    head: Linear,
    settings: CpSlSettings,
}

/// What one pass does with the networks.
pub(super) struct Mode<'a> {
    pub network: &'a Network,
    pub train: bool,
    /// Mean over a sample's steps, `[B, L]`; `None` where L is 1.
    pub pooling: Option<&'a Tensor>,
    /// Zeros in the shape of `W_p`, one a modality, that stand for that modality's share in it: their gradients are what reaches `W_p` through it.
    pub shares: &'a [Tensor],
}

impl Network {
    /// Networks for pivot states of width `states` and K others, by name and number of features; `outputs` numbers an answer.
    pub(super) fn new(root: &Scope<'_>, others: &[(&str, i64)], states: i64, outputs: i64, settings: &CpSlSettings) -> Self {
        let Widths { hidden, latent, fusion } = settings.widths;
        let count = others.len() as i64;
        let own = |&(name, features): &(&str, i64)| {
            let (encoder, own) = (root.at("encoder").at(name), root.at("other").at(name));
            Own {
                mean: Perceptron::new(&encoder.at("mean"), features, hidden, latent),
                variance: settings.variance_head.then(|| Perceptron::new(&encoder.at("variance"), features, hidden, latent)),
                branch: (settings.fusion != Fusion::Concat).then(|| Linear::new(&own.at("branch"), latent, fusion)),
                decoder: Perceptron::new(&own.at("decoder"), latent, hidden, features),
                head: Perceptron::new(&own.at("head"), latent, hidden, outputs),
            }
        };
        let shared = root.at("fusion");
        let gated = settings.fusion == Fusion::Gated && count > 1;
        Self {
            others: others.iter().map(own).collect(),
            pivot_head: Perceptron::new(&root.at("pivot").at("head"), states, hidden, outputs),
            gate: gated.then(|| Linear::new(&shared.at("gate"), count * latent, (count - 1) * fusion)),
            joint: (settings.fusion == Fusion::Concat).then(|| Linear::new(&shared.at("joint"), count * latent, fusion)),
            projection: shared.uniform("projection", &[states, fusion], 1.0 / (fusion as f64).sqrt()),
            norm: (root.at("norm").ones("weight", &[states]), root.at("norm").zeros("bias", &[states])),
            pooler: Linear::new(&root.at("pooler"), states, states),
            head: Linear::new(&root.at("head"), states, outputs),
            settings: *settings,
        }
    }

    /// Zeros for [`Mode::shares`]; none unless the settings ask for the norm on shared parameters.
    pub(super) fn shares(&self) -> Vec<Tensor> {
        if self.settings.modulation.norm != Norm::Shared {
            return Vec::new();
        }
        self.others.iter().map(|_| self.projection.detach().zeros_like().set_requires_grad(true)).collect()
    }

    fn branches(&self, latents: &[Tensor]) -> Vec<Tensor> {
        self.others.iter().zip(latents).filter_map(|(own, latent)| own.branch.as_ref().map(|branch| branch.forward(latent))).collect()
    }

    fn logits(&self, latents: &[Tensor]) -> Option<Tensor> {
        self.gate.as_ref().map(|gate| gate.forward(&Tensor::cat(latents, -1)))
    }

    /// `F` as a sum of parts, one a modality.
    fn parts(&self, latents: &[Tensor]) -> Vec<Tensor> {
        let branches = self.branches(latents);
        match self.settings.fusion {
            Fusion::Gated => equations::gated_parts(&branches, self.logits(latents).as_ref()),
            _ => branches.iter().map(Tensor::tanh).collect(),
        }
    }

    /// `F`, `[B, L, d_f]`.
    fn fuse(&self, latents: &[Tensor]) -> Tensor {
        match (&self.joint, self.settings.fusion) {
            (Some(joint), _) => joint.forward(&Tensor::cat(latents, -1)).tanh(),
            (None, Fusion::Gated) => equations::gated_fusion(&self.branches(latents), self.logits(latents).as_ref()),
            (None, _) => equations::sum(self.parts(latents)),
        }
    }
}

impl Networks for Mode<'_> {
    fn mean(&self, modality: usize, input: &Tensor) -> Tensor {
        self.network.others[modality].mean.forward_with_dropout(input, self.network.settings.encoder_dropout, self.train)
    }

    fn variance(&self, modality: usize, input: &Tensor) -> Option<Tensor> {
        let settings = &self.network.settings;
        let head = self.network.others[modality].variance.as_ref()?;
        Some(settings.variance.of(&head.forward_with_dropout(input, settings.encoder_dropout, self.train)))
    }

    fn shift(&self, latents: &[Tensor]) -> Tensor {
        let network = self.network;
        if self.shares.is_empty() {
            return network.fuse(latents).linear(&network.projection, None::<Tensor>);
        }
        let parts = network.parts(latents);
        let through = parts.iter().zip(self.shares).map(|(part, share)| part.linear(&(&network.projection + share), None::<Tensor>));
        equations::sum(through.collect())
    }

    fn answer(&self, injected: &Tensor) -> Tensor {
        let network = self.network;
        let settings = &network.settings;
        let dropped = |values: Tensor| if self.train && settings.dropout > 0.0 { values.dropout(settings.dropout, true) } else { values };
        let first = (settings.pool == Pool::First).then(|| injected.narrow(1, 0, 1));
        let read = first.as_ref().unwrap_or(injected);
        let (weight, bias) = &network.norm;
        let normed = dropped(read.layer_norm(weight.size(), Some(weight), Some(bias), LAYER_NORM_EPS, true));
        let pooled = equations::step_mean(&normed, if first.is_some() { None } else { self.pooling });
        network.head.forward(&dropped(equations::pooler(&pooled, &network.pooler.weight, &network.pooler.bias)))
    }

    fn decode(&self, modality: usize, latent: &Tensor) -> Tensor {
        let decoded = self.network.others[modality].decoder.forward(latent);
        if self.network.settings.sigmoid_decoder { decoded.sigmoid() } else { decoded }
    }

    fn alone(&self, modality: Option<usize>, pooled: &Tensor) -> Tensor {
        let head = modality.map_or(&self.network.pivot_head, |modality| &self.network.others[modality].head);
        head.forward(pooled)
    }
}
