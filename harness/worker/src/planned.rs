//! A trial's method on its dataset, before anything is trained.

use bench_card::{Card, MethodRef, Options};
use bench_methods::{
    BuildContext, Method,
    registry::{self, Entry},
};
use bench_store::{TrainedTrial, TrialSpec, folder::TrialFolder};

use crate::{checkpoint::Snapshot, data::Loaded, failure::Failure, pivot};

/// What a trial asks to be built.
pub struct Planned<'a> {
    /// The method's card.
    pub card: Card,
    /// The dataset.
    pub loaded: &'a Loaded,
    entry: Entry,
    options: Options,
    spec: &'a TrialSpec,
}

impl<'a> Planned<'a> {
    /// Looks the trial's method up.
    ///
    /// # Errors
    /// A method, revision or option that this worker does not have.
    pub fn of(spec: &'a TrialSpec, loaded: &'a Loaded) -> Result<Self, Failure> {
        let entry = registry::find(&spec.method).map_err(Failure::usage)?;
        let card = (entry.card)();
        if card.revision != spec.revision {
            return Err(Failure::usage(format!(
                "method `{}` has revision {}, the trial was planned for {}",
                spec.method, card.revision, spec.revision
            )));
        }
        let reference = MethodRef { method: spec.method.clone(), variant: None, options: spec.options.clone() };
        let options = card.resolve(&reference).map_err(Failure::usage)?;
        Ok(Self { card, loaded, entry, options, spec })
    }

    /// The position of a modality by name.
    ///
    /// # Errors
    /// A name that the dataset does not have.
    pub fn modality(&self, name: Option<&str>) -> Result<Option<usize>, Failure> {
        let position = |name| self.loaded.dataset.modality(name);
        let absent = |name| Failure::usage(format!("dataset `{}` has no modality `{name}`", self.spec.dataset));
        name.map(|name| position(name).ok_or_else(|| absent(name))).transpose()
    }

    /// The modality with the special part, for a method that has one; unimodal controls are trained where nothing else decides.
    ///
    /// # Errors
    /// A name that the dataset does not have, or a control that cannot be trained.
    pub fn pivot(&self) -> Result<Option<usize>, Failure> {
        match pivot::named(&self.card, &self.options, self.loaded)? {
            None if self.card.capabilities.pivot => pivot::best_alone(self.spec, self.loaded).map(Some),
            named => Ok(named),
        }
    }

    /// The same without training anything: where only a training could tell, the first modality. For estimates of time.
    ///
    /// # Errors
    /// A name that the dataset does not have.
    pub fn quick_pivot(&self) -> Result<Option<usize>, Failure> {
        Ok(pivot::named(&self.card, &self.options, self.loaded)?.or(self.card.capabilities.pivot.then_some(0)))
    }

    /// The trained model of a trial.
    ///
    /// # Errors
    /// The method's refusal, or weights that are missing or damaged.
    pub fn restored(&self, folder: &TrialFolder, trained: &TrainedTrial) -> Result<Box<dyn Method>, Failure> {
        let mut method = self.build(self.modality(trained.outcome.pivot.as_deref())?)?;
        Snapshot::read(&folder.weights(), &trained.outcome.weights)?.restore(method.as_mut())?;
        Ok(method)
    }

    /// The untrained model.
    ///
    /// # Errors
    /// The method's refusal.
    pub fn build(&self, pivot: Option<usize>) -> Result<Box<dyn Method>, Failure> {
        let context = BuildContext {
            modalities: self.loaded.dataset.modalities(),
            task: self.loaded.dataset.task(),
            options: &self.options,
            seed: self.spec.seed,
            modality: self.modality(self.spec.modality.as_deref())?,
            pivot,
            device: self.loaded.device,
        };
        (self.entry.build)(&context).map_err(Failure::usage)
    }
}
