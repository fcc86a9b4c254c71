//! Cells that are computed from others, seed by seed.

use std::collections::BTreeMap;

use super::{Filled, Found, Grid};
use crate::{
    Spec,
    budgets::refusal,
    spec::{Derive, Place},
    table::Trial,
};

/// Passes over the table: a derived cell may read another one.
const PASSES: usize = 3;

/// Where a cell stands: row, column.
type At = (usize, usize);

/// Computes every derived cell whose sources are there.
pub(super) fn fill(spec: &Spec, grid: &mut Grid, trials: &BTreeMap<String, Trial>) {
    let lines = grid.first().and_then(|row| row.first()).map_or(0, Vec::len);
    for _ in 0..PASSES {
        for row in 0..spec.rows.len() {
            for column in 0..spec.columns.len() {
                let Ok(meaning) = spec.meaning(&spec.rows[row], &spec.columns[column]) else { continue };
                let Some(derive) = meaning.derive.filter(|_| meaning.reported_only.is_none()) else { continue };
                for line in 0..lines {
                    if grid[row][column][line].is_none() {
                        grid[row][column][line] = cell(&View { spec, grid, trials, line }, &derive, (row, column));
                    }
                }
            }
        }
    }
}

/// `Err` with the reason where the best of some cells is asked for that are not ranked against each other.
fn cell(view: &View<'_>, derive: &Derive, at: At) -> Option<Result<Filled, String>> {
    match derive {
        Derive::Lead { row } => lead(view, row, at),
        Derive::MaxDrop { rows } => drops(view, rows, at).map(|drops| drops.into_iter().min_by(|a, b| a.mean().total_cmp(&b.mean()))).transpose(),
        Derive::MeanDrop { rows } => drops(view, rows, at).map(|drops| mean_over_datasets(&drops)).transpose(),
        _ => computed(view, derive, at).map(Ok),
    }
}

/// What ranks nothing.
fn computed(view: &View<'_>, derive: &Derive, at: At) -> Option<Filled> {
    match derive {
        // Of a cell and itself nothing is said.
        Derive::Difference { a, b } if view.at(a, at) == view.at(b, at) => None,
        Derive::Difference { a, b } => combine(&[view.place(a, at)?, view.place(b, at)?], |values| values[0] - values[1]),
        Derive::Quotient { a, b, times } => {
            combine(&[view.place(a, at)?, view.place(b, at)?], |values| times * values[0] / values[1]).filter(|filled| filled.is_finite())
        }
        Derive::Sum { of } => combine(&view.places(of, at)?, |values| values.iter().sum()),
        Derive::Mean { of } => combine(&view.places(of, at)?, |values| values.iter().sum::<f64>() / values.len() as f64),
        Derive::Lead { .. } | Derive::MaxDrop { .. } | Derive::MeanDrop { .. } => None,
    }
}

/// The row minus the best of the others.
fn lead(view: &View<'_>, row: &str, at: At) -> Option<Result<Filled, String>> {
    let rows = &view.spec.rows;
    let leader = rows.iter().position(|leaf| leaf.key == row)?;
    let own = view.measured(leader, at.1)?;
    let others = (0..rows.len()).filter(|&row| row != leader).filter_map(|row| view.measured(row, at.1));
    let others: Vec<&Filled> = others.filter(|other| other.on == own.on).collect();
    if let Some(reason) = view.refusal(std::iter::once(own).chain(others.iter().copied())) {
        return Some(Err(reason));
    }
    let best = best(others.into_iter(), own.higher_is_better?)?;
    combine(&[own, best], |values| values[0] - values[1]).map(Ok)
}

/// In these rows, the column minus the row's best.
fn drops(view: &View<'_>, rows: &[String], at: At) -> Result<Vec<Filled>, String> {
    rows.iter().filter_map(|row| view.drop(row, at.1).transpose()).collect()
}

/// A line of the table.
struct View<'a> {
    spec: &'a Spec,
    grid: &'a Grid,
    trials: &'a BTreeMap<String, Trial>,
    line: usize,
}

impl<'a> View<'a> {
    fn filled(&self, row: usize, column: usize) -> Option<&'a Filled> {
        self.grid.get(row)?.get(column)?.get(self.line)?.as_ref()?.as_ref().ok()
    }

    /// Not computed from others.
    fn measured(&self, row: usize, column: usize) -> Option<&'a Filled> {
        self.filled(row, column).filter(|filled| !filled.derived)
    }

    fn at(&self, place: &Place, own: At) -> Option<At> {
        let row = place.row.as_ref().map_or(Some(own.0), |key| self.spec.rows.iter().position(|leaf| leaf.key == *key))?;
        let column = place.column.as_ref().map_or(Some(own.1), |key| self.spec.columns.iter().position(|leaf| leaf.key == *key))?;
        Some((row, column))
    }

    fn place(&self, place: &Place, own: At) -> Option<&'a Filled> {
        self.at(place, own).and_then(|(row, column)| self.filled(row, column))
    }

    fn places(&self, places: &[Place], own: At) -> Option<Vec<&'a Filled>> {
        places.iter().map(|place| self.place(place, own)).collect()
    }

    /// The cell of a row minus the row's best.
    fn drop(&self, row: &str, column: usize) -> Result<Option<Filled>, String> {
        let Some(row) = self.spec.rows.iter().position(|leaf| leaf.key == row) else { return Ok(None) };
        let Some((own, higher_is_better)) = self.measured(row, column).and_then(|own| Some((own, own.higher_is_better?))) else { return Ok(None) };
        let all = (0..self.spec.columns.len()).filter_map(|column| self.measured(row, column));
        let all: Vec<&Filled> = all.filter(|other| other.on == own.on).collect();
        match self.refusal(all.iter().copied()) {
            Some(reason) => Err(reason),
            None => Ok(best(all.into_iter(), higher_is_better).and_then(|peak| combine(&[own, peak], |values| values[0] - values[1]))),
        }
    }

    fn refusal<'b>(&self, cells: impl Iterator<Item = &'b Filled>) -> Option<String> {
        refusal(cells.map(|cell| cell.found.trials.as_slice()), self.trials)
    }
}

impl Filled {
    fn mean(&self) -> f64 {
        super::moments(&self.found, 1.0).0
    }

    fn is_finite(&self) -> bool {
        self.mean().is_finite()
    }
}

fn best<'a>(cells: impl Iterator<Item = &'a Filled>, higher_is_better: bool) -> Option<&'a Filled> {
    let worth = |filled: &Filled| if higher_is_better { filled.mean() } else { -filled.mean() };
    // Of equal ones the first, as in the table.
    cells.reduce(|best, other| if worth(other) > worth(best) { other } else { best })
}

/// Over the seeds that all have; `None` where they are of different datasets, or have no common seed.
fn combine(cells: &[&Filled], of: impl Fn(&[f64]) -> f64) -> Option<Filled> {
    let first = *cells.first()?;
    if cells.iter().any(|cell| cell.on != first.on) {
        return None;
    }
    Some(Filled { derived: true, found: found(cells, of)?, ..first.clone() })
}

/// The mean over rows, each on a dataset of its own.
fn mean_over_datasets(cells: &[Filled]) -> Option<Filled> {
    let first = cells.first()?;
    let cells: Vec<&Filled> = cells.iter().collect();
    let found = found(&cells, |values| values.iter().sum::<f64>() / values.len() as f64)?;
    let mut names: Vec<&str> = Vec::new();
    for cell in &cells {
        if !names.contains(&cell.on.as_str()) {
            names.push(&cell.on);
        }
    }
    Some(Filled { derived: true, found, on: names.join("+"), ..first.clone() })
}

fn found(cells: &[&Filled], of: impl Fn(&[f64]) -> f64) -> Option<Found> {
    let value = |cell: &Filled, seed: u64| {
        let own = cell.found.per_seed.iter().find(|(known, _)| *known == seed).map(|(_, value)| *value);
        own.or(cell.found.constant)
    };
    let mut trials: Vec<String> = Vec::new();
    for key in cells.iter().flat_map(|cell| &cell.found.trials) {
        if !trials.contains(key) {
            trials.push(key.clone());
        }
    }
    let constants: Option<Vec<f64>> = cells.iter().map(|cell| cell.found.constant).collect();
    if let Some(values) = constants {
        return Some(Found { constant: Some(of(&values)), trials, ..Found::default() });
    }
    let seeds = cells.iter().find(|cell| !cell.found.per_seed.is_empty())?.found.per_seed.iter().map(|(seed, _)| *seed);
    let per_seed: Vec<(u64, f64)> =
        seeds.filter_map(|seed| Some((seed, of(&cells.iter().map(|cell| value(cell, seed)).collect::<Option<Vec<f64>>>()?)))).collect();
    (!per_seed.is_empty()).then(|| Found { per_seed, trials, ..Found::default() })
}
