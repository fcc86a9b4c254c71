//! Stored profiles as numbers of a table.

use std::collections::BTreeMap;

use bench_reports::cost::{Training, latency};
use bench_store::{
    TrialSpec,
    profile::{Memory, Profile, Timed, TrainingWork, Work},
};
use bench_tables::spec::Cost;

use super::{
    BATCH, EXTRACTORS,
    files::{OfExtractors, OfTrial},
};
use crate::folder::Folder;

/// What is stored of a run folder's costs.
#[derive(Debug, Clone, Default)]
pub struct Costs {
    trials: BTreeMap<String, OfTrial>,
    extractors: Option<OfExtractors>,
}

impl Costs {
    /// Reads `costs/`; nothing is known where it is not there.
    ///
    /// # Errors
    /// A file that is damaged or of another version.
    pub fn read(folder: &Folder) -> anyhow::Result<Self> {
        Ok(Self { trials: OfTrial::all(folder)?, extractors: OfExtractors::read(folder)? })
    }

    /// The key of the stored trial that is `spec`, or differs from it in nothing but the seed (and the weights that both started from).
    pub fn profiled(&self, spec: &TrialSpec) -> Option<&str> {
        let own = spec.key();
        let twin = || {
            let wanted = without_seed(spec);
            self.trials.iter().find(|(_, stored)| without_seed(&stored.spec) == wanted)
        };
        self.trials.get_key_value(&own).or_else(twin).map(|(key, _)| key.as_str())
    }

    /// The stored profile of the trial that is `spec`, or differs from it in nothing but the seed.
    pub fn profile(&self, spec: &TrialSpec) -> Option<&Profile> {
        self.trials.get(self.profiled(spec)?).map(|stored| &stored.profile)
    }

    /// A cost of the trial `key`, in [`super::unit`]'s unit.
    ///
    /// - FLOPs are 2 × multiply-accumulates of a batch of 64 samples, in 10⁹. A training step is forward and backward pass, second derivatives included, and
    ///   the optimiser; of a method with several stages, a step of the last one. Element-wise work is in none of them.
    /// - The extractors are the three of DEF+AAF's pipeline on IEMOCAP: one sample's forward pass × 64, whatever the dataset's modalities are. They are frozen,
    ///   so a training step has their forward pass once, and no backward pass.
    /// - The peak of a step is the most that libtorch's allocators hold beyond what was live before it, gradients included, in 10⁹ bytes; parameters and the
    ///   optimiser's moments are live before. Activations are what the forward pass leaves for the backward pass, gradients are those after the step, both
    ///   in 10⁶ bytes. None has the batch itself or the extractors in it.
    /// - Latency is the median time of one prediction of one sample, in milliseconds.
    /// - Hours of training are the median time of a step at the trial's own batch × `training`'s steps × epochs: of one trial, whose seed may be another than the
    ///   profiled one's. Validation is left out.
    ///
    /// # Errors
    /// A short reason: `not profiled yet`, `nothing is trained by steps`, …
    pub fn value(&self, key: &str, cost: Cost, training: Option<Training>) -> Result<f64, String> {
        let stored = || self.trials.get(key).map(|stored| &stored.profile).ok_or_else(|| "not profiled yet".to_string());
        match cost {
            Cost::ExtractorFlops => Ok(self.extractors(BATCH)? / GIGA),
            Cost::TrainingFlops => Ok(step_flops(stored()?)? / GIGA),
            Cost::InferenceFlops => Ok(flops(&[&stored()?.inference])? / GIGA),
            Cost::EndToEndTrainingFlops => Ok((step_flops(stored()?)? + self.extractors(stored()?.batch)?) / GIGA),
            Cost::EndToEndInferenceFlops => Ok((flops(&[&stored()?.inference])? + self.extractors(stored()?.batch)?) / GIGA),
            Cost::StepPeak => Ok(step_memory(stored()?)?.step_peak as f64 / GIGA),
            Cost::Activations => Ok(step_memory(stored()?)?.activations as f64 / MEGA),
            Cost::Gradients => Ok(step_memory(stored()?)?.gradients as f64 / MEGA),
            Cost::Latency => Ok(time(stored()?, Timed::Inference, 1)? / MEGA),
            Cost::TrainingHours => {
                step(stored()?)?;
                let training = training.ok_or("it is not known how long it was trained")?;
                Ok(training.hours(time(stored()?, Timed::TrainingStep, training.batch)?))
            }
        }
    }

    /// FLOPs of all extractors for `batch` samples.
    fn extractors(&self, batch: usize) -> Result<f64, String> {
        let stored = self.extractors.as_ref().ok_or("extractors not profiled yet")?;
        let one = |(name, size): &(&str, f64)| {
            let found = stored.extractors.iter().find(|extractor| extractor.name == *name && extractor.size == *size);
            let profile = &found.ok_or_else(|| format!("{name} not profiled yet"))?.profile;
            Ok(flops(&[&profile.inference])? * batch as f64 / profile.batch.max(1) as f64)
        };
        EXTRACTORS.iter().map(one).sum()
    }
}

const GIGA: f64 = 1e9;
const MEGA: f64 = 1e6;

fn without_seed(spec: &TrialSpec) -> TrialSpec {
    let mut spec = TrialSpec { seed: 0, ..spec.clone() };
    if let Some(init) = &mut spec.init {
        init.weights.clear();
    }
    spec
}

fn step(profile: &Profile) -> Result<&TrainingWork, String> {
    profile.training.as_ref().ok_or_else(|| unavailable(profile, "training step"))
}

fn step_flops(profile: &Profile) -> Result<f64, String> {
    let work = step(profile)?;
    flops(&[&work.forward, &work.backward, &work.optimiser])
}

/// Where no step is measured, the bytes are zeros that mean nothing.
fn step_memory(profile: &Profile) -> Result<&Memory, String> {
    step(profile).map(|_| &profile.memory)
}

/// A sum that leaves operations out is no number for a table.
fn flops(work: &[&Work]) -> Result<f64, String> {
    if let Some((name, calls)) = work.iter().find_map(|work| work.unknown.first()) {
        return Err(format!("{calls} calls of {name} cannot be counted"));
    }
    Ok(work.iter().map(|work| work.total()).sum::<u64>() as f64)
}

/// Median nanoseconds of a call with all modalities.
fn time(profile: &Profile, what: Timed, batch: usize) -> Result<f64, String> {
    if profile.timings.is_empty() {
        return Err("not timed yet".into());
    }
    let timing = profile.timings.iter().find(|timing| timing.what == what && timing.batch == batch && timing.pattern == "clean");
    let times = timing.and_then(|timing| latency(&timing.nanoseconds));
    let samples = if batch == 1 { "1 sample".into() } else { format!("{batch} samples") };
    times.map(|times| times.median.median).ok_or_else(|| unavailable(profile, &format!("{} of {samples}", what.name())))
}

/// Why the worker could not measure it.
fn unavailable(profile: &Profile, what: &str) -> String {
    let reason = profile.unavailable.iter().find(|(name, _)| name.starts_with(what)).map(|(name, reason)| format!("{name}: {reason}"));
    reason.unwrap_or_else(|| if profile.training.is_none() { "nothing is trained by steps".into() } else { format!("{what} was not timed") })
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
