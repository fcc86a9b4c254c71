//! Many comparisons of one world, and how often each test calls the methods different.

use std::thread;

use bench_reports::statistics::{Bootstrap, Differences, Draws, paired_t, two_level, two_level_drawing};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use crate::world::{Comparison, Model, SAMPLES, World};

/// Resamples of each bootstrap: the smallest p is 0.002.
pub const RESAMPLES: usize = 999;
/// The last is 5 % over a family of twenty tests.
pub const LEVELS: [f64; 3] = [0.05, 0.01, 0.0025];
/// Resamples of groups: more are drawn only where fewer than [`ENOUGH`] of them lie beyond zero, for p is then small and not yet known well (Besag &
/// Clifford, "Sequential Monte Carlo p-values", Biometrika, 1991).
const STAGES: [usize; 3] = [999, 9_999, 99_999];
const ENOUGH: f64 = 20.0;

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

    /// Percent, with its Monte-Carlo standard error where that is not 0 in so many decimals.
    pub fn cell(self, decimals: usize) -> String {
        if self.of == 0 {
            return "–".into();
        }
        let share = self.times as f64 / self.of as f64;
        let error = format!("{:.decimals$}", 100.0 * (share * (1.0 - share) / self.of as f64).sqrt());
        let share = format!("{:.decimals$}", 100.0 * share);
        if error.trim_matches(['0', '.']).is_empty() { share } else { format!("{share} ± {error}") }
    }
}

/// One test's rejections at each of [`LEVELS`], and how often its 95 % interval holds the truth.
#[derive(Clone, Copy, Default)]
pub struct Found {
    pub rejected: [Share; LEVELS.len()],
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
    /// The default bootstrap over groups with as many resamples as a small p needs, percentile.
    pub percentile: Found,
    /// The same, expanded.
    pub expanded: Found,
    /// The t-test and the expanded percentile at once: the rule for a winner.
    pub both_expanded: Found,
}

/// How much to simulate.
#[derive(Clone, Copy)]
pub struct Effort {
    pub repetitions: usize,
    /// The first of them that are bootstrapped too.
    pub bootstrapped: usize,
    /// The first of them with as many resamples as a small p needs, where there are groups.
    pub expanded: usize,
}

/// Simulates `world`. Every repetition has its own key, so the result does not depend on the number of threads.
pub fn simulate(name: &str, world: World, effort: Effort) -> Results {
    eprintln!("{name}");
    let model = world.model();
    gather(effort.repetitions, |results, repetition| results.repeat(&model, world.difference, name, repetition, effort))
}

/// The bootstrap's worst case: groups are all that varies, each a standard normal number, and the t-test objects to nothing.
pub fn simulate_groups_alone(groups: usize, repetitions: usize) -> Results {
    let name = format!("{groups} groups alone");
    eprintln!("{name}");
    gather(repetitions, |results, repetition| {
        let mut rng = ChaCha8Rng::from_seed(key(&name, repetition, 0));
        let values: Vec<f64> = (0..groups).map(|_| StandardNormal.sample(&mut rng)).collect();
        let differences = Differences { values: &values, samples: groups, groups: None };
        results.sequential(&differences, 0.0, 0.0, |stage| key(&name, repetition, 4 + stage));
    })
}

fn gather(repetitions: usize, repeat: impl Fn(&mut Results, usize) + Sync) -> Results {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut results = Results::default();
    thread::scope(|scope| {
        let repeat = &repeat;
        let work = move |first: usize| {
            let mut results = Results::default();
            (first..repetitions).step_by(threads).for_each(|repetition| repeat(&mut results, repetition));
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
    fn repeat(&mut self, model: &Model, truth: f64, name: &str, repetition: usize, effort: Effort) {
        let comparison = model.compare(&mut ChaCha8Rng::from_seed(key(name, repetition, 0)));
        let seeds = comparison.of_seeds();
        let Some(t) = paired_t(&seeds, &vec![0.0; seeds.len()], 0.95) else { return };
        self.t.add(t.p_two_sided, holds(t.interval, truth));
        if repetition < effort.expanded && comparison.groups.is_some() {
            let differences = Differences { values: &comparison.values, samples: SAMPLES, groups: comparison.groups.as_deref() };
            self.sequential(&differences, t.p_two_sided, truth, |stage| key(name, repetition, 4 + stage));
        }
        if repetition >= effort.bootstrapped {
            return;
        }
        bootstrap(&mut self.all, &comparison, true, Draws::All, key(name, repetition, 1), truth);
        let p = bootstrap(&mut self.one_less, &comparison, true, Draws::OneLess, key(name, repetition, 2), truth);
        self.both.add(p.max(t.p_two_sided), false);
        if comparison.groups.is_some() {
            bootstrap(&mut self.ungrouped, &comparison, false, Draws::OneLess, key(name, repetition, 3), truth);
        }
    }

    fn sequential(&mut self, differences: &Differences, t: f64, truth: f64, key: impl Fn(u8) -> [u8; 32]) {
        let stages = (0..).zip(STAGES).filter_map(|(stage, resamples)| two_level(differences, resamples, key(stage)));
        let mut last: Option<Bootstrap> = None;
        for bootstrap in stages {
            let known = bootstrap.p_two_sided() >= ENOUGH * bootstrap.smallest_p();
            last = Some(bootstrap);
            if known {
                break;
            }
        }
        let Some(bootstrap) = last else { return };
        let p = bootstrap.expanded_p();
        self.percentile.add(bootstrap.p_two_sided(), holds(bootstrap.interval(0.95), truth));
        self.expanded.add(p, holds(bootstrap.expanded_interval(0.95), truth));
        self.both_expanded.add(p.max(t), false);
    }

    fn join(&mut self, other: Self) {
        self.t.join(other.t);
        self.all.join(other.all);
        self.one_less.join(other.one_less);
        self.ungrouped.join(other.ungrouped);
        self.both.join(other.both);
        self.percentile.join(other.percentile);
        self.expanded.join(other.expanded);
        self.both_expanded.join(other.both_expanded);
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
