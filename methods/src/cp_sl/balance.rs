//! CP+SL's step 4 on the gradients of one training step.

use tch::{Kind, Tensor};

use super::{
    modulation::{self, Enhancement, Norm},
    settings::Modulation,
};
use crate::{nn::Parameters, rebalance::modulation::gradients};

/// Parameters whose gradients step 4 reads or changes.
#[derive(Debug)]
pub(super) struct Balance {
    /// Of each other modality's encoder, by name.
    encoders: Vec<Vec<Tensor>>,
    /// Of each other modality's branch of the fusion, where it is modulated too.
    branches: Vec<Vec<Tensor>>,
    /// Of the pivot's encoder.
    pivot: Vec<Tensor>,
    /// 1 for modalities that Eq. 6 holds for.
    penalised: Tensor,
    settings: Modulation,
}

/// What step 4 saw and did, on the device.
#[derive(Debug)]
pub(super) struct Seen {
    /// c, `[K]`.
    pub coefficients: Tensor,
    /// Eq. 6's condition, `[K]` of 1 and 0.
    pub conflicts: Tensor,
    /// g, `[K]`.
    pub norms: Tensor,
    /// Largest over smallest score of those compared; 0-d.
    pub imbalance: Tensor,
}

impl Balance {
    /// Finds the parameters of a pivot and the others by their names.
    pub(super) fn new(parameters: &Parameters, pivot: &str, others: &[(&str, i64)], settings: Modulation) -> Self {
        let encoder = |name: &str| parameters.below(&["encoder", name]);
        let audio = others.iter().position(|(name, _)| *name == "audio").unwrap_or(0);
        let penalised: Vec<f32> = (0..others.len()).map(|at| f32::from(!settings.first_only || at == audio)).collect();
        let branch = |(name, _): &(&str, i64)| if settings.with_gate { parameters.below(&["other", name, "branch"]) } else { Vec::new() };
        Self {
            encoders: others.iter().map(|(name, _)| encoder(name)).collect(),
            branches: others.iter().map(branch).collect(),
            pivot: encoder(pivot),
            penalised: Tensor::from_slice(&penalised).to_device(parameters.variables().device()),
            settings,
        }
    }

    /// Reads the gradients that are there and, while `active`, changes them.
    ///
    /// `scores` are Eq. 5's of all heads, the pivot's first, `[K + 1]`; `present` (`[K + 1]`, 1 or 0) says whether the batch has the modality;
    /// `shares` are the parameters whose gradients [`Norm::Shared`] reads.
    pub(super) fn apply(&self, scores: &Tensor, present: &Tensor, shares: &[Tensor], active: bool) -> Seen {
        tch::no_grad(|| {
            let seen = self.look(scores, present, shares);
            if active {
                self.change(&seen, scores, present);
            }
            let coefficients = if active { seen.coefficients } else { seen.coefficients.ones_like() };
            Seen { coefficients, ..seen }
        })
    }

    fn look(&self, scores: &Tensor, present: &Tensor, shares: &[Tensor]) -> Seen {
        let settings = &self.settings;
        let own = self.others(scores);
        let rivals = self.rivals(scores, present);
        let norm = |parameters: &[Tensor]| modulation::norm(&gradients(parameters), settings.norm).to_device(scores.device());
        let of_others: Vec<Tensor> = match settings.norm {
            Norm::Shared => shares.iter().map(|share| norm(std::slice::from_ref(share))).collect(),
            Norm::Mean | Norm::Global => self.encoders.iter().map(|encoder| norm(encoder)).collect(),
        };
        let pivot = if self.encoders.len() == 1 { norm(&self.pivot) } else { Tensor::zeros([], (Kind::Float, scores.device())) };
        let norms = Tensor::stack(&std::iter::once(pivot).chain(of_others).collect::<Vec<_>>(), 0);
        let conflicts = modulation::conflicts(&own, &rivals, &self.others(&norms), &self.rivals(&norms, present));
        let coefficients = if settings.modulate {
            let printed = modulation::coefficients(&own, &rivals, settings.alpha, settings.continuous);
            let counted = conflicts.logical_and(&self.penalised.gt(0));
            if settings.penalise { modulation::penalise(&printed, &counted, settings.eta) } else { printed }
        } else {
            own.ones_like()
        };
        Seen { coefficients, conflicts: conflicts.to_kind(Kind::Float), norms: self.others(&norms), imbalance: self.imbalance(scores, present) }
    }

    fn change(&self, seen: &Seen, scores: &Tensor, present: &Tensor) {
        let factors = match self.settings.enhancement {
            Some(Enhancement::AmplifyWeak) => {
                &seen.coefficients * modulation::amplification(&self.others(scores), &self.rivals(scores, present), self.settings.alpha)
            }
            _ => seen.coefficients.shallow_clone(),
        };
        for (at, (encoder, branch)) in self.encoders.iter().zip(&self.branches).enumerate() {
            let factor = factors.get(at as i64);
            let mut gradients = gradients(&encoder.iter().chain(branch).collect::<Vec<_>>());
            match self.settings.enhancement {
                Some(Enhancement::Noise) => modulation::scale_with_noise(&mut gradients, &factor, &|_, gradient| gradient.randn_like()),
                _ => modulation::scale(&mut gradients, &factor),
            }
        }
    }

    fn others(&self, all: &Tensor) -> Tensor {
        all.narrow(0, 1, self.encoders.len() as i64)
    }

    /// What each other modality is compared with. One alone is compared with the pivot, which is itself never modulated, or with nothing.
    fn rivals(&self, all: &Tensor, present: &Tensor) -> Tensor {
        if self.encoders.len() > 1 {
            return modulation::rivals(&self.others(all), &self.others(present));
        }
        let absent = present.prod(Kind::Float).eq(0).logical_or(&Tensor::from(!self.settings.against_pivot).to_device(all.device()));
        all.narrow(0, 0, 1).masked_fill(&absent, f64::INFINITY)
    }

    fn imbalance(&self, scores: &Tensor, present: &Tensor) -> Tensor {
        let first = i64::from(self.encoders.len() > 1);
        let part = |all: &Tensor| all.narrow(0, first, all.size()[0] - first);
        let (scores, absent) = (part(scores), part(present).eq(0));
        let (most, least) = (scores.masked_fill(&absent, f64::NEG_INFINITY).max(), scores.masked_fill(&absent, f64::INFINITY).min());
        (most / least).nan_to_num(1.0, None, None)
    }
}
