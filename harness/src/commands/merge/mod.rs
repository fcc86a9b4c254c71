/*!
`bench merge`: one run folder from the shards of a run.

Trials are copied as they are and everything else is derived from them, so the folder is what one machine would have made.
*/

mod agree;
mod copy;
mod inputs;
mod look;
mod missing;

use std::{collections::BTreeSet, path::PathBuf};

use clap::{Args, builder::BoolishValueParser};

use self::{
    agree::Named,
    copy::{Input, Target},
    inputs::Opened,
    look::Content,
};
use super::{
    execute::quoted,
    result::{self, Format},
};
use crate::{
    exit::{Exit, sentence},
    folder::{Folder, RunFile},
    interrupt::Interrupt,
    output, progress,
    results::{Results, comparable},
    search,
};

/// Arguments of `bench merge`.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Run folders of shards, or of whole runs, of the same settings
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// Folder for all of them together: new, or that of an earlier merge of the same run, to which is added
    #[arg(long, value_name = "DIR", required = true)]
    out: PathBuf,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    data: Vec<PathBuf>,
    /// No progress
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    quiet: bool,
    /// What to print at the end
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

const AFTER: &str = "\
The folder has the same bytes as that of one `bench run` of all trials on one machine. Folders that are merged are never
written to. Trials that no folder has are named, and the exit code is 3: merge the rest into the same --out later, or let the
same `bench run` without --shard finish them there.

Examples:
  bench run --shard 1/2 --out shards/1
  bench run --shard 2/2 --out shards/2
  bench merge shards/1 shards/2 --out runs/robustness

docs/cluster.md has job scripts.";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    search::refuse_missing(&arguments.data)?;
    let opened = inputs::open(&arguments.folders)?;
    let (folder, before) = inputs::target(&arguments.out, &opened)?;
    let run = settings(arguments, &folder, before.as_ref(), &opened)?;
    // All is looked at before anything is written.
    let contents = opened.iter().map(|opened| Content::of(&opened.folder)).collect::<anyhow::Result<Vec<_>>>()?;
    let inputs: Vec<Input> = opened.iter().zip(contents).map(|(opened, content)| Input { folder: opened.folder.clone(), content }).collect();

    let interrupt = Interrupt::listen()?;
    let _lock = folder.lock()?;
    folder.write_run(&run)?;
    let files = inputs.iter().map(|input| input.content.files()).sum();
    let progress = progress::copies(files, arguments.quiet);
    let copied = Target { folder: &folder, progress: &progress, interrupt: &interrupt }.take(&inputs);
    progress.finish_and_clear();
    if !copied? {
        output::tell("bench: interrupted; what was copied is kept, the same command goes on where this stopped");
        return Ok(Exit::Interrupted);
    }
    let parts: Vec<RunFile> = opened.into_iter().map(|opened| opened.run).collect();
    derive(arguments, &folder, &run, &parts)
}

/// The `run.toml` of all together.
fn settings(arguments: &Arguments, folder: &Folder, before: Option<&RunFile>, opened: &[Opened]) -> anyhow::Result<RunFile> {
    let named = opened.iter().map(|opened| Named { folder: opened.folder.root(), run: &opened.run });
    let earlier = before.map(|run| Named { folder: folder.root(), run });
    let mut run = agree::merged(&earlier.into_iter().chain(named).collect::<Vec<_>>())?;
    if !arguments.data.is_empty() {
        run.settings.data.clone_from(&arguments.data);
    }
    Ok(run)
}

/// Writes everything at the top of the folder, as `bench run` does, and tells what is missing.
fn derive(arguments: &Arguments, folder: &Folder, run: &RunFile, parts: &[RunFile]) -> anyhow::Result<Exit> {
    let mut data = run.settings.data.clone();
    data.extend(parts.iter().flat_map(|part| part.settings.data.clone()));
    let results = Results::of(folder, &data)?.quietly(arguments.quiet);
    let missing = missing::of(folder, run, parts, &results)?;
    if !missing.is_empty() {
        missing::tell(&missing, run.planned.len() + run.waiting.len(), folder.root());
    }
    let told = tell(arguments, folder, run, &results);
    match (missing.is_empty(), told) {
        (true, told) => told.map(|()| Exit::Fine),
        (false, told) => {
            if let Err(error) = told {
                output::tell(&format!("bench: {}", sentence(&error)));
            }
            Ok(Exit::Trial)
        }
    }
}

fn tell(arguments: &Arguments, folder: &Folder, run: &RunFile, results: &Results) -> anyhow::Result<()> {
    let mut selected: BTreeSet<String> = run.planned.keys().cloned().collect();
    if selected.is_empty() {
        // Folders of an earlier version do not say what was planned.
        selected = comparable(&results.trials, run, &selected).0.iter().map(|finished| finished.key.clone()).collect();
    }
    if !results.trials.iter().any(|trial| selected.contains(&trial.key)) {
        output::tell("bench: no trial is finished, so there is nothing to report");
        return Ok(());
    }
    if arguments.format != Format::Table || run.settings.table.is_empty() {
        return result::tell(results, run, &selected, folder, arguments.format);
    }
    results.tell(folder, run, &selected, false)?;
    let on = if run.settings.on.is_empty() { String::new() } else { format!(" --on {}", quoted(run.settings.on.join(","))) };
    let out = quoted(folder.root().display().to_string());
    let lines = run.settings.table.iter().map(|table| format!("bench tables {} --results {out}{on}\n", quoted(table.clone())));
    output::print(&format!("{}report: {}\n", lines.collect::<String>(), folder.root().join("report.md").display()))
}
