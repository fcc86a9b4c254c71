//! Requests in, events out. A worker serves many trials one after another; a trial's bits are the same first or tenth.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::{self, BufRead, Write},
    path::PathBuf,
    process::ExitCode,
    sync::mpsc,
    thread,
    time::Instant,
};

use bench_corruptions::Condition;
use bench_methods::Method;
use bench_store::{
    Outcome, Scores, TrainedTrial, TrialSpec, files,
    folder::{FORMAT, TrialFolder},
    profile::{ProfileJob, Subject},
    protocol::{Event, Job, Request},
};
use tch::Device;

use crate::{
    checkpoint::{self, Snapshot},
    data::Loaded,
    device, diagnostics,
    extract::{self, Cache},
    failure::{Failure, catch},
    generator::reseed,
    planned::Planned,
    scoring::Scoring,
    train::{self, Trainer},
    transfer,
};

/// Serves until standard input closes.
pub fn serve() -> ExitCode {
    // One thread: with other work on the cores a two-thread step slows a hundredfold, and sums would depend on the number of threads.
    tch::set_num_threads(1);
    tch::set_num_interop_threads(1);
    let mut datasets = BTreeMap::new();
    for line in lines() {
        let answer = match serde_json::from_str::<Request>(&line) {
            Ok(Request::Trial(job)) => catch(|| trial(&job, &mut datasets)),
            Ok(Request::Estimate(job)) => catch(|| estimate(&job, &mut datasets)),
            Ok(Request::Profile(job)) => catch(|| profile(&job, &mut datasets)),
            Ok(Request::Size(job)) => catch(|| size(&job, &mut datasets)),
            Ok(Request::Extract(job)) => catch(|| {
                let (shape, ragged) = extract::extract(&job, |done, of| send(&Event::Extracting { done, of }))?;
                Ok(Event::Extracted { shape, ragged })
            }),
            Err(error) => Err(Failure::trial(format!("the request cannot be read: {error}"))),
        };
        send(&answer.unwrap_or_else(|failure| Event::Failed { usage: failure.usage, message: failure.message }));
    }
    ExitCode::SUCCESS
}

type Datasets = BTreeMap<(String, String), Loaded>;

/// Lines of standard input. When it closes, `bench` is gone and nobody wants the trial under way: the process ends at once.
fn lines() -> impl Iterator<Item = String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
        bench_native::leave();
    });
    receiver.into_iter()
}

fn send(event: &Event) {
    let text = serde_json::to_string(event).unwrap_or_default();
    let mut out = io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        bench_native::leave();
    }
}

fn trial(job: &Job, datasets: &mut Datasets) -> Result<Event, Failure> {
    let loaded = open(job, datasets)?;
    let planned = Planned::of(&job.spec, loaded)?;
    let folder = TrialFolder::at(&job.folder);
    files::create_folder(&job.folder.join("eval")).map_err(Failure::trial)?;
    let (method, epochs) = match folder.read().map_err(Failure::trial)? {
        Some(trained) if folder.weights().is_file() => {
            let method = planned.restored(&folder, &trained)?;
            (method, trained.outcome.epochs_run)
        }
        _ if job.train => learn(job, &planned, &folder)?,
        _ => return Err(Failure::usage(format!("trial {} has no weights.safetensors; run the same `bench run` again first", job.spec.key()))),
    };
    send(&Event::Trained { epochs });
    let (mut conditions, mut paths, mut unavailable) = (Vec::new(), Vec::new(), Vec::new());
    for text in &job.conditions {
        let condition = Condition::parse(text, loaded.dataset.raw_modalities()).map_err(Failure::usage)?;
        let path = folder.scores(&condition.hash());
        if condition.attack().is_some() && !planned.card.capabilities.input_gradient {
            unavailable.push((text.clone(), "needs gradients".to_string()));
        } else if !path.is_file() {
            conditions.push(condition);
            paths.push(path);
        }
    }
    let of = job.conditions.len();
    let before = of - conditions.len();
    send(&Event::Evaluated { done: before, of });
    evaluate(method.as_ref(), &planned, job, &conditions, |at, scores| {
        scores.write(&paths[at]).map_err(Failure::trial)?;
        send(&Event::Evaluated { done: before + at + 1, of });
        Ok(())
    })?;
    Ok(Event::Done { unavailable })
}

fn evaluate(
    method: &dyn Method,
    planned: &Planned<'_>,
    job: &Job,
    conditions: &[Condition],
    take: impl FnMut(usize, Scores) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let draws = |condition: &Condition| reseed(&job.spec.key(), &format!("evaluation of {condition}"), 0, 0);
    let reseed: Option<&dyn Fn(&Condition)> = if planned.card.capabilities.deterministic { None } else { Some(&draws) };
    Scoring { method, loaded: planned.loaded, seed: job.spec.seed, batch: job.spec.evaluation_batch, reseed }.each(conditions, take)
}

fn learn(job: &Job, planned: &Planned<'_>, folder: &TrialFolder) -> Result<(Box<dyn Method>, usize), Failure> {
    let loaded = planned.loaded;
    let epochs = job.spec.epochs;
    let pivot = planned.pivot()?;
    let mut owned = planned.build(pivot)?;
    let method = owned.as_mut();
    let fresh = transfer::start(method, job)?;
    let chosen = train::train(method, loaded, &job.spec, |epoch, loss, validation| send(&Event::Epoch { epoch, epochs, loss, validation }))?;
    chosen.log.write(folder)?;
    diagnostics::write(method, loaded, &folder.diagnostics())?;
    let weights = Snapshot::of(method).write(&folder.weights())?;
    let outcome = Outcome {
        selected_on: if chosen.epoch == 0 { "none" } else { "validation" }.into(),
        selected_by: chosen.validation.metric().into(),
        selected_value: Some(chosen.validation.value),
        selected_epoch: chosen.epoch,
        epochs_run: chosen.epochs_run,
        parameters: checkpoint::parameter_count(method),
        weights,
        pivot: pivot.and_then(|at| loaded.dataset.modalities().get(at)).map(|modality| modality.name.clone()),
        fresh,
    };
    let trained = TrainedTrial { format: FORMAT, spec: job.spec.clone(), label: job.label.clone(), outcome };
    folder.write(&trained).map_err(Failure::trial)?;
    Ok((owned, chosen.epochs_run))
}

/// Times one epoch after a first one, and the evaluation of all conditions; writes nothing.
fn estimate(job: &Job, datasets: &mut Datasets) -> Result<Event, Failure> {
    let loaded = open(job, datasets)?;
    let planned = Planned::of(&job.spec, loaded)?;
    let mut method = planned.build(planned.quick_pivot()?)?;
    train::prepare(method.as_mut(), loaded, &job.spec);
    let mut epoch_seconds = 0.0;
    if !method.groups().is_empty() {
        let mut trainer = Trainer::new(method.as_mut(), loaded, &job.spec)?;
        for epoch in 0..2 {
            let start = Instant::now();
            trainer.epoch(epoch)?;
            epoch_seconds = start.elapsed().as_secs_f64();
        }
    }
    let start = Instant::now();
    let parse = |text: &String| Condition::parse(text, loaded.dataset.raw_modalities()).map_err(Failure::usage);
    let conditions = job.conditions.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let conditions: Vec<_> =
        conditions.into_iter().filter(|condition| condition.attack().is_none() || planned.card.capabilities.input_gradient).collect();
    evaluate(method.as_ref(), &planned, job, &conditions, |_, _| Ok(()))?;
    Ok(Event::Estimated {
        epoch_seconds,
        evaluation_seconds: start.elapsed().as_secs_f64(),
        parameters: checkpoint::parameter_count(method.as_ref()),
    })
}

/// Counts the parameters of the untrained model.
fn size(job: &Job, datasets: &mut Datasets) -> Result<Event, Failure> {
    let loaded = open(job, datasets)?;
    let planned = Planned::of(&job.spec, loaded)?;
    let method = planned.build(planned.quick_pivot()?)?;
    Ok(Event::Sized { parts: checkpoint::parts(method.as_ref()) })
}

/// Counts and times several models; writes nothing.
fn profile(job: &ProfileJob, datasets: &mut Datasets) -> Result<Event, Failure> {
    let device = device::ready(&job.device)?;
    for subject in &job.subjects {
        if let Subject::Method { spec, .. } = subject {
            ensure_open(spec, &job.data, &job.device, device, datasets)?;
        }
    }
    let loaded = |spec: &TrialSpec| datasets.get(&(spec.dataset_hash.clone(), job.device.clone()));
    let profiles = crate::profile::profile(job, device, &loaded, |done, of| send(&Event::Profiling { done, of }))?;
    Ok(Event::Profiled { profiles })
}

fn open<'a>(job: &Job, datasets: &'a mut Datasets) -> Result<&'a Loaded, Failure> {
    let device = device::ready(&job.device)?;
    ensure_open(&job.spec, &job.data, &job.device, device, datasets)?;
    let key = (job.spec.dataset_hash.clone(), job.device.clone());
    let loaded = datasets.get_mut(&key).ok_or_else(|| Failure::trial("the dataset is gone"))?;
    loaded.trust(&job.trusted)?;
    let cache = |folder: &PathBuf| Cache { folder: folder.clone(), libtorch: job.spec.libtorch.clone(), device: job.device.clone() };
    loaded.cache = job.cache.as_ref().map(cache);
    Ok(loaded)
}

fn ensure_open(spec: &TrialSpec, data: &[PathBuf], name: &str, device: Device, datasets: &mut Datasets) -> Result<(), Failure> {
    let key = (spec.dataset_hash.clone(), name.to_owned());
    if let Entry::Vacant(place) = datasets.entry(key) {
        place.insert(Loaded::open(&spec.dataset, &spec.dataset_hash, data, device)?);
    }
    Ok(())
}
