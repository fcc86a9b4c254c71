//! `bench methods`.

mod card;
mod list;
mod printed;

use std::path::PathBuf;

use bench_tables::reported;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{format::ListFormat, method_size};
use crate::{
    exit::{Exit, Failure},
    names, output,
    workers::WorkerProgram,
};

/// Arguments of `bench methods`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Table, global = true)]
    format: ListFormat,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List all methods, and those of which only the papers' numbers exist (as without a subcommand)
    List,
    /// Show a method's card: paper, equations, options, variants, contradictions
    Show {
        /// The method's id; with --dataset also a variant or options
        #[arg(value_name = "NAME")]
        method: String,
        /// Count its parameters on these datasets, separated by commas
        #[arg(long, value_name = "D,…", value_delimiter = ',')]
        dataset: Vec<String>,
        /// Folder in which datasets are looked for first; may be given several times
        #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
        data: Vec<PathBuf>,
    },
}

/// Lists or shows.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.action {
        Some(Action::Show { method, dataset, data }) => show(method, dataset, data, arguments.format)?,
        None | Some(Action::List) => {
            let cards = WorkerProgram::find()?.describe()?.methods;
            let printed = printed::all()?;
            match arguments.format {
                ListFormat::Json => {
                    let cards: Vec<_> = cards.into_iter().map(bench_card::Card::complete).collect();
                    output::print_json(&json!({ "methods": cards, "reported_only": printed }))?;
                }
                ListFormat::Table => output::print(&list::text(&cards, &printed, output::width()))?,
            }
        }
    }
    Ok(Exit::Fine)
}

fn show(method: &str, dataset: &[String], data: &[PathBuf], format: ListFormat) -> anyhow::Result<()> {
    let id = method.split(['/', '?']).next().unwrap_or_default();
    // Known without the worker, and so shown where there is none.
    if let Some(found) = reported::find(id).map_err(|error| Failure::internal(error.to_string()))? {
        if !dataset.is_empty() {
            return Err(names::only_reported(found));
        }
        let found = printed::Printed::of(found, &printed::specs()?);
        return match format {
            ListFormat::Json => output::print_json(&found),
            ListFormat::Table => output::print(&found.show()),
        };
    }
    let worker = WorkerProgram::find()?;
    let description = worker.describe()?;
    let found = description.methods.iter().find(|card| card.id == id);
    let card = found.ok_or_else(|| names::unknown_method(id, description.methods.iter().map(|card| card.id.as_str())))?;
    let sizes = method_size::of(&worker, &description, method, dataset, data)?;
    match format {
        ListFormat::Json if dataset.is_empty() => output::print_json(&card.clone().complete()),
        ListFormat::Json => output::print_json(&json!({ "card": card.clone().complete(), "parameters": sizes })),
        ListFormat::Table => output::print(&format!("{}{}", card::show(card), method_size::table(&sizes))),
    }
}
