//! Records of a dataset as a grid: method × seed × condition.

use std::collections::BTreeMap;

use super::{
    DatasetInfo, SummaryError,
    order::{group_rank, is_control, natural},
};
use crate::Record;

/// All records of one dataset that a summary reads.
pub(super) struct Grid<'a> {
    pub info: &'a DatasetInfo,
    /// In table order.
    pub conditions: Vec<Condition<'a>>,
    pub rows: Vec<GridRow<'a>>,
    /// Splits that chose checkpoints, sorted.
    pub selected_on: Vec<&'a str>,
}

pub(super) struct Condition<'a> {
    pub name: &'a str,
    pub group: &'a str,
}

pub(super) struct GridRow<'a> {
    pub label: String,
    pub method: &'a str,
    /// By seed; slots in the order of [`Grid::conditions`].
    pub seeds: BTreeMap<u64, Vec<Slot<'a>>>,
}

/// What one trial has for one condition.
#[derive(Clone, Copy, Default)]
pub(super) struct Slot<'a> {
    pub primary: Option<&'a Record>,
    pub secondary: Option<&'a Record>,
}

impl GridRow<'_> {
    pub fn is_named(&self, name: &str) -> bool {
        self.label == name || self.method == name
    }
}

impl Grid<'_> {
    /// Every seed that any row has, ascending.
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds: Vec<u64> = self.rows.iter().flat_map(|row| row.seeds.keys().copied()).collect();
        seeds.sort_unstable();
        seeds.dedup();
        seeds
    }

    /// Positions of the conditions of a group.
    pub fn group(&self, group: &str) -> Vec<usize> {
        (0..self.conditions.len()).filter(|&at| self.conditions[at].group == group).collect()
    }

    /// The reference first, then methods, then controls, each by name.
    pub fn sort_rows(&mut self, reference: Option<&str>) {
        self.rows.sort_by(|left, right| {
            let rank = |row: &GridRow| is_control(row.method);
            rank(left).cmp(&rank(right)).then_with(|| natural(&left.label, &right.label))
        });
        let named = |name: &str| self.rows.iter().position(|row| row.is_named(name));
        if let Some(at) = reference.and_then(named).or_else(|| named("concat")) {
            self.rows[..=at].rotate_right(1);
        }
    }
}

/// Sorts the records into a grid a dataset, in the order of `datasets`.
pub(super) fn build<'a>(records: &'a [Record], datasets: &'a [DatasetInfo]) -> Result<Vec<Grid<'a>>, SummaryError> {
    let mut by_dataset: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_dataset.entry(&record.dataset).or_default().push(record);
    }
    let mut grids = Vec::new();
    for info in datasets {
        if let Some(records) = by_dataset.remove(info.name.as_str()) {
            grids.push(grid(info, &records)?);
        }
    }
    match by_dataset.keys().next() {
        Some(&unknown) => {
            let known = datasets.iter().map(|info| info.name.clone()).collect();
            Err(SummaryError::UnknownDataset { dataset: unknown.into(), known })
        }
        None => Ok(grids),
    }
}

fn grid<'a>(info: &'a DatasetInfo, records: &[&'a Record]) -> Result<Grid<'a>, SummaryError> {
    let (primary, secondary) = (info.task.primary().name(), info.task.secondary().name());
    let mut groups: BTreeMap<&str, &str> = BTreeMap::new();
    for record in records {
        groups.entry(&record.condition).or_insert(&record.group);
    }
    let mut conditions: Vec<Condition> = groups.iter().map(|(&name, &group)| Condition { name, group }).collect();
    conditions.sort_by(|left, right| group_rank(left.group).cmp(&group_rank(right.group)).then_with(|| natural(left.name, right.name)));
    let places: BTreeMap<&str, usize> = conditions.iter().enumerate().map(|(at, condition)| (condition.name, at)).collect();

    let mut trials: BTreeMap<(&str, &str), BTreeMap<u64, Vec<Slot>>> = BTreeMap::new();
    let mut selected_on: Vec<&str> = Vec::new();
    for &record in records {
        // A pair that was refused has no trial, hence no checkpoint.
        if !record.trial.is_empty() && !selected_on.contains(&record.selected_on.as_str()) {
            selected_on.push(&record.selected_on);
        }
        let seeds = trials.entry((&record.method, &record.preset)).or_default();
        let slots = seeds.entry(record.seed).or_insert_with(|| vec![Slot::default(); conditions.len()]);
        let Some(slot) = places.get(record.condition.as_str()).and_then(|&at| slots.get_mut(at)) else { continue };
        let place = match record.metric.as_str() {
            metric if metric == primary => &mut slot.primary,
            metric if metric == secondary => &mut slot.secondary,
            _ => continue,
        };
        match place.replace(record) {
            Some(earlier) if earlier != record => return Err(duplicate(earlier.min(record), earlier.max(record))),
            _ => {}
        }
    }
    selected_on.sort_unstable();

    let presets = |method: &str| trials.keys().filter(|(own, _)| *own == method).count();
    let label = |method: &str, preset: &str| if presets(method) > 1 { format!("{method} [{preset}]") } else { method.into() };
    let labels: Vec<String> = trials.keys().map(|(method, preset)| label(method, preset)).collect();
    let rows = trials.into_iter().zip(labels).map(|(((method, _), seeds), label)| GridRow { label, method, seeds }).collect();
    Ok(Grid { info, conditions, rows, selected_on })
}

fn duplicate(first: &Record, second: &Record) -> SummaryError {
    let Record { dataset, method, preset, seed, condition, metric, .. } = first;
    SummaryError::Duplicate {
        cell: format!("{metric} on {dataset} by {method} ({preset} preset), seed {seed}, under `{condition}`"),
        first: first.trial.clone(),
        second: second.trial.clone(),
    }
}
