/*!
The frozen networks whose features multimodal pipelines read, as architectures with random weights.

What an extraction costs depends on shapes alone, so no weights are downloaded: they are keyed draws, and nothing computed here is a feature that a
model should learn from. The networks are those of the published checkpoints, operation by operation, with the fused attention that libraries run
today.
*/

mod bert;
mod resnet;
mod transformer;
mod wav2vec;

use std::{collections::HashMap, fmt::Debug};

use bench_card::{EXTRACTORS, ExtractorCard};
use bench_datasets::keyed::Key;
use tch::{Device, Tensor};
use thiserror::Error;

use crate::nn::Parameters;

/// Names of all extractors.
pub const NAMES: [&str; EXTRACTORS.len()] = [EXTRACTORS[0].name, EXTRACTORS[1].name, EXTRACTORS[2].name];

/// Numbers in a batch at most: a gibibyte, of which a forward pass makes many times as much.
const LARGEST_BATCH: i64 = 1 << 28;

/// A frozen network of random weights.
pub trait Extractor: Debug {
    /// One of [`NAMES`].
    fn name(&self) -> &'static str;

    /// Numbers that pre-training moved, counted as the published checkpoint counts them. All are frozen.
    fn parameters(&self) -> u64;

    /// A batch of made-up samples, the same numbers at every call. `size` is tokens of a sequence, frames of a sample, or seconds of a clip.
    ///
    /// # Errors
    /// The network reads no sample of this size, or the batch is empty or holds more than a gibibyte.
    fn input(&self, batch: usize, size: f64) -> Result<Tensor, ExtractorError>;

    /// Features of a batch as [`Extractor::input`] makes it.
    ///
    /// # Panics
    /// On libtorch's errors (another shape, no memory), as tch does.
    fn extract(&self, input: &Tensor) -> Tensor;
}

/// Why there is no such extraction.
#[derive(Debug, Clone, Error, PartialEq)]
pub enum ExtractorError {
    /// No extractor of this name.
    #[error("there is no extractor `{name}`; there are {}", NAMES.join(", "))]
    Unknown {
        /// The name.
        name: String,
    },
    /// The network reads no samples of this size.
    #[error("extractor `{name}` reads {expected}, not {size}")]
    Size {
        /// The extractor.
        name: &'static str,
        /// What it reads.
        expected: String,
        /// What it was to read.
        size: f64,
    },
    /// No samples, or too many.
    #[error("extractor `{name}` reads batches of 1 to {most} such samples, not of {batch}")]
    Batch {
        /// The extractor.
        name: &'static str,
        /// Samples of this size in the largest batch.
        most: i64,
        /// Samples.
        batch: usize,
    },
}

/// Builds an extractor by its name: up to 440 MB of weights, about a second.
///
/// # Errors
/// There is no such extractor.
pub fn find(name: &str, device: Device) -> Result<Box<dyn Extractor>, ExtractorError> {
    match name {
        bert::NAME => Ok(Box::new(bert::Bert::new(device))),
        resnet::NAME => Ok(Box::new(resnet::ResNet::new(device, resnet::Head::Features))),
        wav2vec::NAME => Ok(Box::new(wav2vec::Wav2Vec::new(device))),
        _ => Err(ExtractorError::Unknown { name: name.into() }),
    }
}

/// Whether an extractor reads samples of a size, without building it.
///
/// # Errors
/// There is no such extractor, or it does not.
pub fn check(name: &str, size: f64) -> Result<(), ExtractorError> {
    match name {
        bert::NAME => bert::tokens(size).map(drop),
        resnet::NAME => resnet::frames(size).map(drop),
        wav2vec::NAME => wav2vec::samples(size).map(drop),
        _ => Err(ExtractorError::Unknown { name: name.into() }),
    }
}

/// A whole number within bounds, or the error.
fn whole(card: &ExtractorCard, size: f64) -> Result<i64, ExtractorError> {
    if card.reads(size) { Ok(size as i64) } else { Err(refused(card, size)) }
}

fn refused(card: &ExtractorCard, size: f64) -> ExtractorError {
    let ExtractorCard { name, unit, least, most } = *card;
    let kind = if card.is_whole() { "a whole number of" } else { "clips of" };
    ExtractorError::Size { name, expected: format!("{kind} {least} to {most} {unit}"), size }
}

/// Samples in a batch, of so many numbers each.
fn samples(name: &'static str, batch: usize, numbers: i64) -> Result<i64, ExtractorError> {
    let most = LARGEST_BATCH / numbers.max(1);
    i64::try_from(batch).ok().filter(|batch| (1..=most).contains(batch)).ok_or(ExtractorError::Batch { name, most, batch })
}

/// The seed of all weights: there is nothing to repeat with another.
const SEED: u64 = 0;

/// Freezes what was drawn.
fn frozen(parameters: Parameters) -> HashMap<String, Tensor> {
    let variables = parameters.variables().variables();
    variables.into_iter().map(|(name, tensor)| (name, tensor.set_requires_grad(false))).collect()
}

/// Numbers in all parameters.
fn numbers(parameters: &HashMap<String, Tensor>) -> u64 {
    parameters.values().map(|tensor| tensor.numel() as u64).sum()
}

/// The key of made-up inputs.
fn input_key(name: &str) -> Key {
    Key::new("extractor input").with("extractor", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes_are_checked_before_anything_is_built() {
        for name in NAMES {
            for size in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300] {
                let error = check(name, size).unwrap_err();
                assert!(error.to_string().starts_with(&format!("extractor `{name}` reads ")), "{error}");
            }
            assert_eq!(check(name, 1.0), Ok(()));
        }
        assert_eq!(check("bert", 1.0).unwrap_err().to_string(), "there is no extractor `bert`; there are bert-base, resnet-50, wav2vec2-base");
        assert!(find("", Device::Cpu).is_err());
    }

    #[test]
    fn limits_are_those_of_the_networks() {
        let fits = |name, size| check(name, size).is_ok();
        // BERT has 512 positions.
        assert!(fits("bert-base", 512.0) && !fits("bert-base", 513.0) && !fits("bert-base", 1.5));
        assert!(fits("resnet-50", 8.0) && !fits("resnet-50", 1.5));
        // 400 samples are the shortest clip with an output frame: 25 ms.
        assert!(fits("wav2vec2-base", 0.025) && !fits("wav2vec2-base", 0.0249) && fits("wav2vec2-base", 4.5));
        let error = check("bert-base", 513.0).unwrap_err();
        assert_eq!(error.to_string(), "extractor `bert-base` reads a whole number of 1 to 512 tokens, not 513");
    }

    /// Every extractor, on its smallest sensible sample: shapes, finite numbers, samples that do not see each other, nothing that could be trained.
    #[test]
    fn features_are_finite_and_of_one_sample_each() {
        for (name, size, shape) in [("bert-base", 6.0, vec![2, 768]), ("resnet-50", 1.0, vec![2, 2048]), ("wav2vec2-base", 0.1, vec![2, 4, 768])] {
            let extractor = find(name, Device::Cpu).unwrap();
            assert!([0, 1 << 28, usize::MAX].into_iter().all(|batch| extractor.input(batch, size).is_err()));
            let input = extractor.input(2, size).unwrap();
            let features = extractor.extract(&input);
            assert_eq!(features.size(), shape, "{name}");
            assert!(!features.requires_grad(), "{name}");
            assert!(bool::try_from(features.isfinite().all()).unwrap(), "{name}");
            // A random network still tells samples apart.
            let apart = (features.get(0) - features.get(1)).abs().max().double_value(&[]);
            assert!(apart > 1e-4, "{name}: {apart}");
            let alone = extractor.extract(&input.narrow(0, 1, 1)).get(0);
            let difference = (alone - features.get(1)).abs().max().double_value(&[]);
            assert!(difference < 1e-4, "{name}: {difference}");
        }
    }
}
