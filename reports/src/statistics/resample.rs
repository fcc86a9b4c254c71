/*!
The one-level bootstrap of any statistic: percentile, basic and BCa intervals (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapters
13–14; Davison & Hinkley, 1997, chapter 5).

Resamples come in as rows of indices, so that several statistics, or two methods, can be resampled alike.
*/

use serde::{Deserialize, Serialize};

use super::distributions::{normal_cdf, normal_quantile};

/// `statistic` of each resample of `values`: `indices` is `[resamples, n]` row by row, n the number of values.
///
/// `None` without values, where the indices do not fill the rows, or for one that is no place of a value.
pub fn resample(values: &[f64], indices: &[usize], statistic: impl Fn(&[f64]) -> f64) -> Option<Vec<f64>> {
    if values.is_empty() || !indices.len().is_multiple_of(values.len()) {
        return None;
    }
    let mut drawn = Vec::with_capacity(values.len());
    indices
        .chunks_exact(values.len())
        .map(|row| {
            drawn.clear();
            for &at in row {
                drawn.push(*values.get(at)?);
            }
            Some(statistic(&drawn))
        })
        .collect()
}

/// The `level` quantile, in [0, 1], by linear interpolation between order statistics (Hyndman & Fan's type 7, NumPy's default).
///
/// `NaN` without values, for a `NaN` among them, and for a level outside [0, 1].
pub fn quantile(values: &[f64], level: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let inside = (0.0..=1.0).contains(&level) && !sorted.iter().any(|value| value.is_nan());
    let (true, Some(&last)) = (inside, sorted.last()) else { return f64::NAN };
    let place = level * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let (low, high) = (sorted[below], sorted.get(below + 1).copied().unwrap_or(last));
    low + (high - low) * (place - below as f64)
}

/// The middle value, or the mean of the two in the middle; `NaN` without values.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Quantiles of the resampled statistic at (1 ∓ `confidence`)/2.
pub fn percentile_interval(resampled: &[f64], confidence: f64) -> (f64, f64) {
    let outside = (1.0 - confidence) / 2.0;
    (quantile(resampled, outside), quantile(resampled, 1.0 - outside))
}

/// The percentile interval turned around the `estimate`: (2θ − high, 2θ − low).
pub fn basic_interval(estimate: f64, resampled: &[f64], confidence: f64) -> (f64, f64) {
    let (low, high) = percentile_interval(resampled, confidence);
    (2.0 * estimate - high, 2.0 * estimate - low)
}

/// The bias-corrected and accelerated interval, with what it is made of (Efron, Journal of the American Statistical Association, 1987).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AcceleratedInterval {
    /// z₀: the normal quantile of the share of resamples below the estimate, those equal to it counting half.
    pub bias: f64,
    /// a, from the skewness of the jackknife; `NaN` where leaving out a value changes nothing.
    pub acceleration: f64,
    /// The levels whose quantiles are the interval.
    pub levels: (f64, f64),
    /// The interval.
    pub interval: (f64, f64),
}

/// The BCa interval of `statistic` at `confidence` in (0, 1), from `resampled` values of it; `None` without values or resamples.
///
/// Everything but the bias is `NaN` where leaving out a value changes nothing (constant data); the percentile interval stands then.
pub fn accelerated_interval(values: &[f64], resampled: &[f64], confidence: f64, statistic: impl Fn(&[f64]) -> f64) -> Option<AcceleratedInterval> {
    if values.is_empty() || resampled.is_empty() {
        return None;
    }
    let estimate = statistic(values);
    let below = resampled.iter().filter(|&&value| value < estimate).count() + resampled.iter().filter(|&&value| value <= estimate).count();
    let bias = normal_quantile(below as f64 / (2 * resampled.len()) as f64);
    let acceleration = acceleration(values, statistic);
    let outside = (1.0 - confidence) / 2.0;
    let level = |outside: f64| {
        let shifted = bias + normal_quantile(outside);
        normal_cdf(bias + shifted / (1.0 - acceleration * shifted))
    };
    let levels = (level(outside), level(1.0 - outside));
    Some(AcceleratedInterval { bias, acceleration, levels, interval: (quantile(resampled, levels.0), quantile(resampled, levels.1)) })
}

/// Σ(t̄ − tᵢ)³ / (6 (Σ(t̄ − tᵢ)²)^1.5) over the statistic without the i-th value.
fn acceleration(values: &[f64], statistic: impl Fn(&[f64]) -> f64) -> f64 {
    let left_out: Vec<f64> = (0..values.len())
        .map(|out| {
            let rest: Vec<f64> = values.iter().enumerate().filter(|&(at, _)| at != out).map(|(_, &value)| value).collect();
            statistic(&rest)
        })
        .collect();
    let mean = super::mean(&left_out);
    let power = |exponent: i32| left_out.iter().map(|value| (mean - value).powi(exponent)).sum::<f64>();
    power(3) / (6.0 * power(2).powf(1.5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::mean;

    /// By hand: the quantile ¼ of four values lies at ¾ of the way from the first to the second.
    #[test]
    fn quantiles_interpolate() {
        let values = [8.0, 0.0, 4.0, 2.0];
        assert_eq!((quantile(&values, 0.25), median(&values), quantile(&values, 0.0), quantile(&values, 1.0)), (1.5, 3.0, 0.0, 8.0));
        assert!(quantile(&[], 0.5).is_nan() && quantile(&values, 1.1).is_nan() && quantile(&[1.0, f64::NAN], 0.5).is_nan());
    }

    /// By hand: 0, 3 resampled by 00 01 11 10 have means 0, 1½, 3, 1½.
    #[test]
    fn two_values_resampled_in_every_way() {
        let resampled = resample(&[0.0, 3.0], &[0, 0, 0, 1, 1, 1, 1, 0], mean).unwrap();
        assert_eq!(resampled, [0.0, 1.5, 3.0, 1.5]);
        assert_eq!(percentile_interval(&resampled, 1.0), (0.0, 3.0));
        assert_eq!(basic_interval(1.0, &resampled, 1.0), (-1.0, 2.0));
        let found = accelerated_interval(&[0.0, 3.0], &resampled, 0.5, mean).unwrap();
        // Symmetric: no bias, no acceleration, hence the percentile interval.
        assert_eq!((found.bias, found.acceleration), (0.0, 0.0));
        let percentile = percentile_interval(&resampled, 0.5);
        assert!((found.interval.0 - percentile.0).abs() < 1e-12 && (found.interval.1 - percentile.1).abs() < 1e-12);
    }

    /// By hand: without one of 0, 0, 6 the means are 3, 3, 0: deviations −1, −1, 2 give 6/(6·6^1.5).
    #[test]
    fn skewed_values_accelerate() {
        let found = accelerated_interval(&[0.0, 0.0, 6.0], &[1.0, 2.0, 3.0, 4.0], 0.9, mean).unwrap();
        assert!((found.acceleration - 6_f64.powf(-1.5)).abs() < 1e-15);
        // One of four is below the mean 2 and one on it: the quantile of 3/8.
        assert!((found.bias + 0.318_639_363_964_375_1).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_resampled_is_none() {
        assert_eq!(resample(&[], &[], mean), None);
        assert_eq!(resample(&[1.0, 2.0], &[0, 1, 0], mean), None);
        assert_eq!(resample(&[1.0, 2.0], &[0, 2], mean), None);
        assert!(accelerated_interval(&[], &[1.0], 0.9, mean).is_none() && accelerated_interval(&[1.0], &[], 0.9, mean).is_none());
        assert!(accelerated_interval(&[0.5; 4], &[0.5; 9], 0.9, mean).unwrap().interval.0.is_nan());
    }
}
