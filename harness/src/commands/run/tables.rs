//! `bench run --table`: the trials and conditions that tables of papers need, and nothing else.

use std::{collections::BTreeSet, fmt::Write, fs};

use bench_datasets::{Dataset, DatasetRef};
use bench_tables::{Spec, spec::PaperDatasets};

use super::{Arguments, Ready, note, run_file, self_test, shard};
use crate::{
    commands::{
        dry_run::{self, plural},
        execute::{Execution, execute, quoted},
        result::{self, Format},
    },
    exit::{Exit, Failure},
    folder::{Folder, RunFile},
    interrupt::Interrupt,
    output,
    plan::{Plan, State, Wanted},
    results::Results,
    tables::{self, Chosen},
    workers::Pool,
};

mod costs;
mod needs;

use needs::Needs;

/// Runs the command.
pub fn run(arguments: &Arguments, ready: &Ready) -> anyhow::Result<Exit> {
    let settings = &ready.settings;
    let Chosen { tables, papers, datasets } = tables::choose(&settings.tables, &settings.on, &settings.data)?;
    let needs = tables.iter().map(|table| Needs::of(table, &datasets)).collect::<anyhow::Result<Vec<_>>>()?;
    refuse_without_data(&needs, &papers)?;
    let wanted = needs::all(&needs);
    if wanted.is_empty() {
        output::print(&untrained(&needs, &settings.tables))?;
        return Ok(Exit::Fine);
    }
    let used = |name: &DatasetRef| wanted.iter().any(|one| one.dataset == *name);
    for idle in datasets.values().map(Dataset::reference).filter(|name| !used(name)) {
        output::tell(&format!(
            "bench: warning: nothing of {} can be run on {idle}: its kind of task or number of modalities does not fit, or all places are taken",
            names(&needs)
        ));
    }
    let folder = Folder::new_or_known(&settings.out)?;
    shard::refuse_other_folder(&folder, settings.shard)?;
    let kind = ready.device.split(':').next().unwrap_or_default();
    let datasets = datasets.into_values().filter(|dataset| used(dataset.reference())).collect();
    let (mut plan, mut answers) = Plan::of_wanted(&wanted, settings, datasets, &folder, &ready.description, kind)?;
    super::refuse_unknown_reference(settings, &plan)?;
    // Not before: a mistake should leave no folder behind.
    let _lock = (!arguments.dry_run).then(|| folder.lock()).transpose()?;

    let interrupt = Interrupt::listen()?;
    let pool = Pool { program: &ready.worker, jobs: ready.jobs, interrupt: &interrupt };
    if arguments.dry_run {
        output::print(&describe(&needs, &plan, &plan.states(&folder)?, ready, &folder))?;
        shard::keep(&mut plan, settings.shard, true)?;
        return dry_run::estimate(&plan, &plan.states(&folder)?, settings, &ready.device, &folder, &pool);
    }

    let mut run = run_file(ready, &plan);
    folder.write_run(&run)?;
    self_test(&folder, settings, &plan)?;
    shard::keep(&mut plan, settings.shard, false)?;
    let mut execution = pass(&plan, ready, &folder, &pool, arguments)?;
    if !plan.waiting.is_empty() && !execution.interrupted {
        // What the others start from is trained now.
        let datasets = plan.datasets.into_iter().map(|planned| planned.dataset).collect();
        (plan, answers) = Plan::of_wanted(&wanted, settings, datasets, &folder, &ready.description, kind)?;
        run = run_file(ready, &plan);
        folder.write_run(&run)?;
        shard::keep(&mut plan, settings.shard, false)?;
        let second = pass(&plan, ready, &folder, &pool, arguments)?;
        execution = execution.and(second);
    }
    if let Some(shard) = settings.shard {
        if needs.iter().any(|needs| !needs.costs.is_empty()) {
            output::tell("bench: what models cost is not measured in a shard; the same command without --shard on the merged folder measures it");
        }
        return execution.conclude(shard::tell(shard, &plan, &folder));
    }
    for (one, reason) in wanted.iter().zip(&answers).filter_map(|(one, answer)| Some((one, answer.as_ref().err()?))) {
        output::tell(&format!("bench: not available: {} on {} ({reason})", one.method, one.dataset));
    }
    let profiled = interrupt.is_set() || costs::measure(&needs, (&wanted, &answers), (arguments, ready), &folder, &interrupt)?;
    let exit = execution.conclude(report(&needs, &plan, ready, &folder, &run, arguments))?;
    Ok(if profiled || exit != Exit::Fine { exit } else { Exit::Trial })
}

/// Trains and evaluates what a plan has left, and notes what was asked of its trials.
fn pass(plan: &Plan, ready: &Ready, folder: &Folder, pool: &Pool<'_>, arguments: &Arguments) -> anyhow::Result<Execution> {
    let states = plan.states(folder)?;
    let open: Vec<usize> = (0..plan.trials.len()).filter(|&at| !states[at].is_done()).collect();
    let job = |at: usize| plan.job(&plan.trials[at], states[at].missing.clone(), &ready.settings, &ready.device, folder);
    let jobs: Vec<_> = open.iter().map(|&at| job(at)).collect();
    let execution = execute(pool, &jobs, arguments.quiet, plan.trials.len());
    note(plan, &open.into_iter().zip(&execution.outcomes).collect(), folder)?;
    Ok(execution)
}

/// Nothing can be run at all, although something would be trained.
fn refuse_without_data(needs: &[Needs<'_>], papers: &PaperDatasets) -> anyhow::Result<()> {
    if needs.iter().any(|needs| !needs.wanted.is_empty()) || !needs.iter().any(|needs| needs.trains) {
        return Ok(());
    }
    let mut missing: Vec<String> = Vec::new();
    for name in needs.iter().flat_map(|needs| &needs.lacking) {
        let text = papers.get(name).map_or_else(|| "a dataset".to_owned(), |paper| format!("{name} (as `{}`)", paper.name));
        if !missing.contains(&text) {
            missing.push(text);
        }
    }
    let impossible: Vec<&str> = needs.iter().flat_map(|needs| &needs.impossible).map(String::as_str).collect();
    let names = names(needs);
    Err(Failure::usage(match missing.as_slice() {
        [] => format!("nothing of {names} can be run on these datasets: {}", impossible.join("; ")),
        _ => format!(
            "nothing of {names} can be run: {} {} not here; import what is missing, or name other data that stands in with `--on openmoji,digits`",
            missing.join(", "),
            if missing.len() == 1 { "is" } else { "are" }
        ),
    }))
}

fn names(needs: &[Needs<'_>]) -> String {
    needs.iter().map(|needs| needs.spec.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is said of tables for which nothing is trained.
fn untrained(needs: &[Needs<'_>], asked: &[String]) -> String {
    let idle = needs.iter().filter(|needs| !needs.trains);
    idle.map(|needs| format!("{}: nothing is trained for it; `bench tables {}` shows it\n", needs.spec.id, name(needs.spec, asked))).collect()
}

/// Trials and conditions a table.
fn describe(needs: &[Needs<'_>], plan: &Plan, states: &[State], ready: &Ready, folder: &Folder) -> String {
    let done = states.iter().filter(|state| state.is_done()).count();
    let later = plan.waiting.len();
    let follow = if later > 0 { format!(", and {later} that start from some of them") } else { String::new() };
    let mut text = format!(
        "{} on {}, {} at a time, into {}: {}, {done} of them done{follow}\n",
        names(needs),
        ready.device,
        plural(ready.jobs, "worker"),
        folder.root().display(),
        plural(plan.trials.len(), "trial")
    );
    for needs in needs.iter().filter(|needs| needs.trains) {
        let mut datasets: Vec<String> = Vec::new();
        for dataset in needs.wanted.iter().map(|one| one.dataset.to_string()) {
            if !datasets.contains(&dataset) {
                datasets.push(dataset);
            }
        }
        // Writing to a string cannot fail.
        for dataset in &datasets {
            let own: Vec<&Wanted> = needs.wanted.iter().filter(|one| one.dataset.to_string() == *dataset).collect();
            let methods: Vec<String> = own.iter().map(|one| method(one)).collect();
            let conditions: BTreeSet<String> = own.iter().flat_map(|one| &one.conditions).map(ToString::to_string).collect();
            let _ = writeln!(
                text,
                "\n{} on {dataset}: {} × {}, {}\n  {}\n  {}",
                needs.spec.id,
                plural(methods.len(), "method"),
                plural(ready.settings.seeds.len(), "seed"),
                plural(conditions.len(), "condition"),
                methods.join(", "),
                conditions.iter().map(String::as_str).collect::<Vec<_>>().join("  ")
            );
        }
        for name in needs.lacking.iter().filter(|name| !name.is_empty()) {
            let _ = writeln!(text, "{}: {name} is not here, and nothing stands in for it", needs.spec.id);
        }
        for reason in &needs.impossible {
            let _ = writeln!(text, "{}: not available: {reason}", needs.spec.id);
        }
    }
    for refused in &plan.refused {
        let _ = writeln!(text, "not available: {} on {} ({})", refused.method, refused.dataset, refused.reason);
    }
    text + &untrained(needs, &ready.settings.tables)
}

fn method(wanted: &Wanted) -> String {
    let frozen = |freeze: bool| if freeze { ", encoders frozen" } else { "" };
    let start = wanted.start.as_ref().map_or_else(String::new, |start| format!(" (from {}{})", start.dataset, frozen(start.freeze)));
    format!("{}{start}", wanted.method)
}

/// What a table is asked for by: its id, or the file of a table of one's own.
fn name(spec: &Spec, asked: &[String]) -> String {
    let own = |path: &&String| fs::read_to_string(path).is_ok_and(|text| Spec::read(path, &text).is_ok_and(|own| own == *spec));
    asked.iter().filter(|name| name.to_ascii_lowercase().ends_with(".toml")).find(own).map_or_else(|| spec.id.clone(), |path| quoted(path.clone()))
}

/// Writes everything derived, and says how each table is seen.
fn report(needs: &[Needs<'_>], plan: &Plan, ready: &Ready, folder: &Folder, run: &RunFile, arguments: &Arguments) -> anyhow::Result<()> {
    let selected: BTreeSet<String> = plan.trials.iter().map(|trial| trial.key.clone()).collect();
    let results = Results::of(folder, &ready.settings.data)?.quietly(arguments.quiet);
    if !results.trials.iter().any(|trial| selected.contains(&trial.key)) {
        output::tell("bench: no trial is finished, so there is nothing to report");
        return Ok(());
    }
    if arguments.format != Format::Table {
        return result::tell(&results, run, &selected, folder, arguments.format);
    }
    results.tell(folder, run, &selected, false)?;
    let on = if ready.settings.on.is_empty() { String::new() } else { format!(" --on {}", quoted(ready.settings.on.join(","))) };
    let results = quoted(folder.root().display().to_string());
    let lines = needs.iter().map(|needs| format!("bench tables {} --results {results}{on}\n", name(needs.spec, &ready.settings.tables)));
    output::print(&format!("{}report: {}\n", lines.collect::<String>(), folder.root().join("report.md").display()))
}
