//! McNemar's test of two methods on the same samples, within one seed.

use serde::{Deserialize, Serialize};

use super::distributions::{chi_squared_sf, fair_binomial, fair_binomial_cdf};

/// The samples that exactly one of two methods gets right; the others say nothing about which is better (McNemar, Psychometrika, 1947).
///
/// Without a discordant pair every p is 1 and every statistic 0: there is no evidence either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discordant {
    /// Samples that only the first method gets right.
    pub only_first: u64,
    /// Samples that only the second method gets right.
    pub only_second: u64,
}

impl Discordant {
    /// Counts over samples: whether each method is right. `None` for different lengths.
    pub fn count(first: &[bool], second: &[bool]) -> Option<Self> {
        let count = |wanted: (bool, bool)| first.iter().zip(second).filter(|&(&first, &second)| (first, second) == wanted).count() as u64;
        (first.len() == second.len()).then(|| Self { only_first: count((true, false)), only_second: count((false, true)) })
    }

    /// The exact two-sided p: 2 P(X ≤ min) of a fair coin, at most 1.
    pub fn p_exact(&self) -> f64 {
        (2.0 * fair_binomial_cdf(self.fewer(), self.total())).min(1.0)
    }

    /// The mid-p: what is more extreme, and half of what is as extreme (Fagerland, Lydersen & Laake, BMC Medical Research Methodology, 2013). Less
    /// conservative than the exact p, and hardly ever above the level.
    pub fn p_mid(&self) -> f64 {
        if self.total() == 0 {
            return 1.0;
        }
        let as_extreme = fair_binomial(self.fewer(), self.total());
        if self.only_first == self.only_second {
            return 1.0 - as_extreme / 2.0;
        }
        2.0 * fair_binomial_cdf(self.fewer(), self.total()) - as_extreme
    }

    /// (|b − c| − 1)²/(b + c) with Edwards' continuity correction (Psychometrika, 1948), or (b − c)²/(b + c) without.
    ///
    /// As published, the corrected statistic of b = c is 1/(b + c), not 0.
    pub fn chi_squared(&self, correction: bool) -> f64 {
        if self.total() == 0 {
            return 0.0;
        }
        let difference = self.only_first.abs_diff(self.only_second) as f64 - f64::from(u8::from(correction));
        difference * difference / self.total() as f64
    }

    /// The p of [`Self::chi_squared`] with one degree of freedom; for 25 discordant pairs or more.
    pub fn p_chi_squared(&self, correction: bool) -> f64 {
        chi_squared_sf(self.chi_squared(correction), 1.0)
    }

    fn fewer(&self) -> u64 {
        self.only_first.min(self.only_second)
    }

    fn total(&self) -> u64 {
        self.only_first.saturating_add(self.only_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, 1 against 4: exact 2 (1 + 5)/32 = 3/8, mid-p 3/8 − 5/32 = 7/32, χ² 9/5 and 4/5.
    #[test]
    fn one_against_four() {
        let table = Discordant { only_first: 1, only_second: 4 };
        assert_eq!((table.p_exact(), table.p_mid()), (0.375, 0.21875));
        assert!((table.chi_squared(false) - 1.8).abs() < 1e-15 && (table.chi_squared(true) - 0.8).abs() < 1e-15);
    }

    /// By hand, 1 against 1: nothing is more extreme than what is always as extreme as ½: 1 − ½·½; and no pair at all.
    #[test]
    fn ties_and_nothing() {
        let table = Discordant { only_first: 1, only_second: 1 };
        assert_eq!((table.p_exact(), table.p_mid(), table.chi_squared(true)), (1.0, 0.75, 0.5));
        let nothing = Discordant { only_first: 0, only_second: 0 };
        assert_eq!((nothing.p_exact(), nothing.p_mid(), nothing.p_chi_squared(true), nothing.p_chi_squared(false)), (1.0, 1.0, 1.0, 1.0));
    }

    #[test]
    fn only_discordant_samples_count() {
        let found = Discordant::count(&[true, true, false, false, true], &[true, false, true, false, false]).unwrap();
        assert_eq!(found, Discordant { only_first: 2, only_second: 1 });
        assert_eq!(Discordant::count(&[true], &[]), None);
    }
}
