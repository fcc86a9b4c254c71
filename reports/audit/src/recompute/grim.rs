/*!
Granularity: an accuracy on N samples is a multiple of 1/N, so not every printed number can be one.

N. J. L. Brown and J. A. J. Heathers, *The GRIM test: a simple technique detects numerous anomalies in the reporting of results in psychology*, Social Psychological
and Personality Science 8(4), 2017.
*/

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use crate::number::{Interval, Rational};

/// The smallest integer k with `scale`·k/(`n`·`seeds`) in the closed interval; `None` where there is none.
///
/// `scale` is 100 for percentages and 1 for fractions; `seeds` runs of `n` samples each are averaged. k is not held to 0..=`n`·`seeds`: a printed number outside the
/// scale is another matter. `None` also for no samples, no runs or a scale that is not positive.
///
/// ```
/// use bench_audit::{number::{Interval, decimal, integer}, recompute::grim::attainable};
/// let printed = |lo, hi| Interval::between(decimal(lo).unwrap(), decimal(hi).unwrap());
/// // 70.00 % of 3 samples: two thirds are 66.67 %, so no.
/// assert_eq!(attainable(&printed("69.995", "70.005"), &integer(100), 3, 1), None);
/// assert_eq!(attainable(&printed("66.665", "66.675"), &integer(100), 3, 1), Some(2.into()));
/// ```
pub fn attainable(interval: &Interval, scale: &Rational, n: u64, seeds: u64) -> Option<BigInt> {
    let trials = BigInt::from(n) * BigInt::from(seeds);
    if trials.is_zero() || !scale.is_positive() {
        return None;
    }
    let per_unit = Rational::from_integer(trials) / scale;
    let smallest = (&interval.lo * &per_unit).ceil();
    (smallest <= &interval.hi * &per_unit).then(|| smallest.to_integer())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{decimal, integer};

    fn printed(text: &str, half: &str) -> Interval {
        Interval::around(&decimal(text).unwrap(), &decimal(half).unwrap())
    }

    #[test]
    fn one_run_of_1593_samples() {
        let percent = integer(100);
        // By hand: 1355/1593 = 85.0596 %, 1354/1593 = 84.9969 %: 85.04 lies between them, 85.06 does not.
        assert_eq!(attainable(&printed("85.04", "0.005"), &percent, 1593, 1), None);
        assert_eq!(attainable(&printed("85.06", "0.005"), &percent, 1593, 1), Some(1355.into()));
        // Five runs: k/7965; 6774/7965 = 85.0471 %, 6773/7965 = 85.0345 %: 85.04 stays out of reach, 85.05 does not.
        assert_eq!(attainable(&printed("85.04", "0.005"), &percent, 1593, 5), None);
        assert_eq!(attainable(&printed("85.05", "0.005"), &percent, 1593, 5), Some(6774.into()));
    }

    #[test]
    fn both_ends_belong_to_the_interval() {
        // 1/8 = 12.5 %, exactly where 12 and 13 meet.
        for whole in ["12", "13"] {
            assert_eq!(attainable(&printed(whole, "0.5"), &integer(100), 8, 1), Some(1.into()), "{whole}");
        }
        assert_eq!(attainable(&printed("0.125", "0.0005"), &integer(1), 8, 1), Some(1.into()));
    }

    #[test]
    fn the_smallest_of_several_is_given() {
        // 50 ± 0.5 % of 1,000: 495 to 505.
        assert_eq!(attainable(&printed("50", "0.5"), &integer(100), 1000, 1), Some(495.into()));
        assert_eq!(attainable(&printed("-50", "0.5"), &integer(100), 1000, 1), Some((-505).into()));
    }

    #[test]
    fn nothing_is_attainable_without_samples_or_scale() {
        assert_eq!(attainable(&printed("0", "1"), &integer(100), 0, 1), None);
        assert_eq!(attainable(&printed("0", "1"), &integer(100), 1, 0), None);
        assert_eq!(attainable(&printed("0", "1"), &integer(0), 1, 1), None);
    }
}
