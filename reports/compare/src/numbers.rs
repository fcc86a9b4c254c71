//! Values, differences and intervals in the unit that people read them in.

/// Share of accuracy's kind, or an error in a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    factor: f64,
    decimals: usize,
}

/// Digits of an error after those that its range has.
const DIGITS: f64 = 3.0;

impl Scale {
    /// Of a share in points with two decimals; else raw, with decimals for a thousandth of the range.
    pub fn new(share: bool, range: f64) -> Self {
        if share {
            return Self { factor: 100.0, decimals: 2 };
        }
        let magnitude = if range > 0.0 && range.is_finite() { range.log10().floor() } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=9")]
        let decimals = (DIGITS - magnitude).clamp(0.0, 9.0) as usize;
        Self { factor: 1.0, decimals }
    }

    /// `62.10`; a dash for what is no number.
    pub fn value(self, value: f64) -> String {
        if value.is_nan() {
            return "–".into();
        }
        let text = self.unsigned(value);
        if value < 0.0 && !is_zero(&text) { format!("−{text}") } else { text }
    }

    /// `+1.20`, `−0.30`; a rounded zero has a plus.
    pub fn signed(self, value: f64) -> String {
        let text = self.value(value);
        if text.starts_with(['−', '–']) { text } else { format!("+{text}") }
    }

    /// `−1.20 to +3.40`.
    pub fn interval(self, (low, high): (f64, f64)) -> String {
        format!("{} to {}", self.signed(low), self.signed(high))
    }

    fn unsigned(self, value: f64) -> String {
        format!("{:.*}", self.decimals, (value * self.factor).abs())
    }

    /// `3.20 lower`, `0.021 higher`, `equal`.
    pub fn change(self, difference: f64) -> String {
        let text = self.unsigned(difference);
        match difference {
            _ if difference == 0.0 => "equal on average".into(),
            _ if difference > 0.0 => format!("{text} higher"),
            _ => format!("{text} lower"),
        }
    }
}

fn is_zero(text: &str) -> bool {
    text.chars().all(|c| c == '0' || c == '.')
}

/// A number of seeds, rows, … with its noun.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A cost with its unit, whole where it is whole: `1234 FLOPs`.
pub(crate) fn amount(value: f64, unit: &str) -> String {
    let text = if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value:.3}") };
    if unit.is_empty() { text } else { format!("{text} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_points_and_errors_keep_a_thousandth_of_their_range() {
        let points = Scale::new(true, 1.0);
        assert_eq!(
            [points.value(0.621), points.signed(0.012), points.signed(-0.003), points.signed(-0.000_01)],
            ["62.10", "+1.20", "−0.30", "+0.00"]
        );
        assert_eq!(points.interval((-0.01, f64::NAN)), "−1.00 to –");
        let [error, small, large] = [6.0, 0.05, 4000.0].map(|range| Scale::new(false, range));
        assert_eq!([error.value(0.71), small.value(0.012), large.signed(-12.4)], ["0.710", "0.01200", "−12"]);
        assert_eq!([points.change(-0.032), error.change(0.02), error.change(0.0)], ["3.20 lower", "0.020 higher", "equal on average"]);
    }

    #[test]
    fn counted_costs_are_whole() {
        assert_eq!([amount(1234.0, "FLOPs"), amount(0.5, "")], ["1234 FLOPs", "0.500"]);
    }
}
