//! A recipe's optimisers on a method's parameter groups.

use bench_card::{Optimiser, Recipe};
use bench_native::{Adam, FusedOptimiser, Sgd};
use tch::Tensor;

use crate::{Group, Method, MethodError};

/// One optimiser a parameter group.
#[derive(Debug)]
pub struct Optimisers {
    groups: Vec<GroupOptimiser>,
}

/// The optimiser of one group, at the current epoch's learning rate.
#[derive(Debug)]
pub struct GroupOptimiser {
    name: &'static str,
    fused: FusedOptimiser,
    settings: Optimiser,
    rate: f64,
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

    /// Sets each group's learning rate for `epoch` (from 0).
    pub fn begin_epoch(&mut self, epoch: usize) {
        for group in &mut self.groups {
            group.rate = group.settings.lr() * group.settings.schedule().factor(epoch);
        }
    }

    /// Zero gradients, backward, clip, one step of every group.
    pub fn minimise(&mut self, loss: &Tensor) {
        self.groups.iter_mut().for_each(GroupOptimiser::zero_gradients);
        loss.backward();
        self.groups.iter_mut().for_each(GroupOptimiser::step);
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
                FusedOptimiser::adam(&parameters, Adam { beta1, beta2, epsilon: eps, weight_decay })
            }
            Optimiser::Sgd { momentum, weight_decay, .. } => FusedOptimiser::sgd(&parameters, Sgd { momentum, weight_decay }),
        };
        let fused = fused.map_err(|reason| MethodError::Torch { reason })?;
        Ok(Self { name: group.name, fused, settings: settings.clone(), rate: settings.lr() })
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
