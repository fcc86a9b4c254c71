//! `bench run --dry-run`: what would run, what is done, what the statistics could show, and how long it would take.

use std::{collections::BTreeMap, fmt::Write};

use bench_reports::{
    statistics::critical_t,
    summary::{ALPHA, Design, Quantity, Task, can_judge_groups},
};
use bench_store::protocol::Request;

use crate::{
    exit::Exit,
    folder::Folder,
    machine, output,
    plan::{Plan, PlannedDataset, State, task_kind},
    results,
    settings::Settings,
    workers::{Outcome, Pool},
};

/// Prints what would run and what is done of it.
pub fn print(plan: &Plan, states: &[State], settings: &Settings, device: &str, folder: &Folder, pool: &Pool<'_>) -> anyhow::Result<()> {
    let done = states.iter().filter(|state| state.is_done()).count();
    let mut text = format!(
        "{} on {device}, {} at a time, into {}: {} trials, {done} of them done\n",
        settings.suite.id(),
        plural(pool.jobs, "worker"),
        folder.root().display(),
        plan.trials.len()
    );
    if let Some(folds) = settings.folds {
        let by = settings.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        let _ = writeln!(
            text,
            "each dataset in {folds} folds{by}, every fold a dataset of its own; report.md has them together under \"Over the folds\""
        );
    }
    for (at, planned) in plan.datasets.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{}\n", describe(plan, at, planned, settings));
    }
    for refused in &plan.refused {
        let _ = writeln!(text, "not available: {} on {} ({})", refused.method, refused.dataset, refused.reason);
    }
    output::print(&text)
}

fn describe(plan: &Plan, at: usize, planned: &PlannedDataset, settings: &Settings) -> String {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for condition in &planned.conditions {
        groups.entry(condition.group.to_string()).or_default().push(condition.condition.to_string());
    }
    let counts: Vec<String> = groups.iter().map(|(group, conditions)| format!("{} {group}", conditions.len())).collect();
    let mut methods: Vec<&str> = Vec::new();
    for trial in plan.trials.iter().filter(|trial| trial.dataset == at) {
        if methods.last() != Some(&trial.label.as_str()) {
            methods.push(&trial.label);
        }
    }
    let mut text = format!("{}: {} conditions ({})", planned.dataset.reference(), planned.conditions.len(), counts.join(", "));
    for (group, conditions) in &groups {
        let _ = write!(text, "\n  {group}: {}", conditions.join("  "));
    }
    let _ = write!(text, "\n  {} × {}: {}", plural(methods.len(), "method"), plural(settings.seeds.len(), "seed"), methods.join(", "));
    // A refused method has a row in the table, and its tests count in the family.
    let reference = planned.dataset.reference().to_string();
    let rows = methods.len() + plan.refused.iter().filter(|refused| refused.dataset == reference).count();
    let _ = write!(text, "\n  {}", power(planned, &groups, rows, settings.seeds.len()));
    text
}

/// What the primary family of the dataset will need.
fn power(planned: &PlannedDataset, groups: &BTreeMap<String, Vec<String>>, methods: usize, seeds: usize) -> String {
    let task = match task_kind(planned.dataset.task()) {
        bench_card::TaskKind::Classification => Task::Classification,
        bench_card::TaskKind::Regression => Task::Regression,
    };
    let quantities: Vec<&str> =
        Quantity::primary().filter(|&quantity| groups.contains_key(quantity.group())).map(|quantity| quantity.title(task)).collect();
    let size = quantities.len() * methods.saturating_sub(1);
    if size == 0 {
        return "primary family: empty, with one method there is nothing to compare".into();
    }
    let t = critical_t(ALPHA / size as f64, seeds).unwrap_or(f64::NAN);
    let needed = match Design::of(seeds, size) {
        Design::NoTest => "this design cannot reach significance: two seeds at least are needed for a test".into(),
        Design::Hopeless(times) => format!(
            "this design cannot reach significance in practice: with {} a difference must be {times:.0} times its own standard deviation over seeds (|t| > {t:.0}); use more seeds",
            plural(seeds, "seed")
        ),
        Design::Reachable(times) => format!(
            "|t| > {t:.1} needed with {} at {ALPHA} after Bonferroni: a difference over {times:.1} times its own standard deviation over seeds",
            plural(seeds, "seed")
        ),
    };
    let groups = planned_groups(planned, size);
    format!("primary family: {size} tests ({} × {}); {needed}{groups}", quantities.join(", "), plural(methods - 1, "method"))
}

/// Whether the test split's groups are too few to name a winner.
fn planned_groups(planned: &PlannedDataset, family: usize) -> String {
    match results::info(&planned.dataset).groups {
        Some((name, number)) if !can_judge_groups(number, family) => {
            format!("\n  the test split has {number} groups ({name}): too few to say anything about others, so no winner will be named")
        }
        _ => String::new(),
    }
}

/// Times what is left to do and prints how long it would take at most.
pub fn estimate(plan: &Plan, states: &[State], settings: &Settings, device: &str, folder: &Folder, pool: &Pool<'_>) -> anyhow::Result<Exit> {
    // One measurement for each dataset × method that has something left to do.
    let mut first: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (at, trial) in plan.trials.iter().enumerate().filter(|(at, _)| !states[*at].is_done()) {
        first.entry((trial.dataset, trial.label.as_str())).or_insert(at);
    }
    if first.is_empty() {
        output::print("\nnothing is left to do\n")?;
        return Ok(Exit::Fine);
    }
    let measured: Vec<(usize, &str)> = first.keys().copied().collect();
    let requests: Vec<Request> = first
        .values()
        .map(|&at| {
            Request::Estimate(plan.job(
                &plan.trials[at],
                plan.trials[at].conditions.iter().map(ToString::to_string).collect(),
                settings,
                device,
                folder,
            ))
        })
        .collect();
    output::tell(&format!("timing {} …", plural(requests.len(), "training step")));
    // One at a time: workers that run together slow each other's measurement.
    let alone = Pool { jobs: 1, ..*pool };
    let outcomes = alone.run(&requests, |_, _, _| {});
    if pool.interrupt.is_set() {
        return Ok(Exit::Interrupted);
    }
    let mut seconds = 0.0;
    let mut failed = Vec::new();
    for (at, trial) in plan.trials.iter().enumerate().filter(|(at, _)| !states[*at].is_done()) {
        let place = measured.iter().position(|&(dataset, label)| (dataset, label) == (trial.dataset, trial.label.as_str()));
        match place.and_then(|place| outcomes.get(place)) {
            Some(Outcome::Estimated { epoch_seconds, evaluation_seconds, .. }) => {
                let conditions = trial.conditions.len().max(1);
                let training = if states[at].trained { 0.0 } else { epoch_seconds * settings.epochs as f64 };
                seconds += training + evaluation_seconds * states[at].missing.len() as f64 / conditions as f64;
            }
            Some(Outcome::Failed { message, .. }) => {
                let sentence = format!("{} {}: {message}", trial.spec.dataset, trial.label);
                if !failed.contains(&sentence) {
                    failed.push(sentence);
                }
            }
            _ => {}
        }
    }
    for sentence in &failed {
        output::tell(&format!("bench: cannot be timed: {sentence}"));
    }
    let workers = pool.jobs.min(machine::cores()).min(plan.trials.len()).max(1);
    output::print(&format!(
        "\nat most about {} ({} of computing on {}), if no training stops early\n",
        machine::duration(seconds / workers as f64),
        machine::duration(seconds),
        plural(workers, "worker")
    ))?;
    Ok(if failed.is_empty() { Exit::Fine } else { Exit::Trial })
}

/// `1 seed`, `2 seeds`.
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
