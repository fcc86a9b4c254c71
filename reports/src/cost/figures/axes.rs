//! Logarithmic axes.

/// The range of a logarithmic axis: all values, with a margin in powers.
pub fn log_range(values: impl Iterator<Item = f64>) -> Option<std::ops::Range<f64>> {
    let (low, high) = values
        .filter(|value| *value > 0.0 && value.is_finite())
        .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return None;
    }
    let margin = (high / low).powf(0.08).max(1.25);
    Some(low / margin..high * margin)
}

/// The range of a plain axis with a margin of a twelfth.
pub fn range(values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let margin = ((high - low) / 12.0).max(high.abs().max(1.0) * 1e-2);
    low - margin..high + margin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_holds_what_is_above_zero() {
        let found = log_range([0.0, 10.0, 1000.0].into_iter()).unwrap();
        assert!(found.start < 10.0 && found.start > 5.0 && found.end > 1000.0 && found.end < 2000.0, "{found:?}");
        assert_eq!(log_range([0.0, f64::NAN].into_iter()), None);
    }
}
