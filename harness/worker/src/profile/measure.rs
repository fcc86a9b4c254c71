//! Parameters, work and memory of one model.

use bench_native::{MemoryWatch, Recording};
use bench_store::profile::{ParameterCounts, Profile, TrainingWork};
use tch::{Device, Tensor};

use super::model::{Model, Numbers};
use crate::{cost, failure::Failure};

/// A model, and what was measured of it.
type Measured<'a> = (Box<dyn Model + 'a>, Profile);

/// Builds a model under a watch of the allocator, so that all that it holds is known, and counts it. Nothing is timed: the watch slows allocations.
pub(super) fn measured<'a>(
    batch: usize,
    device: Device,
    build: impl FnOnce() -> Result<Box<dyn Model + 'a>, Failure>,
) -> Result<Measured<'a>, Failure> {
    let watch = MemoryWatch::start(device).map_err(Failure::trial)?;
    let mut model = build()?;
    let held = watch.bytes().live;
    let mut profile = Profile { batch, ..Profile::default() };
    match model.numbers() {
        Numbers::Frozen(count) => {
            inference(model.as_ref(), &watch, &[], &mut profile)?;
            profile.parameters = ParameterCounts { frozen: count, ..ParameterCounts::default() };
            profile.memory.parameters = held;
        }
        Numbers::Tensors { parameters, state } => {
            let read = inference(model.as_ref(), &watch, &parameters, &mut profile)?;
            profile.parameters = counts(&parameters, &state, &read);
            profile.memory.parameters = bytes(&parameters) + bytes(&state);
            training(model.as_mut(), &watch, held, &parameters, &mut profile);
        }
    }
    model.zero_gradients();
    profile.memory.process_peak = process_peak();
    Ok((model, profile))
}

/// `1 sample`, `64 samples`.
pub(super) fn samples_of(batch: usize) -> String {
    format!("{batch} sample{}", if batch == 1 { "" } else { "s" })
}

/// Counts a prediction with all modalities and watches its memory; whether each parameter is read by any prediction.
fn inference(model: &dyn Model, watch: &MemoryWatch, parameters: &[Tensor], profile: &mut Profile) -> Result<Vec<bool>, Failure> {
    let mut read = vec![false; parameters.len()];
    for (at, pattern) in model.patterns().iter().enumerate() {
        let samples = model.samples(profile.batch, pattern)?;
        watch.mark();
        let before = watch.bytes().live;
        let look = |recording: &Recording| {
            read.iter_mut().zip(parameters).for_each(|(read, parameter)| *read |= recording.has_read(parameter));
        };
        let ((), phases) = cost::counted(|| model.predict(&samples), look)?;
        if at == 0 {
            profile.memory.inference_peak = watch.bytes().peak - before;
            profile.inference = phases.forward;
        }
    }
    Ok(read)
}

/// Counts the second step: what a method makes at its first step is then there. A step that fails is noted.
fn training(model: &mut dyn Model, watch: &MemoryWatch, held: u64, parameters: &[Tensor], profile: &mut Profile) {
    let Some(samples) = model.labelled(profile.batch) else { return };
    // What a model holds beside its parameters and the optimisers' moments (constants, a few numbers) goes with the moments.
    profile.memory.optimiser = held.saturating_sub(profile.memory.parameters);
    let counted = model.step(&samples).and_then(|()| {
        model.zero_gradients();
        watch.mark();
        let before = watch.bytes().live;
        Ok((before, cost::counted(|| model.step(&samples), |_| {})?.1))
    });
    match counted {
        Ok((before, phases)) => {
            let after = watch.bytes();
            profile.memory.activations = after.at_backward.map_or(0, |live| live.saturating_sub(before));
            profile.memory.step_peak = after.peak - before;
            let gradients: Vec<Tensor> = parameters.iter().map(Tensor::grad).filter(Tensor::defined).collect();
            profile.memory.gradients = bytes(&gradients);
            profile.training = Some(TrainingWork { forward: phases.forward, backward: phases.backward, optimiser: phases.optimiser });
        }
        Err(failure) => profile.unavailable.push((format!("training step of {}", samples_of(profile.batch)), failure.message)),
    }
}

fn counts(parameters: &[Tensor], state: &[Tensor], read: &[bool]) -> ParameterCounts {
    let sum = |of: &dyn Fn(usize, &Tensor) -> bool| -> u64 {
        parameters.iter().enumerate().filter(|(at, tensor)| of(*at, tensor)).map(|(_, tensor)| tensor.numel() as u64).sum()
    };
    ParameterCounts {
        trainable: sum(&|_, tensor| tensor.requires_grad()),
        frozen: sum(&|_, tensor| !tensor.requires_grad()),
        training_only: sum(&|at, _| !read[at]),
        state: state.iter().map(|tensor| tensor.numel() as u64).sum(),
    }
}

fn bytes(tensors: &[Tensor]) -> u64 {
    tensors.iter().map(|tensor| (tensor.numel() * tensor.kind().elt_size_in_bytes()) as u64).sum()
}

/// Most resident memory of this process so far, in bytes; 0 where the system does not tell.
fn process_peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}
