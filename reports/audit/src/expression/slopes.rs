//! Slopes of an expression in its unknowns, as intervals over a box, by one sweep backwards through its instructions (reverse differentiation).
//! Where a slope keeps its sign over the box, the expression rises or falls in that unknown and its extremes are at the ends.

use num_traits::{Signed, Zero};

use super::{
    elementary::Elementary,
    program::{Operation, Program, product},
};
use crate::number::{Interval, Rational, integer};

/// The slope in every unknown over the box on which the instructions have `values`; `None` where it has no bound.
pub(super) fn slopes(program: &Program, values: &[Interval]) -> Vec<Option<Interval>> {
    let zero = || Some(Interval::point(Rational::zero()));
    let mut slopes: Vec<Option<Interval>> = vec![zero(); program.unknowns.len()];
    let mut weights: Vec<Option<Interval>> = vec![zero(); program.instructions.len()];
    if let Some(last) = weights.last_mut() {
        *last = Some(Interval::point(integer(1)));
    }
    for (place, instruction) in program.instructions.iter().enumerate().rev() {
        let Some(weight) = weights.get(place).cloned() else { continue };
        if weight.as_ref().is_some_and(|weight| weight.is_point() && weight.lo.is_zero()) {
            continue;
        }
        if let Operation::Unknown(unknown) = instruction.operation {
            accumulate(&mut slopes, unknown, weight);
            continue;
        }
        for (operand, partial) in partials(&instruction.operation, place, values) {
            let passed = weight.as_ref().zip(partial).map(|(weight, partial)| product(weight, &partial));
            accumulate(&mut weights, operand, passed);
        }
    }
    slopes
}

fn accumulate(sums: &mut [Option<Interval>], place: usize, term: Option<Interval>) {
    if let Some(sum) = sums.get_mut(place) {
        *sum = sum.as_ref().zip(term).map(|(sum, term)| sum + &term);
    }
}

/// The slope of an operation in each operand over the box.
fn partials(operation: &Operation, place: usize, values: &[Interval]) -> Vec<(usize, Option<Interval>)> {
    let value = |place: &usize| values.get(*place);
    let one = || Some(Interval::point(integer(1)));
    let minus_one = || Some(Interval::point(integer(-1)));
    match operation {
        Operation::Constant | Operation::Unknown(_) => Vec::new(),
        Operation::Negate(a) => vec![(*a, minus_one())],
        Operation::Add(a, b) => vec![(*a, one()), (*b, one())],
        Operation::Subtract(a, b) => vec![(*a, one()), (*b, minus_one())],
        Operation::Multiply(a, b) => vec![(*a, value(b).cloned()), (*b, value(a).cloned())],
        Operation::Divide(a, b) => {
            let inverse = value(b).and_then(|divisor| Interval::point(integer(1)).divide(divisor));
            let quotient = value(&place).zip(inverse.as_ref()).map(|(quotient, inverse)| -&product(quotient, inverse));
            vec![(*a, inverse), (*b, quotient)]
        }
        Operation::Sum(all) => all.iter().map(|a| (*a, one())).collect(),
        Operation::Least(all) => {
            let bar = all.iter().filter_map(value).map(|one| &one.hi).min();
            shares(all.iter().filter(|a| value(a).zip(bar).is_none_or(|(one, bar)| one.lo <= *bar)))
        }
        Operation::Greatest(all) => {
            let bar = all.iter().filter_map(value).map(|one| &one.lo).max();
            shares(all.iter().filter(|a| value(a).zip(bar).is_none_or(|(one, bar)| one.hi >= *bar)))
        }
        Operation::Absolute(a) => {
            let sign = value(a).map(|a| match () {
                () if !a.lo.is_negative() => Interval::point(integer(1)),
                () if !a.hi.is_positive() => Interval::point(integer(-1)),
                () => Interval::between(integer(-1), integer(1)),
            });
            vec![(*a, sign)]
        }
        Operation::Elementary(function, a) => {
            vec![(*a, value(a).zip(value(&place)).and_then(|(argument, result)| elementary(*function, argument, result)))]
        }
    }
}

/// Operands that may be the minimum or maximum: a single one is it; among several, each has between none and all of the influence.
fn shares<'a>(candidates: impl Iterator<Item = &'a usize>) -> Vec<(usize, Option<Interval>)> {
    let candidates: Vec<usize> = candidates.copied().collect();
    let share = match candidates.as_slice() {
        [_] => Interval::point(integer(1)),
        _ => Interval::between(integer(0), integer(1)),
    };
    candidates.into_iter().map(|a| (a, Some(share.clone()))).collect()
}

fn elementary(function: Elementary, argument: &Interval, result: &Interval) -> Option<Interval> {
    let one = Interval::point(integer(1));
    match function {
        Elementary::Sqrt => one.divide(&product(&Interval::point(integer(2)), result)).filter(|_| result.lo.is_positive()),
        Elementary::Exp => Some(result.clone()),
        Elementary::Log => one.divide(argument).filter(|_| argument.lo.is_positive()),
        Elementary::Tanh => {
            let squares = result.abs();
            let slope = &one - &product(&squares, &squares);
            Some(Interval { lo: slope.lo.max(integer(0)), hi: slope.hi.max(integer(0)) })
        }
    }
}
