/*!
Which standard deviations k accuracies on n samples can have: each accuracy is a whole number of correct answers.

J. Anaya, *The GRIMMER test: a method for testing the validity of reported measures of variability*, PeerJ Preprints, 2016, asks the same of whole numbers with any divisor; here
the sum is bound to the printed mean as well, and the squares to whole numbers with that sum.
*/

use num_integer::Integer;
use num_traits::ToPrimitive;

use crate::number::{Interval, Rational, integer};

/// Sets of numbers that one search may try.
const MOST_TRIES: u32 = 200_000;

/// What it costs to set out for one sum, in tries.
const TRIES_OF_A_SUM: u32 = 50;

/// Beyond these, and beyond this sum of squares, nothing is searched: every number stays far from the end of its type.
const MOST_SEEDS: u32 = 10_000;
const MOST_SAMPLES: u64 = 1_000_000_000;
const MOST_SQUARES: i64 = 1_000_000_000_000_000;

/// The largest number of runs that is searched set by set.
const MOST_RUNS: u32 = 5;

/// Whether `k` runs on `n` samples can have a mean in `mean` and a standard deviation in `std`, with k − 1 or with k as its divisor; `scale` is 100 for percentages.
///
/// Exact for 2 to 5 runs. For more it asks only what every set must fulfil (parity and the smallest sum of squares), so `false` is still certain. `true` where the search
/// would take too long, and `None` where no set of runs has that mean at all, or for fewer than two runs.
pub fn attainable(mean: &Interval, std: &Interval, scale: &Rational, n: u64, k: u32) -> Option<bool> {
    if k < 2 || n == 0 || *scale <= integer(0) {
        return None;
    }
    if k > MOST_SEEDS || n > MOST_SAMPLES {
        return Some(true);
    }
    let per_unit = Rational::from_integer(n.into()) / scale;
    let runs = integer(i64::from(k));
    let zero = integer(0);
    let first = (&mean.lo * &per_unit * &runs).ceil().max(zero.clone()).to_integer().to_i64()?;
    let last = (&mean.hi * &per_unit * &runs).floor().to_integer().to_i64()?.min(i64::try_from(n).ok()?.checked_mul(i64::from(k))?);
    if first > last {
        return None;
    }
    let mut tries = MOST_TRIES;
    for sum in first..=last {
        let Some(left) = tries.checked_sub(TRIES_OF_A_SUM) else { return Some(true) };
        tries = left;
        let (whole, rest) = sum.div_rem(&i64::from(k));
        for divisor in [k - 1, k] {
            // k Σd² − (Σd)² = s² k · divisor · (n/scale)², where d are the counts less their whole mean and rest is Σd.
            let factor = &runs * integer(i64::from(divisor)) * &per_unit * &per_unit;
            let end = |std: &Rational| (std.max(&zero) * std.max(&zero) * &factor + integer(rest * rest)) / &runs;
            let (Some(lo), Some(hi)) = (end(&std.lo).ceil().to_integer().to_i64(), end(&std.hi).floor().to_integer().to_i64()) else {
                return Some(true);
            };
            if hi > MOST_SQUARES {
                return Some(true);
            }
            let room = Room { least: -whole, most: i64::try_from(n).ok()? - whole };
            if hi >= lo && exists(k, rest, (lo, hi), &room, &mut tries) {
                return Some(true);
            }
        }
    }
    Some(false)
}

/// The largest sample standard deviation that `k` numbers in [0, `scale`] can have with a mean in `mean`; `None` under two runs or for a mean outside.
pub fn largest(mean: &Interval, scale: f64, k: u32) -> Option<f64> {
    let k = f64::from(k);
    let ends = [&mean.lo, &mean.hi].map(|end| (crate::number::nearest(end) / scale * k).clamp(0.0, k));
    if k < 2.0 || crate::number::nearest(&mean.hi) < 0.0 || crate::number::nearest(&mean.lo) > scale {
        return None;
    }
    // As many numbers as possible at either end of the scale and one between: convex between whole sums, so the largest is at an end or at the whole sum nearest to half.
    let squares = |sum: f64| sum.floor() + sum.fract().powi(2) - sum * sum / k;
    let half = (k / 2.0).floor().clamp(ends[0].ceil(), ends[1].floor().max(ends[0].ceil()));
    let inside = if half <= ends[1] { half } else { ends[0] };
    let most = ends.into_iter().chain([inside]).map(squares).fold(0.0, f64::max);
    Some(scale * (most / (k - 1.0)).sqrt())
}

/// How far a count may lie from the whole mean.
struct Room {
    least: i64,
    most: i64,
}

/// Whether `k` whole numbers within `room` have this sum and a sum of squares within `squares`. Goes no deeper than [`MOST_RUNS`].
fn exists(k: u32, sum: i64, squares: (i64, i64), room: &Room, tries: &mut u32) -> bool {
    let (lo, hi) = squares;
    let parts = i64::from(k);
    // Σd² ≥ (Σd)²/k.
    if hi < 0 || sum * sum > hi * parts {
        return false;
    }
    if k == 2 {
        return pair(sum, squares, room);
    }
    if k > MOST_RUNS {
        // Σd² has the parity of Σd, and is at least |Σd|.
        let least = lo.max(sum.abs());
        return least + (least - sum).rem_euclid(2) <= hi;
    }
    let reach = (hi as f64).sqrt() as i64 + 1;
    for number in room.least.max(-reach)..=room.most.min(reach) {
        let Some(left) = tries.checked_sub(1) else { return true };
        *tries = left;
        let square = number * number;
        if exists(k - 1, sum - number, (lo - square, hi - square), room, tries) {
            return true;
        }
    }
    false
}

/// Two numbers: a + b = sum and a − b = t give 2(a² + b²) = sum² + t².
fn pair(sum: i64, (lo, hi): (i64, i64), room: &Room) -> bool {
    let (least, most) = (2 * lo.max(0) - sum * sum, 2 * hi - sum * sum);
    if most < 0 {
        return false;
    }
    let mut t = (least.max(0) as f64).sqrt() as i64;
    t -= i64::from(t > 0);
    while t * t < least || (t - sum).rem_euclid(2) != 0 {
        t += 1;
    }
    t * t <= most && (sum + t) / 2 <= room.most && (sum - t) / 2 >= room.least
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::number::decimal;

    fn printed(text: &str) -> Interval {
        Interval::around(&decimal(text).unwrap(), &decimal("0.005").unwrap())
    }

    /// Every mean and standard deviation that three runs of `n` samples print, both divisors, by trying all; halves do not occur for n = 37.
    fn all_printed(n: u32) -> BTreeSet<(String, String)> {
        let mut seen = BTreeSet::new();
        for a in 0..=n {
            for b in a..=n {
                for c in b..=n {
                    let runs = [a, b, c].map(|count| 100.0 * f64::from(count) / f64::from(n));
                    let mean = runs.iter().sum::<f64>() / 3.0;
                    let squares: f64 = runs.iter().map(|run| (run - mean).powi(2)).sum();
                    for divisor in [2.0, 3.0] {
                        seen.insert((format!("{mean:.2}"), format!("{:.2}", (squares / divisor).sqrt())));
                    }
                }
            }
        }
        seen
    }

    #[test]
    fn three_runs_as_by_trying_all() {
        let possible = all_printed(37);
        let (mut reached, mut refused) = (0, 0);
        for mean in (0..=111).map(|sum| format!("{:.2}", 100.0 * f64::from(sum) / 111.0)) {
            for std in (0..450).step_by(3).map(|cents| format!("{:.2}", f64::from(cents) / 100.0)) {
                let got = attainable(&printed(&mean), &printed(&std), &integer(100), 37, 3);
                let expected = possible.contains(&(mean.clone(), std.clone()));
                assert_eq!(got, Some(expected), "{mean} ± {std}");
                if expected { reached += 1 } else { refused += 1 }
            }
        }
        assert!(reached > 100 && refused > 100, "{reached} and {refused}: the test must see both");
    }

    #[test]
    fn real_runs_are_attainable_for_any_number_of_them() {
        // Counts of 1,593 and their mean and standard deviations in percent, from NumPy (ddof 1, then 0).
        for (k, mean, sample, population) in
            [(2, "84.90", "0.04", "0.03"), (4, "84.87", "0.59", "0.51"), (5, "85.07", "0.42", "0.37"), (6, "84.87", "0.27", "0.25")]
        {
            for std in [sample, population] {
                assert_eq!(attainable(&printed(mean), &printed(std), &integer(100), 1593, k), Some(true), "{k}: {mean} ± {std}");
            }
        }
    }

    #[test]
    fn two_runs_one_apart_have_one_deviation() {
        // 10 and 11 of 37: mean 28.38, deviation 1/37/√2 = 1.91 (k − 1) or 1/37/2 = 1.35 (k).
        for (std, expected) in [("1.91", true), ("1.35", true), ("1.92", false), ("0.00", false)] {
            assert_eq!(attainable(&printed("28.38"), &printed(std), &integer(100), 37, 2), Some(expected), "{std}");
        }
        // No two runs have this mean.
        assert_eq!(attainable(&printed("28.00"), &printed("1.91"), &integer(100), 37, 2), None);
    }

    #[test]
    fn counts_stay_within_the_samples() {
        // A mean of 100 % leaves no room.
        assert_eq!(attainable(&printed("100.00"), &printed("0.00"), &integer(100), 37, 3), Some(true));
        assert_eq!(attainable(&printed("100.00"), &printed("1.56"), &integer(100), 37, 3), Some(false));
    }

    #[test]
    fn the_largest_deviation_is_reached_at_the_ends_of_the_scale() {
        let exactly = |text: &str| Interval::point(decimal(text).unwrap());
        // 0 and 100: 70.71; 0, 0, 100: 57.74; 0, 0, 50: 28.87.
        for (mean, k, expected) in [("50", 2, 70.710678), ("33.333333333333333", 3, 57.735027), ("16.666666666666667", 3, 28.867513), ("100", 3, 0.0)]
        {
            let got = largest(&exactly(mean), 100.0, k).unwrap();
            assert!((got - expected).abs() < 1e-5, "{mean}: {got} instead of {expected}");
        }
        // The interval holds 33.33…
        assert!(largest(&printed("33.33"), 100.0, 3).unwrap() > 57.735);
        assert_eq!(largest(&exactly("120"), 100.0, 3), None);
    }

    #[test]
    fn hostile_numbers_end() {
        let wide = Interval::between(integer(0), integer(100));
        assert_eq!(attainable(&wide, &printed("3.33"), &integer(100), u64::MAX, u32::MAX), Some(true));
        let fine = Interval::point(decimal("12.3456789012345").unwrap());
        assert_eq!(attainable(&printed("50.00"), &fine, &integer(100), 1_000_000, 5), Some(false), "no whole sum of squares");
        assert!(attainable(&wide, &fine, &integer(100), 20_000, 5).is_some());
    }
}
