/*!
Padding that a file does not tell: steps of zeros in front of a series or behind it.

MulT's and MultiBench's files pad in front, MMSA's behind, and most of them hold no lengths. A pass over the array finds where each series begins and ends; its rows are
then read with the valid steps in front, as a dataset wants them.
*/

use std::ops::Range;

use bench_readers::Array;

use crate::{ImportError, Numbers, Rows, draft::Stacked};

/// Numbers looked at in one go.
const CHUNK: usize = 1 << 20;

/// Zero steps of one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Zero steps before the first other one; all steps where there is none.
    pub front: u32,
    /// Zero steps after the last other one; all steps where there is none.
    pub back: u32,
}

/// Where a file pads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Zeros, then the series.
    Front,
    /// The series, then zeros.
    Back,
}

/// The valid steps of one sample, and where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Valid {
    /// Row of the stacked arrays.
    pub row: usize,
    /// First valid step.
    pub start: u32,
    /// Number of valid steps.
    pub length: u32,
}

impl Extent {
    /// Zero steps in front and behind of every series of arrays `[N, steps, dim]`. Numbers that are not finite are no zeros.
    ///
    /// # Errors
    /// Where an array cannot be read, or holds no numbers.
    pub fn scan(place: &str, array: &Array, steps: usize, dim: usize) -> Result<Vec<Self>, ImportError> {
        let row = steps.saturating_mul(dim).max(1);
        let chunk = (CHUNK / row).max(1);
        let mut extents = Vec::with_capacity(array.rows());
        let mut start = 0;
        while start < array.rows() {
            let end = (start + chunk).min(array.rows());
            let values = array.floats(place, start..end)?;
            extents.extend(values.chunks_exact(row).map(|series| Self::of(series, dim)));
            start = end;
        }
        Ok(extents)
    }

    fn of(series: &[f32], dim: usize) -> Self {
        let zero = |step: &&[f32]| step.iter().all(|&value| value == 0.0);
        let steps = series.chunks_exact(dim.max(1));
        let count = |zeros: usize| u32::try_from(zeros).unwrap_or(u32::MAX);
        Self { front: count(steps.clone().take_while(zero).count()), back: count(steps.rev().take_while(zero).count()) }
    }

    /// Whether there is nothing but zeros.
    pub fn is_empty(self, steps: usize) -> bool {
        self.front as usize >= steps
    }

    /// The valid steps if padding is on this side. Zero steps on the other side count as valid: silence is no padding.
    pub fn valid(self, row: usize, steps: usize, side: Side) -> Valid {
        let all = u32::try_from(steps).unwrap_or(u32::MAX);
        let start = if side == Side::Front { self.front } else { 0 };
        let end = if side == Side::Back { all.saturating_sub(self.back) } else { all };
        Valid { row, start, length: end.saturating_sub(start) }
    }
}

impl Side {
    /// The side on which more series begin or end with zeros; `None` where none does. Series of nothing but zeros do not vote.
    pub fn of(extents: &[Extent], steps: usize) -> Option<Self> {
        let voters = || extents.iter().filter(|extent| !extent.is_empty(steps));
        let front = voters().filter(|extent| extent.front > 0).count();
        let back = voters().filter(|extent| extent.back > 0).count();
        match (front, back) {
            (0, 0) => None,
            _ if front > back => Some(Self::Front),
            _ => Some(Self::Back),
        }
    }
}

/// Series `[steps, dim]` with the valid steps of each in front, and zeros behind.
#[derive(Debug)]
pub struct Shifted {
    rows: Stacked,
    samples: Vec<Valid>,
    steps: usize,
    dim: usize,
}

impl Shifted {
    /// Numbers `[steps, dim]` of these samples, with their lengths; without lengths where every step of every sample is valid.
    pub fn numbers(rows: Stacked, samples: Vec<Valid>, steps: usize, dim: usize) -> Numbers {
        let lengths: Vec<u32> = samples.iter().map(|sample| sample.length).collect();
        let padded = lengths.iter().any(|&length| (length as usize) < steps);
        let rows = Box::new(Self { rows, samples, steps, dim });
        Numbers { shape: vec![steps, dim], lengths: padded.then_some(lengths), rows, bytes: None }
    }

    /// Numbers `[dim]` of these rows.
    pub fn vectors(rows: Stacked, chosen: impl Iterator<Item = usize>, dim: usize) -> Numbers {
        let samples = chosen.map(|row| Valid { row, start: 0, length: 1 }).collect();
        Numbers { shape: vec![dim], lengths: None, rows: Box::new(Self { rows, samples, steps: 1, dim }), bytes: None }
    }
}

impl Rows for Shifted {
    fn len(&self) -> usize {
        self.samples.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let row = self.steps * self.dim;
        let mut values = Vec::new();
        // Rows that follow each other in the file are read together.
        for run in self.samples[rows].chunk_by(|before, after| before.row + 1 == after.row) {
            let Some(first) = run.first() else { continue };
            let stored = self.rows.read(first.row..first.row + run.len())?;
            for (sample, series) in run.iter().zip(stored.chunks_exact(row)) {
                let (start, length) = (sample.start as usize * self.dim, sample.length as usize * self.dim);
                let filled = values.len() + row;
                values.extend_from_slice(&series[start..start + length]);
                values.resize(filled, 0.0);
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bench_readers::Source;

    use super::*;

    fn extents(series: &[[f64; 3]]) -> Vec<Extent> {
        let flat: Vec<f64> = series.concat();
        let array = Array::of_numbers(vec![series.len(), 3, 1], &flat, Arc::new(Source::memory("test", vec![])));
        Extent::scan("a", &array, 3, 1).unwrap()
    }

    #[test]
    fn the_side_with_more_zeros_is_the_padding() {
        let found = extents(&[[0.0, 1.0, 2.0], [0.0, 0.0, f64::NEG_INFINITY], [0.0, 0.0, 0.0], [3.0, 0.0, 0.0]]);
        let pairs: Vec<(u32, u32)> = found.iter().map(|extent| (extent.front, extent.back)).collect();
        assert_eq!(pairs, [(1, 0), (2, 0), (3, 3), (0, 2)]);
        assert_eq!(Side::of(&found, 3), Some(Side::Front));
        assert_eq!(Side::of(&extents(&[[1.0, 0.0, 1.0], [0.0; 3]]), 3), None);
        assert_eq!(found[3].valid(3, 3, Side::Front), Valid { row: 3, start: 0, length: 3 });
        assert_eq!(found[2].valid(2, 3, Side::Front), Valid { row: 2, start: 3, length: 0 });
    }

    #[test]
    fn chosen_series_are_moved_to_the_front() {
        let source = Arc::new(Source::memory("test", vec![]));
        let mut rows = Stacked::default();
        rows.push("a", Arc::new(Array::of_numbers(vec![2, 3, 1], &[0.0, 1.0, 2.0, 9.0, 9.0, 9.0], Arc::clone(&source))));
        rows.push("b", Arc::new(Array::of_numbers(vec![1, 3, 1], &[0.0, 0.0, 5.0], source)));
        let samples = vec![Valid { row: 0, start: 1, length: 2 }, Valid { row: 2, start: 2, length: 1 }];
        let numbers = Shifted::numbers(rows, samples, 3, 1);
        assert_eq!(numbers.lengths, Some(vec![2, 1]));
        assert_eq!(numbers.rows.read(0..2).unwrap(), [1.0, 2.0, 0.0, 5.0, 0.0, 0.0]);
        assert_eq!(numbers.rows.read(1..2).unwrap(), [5.0, 0.0, 0.0]);
    }
}
