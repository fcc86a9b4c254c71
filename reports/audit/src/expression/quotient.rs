//! An expression of + - * / alone as one quotient of polynomials. What cancels there cancels for good: `(a-b)/a` has the slope `b/a^2` in `a`, whose sign is
//! plain, where interval arithmetic on the steps would see `a` three times.

use std::collections::BTreeMap;

use num_traits::{One, Signed, Zero};

use super::program::{Operation, Program, product};
use crate::number::{Interval, Rational, integer};

/// Terms of a polynomial past which the attempt is given up.
const TERMS: usize = 120;

/// The highest power of one unknown.
const POWER: u32 = 16;

/// Powers of unknowns, each by its index, in rising order.
type Monomial = Vec<(usize, u32)>;

/// A polynomial in the unknowns; no coefficient is 0.
#[derive(Debug, Clone, PartialEq, Default)]
struct Polynomial(BTreeMap<Monomial, Rational>);

/// The numerators of the slopes of a quotient; the denominators are squares.
#[derive(Debug, Clone)]
pub(super) struct Quotient {
    slopes: Vec<(usize, Polynomial)>,
}

impl Quotient {
    /// The slopes of a program in the given unknowns; `None` where other functions are used or the polynomials grow long.
    pub(super) fn of(program: &Program, unknowns: &[usize]) -> Option<Self> {
        let mut fractions: Vec<(Polynomial, Polynomial)> = Vec::with_capacity(program.instructions.len());
        let one = || Polynomial::constant(integer(1));
        for instruction in &program.instructions {
            let get = |place: &usize| fractions.get(*place);
            let fraction = match &instruction.operation {
                Operation::Constant => (Polynomial::constant(instruction.nominal.clone()), one()),
                Operation::Unknown(unknown) => (Polynomial(BTreeMap::from([(vec![(*unknown, 1)], integer(1))])), one()),
                Operation::Negate(a) => get(a).map(|(n, d)| (n.scaled(&integer(-1)), d.clone()))?,
                Operation::Add(a, b) => sum(get(a)?, get(b)?, 1)?,
                Operation::Subtract(a, b) => sum(get(a)?, get(b)?, -1)?,
                Operation::Multiply(a, b) => (get(a)?.0.times(&get(b)?.0)?, get(a)?.1.times(&get(b)?.1)?),
                Operation::Divide(a, b) => (get(a)?.0.times(&get(b)?.1)?, get(a)?.1.times(&get(b)?.0)?),
                Operation::Sum(all) => {
                    let mut total = (Polynomial::default(), one());
                    for place in all {
                        total = sum(&total, get(place)?, 1)?;
                    }
                    total
                }
                Operation::Least(_) | Operation::Greatest(_) | Operation::Absolute(_) | Operation::Elementary(..) => return None,
            };
            fractions.push(fraction);
        }
        let (numerator, denominator) = fractions.pop()?;
        let slope = |unknown: usize| {
            let falling = numerator.times(&denominator.slope(unknown))?;
            numerator.slope(unknown).times(&denominator)?.plus(&falling.scaled(&integer(-1)))
        };
        Some(Self { slopes: unknowns.iter().map(|unknown| slope(*unknown).map(|slope| (*unknown, slope))).collect::<Option<_>>()? })
    }

    /// Terms of all slopes, as a measure of work.
    pub(super) fn terms(&self) -> usize {
        self.slopes.iter().map(|(_, slope)| slope.0.keys().map(|monomial| 1 + monomial.len()).sum::<usize>()).sum()
    }

    /// An unknown in which the expression rises (`true`) or falls throughout the box, among those that are not yet one number.
    pub(super) fn direction(&self, intervals: &[Interval]) -> Option<(usize, bool)> {
        self.slopes.iter().filter(|(unknown, _)| intervals.get(*unknown).is_some_and(|interval| !interval.is_point())).find_map(|(unknown, slope)| {
            let slope = slope.over(intervals)?;
            if !slope.lo.is_negative() {
                Some((*unknown, true))
            } else if !slope.hi.is_positive() {
                Some((*unknown, false))
            } else {
                None
            }
        })
    }
}

fn sum(a: &(Polynomial, Polynomial), b: &(Polynomial, Polynomial), sign: i64) -> Option<(Polynomial, Polynomial)> {
    let sign = integer(sign);
    if a.1 == b.1 {
        return Some((a.0.plus(&b.0.scaled(&sign))?, a.1.clone()));
    }
    let crossed = b.0.times(&a.1)?.scaled(&sign);
    Some((a.0.times(&b.1)?.plus(&crossed)?, a.1.times(&b.1)?))
}

impl Polynomial {
    fn constant(value: Rational) -> Self {
        if value.is_zero() { Self::default() } else { Self(BTreeMap::from([(Vec::new(), value)])) }
    }

    fn scaled(&self, factor: &Rational) -> Self {
        if factor.is_zero() {
            return Self::default();
        }
        Self(self.0.iter().map(|(monomial, coefficient)| (monomial.clone(), coefficient * factor)).collect())
    }

    fn add_term(&mut self, monomial: Monomial, coefficient: Rational) -> Option<()> {
        let sum = self.0.remove(&monomial).unwrap_or_else(Rational::zero) + coefficient;
        if !sum.is_zero() {
            self.0.insert(monomial, sum);
        }
        (self.0.len() <= TERMS).then_some(())
    }

    fn plus(&self, other: &Self) -> Option<Self> {
        let mut sum = self.clone();
        for (monomial, coefficient) in &other.0 {
            sum.add_term(monomial.clone(), coefficient.clone())?;
        }
        Some(sum)
    }

    fn times(&self, other: &Self) -> Option<Self> {
        let mut all = Self::default();
        for (a, x) in &self.0 {
            for (b, y) in &other.0 {
                let mut powers: BTreeMap<usize, u32> = a.iter().copied().collect();
                for (unknown, power) in b {
                    *powers.entry(*unknown).or_default() += power;
                }
                if powers.values().any(|power| *power > POWER) {
                    return None;
                }
                all.add_term(powers.into_iter().collect(), x * y)?;
            }
        }
        Some(all)
    }

    fn slope(&self, unknown: usize) -> Self {
        let mut slope = Self::default();
        for (monomial, coefficient) in &self.0 {
            let Some((_, power)) = monomial.iter().find(|(other, _)| *other == unknown) else { continue };
            let lowered =
                monomial.iter().map(|(other, power)| (*other, power - u32::from(*other == unknown))).filter(|(_, power)| *power > 0).collect();
            slope.0.insert(lowered, coefficient * integer(i64::from(*power)));
        }
        slope
    }

    fn over(&self, intervals: &[Interval]) -> Option<Interval> {
        let mut total = Interval::point(Rational::zero());
        for (monomial, coefficient) in &self.0 {
            let mut term = Interval::point(Rational::one());
            for (unknown, exponent) in monomial {
                term = product(&term, &raised(intervals.get(*unknown)?, *exponent));
            }
            total = &total + &product(&term, &Interval::point(coefficient.clone()));
        }
        Some(total)
    }
}

/// A whole power; an even one of an interval around 0 starts at 0.
fn raised(interval: &Interval, exponent: u32) -> Interval {
    let base = if exponent.is_multiple_of(2) { interval.abs() } else { interval.clone() };
    let end = |value: &Rational| (0..exponent).fold(Rational::one(), |all, _| all * value);
    Interval { lo: end(&base.lo), hi: end(&base.hi) }
}
