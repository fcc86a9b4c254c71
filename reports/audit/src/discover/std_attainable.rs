/*!
`std-attainable`: means and standard deviations that no set of runs has.

What it does: a run's accuracy on N samples is k/N, so S runs are S whole numbers. For each printed mean ± deviation it looks for S whole numbers whose mean and whose standard
deviation (divided by S − 1, or by S) both round to what is printed: exactly for two to five runs, by necessary conditions for more. For any metric in percent or as a fraction it
also compares the deviation with the largest that S numbers between 0 and 100 % can have around that mean.

Why: whole numbers with a given sum have few sums of squares, and both printed numbers have to come from one of them.

Example: with 519 samples (MVSA) and three runs one count more or less in one run changes a deviation of 1 % by about 0.05, so most printed pairs are out of reach.

It assumes runs on the whole test set with every sample counted once, both numbers computed from unrounded accuracies; with `round_first` both are widened by what rounding each
run could change, and where that explains every cell the finding is open. Cells whose mean alone is out of reach belong to `grim` and are left out.

Silent where the test set or the runs are not known, for one run, and for large test sets, where every deviation is in reach.
*/

use super::{
    Check, Finding, Settings, Strength,
    accuracies::{self, Accuracy},
    grim::{assumes, grouped},
    words,
};
use crate::{
    Ledger,
    ledger::{Cell, Table},
    number::{Interval, Rational, exactly, nearest},
    recompute::spread,
};

pub(super) const CHECK: Check = Check { name: "std-attainable", summary: "means and standard deviations that no set of runs has", find };

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        grouped(accuracies::all(ledger, settings)).iter().filter_map(|group| whole_numbers(ledger, settings, group)).collect();
    findings.extend(ledger.tables.iter().filter_map(|table| too_large(table, settings)));
    findings
}

fn whole_numbers(ledger: &Ledger, settings: &Settings, group: &[Accuracy<'_>]) -> Option<Finding> {
    let first = group.first()?;
    let (table, seeds) = (first.table, first.seeds?);
    let sizes = accuracies::sizes(ledger, settings, &table.paper, &first.cell.dataset)?;
    let judged = |n: u64| -> (usize, Vec<&Accuracy<'_>>) {
        let answers: Vec<(&Accuracy<'_>, bool)> =
            group.iter().filter_map(|one| Some((one, attainable(one, settings.round_first, n, seeds)?))).collect();
        (answers.len(), answers.iter().filter(|(_, attainable)| !attainable).map(|(one, _)| *one).collect())
    };
    let (n, (asked, out)) = sizes.n.iter().map(|n| (*n, judged(*n))).min_by_key(|(_, (_, out))| out.len())?;
    if out.is_empty() {
        return None;
    }
    // Runs that were rounded before both numbers were computed are common, and then nothing is wrong.
    let kept = out.iter().filter(|one| attainable(one, true, n, seeds) == Some(false)).count();
    let quantity = words::quantity(&first.cell.dataset, &first.cell.metric);
    let names: Vec<String> = out.iter().map(|one| words::cell(one.cell)).collect();
    Some(Finding {
        check: CHECK.name,
        paper: table.paper.clone(),
        place: format!("{}, {quantity}", table.name()),
        cells: out.iter().map(|one| words::place(table, one.cell)).collect(),
        strength: if kept == 0 { Strength::Open } else { Strength::Exact },
        assumes: assumes(&first.cell.dataset, &sizes, Some(seeds), settings.round_first),
        sentence: format!(
            "{} of {} whose mean {seeds} runs on {} samples can have: no {seeds} whole numbers of correct answers have both the printed mean and the printed standard \
             deviation, with {} or {seeds} as its divisor ({kept} if each run was rounded first): {}.",
            out.len(),
            words::several(asked, "cell"),
            words::count(n),
            seeds - 1,
            words::listed(&names, 6)
        ),
    })
}

/// `None` where there is nothing to ask, or the mean alone is out of reach.
fn attainable(accuracy: &Accuracy<'_>, round_first: bool, n: u64, seeds: u32) -> Option<bool> {
    let (mean, std) = (accuracy.printed, accuracy.cell.std.as_ref()?);
    let (mut mean_range, mut std_range) = (mean.interval(), std.interval());
    if round_first {
        // Each run moves by half a unit at most, so the mean does too, and the deviation by that of the roundings: √(S/(S − 1)) halves.
        let factor = exactly((f64::from(seeds) / f64::from(seeds.max(2) - 1)).sqrt() * (1.0 + 1e-12))?;
        mean_range = widened(&mean_range, &mean.half);
        std_range = widened(&std_range, &(&mean.half * factor));
    }
    spread::attainable(&mean_range, &std_range, &accuracy.scale, n, seeds)
}

fn widened(range: &Interval, by: &Rational) -> Interval {
    Interval { lo: &range.lo - by, hi: &range.hi + by }
}

/// Deviations larger than any set of numbers on the scale has.
fn too_large(table: &Table, settings: &Settings) -> Option<Finding> {
    let beyond = |cell: &Cell| -> Option<f64> {
        let (mean, std, seeds) = (cell.value.as_ref()?, cell.std.as_ref()?, cell.seeds.or(settings.seeds)?);
        let scale = nearest(&accuracies::scale(&cell.unit)?);
        if cell.higher_is_better != Some(true) || accuracies::is_derived(cell) {
            return None;
        }
        let most = spread::largest(&mean.interval(), scale, seeds)?;
        (nearest(&std.interval().lo) > most * (1.0 + 1e-9)).then_some(most)
    };
    let out: Vec<(&Cell, f64)> = table.cells.iter().filter_map(|cell| Some((cell, beyond(cell)?))).collect();
    if out.is_empty() {
        return None;
    }
    let names: Vec<String> = out.iter().map(|(cell, most)| format!("{}, at most {most:.2}", words::cell(cell))).collect();
    Some(Finding {
        check: CHECK.name,
        paper: table.paper.clone(),
        place: table.name(),
        cells: out.iter().map(|(cell, _)| words::place(table, cell)).collect(),
        strength: Strength::Exact,
        assumes: "the metric lies between 0 and 100 %".into(),
        sentence: format!(
            "{} larger than any runs between 0 and 100 % have around their mean: {}.",
            words::several(out.len(), "standard deviation"),
            words::listed(&names, 6)
        ),
    })
}
