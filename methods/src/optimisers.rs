//! A recipe's optimisers on a method's parameter groups.

use bench_card::{Optimiser, Recipe, Schedule};
use bench_native::{Adam, FusedOptimiser, Sgd};
use tch::Tensor;

use crate::{Group, Method, MethodError, Step};

/// One optimiser a parameter group.
#[derive(Debug)]
pub struct Optimisers {
    groups: Vec<GroupOptimiser>,
}

/// The optimiser of one group, at the current step's learning rate.
#[derive(Debug)]
pub struct GroupOptimiser {
    name: &'static str,
    fused: FusedOptimiser,
    settings: Optimiser,
    rate: f64,
    plateau: Plateau,
}

/// What a plateau schedule remembers.
#[derive(Debug, Clone, Copy)]
struct Plateau {
    best: f64,
    epochs_without: usize,
    factor: f64,
}

impl Optimisers {
    /// The optimisers that a recipe gives to a method's groups.
    ///
    /// # Errors
    /// A group for which the recipe has no optimiser.
    pub fn new(method: &dyn Method, recipe: &Recipe) -> Result<Self, MethodError> {
        let build = |group: Group<'_>| {
            let settings = recipe.optimiser(group.name).ok_or(MethodError::NoOptimiser { group: group.name })?;
            GroupOptimiser::new(&group, settings)
        };
        Ok(Self { groups: method.groups().into_iter().map(build).collect::<Result<_, _>>()? })
    }

    /// Sets each group's learning rate for a step.
    pub fn begin_step(&mut self, step: &Step) {
        for group in &mut self.groups {
            group.rate = group.settings.lr() * group.settings.schedule().factor(*step) * group.plateau.factor;
        }
    }

    /// Tells schedules that wait for a plateau the epoch's validation score (higher is better).
    pub fn end_epoch(&mut self, validation: f64) {
        for group in &mut self.groups {
            if let Schedule::Plateau { factor, patience } = group.settings.schedule() {
                group.plateau.see(validation, factor, patience);
            }
        }
    }

    /// Zero gradients, backward, clip, one step of every group.
    pub fn minimise(&mut self, loss: &Tensor) {
        self.minimise_changed(loss, || ());
    }

    /// The same with `change` between backward and clip, where gradients may be changed; nothing is recorded for autograd in it.
    pub fn minimise_changed<T>(&mut self, loss: &Tensor, change: impl FnOnce() -> T) -> T {
        self.groups.iter_mut().for_each(GroupOptimiser::zero_gradients);
        loss.backward();
        let changed = tch::no_grad(change);
        self.groups.iter_mut().for_each(GroupOptimiser::step);
        changed
    }

    /// The optimiser of one group, for methods with their own rule.
    pub fn group(&mut self, name: &str) -> Option<&mut GroupOptimiser> {
        self.groups.iter_mut().find(|group| group.name == name)
    }
}

impl GroupOptimiser {
    fn new(group: &Group<'_>, settings: &Optimiser) -> Result<Self, MethodError> {
        // In the order of creation: `VarStore::variables` is a hash map, and the order of a norm's terms decides its bits.
        let parameters = group.variables.trainable_variables();
        let fused = match *settings {
            Optimiser::Adam { beta1, beta2, eps, weight_decay, .. } => {
                FusedOptimiser::adam(&parameters, Adam { beta1, beta2, epsilon: eps, weight_decay, decoupled: false, decay_vectors: true })
            }
            Optimiser::AdamW { beta1, beta2, eps, weight_decay, decay_vectors, .. } => {
                FusedOptimiser::adam(&parameters, Adam { beta1, beta2, epsilon: eps, weight_decay, decoupled: true, decay_vectors })
            }
            Optimiser::Sgd { momentum, weight_decay, .. } => FusedOptimiser::sgd(&parameters, Sgd { momentum, weight_decay }),
        };
        let fused = fused.map_err(|reason| MethodError::Torch { reason })?;
        let plateau = Plateau { best: f64::NEG_INFINITY, epochs_without: 0, factor: 1.0 };
        Ok(Self { name: group.name, fused, settings: settings.clone(), rate: settings.lr(), plateau })
    }

    /// Takes the group's gradients away.
    pub fn zero_gradients(&mut self) {
        self.fused.zero_gradients();
    }

    /// Clips as the recipe says, then one step.
    pub fn step(&mut self) {
        if let Some(norm) = self.settings.clip_norm() {
            self.fused.clip_gradient_norm(norm);
        }
        self.fused.step(self.rate);
    }
}

impl Plateau {
    /// As libtorch's `ReduceLROnPlateau` without threshold and cool-down: the drop comes with the first epoch beyond `patience`.
    fn see(&mut self, score: f64, factor: f64, patience: usize) {
        if score > self.best {
            (self.best, self.epochs_without) = (score, 0);
            return;
        }
        self.epochs_without += 1;
        if self.epochs_without > patience {
            self.factor *= factor;
            self.epochs_without = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: scores 1 and 2 are better, then two that are not, of which one is forgiven; 3 is better again.
    #[test]
    fn a_plateau_drops_the_rate_after_its_patience() {
        let mut plateau = Plateau { best: f64::NEG_INFINITY, epochs_without: 0, factor: 1.0 };
        let factors: Vec<f64> = [1.0, 2.0, 2.0, 1.5, 3.0, 0.0, 0.0]
            .into_iter()
            .map(|score| {
                plateau.see(score, 0.1, 1);
                plateau.factor
            })
            .collect();
        assert_eq!(factors, [1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.1 * 0.1]);
    }
}
