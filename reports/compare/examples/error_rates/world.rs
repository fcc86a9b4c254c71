//! Two runs before and after a change, answered sample by sample.

use bench_compare::{Dataset, Evidence, Pair, Row, Side};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// As many as the embedded digits have, about.
pub const SAMPLES: usize = 400;
const ACCURACY: f64 = 0.75;
/// Φ⁻¹(0.75).
const THRESHOLD: f64 = 0.674_489_750_196_081_7;
/// Correlation of the latent numbers of two seeds that disagree on 10 % of the samples at this accuracy, and of two methods that disagree on 12 %.
const WITHIN: f64 = 0.922_769_389_418_593_3;
const BETWEEN: f64 = 0.889_129_774_445_169_5;
/// Share of a liking that the samples of a group have in common.
const OF_GROUP: f64 = 0.2;

/// How a seed moves a whole run of the head.
#[derive(Clone, Copy)]
pub enum SeedEffect {
    None,
    /// By a normal number with this deviation.
    Normal(f64),
    /// One run in ten loses this much, and the others have a ninth of it more: on average nothing.
    Rare(f64),
}

/// How samples are grouped.
#[derive(Clone, Copy)]
pub enum Groups {
    None,
    /// So many, drawn from a population in which base and head are alike.
    Drawn(usize),
    /// So many in which base and head are alike themselves: each likes some, and both as many.
    These(usize),
}

#[derive(Clone, Copy)]
pub struct World {
    pub seeds: usize,
    pub effect: SeedEffect,
    pub groups: Groups,
}

impl World {
    /// A row for each change of the head's true accuracy.
    pub fn evidence(&self, changes: &[f64], rng: &mut ChaCha8Rng) -> Evidence {
        let side = |name: &str| Side { name: name.into(), facts: Vec::new() };
        let rows = changes.iter().enumerate().map(|(at, &change)| Row {
            base: "method".into(),
            head: "method".into(),
            quantity: at.to_string(),
            conditions: 1,
            identical: false,
            pairs: self.pairs(change, rng),
            unavailable: None,
        });
        let rows = rows.collect();
        let count = match self.groups {
            Groups::None => None,
            Groups::Drawn(count) | Groups::These(count) => Some(count),
        };
        let groups = count.map(|count| ("speaker".to_owned(), (0..SAMPLES).map(|sample| (sample % count) as u32).collect()));
        let dataset =
            Dataset { name: "simulated".into(), n_test: SAMPLES, groups, metric: "accuracy".into(), higher_is_better: true, range: 1.0, rows };
        Evidence { base: side("base"), head: side("head"), datasets: vec![dataset], costs: Vec::new(), lacking: Vec::new(), notes: Vec::new() }
    }

    fn pairs(&self, change: f64, rng: &mut ChaCha8Rng) -> Vec<Pair> {
        let (own, rest) = ((WITHIN - BETWEEN).sqrt(), (1.0 - WITHIN).sqrt());
        let of_groups = self.likings(rng);
        let liking = |side: usize, sample: usize, rng: &mut ChaCha8Rng| match of_groups.as_slice() {
            [] => normal(rng),
            groups => OF_GROUP.sqrt() * groups[sample % groups.len()][side] + (1.0 - OF_GROUP).sqrt() * normal(rng),
        };
        let samples: Vec<[f64; 2]> = (0..SAMPLES)
            .map(|sample| {
                let shared = THRESHOLD + BETWEEN.sqrt() * normal(rng);
                [0, 1].map(|side| shared + own * liking(side, sample, rng))
            })
            .collect();
        let pairs = (0..self.seeds as u64).map(|seed| {
            let shift = change + self.effect.draw(rng);
            let [mut base, mut head] = [Vec::with_capacity(SAMPLES), Vec::with_capacity(SAMPLES)];
            for latent in &samples {
                base.push(f64::from(u8::from(latent[0] + rest * normal(rng) > 0.0)));
                let right = latent[1] + rest * normal(rng) > 0.0;
                // Answers are turned at random, so that scores stay whole and the mean moves by the shift.
                let turned = if right { -shift / ACCURACY } else { shift / (1.0 - ACCURACY) };
                head.push(f64::from(u8::from(right != (rng.random::<f64>() < turned))));
            }
            let mean = |values: &[f64]| values.iter().sum::<f64>() / SAMPLES as f64;
            Pair { seed, base: mean(&base), head: mean(&head), samples: Some((base, head)) }
        });
        pairs.collect()
    }

    /// What base and head like of each group.
    fn likings(&self, rng: &mut ChaCha8Rng) -> Vec<[f64; 2]> {
        match self.groups {
            Groups::None => Vec::new(),
            Groups::Drawn(count) => (0..count).map(|_| [normal(rng), normal(rng)]).collect(),
            Groups::These(count) => {
                let likings: Vec<f64> = (0..count).map(|_| normal(rng)).collect();
                (0..count).map(|group| [likings[group], likings[(group + 1) % count]]).collect()
            }
        }
    }
}

impl SeedEffect {
    fn draw(self, rng: &mut ChaCha8Rng) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Normal(deviation) => deviation * normal(rng),
            Self::Rare(loss) if rng.random::<f64>() < 0.1 => -loss,
            Self::Rare(loss) => loss / 9.0,
        }
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}
