//! A dataset as tensors: training and validation split, normalised; the test split stays with the evaluation, which corrupts it first.

use std::path::PathBuf;

use bench_datasets::{Block, Dataset, DatasetRef, Kind as ModalityKind, Labels, Normaliser, Split};
use bench_methods::{Batch, Inputs, ModalityInput, Targets};
use tch::{Device, Kind, Tensor};

use crate::failure::Failure;

/// A dataset, its normalisation, and the two splits that training may see.
pub struct Loaded {
    /// The dataset.
    pub dataset: Dataset,
    /// Statistics of its training split.
    pub normaliser: Normaliser,
    /// Training split, in id order.
    pub train: Part,
    /// Validation split, in id order.
    pub validation: Part,
    /// Where the tensors are.
    pub device: Device,
}

/// Some samples as tensors.
pub struct Part {
    modalities: Vec<ModalityInput>,
    targets: Targets,
    /// δ: all true; batches are views of it.
    availability: Tensor,
    samples: usize,
}

impl Loaded {
    /// Opens `reference` and puts training and validation split on `device`.
    ///
    /// # Errors
    /// The dataset's own refusal, or a content that is not the planned one.
    pub fn open(reference: &str, hash: &str, search: &[PathBuf], device: Device) -> Result<Self, Failure> {
        let reference: DatasetRef = reference.parse().map_err(Failure::usage)?;
        let dataset = Dataset::open(&reference, search).map_err(Failure::usage)?;
        if dataset.hash() != hash {
            return Err(Failure::usage(format!("dataset `{reference}` changed between planning and training; run the command again")));
        }
        let normaliser = Normaliser::fit(&dataset);
        let part = |split: Split| Part::read(&dataset, &normaliser, dataset.indices(split), device);
        Ok(Self { train: part(Split::Train), validation: part(Split::Validation), normaliser, dataset, device })
    }
}

impl Part {
    fn read(dataset: &Dataset, normaliser: &Normaliser, rows: &[usize], device: Device) -> Self {
        let modalities = (0..dataset.modalities().len())
            .map(|at| {
                let kind = &dataset.modalities()[at].kind;
                let mut block = dataset.read(at, rows);
                normaliser.apply(at, kind, &mut block);
                to_input(kind, &block, device)
            })
            .collect();
        let availability = Tensor::ones([rows.len() as i64, dataset.modalities().len() as i64], (Kind::Bool, device));
        Self { modalities, targets: targets(dataset, rows, device), availability, samples: rows.len() }
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// The targets, in id order.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// A batch of the samples at `rows` (positions within the split).
    pub fn batch(&self, rows: &[usize]) -> Batch {
        let index = self.index(rows);
        self.picked(index.size()[0], |tensor| tensor.index_select(0, &index))
    }

    /// Batches of `size` samples (the last one of the rest) in the order of `rows`, which goes to the device once.
    pub fn batches_of(&self, rows: &[usize], size: usize) -> impl Iterator<Item = Batch> + '_ {
        let index = self.index(rows);
        ranges(rows.len(), size).map(move |(start, length)| {
            let index = index.narrow(0, start as i64, length as i64);
            self.picked(length as i64, |tensor| tensor.index_select(0, &index))
        })
    }

    /// Batches of at most `size` samples in id order: views, nothing is copied.
    pub fn batches(&self, size: usize) -> impl Iterator<Item = Batch> + '_ {
        ranges(self.samples, size).map(|(start, length)| self.picked(length as i64, |tensor| tensor.narrow(0, start as i64, length as i64)))
    }

    fn index(&self, rows: &[usize]) -> Tensor {
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        Tensor::from_slice(&rows).to_device(self.availability.device())
    }

    fn picked(&self, rows: i64, pick: impl Fn(&Tensor) -> Tensor) -> Batch {
        let modality = |own: &ModalityInput| ModalityInput { values: pick(&own.values), lengths: own.lengths.as_ref().map(&pick) };
        let modalities = self.modalities.iter().map(modality).collect();
        let targets = match &self.targets {
            Targets::Classes(classes) => Targets::Classes(pick(classes)),
            Targets::Values(values) => Targets::Values(pick(values)),
        };
        // A method may ask for some samples twice, and so for more than there are.
        let enough = rows <= self.samples as i64;
        let availability = if enough { self.availability.narrow(0, 0, rows) } else { self.availability.narrow(0, 0, 1).repeat([rows, 1]) };
        Batch { inputs: Inputs { modalities, availability }, targets }
    }
}

/// (start, length) of consecutive batches of at most `size`.
pub fn ranges(samples: usize, size: usize) -> impl Iterator<Item = (usize, usize)> {
    let size = size.max(1);
    (0..samples).step_by(size).map(move |start| (start, size.min(samples - start)))
}

/// A block as tensors: `[n, …]` float or `[n, T]` int64, with lengths.
pub fn to_input(kind: &ModalityKind, block: &Block, device: Device) -> ModalityInput {
    let shape = |rows: usize, length: usize| {
        let mut shape: Vec<i64> = kind.shape().into_iter().map(|size| size as i64).collect();
        shape.insert(0, if rows == 0 { 0 } else { (length / kind.numel().max(1)) as i64 });
        shape
    };
    let lengths_of = |lengths: &[u32]| Tensor::from_slice(&lengths.iter().map(|&length| i64::from(length)).collect::<Vec<_>>()).to_device(device);
    match block {
        Block::Continuous { values, lengths } => ModalityInput {
            values: Tensor::from_slice(values).view(shape(values.len(), values.len()).as_slice()).to_device(device),
            lengths: lengths.as_deref().map(lengths_of),
        },
        Block::Tokens { ids, lengths } => {
            let ids: Vec<i64> = ids.iter().map(|&id| i64::from(id)).collect();
            ModalityInput {
                values: Tensor::from_slice(&ids).view(shape(ids.len(), ids.len()).as_slice()).to_device(device),
                lengths: Some(lengths_of(lengths)),
            }
        }
    }
}

/// Targets of some rows of a dataset.
pub fn targets(dataset: &Dataset, rows: &[usize], device: Device) -> Targets {
    match dataset.labels() {
        Labels::Classes(classes) => {
            let classes: Vec<i64> = rows.iter().map(|&row| i64::from(classes[row])).collect();
            Targets::Classes(Tensor::from_slice(&classes).to_device(device))
        }
        Labels::Values(values) => {
            let values: Vec<f32> = rows.iter().map(|&row| values[row]).collect();
            Targets::Values(Tensor::from_slice(&values).to_device(device))
        }
    }
}
