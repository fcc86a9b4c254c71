//! Two methods of equal accuracy, their seeds, and the samples that they are tested on.

use bench_reports::statistics::distributions::{normal_cdf, normal_density, normal_quantile};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use statrs::function::erf::erfc;

/// What a test set holds in all simulations.
pub const SAMPLES: usize = 1000;
/// Share of samples that a method gets right, on average over the population.
const ACCURACY: f64 = 0.75;

/// How a seed moves a whole run, on top of changing single answers: its law, with mean 0. The deviation is in accuracy, of the difference.
#[derive(Clone, Copy, PartialEq)]
pub enum SeedEffect {
    None,
    Normal(f64),
    /// A centred log-normal number (σ = 1, skewness 6.2), turned so that bad runs are the rare ones.
    Skewed(f64),
}

/// What would be repeated, and hence what the hypothesis of equality is about.
#[derive(Clone, Copy, PartialEq)]
pub enum Truth {
    /// Equal on this test set: seeds vary, samples stay.
    TestSet,
    /// Equal in the population: samples (or groups) vary too.
    Population,
}

/// A world in which both methods are equally good. Sample i is answered rightly with the probability
/// Φ((θ + a H + b U)/c), with a difficulty H that the methods share and a liking U that each has for itself, both standard normal.
#[derive(Clone, Copy)]
pub struct World {
    pub seeds: usize,
    pub effect: SeedEffect,
    pub truth: Truth,
    /// Share of samples on which two seeds of one method disagree.
    pub churn: f64,
    /// Share of samples on which two methods disagree.
    pub disagreement: f64,
    /// Groups of equal size, where samples come in groups, and the correlation of U within a group.
    pub groups: Option<(usize, f64)>,
    /// The true difference.
    pub difference: f64,
}

/// One simulated comparison: `[seeds, SAMPLES]` differences, and the groups.
pub struct Comparison {
    pub values: Vec<f64>,
    pub groups: Option<Vec<u32>>,
}

impl Comparison {
    /// The mean difference of each seed: what the t-test sees.
    pub fn of_seeds(&self) -> Vec<f64> {
        self.values.chunks_exact(SAMPLES).map(|row| row.iter().sum::<f64>() / SAMPLES as f64).collect()
    }
}

/// A [`World`] with its coefficients solved for.
pub struct Model {
    world: World,
    shared: f64,
    own: f64,
    rest: f64,
}

impl World {
    pub fn model(self) -> Model {
        let (within, between) = (correlation(self.churn), correlation(self.disagreement));
        Model { world: self, shared: between.sqrt(), own: (within - between).sqrt(), rest: (1.0 - within).sqrt() }
    }
}

impl Model {
    pub fn compare(&self, rng: &mut ChaCha8Rng) -> Comparison {
        let world = &self.world;
        let group = |sample: usize| world.groups.map_or(0, |(groups, _)| sample * groups / SAMPLES);
        let (of_group, of_sample) = world.groups.map_or((0.0, 1.0), |(_, correlation)| (correlation.sqrt(), (1.0 - correlation).sqrt()));
        let count = world.groups.map_or(1, |(groups, _)| groups);
        let likings: Vec<[f64; 2]> = (0..count).map(|_| [normal(rng), normal(rng)]).collect();
        let threshold = normal_quantile(ACCURACY);
        let chances: Vec<[f64; 2]> = (0..SAMPLES)
            .map(|sample| {
                let difficulty = normal(rng);
                likings[group(sample)].map(|liking| {
                    let liking = of_group * liking + of_sample * normal(rng);
                    // Within 1e-10 of `normal_cdf`, at a tenth of its time.
                    erfc(-(threshold + self.shared * difficulty + self.own * liking) / self.rest * std::f64::consts::FRAC_1_SQRT_2) / 2.0
                })
            })
            .collect();
        let here = chances.iter().map(|[method, reference]| method - reference).sum::<f64>() / SAMPLES as f64;
        let shift = world.difference - if world.truth == Truth::TestSet { here } else { 0.0 };
        let mut values = Vec::with_capacity(world.seeds * SAMPLES);
        for _ in 0..world.seeds {
            let shift = shift + world.effect.draw(rng);
            values.extend(chances.iter().map(|chances| {
                let [method, reference] = chances.map(|chance| f64::from(u8::from(rng.random::<f64>() < chance)));
                method - reference + shift
            }));
        }
        Comparison { values, groups: world.groups.map(|_| (0..SAMPLES).map(|sample| group(sample) as u32).collect()) }
    }
}

impl SeedEffect {
    fn draw(self, rng: &mut ChaCha8Rng) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Normal(deviation) => deviation * normal(rng),
            Self::Skewed(deviation) => {
                let e = std::f64::consts::E;
                -deviation * (normal(rng).exp() - e.sqrt()) / (e * (e - 1.0)).sqrt()
            }
        }
    }

    pub fn deviation(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Normal(deviation) | Self::Skewed(deviation) => deviation,
        }
    }

    pub fn name(self) -> String {
        match self {
            Self::None => "none".into(),
            Self::Normal(deviation) => format!("normal, {} pt", 100.0 * deviation),
            Self::Skewed(deviation) => format!("skewed, {} pt", 100.0 * deviation),
        }
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// The correlation of two latent normal numbers whose signs differ on `share` of the samples at this accuracy.
fn correlation(share: f64) -> f64 {
    let threshold = normal_quantile(ACCURACY);
    let differ = |correlation: f64| {
        let (common, own) = (correlation.sqrt(), (1.0 - correlation).sqrt());
        let step = 0.01;
        let both = (-900..=900).map(|at| f64::from(at) * step).map(|z| normal_density(z) * normal_cdf((threshold + common * z) / own).powi(2) * step);
        2.0 * (ACCURACY - both.sum::<f64>())
    };
    let (mut low, mut high) = (0.0, 1.0 - 1e-6);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        *(if differ(middle) > share { &mut low } else { &mut high }) = middle;
    }
    (low + high) / 2.0
}
