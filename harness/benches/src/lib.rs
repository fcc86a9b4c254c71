/*!
What the benchmarks measure: a method on an embedded dataset, set up as `bench run` sets it up.

`benches/` holds the criterion benchmarks, `peers/` the same models in PyTorch, and the executable `peer-ours` answers what the peers answer.
*/

use bench_card::{Card, MethodRef, Options};
use bench_corruptions::{Condition, Suite};
use bench_datasets::{Dataset, DatasetRef, embedded_directory};
use bench_methods::{Batch, BuildContext, Group, Inputs, LossTerms, Method, Output, Step, TrainView, registry};
use bench_store::{TrialSpec, trial::PROTOCOL_REVISION};
use bench_worker::{
    data::Loaded,
    evaluate::{Evaluation, test_ids},
    generator::reseed,
};
use tch::Device;

/// Rows of an evaluation batch, as `bench run` has it.
pub const EVALUATION_BATCH: usize = 256;

const SEED: u64 = 42;

/// A method on a dataset.
pub struct Case {
    /// The dataset, normalised, on the CPU.
    pub loaded: Loaded,
    /// As planned by `bench run`, without early stopping.
    pub spec: TrialSpec,
    card: Card,
    options: Options,
    modality: Option<usize>,
}

impl Case {
    /// `method` as on the command line (`raml`, `unimodal/image`), `dataset` embedded, or a folder.
    ///
    /// # Errors
    /// One sentence.
    pub fn open(dataset: &str, method: &str, epochs: usize) -> Result<Self, String> {
        let search = [embedded_directory()];
        let reference: DatasetRef = dataset.parse().map_err(text)?;
        let hash = Dataset::open(&reference, &search).map_err(text)?.hash().to_string();
        let loaded = Loaded::open(dataset, &hash, &search, Device::Cpu).map_err(|failure| failure.message)?;
        let (card, options, modality) = resolved(method)?;
        let spec = Self::plan(dataset, method, epochs, &hash)?;
        let modality =
            modality.as_deref().map(|name| loaded.dataset.modality(name).ok_or_else(|| format!("dataset `{dataset}` has no modality `{name}`")));
        Ok(Self { modality: modality.transpose()?, loaded, spec, card, options })
    }

    /// The trial that `bench run` would plan, without early stopping; `hash` is the dataset's.
    ///
    /// # Errors
    /// One sentence.
    pub fn plan(dataset: &str, method: &str, epochs: usize, hash: &str) -> Result<TrialSpec, String> {
        let (card, options, modality) = resolved(method)?;
        Ok(TrialSpec {
            protocol: PROTOCOL_REVISION,
            dataset: dataset.into(),
            dataset_hash: hash.into(),
            split: "fixed".into(),
            method: card.id.clone(),
            revision: card.revision,
            options: card.overrides(&options),
            preset: "paper".into(),
            recipe: card.recipe.clone(),
            epochs,
            patience: epochs,
            seed: SEED,
            device: "cpu".into(),
            libtorch: bench_native::libtorch_version(),
            evaluation_batch: EVALUATION_BATCH,
            init: None,
            modality,
        })
    }

    /// The untrained model.
    ///
    /// # Errors
    /// One sentence.
    pub fn build(&self) -> Result<Box<dyn Method>, String> {
        let context = BuildContext {
            modalities: self.loaded.dataset.modalities(),
            task: self.loaded.dataset.task(),
            options: &self.options,
            seed: self.spec.seed,
            modality: self.modality,
            pivot: self.card.capabilities.pivot.then_some(0),
            device: Device::Cpu,
        };
        (registry::find(&self.card.id).map_err(text)?.build)(&context).map_err(text)
    }

    /// The model before its first step, having seen the training split as it does in the worker.
    ///
    /// # Errors
    /// One sentence.
    pub fn prepared(&self) -> Result<Box<dyn Method>, String> {
        let (mut model, train) = (self.build()?, &self.loaded.train);
        reseed(&self.spec.key(), "prepare", 0, 0);
        let batch = |rows: &[usize]| train.batch(rows);
        model.prepare(&TrainView { targets: train.targets(), batch: &batch, samples: train.samples() });
        Ok(model)
    }

    /// The conditions of the robustness suite.
    ///
    /// # Errors
    /// One sentence.
    pub fn conditions(&self) -> Result<Vec<Condition>, String> {
        let suite = Suite::named("robustness").map_err(text)?;
        let planned = suite.conditions(self.loaded.dataset.modalities()).map_err(text)?;
        Ok(planned.into_iter().map(|planned| planned.condition).collect())
    }

    /// Evaluates the conditions as the worker does: encodings, draws and gradients are made once and reused.
    ///
    /// # Errors
    /// One sentence.
    pub fn evaluate(&self, method: &dyn Method, conditions: &[Condition]) -> Result<(), String> {
        let ids = test_ids(&self.loaded);
        let mut evaluation = Evaluation::new(method, &self.loaded, &ids, self.spec.seed, EVALUATION_BATCH);
        conditions.iter().try_for_each(|condition| evaluation.scores(condition).map(drop).map_err(|failure| failure.message))
    }

    /// Evaluates each condition from scratch, with whole predictions.
    ///
    /// # Errors
    /// One sentence.
    pub fn evaluate_from_scratch(&self, method: Box<dyn Method>, conditions: &[Condition]) -> Result<(), String> {
        let whole = Whole(method);
        conditions.iter().try_for_each(|condition| self.evaluate(&whole, std::slice::from_ref(condition)))
    }
}

/// Card, options, and the modality of a unimodal method, of a method as on the command line.
fn resolved(method: &str) -> Result<(Card, Options, Option<String>), String> {
    let reference: MethodRef = method.parse().map_err(text)?;
    let card = (registry::find(&reference.method).map_err(text)?.card)();
    let options = card.resolve(&reference).map_err(text)?;
    let modality = reference.variant.filter(|_| card.capabilities.per_modality);
    Ok((card, options, modality))
}

/// A method that does not tell its parts, so that nothing can be reused.
struct Whole(Box<dyn Method>);

impl Method for Whole {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.0.predict(inputs)
    }

    fn loss(&self, batch: &Batch, step: &Step) -> LossTerms {
        self.0.loss(batch, step)
    }

    fn groups(&self) -> Vec<Group<'_>> {
        self.0.groups()
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
