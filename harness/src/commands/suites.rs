//! `bench suites`.

use std::{fmt::Write, path::PathBuf};

use bench_corruptions::Suite;
use bench_datasets::DatasetRef;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::format::ListFormat;
use crate::{exit::Exit, output, search};

/// Arguments of `bench suites`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',', global = true)]
    data: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Table, global = true)]
    format: ListFormat,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List all suites (as without a subcommand)
    List,
    /// Show a suite's conditions on datasets
    Show {
        /// `NAME` (the newest version) or `NAME@VERSION`
        #[arg(value_name = "NAME")]
        suite: String,
        /// Datasets [default: the suite's own]
        #[arg(long, value_name = "D,…", value_delimiter = ',')]
        dataset: Vec<DatasetRef>,
    },
}

/// Lists or shows.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    search::refuse_missing(&arguments.data)?;
    if let Some(Action::Show { suite, dataset }) = &arguments.action {
        return show(&Suite::named(suite)?, dataset, arguments);
    }
    let suites = Suite::all()?;
    match arguments.format {
        ListFormat::Json => {
            let all: Vec<Value> = suites.iter().map(|suite| json!({ "suite": suite.id(), "paper": suite.paper, "summary": suite.summary })).collect();
            output::print_json(&all)?;
        }
        ListFormat::Table => {
            let (papers, general): (Vec<&Suite>, Vec<&Suite>) = suites.iter().partition(|suite| suite.paper.is_some());
            let general = general.iter().map(|suite| vec![suite.id(), suite.summary.clone()]);
            let papers = papers.iter().map(|suite| vec![suite.id(), suite.paper.clone().unwrap_or_default(), suite.summary.clone()]);
            output::print(&format!(
                "{}\nConditions of the papers' tables (`bench run --table` plans a whole table):\n\n{}",
                output::table(&["suite", "what it asks"], general, &[]),
                output::table(&["suite", "of", "conditions"], papers, &[])
            ))?;
        }
    }
    Ok(Exit::Fine)
}

fn show(suite: &Suite, asked: &[DatasetRef], arguments: &Arguments) -> anyhow::Result<Exit> {
    let folders = search::folders(&arguments.data);
    let own: Vec<DatasetRef> = suite.defaults.datasets.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
    let mut text = format!("{}: {}\n", suite.id(), suite.summary);
    let mut all = serde_json::Map::new();
    for reference in if asked.is_empty() { &own } else { asked } {
        let dataset = search::open(reference, &folders)?;
        let conditions = suite.conditions(dataset.raw_modalities())?;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{reference}: {} conditions", conditions.len());
        for planned in &conditions {
            let _ = writeln!(text, "  {:<8} {}", planned.group, planned.condition);
        }
        let list: Vec<Value> =
            conditions.iter().map(|planned| json!({ "condition": planned.condition.to_string(), "group": planned.group })).collect();
        all.insert(reference.to_string(), list.into());
    }
    match arguments.format {
        ListFormat::Json => output::print_json(&json!({ "suite": suite.id(), "summary": suite.summary, "datasets": all }))?,
        ListFormat::Table => output::print(&text)?,
    }
    Ok(Exit::Fine)
}
