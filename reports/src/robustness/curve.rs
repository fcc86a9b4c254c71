//! Numbers of a degradation curve.

/// What is lost from `clean` to `corrupted`: positive where the corruption hurts, whichever way the metric points.
pub fn drop(clean: f64, corrupted: f64, higher_is_better: bool) -> f64 {
    if higher_is_better { clean - corrupted } else { corrupted - clean }
}

/// [`drop`] as a share of the clean value; not finite where that is 0.
pub fn relative_drop(clean: f64, corrupted: f64, higher_is_better: bool) -> f64 {
    drop(clean, corrupted, higher_is_better) / clean
}

/// Area under the curve through `(level, value)`, by the trapezoidal rule on the true spacing of the levels, divided by their range: a value that never
/// changes is its own area. `points` ascend by level; `None` under two different levels or out of order.
pub fn normalised_area(points: &[(f64, f64)]) -> Option<f64> {
    let range = points.last()?.0 - points.first()?.0;
    // Written so that a NaN level is refused as well.
    if !(range > 0.0 && points.windows(2).all(|pair| pair[0].0 <= pair[1].0)) {
        return None;
    }
    Some(points.windows(2).map(|pair| (pair[0].1 + pair[1].1) / 2.0 * (pair[1].0 - pair[0].0)).sum::<f64>() / range)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: trapezoids (0.8 + 0.6)/2 · 1 + (0.6 + 0.2)/2 · 3 = 0.7 + 1.2 = 1.9 over a range of 4. Equal spacing would give (0.7 + 0.4)/2 = 0.55.
    #[test]
    fn the_area_is_on_the_true_spacing() {
        let area = normalised_area(&[(0.0, 0.8), (1.0, 0.6), (4.0, 0.2)]).unwrap();
        assert!((area - 0.475).abs() < 1e-15);
        assert_eq!(normalised_area(&[(0.0, 0.5), (0.3, 0.5), (9.0, 0.5)]), Some(0.5));
    }

    #[test]
    fn a_curve_needs_two_levels_in_order() {
        assert_eq!(normalised_area(&[(0.0, 0.8)]), None);
        assert_eq!(normalised_area(&[]), None);
        assert_eq!(normalised_area(&[(1.0, 0.8), (1.0, 0.6)]), None);
        assert_eq!(normalised_area(&[(0.0, 0.8), (2.0, 0.6), (1.0, 0.5)]), None);
        assert_eq!(normalised_area(&[(0.0, 0.8), (f64::NAN, 0.6)]), None);
    }

    #[test]
    fn a_loss_is_positive_for_accuracies_and_for_errors() {
        assert!((drop(0.8, 0.6, true) - 0.2).abs() < 1e-15);
        assert!((drop(0.5, 0.7, false) - 0.2).abs() < 1e-15);
        assert!((relative_drop(0.8, 0.6, true) - 0.25).abs() < 1e-15);
        assert!(!relative_drop(0.0, 0.0, true).is_finite());
    }
}
