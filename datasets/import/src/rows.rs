//! Rows that are parts, choices or other arrangements of arrays: read when they are written, like everything else.

use std::{ops::Range, sync::Arc};

use bench_readers::Array;

use crate::{ImportError, Rows};

/// Some rows of arrays, one behind the other: `data[:55000]`, then `data[55000:]`.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    parts: Vec<(String, Arc<Array>, Range<usize>)>,
}

impl Pieces {
    /// Adds rows of an array; those that it does not have are left out.
    pub(crate) fn push(&mut self, place: impl Into<String>, array: Arc<Array>, rows: Range<usize>) {
        let end = rows.end.min(array.rows());
        self.parts.push((place.into(), array, rows.start.min(end)..end));
    }
}

impl Rows for Pieces {
    fn len(&self) -> usize {
        self.parts.iter().map(|(_, _, rows)| rows.len()).sum()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let (mut values, mut start) = (Vec::new(), 0);
        for (place, array, own) in &self.parts {
            let end = start + own.len();
            let (from, to) = (rows.start.clamp(start, end), rows.end.clamp(start, end));
            if from < to {
                values.extend(array.floats(place, own.start + from - start..own.start + to - start)?);
            }
            start = end;
        }
        Ok(values)
    }
}

/// Rows of others in another order: rows joined by their ids, or those that are kept.
#[derive(Debug)]
pub(crate) struct Picked {
    pub(crate) from: Box<dyn Rows>,
    /// For each row its place in `from`.
    pub(crate) places: Vec<usize>,
}

impl Rows for Picked {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let mut values = Vec::new();
        // Rows that follow each other there too are read at once.
        for run in self.places[rows].chunk_by(|before, after| before + 1 == *after) {
            if let (Some(&first), Some(&last)) = (run.first(), run.last()) {
                values.extend(self.from.read(first..last + 1)?);
            }
        }
        Ok(values)
    }
}

/// Pixels whose channel is their last axis, `[h, w, c]`, as `[c, h, w]`.
#[derive(Debug)]
pub(crate) struct ChannelsFirst {
    pub(crate) from: Box<dyn Rows>,
    pub(crate) channels: usize,
}

impl Rows for ChannelsFirst {
    fn len(&self) -> usize {
        self.from.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let count = rows.len();
        let values = self.from.read(rows)?;
        let Some(row) = values.len().checked_div(count) else { return Ok(values) };
        let planes = |image: &[f32]| -> Vec<f32> {
            (0..self.channels).flat_map(|channel| image.iter().skip(channel).step_by(self.channels.max(1)).copied()).collect()
        };
        Ok(values.chunks_exact(row.max(1)).flat_map(planes).collect())
    }
}

/// Pixels between `low` and `high`, brought to 0 and 1.
#[derive(Debug)]
pub(crate) struct Ranged {
    pub(crate) from: Box<dyn Rows>,
    pub(crate) low: f32,
    pub(crate) high: f32,
    /// Name of the modality, for messages.
    pub(crate) name: String,
}

impl Rows for Ranged {
    fn len(&self) -> usize {
        self.from.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let mut values = self.from.read(rows.clone())?;
        let row = values.len().checked_div(rows.len()).unwrap_or(1).max(1);
        for (at, value) in values.iter_mut().enumerate() {
            if *value < self.low || *value > self.high {
                return Err(ImportError::request(format!(
                    "modality `{}`, sample {} (from 0): found {value}, expected pixels from {} to {}; give their `range` in the spec, or `kind = \"vector\"` if they are no pixels",
                    self.name,
                    rows.start + at / row,
                    self.low,
                    self.high
                )));
            }
            *value = (*value - self.low) / (self.high - self.low);
        }
        Ok(values)
    }
}

/// A matrix whose columns are the samples, as one whose rows are: only the order of its elements is called by its other name.
pub(crate) fn transposed(array: &Array) -> Arc<Array> {
    use bench_readers::Order;
    let order = if array.order == Order::RowMajor { Order::ColumnMajor } else { Order::RowMajor };
    Arc::new(Array { shape: array.shape.iter().rev().copied().collect(), order, ..array.clone() })
}

#[cfg(test)]
mod tests {
    use bench_readers::Source;

    use super::*;

    fn counting(shape: &[usize]) -> Arc<Array> {
        let numbers: Vec<f64> = (0..shape.iter().product::<usize>()).map(|at| at as f64).collect();
        Arc::new(Array::of_numbers(shape.to_vec(), &numbers, Arc::new(Source::memory("test", Vec::new()))))
    }

    fn all(rows: &dyn Rows) -> Vec<f32> {
        rows.read(0..rows.len()).unwrap()
    }

    #[test]
    fn pieces_follow_each_other_and_picked_rows_are_in_the_order_asked_for() {
        let mut pieces = Pieces::default();
        pieces.push("a", counting(&[4, 2]), 2..4);
        pieces.push("a", counting(&[4, 2]), 0..1);
        assert_eq!(all(&pieces), [4.0, 5.0, 6.0, 7.0, 0.0, 1.0]);
        assert_eq!(pieces.read(1..3).unwrap(), [6.0, 7.0, 0.0, 1.0]);
        let picked = Picked { from: Box::new(pieces), places: vec![2, 0, 1] };
        assert_eq!(all(&picked), [0.0, 1.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(picked.read(1..2).unwrap(), [4.0, 5.0]);
    }

    /// `numpy.arange(12).reshape(1, 2, 2, 3).transpose(0, 3, 1, 2)`.
    #[test]
    fn channels_come_first() {
        let mut pieces = Pieces::default();
        pieces.push("a", counting(&[1, 2, 2, 3]), 0..1);
        let planes = ChannelsFirst { from: Box::new(pieces), channels: 3 };
        assert_eq!(all(&planes), [0.0, 3.0, 6.0, 9.0, 1.0, 4.0, 7.0, 10.0, 2.0, 5.0, 8.0, 11.0]);
    }

    /// `numpy.arange(6).reshape(2, 3).T`.
    #[test]
    fn a_transposed_matrix_has_the_columns_as_rows() {
        let turned = transposed(&counting(&[2, 3]));
        assert_eq!((turned.shape.clone(), turned.floats("a", 0..3).unwrap()), (vec![3, 2], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
        assert_eq!(transposed(&turned).floats("a", 1..2).unwrap(), [3.0, 4.0, 5.0]);
    }

    #[test]
    fn pixels_outside_their_range_are_refused_with_the_sample() {
        let mut pieces = Pieces::default();
        pieces.push("a", counting(&[3, 2]), 0..3);
        let ranged = Ranged { from: Box::new(pieces), low: 0.0, high: 4.0, name: "image".into() };
        assert_eq!(ranged.read(0..2).unwrap(), [0.0, 0.25, 0.5, 0.75]);
        assert!(ranged.read(1..3).unwrap_err().to_string().contains("modality `image`, sample 2 (from 0): found 5, expected pixels from 0 to 4"));
    }
}
