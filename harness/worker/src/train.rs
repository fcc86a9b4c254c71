//! The training loop: keyed batch order, checkpoint chosen on validation alone.

use std::cmp::Ordering;

use bench_datasets::keyed::{Key, permutation};
use bench_methods::{Method, Optimisers, Output, Step, Targets, losses};
use bench_store::{TrialSpec, folder::TrialFolder, scores::write_parquet};
use polars::prelude::Column;
use tch::{Kind, Tensor};

use crate::{
    checkpoint::Snapshot,
    data::Loaded,
    failure::Failure,
    generator::reseed,
    losses::{EpochLosses, column},
};

/// Validation scores of an epoch, better when greater: accuracy with ties to the lower negative log-likelihood, or minus the mean absolute error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Validation {
    /// Accuracy in [0, 1], or the mean absolute error in the target's unit.
    pub value: f64,
    /// Negative log-likelihood in nats; 0 for regression.
    tie: f64,
    regression: bool,
}

impl Validation {
    /// The score that hooks and schedules see: higher is better.
    pub fn score(self) -> f64 {
        if self.regression { -self.value } else { self.value }
    }

    /// Name of the metric that selects.
    pub fn metric(self) -> &'static str {
        if self.regression { "mean_absolute_error" } else { "accuracy" }
    }

    /// Whether it would be chosen before `other`.
    pub fn better_than(self, other: Self) -> bool {
        let order = if self.regression { other.value.total_cmp(&self.value) } else { self.value.total_cmp(&other.value) };
        order.then(other.tie.total_cmp(&self.tie)) == Ordering::Greater
    }
}

/// The chosen checkpoint of a training.
pub struct Chosen {
    /// Epoch, from 1; 0 where nothing is trained.
    pub epoch: usize,
    /// Epochs run.
    pub epochs_run: usize,
    /// Its validation score.
    pub validation: Validation,
    /// What happened epoch by epoch; empty where nothing is trained.
    pub log: Log,
}

/// Epoch by epoch: mean of each loss term (NaN where no step had it), the objective, the validation score. Step by step: what the method logged besides.
#[derive(Debug, Default)]
pub struct Log {
    terms: Vec<(String, Vec<f64>)>,
    totals: Vec<f64>,
    validations: Vec<f64>,
    /// Epoch and step (from 1) of each row of `observed`.
    places: Vec<(u32, u32)>,
    observed: Vec<(String, Vec<f64>)>,
}

/// Shows the training split to a method before its first step.
pub fn prepare(method: &mut dyn Method, loaded: &Loaded, spec: &TrialSpec) {
    reseed(&spec.key(), "prepare", 0, 0);
    loaded.train.viewed(|train| method.prepare(train));
}

/// Trains `method` and leaves it at the checkpoint that validation chose. `report` is called after each epoch with (epoch, loss, validation).
///
/// # Errors
/// A loss that is not finite, or a recipe that does not fit the method.
pub fn train(method: &mut dyn Method, loaded: &Loaded, spec: &TrialSpec, mut report: impl FnMut(usize, f64, f64)) -> Result<Chosen, Failure> {
    prepare(method, loaded, spec);
    if method.groups().is_empty() {
        let validation = validate(method, loaded, spec.evaluation_batch);
        return Ok(Chosen { epoch: 0, epochs_run: 0, validation, log: Log::default() });
    }
    let mut best: Option<(usize, Validation, Snapshot)> = None;
    let mut log = Log::default();
    let mut epochs_run = 0;
    let mut trainer = Trainer::new(method, loaded, spec)?;
    for epoch in 0..spec.epochs {
        let loss = trainer.logged_epoch(epoch, &mut log)?;
        let validation = validate(trainer.method, loaded, spec.evaluation_batch);
        trainer.end_epoch(epoch, validation.score());
        log.validations.push(validation.value);
        epochs_run = epoch + 1;
        report(epochs_run, loss, validation.value);
        if !trainer.method.selectable(epoch, spec.epochs) {
            continue;
        }
        if best.as_ref().is_none_or(|(_, best, _)| validation.better_than(*best)) {
            best = Some((epochs_run, validation, Snapshot::of(trainer.method)));
        }
        if best.as_ref().is_some_and(|(chosen, _, _)| epochs_run - chosen >= spec.patience) {
            break;
        }
    }
    let (epoch, validation, snapshot) = best.ok_or_else(|| Failure::usage("no epoch's checkpoint may be chosen; use more --epochs"))?;
    snapshot.restore(method)?;
    Ok(Chosen { epoch, epochs_run, validation, log })
}

/// A method being trained.
pub struct Trainer<'a> {
    method: &'a mut dyn Method,
    optimisers: Optimisers,
    loaded: &'a Loaded,
    spec: &'a TrialSpec,
    key: String,
}

impl<'a> Trainer<'a> {
    /// Optimisers as the recipe has them.
    ///
    /// # Errors
    /// A recipe that does not fit the method's groups.
    pub fn new(method: &'a mut dyn Method, loaded: &'a Loaded, spec: &'a TrialSpec) -> Result<Self, Failure> {
        let optimisers = Optimisers::new(method, &spec.recipe).map_err(Failure::usage)?;
        Ok(Self { method, optimisers, loaded, spec, key: spec.key() })
    }

    /// One epoch in keyed order; what each step's loss was.
    ///
    /// # Errors
    /// An objective that is not finite.
    pub fn epoch(&mut self, epoch: usize) -> Result<EpochLosses, Failure> {
        let order = permutation(&mut batch_order(self.loaded, self.spec, epoch).rng(), self.loaded.train.samples());
        let size = self.spec.recipe.batch.max(1);
        let steps = order.len().div_ceil(size);
        self.loaded.train.viewed(|train| self.method.begin_epoch(epoch, train));
        let mut losses = EpochLosses::new(epoch, steps);
        for (at, batch) in self.loaded.train.batches_of(&order, size).enumerate() {
            let step = Step { epoch, epochs: self.spec.epochs, step: at, steps };
            self.optimisers.begin_step(&step);
            reseed(&self.key, "training", epoch, at);
            losses.add(&self.method.train_step(&batch, &step, &mut self.optimisers))?;
        }
        losses.finish()
    }

    /// Tells method and schedules the epoch's validation score (higher is better).
    fn end_epoch(&mut self, epoch: usize, score: f64) {
        self.optimisers.end_epoch(score);
        self.method.end_epoch(epoch, score);
    }

    /// One epoch with its means in `log`; returns the mean objective.
    fn logged_epoch(&mut self, epoch: usize, log: &mut Log) -> Result<f64, Failure> {
        let losses = self.epoch(epoch)?;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        for (name, values) in &losses.terms {
            let column = column(&mut log.terms, name);
            column.resize(epoch, f64::NAN);
            column.push(mean(values));
        }
        for (name, values) in &losses.observed {
            let column = column(&mut log.observed, name);
            column.resize(log.places.len(), f64::NAN);
            column.extend(values);
        }
        log.places.extend((1..).take(losses.totals.len()).map(|step| (epoch as u32 + 1, step)));
        let total = mean(&losses.totals);
        log.totals.push(total);
        Ok(total)
    }
}

/// Key of an epoch's permutation of the training split.
pub fn batch_order(loaded: &Loaded, spec: &TrialSpec, epoch: usize) -> Key {
    Key::new("batch order").with("dataset", loaded.dataset.hash()).with("seed", spec.seed).with("epoch", epoch)
}

/// Scores the validation split in evaluation mode.
pub fn validate(method: &dyn Method, loaded: &Loaded, size: usize) -> Validation {
    let _no_grad = tch::no_grad_guard();
    // Together, so that there is one copy to the host, not two a batch.
    let outputs: Vec<Output> = loaded.validation.batches(size).map(|batch| method.predict(&batch.inputs)).collect();
    let answers = Tensor::cat(&outputs.iter().map(Output::tensor).collect::<Vec<_>>(), 0);
    let samples = loaded.validation.samples().max(1) as f64;
    let sum = |values: Tensor| values.sum(Kind::Double);
    let (right, loss) = match (outputs.first(), loaded.validation.targets()) {
        (Some(Output::Value(_)), Targets::Values(truth)) => (sum((answers - truth).abs()), None),
        (Some(Output::Logits(_)), Targets::Classes(classes)) => classified(&Output::Logits(answers), classes),
        (Some(Output::Probabilities(_)), Targets::Classes(classes)) => classified(&Output::Probabilities(answers), classes),
        _ => return Validation { value: 0.0, tie: 0.0, regression: false },
    };
    let read = |value: &Tensor| value.double_value(&[]) / samples;
    Validation { value: read(&right), tie: loss.as_ref().map_or(0.0, read), regression: loss.is_none() }
}

/// How many are right, and the sum of their negative log-likelihoods.
fn classified(output: &Output, classes: &Tensor) -> (Tensor, Option<Tensor>) {
    let right = output.tensor().argmax(-1, false).eq_tensor(classes).sum(Kind::Double);
    let loss = losses::per_sample(output, &Targets::Classes(classes.shallow_clone())).sum(Kind::Double);
    (right, Some(loss))
}

impl Log {
    /// Writes `losses.parquet`, and `steps.parquet` where the method logged something; nothing where nothing is trained.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(self, folder: &TrialFolder) -> Result<(), Failure> {
        if self.totals.is_empty() {
            return Ok(());
        }
        let padded = |mut values: Vec<f64>, length: usize| {
            values.resize(length, f64::NAN);
            values
        };
        if !self.observed.is_empty() {
            let steps = self.places.len();
            let mut columns = vec![
                Column::new("epoch".into(), self.places.iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>()),
                Column::new("step".into(), self.places.iter().map(|(_, step)| *step).collect::<Vec<_>>()),
            ];
            columns.extend(self.observed.into_iter().map(|(name, values)| Column::new(name.into(), padded(values, steps))));
            write_parquet(&folder.steps(), columns).map_err(Failure::trial)?;
        }
        let epochs: Vec<u32> = (1..).take(self.totals.len()).collect();
        let mut columns = vec![Column::new("epoch".into(), epochs)];
        let length = self.totals.len();
        columns.extend(self.terms.into_iter().map(|(name, values)| Column::new(format!("loss_{name}").into(), padded(values, length))));
        columns.push(Column::new("objective".into(), self.totals));
        columns.push(Column::new("validation".into(), self.validations));
        write_parquet(&folder.losses(), columns).map_err(Failure::trial)
    }
}
