//! Parameters, work and memory of one model.

use bench_native::MemoryWatch;
use bench_store::profile::{ParameterCounts, Profile, TrainingWork};
use tch::{Device, Tensor};

use super::model::{Model, under};
use crate::{cost, failure::Failure};

/// Most modalities whose missing patterns are all gone through.
pub(super) const MOST_MODALITIES: usize = 12;

/// Builds a model under a watch of the allocator, so that all that it holds is known, and counts it. Nothing is timed: the watch slows allocations.
pub(super) fn measured<'a>(
    batch: usize,
    device: Device,
    build: impl FnOnce() -> Result<Model<'a>, Failure>,
) -> Result<(Model<'a>, Profile), Failure> {
    let watch = MemoryWatch::start(device).map_err(Failure::trial)?;
    let before = watch.bytes().live;
    let mut model = build()?;
    let held = watch.bytes().live - before;
    let mut profile = Profile { batch, ..Profile::default() };
    let parameters = model.parameters();
    let state = model.state();
    profile.memory.parameters = bytes(&parameters) + bytes(&state);
    // What a model holds beside its parameters and the optimisers' moments (constants) is counted with the optimisers' where it is trained.
    profile.memory.optimiser = if model.trains() { held.saturating_sub(profile.memory.parameters) } else { 0 };
    let samples = model.batch(batch);
    let read = inference(&model, &samples.inputs, &watch, &parameters, &mut profile)?;
    profile.parameters = counts(&parameters, &state, &read);
    if model.trains()
        && let Err(failure) = training(&mut model, batch, &watch, &parameters, &mut profile)
    {
        profile.unavailable.push((format!("training step of {}", samples_of(batch)), failure.message));
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
fn inference(
    model: &Model<'_>,
    inputs: &bench_methods::Inputs,
    watch: &MemoryWatch,
    parameters: &[Tensor],
    profile: &mut Profile,
) -> Result<Vec<bool>, Failure> {
    let mut read = vec![false; parameters.len()];
    for (at, (_, pattern)) in model.patterns().into_iter().enumerate() {
        let inputs = under(inputs, &pattern);
        watch.mark();
        let before = watch.bytes().live;
        let look = |recording: &bench_native::Recording| {
            read.iter_mut().zip(parameters).for_each(|(read, parameter)| *read |= recording.has_read(parameter));
        };
        let ((), phases) = cost::counted(|| model.predict(&inputs), look)?;
        if at == 0 {
            profile.memory.inference_peak = watch.bytes().peak - before;
            profile.inference = phases.forward;
        }
        if pattern.len() > MOST_MODALITIES {
            break;
        }
    }
    Ok(read)
}

/// The second step is counted: what a method makes at its first step is then there.
fn training(model: &mut Model<'_>, batch: usize, watch: &MemoryWatch, parameters: &[Tensor], profile: &mut Profile) -> Result<(), Failure> {
    let samples = model.batch(batch);
    model.step(&samples)?;
    model.zero_gradients();
    watch.mark();
    let before = watch.bytes().live;
    let ((), phases) = cost::counted(|| model.step(&samples), |_| {})?;
    let after = watch.bytes();
    profile.memory.activations = after.at_backward.map_or(0, |live| live.saturating_sub(before));
    profile.memory.step_peak = after.peak - before;
    let gradients: Vec<Tensor> = parameters.iter().map(Tensor::grad).filter(Tensor::defined).collect();
    profile.memory.gradients = bytes(&gradients);
    profile.training = Some(TrainingWork { forward: phases.forward, backward: phases.backward, optimiser: phases.optimiser });
    Ok(())
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
