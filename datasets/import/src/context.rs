//! Utterances of dialogues: one sample each, alone or with those before it.

use std::{ops::Range, sync::Arc};

use bench_readers::Array;

use crate::{ImportError, Numbers, Rows};

/// One dialogue's features of one modality.
#[derive(Debug)]
pub enum Dialogue {
    /// Row `row` of an array `[dialogues, utterances, d]`.
    Row {
        /// Path in the file.
        place: String,
        /// The array.
        array: Arc<Array>,
        /// Number of the dialogue in it.
        row: usize,
    },
    /// An array `[utterances, d]`.
    Series(String, Arc<Array>),
    /// An array of `d` numbers for each utterance, with its path in the file.
    Utterances(Vec<(String, Arc<Array>)>),
}

impl Dialogue {
    /// Features of its utterances, one behind another.
    fn read(&self) -> Result<Vec<f32>, ImportError> {
        match self {
            Self::Row { place, array, row } => Ok(array.floats(place, *row..row + 1)?),
            Self::Series(place, array) => Ok(array.floats(place, 0..array.rows())?),
            Self::Utterances(arrays) => {
                let mut values = Vec::new();
                for (place, array) in arrays {
                    values.extend(array.floats(place, 0..array.rows())?);
                }
                Ok(values)
            }
        }
    }
}

/// Where an utterance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Number of the dialogue.
    pub dialogue: usize,
    /// Utterances of the dialogue before this one.
    pub before: usize,
}

/// Utterances `[d]`, or each as the last valid step of `[steps, d]`, behind at most `steps - 1` earlier ones of its dialogue: nothing of the future.
#[derive(Debug)]
pub struct Utterances {
    dialogues: Vec<Dialogue>,
    positions: Vec<Position>,
    steps: usize,
    dim: usize,
}

impl Utterances {
    /// Numbers of the utterances at these positions, `steps` from [`steps`]. Each dialogue has an utterance of `dim` numbers at each of its positions.
    pub fn numbers(dialogues: Vec<Dialogue>, positions: Vec<Position>, steps: usize, dim: usize) -> Numbers {
        let alone = steps < 2;
        let lengths = positions.iter().map(|at| u32::try_from(at.before.min(steps.saturating_sub(1)) + 1).unwrap_or(u32::MAX)).collect();
        Numbers {
            shape: if alone { vec![dim] } else { vec![steps, dim] },
            lengths: (!alone).then_some(lengths),
            rows: Box::new(Self { dialogues, positions, steps: steps.max(1), dim }),
            bytes: None,
        }
    }
}

/// Steps of `context` utterances before each one and itself; no more than the longest dialogue has.
pub fn steps(context: usize, positions: &[Position]) -> usize {
    positions.iter().map(|at| at.before).max().unwrap_or(0).min(context) + 1
}

impl Rows for Utterances {
    fn len(&self) -> usize {
        self.positions.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let row = self.steps * self.dim;
        let mut values = Vec::new();
        // Utterances of a dialogue follow each other: it is read once for all of them.
        for run in self.positions[rows].chunk_by(|before, after| before.dialogue == after.dialogue) {
            let Some(first) = run.first() else { continue };
            let stored = self.dialogues[first.dialogue].read()?;
            for at in run {
                let filled = values.len() + row;
                let from = at.before - at.before.min(self.steps - 1);
                values.extend_from_slice(&stored[from * self.dim..(at.before + 1) * self.dim]);
                values.resize(filled, 0.0);
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use bench_readers::Source;

    use super::*;

    #[test]
    fn an_utterance_is_the_last_valid_step_and_sees_no_future() {
        let source = Arc::new(Source::memory("test", vec![]));
        let array = Arc::new(Array::of_numbers(vec![2, 3, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 0.0], source));
        let dialogues = || (0..2).map(|row| Dialogue::Row { place: "a".into(), array: Arc::clone(&array), row }).collect();
        let positions: Vec<Position> = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)].map(|(dialogue, before)| Position { dialogue, before }).to_vec();

        let alone = Utterances::numbers(dialogues(), positions.clone(), 1, 1);
        assert_eq!((alone.shape, alone.lengths, alone.rows.read(0..5).unwrap()), (vec![1], None, vec![1.0, 2.0, 3.0, 4.0, 5.0]));

        let pairs = Utterances::numbers(dialogues(), positions.clone(), 2, 1);
        assert_eq!((pairs.shape, pairs.lengths), (vec![2, 1], Some(vec![1, 2, 2, 1, 2])));
        assert_eq!(pairs.rows.read(0..5).unwrap(), [1.0, 0.0, 1.0, 2.0, 2.0, 3.0, 4.0, 0.0, 4.0, 5.0]);
        assert_eq!(pairs.rows.read(2..4).unwrap(), [2.0, 3.0, 4.0, 0.0]);
        assert_eq!(steps(1_000_000, &positions), 3);
    }
}
