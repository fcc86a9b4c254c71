/*!
`peer-ours`: answers what the peers in `peers/` answer, with `bench`'s own training and evaluation.

Times are those that the one thread had the processor for, so that what else runs on the machine is not in them, save through its caches.

One request a line on standard input, one answer a line on standard output: `export FOLDER DATASET METHOD`, `train DATASET METHOD EPOCHS`,
`losses DATASET METHOD STEPS`, `profile DATASET METHOD EPOCHS`, `where DATASET METHOD TURNS`, `suite DATASET METHOD`, `scratch DATASET METHOD`,
`patterns DATASET METHOD`, `clean DATASET METHOD`.
*/

use std::{
    io::{self, BufRead, Write},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use bench_benches::{Case, Shares, price_of_a_call};
use bench_datasets::keyed::permutation;
use bench_native::{operation_times, thread_time};
use bench_worker::{
    generator::seed,
    train::{Trainer, batch_order, train},
};
use tch::Tensor;

/// Epochs of batch order that the peers get; they go round.
const EXPORTED_EPOCHS: usize = 4;

/// One clean evaluation takes a millisecond or two: the mean of a few is measured.
const CLEAN_RUNS: usize = 8;

fn main() -> ExitCode {
    tch::set_num_threads(1);
    tch::set_num_interop_threads(1);
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match answer(&line) {
            Ok(answer) => {
                println!("{answer}");
                if io::stdout().flush().is_err() {
                    break;
                }
            }
            Err(message) => {
                eprintln!("peer-ours: `{line}`: {message}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}

fn answer(line: &str) -> Result<String, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let count = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number"));
    match words[..] {
        ["export", folder, dataset, method] => export(Path::new(folder), dataset, method),
        ["train", dataset, method, epochs] => time_training(dataset, method, count(epochs)?),
        ["losses", dataset, method, steps] => losses(dataset, method, count(steps)?),
        ["profile", dataset, method, epochs] => profile(dataset, method, count(epochs)?),
        ["where", dataset, method, turns] => where_time_goes(dataset, method, count(turns)?),
        ["patterns", dataset, method] => time_patterns(dataset, method, None),
        ["clean", dataset, method] => time_patterns(dataset, method, Some(CLEAN_RUNS)),
        ["suite", dataset, method] => time_suite(dataset, method, true),
        ["scratch", dataset, method] => time_suite(dataset, method, false),
        _ => Err("unknown request".into()),
    }
}

/// Initial weights by name, the method's state as `state/NAME`, the order of samples `[epochs, N]`, the seed of libtorch's generator of each step of the first epoch.
fn export(folder: &Path, dataset: &str, method: &str) -> Result<String, String> {
    let case = Case::open(dataset, method, 1)?;
    let model = case.prepared()?;
    let mut tensors: Vec<(String, Tensor)> = model.groups().iter().flat_map(|group| group.variables.variables()).collect();
    tensors.extend(model.state().into_iter().map(|(name, tensor)| (format!("state/{name}"), tensor)));
    let samples = case.loaded.train.samples();
    let orders: Vec<i64> = (0..EXPORTED_EPOCHS)
        .flat_map(|epoch| permutation(&mut batch_order(&case.loaded, &case.spec, epoch).rng(), samples))
        .map(|row| row as i64)
        .collect();
    tensors.push(("order".into(), Tensor::from_slice(&orders).view([EXPORTED_EPOCHS as i64, samples as i64])));
    let key = case.spec.key();
    let seeds: Vec<i64> = (0..samples.div_ceil(case.spec.recipe.batch)).map(|step| seed(&key, "training", 0, step)).collect();
    tensors.push(("seeds".into(), Tensor::from_slice(&seeds)));
    let path = folder.join(format!("{dataset}-{}.safetensors", method.replace('/', "-")));
    Tensor::write_safetensors(&tensors, &path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path.display().to_string())
}

/// Milliseconds of a training step, and of an epoch with its validation and the copy of the best weights.
fn time_training(dataset: &str, method: &str, epochs: usize) -> Result<String, String> {
    let case = Case::open(dataset, method, epochs)?;
    let mut model = case.prepared()?;
    let mut trainer = Trainer::new(model.as_mut(), &case.loaded, &case.spec).map_err(|failure| failure.message)?;
    let mut steps = 0;
    let start = thread_time();
    for epoch in 0..epochs {
        steps += trainer.epoch(epoch).map_err(|failure| failure.message)?.totals.len();
    }
    let stepping = (thread_time() - start).as_secs_f64();
    let mut model = case.build()?;
    let start = thread_time();
    train(model.as_mut(), &case.loaded, &case.spec, |_, _, _| ()).map_err(|failure| failure.message)?;
    let whole = (thread_time() - start).as_secs_f64();
    Ok(format!("{} {}", 1e3 * stepping / steps as f64, 1e3 * whole / epochs as f64))
}

/// The objective of the first steps.
fn losses(dataset: &str, method: &str, steps: usize) -> Result<String, String> {
    let case = Case::open(dataset, method, 1)?;
    let mut model = case.prepared()?;
    let mut trainer = Trainer::new(model.as_mut(), &case.loaded, &case.spec).map_err(|failure| failure.message)?;
    let losses = trainer.epoch(0).map_err(|failure| failure.message)?.totals;
    Ok(losses.iter().take(steps).map(f64::to_string).collect::<Vec<_>>().join(" "))
}

/// Self time by operation, percent of all, the largest first.
fn profile(dataset: &str, method: &str, epochs: usize) -> Result<String, String> {
    let case = Case::open(dataset, method, epochs)?;
    let mut model = case.prepared()?;
    let mut trainer = Trainer::new(model.as_mut(), &case.loaded, &case.spec).map_err(|failure| failure.message)?;
    let mut result = Ok(());
    let start = Instant::now();
    let times = operation_times(|| result = (0..epochs).try_for_each(|epoch| trainer.epoch(epoch).map(drop)))?;
    let whole = start.elapsed().as_secs_f64();
    result.map_err(|failure| failure.message)?;
    let share = |seconds: f64| format!("{:.1}", 100.0 * seconds / whole);
    let inside: f64 = times.iter().map(|time| time.time.as_secs_f64()).sum();
    let shares = times.iter().take(12).map(|time| format!("{}={}", time.name.replace(' ', "_"), share(time.time.as_secs_f64())));
    Ok(shares.chain([format!("outside={}", share(whole - inside))]).collect::<Vec<_>>().join(" "))
}

/// Milliseconds of a training step; percent of it inside operations of each family and outside of all (the order of [`Shares`]); calls of operations a step;
/// percent of the step that these take at the price of the cheapest. Epochs with and without an observer take turns.
fn where_time_goes(dataset: &str, method: &str, turns: usize) -> Result<String, String> {
    let case = Case::open(dataset, method, 2 * turns + 1)?;
    let mut model = case.prepared()?;
    let mut trainer = Trainer::new(model.as_mut(), &case.loaded, &case.spec).map_err(|failure| failure.message)?;
    let mut epoch = 0..;
    let mut train = || trainer.epoch(epoch.next().unwrap_or(0)).map(|losses| losses.totals.len()).map_err(|failure| failure.message);
    // Warms up.
    train()?;
    let (mut whole, mut steps, mut times) = (Duration::ZERO, 0, Vec::new());
    let (mut held, mut observed) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..turns {
        let start = thread_time();
        steps += train()?;
        whole += thread_time() - start;
        let mut result = Ok(0);
        let (start, wall) = (thread_time(), Instant::now());
        times.extend(operation_times(|| result = train())?);
        held += thread_time() - start;
        observed += wall.elapsed();
        result?;
    }
    let shares = Shares::new(&times, held.as_secs_f64() / observed.as_secs_f64(), whole);
    let (step, calls) = (whole.as_secs_f64() / steps as f64, shares.calls as f64 / steps as f64);
    let calling = 100.0 * calls * price_of_a_call().as_secs_f64() / step;
    let numbers = std::iter::once(1e3 * step).chain(shares.families).chain([shares.outside, calls, calling]);
    Ok(numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" "))
}

/// Milliseconds of evaluating the test split under every missing pattern, clean among them, and how many there are; or, where `clean` says how often, the
/// mean of clean alone. Every evaluation starts from the files' numbers; one warms up.
fn time_patterns(dataset: &str, method: &str, clean: Option<usize>) -> Result<String, String> {
    let case = Case::open(dataset, method, 1)?;
    let (model, all) = (case.prepared()?, case.conditions("missing")?);
    let conditions = all.get(..if clean.is_some() { 1 } else { all.len() }).unwrap_or_default();
    case.evaluate(model.as_ref(), conditions)?;
    let runs = clean.unwrap_or(1);
    let start = thread_time();
    (0..runs).try_for_each(|_| case.evaluate(model.as_ref(), conditions))?;
    Ok(format!("{} {}", 1e3 * (thread_time() - start).as_secs_f64() / runs as f64, conditions.len()))
}

/// Milliseconds of the robustness suite on the test split; the number of conditions.
fn time_suite(dataset: &str, method: &str, reuse: bool) -> Result<String, String> {
    let case = Case::open(dataset, method, 1)?;
    let (model, conditions) = (case.prepared()?, case.conditions("robustness")?);
    let start = thread_time();
    if reuse {
        case.evaluate(model.as_ref(), &conditions)?
    } else {
        case.evaluate_from_scratch(model, &conditions)?
    }
    Ok(format!("{} {}", 1e3 * (thread_time() - start).as_secs_f64(), conditions.len()))
}
