//! Applies the data atoms of a condition to the arrays of one modality, in place.

use bench_datasets::{Block, Modality, Standardisation, UNKNOWN};
use thiserror::Error;

use crate::{
    DataAtom, Fields,
    fields::is_masked,
    layout::{Layout, check_block, valid_steps},
};

/// How much was really changed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Realised {
    /// One number a sample, `[B]`. With noise: root mean square of (corrupted − clean) over the sample's valid, non-constant elements, in the
    /// modality's unit, after clamping and masking. With a mask only: the share of the sample's words (or valid steps) that were masked.
    /// 0 where nothing concerns the modality or the sample is empty.
    pub per_sample: Vec<f32>,
}

/// Why arrays could not be corrupted. Conditions that were parsed against the dataset and blocks that it read never meet these.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CorruptionError {
    /// The block is not of the modality's kind and shape.
    #[error(
        "modality `{modality}`: {samples} samples hold {expected} values, found {found} values or another kind; read the block from the same dataset"
    )]
    Block {
        /// Name of the modality.
        modality: String,
        /// Number of sample ids.
        samples: usize,
        /// Values that they hold.
        expected: usize,
        /// Values in the block.
        found: usize,
    },
    /// The training statistics do not fit the modality.
    #[error("modality `{modality}`: the means and units of {expected} features are needed; fit the normaliser on the same dataset")]
    Standardisation {
        /// Name of the modality.
        modality: String,
        /// Number of features.
        expected: usize,
    },
    /// The atom has no meaning on this kind.
    #[error("modality `{modality}`: this corruption has no meaning on kind {kind}; parse the condition against the same dataset")]
    Kind {
        /// Name of the modality.
        modality: String,
        /// Its kind.
        kind: &'static str,
    },
}

/// Applies the atoms that concern modality number `index` to `block` (raw units), with draws made for this call alone; where one block meets
/// several levels, keep a [`Fields`] and use [`Fields::apply`].
///
/// # Errors
/// Where block, standardisation or atoms do not belong to this modality.
pub fn apply(
    base_hash: &str,
    seed: u64,
    samples: &[&str],
    (index, modality): (usize, &Modality),
    atoms: &[DataAtom],
    standardisation: Option<&Standardisation>,
    block: &mut Block,
) -> Result<Realised, CorruptionError> {
    Fields::new(base_hash, seed, modality, samples).apply(index, atoms, standardisation, block)
}

impl Fields<'_> {
    /// Applies the atoms that concern modality number `index` to `block`, which holds the raw values of this value's samples in their order.
    ///
    /// Level 0 changes no bit. Noise is drawn in the modality's unit (pixels, clamped to [0, 1] afterwards; training standard deviations) and
    /// leaves padding and constant features alone. A masked word becomes [`UNKNOWN`], a masked step the training mean; lengths stay.
    ///
    /// # Errors
    /// Where block, standardisation or atoms do not belong to this modality.
    pub fn apply(
        &self,
        index: usize,
        atoms: &[DataAtom],
        standardisation: Option<&Standardisation>,
        block: &mut Block,
    ) -> Result<Realised, CorruptionError> {
        self.corrupt(index, atoms, standardisation, block, self.modality().kind.bounds())
    }

    /// As [`Fields::apply`], with the bounds that noise is clamped to; the self-tests measure σ without.
    pub(crate) fn corrupt(
        &self,
        index: usize,
        atoms: &[DataAtom],
        standardisation: Option<&Standardisation>,
        block: &mut Block,
        bounds: Option<(f32, f32)>,
    ) -> Result<Realised, CorruptionError> {
        check_block(self.modality(), block, self.len())?;
        let valid = valid_steps(self.modality(), block, self.len());
        let mut realised = vec![0.0; self.len()];
        let (mut noise, mut mask) = (0.0, 0.0);
        // Below, a level of 0 is skipped: `x + 0` would turn −0 into +0.
        for atom in atoms.iter().filter(|atom| atom.modality() == index) {
            match *atom {
                DataAtom::Noise { sigma, .. } => noise = sigma,
                DataAtom::Mask { rate, .. } => mask = rate,
            }
        }
        match block {
            Block::Tokens { .. } if noise > 0.0 => return Err(self.meaningless()),
            Block::Tokens { ids, .. } if mask > 0.0 => self.mask_words(ids, &valid, mask, &mut realised),
            Block::Continuous { values, .. } if noise > 0.0 || mask > 0.0 => {
                let layout = Layout::of(self.modality(), standardisation)?;
                let clean = (noise > 0.0).then(|| values.clone());
                if noise > 0.0 {
                    self.add_noise(values, &layout, &valid, noise, bounds);
                }
                if mask > 0.0 {
                    if self.uniforms().len() != self.len() * layout.steps || layout.means.is_empty() {
                        return Err(self.meaningless());
                    }
                    self.mask_steps(values, &layout, &valid, mask, &mut realised);
                }
                if let Some(clean) = clean {
                    root_mean_squares(&clean, values, &layout, &valid, &mut realised);
                }
            }
            Block::Tokens { .. } | Block::Continuous { .. } => {}
        }
        Ok(Realised { per_sample: realised })
    }

    fn meaningless(&self) -> CorruptionError {
        CorruptionError::Kind { modality: self.modality().name.clone(), kind: self.modality().kind.name() }
    }

    fn mask_words(&self, ids: &mut [u32], valid: &[usize], rate: f64, realised: &mut [f32]) {
        let steps = self.uniforms().len() / self.len().max(1);
        let samples = ids.chunks_exact_mut(steps.max(1)).zip(self.uniforms().chunks_exact(steps.max(1)));
        for (((ids, draws), &valid), realised) in samples.zip(valid).zip(realised) {
            let mut masked = 0_usize;
            for (id, _) in ids.iter_mut().zip(draws).take(valid).filter(|(_, draw)| is_masked(**draw, rate)) {
                *id = UNKNOWN;
                masked += 1;
            }
            *realised = share(masked, valid);
        }
    }

    fn mask_steps(&self, values: &mut [f32], layout: &Layout, valid: &[usize], rate: f64, realised: &mut [f32]) {
        let samples = values.chunks_exact_mut(layout.numel().max(1)).zip(self.uniforms().chunks_exact(layout.steps.max(1)));
        for (((values, draws), &valid), realised) in samples.zip(valid).zip(realised) {
            let mut masked = 0_usize;
            let steps = values.chunks_exact_mut(layout.means.len()).zip(draws).take(valid);
            for (step, _) in steps.filter(|(_, draw)| is_masked(**draw, rate)) {
                step.copy_from_slice(&layout.means);
                masked += 1;
            }
            *realised = share(masked, valid);
        }
    }

    fn add_noise(&self, values: &mut [f32], layout: &Layout, valid: &[usize], sigma: f64, bounds: Option<(f32, f32)>) {
        let numel = layout.numel().max(1);
        for ((values, normals), &valid) in values.chunks_exact_mut(numel).zip(self.normals().chunks_exact(numel)).zip(valid) {
            let width = layout.units.len().max(1);
            for (values, normals) in values.chunks_exact_mut(width).zip(normals.chunks_exact(width)).take(valid) {
                for ((value, normal), unit) in values.iter_mut().zip(normals).zip(&layout.units) {
                    if *unit > 0.0 {
                        *value = noisy(*value, *normal, *unit, sigma, bounds);
                    }
                }
            }
        }
    }
}

/// One rounding only, so that a larger σ never moves a value less.
fn noisy(value: f32, normal: f32, unit: f32, sigma: f64, bounds: Option<(f32, f32)>) -> f32 {
    let moved = f64::from(value) + sigma * f64::from(normal) * f64::from(unit);
    // Where raw units are huge the result would be infinite, and one infinite input makes a network's output NaN.
    let moved = moved.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
    bounds.map_or(moved, |(low, high)| moved.clamp(low, high))
}

/// Root mean square change of each sample in units, over valid steps and features that are not constant.
fn root_mean_squares(clean: &[f32], corrupted: &[f32], layout: &Layout, valid: &[usize], realised: &mut [f32]) {
    let (numel, width) = (layout.numel().max(1), layout.units.len().max(1));
    let varying = layout.units.iter().filter(|unit| **unit > 0.0).count();
    for (((clean, corrupted), &valid), realised) in clean.chunks_exact(numel).zip(corrupted.chunks_exact(numel)).zip(valid).zip(realised) {
        let mut squares = 0.0;
        for (clean, corrupted) in clean.chunks_exact(width).zip(corrupted.chunks_exact(width)).take(valid) {
            for ((clean, corrupted), unit) in clean.iter().zip(corrupted).zip(&layout.units) {
                if *unit > 0.0 {
                    squares += ((f64::from(*corrupted) - f64::from(*clean)) / f64::from(*unit)).powi(2);
                }
            }
        }
        *realised = (squares / (valid * varying).max(1) as f64).sqrt() as f32;
    }
}

fn share(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}
