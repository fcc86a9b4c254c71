/*!
`grim`: accuracies that no number of correct answers gives.

What it does: where a test set's size N is known, each plain accuracy has to be k/N, rounded, and a mean over S runs k/(S·N). For each table, dataset and metric it lists the
cells for which no k exists. Where several sizes are in use it takes the one that leaves the fewest.

Why: it needs nothing but the size, and no rounding explains a miss.

Example: DEF+AAF prints 85.04 % on IEMOCAP's 1,593 test samples; 1,354 correct are 84.9969 % and 1,355 are 85.0596 %.

It assumes that a cell is a share of correct answers on the whole test set, of one run where nothing else is said, rounded once. With `round_first` each run may have been
rounded to the printed digits before averaging; without, the sentence says how many cells stay out of reach even then, and how many where digits
were cut off instead of rounded; where either explains all of them the finding is open. A row that is
quoted from elsewhere may be a mean of several runs or come from another split.

Silent for tables whose test set is not known, for metrics that are not plain accuracies, and where the digits are too few for N to matter.
*/

use std::collections::HashMap;

use super::{
    Check, Finding, Settings, Strength,
    accuracies::{self, Accuracy},
    words,
};
use crate::{
    Ledger,
    number::{Interval, integer},
    recompute::{denominators::Grid, grim::attainable, rounded_runs::RoundedRuns},
};

pub(super) const CHECK: Check = Check { name: "grim", summary: "accuracies that no number of correct answers on the test set gives", find };

/// Sums of rounded runs by samples, runs and steps; `None` where the search would take too long.
type Rounded = HashMap<(u64, u32, u64), Option<RoundedRuns>>;

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let mut rounded = Rounded::new();
    grouped(accuracies::all(ledger, settings)).iter().filter_map(|group| judge(ledger, settings, group, &mut rounded)).collect()
}

/// By table, dataset, metric and number of runs, in the order in which they occur.
pub(super) fn grouped(all: Vec<Accuracy<'_>>) -> Vec<Vec<Accuracy<'_>>> {
    let mut groups: Vec<Vec<Accuracy<'_>>> = Vec::new();
    let mut known = HashMap::new();
    for accuracy in all {
        let (table, cell) = (accuracy.table, accuracy.cell);
        let key = (&table.paper, &table.id, &cell.dataset, &cell.metric, accuracy.seeds, cell.std.is_some());
        let place = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(accuracy),
            None => groups.push(vec![accuracy]),
        }
    }
    groups
}

fn judge(ledger: &Ledger, settings: &Settings, group: &[Accuracy<'_>], rounded: &mut Rounded) -> Option<Finding> {
    let first = group.first()?;
    let (table, cell) = (first.table, first.cell);
    if first.seeds.is_none() && cell.std.is_some() {
        return None;
    }
    let seeds = first.seeds.unwrap_or(1);
    let sizes = accuracies::sizes(ledger, settings, &table.paper, &cell.dataset)?;
    let gridded: Vec<(&Accuracy<'_>, Grid)> = group.iter().filter_map(|accuracy| Some((accuracy, accuracy.grid()?))).collect();
    let missed = |n: u64| -> Vec<&(&Accuracy<'_>, Grid)> {
        let unattainable = |accuracy: &Accuracy<'_>| attainable(&accuracy.printed.interval(), &accuracy.scale, n, u64::from(seeds)).is_none();
        gridded.iter().filter(|(accuracy, _)| unattainable(accuracy)).collect()
    };
    let (n, mut out) = sizes.n.iter().map(|n| (*n, missed(*n))).min_by_key(|(_, out)| out.len())?;
    if out.is_empty() {
        return None;
    }
    let (mut spared, mut strength) = (String::new(), Strength::Exact);
    if seeds > 1 {
        let mut survives = |grid: &Grid| {
            let runs = rounded.entry((n, seeds, grid.steps)).or_insert_with(|| RoundedRuns::new(n, seeds, grid.steps));
            runs.as_ref().is_none_or(|runs| runs.attainable(grid.value))
        };
        if settings.round_first {
            out.retain(|(_, grid)| !survives(grid));
        } else {
            let kept = out.iter().filter(|(_, grid)| !survives(grid)).count();
            spared = format!("; {kept} if each run was rounded to these digits before averaging");
            // Averaging numbers that a program printed is common, and then nothing is wrong.
            strength = if kept == 0 { Strength::Open } else { strength };
        }
    }
    if out.is_empty() {
        return None;
    }
    let beyond_cutting = out.iter().filter(|(accuracy, _)| !attainable_if_cut(accuracy, n, seeds)).count();
    if beyond_cutting == 0 {
        strength = Strength::Open;
    }
    spared += &format!("; {beyond_cutting} if digits were cut off instead of rounded");
    let expected: f64 = gridded.iter().map(|(_, grid)| 1.0 - grid.coverage(n.saturating_mul(u64::from(seeds)))).sum();
    let of = if seeds == 1 { format!("k/{}", words::count(n)) } else { format!("k/({seeds} × {})", words::count(n)) };
    let names: Vec<String> = out.iter().map(|(accuracy, _)| words::cell(accuracy.cell)).collect();
    let quantity = words::quantity(&cell.dataset, &cell.metric);
    Some(Finding {
        check: CHECK.name,
        paper: table.paper.clone(),
        place: format!("{}, {quantity}", table.name()),
        cells: out.iter().map(|(accuracy, _)| words::place(table, accuracy.cell)).collect(),
        strength,
        assumes: assumes(&cell.dataset, &sizes, first.seeds, settings.round_first),
        sentence: format!(
            "{} of {} of {quantity} are not {of} for any whole k (of random numbers with these digits {expected:.1}){spared}: {}.",
            out.len(),
            words::several(gridded.len(), "value"),
            words::listed(&names, 6)
        ),
    })
}

/// Whether some k gives the value if further digits were cut off.
fn attainable_if_cut(accuracy: &Accuracy<'_>, n: u64, seeds: u32) -> bool {
    let value = &accuracy.printed.value;
    let step = &accuracy.printed.half * integer(2);
    attainable(&Interval { lo: value.clone(), hi: value + step }, &accuracy.scale, n, u64::from(seeds)).is_some()
}

/// What has to be true of a test set and of the runs on it.
pub(super) fn assumes(dataset: &str, sizes: &accuracies::Sizes, seeds: Option<u32>, round_first: bool) -> String {
    let n = sizes.n.iter().map(|n| words::count(*n)).collect::<Vec<_>>().join(" or ");
    let runs = match seeds {
        None => "each value is one rounded run (the table does not say how many)".into(),
        Some(1) => "each value is one rounded run".into(),
        Some(seeds) if round_first => format!("each value is the mean of {seeds} runs, which may have been rounded first"),
        Some(seeds) => format!("each value is the mean of {seeds} runs, rounded once"),
    };
    let of = if dataset.is_empty() { String::new() } else { format!(" of {dataset}") };
    format!("the test set{of} has {n} samples ({}), every sample counts once, and {runs}, in rows quoted from elsewhere too", sizes.source)
}
