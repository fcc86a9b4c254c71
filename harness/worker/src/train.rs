//! The training loop: keyed batch order, checkpoint chosen on validation alone.

use std::{cmp::Ordering, path::Path};

use bench_datasets::keyed::{Key, permutation};
use bench_methods::{Batch, Method, Optimisers, Output, Step, Targets, TrainView, losses};
use bench_store::{TrialSpec, scores::write_parquet};
use polars::prelude::Column;
use tch::Kind;

use crate::{checkpoint::Snapshot, data::Loaded, failure::Failure, generator::reseed};

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
    /// Name of the metric that selects.
    pub fn metric(self) -> &'static str {
        if self.regression { "mean_absolute_error" } else { "accuracy" }
    }

    fn better_than(self, other: Self) -> bool {
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

/// Epoch by epoch: mean of each loss term, the objective, the validation score.
#[derive(Debug, Default)]
pub struct Log {
    terms: Vec<(&'static str, Vec<f64>)>,
    totals: Vec<f64>,
    validations: Vec<f64>,
}

/// Trains `method` and leaves it at the checkpoint that validation chose. `report` is called after each epoch with (epoch, loss, validation).
///
/// # Errors
/// A loss that is not finite, or a recipe that does not fit the method.
pub fn train(method: &mut dyn Method, loaded: &Loaded, spec: &TrialSpec, mut report: impl FnMut(usize, f64, f64)) -> Result<Chosen, Failure> {
    reseed(&spec.key(), "prepare", 0, 0);
    let batch = |rows: &[usize]| loaded.train.batch(rows);
    method.prepare(&TrainView { targets: loaded.train.targets(), batch: &batch, samples: loaded.train.len() });
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
        trainer.method.end_epoch(epoch, if validation.regression { -validation.value } else { validation.value });
        log.validations.push(validation.value);
        epochs_run = epoch + 1;
        report(epochs_run, loss, validation.value);
        if best.as_ref().is_none_or(|(_, best, _)| validation.better_than(*best)) {
            best = Some((epochs_run, validation, Snapshot::of(trainer.method)));
        }
        if best.as_ref().is_some_and(|(chosen, _, _)| epochs_run - chosen >= spec.patience) {
            break;
        }
    }
    let (epoch, validation, snapshot) = best.ok_or_else(|| Failure::usage("the number of epochs is 0; use --epochs 1 or more"))?;
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

    /// One epoch in keyed order; `each` is called after every step with the terms' values and the objective.
    ///
    /// # Errors
    /// An objective that is not finite.
    pub fn epoch(&mut self, epoch: usize, mut each: impl FnMut(&[(&'static str, f64)], f64)) -> Result<(), Failure> {
        let order = permutation(&mut batch_order(self.loaded, self.spec, epoch).rng(), self.loaded.train.len());
        let batches: Vec<&[usize]> = order.chunks(self.spec.recipe.batch.max(1)).collect();
        self.optimisers.begin_epoch(epoch);
        self.method.begin_epoch(epoch);
        for (at, rows) in batches.iter().enumerate() {
            let batch = self.loaded.train.batch(rows);
            let step = Step { epoch, epochs: self.spec.epochs, step: at, steps: batches.len() };
            reseed(&self.key, "training", epoch, at);
            let terms = self.method.train_step(&batch, &step, &mut self.optimisers);
            let (total, values) = (terms.total().double_value(&[]), terms.values());
            if !total.is_finite() {
                let place = format!("epoch {}, step {} of {}", epoch + 1, at + 1, batches.len());
                return Err(Failure::trial(format!("the loss is {total} in {place}: {values:?}")));
            }
            each(&values, total);
        }
        Ok(())
    }

    /// One epoch with its means in `log`; returns the mean objective.
    fn logged_epoch(&mut self, epoch: usize, log: &mut Log) -> Result<f64, Failure> {
        let (mut sums, mut total, mut steps) = (Vec::new(), 0.0, 0.0);
        self.epoch(epoch, |terms, loss| {
            if sums.is_empty() {
                sums = terms.iter().map(|(name, _)| (*name, 0.0)).collect::<Vec<_>>();
            }
            sums.iter_mut().zip(terms).for_each(|((_, sum), (_, value))| *sum += value);
            total += loss;
            steps += 1.0;
        })?;
        if log.terms.is_empty() {
            log.terms = sums.iter().map(|(name, _)| (*name, Vec::new())).collect();
        }
        log.terms.iter_mut().zip(&sums).for_each(|((_, column), (_, sum))| column.push(sum / steps));
        log.totals.push(total / steps);
        Ok(total / steps)
    }
}

/// Key of an epoch's permutation of the training split.
pub fn batch_order(loaded: &Loaded, spec: &TrialSpec, epoch: usize) -> Key {
    Key::new("batch order").with("dataset", loaded.dataset.hash()).with("seed", spec.seed).with("epoch", epoch)
}

/// Scores the validation split in evaluation mode.
fn validate(method: &dyn Method, loaded: &Loaded, size: usize) -> Validation {
    let (mut right, mut loss) = (0.0, 0.0);
    let mut regression = false;
    tch::no_grad(|| {
        for Batch { inputs, targets } in loaded.validation.batches(size) {
            let output = method.predict(&inputs);
            match (&output, &targets) {
                (Output::Value(values), Targets::Values(truth)) => {
                    regression = true;
                    right += (values - truth).abs().sum(Kind::Double).double_value(&[]);
                }
                (Output::Logits(scores) | Output::Probabilities(scores), Targets::Classes(classes)) => {
                    right += scores.argmax(-1, false).eq_tensor(classes).sum(Kind::Double).double_value(&[]);
                    loss += losses::per_sample(&output, &targets).sum(Kind::Double).double_value(&[]);
                }
                _ => {}
            }
        }
    });
    let samples = loaded.validation.len().max(1) as f64;
    Validation { value: right / samples, tie: loss / samples, regression }
}

impl Log {
    /// Writes `losses.parquet`; nothing where nothing is trained.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(self, path: &Path) -> Result<(), Failure> {
        if self.totals.is_empty() {
            return Ok(());
        }
        let epochs: Vec<u32> = (1..).take(self.totals.len()).collect();
        let mut columns = vec![Column::new("epoch".into(), epochs)];
        columns.extend(self.terms.into_iter().map(|(name, values)| Column::new(format!("loss_{name}").into(), values)));
        columns.push(Column::new("objective".into(), self.totals));
        columns.push(Column::new("validation".into(), self.validations));
        write_parquet(path, columns).map_err(Failure::trial)
    }
}
