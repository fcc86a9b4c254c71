//! How likely it is that numbers agree by chance alone: what the arithmetic checks need before they take a pattern for a relation.

/// Sample standard deviation; 0 for fewer than two values.
pub(super) fn spread(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt()
}

/// The chance that a number falls into a window of this width where it lies with this standard deviation: the normal distribution's highest
/// density, so never too small
/// for a bell-shaped spread. 1 where nothing varies.
pub(super) fn into_window(width: f64, deviation: f64) -> f64 {
    const HIGHEST_DENSITY: f64 = 0.398_942_280_401_432_7;
    let chance = HIGHEST_DENSITY * width / deviation;
    if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 1.0 }
}

/// P(at least `k` of `n`) where each has probability `p`.
pub(super) fn at_least(k: usize, n: usize, p: f64) -> f64 {
    if k == 0 || p >= 1.0 {
        return 1.0;
    }
    if k > n || p <= 0.0 {
        return 0.0;
    }
    let logarithm = |i: usize| ln_choose(n, i) + i as f64 * p.ln() + (n - i) as f64 * (-p).ln_1p();
    (k..=n).map(|i| logarithm(i).exp()).sum::<f64>().min(1.0)
}

/// ln of n over k.
pub(super) fn ln_choose(n: usize, k: usize) -> f64 {
    (1..=k.min(n - k.min(n))).map(|i| ((n - i + 1) as f64 / i as f64).ln()).sum()
}

/// Pearson's correlation of pairs; 0 for fewer than five, where it says nothing.
pub(super) fn correlation(pairs: &[(f64, f64)]) -> f64 {
    if pairs.len() < 5 {
        return 0.0;
    }
    let n = pairs.len() as f64;
    let (x, y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0 / n, y + pair.1 / n));
    let sums = pairs.iter().fold((0.0, 0.0, 0.0), |(xx, yy, xy), pair| {
        let (a, b) = (pair.0 - x, pair.1 - y);
        (a.mul_add(a, xx), b.mul_add(b, yy), a.mul_add(b, xy))
    });
    let value = sums.2 / (sums.0 * sums.1).sqrt();
    if value.is_finite() { value.clamp(-1.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_a_table() {
        // 1 - 0.9^3 - 3 * 0.1 * 0.9^2 = 0.028; 0.5^4 = 0.0625.
        assert!((at_least(2, 3, 0.1) - 0.028).abs() < 1e-12);
        assert!((at_least(4, 4, 0.5) - 0.0625).abs() < 1e-12);
        assert_eq!((at_least(0, 3, 0.1), at_least(4, 3, 0.1), at_least(2, 3, 0.0), at_least(2, 3, 1.0)), (1.0, 0.0, 0.0, 1.0));
        // 5 over 2 is 10.
        assert!((ln_choose(5, 2) - 10f64.ln()).abs() < 1e-12);
        assert_eq!(ln_choose(3, 5), 0.0);
        // 2, 4, 6: variance 4.
        assert_eq!(spread(&[2.0, 4.0, 6.0]), 2.0);
        assert_eq!(into_window(0.1, 0.0), 1.0);
        let line: Vec<(f64, f64)> = (0..6).map(|i| (f64::from(i), 3.0 - f64::from(i))).collect();
        assert!((correlation(&line) + 1.0).abs() < 1e-12);
        assert_eq!(correlation(&line[..4]), 0.0);
    }
}
