/*!
Rows or columns with different names and the same numbers.

**What it does.** Compares every two rows, and every two columns, of a table. A stretch of four or more neighbouring cells that are equal, or that
differ by one constant, is reported where chance does not explain it. Rows of different tables are compared over the quantities that both print; if
all of four or more are equal under different names, that is said as something to look at: a baseline's row copied under its own name is normal, and
so is the paper's own method under another.

**Why.** Two experiments do not print the same digits again and again: one is a copy of the other, or both are one experiment under two names.

**Example.** CP+SL Table 2 prints 79.24, 79.32, 1.1268 and 72.92 both as A5 and as C4.

**The chance** that two numbers drawn from a column of standard deviation s print alike is u / (2 s sqrt(pi)) with u one unit of the last digit; s
is what a column keeps after the column before it that it correlates with most. It is multiplied over the cells and by the number of stretches
looked at. With fewer than four rows nothing is said.

**Silent** for rows that are worked out from others. Where the names say that both are one configuration, that is said, and the finding is only
something to look at.
*/

mod across;

use std::collections::BTreeSet;

use super::{
    Check, Finding, Settings, Strength,
    coincidence::{correlation, spread},
    grid::{Grid, Number, plain},
    names::words,
};
use crate::Ledger;

/// The check.
pub(super) const CHECK: Check = Check { name: "duplicate", summary: "rows and columns with different names and the same numbers", find };

/// Shorter stretches agree too easily.
const SHORTEST: usize = 4;

/// 1 / (2 sqrt(pi)): the chance that two normal numbers fall into one unit, with the standard deviation as the unit.
const ALIKE: f64 = 0.282_094_791_773_878_14;

/// A stretch of two lines that agree.
struct Stretch<'g, 'a> {
    grid: &'g Grid<'a>,
    lines: (usize, usize),
    cells: Vec<(Number<'a>, Number<'a>)>,
    chance: f64,
}

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let grids: Vec<[Grid; 2]> = ledger.tables.iter().map(Grid::both).collect();
    let (mut looks, mut found) = (0.0, Vec::new());
    for grid in grids.iter().flatten() {
        let lines: Vec<usize> = (0..grid.lines.len()).filter(|line| !grid.is_derived(*line)).collect();
        let places: Vec<usize> = (0..grid.places.len()).filter(|place| !grid.place_is_derived(*place)).collect();
        if lines.len() < 4 || places.len() < SHORTEST {
            continue;
        }
        let mut deviations: Option<Vec<f64>> = None;
        for (i, first) in lines.iter().enumerate() {
            for second in &lines[i + 1..] {
                looks += (places.len() + 1 - SHORTEST) as f64;
                for cells in stretches(grid, *first, *second, &places) {
                    let deviations = deviations.get_or_insert_with(|| kept(grid, &lines, &places));
                    let chance = chance(&cells, deviations);
                    let cells = cells.into_iter().map(|(_, a, b)| (a, b)).collect();
                    found.push(Stretch { grid, lines: (*first, *second), cells, chance });
                }
            }
        }
    }
    let finding = |stretch: Stretch| {
        let chance = stretch.chance * looks;
        (chance < settings.alpha).then(|| report(&stretch, chance))
    };
    found.into_iter().filter_map(finding).chain(across::find(ledger, settings)).collect()
}

type Pair<'a> = (usize, Number<'a>, Number<'a>);

/// All longest stretches of two lines over which their difference is constant.
fn stretches<'a>(grid: &Grid<'a>, first: usize, second: usize, places: &[usize]) -> Vec<Vec<Pair<'a>>> {
    let (mut all, mut run): (Vec<Vec<Pair>>, Vec<Pair>) = (Vec::new(), Vec::new());
    for place in places {
        let pair = grid.at(first, *place).zip(grid.at(second, *place)).map(|(a, b)| (*place, a, b));
        let goes_on = match (&pair, run.last()) {
            (Some((_, a, b)), Some((_, c, d))) => {
                // Binary numbers sort out most pairs; exact ones decide.
                let scale = a.near.abs().max(b.near.abs()).max(c.near.abs()).max(1e-300);
                ((a.near - b.near) - (c.near - d.near)).abs() <= 1e-9 * scale
                    && a.cell.unit == b.cell.unit
                    && (c.cell.unit == a.cell.unit || a.printed.value == b.printed.value)
                    && &a.printed.value - &b.printed.value == &c.printed.value - &d.printed.value
            }
            _ => false,
        };
        if !goes_on {
            if run.len() >= SHORTEST {
                all.push(std::mem::take(&mut run));
            }
            run.clear();
        }
        run.extend(pair);
    }
    if run.len() >= SHORTEST {
        all.push(run);
    }
    all
}

/// What each place's standard deviation over the lines keeps after the earlier place with which it correlates most.
fn kept(grid: &Grid, lines: &[usize], places: &[usize]) -> Vec<f64> {
    let mut kept = vec![0.0; grid.places.len()];
    for (i, place) in places.iter().enumerate() {
        let values: Vec<f64> = lines.iter().filter_map(|line| grid.at(*line, *place)).map(|number| number.near).collect();
        let shared = |earlier: &usize| {
            let pairs: Vec<(f64, f64)> =
                lines.iter().filter_map(|line| Some((grid.at(*line, *earlier)?.near, grid.at(*line, *place)?.near))).collect();
            correlation(&pairs).powi(2)
        };
        let explained = places[..i].iter().map(shared).fold(0.0, f64::max);
        kept[*place] = spread(&values) * (1.0 - explained).max(0.0).sqrt();
    }
    kept
}

fn chance(cells: &[Pair], deviations: &[f64]) -> f64 {
    // An offset may be anything: then the first cell says nothing.
    let skip = usize::from(cells.first().is_some_and(|(_, a, b)| a.printed.value != b.printed.value));
    let one = |(place, a, b): &Pair| {
        let chance = ALIKE * 2.0 * a.half.max(b.half) / deviations.get(*place).copied().unwrap_or_default();
        if chance.is_finite() { chance.min(1.0) } else { 1.0 }
    };
    cells.iter().skip(skip).map(one).product()
}

/// The parts that a variant's name lists, such as AME and GM of "+AME+GM".
fn parts(number: &Number) -> BTreeSet<String> {
    words(&number.cell.variant).into_iter().filter(|word| word != "only").collect()
}

fn report(stretch: &Stretch, chance: f64) -> Finding {
    let Stretch { grid, lines, cells, .. } = stretch;
    let name = |line: usize, number: Option<&Number>| {
        let variant =
            number.filter(|number| grid.rows_are_lines && !number.cell.variant.is_empty()).map(|number| format!(" ({})", number.cell.variant));
        format!("\"{}\"{}", grid.lines[line], variant.unwrap_or_default())
    };
    let first = cells.first();
    let names = (name(lines.0, first.map(|pair| &pair.0)), name(lines.1, first.map(|pair| &pair.1)));
    let same = grid.rows_are_lines && first.is_some_and(|(a, b)| !parts(a).is_empty() && parts(a) == parts(b));
    let offset = first.map(|(a, b)| &a.printed.value - &b.printed.value).unwrap_or_default();
    let texts: Vec<String> = cells.iter().map(|pair| pair.0.printed.text.clone()).collect();
    let how = if num_traits::Zero::is_zero(&offset) {
        format!("print the same {} numbers ({})", cells.len(), super::grid::listed(&texts, 6))
    } else {
        let decimals = first.map_or(0, |pair| pair.0.printed.decimals());
        format!("differ by exactly {} in {} neighbouring numbers", plain(&offset, decimals), cells.len())
    };
    let what = if same {
        "their names list the same parts, so they may be one configuration printed twice"
    } else {
        "one may be a copy of the other, or both one configuration under two names"
    };
    Finding {
        check: CHECK.name,
        paper: grid.table.paper.clone(),
        place: format!("{}, {}s \"{}\" and \"{}\"", grid.table.name(), grid.line_is(), grid.lines[lines.0], grid.lines[lines.1]),
        cells: grid.cells(cells.iter().flat_map(|(a, b)| [*a, *b])),
        strength: if same { Strength::Open } else { Strength::Chance(chance) },
        assumes: "unrelated numbers spread as their columns do".into(),
        sentence: format!("{}s {} and {} {how}; {what}", grid.line_is(), names.0, names.1),
    }
}
