//! Numbers as a reader wants them: few digits, no zeros at the end.

use crate::number::{Interval, Rational, nearest};

/// A number with at most so many significant digits (1 to 17): `1.87`, `0.00012346`, `1.2e-9`.
pub fn short(value: &Rational, digits: usize) -> String {
    let value = nearest(value);
    if value == 0.0 {
        return "0".into();
    }
    if !value.is_finite() {
        return "a number beyond 1e308".into();
    }
    let digits = digits.clamp(1, 17);
    let scientific = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-5..15).contains(&exponent) {
        return format!("{}e{exponent}", trimmed(mantissa));
    }
    let decimals = usize::try_from(i32::try_from(digits).unwrap_or(17) - 1 - exponent).unwrap_or(0);
    // Digits before the point are kept: 22856 is not shortened to 22860.
    trimmed(&format!("{value:.decimals$}")).to_owned()
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// An interval as `[1.86, 1.88]`; empty for one number.
pub(super) fn interval(interval: &Interval, digits: usize) -> String {
    if interval.is_point() { String::new() } else { format!("[{}, {}]", short(&interval.lo, digits), short(&interval.hi, digits)) }
}

/// Significant digits, five or more, at which numbers that differ also look different.
pub(super) fn digits_to_tell_apart(numbers: &[&Rational]) -> usize {
    let differ = |digits: usize| {
        let shown: Vec<String> = numbers.iter().map(|number| short(number, digits)).collect();
        (0..numbers.len()).all(|a| (0..a).all(|b| numbers.get(a) == numbers.get(b) || shown.get(a) != shown.get(b)))
    };
    (5..17).find(|digits| differ(*digits)).unwrap_or(17)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::decimal;

    #[test]
    fn numbers_are_short() {
        for (value, digits, text) in [
            ("1.87000", 5, "1.87"),
            ("0.000123456", 5, "0.00012346"),
            ("22856", 5, "22856"),
            ("1234567.8", 5, "1234568"),
            ("0.0000012", 5, "1.2e-6"),
            ("-12.50", 5, "-12.5"),
            ("0", 5, "0"),
            ("100", 2, "100"),
            ("1e20", 5, "1e20"),
        ] {
            assert_eq!(short(&decimal(value).unwrap(), digits), text, "{value}");
        }
    }

    #[test]
    fn more_digits_where_five_look_alike() {
        let (a, b) = (decimal("1.0000001").unwrap(), decimal("1.0000002").unwrap());
        assert_eq!(digits_to_tell_apart(&[&a, &b]), 8);
        assert_eq!(digits_to_tell_apart(&[&a, &a]), 5);
    }
}
