//! Features between tensors and the plain arrays that datasets are made of.

use bench_datasets::{Block, Kind as ModalityKind};
use bench_methods::ModalityInput;
use tch::{Device, Kind, Tensor};

use super::{Extractor, Features};
use crate::failure::Failure;

impl Extractor {
    /// Features of a batch of raw values as plain numbers of the kind that the dataset's features have.
    ///
    /// # Errors
    /// As [`Extractor::features`], and features of another shape or that are not finite.
    pub(crate) fn block(&self, raw: &Block, kind: &ModalityKind) -> Result<Block, Failure> {
        let block = to_block(&self.features(raw)?, &kind.shape(), self.modality())?;
        match &block {
            Block::Continuous { values, .. } if values.iter().any(|value| !value.is_finite()) => {
                Err(Failure::trial(format!("the extractor of `{}` answers numbers that are not finite for a corrupted input", self.modality())))
            }
            _ => Ok(block),
        }
    }

    /// Features of real raw values, standardised as those of the dataset are, with their gradient.
    ///
    /// # Errors
    /// As [`Extractor::through`].
    pub(crate) fn normalised(&self, raw: &ModalityInput, mean: &Tensor, scale: &Tensor) -> Result<ModalityInput, Failure> {
        let Features { values, lengths } = self.through(raw)?;
        let mut values = (values - mean) / scale;
        if let Some(lengths) = &lengths {
            let steps = Tensor::arange(values.size()[1], (Kind::Int64, values.device())).unsqueeze(0);
            let padding = steps.ge_tensor(&lengths.unsqueeze(1)).unsqueeze(-1);
            values = values.masked_fill(&padding, 0.0);
        }
        Ok(ModalityInput { values, lengths })
    }
}

/// Samples `start` to `start + length` of `samples`.
pub(crate) fn part(block: &Block, (start, length): (usize, usize), samples: usize) -> Block {
    let samples = samples.max(1);
    let of = |total: usize| start * (total / samples)..(start + length) * (total / samples);
    match block {
        Block::Continuous { values, lengths } => Block::Continuous {
            values: values[of(values.len())].to_vec(),
            lengths: lengths.as_ref().map(|lengths| lengths[start..start + length].to_vec()),
        },
        Block::Tokens { ids, lengths } => Block::Tokens { ids: ids[of(ids.len())].to_vec(), lengths: lengths[start..start + length].to_vec() },
    }
}

/// Features of consecutive batches as one block.
///
/// # Errors
/// The first batch's that failed.
pub(crate) fn joined(parts: impl Iterator<Item = Result<Block, Failure>>) -> Result<Block, Failure> {
    let (mut all, mut all_lengths) = (Vec::new(), None::<Vec<u32>>);
    for part in parts {
        if let Block::Continuous { values, lengths } = part? {
            all.extend(values);
            if let Some(lengths) = lengths {
                all_lengths.get_or_insert_default().extend(lengths);
            }
        }
    }
    Ok(Block::Continuous { values: all, lengths: all_lengths })
}

/// Features as plain numbers `[B, ..shape]`; sequences that are shorter than `shape` says are padded.
///
/// # Errors
/// Features of another shape than those of the other batches.
pub(super) fn to_block(features: &Features, shape: &[usize], modality: &str) -> Result<Block, Failure> {
    let found = features.values.size();
    let own: Vec<i64> = shape.iter().map(|&size| size as i64).collect();
    let values = match (&found[1..], &own[..]) {
        (found, own) if found == own => features.values.shallow_clone(),
        ([steps, dim], [most, width]) if dim == width && steps < most && features.lengths.is_some() => {
            features.values.constant_pad_nd([0, 0, 0, most - steps])
        }
        _ => {
            let message = format!("the extractor of `{modality}` answers features of shape {:?} after some of {own:?}", &found[1..]);
            return Err(Failure::usage(format!("{message}, expected the same for all samples; see docs/extractors.md")));
        }
    };
    let plain = |tensor: &Tensor, kind: Kind| tensor.detach().to_device(Device::Cpu).to_kind(kind).contiguous().view(-1);
    let values = Vec::<f32>::try_from(plain(&values, Kind::Float)).map_err(Failure::trial)?;
    let lengths = features.lengths.as_ref().map(|lengths| Vec::<i64>::try_from(plain(lengths, Kind::Int64)).map_err(Failure::trial)).transpose()?;
    let lengths = lengths.map(|lengths| lengths.into_iter().map(|length| u32::try_from(length).unwrap_or(0)).collect());
    Ok(Block::Continuous { values, lengths })
}
