//! `bench report`: rebuild what is derived from a run folder's trials.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::Args;

use super::result::{self, Format};
use crate::{
    exit::Exit,
    exit::Failure,
    folder::{Folder, RunFile},
    results::{Results, comparable},
    search,
};

/// Arguments of `bench report`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Run folder
    #[arg(value_name = "DIR", default_value = "runs/robustness")]
    folder: PathBuf,
    /// Method that all others are compared with [default: as in the last run]
    #[arg(long, env = "BENCH_REFERENCE", value_name = "METHOD")]
    reference: Option<String>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    data: Vec<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// A run folder with what its last run asked for and what is finished.
pub struct Opened {
    pub folder: Folder,
    pub run: RunFile,
    pub results: Results,
}

/// Opens a folder to say something about all its trials; `reference` and `data` go before the last run's.
///
/// # Errors
/// No run folder, no `run.toml`, or a trial whose dataset cannot be opened.
pub fn open(path: &Path, reference: Option<&String>, data: &[PathBuf]) -> anyhow::Result<Opened> {
    let folder = Folder::known(path)?;
    let Some(mut run) = folder.run()? else {
        return Err(Failure::usage(format!(
            "{} has trials but no run.toml, which says how they belong together; run the same `bench run` again",
            path.display()
        )));
    };
    if reference.is_some() {
        run.settings.reference = reference.cloned();
    }
    search::refuse_missing(data)?;
    let data: Vec<PathBuf> = data.iter().chain(&run.settings.data).cloned().collect();
    let results = Results::of(&folder, &data)?;
    Ok(Opened { folder, run, results })
}

/// Rebuilds records and report, and prints every trial that fits the last run's settings.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Opened { folder, run, results } = open(&arguments.folder, arguments.reference.as_ref(), &arguments.data)?;
    let _lock = folder.lock()?;
    let selected: BTreeSet<String> = comparable(&results.trials, &run, &BTreeSet::new()).0.iter().map(|trial| trial.key.clone()).collect();
    if selected.is_empty() {
        return Err(nothing_to_show(&arguments.folder, &results.notes));
    }
    result::tell(&results, &run, &selected, &folder, arguments.format)?;
    Ok(Exit::Fine)
}

/// Why no trial of a folder can be shown.
pub fn nothing_to_show(folder: &Path, notes: &[String]) -> anyhow::Error {
    let why = notes.first().map_or_else(String::new, |note| format!(": {note}"));
    Failure::usage(format!("{} has no finished trial of the settings in its run.toml{why}", folder.display()))
}
