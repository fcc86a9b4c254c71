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
    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
    #[serde(rename = "adamw")]
    AdamW {
        /// Learning rate.
        lr: f64,
        /// First-moment decay.
        beta1: f64,
        /// Second-moment decay.
        beta2: f64,
        /// Added to the denominator.
        eps: f64,
        /// Decoupled decay: each step multiplies a parameter by 1 − rate · weight_decay.
        weight_decay: f64,
        /// Whether parameters of fewer than two dimensions (biases, gains of normalisations) decay too.
        decay_vectors: bool,
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

/// How a learning rate changes.
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
    /// From the base rate in a straight line to `to` times it, over all steps.
    Linear {
        /// Factor at the end.
        to: f64,
    },
    /// In a straight line from the base rate to `to` times it over the first `boundary` of all epochs, then constant at `then` times it.
    Stages {
        /// Share of the epochs, in (0, 1), that the first stage takes.
        boundary: f64,
        /// Factor at the end of the first stage.
        to: f64,
        /// Factor of the second stage.
        then: f64,
    },
    /// Up from 0 over the first `fraction` of all steps and down to 0 over the rest: s/W for s < W, then (T − s)/(T − W).
    Warmup {
        /// Share of the steps, in [0, 1), in which the rate rises.
        fraction: f64,
    },
    /// Multiplied by `factor` when the validation score has not been better for more than `patience` epochs.
    Plateau {
        /// Factor of a drop, in (0, 1).
        factor: f64,
        /// Epochs without a better score that are forgiven.
        patience: usize,
    },
}

/// Where training stands, counted in steps of equal epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Epoch, from 0.
    pub epoch: usize,
    /// Most epochs.
    pub epochs: usize,
    /// Step of the epoch, from 0.
    pub step: usize,
    /// Steps an epoch.
    pub steps: usize,
}

impl Schedule {
    /// The factor on the base rate in a step. What a plateau did is not known here: its factor is 1.
    pub fn factor(&self, at: Progress) -> f64 {
        let (done, all) = ((at.epoch * at.steps + at.step) as f64, (at.epochs * at.steps).max(1) as f64);
        match *self {
            Self::Constant | Self::Plateau { .. } => 1.0,
            Self::Step { every, factor } => factor.powi(i32::try_from(at.epoch / every.max(1)).unwrap_or(i32::MAX)),
            Self::Linear { to } => 1.0 + (to - 1.0) * done / all,
            Self::Stages { boundary, to, then } => {
                let first = (first_stage(boundary, at.epochs) * at.steps) as f64;
                if done < first { 1.0 + (to - 1.0) * done / first } else { then }
            }
            Self::Warmup { fraction } => {
                let rising = (fraction * all).floor();
                if done < rising { done / rising } else { (all - done) / (all - rising) }
            }
        }
    }
}

/// Epochs of a first stage that takes `boundary` of `epochs`: rounded, and where there are two epochs or more neither none nor all of them.
pub fn first_stage(boundary: f64, epochs: usize) -> usize {
    let rounded = (boundary * epochs as f64).round() as usize;
    if epochs < 2 { rounded.min(epochs) } else { rounded.clamp(1, epochs - 1) }
}

impl Optimiser {
    /// Adam with libtorch's moments, a constant rate, no clipping.
    pub fn adam(lr: f64, weight_decay: f64) -> Self {
        Self::Adam { lr, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay, schedule: Schedule::Constant, clip_norm: None }
    }

    /// AdamW with libtorch's moments, a constant rate, no clipping; all parameters decay.
    pub fn adamw(lr: f64, weight_decay: f64) -> Self {
        let (schedule, clip_norm) = (Schedule::Constant, None);
        Self::AdamW { lr, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay, decay_vectors: true, schedule, clip_norm }
    }

    /// The same with another schedule.
    #[must_use]
    pub fn with_schedule(mut self, new: Schedule) -> Self {
        match &mut self {
            Self::Adam { schedule, .. } | Self::AdamW { schedule, .. } | Self::Sgd { schedule, .. } => *schedule = new,
        }
        self
    }

    /// Base learning rate.
    pub fn lr(&self) -> f64 {
        match *self {
            Self::Adam { lr, .. } | Self::AdamW { lr, .. } | Self::Sgd { lr, .. } => lr,
        }
    }

    /// Schedule of the rate.
    pub fn schedule(&self) -> Schedule {
        match *self {
            Self::Adam { schedule, .. } | Self::AdamW { schedule, .. } | Self::Sgd { schedule, .. } => schedule,
        }
    }

    /// Largest global gradient norm, if clipped.
    pub fn clip_norm(&self) -> Option<f64> {
        match *self {
            Self::Adam { clip_norm, .. } | Self::AdamW { clip_norm, .. } | Self::Sgd { clip_norm, .. } => clip_norm,
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

    fn factors(schedule: Schedule, epochs: usize, steps: usize) -> Vec<f64> {
        let places = (0..epochs).flat_map(|epoch| (0..steps).map(move |step| Progress { epoch, epochs, step, steps }));
        places.map(|at| schedule.factor(at)).collect()
    }

    #[test]
    fn a_step_schedule_drops_at_its_epochs() {
        assert_eq!(factors(Schedule::Step { every: 2, factor: 0.1 }, 5, 1), [1.0, 1.0, 0.1, 0.1, 0.1f64.powi(2)]);
    }

    /// By hand, from the definitions.
    #[test]
    fn straight_lines_go_step_by_step() {
        assert_eq!(factors(Schedule::Linear { to: 0.0 }, 2, 2), [1.0, 0.75, 0.5, 0.25]);
        assert_eq!(factors(Schedule::Stages { boundary: 0.4, to: 0.5, then: 0.25 }, 5, 1), [1.0, 0.75, 0.25, 0.25, 0.25]);
        assert_eq!(factors(Schedule::Warmup { fraction: 0.5 }, 2, 2), [0.0, 0.5, 1.0, 0.5]);
        assert_eq!(factors(Schedule::Warmup { fraction: 0.0 }, 1, 2), [1.0, 0.5]);
    }

    #[test]
    fn both_stages_have_an_epoch_where_there_are_two() {
        assert_eq!([1, 2, 3, 30].map(|epochs| first_stage(0.4, epochs)), [0, 1, 1, 12]);
        assert_eq!(first_stage(0.9, 2), 1);
    }

    #[test]
    fn a_named_group_wins_over_the_star() {
        let mut recipe = Recipe::default();
        recipe.optimisers.push(("critic".into(), Optimiser::adam(1e-4, 0.0)));
        assert_eq!(recipe.optimiser("critic").map(Optimiser::lr), Some(1e-4));
        assert_eq!(recipe.optimiser("model").map(Optimiser::lr), Some(1e-3));
    }
}
