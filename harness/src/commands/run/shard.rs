//! What `bench run --shard` does otherwise than `bench run`.

use std::path::Path;

use crate::{
    commands::{dry_run::plural, execute::quoted, result::Format},
    exit::Failure,
    folder::Folder,
    output,
    plan::Plan,
    settings::{Settings, Shard},
};

/// Refuses what does not go with a shard, before anything is opened.
///
/// # Errors
/// A format of the report, which a shard has not.
pub fn refuse_format(settings: &Settings, format: Format) -> anyhow::Result<()> {
    match settings.shard {
        Some(_) if format != Format::Table => {
            Err(Failure::usage("--format does not go with --shard: a part of a run has no report; `bench merge --format` prints that of the whole"))
        }
        _ => Ok(()),
    }
}

/// A folder is a shard or a whole, and stays it: what came of a whole would look like a part, and two parts in one folder like one.
///
/// # Errors
/// A folder of something else than this shard.
pub fn refuse_other_folder(folder: &Folder, shard: Option<Shard>) -> anyhow::Result<()> {
    let (Some(shard), Some(before)) = (shard, folder.run()?) else { return Ok(()) };
    let root = folder.root().display();
    match before.settings.shard {
        Some(other) if other == shard => Ok(()),
        Some(other) => Err(Failure::usage(format!("{root} holds shard {other} of a run; give shard {shard} a folder of its own (--out)"))),
        None => Err(Failure::usage(format!(
            "{root} holds a whole run, of which nothing is to become a part; give shard {shard} a folder of its own (--out), which `bench merge` can add to it"
        ))),
    }
}

/// Keeps a shard's part of a plan, if it is one; `shown` tells how much that is.
///
/// # Errors
/// Standard output's refusal.
pub fn keep(plan: &mut Plan, shard: Option<Shard>, shown: bool) -> anyhow::Result<()> {
    let Some(shard) = shard else { return Ok(()) };
    let whole = plan.trials.len();
    plan.keep(shard);
    if shown {
        let follow = if plan.waiting.is_empty() { String::new() } else { format!(", and {} that start from some of them", plan.waiting.len()) };
        output::print(&format!("\nshard {shard}: {} of these {}{follow}\n", plan.trials.len(), plural(whole, "trial")))?;
    }
    Ok(())
}

/// Tells what is finished of a shard, and how it comes together with the others. It has no report: tests over a part of the trials would mislead.
///
/// # Errors
/// A damaged file of a trial.
pub fn tell(shard: Shard, plan: &Plan, folder: &Folder) -> anyhow::Result<()> {
    let finished = plan.states(folder)?.iter().filter(|state| state.is_done()).count();
    let out = shown(folder.root());
    let join = match shard.of() {
        1 => format!("make it a whole run with: bench merge {out} --out DIR"),
        2 => format!("join both with: bench merge {out} DIR --out DIR"),
        of => format!("join all {of} with: bench merge {out} DIR… --out DIR"),
    };
    output::print(&format!("shard {shard}: {finished} of {} finished in {out}; {join}\n", plural(plan.trials.len(), "trial")))
}

fn shown(path: &Path) -> String {
    quoted(path.display().to_string())
}
