//! How a method is trained: data, not code.

use serde::{Deserialize, Serialize};

/// Training settings. The harness's loop reads them; a method never sees them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Optimiser of each parameter group, by the group's name; `*` is for all groups not named.
    pub optimisers: Vec<(String, Optimiser)>,
    /// Samples a step.
    pub batch: usize,
    /// Where the settings come from, e.g. `RAML, section IV-B`.
    pub source: String,
}

/// One optimiser with its hyper-parameters, as libtorch defines them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Optimiser {
    /// Adam; `weight_decay` is the coupled L2 term (not AdamW's).
    Adam {
        /// Learning rate.
        lr: f64,
        /// First-moment decay.
        beta1: f64,
        /// Second-moment decay.
        beta2: f64,
        /// Added to the denominator.
        eps: f64,
        /// Coupled L2 coefficient.
        weight_decay: f64,
        /// How the rate changes.
        schedule: Schedule,
        /// Largest global gradient norm, if clipped.
        clip_norm: Option<f64>,
    },
    /// Stochastic gradient descent with momentum.
    Sgd {
        /// Learning rate.
        lr: f64,
        /// Momentum.
        momentum: f64,
        /// Coupled L2 coefficient.
        weight_decay: f64,
        /// How the rate changes.
        schedule: Schedule,
        /// Largest global gradient norm, if clipped.
        clip_norm: Option<f64>,
    },
}

/// How a learning rate changes over epochs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Schedule {
    /// It does not.
    Constant,
    /// Multiplied by `factor` every `every` epochs.
    Step {
        /// Epochs between drops.
        every: usize,
        /// Factor of a drop, in (0, 1].
        factor: f64,
    },
}

impl Schedule {
    /// The factor on the base rate in `epoch` (from 0).
    pub fn factor(&self, epoch: usize) -> f64 {
        match *self {
            Self::Constant => 1.0,
            Self::Step { every, factor } => factor.powi(i32::try_from(epoch / every.max(1)).unwrap_or(i32::MAX)),
        }
    }
}

impl Optimiser {
    /// Adam with libtorch's moments, a constant rate, no clipping.
    pub fn adam(lr: f64, weight_decay: f64) -> Self {
        Self::Adam { lr, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay, schedule: Schedule::Constant, clip_norm: None }
    }

    /// Base learning rate.
    pub fn lr(&self) -> f64 {
        match *self {
            Self::Adam { lr, .. } | Self::Sgd { lr, .. } => lr,
        }
    }

    /// Schedule of the rate.
    pub fn schedule(&self) -> Schedule {
        match *self {
            Self::Adam { schedule, .. } | Self::Sgd { schedule, .. } => schedule,
        }
    }

    /// Largest global gradient norm, if clipped.
    pub fn clip_norm(&self) -> Option<f64> {
        match *self {
            Self::Adam { clip_norm, .. } | Self::Sgd { clip_norm, .. } => clip_norm,
        }
    }
}

impl Default for Recipe {
    /// What RAML's section IV uses for itself and all its baselines: Adam, rate 1e-3, weight decay 5e-4 (coupled), batch 128.
    fn default() -> Self {
        Self {
            optimisers: vec![("*".into(), Optimiser::adam(1e-3, 5e-4))],
            batch: 128,
            source: "RAML, section IV (shared by all its baselines)".into(),
        }
    }
}

impl Recipe {
    /// The optimiser of a parameter group.
    pub fn optimiser(&self, group: &str) -> Option<&Optimiser> {
        let named = |name: &str| self.optimisers.iter().find(|(own, _)| own == name).map(|(_, optimiser)| optimiser);
        named(group).or_else(|| named("*"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_schedule_drops_at_its_epochs() {
        let schedule = Schedule::Step { every: 2, factor: 0.1 };
        let factors: Vec<f64> = (0..5).map(|epoch| schedule.factor(epoch)).collect();
        assert_eq!(factors, [1.0, 1.0, 0.1, 0.1, 0.1f64.powi(2)]);
    }

    #[test]
    fn a_named_group_wins_over_the_star() {
        let mut recipe = Recipe::default();
        recipe.optimisers.push(("critic".into(), Optimiser::adam(1e-4, 0.0)));
        assert_eq!(recipe.optimiser("critic").map(Optimiser::lr), Some(1e-4));
        assert_eq!(recipe.optimiser("model").map(Optimiser::lr), Some(1e-3));
    }
}
