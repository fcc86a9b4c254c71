//! From trials, one method at a time, to the summary of a dataset.

use std::{collections::BTreeMap, thread};

use super::{
    DatasetInfo, DatasetSummary, Quantity, SummaryError, comparison,
    grid::Grid,
    guards, notes, quantity, robust,
    samples::{Resampled, Samples, resample},
    secondary,
};
use crate::{Record, robustness::Measure};

/// What is known of one trial.
#[derive(Debug, Clone, Default)]
pub struct TrialEvidence {
    /// Its seed.
    pub seed: u64,
    /// Under every condition, by every metric.
    pub records: Vec<Record>,
    /// Its robustness numbers.
    pub measures: Vec<Measure>,
    /// Each primary quantity for every test sample, `[n]`, in the same order for every trial.
    pub samples: BTreeMap<Quantity, Vec<f64>>,
    /// Validation value of the chosen checkpoint.
    pub validation: Option<f64>,
    /// Of the scores on clean data: equal only where every score is.
    pub fingerprint: Option<u64>,
}

/// Gathers a dataset's methods one after another, so that only two methods' samples are held at a time: the reference's and one more.
pub struct Collector {
    grid: Grid,
    asked: Option<String>,
    /// Group of each test sample, `[n]`, dense from 0.
    groups: Option<Vec<u32>>,
    reference: Vec<(u64, Samples)>,
    /// The row whose trials are being added, and their samples.
    open: (usize, Vec<(u64, Samples)>),
    resampled: Resampled,
}

impl Collector {
    /// Of the rows (method, preset) of a dataset, against `reference`: a method's label; by default `concat`, else the first method.
    pub fn new(info: DatasetInfo, rows: &[(String, String)], reference: Option<&str>, groups: Option<Vec<u32>>) -> Self {
        let grid = Grid::new(info, rows, reference);
        Self { grid, asked: reference.map(str::to_owned), groups, reference: Vec::new(), open: (0, Vec::new()), resampled: Resampled::new() }
    }

    /// The rows in the order in which they must be added: the reference first.
    pub fn order(&self) -> Vec<(String, String)> {
        self.grid.rows.iter().map(|row| (row.method.clone(), row.preset.clone())).collect()
    }

    /// Adds trials of the row at this place of [`Collector::order`]: all of a row, in one call or several, before those of the next.
    ///
    /// # Errors
    /// Two different records for one cell.
    pub fn add(&mut self, row: usize, trials: &[&TrialEvidence]) -> Result<(), SummaryError> {
        if row != self.open.0 {
            self.close();
            self.open.0 = row;
        }
        for trial in trials {
            self.grid.add(row, &trial.records)?;
            self.grid.describe(row, trial);
            self.open.1.push((trial.seed, trial.samples.clone()));
        }
        Ok(())
    }

    /// Compares the row that was added with the reference, and lets its samples go.
    fn close(&mut self) {
        let (row, samples) = (self.open.0, std::mem::take(&mut self.open.1));
        if row == 0 {
            self.reference = samples;
            return;
        }
        let family = Quantity::primary().count() * (self.grid.rows.len() - 1);
        let found: Vec<(Quantity, Option<_>)> = thread::scope(|scope| {
            let (samples, reference, groups, name) = (&samples, &self.reference, self.groups.as_deref(), self.grid.info.name.as_str());
            let one = |quantity| scope.spawn(move || (quantity, resample(samples, reference, quantity, groups, family, name)));
            let threads: Vec<_> = Quantity::primary().map(one).collect();
            // A panic has ended the program already.
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        for (quantity, found) in found {
            self.resampled.extend(found.map(|found| ((row, quantity), found)));
        }
    }

    /// The summary of what was added.
    pub fn finish(mut self) -> DatasetSummary {
        self.close();
        let Self { mut grid, asked, resampled, .. } = self;
        let before: Vec<(String, String)> = grid.rows.iter().map(|row| (row.method.clone(), row.preset.clone())).collect();
        grid.settle();
        // Rows without a record are gone: what was resampled follows its row.
        let place = |row: usize| {
            grid.rows.iter().position(|kept| before.get(row).is_some_and(|(method, preset)| kept.method == *method && kept.preset == *preset))
        };
        let reference_stands = place(0) == Some(0);
        let resampled =
            resampled.into_iter().filter_map(|((row, quantity), found)| Some(((place(row)?, quantity), found))).filter(|_| reference_stands);
        let resampled: Resampled = resampled.collect();
        let rows: Vec<_> = (0..grid.rows.len()).map(|row| quantity::method_row(&grid, row)).collect();
        let (family, comparisons) = comparison::compare(&grid, &rows, &resampled);
        let exploratory = secondary::explore(&grid, &rows);
        let conditions = quantity::condition_rows(&grid);
        let (measures, gain) = robust::measures(&grid);
        let notes = notes::notes(&grid, &rows, family.as_ref());
        let guards = guards::guards(&grid, &rows, family.as_ref(), asked.as_deref());
        let seeds = grid.seeds();
        DatasetSummary { info: grid.info, seeds, rows, family, comparisons, exploratory, conditions, measures, gain, notes, guards }
    }
}
