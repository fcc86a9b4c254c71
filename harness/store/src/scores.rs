//! Scores per sample under one condition: the unit of everything that is computed later (pairing needs them).

use std::{fs::File, io::Cursor, path::Path};

use polars::prelude::{AnyValue, Column, DataFrame, ParquetReader, ParquetWriter, SerReader};
use serde::{Deserialize, Serialize};

use crate::{StoreError, files};

/// What the scores of a sample are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreKind {
    /// C numbers before the softmax.
    Logits,
    /// C numbers that sum to one.
    Probabilities,
    /// One real value.
    Value,
}

impl ScoreKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Logits => "logit_",
            Self::Probabilities => "probability_",
            Self::Value => "value_",
        }
    }
}

/// Scores of the test samples, in id order.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Sample ids, `[n]`.
    pub ids: Vec<String>,
    /// Class index or value of each sample, `[n]`.
    pub targets: Vec<f64>,
    /// What `values` are.
    pub kind: ScoreKind,
    /// Scores per sample.
    pub width: usize,
    /// `[n, width]`.
    pub values: Vec<f32>,
    /// Realised perturbation of each perturbed modality, in the modality's unit (root mean square; share of words for masking): `[n]` each.
    pub perturbations: Vec<(String, Vec<f32>)>,
}

impl Scores {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// The file system's refusal, or columns of different lengths.
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        let mut columns = vec![Column::new("id".into(), &self.ids), Column::new("target".into(), &self.targets)];
        for at in 0..self.width {
            let column: Vec<f32> = self.values.iter().skip(at).step_by(self.width).copied().collect();
            columns.push(Column::new(format!("{}{at}", self.kind.prefix()).into(), column));
        }
        for (modality, sizes) in &self.perturbations {
            columns.push(Column::new(format!("{PERTURBATION}{modality}").into(), sizes));
        }
        write_parquet(path, columns)
    }

    /// Reads a file that [`Scores::write`] wrote.
    ///
    /// # Errors
    /// A missing or damaged file.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let frame = read_parquet(path)?;
        let floats = |name: &str| float_column(&frame, name, path);
        let ids = frame
            .column("id")
            .and_then(|column| column.str().cloned())
            .map_err(|error| StoreError::damaged(path, error.to_string()))?
            .iter()
            .map(|id| id.unwrap_or_default().to_string())
            .collect::<Vec<_>>();
        let names: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
        let kinds = [ScoreKind::Logits, ScoreKind::Probabilities, ScoreKind::Value];
        let kind = kinds
            .into_iter()
            .find(|kind| names.iter().any(|name| name.starts_with(kind.prefix())))
            .ok_or_else(|| StoreError::damaged(path, "it has no score column"))?;
        let width = names.iter().filter(|name| name.starts_with(kind.prefix())).count();
        let columns: Vec<Vec<f64>> = (0..width).map(|at| floats(&format!("{}{at}", kind.prefix()))).collect::<Result<_, _>>()?;
        let values = (0..ids.len()).flat_map(|row| columns.iter().map(move |column| column[row] as f32)).collect();
        let perturbations = names
            .iter()
            .filter_map(|name| name.strip_prefix(PERTURBATION))
            .map(|modality| {
                let sizes = floats(&format!("{PERTURBATION}{modality}"))?.into_iter().map(|size| size as f32).collect();
                Ok((modality.to_string(), sizes))
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Self { targets: floats("target")?, ids, kind, width, values, perturbations })
    }
}

const PERTURBATION: &str = "perturbation_";

/// Writes columns of equal length as a Parquet file, whole or not at all.
///
/// # Errors
/// The file system's refusal, or columns of different lengths.
pub fn write_parquet(path: &Path, columns: Vec<Column>) -> Result<(), StoreError> {
    let rows = columns.first().map_or(0, Column::len);
    let mut frame = DataFrame::new(rows, columns).map_err(|error| StoreError::damaged(path, error.to_string()))?;
    let mut bytes = Cursor::new(Vec::new());
    ParquetWriter::new(&mut bytes).finish(&mut frame).map_err(|error| StoreError::damaged(path, error.to_string()))?;
    files::write_whole(path, &bytes.into_inner())
}

/// Reads a Parquet file whole.
///
/// # Errors
/// A missing or damaged file.
pub fn read_parquet(path: &Path) -> Result<DataFrame, StoreError> {
    let file = File::open(path).map_err(StoreError::io("read", path))?;
    ParquetReader::new(file).finish().map_err(|error| StoreError::damaged(path, error.to_string()))
}

/// A column of numbers as `f64`.
///
/// # Errors
/// A column that is missing, has gaps, or holds no numbers.
pub fn float_column(frame: &DataFrame, name: &str, path: &Path) -> Result<Vec<f64>, StoreError> {
    let column = frame.column(name).map_err(|error| StoreError::damaged(path, error.to_string()))?;
    let numbers = (0..column.len()).map(|row| column.get(row).ok().as_ref().and_then(AnyValue::extract::<f64>)).collect::<Option<Vec<f64>>>();
    numbers.ok_or_else(|| StoreError::damaged(path, format!("column `{name}` has a gap or is not numeric")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores() -> Scores {
        Scores {
            ids: vec!["a".into(), "b".into()],
            targets: vec![0.0, 2.0],
            kind: ScoreKind::Logits,
            width: 3,
            values: vec![0.1, -2.5, f32::MIN_POSITIVE, 3.0, 1e30, -0.0],
            perturbations: vec![("image".into(), vec![0.25, 0.5])],
        }
    }

    #[test]
    fn scores_survive_the_file_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        scores().write(&path).unwrap();
        let back = Scores::read(&path).unwrap();
        assert_eq!(back, scores());
        assert_eq!(back.values[5].to_bits(), (-0.0f32).to_bits());
    }

    #[test]
    fn the_same_scores_make_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().join("x"), folder.path().join("y")];
        let bytes = paths.map(|path| {
            scores().write(&path).unwrap();
            std::fs::read(path).unwrap()
        });
        assert_eq!(bytes[0], bytes[1]);
    }

    #[test]
    fn a_truncated_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        scores().write(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let message = Scores::read(&path).unwrap_err().to_string();
        assert!(message.contains("x.parquet is damaged"), "{message}");
    }
}
