//! `bench list`: the trials of a run folder.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::format::ListFormat;
use crate::{exit::Exit, folder::Folder, output};

/// Arguments of `bench list`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Run folder
    #[arg(value_name = "DIR", default_value = "runs/robustness")]
    folder: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

#[derive(Debug, Serialize)]
struct Row {
    key: String,
    dataset: String,
    method: String,
    preset: String,
    seed: u64,
    epochs_run: usize,
    selected_epoch: usize,
    selected_by: String,
    selected_value: Option<f64>,
    parameters: u64,
    conditions: usize,
}

/// Lists finished trials by dataset, method and seed.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let folder = Folder::known(&arguments.folder)?;
    let mut rows = Vec::new();
    for key in folder.finished()? {
        let files = folder.trial(&key);
        let Some(trial) = files.read()? else { continue };
        let evaluated = std::fs::read_dir(files.root().join("eval")).map_or(0, |entries| {
            entries.filter_map(Result::ok).filter(|entry| entry.path().extension().is_some_and(|extension| extension == "parquet")).count()
        });
        rows.push(Row {
            dataset: trial.spec.dataset,
            method: trial.label,
            preset: trial.spec.preset,
            seed: trial.spec.seed,
            epochs_run: trial.outcome.epochs_run,
            selected_epoch: trial.outcome.selected_epoch,
            selected_by: trial.outcome.selected_by,
            selected_value: trial.outcome.selected_value,
            parameters: trial.outcome.parameters,
            conditions: evaluated,
            key,
        });
    }
    rows.sort_by(|a, b| (&a.dataset, &a.method, a.seed, &a.key).cmp(&(&b.dataset, &b.method, b.seed, &b.key)));
    match arguments.format {
        ListFormat::Json => output::print_json(&rows)?,
        ListFormat::Table => output::print(&table(&rows))?,
    }
    Ok(Exit::Fine)
}

fn table(rows: &[Row]) -> String {
    let header = ["dataset", "method", "seed", "epochs", "chosen", "validation", "parameters", "conditions", "trial"];
    let cells = rows.iter().map(|row| {
        vec![
            row.dataset.clone(),
            row.method.clone(),
            row.seed.to_string(),
            row.epochs_run.to_string(),
            row.selected_epoch.to_string(),
            row.selected_value.map_or_else(|| "–".into(), |value| format!("{value:.3}")),
            row.parameters.to_string(),
            row.conditions.to_string(),
            row.key.chars().take(12).collect(),
        ]
    });
    output::table(&header, cells, &[2, 3, 4, 5, 6, 7])
}
