//! Runs of one method on one test set, and what is computed from them.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Habits;

/// Accuracies and F1 of the same runs, in printed units (percent or fractions).
pub(super) struct Runs {
    pub accuracy: Vec<f64>,
    pub f1: Vec<f64>,
}

/// Runs whose true accuracy is `truth`, a share; `shared` holds what each seed has in common across conditions.
pub(super) fn run(habits: &Habits, truth: f64, n: u64, shared: &[f64], draws: &mut ChaCha8Rng) -> Runs {
    let sigma = habits.spread * (-habits.slope * (truth - 0.8)).exp();
    let mut runs = Runs { accuracy: Vec::new(), f1: Vec::new() };
    for common in shared {
        let deviation = habits.correlation.sqrt() * common + (1.0 - habits.correlation).sqrt() * normal(draws);
        let correct = ((truth + sigma * deviation) * n as f64).round().clamp(0.0, n as f64);
        let share = correct / n as f64;
        // F1 is no share of the samples; it follows the accuracy of its run closely.
        let f1 = (share - 0.004 + 0.003 * normal(draws)).clamp(0.0, 1.0);
        runs.accuracy.push(habits.rounded_first(share * habits.scale()));
        runs.f1.push(habits.rounded_first(f1 * habits.scale()));
    }
    runs
}

/// What each seed has in common across conditions.
pub(super) fn shared(habits: &Habits, draws: &mut ChaCha8Rng) -> Vec<f64> {
    (0..habits.seeds).map(|_| normal(draws)).collect()
}

pub(super) fn mean(runs: &[f64]) -> f64 {
    runs.iter().sum::<f64>() / runs.len() as f64
}

/// The standard deviation as the authors compute it; `None` of one run.
pub(super) fn deviation(habits: &Habits, runs: &[f64]) -> Option<f64> {
    let sample = bench_reports::statistics::sample_standard_deviation(runs)?;
    let count = runs.len() as f64;
    Some(if habits.population { sample * ((count - 1.0) / count).sqrt() } else { sample })
}

impl Habits {
    /// 100 for percentages, 1 for fractions.
    pub(super) fn scale(&self) -> f64 {
        if self.fraction { 1.0 } else { 100.0 }
    }

    pub(super) fn unit(&self) -> &'static str {
        if self.fraction { "fraction" } else { "%" }
    }

    /// Digits behind the point of a score.
    pub(super) fn score_digits(&self) -> usize {
        if self.fraction { 4 } else { self.digits }
    }

    fn rounded_first(&self, value: f64) -> f64 {
        if self.round_first { round(value, self.score_digits()) } else { value }
    }
}

/// To so many digits behind the point.
pub(super) fn round(value: f64, digits: usize) -> f64 {
    let steps = 10.0_f64.powi(digits as i32);
    (value * steps).round() / steps
}

pub(super) fn normal(draws: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(draws)
}
