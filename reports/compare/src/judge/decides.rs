//! How many seeds would decide, if the mean difference and its spread stayed what they are.

use bench_reports::statistics::distributions::student_t_quantile;

use super::{seeds::OverSeeds, variance::Parts};
use crate::{Decides, Verdict};

/// Beyond this many seeds nobody trains.
pub(super) const MOST_SEEDS: usize = 100;

/// A row that could not be told, and what telling it would take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub over_seeds: OverSeeds,
    /// `None` where the seeds alone speak.
    pub parts: Option<Parts>,
    pub margin: f64,
    pub alpha: f64,
    /// What its p has to be below, as Holm's next step asks.
    pub level: f64,
    /// Whether the resamples and groups can give so small a p at all.
    pub can_differ: bool,
    pub higher_is_better: bool,
}

impl Open {
    pub fn decides(&self) -> Decides {
        let more = (self.over_seeds.seeds + 1)..=MOST_SEEDS;
        let found = more.filter_map(|seeds| Some((seeds, self.with(seeds)?))).next();
        match (found, self.parts) {
            (Some((seeds, verdict)), _) => Decides::Seeds { seeds, verdict },
            (None, Some(parts)) if self.judged(0.0, self.over_units(&parts, parts.of_units())).is_none() => {
                Decides::Never { half_width: self.over_units(&parts, parts.of_units()).inner }
            }
            _ => Decides::TooMany,
        }
    }

    /// What so many seeds would say.
    pub fn with(&self, seeds: usize) -> Option<Verdict> {
        let n = seeds as f64;
        let error = self.over_seeds.taken / n.sqrt();
        let of_seeds = self.half_widths(n - 1.0, error);
        let of_samples = self.parts.map_or(HalfWidths::ZERO, |parts| self.over_units(&parts, parts.of_bootstrap(n)));
        self.judged_by(of_seeds, of_samples)
    }

    fn judged(&self, error: f64, of_samples: HalfWidths) -> Option<Verdict> {
        self.judged_by(HalfWidths { inner: error, outer: error }, of_samples)
    }

    fn judged_by(&self, of_seeds: HalfWidths, of_samples: HalfWidths) -> Option<Verdict> {
        let size = self.over_seeds.mean.abs();
        if size + of_seeds.inner.max(of_samples.inner) <= self.margin {
            return Some(Verdict::Same);
        }
        let better = (self.over_seeds.mean > 0.0) == self.higher_is_better;
        let differs = self.can_differ && size > of_seeds.outer.max(of_samples.outer);
        differs.then_some(if better { Verdict::Improved } else { Verdict::Regressed })
    }

    fn over_units(&self, parts: &Parts, variance: f64) -> HalfWidths {
        self.half_widths(parts.units - 1.0, variance.sqrt())
    }

    fn half_widths(&self, df: f64, error: f64) -> HalfWidths {
        // Nothing times an infinite quantile is nothing.
        let of = |tail: f64| if error == 0.0 { 0.0 } else { -student_t_quantile(tail, df) * error };
        HalfWidths { inner: of(self.alpha.min(0.5)), outer: of(self.level / 2.0) }
    }
}

/// Of the interval inside the margin, at 1 − 2α, and of the one that leaves out zero, at the family's level.
#[derive(Debug, Clone, Copy)]
struct HalfWidths {
    inner: f64,
    outer: f64,
}

impl HalfWidths {
    const ZERO: Self = Self { inner: 0.0, outer: 0.0 };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(mean: f64, taken: f64, parts: Option<Parts>) -> Open {
        let over_seeds = OverSeeds { mean, spread: taken, taken, seeds: 3 };
        Open { over_seeds, parts, margin: 2.0, alpha: 0.05, level: 0.05, can_differ: true, higher_is_better: true }
    }

    /// From Student's table, one-sided 5 %: t(3) = 2.353, t(4) = 2.132, t(5) = 2.015. With s = 2 the half-widths are 2.353 with four seeds, 1.907 with five: within
    /// ±2 at a mean of 0. At 0.3, 1.907 + 0.3 is over 2 and 2.015 · 2/√6 = 1.645 + 0.3 is not.
    #[test]
    fn sameness_needs_as_many_seeds_as_the_table_says() {
        assert_eq!(open(0.0, 2.0, None).decides(), Decides::Seeds { seeds: 5, verdict: Verdict::Same });
        assert_eq!(open(0.3, 2.0, None).decides(), Decides::Seeds { seeds: 6, verdict: Verdict::Same });
        assert_eq!(open(2.0, 40.0, None).decides(), Decides::TooMany);
    }

    /// Two-sided 5 %: t(3) = 3.182, t(4) = 2.776, t(5) = 2.571: of s = 2 the half-widths are 3.182, 2.483, 2.099; so −2.2 needs six seeds.
    #[test]
    fn a_difference_needs_as_many_seeds_as_the_table_says() {
        assert_eq!(open(-2.2, 2.0, None).decides(), Decides::Seeds { seeds: 6, verdict: Verdict::Regressed });
        assert_eq!(Open { higher_is_better: false, ..open(-2.2, 2.0, None) }.decides(), Decides::Seeds { seeds: 6, verdict: Verdict::Improved });
        assert_eq!(Open { can_differ: false, ..open(-2.2, 2.0, None) }.decides(), Decides::TooMany);
    }

    /// 100 samples with a variance of 100 each leave an error of 1 whatever the seeds: one-sided t(99) = 1.6604.
    #[test]
    fn samples_can_forbid_what_seeds_cannot_mend() {
        let parts = Parts { seed: 0.0, unit: 100.0, rest: 0.0, units: 100.0 };
        let Decides::Never { half_width } = open(1.0, 0.1, Some(parts)).decides() else { panic!("it would be decided") };
        assert!((half_width - 1.6604).abs() < 1e-4);
        assert!(matches!(open(0.1, 0.1, Some(parts)).decides(), Decides::Seeds { seeds: 4, verdict: Verdict::Same }));
    }
}
