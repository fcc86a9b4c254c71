//! Counts what changed between a clean and a corrupted block, from the blocks alone, and bounds what chance explains.

use bench_datasets::{Block, Modality, Standardisation, UNKNOWN};

use super::SelfTestError;
use crate::{
    CorruptionError,
    layout::{Layout, valid_steps},
};

/// Natural logarithm of 2 / 10⁻⁶: every bound below fails a correct corruption for at most one seed in a million.
const LOG_CONFIDENCE: f64 = 14.508_657_738_524_219;

/// Sums over all chunks of the test split, for one level.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Elements, known words, or steps.
    pub count: u64,
    /// Sum over samples of the realised perturbation.
    pub applied: f64,
    masked: u64,
    sum: f64,
    squares: f64,
    rounding_squares: f64,
}

/// Why a block could not be counted.
#[derive(Debug)]
pub(super) enum Refusal {
    /// This must not change and has changed.
    Touched(&'static str),
    /// The blocks do not fit the modality.
    Corruption(CorruptionError),
}

impl From<CorruptionError> for Refusal {
    fn from(error: CorruptionError) -> Self {
        Self::Corruption(error)
    }
}

impl Refusal {
    pub fn into_error(self, touched: impl Fn(&'static str) -> SelfTestError) -> SelfTestError {
        match self {
            Self::Touched(what) => touched(what),
            Self::Corruption(error) => error.into(),
        }
    }
}

impl Tally {
    /// Counts noise, in units; everything that must not change is compared bit for bit.
    pub fn add_noise(&mut self, modality: &Modality, of: Option<&Standardisation>, clean: &Block, corrupted: &Block) -> Result<(), Refusal> {
        let (before, after) = continuous(modality, clean, corrupted)?;
        let layout = Layout::of(modality, of)?;
        let width = layout.units.len().max(1);
        let samples = before.chunks_exact(layout.numel().max(1)).zip(after.chunks_exact(layout.numel().max(1)));
        for ((before, after), valid) in samples.zip(valid_steps(modality, clean, before.len() / layout.numel().max(1))) {
            for (step, (before, after)) in before.chunks_exact(width).zip(after.chunks_exact(width)).enumerate() {
                for ((&before, &after), &unit) in before.iter().zip(after).zip(&layout.units) {
                    if step < valid && unit > 0.0 {
                        let (before, after, unit) = (f64::from(before), f64::from(after), f64::from(unit));
                        let change = (after - before) / unit;
                        self.count += 1;
                        self.sum += change;
                        self.squares += change * change;
                        self.rounding_squares += (after * f64::from(f32::EPSILON) / 2.0 / unit).powi(2);
                    } else if before.to_bits() != after.to_bits() {
                        return Err(Refusal::Touched("padding or constant features"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Counts masked words or steps; everything that must not change is compared bit for bit.
    pub fn add_mask(&mut self, modality: &Modality, of: Option<&Standardisation>, clean: &Block, corrupted: &Block) -> Result<(), Refusal> {
        if let (Block::Tokens { ids: before, lengths }, Block::Tokens { ids: after, lengths: lengths_after }) = (clean, corrupted) {
            let steps = before.len() / lengths.len().max(1);
            if lengths != lengths_after {
                return Err(Refusal::Touched("lengths"));
            }
            let samples = before.chunks_exact(steps.max(1)).zip(after.chunks_exact(steps.max(1)));
            for ((before, after), valid) in samples.zip(valid_steps(modality, clean, lengths.len())) {
                for (at, (before, after)) in before.iter().zip(after).enumerate() {
                    let known = at < valid && *before != UNKNOWN;
                    self.add_place(known, known && *after == UNKNOWN, before == after)?;
                }
            }
            return Ok(());
        }
        let (before, after) = continuous(modality, clean, corrupted)?;
        let layout = Layout::of(modality, of)?;
        let width = layout.units.len().max(1);
        let samples = before.chunks_exact(layout.numel().max(1)).zip(after.chunks_exact(layout.numel().max(1)));
        for ((before, after), valid) in samples.zip(valid_steps(modality, clean, before.len() / layout.numel().max(1))) {
            for (step, (before, after)) in before.chunks_exact(width).zip(after.chunks_exact(width)).enumerate() {
                // A step that is the training mean already says nothing.
                let known = step < valid && before != layout.means;
                self.add_place(known, known && after == layout.means, bits(before).eq(bits(after)))?;
            }
        }
        Ok(())
    }

    fn add_place(&mut self, known: bool, masked: bool, same: bool) -> Result<(), Refusal> {
        self.count += u64::from(known);
        self.masked += u64::from(masked);
        if masked || same { Ok(()) } else { Err(Refusal::Touched("padding, unknown words or places that it does not mask")) }
    }

    /// Share of the counted places that are masked; 0 where there are none.
    pub fn rate(&self) -> f64 {
        self.masked as f64 / self.count.max(1) as f64
    }

    /// Root mean square of the counted changes, in units; 0 where there are none.
    pub fn root_mean_square(&self) -> f64 {
        (self.squares / self.count.max(1) as f64).sqrt()
    }

    /// The interval of rates that sampling error explains (Bernstein's inequality).
    pub fn check_rate(&self, condition: &str, rate: f64) -> Result<(f64, f64), SelfTestError> {
        let count = self.count.max(1) as f64;
        let third = LOG_CONFIDENCE / 3.0;
        let margin = (third + (third * third + 2.0 * LOG_CONFIDENCE * count * rate * (1.0 - rate)).sqrt()) / count;
        // A certain outcome has no sampling error.
        let margin = if rate == 0.0 || rate == 1.0 { 0.0 } else { margin };
        self.within(condition, "mask rate", self.rate(), ((rate - margin).max(0.0), (rate + margin).min(1.0)))
    }

    /// The interval of root mean squares that sampling error and the rounding of corrupted values to f32 explain (Laurent and Massart 2000,
    /// Lemma 1, for the sum of squares; Minkowski's inequality for the rounding). The mean must be zero within its own sampling error.
    pub fn check_noise(&self, condition: &str, sigma: f64) -> Result<(f64, f64), SelfTestError> {
        let count = self.count.max(1) as f64;
        let rounding = (self.rounding_squares / count).sqrt();
        let spread = 2.0 * (LOG_CONFIDENCE / count).sqrt();
        let low = sigma * (1.0 - spread).max(0.0).sqrt() - rounding;
        let high = sigma * (1.0 + spread + 2.0 * LOG_CONFIDENCE / count).sqrt() + rounding;
        let mean = sigma * (2.0 * LOG_CONFIDENCE / count).sqrt() + rounding;
        self.within(condition, "mean", self.sum / count, (-mean, mean))?;
        self.within(condition, "standard deviation before clamping", self.root_mean_square(), (low.max(0.0), high))
    }

    fn within(&self, condition: &str, quantity: &'static str, found: f64, (low, high): (f64, f64)) -> Result<(f64, f64), SelfTestError> {
        if self.count == 0 || (low..=high).contains(&found) {
            return Ok((low, high));
        }
        Err(SelfTestError::Realised { condition: condition.into(), quantity, found, low, high, count: self.count })
    }
}

/// Whether two blocks are the same bit for bit.
pub(super) fn same_bits(one: &Block, other: &Block) -> bool {
    match (one, other) {
        (Block::Continuous { values: one, lengths }, Block::Continuous { values: other, lengths: others }) => {
            bits(one).eq(bits(other)) && lengths == others
        }
        (Block::Tokens { ids: one, lengths }, Block::Tokens { ids: other, lengths: others }) => one == other && lengths == others,
        _ => false,
    }
}

/// Whether everything that `lower` changed is the same in `higher`.
pub(super) fn keeps_changes(clean: &Block, lower: &Block, higher: &Block) -> bool {
    fn kept<T: PartialEq>(mut places: impl Iterator<Item = ((T, T), T)>) -> bool {
        places.all(|((clean, lower), higher)| lower == clean || higher == lower)
    }
    match (clean, lower, higher) {
        (Block::Continuous { values: clean, .. }, Block::Continuous { values: lower, .. }, Block::Continuous { values: higher, .. }) => {
            kept(bits(clean).zip(bits(lower)).zip(bits(higher)))
        }
        (Block::Tokens { ids: clean, .. }, Block::Tokens { ids: lower, .. }, Block::Tokens { ids: higher, .. }) => {
            kept(clean.iter().zip(lower).zip(higher))
        }
        _ => false,
    }
}

fn bits(values: &[f32]) -> impl Iterator<Item = u32> {
    values.iter().map(|value| value.to_bits())
}

fn continuous<'a>(modality: &Modality, clean: &'a Block, corrupted: &'a Block) -> Result<(&'a [f32], &'a [f32]), Refusal> {
    match (clean, corrupted) {
        (Block::Continuous { values: before, lengths }, Block::Continuous { values: after, lengths: lengths_after }) => {
            if lengths == lengths_after {
                Ok((before, after))
            } else {
                Err(Refusal::Touched("lengths"))
            }
        }
        _ => Err(CorruptionError::Kind { modality: modality.name.clone(), kind: modality.kind.name() }.into()),
    }
}

#[cfg(test)]
mod tests {
    use bench_datasets::Kind;

    use super::*;
    use crate::Fields;

    fn audio() -> Modality {
        Modality { name: "audio".into(), kind: Kind::Vector { dim: 50 } }
    }

    fn standardisation() -> Standardisation {
        Standardisation { mean: vec![0.0; 50], scale: vec![1.0; 50], unit: vec![1.0; 50] }
    }

    fn block(values: Vec<f32>) -> Block {
        Block::Continuous { values, lengths: None }
    }

    fn noise(scale: f32, shift: f32, shared: bool) -> Result<(f64, f64), SelfTestError> {
        let names: Vec<String> = (0..40).map(|sample| if shared { "same".into() } else { sample.to_string() }).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let audio = audio();
        let fields = Fields::new("dataset", 3, &audio, &names);
        let values = fields.normals().iter().map(|normal| normal * scale + shift).collect();
        let mut tally = Tally::default();
        tally.add_noise(&audio, Some(&standardisation()), &block(vec![0.0; 2000]), &block(values)).unwrap();
        tally.check_noise("noise(audio,0.5)", 0.5)
    }

    #[test]
    fn noise_of_the_right_size_passes_and_any_other_fails() {
        let (low, high) = noise(0.5, 0.0, false).unwrap();
        assert!(0.45 < low && low < 0.5 && 0.5 < high && high < 0.55, "{low} {high}");
        for (scale, shift, quantity) in
            [(0.6, 0.0, "standard deviation before clamping"), (0.4, 0.0, "standard deviation before clamping"), (0.5, 0.1, "mean")]
        {
            assert!(matches!(noise(scale, shift, false), Err(SelfTestError::Realised { quantity: found, .. }) if found == quantity));
        }
    }

    #[test]
    fn draws_shared_by_all_samples_are_found_out() {
        assert!(noise(0.5, 0.0, true).is_err());
    }

    #[test]
    fn a_rate_is_bounded_by_bernsteins_inequality() {
        let tally = |masked| Tally { count: 1000, masked, ..Tally::default() };
        let (low, high) = tally(100).check_rate("mask(text,0.1)", 0.1).unwrap();
        // (L/3 + √((L/3)² + 2·L·1000·0.1·0.9)) / 1000 with L = ln(2·10⁶), by hand.
        assert!((low - 0.043_833).abs() < 1e-5 && (high - 0.156_167).abs() < 1e-5, "{low} {high}");
        assert!(tally(40).check_rate("mask(text,0.1)", 0.1).is_err() && tally(160).check_rate("mask(text,0.1)", 0.1).is_err());
        assert!(tally(999).check_rate("mask(text,1)", 1.0).is_err() && tally(1000).check_rate("mask(text,1)", 1.0).is_ok());
        assert!(tally(1).check_rate("mask(text,0)", 0.0).is_err());
    }

    #[test]
    fn touched_padding_constant_features_and_lengths_are_found_out() {
        let mut of = standardisation();
        of.unit[0] = 0.0;
        let mut values = vec![0.0; 50];
        values[0] = 1e-9;
        let refusal = Tally::default().add_noise(&audio(), Some(&of), &block(vec![0.0; 50]), &block(values));
        assert!(matches!(refusal, Err(Refusal::Touched("padding or constant features"))));

        let text = Modality { name: "text".into(), kind: Kind::Tokens { steps: 3, vocabulary: Vec::new() } };
        let words = |ids: [u32; 3], length| Block::Tokens { ids: ids.to_vec(), lengths: vec![length] };
        let mask = |after| Tally::default().add_mask(&text, None, &words([5, 6, 0], 2), &after);
        assert!(mask(words([1, 6, 0], 2)).is_ok());
        assert!(mask(words([5, 6, 1], 2)).is_err(), "padding");
        assert!(mask(words([7, 6, 0], 2)).is_err(), "another word");
        assert!(mask(words([1, 6, 0], 1)).is_err(), "length");
    }

    #[test]
    fn a_mask_that_a_higher_rate_takes_back_is_found_out() {
        let words = |ids: [u32; 2]| Block::Tokens { ids: ids.to_vec(), lengths: vec![2] };
        assert!(keeps_changes(&words([5, 6]), &words([1, 6]), &words([1, 1])));
        assert!(!keeps_changes(&words([5, 6]), &words([1, 6]), &words([5, 1])));
    }

    #[test]
    fn minus_zero_is_another_value_than_zero() {
        assert!(!same_bits(&block(vec![0.0]), &block(vec![-0.0])));
    }
}
