//! The columns of the main table, and their values.

use serde::{Deserialize, Serialize};

use super::{
    ConditionRow, MethodRow, Task,
    grid::{Grid, GridRow, Reads},
};
use crate::{
    metrics::Metric,
    statistics::{mean, sample_standard_deviation},
};

/// A column of the main table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// The primary metric on clean data.
    Clean,
    /// The secondary metric on clean data (macro-F1, Pearson).
    Secondary,
    /// Mean over all noise conditions, whatever the modality and its unit.
    Noise,
    /// Mean over all conditions that mask words or steps.
    Words,
    /// Mean over all 2^M − 1 patterns of available modalities, the full one included.
    MissingMacro,
    /// The pattern with the worst mean over seeds.
    MissingWorst,
    /// Mean over all attacks.
    Attack,
}

impl Quantity {
    /// In table order.
    pub const ALL: [Self; 7] = [Self::Clean, Self::Secondary, Self::Noise, Self::Words, Self::MissingMacro, Self::MissingWorst, Self::Attack];

    /// The quantities of the primary family, in table order.
    pub fn primary() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|quantity| quantity.is_primary())
    }

    /// Whether it is tested in the primary family.
    pub fn is_primary(self) -> bool {
        !matches!(self, Self::Secondary | Self::MissingWorst)
    }

    /// The metric that it is a value of.
    pub fn metric(self, task: Task) -> Metric {
        if self == Self::Secondary { task.secondary() } else { task.primary() }
    }

    /// The group of the conditions that it is taken over; for the missing patterns the full one, which is clean, is added.
    pub fn group(self) -> &'static str {
        match self {
            Self::Clean | Self::Secondary => "clean",
            Self::Noise => "noise",
            Self::Words => "words",
            Self::MissingMacro | Self::MissingWorst => "missing",
            Self::Attack => "attack",
        }
    }

    /// Head of the column.
    pub fn title(self, task: Task) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Secondary => task.secondary().title(),
            Self::Noise => "noise mean",
            Self::Words => "words mean",
            Self::MissingMacro => "missing macro",
            Self::MissingWorst => "missing worst",
            Self::Attack => "attack mean",
        }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A value.
    Value(Estimate),
    /// The conditions are there, but this method has no value, for this reason.
    Unavailable(String),
    /// The dataset or suite has no such conditions.
    Absent,
}

impl Cell {
    /// The estimate, if there is one.
    pub fn estimate(&self) -> Option<&Estimate> {
        match self {
            Self::Value(estimate) => Some(estimate),
            _ => None,
        }
    }
}

/// One value a seed, and their mean and spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// (seed, value), ascending by seed; never empty.
    pub per_seed: Vec<(u64, f64)>,
    /// Mean over seeds.
    pub mean: f64,
    /// Sample standard deviation over seeds (ddof 1); `None` with one seed.
    pub sd: Option<f64>,
}

impl Estimate {
    pub(super) fn new(per_seed: Vec<(u64, f64)>) -> Self {
        let values: Vec<f64> = per_seed.iter().map(|&(_, value)| value).collect();
        Self { mean: mean(&values), sd: sample_standard_deviation(&values), per_seed }
    }
}

/// The main table's row of a method.
pub(super) fn method_row(grid: &Grid, at: usize) -> MethodRow {
    let row = &grid.rows[at];
    let worst = worst_pattern(grid, row);
    let cells = Quantity::ALL.into_iter().map(|quantity| match (quantity, &worst) {
        (Quantity::MissingWorst, Some(pattern)) => cell(grid, row, &[*pattern], Reads::Primary),
        (Quantity::MissingWorst, None) if patterns(grid).is_some() => cell(grid, row, &conditions(grid, Quantity::MissingMacro), Reads::Primary),
        _ => cell_of(grid, at, quantity),
    });
    MethodRow {
        label: row.label.clone(),
        method: row.method.clone(),
        preset: row.preset.clone(),
        budget: row.budget.clone(),
        seeds: row.seeds.keys().copied().collect(),
        is_reference: at == 0,
        cells: cells.collect(),
        worst_pattern: worst.map(|at| grid.conditions[at].name.clone()).filter(|_| !ignores_patterns(grid, row)),
        calibration: cell(grid, row, &grid.group("clean"), Reads::Calibration),
    }
}

/// The table of all conditions.
pub(super) fn condition_rows(grid: &Grid) -> Vec<ConditionRow> {
    let all = |at: usize, reads| grid.rows.iter().map(|row| cell(grid, row, &[at], reads)).collect();
    let row = |at: usize| ConditionRow {
        condition: grid.conditions[at].name.clone(),
        group: grid.conditions[at].group.clone(),
        cells: all(at, Reads::Primary),
        calibration: all(at, Reads::Calibration),
    };
    (0..grid.conditions.len()).map(row).collect()
}

/// The quantity of a row, except for the worst pattern, which the row has to be known for.
pub(super) fn cell_of(grid: &Grid, row: usize, quantity: Quantity) -> Cell {
    let reads = if quantity == Quantity::Secondary { Reads::Secondary } else { Reads::Primary };
    grid.rows.get(row).map_or(Cell::Absent, |row| cell(grid, row, &conditions(grid, quantity), reads))
}

/// Positions of the conditions that a quantity is the mean over; empty where the dataset or suite has none.
pub(super) fn conditions(grid: &Grid, quantity: Quantity) -> Vec<usize> {
    match quantity {
        Quantity::MissingMacro | Quantity::MissingWorst => patterns(grid).unwrap_or_default(),
        other => grid.group(other.group()),
    }
}

/// All 2^M − 1 patterns, the full one (clean) first; `None` where some are missing, because a mean over the rest is another quantity.
pub(super) fn patterns(grid: &Grid) -> Option<Vec<usize>> {
    all_patterns(grid.group("clean"), grid.group("missing"), grid.info.modalities.len())
}

/// The positions of `clean` and of the `partial` patterns, if they are all 2^M − 1 of so many modalities.
pub(crate) fn all_patterns(clean: Vec<usize>, partial: Vec<usize>, modalities: usize) -> Option<Vec<usize>> {
    let all = 1usize.checked_shl(u32::try_from(modalities).ok()?)?.checked_sub(1)?;
    (!partial.is_empty() && clean.len() + partial.len() == all).then(|| [clean, partial].concat())
}

fn worst_pattern(grid: &Grid, row: &GridRow) -> Option<usize> {
    let sign = if grid.info.task.primary().higher_is_better() { 1.0 } else { -1.0 };
    let mut worst: Option<(usize, f64)> = None;
    for at in patterns(grid)? {
        let score = sign * cell(grid, row, &[at], Reads::Primary).estimate()?.mean;
        if worst.is_none_or(|(_, lowest)| score < lowest) {
            worst = Some((at, score));
        }
    }
    worst.map(|(at, _)| at)
}

/// Whether a method scores the same on all patterns, as the prior does: then none is the worst.
fn ignores_patterns(grid: &Grid, row: &GridRow) -> bool {
    let mean = |at| cell(grid, row, &[at], Reads::Primary).estimate().map(|estimate| estimate.mean);
    let means: Vec<Option<f64>> = patterns(grid).unwrap_or_default().into_iter().map(mean).collect();
    means.windows(2).all(|pair| pair[0] == pair[1])
}

/// The mean over `conditions` of each seed. A seed that lacks one of them has no value: its mean would be over other conditions.
pub(super) fn cell(grid: &Grid, row: &GridRow, conditions: &[usize], reads: Reads) -> Cell {
    if conditions.is_empty() {
        return Cell::Absent;
    }
    let mut per_seed = Vec::new();
    let mut reason: Option<&str> = None;
    for (&seed, cells) in &row.seeds {
        let values: Result<Vec<f64>, &str> = conditions.iter().map(|&at| grid.value(cells, at, reads)).collect();
        match values {
            Ok(values) => per_seed.push((seed, mean(&values))),
            Err(why) => reason = reason.or(Some(why)),
        }
    }
    if per_seed.is_empty() { Cell::Unavailable(reason.unwrap_or("not evaluated").into()) } else { Cell::Value(Estimate::new(per_seed)) }
}
