//! Which test-set sizes make printed accuracies attainable, and how much that says.

use num_integer::Integer;
use num_traits::ToPrimitive;

use crate::{
    ledger::Printed,
    number::{Rational, integer},
};

/// More steps than any table prints.
const MOST_STEPS: u64 = 1_000_000_000;

/// An accuracy as printed: `value` of `steps` equal steps between none and all correct, so 85.04 % is 8,504 of 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grid {
    /// Steps between none and all correct, 1 to 10⁹.
    pub steps: u64,
    /// The printed number, 0 to `steps`.
    pub value: u64,
}

impl Grid {
    /// A printed accuracy; `scale` is 100 for percentages and 1 for fractions. `None` outside 0 to `scale`, for a count, or past nine digits.
    pub fn new(printed: &Printed, scale: &Rational) -> Option<Self> {
        let step = &printed.half * integer(2);
        if step == integer(0) {
            return None;
        }
        let whole = |number: Rational| number.is_integer().then(|| number.to_integer().to_u64()).flatten();
        let (steps, value) = (whole(scale / &step)?, whole(&printed.value / &step)?);
        (steps > 0 && steps <= MOST_STEPS && value <= steps).then_some(Self { steps, value })
    }

    /// Whether some k of `n` rounds to it, whichever way halves go.
    pub fn attainable(self, n: u64) -> bool {
        // k · 2 steps within (2 value ± 1) · n.
        let (n, twice, value) = (u128::from(n), u128::from(self.steps) * 2, u128::from(self.value) * 2);
        let smallest = (value.saturating_sub(1) * n).div_ceil(twice);
        n > 0 && smallest.min(n) * twice <= (value + 1) * n && smallest <= n
    }

    /// The share of all numbers on this grid that are attainable with `n`.
    pub fn coverage(self, n: u64) -> f64 {
        if n >= self.steps {
            return 1.0;
        }
        // Different k round to different numbers, as they lie more than one step apart; a k on a half reaches two.
        let common = self.steps.gcd(&n);
        let halves = if (n / common).is_even() { common } else { 0 };
        ((n + 1 + halves) as f64 / (self.steps + 1) as f64).min(1.0)
    }
}

/// Test-set sizes that are searched.
pub const SMALLEST: u64 = 50;
/// Test-set sizes that are searched.
pub const LARGEST: u64 = 20_000;

/// What the sizes from [`SMALLEST`] to [`LARGEST`] say of some accuracies.
#[derive(Debug, Clone, PartialEq)]
pub struct Denominators {
    /// Sizes that make all attainable, among those at which chance would rarely do that.
    pub telling: Vec<u64>,
    /// The largest size at which the search still says something: any size up to here makes all attainable by chance with at most the probability asked for.
    pub up_to: u64,
    /// The probability that random numbers are all attainable with some size no larger than the first of `telling`; 1 where there is none.
    pub p: f64,
    /// The smallest size that makes all attainable.
    pub smallest: Option<u64>,
}

/// Searches all sizes. A size says something while the chance of any as small or smaller, summed over sizes and multiplied by `groups` looked at, is at most `alpha`.
pub fn search(accuracies: &[Grid], groups: usize, alpha: f64) -> Denominators {
    let mut found = Denominators { telling: Vec::new(), up_to: 0, p: 1.0, smallest: None };
    let mut expected = 0.0;
    for n in SMALLEST..=LARGEST {
        let open = expected * groups as f64 <= alpha;
        if open {
            expected += accuracies.iter().map(|grid| grid.coverage(n)).product::<f64>();
        } else if found.smallest.is_some() {
            break;
        }
        let telling = open && expected * groups as f64 <= alpha;
        if telling {
            found.up_to = n;
        }
        if accuracies.iter().all(|grid| grid.attainable(n)) {
            found.smallest.get_or_insert(n);
            if telling {
                if found.telling.is_empty() {
                    found.p = expected * groups as f64;
                }
                found.telling.push(n);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(text: &str) -> Grid {
        Grid::new(&Printed::parse(text, "%").unwrap(), &integer(100)).unwrap()
    }

    #[test]
    fn a_grid_is_read_from_the_printed_digits() {
        assert_eq!(percent("85.04"), Grid { steps: 10_000, value: 8504 });
        assert_eq!(percent("100"), Grid { steps: 100, value: 100 });
        assert_eq!(Grid::new(&Printed::parse("0.4115", "fraction").unwrap(), &integer(1)), Some(Grid { steps: 10_000, value: 4115 }));
        for outside in ["100.01", "-0.01", "0.000000001"] {
            assert_eq!(Grid::new(&Printed::parse(outside, "%").unwrap(), &integer(100)), None, "{outside}");
        }
        assert_eq!(Grid::new(&Printed::parse("5", "samples").unwrap(), &integer(100)), None);
    }

    #[test]
    fn attainable_as_the_exact_test_says() {
        use crate::recompute::grim::attainable;
        for n in [1, 3, 7, 64, 655, 1593, 4659, 9999, 10_000, 20_000] {
            for value in (0..=10_000).step_by(7) {
                let text = format!("{}.{:02}", value / 100, value % 100);
                let interval = Printed::parse(&text, "%").unwrap().interval();
                let exact = attainable(&interval, &integer(100), n, 1).is_some();
                assert_eq!(percent(&text).attainable(n), exact, "{text} of {n}");
            }
        }
    }

    #[test]
    fn coverage_counts_attainable_numbers() {
        // By counting every number of the grid; 8 and 160 have halves.
        for n in [1, 3, 8, 160, 655, 999, 1000, 1001] {
            let counted = (0..=1000).filter(|value| Grid { steps: 1000, value: *value }.attainable(n)).count();
            let expected = counted as f64 / 1001.0;
            assert!((percent("0.0").coverage(n) - expected).abs() < 1e-12, "{n}: {} instead of {expected}", percent("0.0").coverage(n));
        }
        // A random number of two decimals on 4,659 samples: 4,660 of 10,001.
        assert!((percent("50.00").coverage(4659) - 0.465953).abs() < 1e-6);
    }

    #[test]
    fn the_size_behind_accuracies_is_found() {
        // k/655 for these k, rounded by hand: 85.34, 86.87, 86.41, 87.48, 87.63, 79.24 (CP+SL, Table 2).
        let accuracies: Vec<Grid> = ["85.34", "86.87", "86.41", "87.48", "87.63", "79.24", "88.85", "88.24"].map(percent).to_vec();
        let found = search(&accuracies, 1, 0.01);
        assert_eq!(found.smallest, Some(655));
        assert_eq!(found.telling.first(), Some(&655));
        assert!(found.p < 1e-6 && found.up_to > 655, "{found:?}");
        assert_eq!(search(&accuracies[..1], 1, 0.01).telling, Vec::<u64>::new());
    }
}
