//! A dataset as tensors: training and validation split, normalised, held or streamed; the test split stays with the evaluation, which corrupts it first.

use std::{path::PathBuf, sync::Arc};

use bench_datasets::{Block, Dataset, DatasetRef, Kind as ModalityKind, Labels, Normaliser, Split};
use bench_methods::{Batch, Inputs, ModalityInput, Targets, TrainView};
use tch::{Device, Kind, Tensor};

use crate::{
    extract::{Cache, Extractor},
    failure::Failure,
    stream::{self, Reader, Stream},
};

/// A dataset, its normalisation, and the two splits that training may see.
pub struct Loaded {
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// Statistics of its training split.
    pub normaliser: Arc<Normaliser>,
    /// Those of what corruptions see.
    pub raw_normaliser: Normaliser,
    /// The extractors that a request trusted, by modality.
    extractors: Vec<Option<Extractor>>,
    /// Where features of corrupted inputs are kept for all methods, if anywhere.
    pub cache: Option<Cache>,
    /// Training split, in id order.
    pub train: Part,
    /// Validation split, in id order.
    pub validation: Part,
    /// Where the tensors are.
    pub device: Device,
    /// Whether the test split is evaluated piece by piece.
    pub(crate) streams_test: bool,
}

/// Some samples as tensors.
pub struct Part {
    inputs: Source,
    targets: Targets,
    /// δ: all true; batches are views of it.
    availability: Tensor,
    /// 0 to N − 1, `[N]`.
    rows: Tensor,
    samples: usize,
}

/// Takes some samples out of a tensor `[N, …]`.
type Pick = Box<dyn Fn(&Tensor) -> Tensor>;

/// Where a part's inputs are.
enum Source {
    /// On the device.
    Held(Vec<ModalityInput>),
    /// In the dataset's files.
    Streamed(Reader),
}

impl Loaded {
    /// Opens `reference` and puts training and validation split on `device`, unless they are so large that they are streamed.
    ///
    /// # Errors
    /// The dataset's own refusal, or a content that is not the planned one.
    pub fn open(reference: &str, hash: &str, search: &[PathBuf], device: Device) -> Result<Self, Failure> {
        Self::open_as(reference, hash, search, device, Stream::from_environment()?)
    }

    /// [`Loaded::open`] with the choice made by the caller.
    ///
    /// # Errors
    /// As there.
    pub fn open_as(reference: &str, hash: &str, search: &[PathBuf], device: Device, stream: Stream) -> Result<Self, Failure> {
        let reference: DatasetRef = reference.parse().map_err(Failure::usage)?;
        let dataset = Arc::new(Dataset::open(&reference, search).map_err(Failure::usage)?);
        if dataset.hash() != hash {
            return Err(Failure::usage(format!("dataset `{reference}` changed between planning and training; run the command again")));
        }
        let normaliser = Arc::new(Normaliser::fit(&dataset));
        let part = |split: Split| {
            let rows = dataset.indices(split);
            let streams = stream.of_training(stream::bytes(&dataset, rows.len()));
            let held = |at: usize| to_input(&dataset.modalities()[at].kind, &dataset.read_normalised(at, rows, &normaliser), device);
            let inputs = if streams {
                Source::Streamed(Reader::new(&dataset, &normaliser, rows))
            } else {
                Source::Held((0..dataset.modalities().len()).map(held).collect())
            };
            Part::new(inputs, &dataset, rows, device)
        };
        let streams_test = stream.of_evaluation(stream::bytes(&dataset, dataset.indices(Split::Test).len()));
        let raw_normaliser = Normaliser::fit_raw(&dataset, &normaliser);
        let extractors = dataset.modalities().iter().map(|_| None).collect();
        let (train, validation) = (part(Split::Train), part(Split::Validation));
        Ok(Self { train, validation, streams_test, normaliser, raw_normaliser, extractors, cache: None, dataset, device })
    }

    /// Loads the dataset's own extractors, those alone whose SHA-256 is in `trusted`.
    ///
    /// # Errors
    /// A module or tokenizer that cannot be used.
    pub fn trust(&mut self, trusted: &[String]) -> Result<(), Failure> {
        for (at, place) in self.extractors.iter_mut().enumerate() {
            let Some(extractor) = self.dataset.extractor(at).filter(|extractor| trusted.contains(&extractor.module_hash)) else { continue };
            if place.is_none() {
                let modality = &self.dataset.raw_modalities()[at];
                let path = |name: &String| self.dataset.folder().join(name);
                let tokenizer = extractor.tokenizer.as_ref().map(path);
                let module = path(&extractor.module);
                *place = Some(Extractor::open(&modality.name, &modality.kind, (&module, trusted), tokenizer.as_deref(), self.device)?);
            }
        }
        Ok(())
    }

    /// What makes features of a modality's raw input; `None` where it has none.
    ///
    /// # Errors
    /// An extractor that no request trusted.
    pub(crate) fn extractor(&self, at: usize) -> Result<Option<&Extractor>, Failure> {
        let Some(named) = self.dataset.extractor(at) else { return Ok(None) };
        let loaded = self.extractors.get(at).and_then(Option::as_ref);
        loaded.map(Some).ok_or_else(|| {
            let name = &self.dataset.modalities()[at].name;
            let file = self.dataset.folder().join(&named.module);
            Failure::usage(format!(
                "a corruption of `{name}` needs its extractor {}, a TorchScript module, which is a program; where you trust it, give --trust-extractors",
                file.display()
            ))
        })
    }
}

impl Part {
    fn new(inputs: Source, dataset: &Dataset, rows: &[usize], device: Device) -> Self {
        let availability = Tensor::ones([rows.len() as i64, dataset.modalities().len() as i64], (Kind::Bool, device));
        let places = Tensor::arange(rows.len() as i64, (Kind::Int64, device));
        Self { inputs, targets: targets(dataset, rows, device), availability, rows: places, samples: rows.len() }
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
        let pick = |tensor: &Tensor| tensor.index_select(0, &index);
        match &self.inputs {
            Source::Held(modalities) => self.with_targets(picked(modalities, pick), rows.len() as i64, pick),
            Source::Streamed(reader) => self.with_targets(self.tensors(reader, &reader.read(rows)), rows.len() as i64, pick),
        }
    }

    /// Shows the samples to a method that prepares itself.
    pub fn viewed<T>(&self, look: impl FnOnce(&TrainView<'_>) -> T) -> T {
        look(&TrainView { targets: &self.targets, batch: &|rows| self.batch(rows), samples: self.samples })
    }

    /// Batches of `size` samples (the last one of the rest) in the order of `rows`, which goes to the device once.
    pub fn batches_of(&self, rows: &[usize], size: usize) -> Box<dyn Iterator<Item = Batch> + '_> {
        let index = self.index(rows);
        let pick = move |start, length| -> Pick {
            let index = index.narrow(0, start, length);
            Box::new(move |tensor| tensor.index_select(0, &index))
        };
        self.in_turn(ranges(rows.len(), size), pick, |reader| reader.ahead(rows.to_vec(), size))
    }

    /// Batches of at most `size` samples in id order: views where the samples are held, nothing is copied.
    pub fn batches(&self, size: usize) -> Box<dyn Iterator<Item = Batch> + '_> {
        let pick = |start, length| -> Pick { Box::new(move |tensor| tensor.narrow(0, start, length)) };
        self.in_turn(ranges(self.samples, size), pick, |reader| reader.ahead((0..self.samples).collect(), size))
    }

    /// Batches at `ranges`: `pick` takes a range's samples out of held tensors, `ahead` gathers the same batches where they are not held.
    fn in_turn(
        &self,
        ranges: impl Iterator<Item = (usize, usize)> + 'static,
        pick: impl Fn(i64, i64) -> Pick + 'static,
        ahead: impl FnOnce(&Reader) -> stream::Ahead,
    ) -> Box<dyn Iterator<Item = Batch> + '_> {
        let picks = ranges.map(move |(start, length)| (length as i64, pick(start as i64, length as i64)));
        match &self.inputs {
            Source::Held(modalities) => Box::new(picks.map(|(length, pick)| self.with_targets(picked(modalities, &pick), length, &pick))),
            Source::Streamed(reader) => {
                Box::new(picks.zip(ahead(reader)).map(|((length, pick), blocks)| self.with_targets(self.tensors(reader, &blocks), length, &pick)))
            }
        }
    }

    fn index(&self, rows: &[usize]) -> Tensor {
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        Tensor::from_slice(&rows).to_device(self.availability.device())
    }

    fn tensors(&self, reader: &Reader, blocks: &[Block]) -> Vec<ModalityInput> {
        to_inputs(reader.dataset(), blocks, self.availability.device())
    }

    fn with_targets(&self, modalities: Vec<ModalityInput>, rows: i64, pick: impl Fn(&Tensor) -> Tensor) -> Batch {
        let targets = match &self.targets {
            Targets::Classes(classes) => Targets::Classes(pick(classes)),
            Targets::Values(values) => Targets::Values(pick(values)),
        };
        // A method may ask for some samples twice, and so for more than there are.
        let enough = rows <= self.samples as i64;
        let availability = if enough { self.availability.narrow(0, 0, rows) } else { self.availability.narrow(0, 0, 1).repeat([rows, 1]) };
        Batch { inputs: Inputs { modalities, availability }, targets, rows: pick(&self.rows) }
    }
}

fn picked(modalities: &[ModalityInput], pick: impl Fn(&Tensor) -> Tensor) -> Vec<ModalityInput> {
    modalities.iter().map(|own| ModalityInput { values: pick(&own.values), lengths: own.lengths.as_ref().map(&pick) }).collect()
}

/// Blocks of all modalities as tensors.
fn to_inputs(dataset: &Dataset, blocks: &[Block], device: Device) -> Vec<ModalityInput> {
    dataset.modalities().iter().zip(blocks).map(|(modality, block)| to_input(&modality.kind, block, device)).collect()
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
