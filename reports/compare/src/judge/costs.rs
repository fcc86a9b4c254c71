//! Costs: counted ones are exact, timed ones have an interval.

use crate::{Cost, JudgedCost, Rules, Verdict, numbers::amount};

pub(super) fn judge(cost: &Cost, rules: &Rules) -> JudgedCost {
    let factor = 1.0 + rules.cost_margin.max(0.0) / 100.0;
    let (verdict, reason) = match (cost.values, cost.interval) {
        (Some((base, head)), None) => counted(base, head, &cost.unit, factor),
        (_, Some(interval)) => timed(cost.ratio, interval, factor),
        (None, None) => timed(cost.ratio, (f64::NAN, f64::NAN), factor),
    };
    JudgedCost { cost: cost.clone(), verdict, reason }
}

fn counted(base: f64, head: f64, unit: &str, factor: f64) -> (Verdict, String) {
    let change = format!("{} to {}", amount(base, unit), amount(head, unit));
    if base.is_nan() || head.is_nan() {
        return (Verdict::CannotTell, "not a number".into());
    }
    if base == head {
        return (Verdict::Same, format!("equal: {}", amount(head, unit)));
    }
    let change = if base > 0.0 { format!("{change} ({})", per_cent(head / base)) } else { change };
    if head > base * factor {
        (Verdict::Regressed, change)
    } else if head < base / factor {
        (Verdict::Improved, change)
    } else {
        (Verdict::Same, change)
    }
}

fn timed(ratio: f64, (low, high): (f64, f64), factor: f64) -> (Verdict, String) {
    let text = format!("ratio {ratio:.3} ({low:.3} to {high:.3})");
    if !(ratio.is_finite() && low <= high) {
        (Verdict::CannotTell, "the ratio has no interval".into())
    } else if low > factor {
        (Verdict::Regressed, text)
    } else if high < 1.0 / factor {
        (Verdict::Improved, text)
    } else if low > 1.0 / factor && high < factor {
        (Verdict::Same, text)
    } else {
        (Verdict::CannotTell, text)
    }
}

/// `+5.0 %`.
fn per_cent(ratio: f64) -> String {
    let change = 100.0 * (ratio - 1.0);
    format!("{}{:.1} %", if change < 0.0 { "−" } else { "+" }, change.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, with a factor of 1.05: 105 is on it, 106 beyond; 1/1.05 = 0.952.
    #[test]
    fn counts_are_exact() {
        let of = |base, head| counted(base, head, "FLOPs", 1.05);
        assert_eq!(of(100.0, 100.0), (Verdict::Same, "equal: 100 FLOPs".into()));
        assert_eq!(of(100.0, 105.0), (Verdict::Same, "100 FLOPs to 105 FLOPs (+5.0 %)".into()));
        assert_eq!(of(100.0, 106.0), (Verdict::Regressed, "100 FLOPs to 106 FLOPs (+6.0 %)".into()));
        assert_eq!((of(100.0, 96.0).0, of(100.0, 95.0).0), (Verdict::Same, Verdict::Improved));
        assert_eq!((of(0.0, 0.0).0, of(0.0, 1.0).0, of(f64::NAN, 1.0).0), (Verdict::Same, Verdict::Regressed, Verdict::CannotTell));
    }

    #[test]
    fn timings_need_an_interval_on_one_side() {
        let of = |low, high| timed(1.0, (low, high), 1.05).0;
        assert_eq!([of(1.06, 1.2), of(0.96, 1.04), of(0.8, 0.95)], [Verdict::Regressed, Verdict::Same, Verdict::Improved]);
        assert_eq!([of(1.04, 1.2), of(0.9, 1.0), of(f64::NAN, f64::NAN)], [Verdict::CannotTell; 3]);
    }
}
