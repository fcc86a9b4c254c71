//! Exact numbers and closed intervals of them. A verdict may hang on a boundary, so decimals are rationals, never binary floats.

use std::ops::{Add, Mul, Neg, Sub};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An exact number.
pub type Rational = BigRational;

/// More digits than any table prints; keeps a hostile exponent from filling the memory.
const LONGEST: usize = 64;

/// The exact value of a decimal such as `-12.50`, `.5`, `1e-3`; `None` for anything else, or past 64 digits or a tenth power beyond ±64.
pub fn decimal(text: &str) -> Option<Rational> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: String = [whole, fraction].concat();
    if all.is_empty() || all.len() > LONGEST || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let power = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    if power.unsigned_abs() as usize > LONGEST {
        return None;
    }
    let number = Rational::from_integer(all.parse::<BigInt>().ok()? * sign);
    Some(number * power_of_ten(power))
}

/// 10 to `power`.
pub fn power_of_ten(power: i32) -> Rational {
    let ten = BigInt::from(10).pow(power.unsigned_abs());
    if power < 0 { Rational::new(BigInt::one(), ten) } else { Rational::from_integer(ten) }
}

/// The exact value of a finite binary number; `None` for infinities and `NaN`.
pub fn exactly(value: f64) -> Option<Rational> {
    Rational::from_float(value)
}

/// The decimal that a finite binary number prints as, exactly: 0.1 is one tenth. `None` for infinities and `NaN`.
pub fn as_printed(value: f64) -> Option<Rational> {
    value.is_finite().then(|| decimal(&format!("{value}")).or_else(|| exactly(value))).flatten()
}

/// An integer as an exact number.
pub fn integer(value: i64) -> Rational {
    Rational::from_integer(BigInt::from(value))
}

/// The nearest binary number.
pub fn nearest(value: &Rational) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

/// A closed interval; `lo <= hi` always holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Lower end.
    pub lo: Rational,
    /// Upper end.
    pub hi: Rational,
}

impl Interval {
    /// The interval between two numbers, in whichever order they come.
    pub fn between(a: Rational, b: Rational) -> Self {
        if a <= b { Self { lo: a, hi: b } } else { Self { lo: b, hi: a } }
    }

    /// One number.
    pub fn point(value: Rational) -> Self {
        Self { lo: value.clone(), hi: value }
    }

    /// `middle` ± `half`.
    pub fn around(middle: &Rational, half: &Rational) -> Self {
        Self::between(middle - half, middle + half)
    }

    /// Whether it is one number.
    pub fn is_point(&self) -> bool {
        self.lo == self.hi
    }

    /// Whether a number lies in it, ends included.
    pub fn contains(&self, value: &Rational) -> bool {
        &self.lo <= value && value <= &self.hi
    }

    /// Whether two intervals share a number, ends included.
    pub fn meets(&self, other: &Self) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    /// The smallest interval that holds both.
    pub fn hull(&self, other: &Self) -> Self {
        Self { lo: (&self.lo).min(&other.lo).clone(), hi: (&self.hi).max(&other.hi).clone() }
    }

    /// The quotient; `None` where the divisor holds 0.
    pub fn divide(&self, divisor: &Self) -> Option<Self> {
        if divisor.contains(&Rational::zero()) {
            return None;
        }
        Some(self * &Self { lo: divisor.hi.recip(), hi: divisor.lo.recip() })
    }

    /// |x| for every x in it.
    pub fn abs(&self) -> Self {
        if self.contains(&Rational::zero()) {
            Self { lo: Rational::zero(), hi: self.lo.abs().max(self.hi.abs()) }
        } else {
            Self::between(self.lo.abs(), self.hi.abs())
        }
    }

    /// The gap between two intervals that do not meet; 0 where they do.
    pub fn distance(&self, other: &Self) -> Rational {
        if self.meets(other) {
            Rational::zero()
        } else if self.hi < other.lo {
            &other.lo - &self.hi
        } else {
            &self.lo - &other.hi
        }
    }
}

impl Add for &Interval {
    type Output = Interval;
    fn add(self, other: Self) -> Interval {
        Interval { lo: &self.lo + &other.lo, hi: &self.hi + &other.hi }
    }
}

impl Sub for &Interval {
    type Output = Interval;
    fn sub(self, other: Self) -> Interval {
        Interval { lo: &self.lo - &other.hi, hi: &self.hi - &other.lo }
    }
}

impl Neg for &Interval {
    type Output = Interval;
    fn neg(self) -> Interval {
        Interval { lo: -&self.hi, hi: -&self.lo }
    }
}

impl Mul for &Interval {
    type Output = Interval;
    fn mul(self, other: Self) -> Interval {
        let first = &self.lo * &other.lo;
        let (mut lo, mut hi) = (first.clone(), first);
        for product in [&self.lo * &other.hi, &self.hi * &other.lo, &self.hi * &other.hi] {
            if product < lo {
                lo = product;
            } else if product > hi {
                hi = product;
            }
        }
        Interval { lo, hi }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Rational {
        decimal(text).unwrap()
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(&number("0.1") * &number("0.1"), number("0.01"));
        assert_eq!(number("-12.50"), Rational::new(BigInt::from(-25), BigInt::from(2)));
        assert_eq!(number("1e-3"), number("0.001"));
        assert_eq!(number(".5"), number("0.5"));
        assert_eq!(as_printed(0.1).unwrap(), number("0.1"));
        for wrong in ["", "-", "1.2.3", "0x1", "1e", "nan", "inf", "1e999", "1 2", "--1"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn products_and_quotients_take_every_sign() {
        let interval = |lo: i64, hi: i64| Interval::between(integer(lo), integer(hi));
        assert_eq!(&interval(-2, 3) * &interval(-5, 4), interval(-15, 12));
        assert_eq!(interval(1, 4).divide(&interval(-2, -1)), Some(interval(-4, 0)).map(|_| Interval::between(integer(-4), number("-0.5"))));
        assert_eq!(interval(1, 4).divide(&interval(0, 2)), None);
        assert_eq!(interval(-3, 2).abs(), interval(0, 3));
        assert_eq!(interval(0, 1).distance(&interval(3, 4)), integer(2));
    }
}
