//! A method on a dataset, untrained or from a trial's weights.

use std::path::Path;

use bench_methods::{Batch, Inputs, Method, Optimisers, Step};
use bench_store::{TrialSpec, folder::TrialFolder};

use super::model::{Model, Numbers, Pattern, Samples};
use crate::{
    checkpoint,
    data::Loaded,
    failure::{Failure, catch},
    generator::reseed,
    planned::Planned,
    train::prepare,
    transfer,
};

/// A method ready to predict and to be trained.
pub(super) struct OnDataset<'a> {
    spec: &'a TrialSpec,
    loaded: &'a Loaded,
    method: Box<dyn Method>,
    /// `None` where nothing is trained by steps.
    optimisers: Option<Optimisers>,
    steps: usize,
}

impl<'a> OnDataset<'a> {
    /// Builds the method; with a trial, from its weights.
    pub fn build(spec: &'a TrialSpec, trial: Option<&Path>, loaded: &'a Loaded) -> Result<Self, Failure> {
        let planned = Planned::of(spec, loaded)?;
        let method = match trial {
            Some(folder) => {
                let folder = TrialFolder::at(folder);
                let trained = folder.read().map_err(Failure::trial)?;
                let trained = trained.ok_or_else(|| Failure::usage(format!("trial {} is not trained", spec.key())))?;
                planned.restored(&folder, &trained)?
            }
            None => planned.build(planned.quick_pivot()?)?,
        };
        transfer::freeze(method.as_ref(), spec);
        let mut model = Self { spec, loaded, method, optimisers: None, steps: 0 };
        if trial.is_none() {
            prepare(model.method.as_mut(), loaded, spec);
        }
        if !model.method.groups().is_empty() {
            model.optimisers = Some(Optimisers::new(model.method.as_ref(), &spec.recipe).map_err(Failure::usage)?);
        }
        let epoch = model.method.busiest_epoch(spec.epochs);
        loaded.train.viewed(|train| model.method.begin_epoch(epoch, train));
        Ok(model)
    }

    /// The first `samples` training samples, from the start again where there are fewer.
    fn batch(&self, samples: usize) -> Batch {
        let rows: Vec<usize> = (0..samples).map(|row| row % self.loaded.train.samples().max(1)).collect();
        self.loaded.train.batch(&rows)
    }
}

impl Model for OnDataset<'_> {
    /// All modalities first, then fewer and fewer.
    fn patterns(&self) -> Vec<Pattern> {
        let names: Vec<&str> = self.loaded.dataset.modalities().iter().map(|modality| modality.name.as_str()).collect();
        let mut masks: Vec<u32> = (0..(1u32 << names.len().min(MOST_MODALITIES)) - 1).collect();
        masks.sort_by_key(|mask| (mask.count_ones(), mask.reverse_bits()));
        let pattern = |missing: u32| {
            let gone = |at: usize| missing.checked_shr(at as u32).unwrap_or(0) & 1 != 0;
            let absent: Vec<&str> = (0..names.len()).filter(|&at| gone(at)).map(|at| names[at]).collect();
            let name = if absent.is_empty() { "clean".into() } else { format!("missing({})", absent.join(",")) };
            Pattern { name, available: (0..names.len()).map(|at| !gone(at)).collect() }
        };
        let most = if names.len() > MOST_MODALITIES { 1 } else { masks.len() };
        masks.into_iter().take(most).map(pattern).collect()
    }

    fn samples(&self, count: usize, pattern: &Pattern) -> Result<Samples, Failure> {
        Ok(Samples::Inputs(under(self.batch(count).inputs, &pattern.available)))
    }

    fn labelled(&self, count: usize) -> Option<Batch> {
        self.optimisers.is_some().then(|| self.batch(count))
    }

    fn predict(&self, samples: &Samples) -> Result<(), Failure> {
        let Samples::Inputs(inputs) = samples else { return Err(Failure::trial("a method predicts from modalities")) };
        catch(|| {
            tch::no_grad(|| drop(self.method.predict(inputs)));
            Ok(())
        })
    }

    fn step(&mut self, batch: &Batch) -> Result<(), Failure> {
        let Some(optimisers) = &mut self.optimisers else { return Ok(()) };
        let step = Step { epoch: self.method.busiest_epoch(self.spec.epochs), epochs: self.spec.epochs, step: self.steps, steps: self.steps + 1 };
        self.steps += 1;
        optimisers.begin_step(&step);
        reseed(&self.spec.key(), "training", step.epoch, step.step);
        catch(|| {
            drop(self.method.train_step(batch, &step, optimisers));
            Ok(())
        })
    }

    fn zero_gradients(&mut self) {
        let names: Vec<&str> = self.method.groups().iter().map(|group| group.name).collect();
        let Some(optimisers) = &mut self.optimisers else { return };
        for name in names {
            if let Some(group) = optimisers.group(name) {
                group.zero_gradients();
            }
        }
    }

    fn numbers(&self) -> Numbers {
        Numbers::Tensors {
            parameters: checkpoint::parameters(self.method.as_ref()).into_values().collect(),
            state: self.method.state().into_iter().map(|(_, tensor)| tensor).collect(),
        }
    }
}

/// Most modalities whose missing patterns are all gone through.
const MOST_MODALITIES: usize = 12;

/// The same inputs with only the modalities of a pattern.
fn under(inputs: Inputs, available: &[bool]) -> Inputs {
    if available.iter().all(|available| *available) { inputs } else { inputs.restricted(available) }
}
