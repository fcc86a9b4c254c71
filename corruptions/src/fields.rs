/*!
The keyed draws of a modality: one standard normal and one uniform field for each sample.

The level is not in the key. Noise of every σ is the same normal field scaled and masks of every rate are the same uniform field thresholded, so a
severer corruption of a sample contains the milder one. Drawing is the costly part; a [`Fields`] draws once and serves all levels.
*/

use std::sync::OnceLock;

use bench_datasets::{Kind, Modality, keyed::Key};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Version of what corruptions mean; part of every key, raised when a draw or its use changes. The store's `PROTOCOL_REVISION` must be raised with it:
/// stored scores are found by trial and condition alone, and those of older draws would be taken for new ones.
pub const SEMANTICS: u32 = 1;

/// The draws of one modality for some samples, made when first asked for and kept for all levels.
#[derive(Debug)]
pub struct Fields<'a> {
    base_hash: &'a str,
    seed: u64,
    modality: &'a Modality,
    samples: &'a [&'a str],
    normals: OnceLock<Vec<f32>>,
    uniforms: OnceLock<Vec<u32>>,
}

impl<'a> Fields<'a> {
    /// Draws for `samples` (ids) of one modality; `base_hash` is the dataset's, so low-data variants suffer the same corruption.
    pub fn new(base_hash: &'a str, seed: u64, modality: &'a Modality, samples: &'a [&'a str]) -> Self {
        Self { base_hash, seed, modality, samples, normals: OnceLock::new(), uniforms: OnceLock::new() }
    }

    /// The modality that is drawn for.
    pub fn modality(&self) -> &Modality {
        self.modality
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Standard normal draws, `[samples, ..shape]`. A sample's draws do not depend on its length.
    pub(crate) fn normals(&self) -> &[f32] {
        let numel = self.modality.kind.numel();
        self.normals.get_or_init(|| self.draw("noise", numel, |rng| StandardNormal.sample(rng)))
    }

    /// Draws for masks, `[samples, steps]`; see [`is_masked`].
    pub(crate) fn uniforms(&self) -> &[u32] {
        let steps = match self.modality.kind {
            Kind::Sequence { steps, .. } | Kind::Tokens { steps, .. } => steps,
            Kind::Vector { .. } | Kind::Image { .. } => 0,
        };
        self.uniforms.get_or_init(|| self.draw("mask", steps, |rng| rng.next_u32()))
    }

    fn draw<T>(&self, kind: &str, each: usize, mut one: impl FnMut(&mut rand_chacha::ChaCha8Rng) -> T) -> Vec<T> {
        let key = Key::new("corruption")
            .with("semantics", SEMANTICS)
            .with("dataset", self.base_hash)
            .with("modality", &self.modality.name)
            .with("kind", kind)
            .with("seed", self.seed);
        let mut field = Vec::with_capacity(self.samples.len().saturating_mul(each));
        for sample in self.samples {
            let mut rng = key.clone().with("sample", sample).rng();
            field.extend((0..each).map(|_| one(&mut rng)));
        }
        field
    }
}

/// Whether a draw lies under the rate: uniform on [0, 1) in steps of 2⁻³², so rate 0 masks nothing and rate 1 everything.
pub(crate) fn is_masked(draw: u32, rate: f64) -> bool {
    f64::from(draw) < rate * 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(dim: usize) -> Modality {
        Modality { name: "audio".into(), kind: Kind::Vector { dim } }
    }

    fn words(steps: usize) -> Modality {
        Modality { name: "text".into(), kind: Kind::Tokens { steps, vocabulary: Vec::new() } }
    }

    /// Every published result under a corruption hangs on these: a change needs a new [`SEMANTICS`]. The masks' draws were also computed apart, in
    /// Python, from the key's SHA-256 and the definition of ChaCha with 8 rounds.
    #[test]
    fn first_draws_stay() {
        let (audio, text) = (vector(4), words(4));
        assert_eq!(Fields::new("dataset", 42, &audio, &["one"]).normals(), [-0.86973053, 0.105448365, -0.062505886, -0.64433557]);
        assert_eq!(Fields::new("dataset", 42, &text, &["one"]).uniforms(), [775398587, 1679795810, 4047361400, 2754474833]);
    }

    #[test]
    fn a_samples_draws_depend_neither_on_its_neighbours_nor_on_order() {
        let audio = vector(3);
        let both = Fields::new("dataset", 1, &audio, &["one", "two"]);
        let reversed = Fields::new("dataset", 1, &audio, &["two", "one"]);
        assert_eq!(both.normals()[..3], reversed.normals()[3..]);
        assert_eq!(both.normals()[3..], reversed.normals()[..3]);
        assert_ne!(both.normals()[..3], both.normals()[3..]);
        assert_eq!(Fields::new("dataset", 1, &audio, &["two"]).normals(), &both.normals()[3..]);
    }

    #[test]
    fn dataset_seed_modality_and_sample_are_in_the_key() {
        let (audio, vision) = (vector(2), Modality { name: "vision".into(), kind: Kind::Vector { dim: 2 } });
        let draws = [
            Fields::new("dataset", 1, &audio, &["one"]).normals().to_vec(),
            Fields::new("other", 1, &audio, &["one"]).normals().to_vec(),
            Fields::new("dataset", 2, &audio, &["one"]).normals().to_vec(),
            Fields::new("dataset", 1, &vision, &["one"]).normals().to_vec(),
            Fields::new("dataset", 1, &audio, &["two"]).normals().to_vec(),
        ];
        for (at, one) in draws.iter().enumerate() {
            assert!(draws.iter().skip(at + 1).all(|other| other != one));
        }
    }

    #[test]
    fn rate_zero_masks_nothing_and_rate_one_everything() {
        assert!(!is_masked(0, 0.0) && is_masked(u32::MAX, 1.0) && is_masked(0, 1.0));
        assert!(is_masked(1 << 30, 0.26) && !is_masked(1 << 30, 0.25));
    }
}
