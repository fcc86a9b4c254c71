//! `bench show`: a run folder, or one of its trials, in full.

use std::{collections::BTreeMap, fmt::Write, path::PathBuf};

use bench_reports::{metrics::Metric, summary::TrialEvidence};
use bench_store::{
    Init, TrainedTrial,
    scores::{float_column, read_parquet},
};
use clap::Args;
use serde_json::json;

use super::format::ListFormat;
use crate::{
    exit::{Exit, Failure},
    folder::{Folder, RunFile},
    output,
    results::Results,
    search,
};

/// Arguments of `bench show`.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Run folder
    #[arg(value_name = "RESULTS", default_value = "runs/robustness")]
    folder: PathBuf,
    /// Trial: its key, or as much of the key's beginning as is unique (see `bench list`)
    #[arg(value_name = "TRIAL")]
    trial: Option<String>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    data: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

const AFTER: &str = "\
Without TRIAL: the settings of the last run and where each came from, the datasets' hashes, and the finished trials by
method. With TRIAL: what was trained and how, epoch by epoch, and every number that came of it.

Examples:
  bench show runs/robustness
  bench show runs/robustness 0169257b
  bench show runs/robustness 0169257b --format json";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let folder = Folder::known(&arguments.folder)?;
    match &arguments.trial {
        None => overview(&folder, arguments)?,
        Some(beginning) => trial(&folder, beginning, arguments)?,
    }
    Ok(Exit::Fine)
}

fn overview(folder: &Folder, arguments: &Arguments) -> anyhow::Result<()> {
    let run = folder.run()?;
    let mut trials: BTreeMap<(String, String), Vec<TrainedTrial>> = BTreeMap::new();
    for key in folder.finished()? {
        if let Some(trial) = folder.trial(&key).read()? {
            trials.entry((trial.spec.dataset.clone(), trial.label.clone())).or_default().push(trial);
        }
    }
    if arguments.format == ListFormat::Json {
        let methods: Vec<serde_json::Value> = trials
            .iter()
            .map(|((dataset, method), trials)| {
                json!({ "dataset": dataset, "method": method, "seeds": seeds(trials), "parameters": trials.first().map(|trial| trial.outcome.parameters) })
            })
            .collect();
        return output::print_json(&json!({ "format": 1, "run": run, "trials": methods }));
    }
    let mut text = format!("{}\n", folder.root().display());
    match &run {
        Some(run) => settings(&mut text, run),
        None => text.push_str("no run.toml: what the last command asked for is not known\n"),
    }
    text.push('\n');
    let rows = trials.iter().map(|((dataset, method), trials)| {
        let validation: Vec<f64> = trials.iter().filter_map(|trial| trial.outcome.selected_value).collect();
        let mean = validation.iter().sum::<f64>() / validation.len() as f64;
        let epochs = trials.iter().map(|trial| trial.outcome.epochs_run).max().unwrap_or_default();
        vec![
            dataset.clone(),
            method.clone(),
            seeds(trials).iter().map(u64::to_string).collect::<Vec<_>>().join(" "),
            trials.first().map_or_else(String::new, |trial| trial.outcome.parameters.to_string()),
            epochs.to_string(),
            if validation.is_empty() { "–".into() } else { format!("{mean:.3}") },
        ]
    });
    text.push_str(&output::table(&["dataset", "method", "seeds trained", "parameters", "most epochs", "validation, mean"], rows, &[3, 4, 5]));
    output::print(&text)
}

fn seeds(trials: &[TrainedTrial]) -> Vec<u64> {
    let mut seeds: Vec<u64> = trials.iter().map(|trial| trial.spec.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

fn settings(text: &mut String, run: &RunFile) {
    let list = |items: &[String]| items.join(", ");
    let settings = &run.settings;
    let lines = [
        ("suite", settings.suite.clone()),
        ("dataset", list(&settings.dataset)),
        ("method", list(&settings.method)),
        ("seeds", settings.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
        ("epochs", settings.epochs.to_string()),
        ("patience", settings.patience.to_string()),
        ("device", settings.device.clone()),
        ("jobs", settings.jobs.to_string()),
        ("preset", settings.preset.name().into()),
        ("reference", settings.reference.clone().unwrap_or_else(|| "concat, else the first".into())),
    ];
    for (name, value) in lines {
        let source = run.sources.get(name).map_or_else(String::new, |source| format!("  ({source})"));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<10} {value}{source}");
    }
    if let Some(folds) = settings.folds {
        let by = settings.by.as_ref().map_or_else(String::new, |by| format!(", by {by}"));
        let _ = writeln!(text, "  {:<10} {folds}{by}", "folds");
    }
    if let Some(shard) = settings.shard {
        let _ = writeln!(text, "  {:<10} {shard} of {} trials", "shard", run.planned.len());
    }
    if let Some(path) = &settings.init_from {
        let _ = writeln!(text, "  {:<10} {}{}", "start", path.display(), if settings.freeze.is_some() { ", encoders frozen" } else { "" });
    }
    let _ = writeln!(text, "  {:<10} {} ({} kernels), bench {}", "libtorch", run.libtorch, run.cpu, run.bench);
    for (dataset, hash) in &run.datasets {
        let _ = writeln!(text, "  {:<10} {dataset}: {}", "content", hash.get(..16).unwrap_or(hash));
    }
    for refused in &run.refused {
        let _ = writeln!(text, "  {:<10} {} on {} ({})", "n/a", refused.method, refused.dataset, refused.reason);
    }
}

/// The key that begins so.
fn find(folder: &Folder, beginning: &str) -> anyhow::Result<String> {
    let keys = folder.finished()?;
    let mut fitting = keys.iter().filter(|key| key.starts_with(beginning));
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => Ok(key.clone()),
        (None, _) => {
            Err(Failure::usage(format!("no finished trial's key begins with `{beginning}`; `bench list {}` has the keys", folder.root().display())))
        }
        (Some(_), Some(_)) => Err(Failure::usage(format!("{} trials' keys begin with `{beginning}`; give more of it", 2 + fitting.count()))),
    }
}

fn trial(folder: &Folder, beginning: &str, arguments: &Arguments) -> anyhow::Result<()> {
    let key = find(folder, beginning)?;
    let run = folder.run()?;
    search::refuse_missing(&arguments.data)?;
    let data: Vec<PathBuf> = arguments.data.iter().chain(run.iter().flat_map(|run| &run.settings.data)).cloned().collect();
    let results = Results::of(folder, &data)?;
    let Some(finished) = results.trials.iter().find(|finished| finished.key == key) else {
        return Err(Failure::usage(
            results.notes.iter().find(|note| note.contains(&key)).cloned().unwrap_or_else(|| format!("trial {key} cannot be shown")),
        ));
    };
    let evidence = results.measure(folder, finished, run.as_ref())?;
    let diagnostics = folder.trial(&key).read_diagnostics()?;
    if arguments.format == ListFormat::Json {
        return output::print_json(&json!({
            "format": 1, "key": key, "trial": finished.trial, "records": evidence.records, "diagnostics": diagnostics,
            "robustness": evidence.measures.iter().map(|measure| json!({ "measure": measure.name, "scope": measure.scope, "value": measure.value })).collect::<Vec<_>>(),
        }));
    }
    let mut text = describe(&key, &finished.trial);
    text.push_str(&epochs(folder, &key)?);
    if !diagnostics.is_empty() {
        let rows =
            diagnostics.iter().map(|found| vec![found.name.clone(), found.value.map_or_else(|| "not finite".into(), |value| format!("{value:.4}"))]);
        let _ = write!(text, "\n{}", output::table(&["diagnostic on the validation split", "value"], rows, &[1]));
    }
    text.push_str(&conditions(&evidence));
    let rows = evidence.measures.iter().map(|measure| vec![measure.name.replace('_', " "), measure.scope.clone(), format!("{:.4}", measure.value)]);
    let _ = write!(text, "\n{}", output::table(&["robustness", "over", "value"], rows, &[2]));
    output::print(&text)
}

fn describe(key: &str, trial: &TrainedTrial) -> String {
    let TrainedTrial { spec, label, outcome, .. } = trial;
    let mut text = format!("{label} on {}, seed {}, {} preset\n", spec.dataset, spec.seed, spec.preset);
    let chosen = match outcome.selected_value {
        Some(value) => {
            format!("epoch {} of {} by {} {value:.4} on {}", outcome.selected_epoch, outcome.epochs_run, outcome.selected_by, outcome.selected_on)
        }
        None => "nothing is trained".into(),
    };
    let options: Vec<String> = spec.options.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let optimisers: Vec<String> = spec
        .recipe
        .optimisers
        .iter()
        .map(|(group, optimiser)| format!("{group}: {}", serde_json::to_string(optimiser).unwrap_or_default()))
        .collect();
    for (name, value) in [
        ("key", key.to_string()),
        ("checkpoint", chosen),
        ("parameters", outcome.parameters.to_string()),
        ("options", if options.is_empty() { "as in the card".into() } else { options.join(", ") }),
        ("batch", spec.recipe.batch.to_string()),
        ("optimiser", optimisers.join("; ")),
        ("source", spec.recipe.source.clone()),
        ("epochs", format!("at most {}, patience {}", spec.epochs, spec.patience)),
        ("device", format!("{}, libtorch {}, evaluation batch {}", spec.device, spec.libtorch, spec.evaluation_batch)),
        ("revision", format!("method {}, protocol {}", spec.revision, spec.protocol)),
        ("data", format!("SHA-256 {}", spec.dataset_hash)),
        ("weights", format!("SHA-256 {}", outcome.weights)),
    ]
    .into_iter()
    .chain(outcome.pivot.iter().map(|pivot| ("pivot", pivot.clone())))
    .chain(spec.init.iter().map(|init| ("start", start(init, &outcome.fresh))))
    {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<10} {value}");
    }
    text
}

/// What training started from.
fn start(init: &Init, fresh: &[String]) -> String {
    let frozen = if init.freeze_encoders { "; encoders frozen" } else { "" };
    let fresh = if fresh.is_empty() { String::new() } else { format!("; fresh, because of another shape: {}", fresh.join(", ")) };
    format!("weights trained on {}, SHA-256 {}{frozen}{fresh}", init.dataset, init.weights)
}

fn epochs(folder: &Folder, key: &str) -> anyhow::Result<String> {
    let path = folder.trial(key).losses();
    if !path.is_file() {
        return Ok(String::new());
    }
    let frame = read_parquet(&path)?;
    let names: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
    let columns = names.iter().map(|name| float_column(&frame, name, &path)).collect::<Result<Vec<_>, _>>()?;
    let rows = (0..frame.height()).map(|row| {
        let cell = |(name, column): (&String, &Vec<f64>)| if name == "epoch" { format!("{:.0}", column[row]) } else { format!("{:.4}", column[row]) };
        names.iter().zip(&columns).map(cell).collect()
    });
    let heads: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(format!("\n{}", output::table(&heads, rows, &(0..heads.len()).collect::<Vec<_>>())))
}

/// One line a condition, one column a metric.
fn conditions(evidence: &TrialEvidence) -> String {
    let has = |metric: &Metric| evidence.records.iter().any(|record| record.metric == metric.name());
    let metrics: Vec<Metric> = Metric::ALL.into_iter().filter(has).collect();
    let mut order: Vec<&str> = Vec::new();
    let mut cells: BTreeMap<(&str, &str), String> = BTreeMap::new();
    for record in &evidence.records {
        if !order.contains(&record.condition.as_str()) {
            order.push(&record.condition);
        }
        let text = match (record.metric.parse::<Metric>(), record.value) {
            (Ok(metric), Some(value)) => metric.display(value),
            (_, Some(_)) => continue,
            (_, None) => format!("n/a ({})", record.note),
        };
        cells.insert((&record.condition, &record.metric), text);
    }
    let rows = order.iter().map(|condition| {
        let cell = |metric: &Metric| cells.get(&(*condition, metric.name())).cloned().unwrap_or_else(|| "–".into());
        std::iter::once((*condition).to_string()).chain(metrics.iter().map(cell)).collect()
    });
    let heads: Vec<String> = metrics.iter().map(|metric| format!("{}{}", metric.title(), if metric.in_percent() { ", %" } else { "" })).collect();
    let heads: Vec<&str> = std::iter::once("condition").chain(heads.iter().map(String::as_str)).collect();
    format!("\n{}", output::table(&heads, rows, &(1..heads.len()).collect::<Vec<_>>()))
}
