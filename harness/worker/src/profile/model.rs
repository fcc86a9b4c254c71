//! A model that is measured: a method on a dataset, untrained or from a trial's weights.

use bench_methods::{Batch, Inputs, Method, ModalityInput, Optimisers, Step, TrainView};
use bench_store::{TrialSpec, folder::TrialFolder, profile::Subject};
use tch::Tensor;

use crate::{
    checkpoint,
    data::Loaded,
    failure::{Failure, catch},
    generator::reseed,
    planned::Planned,
};

/// A method ready to predict and to be trained.
pub(super) struct Model<'a> {
    spec: &'a TrialSpec,
    loaded: &'a Loaded,
    method: Box<dyn Method>,
    /// `None` where nothing is trained by steps.
    optimisers: Option<Optimisers>,
    steps: usize,
}

impl<'a> Model<'a> {
    /// Builds the subject; with a trial, from its weights.
    pub fn build(subject: &'a Subject, loaded: &dyn Fn(&TrialSpec) -> Option<&'a Loaded>) -> Result<Self, Failure> {
        let Subject::Method { spec, trial, .. } = subject else {
            return Err(Failure::usage("only methods can be profiled"));
        };
        let loaded = loaded(spec).ok_or_else(|| Failure::trial("the dataset is gone"))?;
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
        let mut model = Self { spec, loaded, method, optimisers: None, steps: 0 };
        if trial.is_none() {
            model.prepare();
        }
        if !model.method.groups().is_empty() {
            model.optimisers = Some(Optimisers::new(model.method.as_ref(), &spec.recipe).map_err(Failure::usage)?);
        }
        // Methods of several stages: the last one, in which all parts work.
        model.method.begin_epoch(spec.epochs.saturating_sub(1));
        Ok(model)
    }

    fn prepare(&mut self) {
        reseed(&self.spec.key(), "prepare", 0, 0);
        let batch = |rows: &[usize]| self.loaded.train.batch(rows);
        self.method.prepare(&TrainView { targets: self.loaded.train.targets(), batch: &batch, samples: self.loaded.train.samples() });
    }

    /// Whether it is trained by steps.
    pub fn trains(&self) -> bool {
        self.optimisers.is_some()
    }

    /// The first `samples` training samples, from the start again where there are fewer.
    pub fn batch(&self, samples: usize) -> Batch {
        let rows: Vec<usize> = (0..samples).map(|row| row % self.loaded.train.samples().max(1)).collect();
        self.loaded.train.batch(&rows)
    }

    /// Availability under every missing pattern, all modalities first, then fewer and fewer, with their names as conditions have them.
    pub fn patterns(&self) -> Vec<(String, Vec<bool>)> {
        let names: Vec<&str> = self.loaded.dataset.modalities().iter().map(|modality| modality.name.as_str()).collect();
        let mut masks: Vec<u32> = (0..(1 << names.len()) - 1).collect();
        masks.sort_by_key(|mask| (mask.count_ones(), mask.reverse_bits()));
        let pattern = |missing: u32| {
            let gone = |at: usize| missing & (1 << at) != 0;
            let absent: Vec<&str> = (0..names.len()).filter(|&at| gone(at)).map(|at| names[at]).collect();
            let name = if absent.is_empty() { "clean".into() } else { format!("missing({})", absent.join(",")) };
            (name, (0..names.len()).map(|at| !gone(at)).collect())
        };
        masks.into_iter().map(pattern).collect()
    }

    /// One prediction, of which nothing is kept.
    pub fn predict(&self, inputs: &Inputs) -> Result<(), Failure> {
        catch(|| {
            tch::no_grad(|| drop(self.method.predict(inputs)));
            Ok(())
        })
    }

    /// One training step of the last epoch, and the objective's graph let go.
    pub fn step(&mut self, batch: &Batch) -> Result<(), Failure> {
        let Some(optimisers) = &mut self.optimisers else { return Ok(()) };
        let step = Step { epoch: self.spec.epochs.saturating_sub(1), epochs: self.spec.epochs, step: self.steps, steps: self.steps + 1 };
        self.steps += 1;
        optimisers.begin_step(&step);
        reseed(&self.spec.key(), "training", step.epoch, step.step);
        catch(|| {
            drop(self.method.train_step(batch, &step, optimisers));
            Ok(())
        })
    }

    /// Takes the gradients of all groups away, as each step begins by doing.
    pub fn zero_gradients(&mut self) {
        let names: Vec<&str> = self.method.groups().iter().map(|group| group.name).collect();
        let Some(optimisers) = &mut self.optimisers else { return };
        names.iter().filter_map(|name| optimisers.group(name).map(|group| group.zero_gradients())).for_each(drop);
    }

    /// All parameters of all groups.
    pub fn parameters(&self) -> Vec<Tensor> {
        checkpoint::parameters(self.method.as_ref()).into_values().collect()
    }

    /// Tensors of the checkpoint that are no parameters.
    pub fn state(&self) -> Vec<Tensor> {
        self.method.state().into_iter().map(|(_, tensor)| tensor).collect()
    }
}

/// The same inputs with only the modalities of `pattern`.
pub(super) fn under(inputs: &Inputs, pattern: &[bool]) -> Inputs {
    if pattern.iter().all(|available| *available) {
        let modalities = inputs.modalities.iter().map(ModalityInput::shallow_clone).collect();
        return Inputs { modalities, availability: inputs.availability.shallow_clone() };
    }
    inputs.restricted(pattern)
}
