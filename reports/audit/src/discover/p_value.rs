/*!
`p-value`: what a mark of the best rests on.

What it does: in each column with means, standard deviations and runs it takes the marked best (or the best printed, where none is marked) and the best of the others, and computes
Welch's p for independent runs over all numbers that round to the printed ones, and the correlation between the runs of both that a paired t-test would need for p < 0.05. A
column is listed where Welch's p is above 0.05 even under the most favourable rounding.

Why: a table of means and deviations already shows which of its differences it can support, and which need paired runs that it does not print.

Example: in MLA's Table 6 (three runs) MLA and the second best are often less than one deviation apart.

It assumes about normal runs; p is not corrected for the number of columns. It is no contradiction that a best mark stands on a small difference: every finding here is open,
never against the table. Silent for columns without deviations or runs, with a single row, or where the mark is not on the best (see `mark`).
*/

use bench_reports::statistics::critical_t;

use super::{Check, Finding, Settings, Strength, names::is_unranked, words};
use crate::{
    Ledger,
    ledger::{Cell, Mark, Printed, Table},
    number::nearest,
    recompute::summary_tests::{Summary, paired_p, welch_p},
};

pub(super) const CHECK: Check = Check { name: "p-value", summary: "bests that are not distinguishable from the second best", find };

/// The usual level.
const LEVEL: f64 = 0.05;

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    ledger.tables.iter().filter_map(|table| judge(table, settings)).collect()
}

/// A mean with its deviation and all numbers that print like them.
struct Measured<'a> {
    cell: &'a Cell,
    mean: (f64, f64),
    std: (f64, f64),
    seeds: u32,
}

/// The best of a column against the best of the others.
struct Contest<'a> {
    best: Measured<'a>,
    second: Measured<'a>,
    marked: bool,
    welch: (f64, f64),
    /// The smallest correlation at which a paired test can reach the level; above 1 where none does. `None` for unequal runs.
    correlation: Option<f64>,
    /// Whether every correlation and every rounding reaches it.
    always: bool,
}

fn judge(table: &Table, settings: &Settings) -> Option<Finding> {
    let contests: Vec<Contest<'_>> = table.columns.iter().filter_map(|column| contest(table, column, settings)).collect();
    let mut open: Vec<&Contest<'_>> = contests.iter().filter(|contest| contest.welch.0 > LEVEL).collect();
    open.sort_by(|a, b| b.welch.0.total_cmp(&a.welch.0));
    if open.is_empty() {
        return None;
    }
    let always = contests.iter().filter(|contest| contest.always).count();
    let marked = if open.iter().all(|contest| contest.marked) { "marked best" } else { "best" };
    let names: Vec<String> = open.iter().map(|contest| describe(contest)).collect();
    let cells = open.iter().flat_map(|contest| [contest.best.cell, contest.second.cell]);
    Some(Finding {
        check: CHECK.name,
        paper: table.paper.clone(),
        place: table.name(),
        cells: cells.map(|cell| words::place(table, cell)).collect(),
        strength: Strength::Open,
        assumes: "runs are about normal; the runs of two rows are independent, or correlate as said".into(),
        sentence: format!(
            "In {} of {} the {marked} is not distinguishable from the second best at {LEVEL} if runs are independent (in {always} it is whatever their correlation): {}.",
            open.len(),
            words::several(contests.len(), "column"),
            words::listed(&names, 4)
        ),
    })
}

fn describe(contest: &Contest<'_>) -> String {
    let printed = |measured: &Measured<'_>| {
        let text = |number: &Option<Printed>| number.as_ref().map_or(String::new(), |number| number.text.clone());
        format!("{} {} ± {}", measured.cell.row, text(&measured.cell.value), text(&measured.cell.std))
    };
    let needs = match contest.correlation {
        None => String::new(),
        Some(rho) if rho >= 1.0 => ", and no correlation of paired runs would change that".into(),
        Some(rho) if rho > 0.99 => format!("; paired runs would have to correlate above {rho:.4}"),
        Some(rho) => format!("; paired runs would have to correlate above {rho:.2}"),
    };
    let (lo, hi) = contest.welch;
    format!(
        "{} ({} against {}, {} runs: Welch p in [{}, {}]{needs})",
        contest.best.cell.column,
        printed(&contest.best),
        printed(&contest.second),
        contest.best.seeds,
        words::probability(lo),
        words::probability(hi)
    )
}

fn contest<'a>(table: &'a Table, column: &'a str, settings: &Settings) -> Option<Contest<'a>> {
    let mut cells: Vec<Measured<'a>> =
        table.column(column).filter(|cell| !is_unranked(&cell.row)).filter_map(|cell| measured(cell, settings)).collect();
    let better = cells.first()?.cell.higher_is_better?;
    let unit = cells.first()?.cell.unit.clone();
    if cells.iter().any(|measured| measured.cell.higher_is_better != Some(better) || measured.cell.unit != unit) {
        return None;
    }
    let sign = if better { 1.0 } else { -1.0 };
    let centre = |measured: &Measured<'_>| sign * (measured.mean.0 + measured.mean.1) / 2.0;
    cells.sort_by(|a, b| centre(b).total_cmp(&centre(a)));
    let marked = cells.iter().any(|measured| measured.cell.marked == Mark::Best);
    let mut cells = cells.into_iter();
    let (best, second) = (cells.next()?, cells.next()?);
    if marked && best.cell.marked != Mark::Best {
        return None;
    }
    Some(Contest { welch: welch(&best, &second), correlation: correlation(&best, &second), always: always(&best, &second), best, second, marked })
}

fn measured<'a>(cell: &'a Cell, settings: &Settings) -> Option<Measured<'a>> {
    let ends = |printed: &Printed| {
        let (value, half) = (nearest(&printed.value), nearest(&printed.half));
        (value - half, value + half)
    };
    let (value, std, seeds) = (cell.value.as_ref()?, cell.std.as_ref()?, cell.seeds.or(settings.seeds)?);
    let (lo, hi) = ends(std);
    (seeds >= 2).then(|| Measured { cell, mean: ends(value), std: (lo.max(0.0), hi), seeds })
}

/// The difference of the means over the box: its smallest and largest size.
fn differences(a: &Measured<'_>, b: &Measured<'_>) -> (f64, f64) {
    let (lo, hi) = (a.mean.0 - b.mean.1, a.mean.1 - b.mean.0);
    let least = if lo <= 0.0 && hi >= 0.0 { 0.0 } else { lo.abs().min(hi.abs()) };
    (least, lo.abs().max(hi.abs()))
}

/// All deviations of the box's corners.
fn corners(a: &Measured<'_>, b: &Measured<'_>) -> [(f64, f64); 4] {
    [(a.std.0, b.std.0), (a.std.0, b.std.1), (a.std.1, b.std.0), (a.std.1, b.std.1)]
}

/// Welch's p over the box. The test's statistic is monotone in every number; its degrees of freedom are not, but change little within a rounding.
fn welch(a: &Measured<'_>, b: &Measured<'_>) -> (f64, f64) {
    let (least, most) = differences(a, b);
    let at = |difference: f64, (sd_a, sd_b): (f64, f64)| {
        welch_p(&Summary { mean: difference, sd: sd_a, n: a.seeds }, &Summary { mean: 0.0, sd: sd_b, n: b.seeds })
    };
    let lo = corners(a, b).into_iter().map(|corner| at(most, corner)).fold(1.0, f64::min);
    let hi = corners(a, b).into_iter().map(|corner| at(least, corner)).fold(0.0, f64::max);
    (lo, hi)
}

/// n Δ²/t² ≥ s_a² + s_b² − 2ρ s_a s_b, solved for ρ with the largest difference; the deviations that need least of it are a corner's, or s² = s'² − nΔ²/t² within.
fn correlation(a: &Measured<'_>, b: &Measured<'_>) -> Option<f64> {
    if a.seeds != b.seeds {
        return None;
    }
    let (_, most) = differences(a, b);
    let allowed = f64::from(a.seeds) * (most / critical_t(LEVEL, usize::try_from(a.seeds).ok()?)?).powi(2);
    let needed = |(sd_a, sd_b): (f64, f64)| if sd_a * sd_b > 0.0 { (sd_a * sd_a + sd_b * sd_b - allowed) / (2.0 * sd_a * sd_b) } else { -1.0 };
    let inner = |fixed: f64, (lo, hi): (f64, f64)| (fixed * fixed - allowed).max(0.0).sqrt().clamp(lo, hi);
    let within =
        [a.std.0, a.std.1].map(|sd_a| (sd_a, inner(sd_a, b.std))).into_iter().chain([b.std.0, b.std.1].map(|sd_b| (inner(sd_b, a.std), sd_b)));
    let least = corners(a, b).into_iter().chain(within).map(needed).fold(f64::INFINITY, f64::min);
    Some(least.max(-1.0))
}

/// Whether the paired test reaches the level at a correlation of −1 and the least favourable rounding; a correlation of −1 is the worst for every rounding.
fn always(a: &Measured<'_>, b: &Measured<'_>) -> bool {
    let (least, _) = differences(a, b);
    let summary = |mean: f64, sd: f64, n: u32| Summary { mean, sd, n };
    paired_p(&summary(least, a.std.1, a.seeds), &summary(0.0, b.std.1, b.seeds), -1.0) < LEVEL
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cell: &Cell, mean: f64, std: f64) -> Measured<'_> {
        Measured { cell, mean: (mean, mean), std: (std, std), seeds: 5 }
    }

    fn cell() -> Cell {
        crate::ledger::builtin().unwrap().table("def", "6").unwrap().cells[0].clone()
    }

    #[test]
    fn the_correlation_is_where_the_paired_test_turns() {
        let cell = cell();
        let (a, b) = (of(&cell, 80.5, 0.5), of(&cell, 80.0, 0.4));
        let rho = correlation(&a, &b).unwrap();
        // By hand: t of 4 df at 0.05 is 2.776445; allowed = 5 (0.5/2.776445)² = 0.162156; ρ = (0.41 − 0.162156)/0.4 = 0.619611.
        assert!((rho - 0.619611).abs() < 1e-6, "{rho}");
        let p = |rho: f64| paired_p(&Summary { mean: 80.5, sd: 0.5, n: 5 }, &Summary { mean: 80.0, sd: 0.4, n: 5 }, rho);
        assert!(p(rho - 1e-6) > LEVEL && p(rho + 1e-6) < LEVEL);
    }

    #[test]
    fn no_correlation_helps_two_deviations_that_differ_too_much() {
        let cell = cell();
        // Even at 1 the difference has a deviation of 0.9: (0.01 + 1 − 5 (0.5/2.776445)²)/0.2 is above 1.
        assert!(correlation(&of(&cell, 80.5, 1.0), &of(&cell, 80.0, 0.1)).unwrap() > 1.0);
        assert_eq!(correlation(&of(&cell, 90.0, 0.5), &of(&cell, 80.0, 0.4)), Some(-1.0));
        assert!(always(&of(&cell, 90.0, 0.5), &of(&cell, 80.0, 0.4)) && !always(&of(&cell, 80.5, 0.5), &of(&cell, 80.0, 0.4)));
    }

    #[test]
    fn the_box_widens_p() {
        let cell = cell();
        let mut a = of(&cell, 80.5, 0.5);
        let b = of(&cell, 80.0, 0.4);
        let narrow = welch(&a, &b);
        assert_eq!(narrow.0, narrow.1);
        (a.mean, a.std) = ((80.45, 80.55), (0.45, 0.55));
        let wide = welch(&a, &b);
        assert!(wide.0 < narrow.0 && narrow.1 < wide.1);
        // Means that may be equal leave p at 1.
        a.mean = (79.9, 80.5);
        assert_eq!(welch(&a, &b).1, 1.0);
    }
}
