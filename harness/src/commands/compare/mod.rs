/*!
`bench compare`: two runs, or two methods, against each other.

```text
BASE, HEAD ─► Side ─► Pairing ─► rows, costs (─► latency) ─► Evidence ─► bench_compare::Report ─► files, standard output, exit code
```

Everything here reads run folders; what the evidence says is judged in `reports/compare`, which reads nothing.
*/

mod arguments;
mod costs;
mod differ;
mod evidence;
mod latency;
mod pairing;
mod quantities;
mod rows;
mod side;
mod unfinished;
mod write;

use std::collections::BTreeSet;

use bench_compare::{Outcome, Report};
use bench_reports::budget;

pub use arguments::Arguments;

use self::{
    evidence::Question,
    latency::Timer,
    side::{Asked, Role, Side},
};
use crate::{exit::Exit, exit::Failure, interrupt::Interrupt, names, output};

/// Compares, writes the files, prints, and says by the exit code what came of it.
///
/// # Errors
/// Sides that cannot be compared, a damaged file, or the file system's refusal.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let metric = arguments.metric.as_deref().map(quantities::metric).transpose()?;
    // Before anything is read: a program that is not there should not be told after minutes.
    let timer = arguments.latency.then(|| Timer::of(arguments)).transpose()?;
    let (base, head) = sides(arguments)?;
    let (mut evidence, couples) = Question { base: &base, head: &head, metric, latency: arguments.latency, quiet: arguments.quiet }.evidence()?;
    let interrupt = timer.as_ref().map(|_| Interrupt::listen()).transpose()?;
    if let (Some(timer), Some(interrupt)) = (&timer, &interrupt) {
        let times = timer.time(&couples, (&base, &head), interrupt)?;
        evidence.costs.extend(times.costs);
        evidence.notes.extend(times.notes);
    }
    let report = Report::of(&evidence, arguments.rules());
    if interrupt.is_some_and(|interrupt| interrupt.is_set()) {
        output::tell("bench: interrupted; nothing was printed or written");
        return Ok(Exit::Interrupted);
    }
    if let Some(folder) = &arguments.out {
        write::files(&report, folder)?;
    }
    write::print(&report, arguments.format)?;
    Ok(match report.outcome() {
        Outcome::Fine => Exit::Fine,
        Outcome::Regression => Exit::No,
        Outcome::Incomplete => Exit::Trial,
        Outcome::CannotTell => Exit::CannotTell,
    })
}

fn sides(arguments: &Arguments) -> anyhow::Result<(Side, Side)> {
    let (base, head) = (Asked::read(&arguments.base), Asked::read(&arguments.head));
    side::refuse_one_sided(&base, &head)?;
    if base.method.is_some() && !arguments.method.is_empty() {
        return Err(Failure::usage("--method does not go with FOLDER:METHOD, which names the method of each side"));
    }
    let mut base = Side::open(Role::Base, &arguments.base, &base, &arguments.data)?;
    let mut head = Side::open(Role::Head, &arguments.head, &head, &arguments.data)?;
    refuse_unknown(&base, &head, arguments)?;
    for side in [&mut base, &mut head] {
        side.keep(&arguments.dataset, &arguments.method);
    }
    refuse_budgets(&base, &head)?;
    Ok((base, head))
}

/// Two methods are not ranked where one had more draws of hyper-parameters; one method with and without tuning is the question what tuning does.
fn refuse_budgets(base: &Side, head: &Side) -> anyhow::Result<()> {
    if !base.is_method {
        return Ok(());
    }
    for (dataset, rows) in &base.rows {
        for (own, (base_row, base_budget)) in rows.iter().map(|(row, seeds)| (row, (row.with_preset(), base.budget(seeds)))) {
            for (other, seeds) in head.rows.get(dataset).into_iter().flatten().filter(|(other, _)| other.label != own.label) {
                if let Some(reason) = budget::refusal(base_budget.as_ref(), head.budget(seeds).as_ref()) {
                    let message = format!(
                        "{base_row} and {} cannot be ranked on {dataset}: {reason}; tune both with the same --trials, or neither",
                        other.with_preset()
                    );
                    return Err(Failure::usage(message));
                }
            }
        }
    }
    Ok(())
}

/// Refuses datasets and methods that neither side has.
fn refuse_unknown(base: &Side, head: &Side, arguments: &Arguments) -> anyhow::Result<()> {
    let datasets: BTreeSet<String> = base.rows.keys().chain(head.rows.keys()).cloned().collect();
    let labels = [base, head].into_iter().flat_map(|side| side.rows.values().flat_map(|rows| rows.keys().map(|row| row.label.clone())));
    let methods: BTreeSet<String> = labels.chain(base.names()).chain(head.names()).collect();
    for (kind, asked, known) in [("dataset with trained trials", &arguments.dataset, datasets), ("trained method", &arguments.method, methods)] {
        if let Some(unknown) = asked.iter().find(|name| !known.contains(*name)) {
            return Err(names::unknown(kind, unknown, known.iter().map(String::as_str)));
        }
    }
    Ok(())
}
