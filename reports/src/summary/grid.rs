//! What was measured on a dataset as a grid: method × seed × condition, a few numbers a cell, so that thousands of trials fit.

use std::collections::BTreeMap;

use super::{
    DatasetInfo, SummaryError, TrialEvidence,
    order::{group_rank, is_control, natural},
};
use crate::{Record, budget::Budget, metrics::Metric};

/// All that a summary knows of one dataset.
pub(super) struct Grid {
    pub info: DatasetInfo,
    /// In table order once [`Grid::settle`] has run.
    pub conditions: Vec<Condition>,
    /// In table order.
    pub rows: Vec<GridRow>,
    /// Splits that chose checkpoints, sorted.
    pub selected_on: Vec<String>,
    /// Why cells have no value.
    reasons: Vec<String>,
    places: BTreeMap<String, usize>,
}

pub(super) struct Condition {
    pub name: String,
    pub group: String,
}

pub(super) struct GridRow {
    pub label: String,
    pub method: String,
    pub preset: String,
    /// What was spent on choosing the hyper-parameters; `None` for a method that is not trained, and until a trained trial is known.
    pub budget: Option<Budget>,
    pub seeds: BTreeMap<u64, SeedCells>,
}

/// One trial.
#[derive(Default)]
pub(super) struct SeedCells {
    /// In the order of [`Grid::conditions`]; conditions met later are absent.
    slots: Vec<[Reading; 3]>,
    /// Robustness numbers by name and scope.
    pub measures: BTreeMap<(&'static str, String), f64>,
    /// Validation value of the chosen checkpoint.
    pub validation: Option<f64>,
    /// Of the scores on clean data: equal only where every score is.
    pub fingerprint: Option<u64>,
    /// Key of the trial; empty for a refused pair.
    trial: String,
}

/// A number of a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Reading {
    /// Not evaluated.
    #[default]
    Absent,
    Value(f64),
    /// Position in the reasons.
    Unavailable(usize),
}

/// Which number of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    Primary,
    Secondary,
    Calibration,
}

/// What rows (method, preset) are called: the method, with its preset in brackets where a method stands here with several.
pub(super) fn labels(rows: &[(String, String)]) -> Vec<String> {
    let presets = |method: &str| rows.iter().filter(|(own, _)| own == method).count();
    rows.iter().map(|(method, preset)| if presets(method) > 1 { format!("{method} [{preset}]") } else { method.clone() }).collect()
}

impl GridRow {
    pub fn is_named(&self, name: &str) -> bool {
        self.label == name || self.method == name
    }
}

impl Grid {
    /// A grid with these rows (method, preset), in table order: the reference first, then methods, then controls, each by name.
    pub fn new(info: DatasetInfo, rows: &[(String, String)], reference: Option<&str>) -> Self {
        let row = |((method, preset), label): (&(String, String), String)| GridRow {
            label,
            method: method.clone(),
            preset: preset.clone(),
            budget: None,
            seeds: BTreeMap::new(),
        };
        let mut rows: Vec<GridRow> = rows.iter().zip(labels(rows)).map(row).collect();
        rows.sort_by(|left, right| is_control(&left.method).cmp(&is_control(&right.method)).then_with(|| natural(&left.label, &right.label)));
        let named = |name: &str| rows.iter().position(|row| row.is_named(name));
        if let Some(at) = reference.and_then(named).or_else(|| named("concat")) {
            rows[..=at].rotate_right(1);
        }
        Self { info, conditions: Vec::new(), rows, selected_on: Vec::new(), reasons: Vec::new(), places: BTreeMap::new() }
    }

    /// Takes a trial's records into a row.
    ///
    /// # Errors
    /// Another trial has a different record for the same cell.
    pub fn add(&mut self, row: usize, records: &[Record]) -> Result<(), SummaryError> {
        let task = self.info.task;
        for record in records {
            let place = match record.metric.as_str() {
                metric if metric == task.primary().name() => Reads::Primary,
                metric if metric == task.secondary().name() => Reads::Secondary,
                metric if metric == Metric::ExpectedCalibrationError.name() => Reads::Calibration,
                _ => continue,
            };
            // A pair that was refused has no trial, hence no checkpoint.
            if !record.trial.is_empty()
                && let Err(at) = self.selected_on.binary_search(&record.selected_on)
            {
                self.selected_on.insert(at, record.selected_on.clone());
            }
            let reading = self.reading(record);
            let at = self.place(record);
            let Some(row) = self.rows.get_mut(row) else { continue };
            if row.budget.is_none() && !record.trial.is_empty() {
                row.budget = Budget::of_trial(&row.preset, &record.selected_on);
            }
            let cells = row.seeds.entry(record.seed).or_insert_with(|| SeedCells { trial: record.trial.clone(), ..SeedCells::default() });
            if cells.slots.len() <= at {
                cells.slots.resize(at + 1, [Reading::Absent; 3]);
            }
            let slot = &mut cells.slots[at][place as usize];
            if *slot != Reading::Absent && (*slot != reading || cells.trial != record.trial) {
                return Err(duplicate(record, &cells.trial));
            }
            *slot = reading;
        }
        Ok(())
    }

    /// Takes a trial's other numbers; the seed must have records.
    pub fn describe(&mut self, row: usize, trial: &TrialEvidence) {
        if let Some(cells) = self.rows.get_mut(row).and_then(|row| row.seeds.get_mut(&trial.seed)) {
            cells.measures = trial.measures.iter().map(|measure| ((measure.name, measure.scope.clone()), measure.value)).collect();
            (cells.validation, cells.fingerprint) = (trial.validation, trial.fingerprint);
        }
    }

    /// Sorts the conditions, and drops rows without a record.
    pub fn settle(&mut self) {
        let mut order: Vec<usize> = (0..self.conditions.len()).collect();
        order.sort_by(|&left, &right| {
            let (left, right) = (&self.conditions[left], &self.conditions[right]);
            group_rank(&left.group).cmp(&group_rank(&right.group)).then_with(|| natural(&left.name, &right.name))
        });
        for cells in self.rows.iter_mut().flat_map(|row| row.seeds.values_mut()) {
            cells.slots = order.iter().map(|&at| cells.slots.get(at).copied().unwrap_or_default()).collect();
        }
        let mut conditions: Vec<Option<Condition>> = std::mem::take(&mut self.conditions).into_iter().map(Some).collect();
        self.conditions = order.iter().filter_map(|&at| conditions[at].take()).collect();
        self.places = self.conditions.iter().enumerate().map(|(at, condition)| (condition.name.clone(), at)).collect();
        self.rows.retain(|row| !row.seeds.is_empty());
    }

    /// A value, or why there is none.
    pub fn value(&self, cells: &SeedCells, condition: usize, reads: Reads) -> Result<f64, &str> {
        match cells.slots.get(condition).map(|slot| slot[reads as usize]) {
            Some(Reading::Value(value)) => Ok(value),
            Some(Reading::Unavailable(reason)) => Err(self.reasons.get(reason).map_or("undefined", String::as_str)),
            Some(Reading::Absent) | None => Err("not evaluated"),
        }
    }

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

    fn reading(&mut self, record: &Record) -> Reading {
        if let Some(value) = record.value.filter(|value| value.is_finite()) {
            return Reading::Value(value);
        }
        let reason = if record.note.is_empty() { "undefined" } else { record.note.as_str() };
        let at = self.reasons.iter().position(|known| known == reason).unwrap_or_else(|| {
            self.reasons.push(reason.into());
            self.reasons.len() - 1
        });
        Reading::Unavailable(at)
    }

    fn place(&mut self, record: &Record) -> usize {
        if let Some(&at) = self.places.get(&record.condition) {
            return at;
        }
        // The dataset's description goes before: what is beside the suite must not enter the means that are tested.
        let described = self.info.conditions.iter().find(|known| known.name == record.condition);
        let group = described.map_or_else(|| record.group.clone(), |known| known.group.clone());
        self.conditions.push(Condition { name: record.condition.clone(), group });
        self.places.insert(record.condition.clone(), self.conditions.len() - 1);
        self.conditions.len() - 1
    }
}

fn duplicate(record: &Record, trial: &str) -> SummaryError {
    let Record { dataset, method, preset, seed, condition, metric, .. } = record;
    let (first, second) = if trial <= record.trial.as_str() { (trial, record.trial.as_str()) } else { (record.trial.as_str(), trial) };
    SummaryError::Duplicate {
        cell: format!("{metric} on {dataset} by {method} ({preset} preset), seed {seed}, under `{condition}`"),
        first: first.into(),
        second: second.into(),
    }
}
