//! Robustness numbers of every method, and what fusing gains over the best single modality.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Cell, Estimate, Quantity,
    grid::Grid,
    order::{is_control, natural},
    quantity::cell_of,
};
use crate::budget;

/// One robustness number over all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureRow {
    /// One of [`crate::robustness::NAMES`].
    pub name: &'static str,
    /// What it is taken over.
    pub scope: String,
    /// In the order of the rows.
    pub cells: Vec<Cell>,
}

/// The unimodal control that fusion must beat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestUnimodal {
    /// Its row.
    pub row: usize,
    /// Its label.
    pub label: String,
}

/// Every measure that some row has, by the order of [`crate::robustness::NAMES`], then by scope; the gain over the best unimodal control among them.
pub(super) fn measures(grid: &Grid) -> (Vec<MeasureRow>, Option<BestUnimodal>) {
    let names = crate::robustness::NAMES.map(|(name, _)| name);
    let rank = |name: &str| names.iter().position(|known| *known == name);
    let every = grid.rows.iter().flat_map(|row| row.seeds.values()).flat_map(|cells| cells.measures.keys());
    // A trial's own worst pattern differs from seed to seed: the table has the row's.
    let keys: BTreeSet<&(&'static str, String)> = every.filter(|(name, _)| *name != "missing_worst").collect();
    let mut keys: Vec<&(&'static str, String)> = keys.into_iter().collect();
    keys.sort_by(|left, right| rank(left.0).cmp(&rank(right.0)).then_with(|| natural(&left.1, &right.1)));
    let mut rows: Vec<MeasureRow> = keys.into_iter().map(|key| measure_row(grid, key)).collect();
    let best = best_unimodal(grid);
    rows.extend(best.as_ref().map(|best| gain(grid, best)));
    (rows, best)
}

fn measure_row(grid: &Grid, key: &(&'static str, String)) -> MeasureRow {
    let cell = |row: &super::grid::GridRow| {
        let per_seed: Vec<(u64, f64)> = row.seeds.iter().filter_map(|(&seed, cells)| Some((seed, *cells.measures.get(key)?))).collect();
        if per_seed.is_empty() { Cell::Unavailable("not all conditions".into()) } else { Cell::Value(Estimate::new(per_seed)) }
    };
    MeasureRow { name: key.0, scope: key.1.clone(), cells: grid.rows.iter().map(cell).collect() }
}

/// The control of best mean validation value: choosing by the test set would make the gain too small by construction. Of controls with different tuning budgets
/// those of the reference's are looked at, because the others cannot be ranked against them.
fn best_unimodal(grid: &Grid) -> Option<BestUnimodal> {
    let sign = if grid.info.task.primary().higher_is_better() { 1.0 } else { -1.0 };
    let controls = || grid.rows.iter().enumerate().filter(|(_, row)| row.method.starts_with("unimodal") && row.budget.is_some());
    let same = controls().zip(controls().skip(1)).all(|((_, row), (_, next))| row.budget == next.budget);
    let wanted = grid.rows.first().and_then(|reference| reference.budget.as_ref());
    let mut best: Option<(usize, f64)> = None;
    for (at, row) in controls().filter(|(_, row)| same || row.budget.as_ref() == wanted) {
        let validations: Vec<f64> = row.seeds.values().filter_map(|cells| cells.validation).collect();
        if validations.is_empty() || validations.len() != row.seeds.len() {
            continue;
        }
        let score = sign * crate::statistics::mean(&validations);
        if best.is_none_or(|(_, most)| score > most) {
            best = Some((at, score));
        }
    }
    best.map(|(row, _)| BestUnimodal { row, label: grid.rows[row].label.clone() })
}

fn gain(grid: &Grid, best: &BestUnimodal) -> MeasureRow {
    let sign = if grid.info.task.primary().higher_is_better() { 1.0 } else { -1.0 };
    let clean = |row: usize| -> BTreeMap<u64, f64> {
        cell_of(grid, row, Quantity::Clean).estimate().map(|estimate| estimate.per_seed.iter().copied().collect()).unwrap_or_default()
    };
    let control = clean(best.row);
    let cell = |row: usize| {
        if is_control(&grid.rows[row].method) {
            return Cell::Absent;
        }
        if let Some(reason) = budget::refusal(grid.rows[row].budget.as_ref(), grid.rows[best.row].budget.as_ref()) {
            return Cell::Unavailable(reason);
        }
        let per_seed: Vec<(u64, f64)> = clean(row).into_iter().filter_map(|(seed, own)| Some((seed, sign * (own - control.get(&seed)?)))).collect();
        if per_seed.is_empty() { Cell::Unavailable("no common seed".into()) } else { Cell::Value(Estimate::new(per_seed)) }
    };
    MeasureRow { name: "multimodal_gain", scope: best.label.clone(), cells: (0..grid.rows.len()).map(cell).collect() }
}
