//! Square root, exponential, logarithm and hyperbolic tangent of exact numbers: through binary numbers, widened outward by a few units in the last
//! place, so that the true value is inside. Exact where the result is.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::number::{Interval, Rational, exactly, integer, nearest};

/// A function that rises everywhere on its domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elementary {
    Sqrt,
    Exp,
    Log,
    Tanh,
}

/// Units in the last place by which a library's function may be off; they document one or two.
const SLACK: u32 = 4;

impl Elementary {
    /// Why a number is outside its domain, if it is.
    fn outside(self, least: &Rational) -> Option<&'static str> {
        match self {
            Self::Sqrt if least.is_negative() => Some("the square root of a negative number"),
            Self::Log if !least.is_positive() => Some("the logarithm of a number that is not positive"),
            _ => None,
        }
    }

    /// All its values on an interval, or why there are none.
    pub(super) fn over(self, argument: &Interval) -> Result<Interval, &'static str> {
        if let Some(why) = self.outside(&argument.lo) {
            return Err(why);
        }
        let too_large = "a number too large to compute";
        let lo = self.bounds(&argument.lo).ok_or(too_large)?;
        if argument.is_point() {
            return Ok(lo);
        }
        Ok(Interval { lo: lo.lo, hi: self.bounds(&argument.hi).ok_or(too_large)?.hi })
    }

    /// Bounds of its value at one number within its domain.
    fn bounds(self, argument: &Rational) -> Option<Interval> {
        if let Some(exact) = self.exact(argument) {
            return Some(Interval::point(exact));
        }
        let near = nearest(argument);
        let lo = exactly(steps(self.approximate(near.next_down()), -1))?;
        let hi = exactly(steps(self.approximate(near.next_up()), 1))?;
        let (least, most) = match self {
            Self::Sqrt | Self::Exp => (Some(integer(0)), None),
            Self::Log => (None, None),
            Self::Tanh => (Some(integer(-1)), Some(integer(1))),
        };
        Some(Interval { lo: least.map_or(lo.clone(), |least| lo.max(least)), hi: most.map_or(hi.clone(), |most| hi.min(most)) })
    }

    fn approximate(self, argument: f64) -> f64 {
        match self {
            Self::Sqrt => argument.max(0.0).sqrt(),
            Self::Exp => argument.exp(),
            Self::Log => argument.max(0.0).ln(),
            Self::Tanh => argument.tanh(),
        }
    }

    fn exact(self, argument: &Rational) -> Option<Rational> {
        match self {
            Self::Sqrt => Some(Rational::new(root(argument.numer())?, root(argument.denom())?)),
            Self::Exp if argument.is_zero() => Some(integer(1)),
            Self::Log if argument.is_one() => Some(integer(0)),
            Self::Tanh if argument.is_zero() => Some(integer(0)),
            _ => None,
        }
    }
}

/// The whole square root of a square.
fn root(number: &BigInt) -> Option<BigInt> {
    let root = number.sqrt();
    (&root * &root == *number).then_some(root)
}

/// A binary number [`SLACK`] units further up or down.
fn steps(value: f64, direction: i32) -> f64 {
    (0..SLACK).fold(value, |value, _| if direction > 0 { value.next_up() } else { value.next_down() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::decimal;

    #[test]
    fn true_values_are_inside() {
        // Digits of e, sqrt 2, ln 2 and tanh 1 from the OEIS (A001113, A002193, A002162, A073744).
        for (function, argument, digits) in [
            (Elementary::Exp, "1", "2.71828182845904523536028747135266249775"),
            (Elementary::Sqrt, "2", "1.41421356237309504880168872420969807856"),
            (Elementary::Log, "2", "0.69314718055994530941723212145817656807"),
            (Elementary::Tanh, "1", "0.76159415595576488811945828260479359041"),
        ] {
            let interval = function.over(&Interval::point(decimal(argument).unwrap())).unwrap();
            assert!(interval.contains(&decimal(digits).unwrap()), "{function:?}");
            assert!(nearest(&(&interval.hi - &interval.lo)) < 1e-14, "{function:?}");
        }
    }

    #[test]
    fn what_is_exact_stays_exact() {
        let point = |text: &str| Interval::point(decimal(text).unwrap());
        assert_eq!(Elementary::Sqrt.over(&point("6.25")), Ok(point("2.5")));
        assert_eq!(Elementary::Exp.over(&point("0")), Ok(point("1")));
        assert_eq!(Elementary::Log.over(&point("1")), Ok(point("0")));
        assert!(Elementary::Sqrt.over(&point("-1")).is_err());
        assert!(Elementary::Log.over(&point("0")).is_err());
        assert!(Elementary::Exp.over(&point("1000")).is_err());
        let low = Elementary::Exp.over(&point("-1000")).unwrap();
        assert!(low.lo.is_zero() && low.hi.is_positive());
    }
}
