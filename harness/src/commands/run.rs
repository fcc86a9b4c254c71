//! `bench run`: train, evaluate, report.

mod extractors;
mod shard;
mod tables;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::Context;
use bench_corruptions::selftest;
use bench_datasets::Normaliser;
use bench_store::{
    files,
    folder::FORMAT,
    protocol::{Description, Job, Probe},
};
use clap::{ArgMatches, Args, builder::BoolishValueParser};

use super::{
    dry_run,
    execute::execute,
    result::{self, Format},
};
use crate::{
    exit::{Exit, Failure},
    extract,
    folder::{Folder, Known, Resolved, RunFile},
    interrupt::Interrupt,
    machine, output,
    plan::{Plan, PlannedDataset},
    results::Results,
    search,
    settings::{Device, Folds, Freeze, Layer, Preset, Seeds, Settings, Shard, Source},
    workers::{Outcome, Pool, WorkerProgram},
};

/// Workers on one CUDA device, if not said: each holds its own CUDA context.
const JOBS_ON_CUDA: usize = 4;

/// Arguments of `bench run`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Suite of conditions, `NAME` or `NAME@VERSION` (see `bench suites`)
    #[arg(long, env = "BENCH_SUITE", value_name = "SUITE")]
    pub suite: Option<String>,
    /// Tables of papers instead: the trials and conditions that they need (`raml-2`, `def-aaf-table6`, `mla`: all of a paper)
    #[arg(long, env = "BENCH_TABLE", value_name = "TABLE,…", value_delimiter = ',')]
    pub table: Vec<String>,
    /// Datasets that stand in for those of the tables, where these are not here: `NAME`, or `PAPER'S=NAME` for one alone
    #[arg(long, env = "BENCH_ON", value_name = "D,…", value_delimiter = ',')]
    pub on: Vec<String>,
    /// Datasets: `NAME`, `NAME?train=N`, one fold (`NAME?folds=10&fold=3`) or a folder, separated by commas
    #[arg(long, env = "BENCH_DATASET", value_name = "D,…", value_delimiter = ',')]
    pub dataset: Vec<String>,
    /// All folds of each dataset: a number deals its samples into as many, whole groups together; `all` takes those that come with it
    #[arg(long, allow_negative_numbers = true, env = "BENCH_FOLDS", value_name = "K|all")]
    pub folds: Option<Folds>,
    /// What the samples must be grouped by where folds are dealt (`speaker`); groups stay together without it too
    #[arg(long, env = "BENCH_BY", value_name = "GROUP")]
    pub by: Option<String>,
    /// Methods: `METHOD`, `METHOD/VARIANT` or `METHOD?OPTION=VALUE`, separated by commas
    #[arg(long, env = "BENCH_METHOD", value_name = "M,…", value_delimiter = ',')]
    pub method: Vec<String>,
    /// How many seeds (1 to 20: the first of 42, 123, 456, 789, 2024, …), or which ones (`42,7`; one alone: `42,`)
    #[arg(long, allow_negative_numbers = true, env = "BENCH_SEEDS", value_name = "N|S,…")]
    pub seeds: Option<Seeds>,
    /// Most epochs of a training
    #[arg(long, allow_negative_numbers = true, env = "BENCH_EPOCHS", value_name = "N")]
    pub epochs: Option<usize>,
    /// Epochs without a better validation score before training stops
    #[arg(long, allow_negative_numbers = true, env = "BENCH_PATIENCE", value_name = "N")]
    pub patience: Option<usize>,
    /// Where to compute: `auto` takes the first CUDA device that works, else the CPU
    #[arg(long, env = "BENCH_DEVICE", value_name = "auto|cpu|cuda:N")]
    pub device: Option<String>,
    /// Worker processes of one computing thread each [default: one a core, at most 4 on CUDA]
    #[arg(long, allow_negative_numbers = true, env = "BENCH_JOBS", value_name = "N")]
    pub jobs: Option<usize>,
    /// Only the I-th of N equal parts of the trials, in a folder of its own; `bench merge` joins the parts
    #[arg(long, env = "BENCH_SHARD", value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Run folder; finished trials in it are kept, the rest is added [default: runs/SUITE, with --table runs/tables]
    #[arg(long, env = "BENCH_OUT", value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Settings file (TOML) whose fields are named as these flags
    #[arg(long, env = "BENCH_CONFIG", value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    pub data: Vec<PathBuf>,
    /// Method that all others are compared with [default: concat, else the first]
    #[arg(long, env = "BENCH_REFERENCE", value_name = "METHOD")]
    pub reference: Option<String>,
    /// Training settings of a method's card
    #[arg(long, env = "BENCH_PRESET", value_enum, value_name = "NAME")]
    pub preset: Option<Preset>,
    /// Folder of tuned presets, as `bench tune` writes them [default: those that come with bench]
    #[arg(long, env = "BENCH_PRESETS", value_name = "DIR")]
    pub presets: Option<PathBuf>,
    /// Start from trained weights: a trial's folder (RUN/trials/KEY), or a run folder, whose trials of the same method, options
    /// and seed are taken; the dataset needs the same modalities
    #[arg(long, env = "BENCH_INIT_FROM", value_name = "TRIAL|RUN")]
    pub init_from: Option<PathBuf>,
    /// What of these weights is not trained any further
    #[arg(long, env = "BENCH_FREEZE", value_enum, value_name = "PART")]
    pub freeze: Option<Freeze>,
    /// Features of a modality by a frozen encoder, a TorchScript module, which is a program that is run: `text=encoder.pt`, with the
    /// tokenizer of a text beside it (encoder.tokenizer.json or tokenizer.json); may be given several times
    #[arg(long, env = "BENCH_EXTRACTOR", value_name = "MODALITY=FILE", value_delimiter = ',')]
    pub extractor: Vec<String>,
    /// Where such features are kept [default: the folder `extracted` in the run folder]
    #[arg(long, env = "BENCH_CACHE", value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Run the TorchScript modules that datasets carry, which are programs
    #[arg(long)]
    pub trust_extractors: bool,
    /// Smoke run: few methods, seeds, epochs and samples, under half a minute; its numbers mean nothing
    #[arg(long)]
    pub quick: bool,
    /// Say what would run and how long it would take; write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// No progress
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    pub quiet: bool,
    /// What to print at the end
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

const AFTER: &str = "\
Flags win over environment variables, these over the --config file, that over the suite's defaults. The resolved settings
and where each came from are kept in run.toml of the run folder.

Running the same command again goes on where it stopped; more seeds, methods, datasets or another suite extend the folder.

Examples:
  bench run --suite missing --dataset ./my-dataset --method concat,raml,raml/no-sparsity
  bench run --seeds 3 --epochs 10 --out runs/short
  bench run --dataset digits --folds 3 --by speaker --method concat,raml
  bench run --table raml-2,def-aaf-6 --on openmoji,digits
  bench run --shard 2/4 --out shards/2
  BENCH_JOBS=1 bench run --quiet --format csv > records.csv";

/// What every command that trains or evaluates starts from.
pub(super) struct Ready {
    pub settings: Settings,
    pub worker: WorkerProgram,
    pub description: Description,
    /// `cpu` or `cuda:N`.
    pub device: String,
    pub jobs: usize,
}

/// Runs the command.
pub fn run(arguments: &Arguments, matches: &ArgMatches) -> anyhow::Result<Exit> {
    let mut ready = ready(arguments, matches)?;
    shard::refuse_format(&ready.settings, arguments.format)?;
    if !ready.settings.tables.is_empty() {
        ready.settings.trust = arguments.trust_extractors;
        return tables::run(arguments, &ready);
    }
    let folder = Folder::new_or_known(&ready.settings.out)?;
    shard::refuse_other_folder(&folder, ready.settings.shard)?;
    let interrupt = Interrupt::listen()?;
    // Of its own: a pool borrows the program, and what is prepared changes the settings beside it.
    let program = ready.worker.clone();
    let pool = Pool { program: &program, jobs: ready.jobs, interrupt: &interrupt };
    let lock = extractors::prepare(arguments, &mut ready, &folder, &pool)?;
    let folders = search::folders(&ready.settings.data);
    let datasets = ready.settings.datasets.iter().map(|reference| search::open(reference, &folders)).collect::<anyhow::Result<Vec<_>>>()?;
    for warning in datasets.iter().filter_map(search::warning) {
        output::tell(&format!("bench: warning: {warning}"));
    }
    let kind = ready.device.split(':').next().unwrap_or_default();
    let mut plan = Plan::of(&ready.settings, datasets, &ready.description, kind)?;
    for warning in &plan.warnings {
        output::tell(&format!("bench: warning: {warning}"));
    }
    refuse_nothing(&plan)?;
    refuse_unknown_reference(&ready.settings, &plan)?;
    for PlannedDataset { dataset, conditions } in &plan.datasets {
        let trusted = ready.settings.trusted_of(dataset);
        extract::refuse_untrusted(dataset, conditions.iter().map(|planned| &planned.condition), &trusted)?;
    }
    let _lock = match lock {
        None => (!arguments.dry_run).then(|| folder.lock()).transpose()?,
        taken => taken,
    };
    if arguments.dry_run {
        dry_run::print(&plan, &plan.states(&folder)?, &ready.settings, &ready.device, &folder, &pool)?;
        shard::keep(&mut plan, ready.settings.shard, true)?;
        return dry_run::estimate(&plan, &plan.states(&folder)?, &ready.settings, &ready.device, &folder, &pool);
    }

    let run = run_file(&ready, &plan);
    folder.write_run(&run)?;
    self_test(&folder, &ready.settings, &plan)?;
    shard::keep(&mut plan, ready.settings.shard, false)?;
    let states = plan.states(&folder)?;

    let open: Vec<usize> = (0..plan.trials.len()).filter(|&at| !states[at].is_done()).collect();
    let job = |at: usize| plan.job(&plan.trials[at], states[at].missing.clone(), &ready.settings, &ready.device, &folder);
    let jobs: Vec<Job> = open.iter().map(|&at| job(at)).collect();
    let execution = execute(&pool, &jobs, arguments.quiet, plan.trials.len());

    let outcomes: BTreeMap<usize, &Outcome> = open.iter().copied().zip(&execution.outcomes).collect();
    execution.conclude(report(&plan, &outcomes, &ready, &folder, &run, arguments))
}

/// Refuses a plan in which no method can learn any dataset.
fn refuse_nothing(plan: &Plan) -> anyhow::Result<()> {
    if !plan.trials.is_empty() || !plan.waiting.is_empty() || plan.refused.is_empty() {
        return Ok(());
    }
    let pairs: Vec<String> = plan.refused.iter().map(|pair| format!("{} on {} ({})", pair.method, pair.dataset, pair.reason)).collect();
    Err(Failure::usage(format!("nothing can be trained: {}; choose other methods or datasets", pairs.join(", "))))
}

/// Notes what was asked of the trials, and writes and prints what came of them.
fn report(
    plan: &Plan,
    outcomes: &BTreeMap<usize, &Outcome>,
    ready: &Ready,
    folder: &Folder,
    run: &RunFile,
    arguments: &Arguments,
) -> anyhow::Result<()> {
    note(plan, outcomes, folder)?;
    if let Some(shard) = ready.settings.shard {
        return shard::tell(shard, plan, folder);
    }
    let selected: BTreeSet<String> = plan.trials.iter().map(|trial| trial.key.clone()).collect();
    let results = Results::of(folder, &ready.settings.data)?.quietly(arguments.quiet);
    if !results.trials.iter().any(|trial| selected.contains(&trial.key)) {
        output::tell("bench: no trial is finished, so there is nothing to report");
        return Ok(());
    }
    result::tell(&results, run, &selected, folder, arguments.format)
}

/// Notes what was asked of the trials of a plan; outcomes by their position.
fn note(plan: &Plan, outcomes: &BTreeMap<usize, &Outcome>, folder: &Folder) -> anyhow::Result<()> {
    for (at, trial) in plan.trials.iter().enumerate() {
        let unavailable = match outcomes.get(&at) {
            Some(Outcome::Done { unavailable }) => unavailable.as_slice(),
            _ => &[],
        };
        Known::add(&folder.trial(&trial.key), trial.conditions.iter().map(ToString::to_string), unavailable)?;
    }
    Ok(())
}

fn ready(arguments: &Arguments, matches: &ArgMatches) -> anyhow::Result<Ready> {
    let mut layers = Layer::given(arguments, matches);
    if let Some(path) = &arguments.config {
        layers.push((Source::File, Layer::open(path)?));
    }
    ready_with(Settings::resolve(layers, arguments.quick)?)
}

/// Worker and device for settings.
pub(super) fn ready_with(settings: Settings) -> anyhow::Result<Ready> {
    let worker = WorkerProgram::find()?;
    // Each start of the worker loads libtorch: both questions at a time.
    let (description, probe) = std::thread::scope(|scope| {
        let probe = (settings.device != Device::Cpu).then(|| scope.spawn(|| worker.probe()));
        (worker.describe(), probe.map(|thread| thread.join().unwrap_or_else(|_| Err(Failure::internal("the probe of the worker panicked")))))
    });
    let description = description?;
    let device = device(settings.device, probe.transpose()?.as_ref())?;
    let most = if device == "cpu" { machine::cores() } else { machine::cores().min(JOBS_ON_CUDA) };
    let jobs = settings.jobs.unwrap_or(most);
    Ok(Ready { settings, worker, description, device, jobs })
}

/// The device that `wanted` stands for on this machine.
///
/// # Errors
/// A CUDA device that was asked for and is not to be had, before any trial is tried on it.
pub fn device(wanted: Device, probe: Option<&Probe>) -> anyhow::Result<String> {
    let trouble = |index: usize| match probe {
        None => Some("the worker said nothing of CUDA".to_string()),
        Some(Probe { driver: Err(reason), .. } | Probe { cuda_library: Err(reason), .. }) => Some(reason.clone()),
        Some(Probe { devices, .. }) if devices.iter().all(|device| device.index != index) => {
            Some(format!("this machine has {} CUDA devices", devices.len()))
        }
        Some(_) => None,
    };
    match wanted {
        Device::Auto if trouble(0).is_none() => Ok("cuda:0".into()),
        Device::Auto => Ok("cpu".into()),
        Device::Cuda(index) => trouble(index).map_or_else(
            || Ok(wanted.to_string()),
            |reason| Err(Failure::usage(format!("{wanted} cannot be used: {reason}; `--device cpu` works, `bench doctor` says more"))),
        ),
        Device::Cpu => Ok(wanted.to_string()),
    }
}

/// A typing slip would otherwise be met after hours of training.
fn refuse_unknown_reference(settings: &Settings, plan: &Plan) -> anyhow::Result<()> {
    let Some(reference) = &settings.reference else { return Ok(()) };
    let labels = plan.trials.iter().map(|trial| trial.label.as_str()).chain(plan.refused.iter().map(|refused| refused.method.as_str()));
    let known: BTreeSet<&str> = labels.collect();
    if known.contains(reference.as_str()) {
        return Ok(());
    }
    Err(Failure::usage(format!("the reference `{reference}` is no method of this run; {}", crate::names::hint(reference, known))))
}

pub(super) fn run_file(ready: &Ready, plan: &Plan) -> RunFile {
    let settings = &ready.settings;
    let (dataset, method) = if settings.tables.is_empty() {
        (settings.datasets.iter().map(ToString::to_string).collect(), settings.methods.iter().map(ToString::to_string).collect())
    } else {
        let mut labels: Vec<String> = Vec::new();
        for trial in &plan.trials {
            if !labels.contains(&trial.label) {
                labels.push(trial.label.clone());
            }
        }
        (plan.datasets.iter().map(|planned| planned.dataset.reference().to_string()).collect(), labels)
    };
    RunFile {
        format: FORMAT,
        bench: env!("CARGO_PKG_VERSION").into(),
        libtorch: ready.description.libtorch.clone(),
        cpu: ready.description.cpu.clone(),
        settings: Resolved {
            suite: settings.suite.id(),
            table: settings.tables.clone(),
            on: settings.on.clone(),
            dataset,
            folds: settings.folds,
            by: settings.by.clone(),
            method,
            seeds: settings.seeds.clone(),
            epochs: settings.epochs,
            patience: settings.patience,
            device: ready.device.clone(),
            jobs: ready.jobs,
            shard: settings.shard,
            reference: settings.reference.clone(),
            preset: settings.preset,
            presets: settings.presets.clone(),
            init_from: settings.init_from.clone(),
            freeze: settings.freeze,
            extractor: settings.extractors.clone(),
            cache: settings.cache.clone(),
            data: settings.data.clone(),
        },
        sources: settings.sources.iter().map(|(name, source)| (name.to_string(), source.to_string())).collect(),
        datasets: plan.datasets.iter().map(|planned| (planned.dataset.reference().to_string(), planned.dataset.hash().to_string())).collect(),
        planned: plan.trials.iter().map(|trial| (trial.key.clone(), trial.to_string())).collect(),
        waiting: plan.waiting.keys().cloned().collect(),
        shards: settings.shard.map(|shard| plan.shard_numbers(shard)).unwrap_or_default(),
        tuned: plan.tuned.clone(),
        refused: plan.refused.clone(),
    }
}

/// Checks the planned corruptions on every dataset and keeps what came out in `selftest.json`.
fn self_test(folder: &Folder, settings: &Settings, plan: &Plan) -> anyhow::Result<()> {
    let path = folder.root().join("selftest.json");
    // What another selection of datasets found stays; a damaged file is made anew.
    let mut all: BTreeMap<String, serde_json::Value> =
        files::read_if_there(&path)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let seed = settings.seeds.first().copied().unwrap_or_default();
    for PlannedDataset { dataset, conditions } in &plan.datasets {
        let conditions = conditions.iter().map(|planned| &planned.condition);
        let found = selftest::check_conditions(conditions, dataset, &Normaliser::fit_raw(dataset, &Normaliser::fit(dataset)), seed)
            .map_err(|error| Failure::internal(format!("dataset {}: {error}", dataset.reference())))?;
        all.insert(dataset.reference().to_string(), serde_json::to_value(found).context("cannot write the self-tests' findings")?);
    }
    let mut text = serde_json::to_vec_pretty(&all).context("cannot write the self-tests' findings")?;
    text.push(b'\n');
    Ok(files::write_whole(&path, &text)?)
}

#[cfg(test)]
mod tests {
    use bench_store::protocol::ProbedDevice;

    use super::*;

    #[test]
    fn auto_takes_cuda_only_where_driver_library_and_device_are_there() {
        let mut probe = Probe { libtorch: "2".into(), cpu: "AVX2".into(), driver: Ok("12".into()), cuda_library: Ok(()), devices: Vec::new() };
        let found = |wanted: Device, probe: &Probe| device(wanted, Some(probe)).map_err(|error| error.to_string());
        assert_eq!(found(Device::Auto, &probe).unwrap(), "cpu");
        assert!(found(Device::Cuda(0), &probe).unwrap_err().contains("0 CUDA devices"));
        probe.devices.push(ProbedDevice { index: 0, name: "a".into(), total_bytes: 1 });
        assert_eq!(found(Device::Auto, &probe).unwrap(), "cuda:0");
        assert_eq!(found(Device::Cuda(0), &probe).unwrap(), "cuda:0");
        assert_eq!(found(Device::Cpu, &probe).unwrap(), "cpu");
        assert!(found(Device::Cuda(1), &probe).unwrap_err().contains("cuda:1 cannot be used"));
        probe.cuda_library = Err("libx is missing".into());
        assert_eq!(found(Device::Auto, &probe).unwrap(), "cpu");
        assert!(found(Device::Cuda(0), &probe).unwrap_err().contains("libx is missing"));
    }
}
