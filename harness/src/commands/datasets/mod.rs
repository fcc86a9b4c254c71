//! `bench datasets`.

mod export;
mod extract;
mod list;
mod show;
mod verify;

use std::path::PathBuf;

use bench_datasets::DatasetRef;
use clap::{Args, Subcommand};

use super::format::ListFormat;
use crate::{
    exit::{Exit, Failure},
    search,
};

/// Arguments of `bench datasets`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',', global = true)]
    data: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_enum)]
    format: Option<ListFormat>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the datasets that are found (as without a subcommand)
    List(Printed),
    /// Show all there is to know of one, caveats included
    Show {
        /// `NAME`, `NAME?train=N` or a folder
        #[arg(value_name = "NAME")]
        dataset: DatasetRef,
        #[command(flatten)]
        printed: Printed,
    },
    /// Verify folders of datasets: every checksum and every value; exit code 1 if one is damaged
    Verify {
        /// Folders of datasets
        #[arg(value_name = "DIR", required = true)]
        folders: Vec<PathBuf>,
        #[command(flatten)]
        printed: Printed,
    },
    /// Write a dataset's numbers to one file for other programs
    Export(export::Arguments),
    /// Make a dataset of features by frozen extractors
    Extract(extract::Arguments),
}

/// How a list or a dataset is printed.
#[derive(Debug, Clone, Copy, Args)]
struct Printed {
    /// How to print it
    #[arg(long = "format", id = "printed", value_enum)]
    format: Option<ListFormat>,
}

/// Does one of them.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    search::refuse_missing(&arguments.data)?;
    let folders = search::folders(&arguments.data);
    let as_asked = |own: Option<&Printed>| own.and_then(|own| own.format).or(arguments.format).unwrap_or(ListFormat::Table);
    match &arguments.action {
        None => list::run(&folders, as_asked(None)),
        Some(Action::List(printed)) => list::run(&folders, as_asked(Some(printed))),
        Some(Action::Show { dataset, printed }) => show::run(&search::open(dataset, &folders)?, as_asked(Some(printed))),
        Some(Action::Verify { folders, printed }) => verify::run(folders, as_asked(Some(printed))),
        Some(Action::Export(_) | Action::Extract(_)) if arguments.format.is_some() => Err(Failure::usage(
            "--format before `export` or `extract` has no meaning; an export's file is npz or parquet by --format behind `export`",
        )),
        Some(Action::Export(export)) => export::run(export, &folders),
        Some(Action::Extract(extract)) => extract::run(extract, &folders),
    }
}
