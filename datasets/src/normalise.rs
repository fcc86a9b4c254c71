//! Normalisation from the training split only.

use crate::{Block, Dataset, Kind, Modality, Split};

/// Numbers of a modality that are held at a time while it is fitted.
const CHUNK: usize = 1 << 20;

/// Mean and scale of every continuous modality over the training split.
#[derive(Debug, Clone, PartialEq)]
pub struct Normaliser {
    of_modality: Vec<Option<Standardisation>>,
}

/// How one modality is standardised: per feature for vectors (`[d]`) and sequences (`[d]`, over valid steps), per channel for images (`[c]`).
#[derive(Debug, Clone, PartialEq)]
pub struct Standardisation {
    /// Subtracted first.
    pub mean: Vec<f32>,
    /// Divided by then: the standard deviation (divisor n), or 1 where the feature is constant.
    pub scale: Vec<f32>,
    /// Raw size of one unit of noise. Vectors and sequences: the standard deviation, 0 where the feature is constant. Images: 1, in pixels.
    pub unit: Vec<f32>,
}

impl Normaliser {
    /// Fits on the training split (as reduced by `?train=N`), in f64 and id order. Reads the split twice, for means and for deviations, and holds some
    /// megabytes of it at a time.
    pub fn fit(dataset: &Dataset) -> Self {
        let read = |at: usize, rows: &[usize]| dataset.read(at, rows);
        let fit = |(at, modality): (usize, &Modality)| fit(dataset, (at, &modality.kind), read);
        Self { of_modality: dataset.modalities().iter().enumerate().map(fit).collect() }
    }

    /// The figures of what corruptions see: of the raw inputs where a modality has one, and `features` (from [`Normaliser::fit`]) elsewhere.
    pub fn fit_raw(dataset: &Dataset, features: &Self) -> Self {
        let read = |at: usize, rows: &[usize]| dataset.read_raw(at, rows);
        let fit = |(at, modality): (usize, &Modality)| match dataset.extractor(at) {
            Some(_) => fit(dataset, (at, &modality.kind), read),
            None => features.of(at).cloned(),
        };
        Self { of_modality: dataset.raw_modalities().iter().enumerate().map(fit).collect() }
    }

    /// The figures of a modality; `None` for tokens, and where there is no such modality.
    pub fn of(&self, modality: usize) -> Option<&Standardisation> {
        self.of_modality.get(modality).and_then(Option::as_ref)
    }

    /// Turns raw values into (x − mean) / scale; the padding steps of sequences become exactly 0. Tokens stay.
    pub fn apply(&self, modality: usize, kind: &Kind, block: &mut Block) {
        if let Block::Continuous { values, lengths } = block {
            self.apply_to(modality, kind, values, lengths.as_deref());
        }
    }

    /// [`Normaliser::apply`] on the values of whole samples and their lengths.
    pub(crate) fn apply_to(&self, modality: usize, kind: &Kind, values: &mut [f32], lengths: Option<&[u32]>) {
        let Some(Standardisation { mean, scale, .. }) = self.of(modality) else { return };
        let layout = Layout::of(kind);
        for (at, frame) in values.chunks_exact_mut(layout.frame()).enumerate() {
            if !layout.is_valid(at, lengths) {
                frame.fill(0.0);
                continue;
            }
            let figures = mean.iter().zip(scale);
            // The same arithmetic twice: with one number a feature, the loop over features is the one to run several at a time.
            if layout.inner == 1 {
                frame.iter_mut().zip(figures).for_each(|(value, (mean, scale))| *value = (*value - mean) / scale);
            } else {
                for (run, (mean, scale)) in frame.chunks_exact_mut(layout.inner).zip(figures) {
                    run.iter_mut().for_each(|value| *value = (*value - mean) / scale);
                }
            }
        }
    }
}

/// The figures of one modality over the training split.
fn fit(dataset: &Dataset, (at, kind): (usize, &Kind), read: impl Fn(usize, &[usize]) -> Block) -> Option<Standardisation> {
    if !kind.is_continuous() {
        return None;
    }
    let rows = dataset.indices(Split::Train);
    let size = (CHUNK / kind.numel().max(1)).max(1);
    let read = &read;
    let chunks = || {
        rows.chunks(size).enumerate().map(move |(chunk, own)| {
            dataset.columns[at].will_need(rows.chunks(size).nth(chunk + 1).unwrap_or_default());
            read(at, own)
        })
    };
    Some(standardise(kind, chunks))
}

/// Every continuous kind seen as `[n, steps, features, inner]`.
struct Layout {
    steps: usize,
    features: usize,
    inner: usize,
}

impl Layout {
    fn of(kind: &Kind) -> Self {
        match *kind {
            Kind::Vector { dim } => Self { steps: 1, features: dim, inner: 1 },
            Kind::Sequence { steps, dim } => Self { steps, features: dim, inner: 1 },
            Kind::Image { channels, height, width } => Self { steps: 1, features: channels, inner: height * width },
            Kind::Tokens { steps, .. } => Self { steps: 1, features: steps, inner: 1 },
        }
    }

    /// Numbers of one step.
    fn frame(&self) -> usize {
        self.features * self.inner
    }

    /// Whether frame `at`, counted over all samples, holds data and not padding.
    fn is_valid(&self, at: usize, lengths: Option<&[u32]>) -> bool {
        let length = lengths.and_then(|lengths| lengths.get(at / self.steps));
        length.is_none_or(|&length| at % self.steps < length as usize)
    }
}

/// Figures of a modality whose samples come in `chunks`, which are gone through twice. Sums are taken in the order of the samples: chunks do not
/// change a bit.
fn standardise<Chunks: Iterator<Item = Block>>(kind: &Kind, chunks: impl Fn() -> Chunks) -> Standardisation {
    let layout = Layout::of(kind);
    let valid = |each: &mut dyn FnMut(&[f32])| {
        for block in chunks() {
            let Block::Continuous { values, lengths } = block else { continue };
            let frames = values.chunks_exact(layout.frame()).enumerate();
            frames.filter(|(at, _)| layout.is_valid(*at, lengths.as_deref())).for_each(|(_, frame)| each(frame));
        }
    };
    let mut count = 0;
    let mut mean = vec![0.0_f64; layout.features];
    let mut largest = vec![0.0_f64; layout.features];
    valid(&mut |frame| {
        count += layout.inner;
        for ((run, mean), largest) in frame.chunks_exact(layout.inner).zip(&mut mean).zip(&mut largest) {
            for &value in run {
                *mean += f64::from(value);
                *largest = largest.max(f64::from(value).abs());
            }
        }
    });
    let count = count as f64;
    mean.iter_mut().for_each(|mean| *mean /= count.max(1.0));
    let mut square = vec![0.0_f64; layout.features];
    valid(&mut |frame| {
        for ((run, mean), square) in frame.chunks_exact(layout.inner).zip(&mean).zip(&mut square) {
            *square += run.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>();
        }
    });
    // What is smaller than the rounding of f32 is no spread: a constant 0.1 would otherwise be blown up to noise.
    let deviation = square.iter().zip(&largest).map(|(square, largest)| {
        let deviation = (square / count.max(1.0)).sqrt();
        if deviation > largest * f64::from(f32::EPSILON) { deviation as f32 } else { 0.0 }
    });
    let deviation: Vec<f32> = deviation.collect();
    Standardisation {
        mean: mean.into_iter().map(|mean| mean as f32).collect(),
        scale: deviation.iter().map(|&deviation| if deviation > 0.0 { deviation } else { 1.0 }).collect(),
        unit: if matches!(kind, Kind::Image { .. }) { vec![1.0; layout.features] } else { deviation },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(kind: &Kind, values: &[f32], lengths: Option<&[u32]>) -> Standardisation {
        let block = Block::Continuous { values: values.to_vec(), lengths: lengths.map(<[u32]>::to_vec) };
        standardise(kind, || std::iter::once(block.clone()))
    }

    /// Mean 2 and population deviation sqrt(2/3) of 1, 2, 3, by hand; the second feature is constant.
    #[test]
    fn vectors_are_standardised_per_feature_and_constants_keep_scale_one() {
        let figures = figures(&Kind::Vector { dim: 2 }, &[1.0, 0.1, 2.0, 0.1, 3.0, 0.1], None);
        let deviation = (2.0_f64 / 3.0).sqrt() as f32;
        assert_eq!(figures, Standardisation { mean: vec![2.0, 0.1], scale: vec![deviation, 1.0], unit: vec![deviation, 0.0] });
    }

    #[test]
    fn padding_steps_neither_count_nor_stay() {
        let kind = Kind::Sequence { steps: 2, dim: 1 };
        let values = vec![1.0, 900.0, 3.0, 5.0];
        let figures = figures(&kind, &values, Some(&[1, 2]));
        assert_eq!(figures.mean, [3.0]);
        let normaliser = Normaliser { of_modality: vec![Some(figures)] };
        let mut block = Block::Continuous { values, lengths: Some(vec![1, 2]) };
        normaliser.apply(0, &kind, &mut block);
        let Block::Continuous { values, .. } = block else { panic!("a sequence stays continuous") };
        assert_eq!([values[1], values[2]], [0.0, 0.0]);
        assert_eq!(values[0], -values[3]);
    }

    #[test]
    fn images_are_standardised_per_channel_with_noise_in_pixels() {
        let kind = Kind::Image { channels: 2, height: 1, width: 2 };
        let figures = figures(&kind, &[0.0, 1.0, 0.5, 0.5], None);
        assert_eq!(figures, Standardisation { mean: vec![0.5, 0.5], scale: vec![0.5, 1.0], unit: vec![1.0, 1.0] });
    }
}
