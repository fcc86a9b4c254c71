/*!
Medians of times with intervals that assume no distribution.

Times of a program have a floor, a long tail and, on a shared machine, neighbours; means and standard deviations describe them badly.
*/

use crate::statistics::{
    distributions::fair_binomial_cdf,
    {median, quantile},
};

/// Aimed at by every interval here; order statistics reach at least this.
const CONFIDENCE: f64 = 0.95;

/// A median with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MedianInterval {
    /// The median.
    pub median: f64,
    /// Two order statistics that hold the median between them; `None` for fewer than 6 values.
    pub interval: Option<(f64, f64)>,
    /// Probability that such an interval holds the median: at least 0.95, and exact for independent values of a continuous distribution.
    pub coverage: Option<f64>,
}

/// Median of `values` with its distribution-free interval; `None` without values or with one that is not finite.
///
/// The number of values below the true median is binomial with n trials of probability ½, so the j-th smallest and the j-th largest value hold it between
/// them with probability 1 − 2 P(B(n, ½) < j). The largest j for which that is at least 95 % is taken: the 10th and the 21st of 30 values, with 95.7 %. Five values
/// reach 93.75 % at most, so fewer than 6 give no interval (David and Nagaraja, Order Statistics, 2003, section 7.1). Times of successive calls are not quite
/// independent; the interval does not know that.
///
/// ```
/// let found = bench_reports::cost::median_interval(&[3.0, 1.0, 2.0, 6.0, 5.0, 4.0]).unwrap();
/// assert_eq!((found.median, found.interval, found.coverage), (3.5, Some((1.0, 6.0)), Some(0.96875)));
/// ```
pub fn median_interval(values: &[f64]) -> Option<MedianInterval> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = rank(sorted.len());
    let ends = rank.and_then(|rank| Some((*sorted.get(rank - 1)?, *sorted.get(sorted.len() - rank)?)));
    Some(MedianInterval { median: median(&sorted), interval: ends, coverage: rank.map(|rank| coverage(sorted.len(), rank)) })
}

/// The largest j, from 1, whose interval covers often enough.
fn rank(values: usize) -> Option<usize> {
    (1..=values / 2).take_while(|&rank| coverage(values, rank) >= CONFIDENCE).last()
}

/// 1 − 2 P(B(n, ½) ≤ j − 1).
fn coverage(values: usize, rank: usize) -> f64 {
    1.0 - 2.0 * fair_binomial_cdf(rank as u64 - 1, values as u64)
}

/// Times of one thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// Median in nanoseconds, with its interval.
    pub median: MedianInterval,
    /// 5th percentile, nanoseconds (linear between order statistics).
    pub p5: f64,
    /// 95th percentile, nanoseconds.
    pub p95: f64,
    /// Calls.
    pub calls: usize,
}

/// What `nanoseconds`, one number a call, come to; `None` without calls.
pub fn latency(nanoseconds: &[u64]) -> Option<Latency> {
    let values: Vec<f64> = nanoseconds.iter().map(|&time| time as f64).collect();
    let median = median_interval(&values)?;
    Some(Latency { median, p5: quantile(&values, 0.05), p95: quantile(&values, 0.95), calls: values.len() })
}

/// Samples a second of batches of `batch` samples that take `nanoseconds` each; `None` where that is no time.
pub fn throughput(batch: usize, nanoseconds: f64) -> Option<f64> {
    (nanoseconds > 0.0).then(|| batch as f64 / nanoseconds * 1e9)
}

/// How many times as long `times` are as `reference`: the median over rounds of the ratio within a round, with its interval.
///
/// Both are measured in turns, so a round's two calls meet the same machine, and what slows a round down slows both. `None` where the numbers of calls differ or
/// a reference call took no time.
pub fn paired_ratio(times: &[u64], reference: &[u64]) -> Option<MedianInterval> {
    if times.len() != reference.len() || reference.contains(&0) {
        return None;
    }
    median_interval(&times.iter().zip(reference).map(|(&time, &other)| time as f64 / other as f64).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: of 30 values, P(B ≤ 9) = (1 + 30 + 435 + 4060 + 27405 + 142506 + 593775 + 2035800 + 5852925 + 14307150) / 2³⁰ = 22964087 / 1073741824; with one more
    /// rank the coverage falls to 90.1 %.
    #[test]
    fn thirty_values_give_the_tenth_and_the_twenty_first() {
        let values: Vec<f64> = (1..=30).rev().map(f64::from).collect();
        let found = median_interval(&values).unwrap();
        assert_eq!((found.median, found.interval), (15.5, Some((10.0, 21.0))));
        assert!((found.coverage.unwrap() - (1.0 - 2.0 * 22_964_087.0 / 1_073_741_824.0)).abs() < 1e-14);
    }

    /// Five values: 1 − 2/32 = 93.75 % is too little. Nine: the 2nd and 8th, 1 − 2 · 10/512 = 96.1 %.
    #[test]
    fn few_values_give_no_interval_rather_than_a_wrong_one() {
        assert_eq!(median_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap().interval, None);
        let nine: Vec<f64> = (1..=9).map(f64::from).collect();
        let found = median_interval(&nine).unwrap();
        assert_eq!((found.interval, found.coverage), (Some((2.0, 8.0)), Some(1.0 - 20.0 / 512.0)));
        assert_eq!(median_interval(&[]), None);
        assert_eq!(median_interval(&[1.0, f64::NAN]), None);
    }

    /// The claim itself, by brute force: all 2⁹ ways in which nine values can lie below or above the median.
    #[test]
    fn the_coverage_is_exact() {
        let held = (0_u32..512).filter(|below| (2..=7).contains(&below.count_ones())).count();
        let nine: Vec<f64> = (1..=9).map(f64::from).collect();
        assert_eq!(median_interval(&nine).unwrap().coverage, Some(held as f64 / 512.0));
    }

    /// A neighbour that doubles both times of a round changes no ratio, though it doubles the medians.
    #[test]
    fn a_ratio_in_turns_does_not_see_the_neighbours() {
        let (own, other) = ([30, 60, 30, 60, 60, 30], [10, 20, 10, 20, 20, 10]);
        let found = paired_ratio(&own, &other).unwrap();
        assert_eq!((found.median, found.interval), (3.0, Some((3.0, 3.0))));
        assert_eq!(paired_ratio(&own, &other[1..]), None);
        assert_eq!(paired_ratio(&[1], &[0]), None);
    }

    /// By hand: 0, 10, …, 100 has its 5th percentile half-way between the first two values; 64 samples in 2 ms are 32000 a second.
    #[test]
    fn percentiles_and_throughput() {
        let times: Vec<u64> = (0..=10).map(|at| at * 10).collect();
        let found = latency(&times).unwrap();
        assert_eq!((found.p5, found.median.median, found.p95, found.calls), (5.0, 50.0, 95.0, 11));
        assert_eq!(throughput(64, 2e6), Some(32_000.0));
        assert_eq!((throughput(64, 0.0), latency(&[])), (None, None));
    }
}
