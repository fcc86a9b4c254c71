/*!
`std-mean`: standard deviations that are an exact function of the mean.

What it does: fits a line ln(std) = a + b·mean through the cells of each row and pools the residuals. Standard deviations of few runs scatter about any such line by a known
amount, 0.40 in ln(std) for five runs and 0.64 for three, even if the true spreads lie exactly on it. It asks how often they would scatter as little as printed.

Why: a spread that was measured cannot follow the mean more closely than it can be measured.

Example: in DEF+AAF's Table 6 six methods under eight conditions scatter by 0.070 about six lines, five runs each.

It assumes runs that are about normal, and that the runs of two columns correlate by at most 0.9 (columns may be one trained model under several conditions). The probability is
from tables drawn under exactly that correlation, with true spreads on the lines, times the tables looked at; the sentence adds the bound for independent columns, and the
correlation that would explain the printed scatter, about √(1 − (residual/scatter)²). Rounding is granted: the residual is increased by the most it can have hidden.

Of several metrics on one dataset under one condition only the first counts: accuracy and F1 of the same runs move together.

Rows are methods: a table whose columns are methods is not looked at.

Silent where the deviations are alike rather than on a line (see `std-alike`), with fewer than ten free residuals, for rows of fewer than four cells, where the runs are not known, differ or are more than 100, and where a deviation is 0.
*/

use std::collections::BTreeSet;

use super::{Check, Finding, Settings, Strength, words};
use crate::{
    Ledger,
    ledger::{Cell, Table},
    number::nearest,
    recompute::{
        deviations::line_residual,
        line_scatter::{log10_bound, p_of_residual},
    },
};

pub(super) const CHECK: Check =
    Check { name: "std-mean", summary: "standard deviations that follow the mean more closely than they can be measured", find };

/// The correlation between columns that is granted.
const CORRELATION: f64 = 0.9;
/// How much less than about a constant they have to scatter about the lines: deviations that are merely alike are `std-alike`'s.
const FOLLOWS: f64 = 2.0;
const FEWEST_CELLS: usize = 4;
const FEWEST_FREE: usize = 10;
/// With more runs a deviation is hardly uncertain, and drawing them takes long.
const MOST_SEEDS: u32 = 100;

/// Rows of a table with standard deviations.
struct Rows<'a> {
    table: &'a Table,
    cells: Vec<&'a Cell>,
    points: Vec<Vec<(f64, f64)>>,
    seeds: u32,
    /// The most that rounding can have taken from the residual.
    rounding: f64,
}

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let tables: Vec<Rows<'_>> = ledger.tables.iter().filter_map(|table| rows(table, settings)).collect();
    tables.iter().filter_map(|rows| judge(rows, tables.len(), settings.alpha)).collect()
}

fn rows<'a>(table: &'a Table, settings: &Settings) -> Option<Rows<'a>> {
    let (mut cells, mut points, mut seeds) = (Vec::new(), Vec::new(), None);
    let (mut hidden, mut free) = (0.0, 0);
    for row in &table.rows {
        let mut seen = BTreeSet::new();
        let measured: Vec<(&Cell, f64, f64, f64)> = table
            .row(row)
            .filter(|cell| cell.std.is_some() && seen.insert((&cell.dataset, &cell.condition)))
            .filter_map(|cell| {
                let (mean, std) = (cell.value.as_ref()?, cell.std.as_ref()?);
                Some((cell, nearest(&mean.value), nearest(&std.value), nearest(&std.half)))
            })
            .collect();
        if measured.len() < FEWEST_CELLS {
            continue;
        }
        for (cell, mean, std, half) in &measured {
            let runs = cell.seeds.or(settings.seeds)?;
            if !(2..=MOST_SEEDS).contains(&runs) || *seeds.get_or_insert(runs) != runs || *std <= 0.0 || !mean.is_finite() {
                return None;
            }
            // The true number lies between std − half and std + half; the lower end is further away in ln(std).
            let off = if std > half { (std / (std - half)).ln() } else { f64::INFINITY };
            hidden += off * off;
        }
        free += measured.len() - 2;
        points.push(measured.iter().map(|(_, mean, std, _)| (*mean, *std)).collect());
        cells.extend(measured.iter().map(|(cell, ..)| *cell));
    }
    let seeds = seeds?;
    (free >= FEWEST_FREE).then(|| Rows { table, cells, points, seeds, rounding: (hidden / free as f64).sqrt() })
}

fn judge(rows: &Rows<'_>, looked: usize, alpha: f64) -> Option<Finding> {
    let printed = line_residual(&rows.points)?;
    let residual = printed + rows.rounding;
    let scatter = honest_scatter(rows.seeds);
    if residual >= scatter || within_rows(&rows.points) < FOLLOWS * printed {
        return None;
    }
    let means: Vec<Vec<f64>> = rows.points.iter().map(|row| row.iter().map(|(mean, _)| *mean).collect()).collect();
    let p = (p_of_residual(residual, &means, rows.seeds, CORRELATION)? * looked as f64).min(1.0);
    if p > alpha {
        return None;
    }
    let cells: Vec<usize> = rows.points.iter().map(Vec::len).collect();
    let independent = log10_bound(residual, &cells, rows.seeds).map_or(1.0, |log| 10.0_f64.powf(log));
    let correlation = (1.0 - (printed / scatter).powi(2)).sqrt();
    Some(Finding {
        check: CHECK.name,
        paper: rows.table.paper.clone(),
        place: rows.table.name(),
        cells: rows.cells.iter().map(|cell| words::place(rows.table, cell)).collect(),
        strength: Strength::Chance(p),
        assumes: format!("runs are about normal, and those of two columns correlate by at most {CORRELATION}"),
        sentence: format!(
            "ln(std) of {} cells in {} rows lies within {printed:.3} (root mean square) of a line in the mean for each row; standard deviations of {} runs scatter by \
             {scatter:.2} about any such line. Probability at most {} with columns that correlate by {CORRELATION}, {} with independent ones; a correlation of about \
             {correlation:.2} would explain it.",
            rows.cells.len(),
            rows.points.len(),
            rows.seeds,
            words::probability(p),
            words::probability(independent.max(f64::MIN_POSITIVE))
        ),
    })
}

/// How far ln(std) scatters about each row's own level.
fn within_rows(rows: &[Vec<(f64, f64)>]) -> f64 {
    let level = |row: &[(f64, f64)]| row.iter().map(|(_, std)| std.ln()).sum::<f64>() / row.len() as f64;
    let squares: f64 = rows.iter().map(|row| row.iter().map(|(_, std)| (std.ln() - level(row)).powi(2)).sum::<f64>()).sum();
    let free: usize = rows.iter().map(|row| row.len() - 1).sum();
    (squares / free as f64).sqrt()
}

/// The standard deviation of ln s for so many normal runs: √ψ′(ν/2)/2.
fn honest_scatter(seeds: u32) -> f64 {
    // ψ′(x) = ψ′(x + 1) + 1/x², from ψ′(½) = π²/2 and ψ′(1) = π²/6.
    let df = seeds.saturating_sub(1).max(1);
    let square = std::f64::consts::PI.powi(2);
    let (start, first) = if df.is_multiple_of(2) { (square / 6.0, 2) } else { (square / 2.0, 1) };
    let lost: f64 = (first..df).step_by(2).map(|twice| (2.0 / f64::from(twice)).powi(2)).sum();
    (start - lost).max(0.0).sqrt() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scatter_as_in_scipy() {
        // √(special.polygamma(1, ν/2))/2 for 2, 3, 4, 5 and 10 runs.
        for (seeds, expected) in
            [(2, 1.1107207345395915), (3, 0.641274915080932), (4, 0.4834258476086791), (5, 0.4015389354870293), (10, 0.249361736759577)]
        {
            assert!((honest_scatter(seeds) - expected).abs() < 1e-9, "{seeds}: {}", honest_scatter(seeds));
        }
    }
}
