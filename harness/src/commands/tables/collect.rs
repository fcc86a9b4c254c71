//! From names, data and results to filled tables.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bench_tables::{
    fill::{Flags, Sources, fill},
    render,
    table::{Code, Collection, FORMAT},
};

use super::Arguments;
use crate::{
    exit::Failure,
    folder::{Folder, RunFile},
    names,
    output::tell,
    search,
    tables::{Answers, Chosen, Evidence, choose, wishes},
    workers::WorkerProgram,
};

/// Where results are looked for without being told.
pub const RESULTS: &str = "runs/tables";

/// The tables that were asked for, filled.
///
/// # Errors
/// An unknown name, or results that cannot be read.
pub fn collection(arguments: &Arguments) -> anyhow::Result<Collection> {
    search::refuse_missing(&arguments.data)?;
    if let Some(file) = arguments.results.as_ref().filter(|path| path.is_file()) {
        return of_file(file, arguments);
    }
    let path = arguments.results.clone().unwrap_or_else(|| PathBuf::from(RESULTS));
    let opened = if arguments.results.is_some() || path.exists() { Some(open(&path)?) } else { None };
    let run = opened.as_ref().map(|(_, run)| run);
    let on = if arguments.on.is_empty() { run.map(|run| run.settings.on.clone()).unwrap_or_default() } else { arguments.on.clone() };
    let data: Vec<PathBuf> = arguments.data.iter().chain(run.into_iter().flat_map(|run| &run.settings.data)).cloned().collect();
    let Chosen { tables, papers, datasets } = choose(&arguments.names, &on, &data)?;
    let wishes = wishes(&tables, &datasets)?;
    let answers = match &opened {
        None => {
            if !arguments.quiet {
                tell(&format!("bench: there is no {RESULTS}, so only printed numbers are shown; `bench run --table …` measures ours"));
            }
            Answers::of_datasets(&wishes, &datasets)
        }
        Some((folder, run)) => Answers::read(&wishes, datasets, &Evidence { folder, run, worker: &WorkerProgram::find()?.describe()? })?,
    };
    let internal = |error: String| Failure::internal(format!("the built-in ledger: {error}"));
    let ledger = bench_audit::ledger::builtin().map_err(|error| internal(error.to_string()))?;
    let flags = Flags::of_ledger(&ledger).map_err(|error| internal(error.to_string()))?;
    let filled = tables.iter().map(|table| {
        let sources = Sources {
            ledger: &ledger,
            flags: &flags,
            papers: &papers,
            assigned: &table.assigned,
            questions: &table.questions,
            trials: &answers.trials,
        };
        fill(&table.spec, &sources, |request| answers.of(request))
    });
    Ok(Collection { format: FORMAT, on, code: run.map(code), tables: filled.collect(), trials: answers.trials.clone() })
}

fn open(path: &Path) -> anyhow::Result<(Folder, RunFile)> {
    let folder = Folder::known(path)?;
    let run = folder.run()?;
    let run = run.ok_or_else(|| Failure::usage(format!("{} has no run.toml; run the same `bench run` again", path.display())))?;
    Ok((folder, run))
}

fn code(run: &RunFile) -> Code {
    Code {
        bench: run.bench.clone(),
        libtorch: run.libtorch.clone(),
        device: run.settings.device.split(':').next().unwrap_or_default().to_owned(),
        epochs: run.settings.epochs,
        patience: run.settings.patience,
    }
}

/// Tables that were written before, some of them.
fn of_file(file: &Path, arguments: &Arguments) -> anyhow::Result<Collection> {
    if !arguments.on.is_empty() {
        return Err(Failure::usage("--on needs a run folder in --results: the tables of a file are filled already"));
    }
    let text = fs::read_to_string(file).map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))?;
    let mut collection = render::read(&text).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    if !arguments.names.is_empty() {
        let all = bench_tables::spec::builtin().map_err(|error| Failure::internal(error.to_string()))?;
        let mut wanted: Vec<String> = Vec::new();
        for name in &arguments.names {
            let known = || collection.tables.iter().map(|table| table.id.as_str());
            match bench_tables::spec::choose(&all, name) {
                bench_tables::spec::Chosen::Tables(found) => wanted.extend(found.iter().map(|spec| spec.id.clone())),
                bench_tables::spec::Chosen::Unknown(_) if known().any(|id| id == name) => wanted.push(name.clone()),
                bench_tables::spec::Chosen::Unknown(_) => return Err(names::unknown("table", name, known())),
            }
        }
        collection.tables.retain(|table| wanted.contains(&table.id));
    }
    Ok(collection)
}
