//! NumPy's `.npz`: an array for each modality and split.

use std::path::Path;

use bench_datasets::{Block, Dataset, Kind, Labels, Split, Task};
use bench_readers::{Dtype, Element, NpzWriter, ReadError};

use super::{chunk, short};

const U32: Dtype = Dtype { element: Element::Unsigned, size: 4, big_endian: false };

/// Writes all arrays of a dataset.
///
/// # Errors
/// The file system's refusal.
pub fn write(dataset: &Dataset, path: &Path) -> anyhow::Result<()> {
    let mut archive = NpzWriter::create(path, false)?;
    for split in Split::ALL {
        let (rows, end) = (dataset.indices(split), short(split));
        for (at, modality) in dataset.modalities().iter().enumerate() {
            values(&mut archive, dataset, at, rows, &format!("{}_{end}", modality.name))?;
            if let Some(lengths) = lengths(dataset, at, rows) {
                whole(&mut archive, &format!("{}_lengths_{end}", modality.name), &lengths)?;
            }
        }
        match dataset.labels() {
            Labels::Classes(labels) => whole(&mut archive, &format!("y_{end}"), &pick(labels, rows))?,
            Labels::Values(values) => {
                let bytes = pick(values, rows).iter().flat_map(|value| value.to_le_bytes()).collect();
                array(&mut archive, &format!("y_{end}"), Dtype::F32, &[rows.len()], bytes)?;
            }
        }
        archive.texts(&format!("id_{end}"), &pick(dataset.ids(), rows))?;
        if let Some(groups) = dataset.groups() {
            let names: Vec<&str> =
                rows.iter().filter_map(|&row| groups.names.get(*groups.of_sample.get(row)? as usize)).map(String::as_str).collect();
            archive.texts(&format!("group_{end}"), &names)?;
        }
    }
    if let Task::Classification { classes } = dataset.task() {
        archive.texts("classes", classes)?;
    }
    for modality in dataset.modalities() {
        if let Kind::Tokens { vocabulary, .. } = &modality.kind {
            archive.texts(&format!("{}_vocabulary", modality.name), vocabulary)?;
        }
    }
    Ok(archive.finish()?)
}

/// `[n, ..shape]`: real numbers, or the ids of words.
fn values(archive: &mut NpzWriter, dataset: &Dataset, at: usize, rows: &[usize], name: &str) -> Result<(), ReadError> {
    let kind = &dataset.modalities()[at].kind;
    let dtype = if kind.is_continuous() { Dtype::F32 } else { U32 };
    let shape: Vec<usize> = [rows.len()].into_iter().chain(kind.shape()).collect();
    let mut chunks = rows.chunks(chunk(kind.numel()));
    archive.array(name, dtype, &shape, || {
        Ok::<_, ReadError>(chunks.next().map(|rows| match dataset.read(at, rows) {
            Block::Continuous { values, .. } => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Block::Tokens { ids, .. } => ids.iter().flat_map(|id| id.to_le_bytes()).collect(),
        }))
    })
}

/// Valid steps of each row, where they differ.
fn lengths(dataset: &Dataset, at: usize, rows: &[usize]) -> Option<Vec<u32>> {
    let chunks = rows.chunks(chunk(dataset.modalities()[at].kind.numel()));
    let lengths = chunks.map(|rows| match dataset.read(at, rows) {
        Block::Continuous { lengths, .. } => lengths,
        // Padding says how long a text is.
        Block::Tokens { .. } => None,
    });
    lengths.collect::<Option<Vec<_>>>().map(|lengths| lengths.concat())
}

fn whole(archive: &mut NpzWriter, name: &str, numbers: &[u32]) -> Result<(), ReadError> {
    array(archive, name, U32, &[numbers.len()], numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
}

fn array(archive: &mut NpzWriter, name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) -> Result<(), ReadError> {
    let mut once = Some(bytes);
    archive.array(name, dtype, shape, || Ok(once.take()))
}

fn pick<T: Clone>(all: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().filter_map(|&row| all.get(row).cloned()).collect()
}
