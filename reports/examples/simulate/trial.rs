//! Many comparisons of one world, and how often each test calls the methods different.

use std::thread;

use bench_reports::statistics::{Differences, Draws, paired_t, two_level_drawing};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use crate::world::{Comparison, Model, SAMPLES, World};

/// Resamples of each bootstrap: the smallest p is 0.002.
pub const RESAMPLES: usize = 999;
const LEVELS: [f64; 2] = [0.05, 0.01];

/// How often something happened.
#[derive(Clone, Copy, Default)]
pub struct Share {
    times: usize,
    of: usize,
}

impl Share {
    fn add(&mut self, happened: bool) {
        self.times += usize::from(happened);
        self.of += 1;
    }

    fn join(&mut self, other: Self) {
        self.times += other.times;
        self.of += other.of;
    }

    /// Percent, with its Monte-Carlo standard error.
    pub fn cell(self) -> String {
        if self.of == 0 {
            return "–".into();
        }
        let share = self.times as f64 / self.of as f64;
        format!("{:.1} ± {:.1}", 100.0 * share, 100.0 * (share * (1.0 - share) / self.of as f64).sqrt())
    }
}

/// One test's rejections at 5 % and 1 %, and how often its 95 % interval holds the truth.
#[derive(Clone, Copy, Default)]
pub struct Found {
    pub rejected: [Share; 2],
    pub covered: Share,
}

impl Found {
    fn add(&mut self, p: f64, covered: bool) {
        for (share, level) in self.rejected.iter_mut().zip(LEVELS) {
            share.add(p <= level);
        }
        self.covered.add(covered);
    }

    fn join(&mut self, other: Self) {
        self.rejected.iter_mut().zip(other.rejected).for_each(|(share, other)| share.join(other));
        self.covered.join(other.covered);
    }
}

/// What all tests found in one world.
#[derive(Clone, Copy, Default)]
pub struct Results {
    pub t: Found,
    /// The two-level bootstrap that draws as many as there are.
    pub all: Found,
    /// The two-level bootstrap that draws one less: the default.
    pub one_less: Found,
    /// The default bootstrap over samples where samples come in groups.
    pub ungrouped: Found,
    /// The t-test and the default bootstrap at once.
    pub both: Found,
}

/// How much to simulate.
#[derive(Clone, Copy)]
pub struct Effort {
    pub repetitions: usize,
    /// The first of them that are bootstrapped too.
    pub bootstrapped: usize,
}

/// Simulates `world`. Every repetition has its own key, so the result does not depend on the number of threads.
pub fn simulate(name: &str, world: World, effort: Effort) -> Results {
    eprintln!("{name}");
    let model = world.model();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut results = Results::default();
    thread::scope(|scope| {
        let model = &model;
        let work = |first: usize| {
            let mut results = Results::default();
            for repetition in (first..effort.repetitions).step_by(threads) {
                results.repeat(model, world.difference, name, repetition, effort.bootstrapped);
            }
            results
        };
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(move || work(first))).collect();
        for thread in running {
            results.join(thread.join().expect("a simulating thread panicked"));
        }
    });
    results
}

impl Results {
    fn repeat(&mut self, model: &Model, truth: f64, name: &str, repetition: usize, bootstrapped: usize) {
        let comparison = model.compare(&mut ChaCha8Rng::from_seed(key(name, repetition, 0)));
        let seeds = comparison.of_seeds();
        let Some(t) = paired_t(&seeds, &vec![0.0; seeds.len()], 0.95) else { return };
        self.t.add(t.p_two_sided, holds(t.interval, truth));
        if repetition >= bootstrapped {
            return;
        }
        bootstrap(&mut self.all, &comparison, true, Draws::All, key(name, repetition, 1), truth);
        let p = bootstrap(&mut self.one_less, &comparison, true, Draws::OneLess, key(name, repetition, 2), truth);
        self.both.add(p.max(t.p_two_sided), false);
        if comparison.groups.is_some() {
            bootstrap(&mut self.ungrouped, &comparison, false, Draws::OneLess, key(name, repetition, 3), truth);
        }
    }

    fn join(&mut self, other: Self) {
        self.t.join(other.t);
        self.all.join(other.all);
        self.one_less.join(other.one_less);
        self.ungrouped.join(other.ungrouped);
        self.both.join(other.both);
    }
}

fn bootstrap(found: &mut Found, comparison: &Comparison, grouped: bool, draws: Draws, key: [u8; 32], truth: f64) -> f64 {
    let groups = comparison.groups.as_deref().filter(|_| grouped);
    let differences = Differences { values: &comparison.values, samples: SAMPLES, groups };
    let Some(bootstrap) = two_level_drawing(&differences, draws, RESAMPLES, key) else { return f64::NAN };
    let p = bootstrap.p_two_sided();
    found.add(p, holds(bootstrap.interval(0.95), truth));
    p
}

fn holds((low, high): (f64, f64), truth: f64) -> bool {
    low <= truth && truth <= high
}

/// A key of the world's name, the repetition and a purpose.
fn key(name: &str, repetition: usize, purpose: u8) -> [u8; 32] {
    // FNV-1a: nothing here needs more than that names differ.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut key = [0; 32];
    key[..8].copy_from_slice(&hash.to_le_bytes());
    key[8..16].copy_from_slice(&(repetition as u64).to_le_bytes());
    key[16] = purpose;
    key
}
