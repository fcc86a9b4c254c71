//! One training step of plain descent, looked at parameter by parameter.

use std::collections::BTreeMap;

use bench_card::{Optimiser, Recipe, Schedule};
use bench_methods::{Batch, LossTerms, Method, Optimisers, Step};
use tch::Tensor;

use crate::{
    cases::{self, seeded},
    toy::{self, Problem},
};

/// The first step of the first of thirty epochs.
pub const FIRST: Step = Step { epoch: 0, epochs: 30, step: 0, steps: 1 };

/// Parameters of the first group by name.
pub type Parameters = BTreeMap<String, Tensor>;

/// The toy problem of so many modalities.
pub fn problem(arity: usize, regression: bool) -> Problem {
    toy::problems().into_iter().find(|problem| problem.arity() == arity && problem.regression() == regression).unwrap()
}

fn descent() -> Recipe {
    let sgd = Optimiser::Sgd { lr: 0.1, momentum: 0.0, weight_decay: 0.0, schedule: Schedule::Constant, clip_norm: None };
    Recipe { optimisers: vec![("*".into(), sgd)], ..Recipe::default() }
}

/// Copies of the parameters of a method's first group.
pub fn parameters(method: &dyn Method) -> Parameters {
    let group = method.groups().remove(0);
    group.variables.variables().into_iter().map(|(name, tensor)| (name, tensor.detach().copy())).collect()
}

/// One step of plain descent from the same weights and with the same draws: the parameters before and after, and the terms.
pub fn one_step(reference: &str, problem: &Problem, batch: &Batch, step: Step) -> (Parameters, Parameters, LossTerms) {
    let case = cases::named(reference, problem);
    let mut method = case.build(1);
    case.train(method.as_mut(), &problem.batch(), 0);
    let before = parameters(method.as_ref());
    let mut optimisers = Optimisers::new(method.as_ref(), &descent()).unwrap();
    let terms = seeded(7, || {
        toy::viewed(batch, |train| method.begin_epoch(step.epoch, train));
        optimisers.begin_step(&step);
        method.train_step(batch, &step, &mut optimisers)
    });
    (before, parameters(method.as_ref()), terms)
}

/// What a step logged beside its terms.
pub fn observed(terms: &LossTerms, name: &str) -> f64 {
    let found = terms.observed().find(|(own, _)| *own == name).unwrap_or_else(|| panic!("{name} is not logged"));
    found.1.double_value(&[])
}

/// Whether a parameter is of a modality's encoder.
pub fn is_encoder(name: &str, modality: &str) -> bool {
    name.starts_with(&format!("encoder.{modality}."))
}
