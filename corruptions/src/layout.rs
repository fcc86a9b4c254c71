//! One view on all continuous kinds: `[samples, steps, width]` with a unit for every place of a step.

use bench_datasets::{Block, Kind, Modality, Standardisation};

use crate::CorruptionError;

/// How the values of a block lie, and what one unit of noise is in them.
pub(crate) struct Layout {
    /// Steps of a sample: those of a sequence, else 1.
    pub steps: usize,
    /// Raw size of a unit at each place of a step, `[width]`; 0 where the feature is constant and so suffers no noise.
    pub units: Vec<f32>,
    /// Training mean at each place of a step, `[width]`; empty for images, which are never masked.
    pub means: Vec<f32>,
}

impl Layout {
    /// The layout of a continuous modality; refuses words and a standardisation that does not fit.
    pub fn of(modality: &Modality, standardisation: Option<&Standardisation>) -> Result<Self, CorruptionError> {
        let (steps, width) = match modality.kind {
            Kind::Vector { dim } => (1, dim),
            Kind::Sequence { steps, dim } => (steps, dim),
            Kind::Image { .. } => return Ok(Self { steps: 1, units: vec![1.0; modality.kind.numel()], means: Vec::new() }),
            Kind::Tokens { .. } => return Err(CorruptionError::Kind { modality: modality.name.clone(), kind: modality.kind.name() }),
        };
        let fitting = standardisation.filter(|of| of.unit.len() == width && of.mean.len() == width);
        let of = fitting.ok_or_else(|| CorruptionError::Standardisation { modality: modality.name.clone(), expected: width })?;
        Ok(Self { steps, units: of.unit.clone(), means: of.mean.clone() })
    }

    /// Values of a sample.
    pub fn numel(&self) -> usize {
        self.steps * self.units.len()
    }
}

/// Steps (or words) of each of `samples` that are no padding, `[samples]`.
pub(crate) fn valid_steps(modality: &Modality, block: &Block, samples: usize) -> Vec<usize> {
    let steps = match modality.kind {
        Kind::Sequence { steps, .. } | Kind::Tokens { steps, .. } => steps,
        Kind::Vector { .. } | Kind::Image { .. } => 1,
    };
    match block {
        Block::Tokens { lengths, .. } | Block::Continuous { lengths: Some(lengths), .. } => {
            lengths.iter().map(|&length| usize::try_from(length).map_or(steps, |length| length.min(steps))).collect()
        }
        Block::Continuous { lengths: None, .. } => vec![steps; samples],
    }
}

/// Refuses a block that does not hold `samples` samples of the modality's kind and shape.
pub(crate) fn check_block(modality: &Modality, block: &Block, samples: usize) -> Result<(), CorruptionError> {
    let (continuous, found, lengths) = match block {
        Block::Continuous { values, lengths } => (true, values.len(), lengths.as_ref().map(Vec::len)),
        Block::Tokens { ids, lengths } => (false, ids.len(), Some(lengths.len())),
    };
    let expected = samples.saturating_mul(modality.kind.numel());
    if continuous != modality.kind.is_continuous() || found != expected || lengths.is_some_and(|lengths| lengths != samples) {
        return Err(CorruptionError::Block { modality: modality.name.clone(), samples, expected, found });
    }
    Ok(())
}
