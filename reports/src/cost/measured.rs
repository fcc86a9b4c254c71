//! What was counted and timed of each model. Sizes are bytes, times nanoseconds, FLOPs 2 × multiply-accumulates.

/// Models that stand in one table: all on the same dataset, timed in turns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// The dataset, or what else they have in common.
    pub name: String,
    /// Modalities of the dataset; 0 where there is none.
    pub modalities: usize,
    /// In the order asked for; the first is what the others are compared with.
    pub rows: Vec<Row>,
    /// Label and reason of those that cannot be measured.
    pub refused: Vec<(String, String)>,
    /// The row that accuracy is compared with: the unimodal control with the best validation score, else the first.
    pub control: Option<usize>,
}

/// One model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// As in tables.
    pub label: String,
    /// Samples in the batch of counts and memory.
    pub batch: usize,
    /// How many numbers.
    pub parameters: Parameters,
    /// Work of one prediction of the batch.
    pub inference: Work,
    /// Work of one training step; `None` for a model that is not trained.
    pub training: Option<TrainingWork>,
    /// Bytes.
    pub memory: Memory,
    /// Times call by call.
    pub timings: Vec<Timing>,
    /// What could not be measured, and why: `training step of 1 sample` and a sentence.
    pub unavailable: Vec<(String, String)>,
    /// What the trained model scores, where a run says so.
    pub score: Option<Score>,
}

/// Numbers in a model, by what happens to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Moved by the optimisers.
    pub trainable: u64,
    /// Left alone by training.
    pub frozen: u64,
    /// Of all these: read by no prediction.
    pub training_only: u64,
    /// Numbers of the checkpoint that are no parameters.
    pub state: u64,
}

/// Work by phase of a training step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrainingWork {
    /// The objective, and gradients that a method computes by hand.
    pub forward: Work,
    /// Inside libtorch's backward passes.
    pub backward: Work,
    /// Gradient clipping and optimiser steps.
    pub optimiser: Work,
}

/// Executed operations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Work {
    /// By family.
    pub families: Vec<FamilyWork>,
    /// Elements that element-wise operations and reductions passed over; in no FLOPs.
    pub elementwise: u64,
    /// Calls of operations that move or make values without arithmetic.
    pub moves: u64,
    /// Operations without a rule, with their calls: what they compute is in no other number.
    pub unknown: Vec<(String, u64)>,
}

/// One family's share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyWork {
    /// E.g. `matrix products`.
    pub name: &'static str,
    /// 2 × multiply-accumulates.
    pub flops: u64,
    /// Calls.
    pub calls: u64,
}

/// Bytes by what they hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// Parameters and state.
    pub parameters: u64,
    /// Gradients after a step.
    pub gradients: u64,
    /// What the optimisers keep between steps.
    pub optimiser: u64,
    /// What the forward pass leaves for the backward pass.
    pub activations: u64,
    /// Most that a training step holds at once beyond what was live before.
    pub step_peak: u64,
    /// Most that a prediction holds at once beyond what was live before.
    pub inference_peak: u64,
    /// Most memory of the whole process so far.
    pub process_peak: u64,
}

/// What a timing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timed {
    /// One prediction.
    Inference,
    /// One training step, optimiser included.
    TrainingStep,
}

/// One thing timed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// What ran.
    pub what: Timed,
    /// Samples in the batch.
    pub batch: usize,
    /// `clean` or `missing(a,b)`.
    pub pattern: String,
    /// One number a call.
    pub nanoseconds: Vec<u64>,
}

/// What the trials of a run score on the clean test split.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Name of the metric.
    pub metric: String,
    /// Whether it is an accuracy from 0 to 1, else an error.
    pub is_accuracy: bool,
    /// Mean over seeds.
    pub mean: f64,
    /// Seeds in the mean.
    pub seeds: usize,
    /// Its training; `None` for a model that is not trained.
    pub training: Option<Training>,
}

/// How long a model was trained, in steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// Samples in a step.
    pub batch: usize,
    /// Steps of an epoch.
    pub steps: usize,
    /// Epochs run, mean over seeds.
    pub epochs: f64,
}

impl Training {
    /// Hours of all its steps, where one takes `step` nanoseconds; validation is left out.
    pub fn hours(&self, step: f64) -> f64 {
        step * 1e-9 / 3600.0 * self.steps as f64 * self.epochs
    }
}

impl Work {
    /// FLOPs of all families.
    pub fn flops(&self) -> u64 {
        self.families.iter().map(|family| family.flops).sum()
    }
}

impl TrainingWork {
    /// The three phases with their names.
    pub fn phases(&self) -> [(&'static str, &Work); 3] {
        [("training forward", &self.forward), ("training backward", &self.backward), ("optimiser", &self.optimiser)]
    }

    /// FLOPs of a whole step.
    pub fn flops(&self) -> u64 {
        self.phases().iter().map(|(_, work)| work.flops()).sum()
    }

    /// Elements of a whole step.
    pub fn elementwise(&self) -> u64 {
        self.phases().iter().map(|(_, work)| work.elementwise).sum()
    }
}

impl Timed {
    /// Name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inference => "inference",
            Self::TrainingStep => "training step",
        }
    }
}

impl Row {
    /// All of its work with the phase's name.
    pub fn phases(&self) -> Vec<(&'static str, &Work)> {
        std::iter::once(("inference", &self.inference)).chain(self.training.iter().flat_map(TrainingWork::phases)).collect()
    }

    /// The times of one thing with all modalities there.
    pub fn clean(&self, what: Timed, batch: usize) -> Option<&Timing> {
        self.timings.iter().find(|timing| timing.what == what && timing.batch == batch && timing.pattern == "clean")
    }

    /// FLOPs of a prediction a sample.
    pub fn flops_a_sample(&self) -> f64 {
        self.inference.flops() as f64 / self.batch.max(1) as f64
    }

    /// Hours of training: the median step's time × steps of an epoch × epochs run, validation left out. `None` where nothing is trained or the step
    /// was not timed at the batch that the method trains with.
    pub fn training_hours(&self) -> Option<f64> {
        let training = self.score.as_ref()?.training?;
        let step = super::latency(&self.clean(Timed::TrainingStep, training.batch)?.nanoseconds)?;
        Some(training.hours(step.median.median))
    }
}

impl Score {
    /// The score with its sign, so that more is better.
    pub fn upwards(&self) -> f64 {
        if self.is_accuracy { self.mean } else { -self.mean }
    }

    /// As tables print it.
    pub fn display(&self) -> String {
        if self.is_accuracy { format!("{:.1} %", self.mean * 100.0) } else { format!("{:.3}", self.mean) }
    }
}

impl Timing {
    /// Modalities that are missing.
    pub fn missing(&self) -> usize {
        self.pattern.strip_prefix("missing(").map_or(0, |names| names.split(',').count())
    }
}
