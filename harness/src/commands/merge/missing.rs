//! What was planned and is in none of the folders.

use std::{collections::BTreeMap, path::Path};

use bench_corruptions::{Condition, Suite};

use crate::{
    commands::execute::quoted,
    folder::{Folder, Known, RunFile},
    output, plan,
    results::{Finished, Results},
    settings::Shard,
};

/// How many of them are named.
const NAMED: usize = 5;

/// What is not finished, as `raml on digits, seed 42 (shard 2/4)`.
///
/// # Errors
/// A damaged file.
pub fn of(folder: &Folder, run: &RunFile, parts: &[RunFile], results: &Results) -> anyhow::Result<Vec<String>> {
    let trained: BTreeMap<&str, &Finished> = results.trials.iter().map(|finished| (finished.key.as_str(), finished)).collect();
    let mut missing = Vec::new();
    for (key, what) in &run.planned {
        let finished = trained.get(key.as_str()).map(|finished| is_evaluated(folder, run, finished, results)).transpose()?;
        if finished != Some(true) {
            missing.push(format!("{what}{}", part(parts, key)));
        }
    }
    missing.extend(run.waiting.iter().map(|what| format!("{what} (what it starts from is missing, or its shard was stopped before)")));
    Ok(missing)
}

/// The shards that have a trial.
fn part(parts: &[RunFile], key: &str) -> String {
    let shards = parts.iter().filter_map(|run| Some((run.settings.shard?, *run.shards.get(key)?)));
    let mut names: Vec<String> = shards.map(|(shard, number): (Shard, usize)| format!("{number}/{}", shard.of())).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { String::new() } else { format!(" (shard {})", names.join(" or ")) }
}

/// Whether a trial is evaluated on what the run asked of it.
fn is_evaluated(folder: &Folder, run: &RunFile, finished: &Finished, results: &Results) -> anyhow::Result<bool> {
    let key = &finished.key;
    let dataset = results.dataset_of(finished)?;
    let conditions: Vec<Condition> = if run.settings.table.is_empty() {
        Suite::named(&run.settings.suite)?.conditions(dataset.raw_modalities())?.into_iter().map(|planned| planned.condition).collect()
    } else {
        // A table asks other conditions of each trial; they are noted once it is evaluated.
        let known = Known::read(&folder.trial(key))?;
        if known.conditions.is_empty() {
            return Ok(false);
        }
        plan::parse_conditions(&known.conditions.into_iter().collect::<Vec<_>>(), None, dataset)?
    };
    Ok(plan::state(folder, key, conditions.iter())?.is_done())
}

/// Tells what is missing, and how it is had.
pub fn tell(missing: &[String], planned: usize, out: &Path) {
    let noun = if missing.len() == 1 { "trial is" } else { "trials are" };
    output::tell(&format!("bench: {} planned {noun} not finished in any of these folders (of {planned}):", missing.len()));
    for what in missing.iter().take(NAMED) {
        output::tell(&format!("  {what}"));
    }
    if missing.len() > NAMED {
        output::tell(&format!("  and {} more", missing.len() - NAMED));
    }
    let out = quoted(out.display().to_string());
    output::tell(&format!("bench: merge their shards into {out} too, or finish here with the same `bench run` without --shard and with --out {out}"));
}
