//! Latency, in turns.

use std::time::Instant;

use bench_methods::Batch;
use bench_store::profile::{Profile, ProfileJob, Timed, Timing};
use tch::{Cuda, Device};

use super::{
    measure::samples_of,
    model::{Model, Pattern, Samples},
};
use crate::failure::Failure;

/// Times predictions of all models under all patterns, then training steps, so that predictions are those of the weights that were asked for. Batches and models take
/// turns, call by call, so that what the machine does meanwhile falls on all of them. `report` is told (done, of).
pub(super) fn in_turns(
    job: &ProfileJob,
    device: Device,
    models: &mut [Box<dyn Model + '_>],
    profiles: &mut [Profile],
    mut report: impl FnMut(usize, usize),
) -> Result<(), Failure> {
    if job.timed_batches.is_empty() {
        return Ok(());
    }
    let patterns: Vec<Vec<Pattern>> = models.iter().map(|model| wanted(model.as_ref(), job.patterns)).collect();
    let most = patterns.iter().map(Vec::len).max().unwrap_or(0);
    let of = (most + 1) * job.rounds();
    let mut done = 0;
    let mut tell = || {
        done += 1;
        report(done, of);
    };
    for pattern in 0..most {
        let mut calls: Vec<(usize, usize, Samples)> = Vec::new();
        for &size in &job.timed_batches {
            for (at, model) in models.iter().enumerate() {
                if let Some(pattern) = patterns[at].get(pattern) {
                    calls.push((at, size, model.samples(size, pattern)?));
                }
            }
        }
        let times = turns(job, device, &calls, |(at, _, samples)| models[*at].predict(samples), &mut tell);
        for ((at, size, _), times) in calls.iter().zip(times) {
            note(&mut profiles[*at], Timed::Inference, *size, &patterns[*at][pattern].name, times);
        }
    }
    let mut calls: Vec<(usize, usize, Batch)> = Vec::new();
    for &size in &job.timed_batches {
        calls.extend(models.iter().enumerate().filter_map(|(at, model)| Some((at, size, model.labelled(size)?))));
    }
    let times = turns(job, device, &calls, |(at, _, batch)| models[*at].step(batch), &mut tell);
    for ((at, size, _), times) in calls.iter().zip(times) {
        note(&mut profiles[*at], Timed::TrainingStep, *size, "clean", times);
    }
    Ok(())
}

fn wanted(model: &dyn Model, all: bool) -> Vec<Pattern> {
    let mut patterns = model.patterns();
    if !all {
        patterns.truncate(1);
    }
    patterns
}

fn note(profile: &mut Profile, what: Timed, batch: usize, pattern: &str, times: Result<Vec<u64>, Failure>) {
    match times {
        Ok(nanoseconds) => profile.timings.push(Timing { what, batch, pattern: pattern.into(), nanoseconds }),
        Err(failure) => profile.unavailable.push((format!("{} of {}, {pattern}", what.name(), samples_of(batch)), failure.message)),
    }
}

/// Nanoseconds of each call, after the warm-up; a call that fails is not made again.
fn turns<T>(
    job: &ProfileJob,
    device: Device,
    calls: &[T],
    mut call: impl FnMut(&T) -> Result<(), Failure>,
    tell: &mut impl FnMut(),
) -> Vec<Result<Vec<u64>, Failure>> {
    let mut times: Vec<Result<Vec<u64>, Failure>> = calls.iter().map(|_| Ok(Vec::with_capacity(job.repeats))).collect();
    for round in 0..job.rounds() {
        for (given, times) in calls.iter().zip(&mut times) {
            let Ok(so_far) = times else { continue };
            match timed(device, || call(given)) {
                Ok(taken) if round >= job.warm_up => so_far.push(taken),
                Ok(_) => {}
                Err(failure) => *times = Err(failure),
            }
        }
        tell();
    }
    times
}

/// Nanoseconds of a call, after one that is not timed: what the model before left of the caches is nobody's disadvantage.
fn timed(device: Device, mut call: impl FnMut() -> Result<(), Failure>) -> Result<u64, Failure> {
    call()?;
    synchronise(device);
    let start = Instant::now();
    call()?;
    synchronise(device);
    Ok(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX))
}

/// Waits for a GPU: calls only hand it work.
fn synchronise(device: Device) {
    if let Device::Cuda(index) = device {
        Cuda::synchronize(index as i64);
    }
}
