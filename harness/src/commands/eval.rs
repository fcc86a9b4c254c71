//! `bench eval`: more conditions on trained trials.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZero,
    path::{Path, PathBuf},
};

use bench_corruptions::{Condition, Suite, selftest};
use bench_datasets::{Dataset, Normaliser};
use bench_store::{TrainedTrial, protocol::Job};
use clap::{ArgGroup, Args, builder::BoolishValueParser};

use super::{
    execute::execute,
    result::{self, Format},
};
use crate::{
    exit::{Exit, Failure},
    extract,
    folder::{Folder, Known, RunFile},
    interrupt::Interrupt,
    machine,
    plan::{self, parse_conditions},
    results::Results,
    search,
    settings::Device,
    workers::{Outcome, Pool, WorkerProgram},
};

/// Arguments of `bench eval`.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER, group = ArgGroup::new("what").args(["suite", "condition"]).required(true).multiple(true))]
pub struct Arguments {
    /// Run folder with trained trials
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Suite of conditions to add
    #[arg(long, value_name = "SUITE")]
    suite: Option<String>,
    /// Condition to add, e.g. `noise(image,0.5)+missing(text)`; may be given several times
    #[arg(long, value_name = "C")]
    condition: Vec<String>,
    /// Only trials on these datasets
    #[arg(long, value_name = "D,…", value_delimiter = ',')]
    dataset: Vec<String>,
    /// Only trials with these labels (see `bench list`)
    #[arg(long, value_name = "M,…", value_delimiter = ',')]
    method: Vec<String>,
    /// Which CUDA device, for trials that were trained on CUDA
    #[arg(long, env = "BENCH_DEVICE", value_name = "cpu|cuda:N")]
    device: Option<String>,
    /// Worker processes [default: one a core]
    #[arg(long, env = "BENCH_JOBS", value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    data: Vec<PathBuf>,
    /// Run the TorchScript modules that datasets carry, which are programs: features of corrupted inputs need them
    #[arg(long)]
    trust_extractors: bool,
    /// No progress
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    quiet: bool,
    /// What to print at the end
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

const AFTER: &str = "\
Conditions are joined with `+`: noise(m,level), mask(m,share), missing(m,…), only(m,…), fgsm(m,level).
Those beside the run's suite are shown in the report's table of conditions and in records.csv; they never enter the means
that are tested.

Examples:
  bench eval runs/robustness --condition 'noise(image,0.5)' --dataset openmoji
  bench eval runs/robustness --suite adversarial";

/// A trial with what is to be evaluated on it.
struct Open {
    key: String,
    trial: TrainedTrial,
    conditions: Vec<Condition>,
    missing: Vec<String>,
    trusted: Vec<String>,
}

/// SHA-256 of the modules that may be run.
fn trusted(dataset: &Dataset, arguments: &Arguments) -> Vec<String> {
    extract::carried(dataset).filter(|_| arguments.trust_extractors).map(str::to_owned).collect()
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let device = arguments.device.as_deref().map(str::parse::<Device>).transpose().map_err(|problem| Failure::usage(format!("device: {problem}")))?;
    let folder = Folder::known(&arguments.folder)?;
    let Some(run) = folder.run()? else {
        return Err(Failure::usage(format!("{} has no run.toml; run the same `bench run` again first", arguments.folder.display())));
    };
    search::refuse_missing(&arguments.data)?;
    let data: Vec<PathBuf> = arguments.data.iter().chain(&run.settings.data).cloned().collect();
    let folders = search::folders(&data);
    let trials = chosen(&folder, arguments)?;
    let suite = arguments.suite.as_deref().map(Suite::named).transpose()?;
    let mut datasets: BTreeMap<String, (Dataset, Vec<Condition>)> = BTreeMap::new();
    for name in trials.iter().map(|(_, trial)| &trial.spec.dataset) {
        if !datasets.contains_key(name) {
            let dataset = search::open(&name.parse()?, &folders)?;
            let conditions = parse_conditions(&arguments.condition, suite.as_ref(), &dataset)?;
            let seed = run.settings.seeds.first().copied().unwrap_or_default();
            selftest::check_conditions(&conditions, &dataset, &Normaliser::fit_raw(&dataset, &Normaliser::fit(&dataset)), seed)
                .map_err(|error| Failure::internal(format!("dataset {name}: {error}")))?;
            extract::refuse_untrusted(&dataset, &conditions, &trusted(&dataset, arguments))?;
            datasets.insert(name.clone(), (dataset, conditions));
        }
    }
    let _lock = folder.lock()?;
    let worker = WorkerProgram::find()?;
    let libtorch = worker.describe()?.libtorch;
    let mut open = Vec::new();
    for (key, trial) in trials {
        let Some((dataset, conditions)) = datasets.get(&trial.spec.dataset) else { continue };
        refuse_changed(&key, &trial, dataset, &libtorch)?;
        let missing = plan::state(&folder, &key, conditions.iter())?.missing;
        open.push(Open { key, trial, conditions: conditions.clone(), missing, trusted: trusted(dataset, arguments) });
    }
    let cache = extract::corrupted(&folder, run.settings.cache.as_deref());
    let asked: Vec<&Open> = open.iter().filter(|open| !open.missing.is_empty()).collect();
    let jobs = asked.iter().map(|open| job(open, &folder, &cache, &folders, device)).collect::<anyhow::Result<Vec<_>>>()?;

    let interrupt = Interrupt::listen()?;
    let pool = Pool { program: &worker, jobs: arguments.jobs.map_or_else(machine::cores, NonZero::get), interrupt: &interrupt };
    let execution = execute(&pool, &jobs, arguments.quiet, open.len());
    let outcomes: BTreeMap<&str, &Outcome> = asked.iter().map(|open| open.key.as_str()).zip(&execution.outcomes).collect();
    execution.conclude(report(&open, &outcomes, &data, &folder, &run, arguments))
}

/// Notes what was asked of the trials, and writes and prints what came of them.
fn report(
    open: &[Open],
    outcomes: &BTreeMap<&str, &Outcome>,
    data: &[PathBuf],
    folder: &Folder,
    run: &RunFile,
    arguments: &Arguments,
) -> anyhow::Result<()> {
    for open in open {
        let unavailable = match outcomes.get(open.key.as_str()) {
            Some(Outcome::Done { unavailable }) => unavailable.as_slice(),
            _ => &[],
        };
        Known::add(&folder.trial(&open.key), open.conditions.iter().map(ToString::to_string), unavailable)?;
    }
    let selected: BTreeSet<String> = open.iter().map(|open| open.key.clone()).collect();
    let results = Results::of(folder, data)?.quietly(arguments.quiet);
    result::tell(&results, run, &selected, folder, arguments.format)
}

/// The finished trials that the filters leave.
fn chosen(folder: &Folder, arguments: &Arguments) -> anyhow::Result<Vec<(String, TrainedTrial)>> {
    let mut trials = Vec::new();
    for key in folder.finished()? {
        if let Some(trial) = folder.trial(&key).read()? {
            trials.push((key, trial));
        }
    }
    let labels: BTreeSet<String> = trials.iter().map(|(_, trial)| trial.label.clone()).collect();
    let names: BTreeSet<String> = trials.iter().map(|(_, trial)| trial.spec.dataset.clone()).collect();
    for (kind, asked, known) in [("trained method", &arguments.method, &labels), ("dataset with trained trials", &arguments.dataset, &names)] {
        if let Some(unknown) = asked.iter().find(|name| !known.contains(*name)) {
            return Err(crate::names::unknown(kind, unknown, known.iter().map(String::as_str)));
        }
    }
    let has = |asked: &[String], name: &String| asked.is_empty() || asked.contains(name);
    trials.retain(|(_, trial)| has(&arguments.method, &trial.label) && has(&arguments.dataset, &trial.spec.dataset));
    if trials.is_empty() {
        return Err(Failure::usage(format!("{} has no finished trial to evaluate", arguments.folder.display())));
    }
    Ok(trials)
}

/// Scores of other data or another libtorch must not stand beside the trial's own.
fn refuse_changed(key: &str, trial: &TrainedTrial, dataset: &Dataset, libtorch: &str) -> anyhow::Result<()> {
    let spec = &trial.spec;
    if spec.dataset_hash != dataset.hash() {
        return Err(Failure::usage(format!("trial {key} was trained on another version of {}; train it again with `bench run`", spec.dataset)));
    }
    if spec.libtorch != libtorch {
        return Err(Failure::usage(format!("trial {key} was trained with libtorch {}, the worker has {libtorch}; train it again", spec.libtorch)));
    }
    Ok(())
}

fn job(open: &Open, folder: &Folder, cache: &Path, data: &[PathBuf], device: Option<Device>) -> anyhow::Result<Job> {
    let kind = open.trial.spec.device.as_str();
    let device = match device {
        None | Some(Device::Auto) if kind == "cuda" => "cuda:0".to_string(),
        None | Some(Device::Auto) => kind.to_string(),
        Some(device) if device.to_string().split(':').next() == Some(kind) => device.to_string(),
        Some(device) => return Err(Failure::usage(format!("trial {} was trained on {kind}; on {device} its numbers would differ", open.key))),
    };
    Ok(Job {
        spec: open.trial.spec.clone(),
        label: open.trial.label.clone(),
        folder: folder.trial(&open.key).root().to_path_buf(),
        data: data.to_vec(),
        conditions: open.missing.clone(),
        device,
        init: None,
        train: false,
        trusted: open.trusted.clone(),
        cache: Some(cache.to_owned()),
    })
}
