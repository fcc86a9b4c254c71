//! Integrals of smooth functions over a finite interval.

/// Nodes in (0, 1) and weights of the ten-point Gauss–Legendre rule on [−1, 1] (Abramowitz & Stegun, Handbook of Mathematical Functions, table 25.4).
const RULE: [(f64, f64); 5] = [
    (0.148_874_338_981_631_2, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_36),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// ∫ f over [`low`, `high`]: Gauss–Legendre panels, halved where halving changes the result by more than `tolerance` (absolute, split among the halves).
pub(super) fn integrate(low: f64, high: f64, tolerance: f64, f: &impl Fn(f64) -> f64) -> f64 {
    refine(low, high, panel(low, high, f), tolerance, 40, f)
}

fn refine(low: f64, high: f64, whole: f64, tolerance: f64, depth: u32, f: &impl Fn(f64) -> f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    let (left, right) = (panel(low, middle, f), panel(middle, high, f));
    let change = (left + right - whole).abs();
    if depth == 0 || change.is_nan() || change <= tolerance {
        return left + right;
    }
    refine(low, middle, left, tolerance / 2.0, depth - 1, f) + refine(middle, high, right, tolerance / 2.0, depth - 1, f)
}

fn panel(low: f64, high: f64, f: &impl Fn(f64) -> f64) -> f64 {
    let (middle, half) = (low + (high - low) / 2.0, (high - low) / 2.0);
    RULE.iter().map(|&(node, weight)| weight * (f(middle - half * node) + f(middle + half * node))).sum::<f64>() * half
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: ∫x⁴ = 1/5, ∫√x = 2/3 (not smooth at 0), ∫sin over a half turn = 2.
    #[test]
    fn known_integrals() {
        assert!((integrate(0.0, 1.0, 1e-15, &|x| x.powi(4)) - 0.2).abs() < 1e-15);
        assert!((integrate(0.0, 1.0, 1e-13, &f64::sqrt) - 2.0 / 3.0).abs() < 1e-12);
        assert!((integrate(0.0, std::f64::consts::PI, 1e-14, &f64::sin) - 2.0).abs() < 1e-14);
    }
}
