//! A number as printed: its value, and the interval of numbers that round to it.

use num_traits::Zero;

use crate::number::{Interval, Rational, decimal, integer, power_of_ten};

/// Units whose numbers are counts, and so exact.
const COUNTS: [&str; 3] = ["samples", "classes", "year"];

/// A printed number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// As printed, `85.04`, `40M`, `+2.60`.
    pub text: String,
    /// Its exact value, with M and B of parameters expanded.
    pub value: Rational,
    /// Half a unit in the last printed digit; 0 for a count.
    pub half: Rational,
}

impl Printed {
    /// Reads a number as tables print it: commas, a sign, `%`, `x` or `×` and unit letters are left out, M and B expand where the unit is `params`.
    ///
    /// `None` where no number is left.
    pub fn parse(text: &str, unit: &str) -> Option<Self> {
        let bare: String = text.trim().chars().filter(|c| !matches!(c, ',' | '%' | '×' | ' ')).collect::<String>().replace('−', "-");
        let digits = bare.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if digits.contains(['e', 'E']) {
            return None;
        }
        let scale = match (&bare[digits.len()..], unit) {
            ("K", "params") => power_of_ten(3),
            ("M", "params") => power_of_ten(6),
            ("B", "params") => power_of_ten(9),
            _ => integer(1),
        };
        let value = decimal(digits)? * &scale;
        let half = if COUNTS.contains(&unit) { Rational::zero() } else { half_a_unit(digits) * scale };
        Some(Self { text: text.trim().to_owned(), value, half })
    }

    /// All numbers that print like this.
    pub fn interval(&self) -> Interval {
        Interval::around(&self.value, &self.half)
    }

    /// Digits after the decimal point.
    pub fn decimals(&self) -> u32 {
        decimals(self.text.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.'))
    }
}

fn decimals(digits: &str) -> u32 {
    digits.split_once('.').map_or(0, |(_, fraction)| u32::try_from(fraction.len()).unwrap_or(u32::MAX))
}

fn half_a_unit(digits: &str) -> Rational {
    power_of_ten(-i32::try_from(decimals(digits)).unwrap_or(i32::MAX)) / integer(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_number_is_half_a_unit_wide_on_either_side() {
        for (text, unit, lo, hi) in [
            ("85.04", "%", "85.035", "85.045"),
            ("6,800%", "%", "6799.5", "6800.5"),
            ("375x", "", "374.5", "375.5"),
            ("1.23×", "x", "1.225", "1.235"),
            ("40M", "params", "39500000", "40500000"),
            ("7B", "params", "6500000000", "7500000000"),
            ("12.3G", "GFLOP", "12.25", "12.35"),
            ("-1.24", "pp", "-1.245", "-1.235"),
            ("+2.60", "pp", "2.595", "2.605"),
            ("1,593", "samples", "1593", "1593"),
            ("2,304", "h", "2303.5", "2304.5"),
            ("86.91 %", "%", "86.905", "86.915"),
        ] {
            let printed = Printed::parse(text, unit).unwrap().interval();
            assert_eq!((printed.lo, printed.hi), (decimal(lo).unwrap(), decimal(hi).unwrap()), "{text}");
        }
        assert_eq!(Printed::parse("40M", "MB").unwrap().value, decimal("40").unwrap());
        for wrong in ["", "n/a", "-", "1.2.3", "%"] {
            assert_eq!(Printed::parse(wrong, ""), None, "{wrong}");
        }
        assert_eq!(Printed::parse("6.2s", "s").unwrap().decimals(), 1);
    }
}
