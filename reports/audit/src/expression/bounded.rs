//! Keeps exact numbers from growing without end: past a size they are rounded outward, past a magnitude they are given up.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed};

use crate::number::{Interval, Rational};

/// Bits of numerator and denominator together up to which a number is kept as it is.
const LARGEST: u64 = 1024;

/// Binary digits after the point that a rounded number keeps.
const KEPT: u64 = 480;

/// Powers of two beyond which a number is given up: about 10^144.
const BEYOND: u64 = 480;

/// Why a number was given up.
pub(super) const TOO_LARGE: &str = "a number beyond 10^144";

/// An interval of numbers of bounded size that holds the given one.
pub(super) fn bounded(interval: Interval) -> Result<Interval, &'static str> {
    if size(&interval.lo) <= LARGEST && size(&interval.hi) <= LARGEST {
        return Ok(interval);
    }
    Ok(Interval { lo: rounded(&interval.lo, false)?, hi: rounded(&interval.hi, true)? })
}

fn size(number: &Rational) -> u64 {
    number.numer().bits() + number.denom().bits()
}

fn rounded(number: &Rational, up: bool) -> Result<Rational, &'static str> {
    if size(number) <= LARGEST {
        return Ok(number.clone());
    }
    if number.numer().bits() > number.denom().bits() + BEYOND {
        return Err(TOO_LARGE);
    }
    let unit = BigInt::one() << KEPT;
    let scaled = BigRational::new(number.numer() * &unit, number.denom().clone());
    let whole = if up { scaled.ceil() } else { scaled.floor() };
    Ok(BigRational::new(whole.to_integer(), unit))
}

/// A number of bounded size near the given one, and whether it is the same.
pub(super) fn near(number: Rational) -> Result<(Rational, bool), &'static str> {
    if size(&number) <= LARGEST {
        return Ok((number, true));
    }
    let down = rounded(&number.abs(), false)?;
    Ok((if number.is_negative() { -down } else { down }, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::power_of_ten;

    #[test]
    fn large_numbers_are_held_by_smaller_ones() {
        let third = Rational::new(BigInt::one(), BigInt::from(3).pow(1000));
        let held = bounded(Interval::point(third.clone())).unwrap();
        assert!(held.contains(&third) && !held.is_point());
        assert!(size(&held.hi) <= LARGEST);
        assert_eq!(bounded(Interval::point(Rational::from_integer(BigInt::from(3).pow(1000)))), Err(TOO_LARGE));
        let usual = Interval::point(power_of_ten(-64));
        assert_eq!(bounded(usual.clone()), Ok(usual));
    }
}
