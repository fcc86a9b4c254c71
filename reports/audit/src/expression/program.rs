//! An expression as a list of instructions in the order of evaluation, so that it can be evaluated many times without recursion.

use std::ops::Range;

use num_traits::{One, Signed, Zero};

use super::{bounded::bounded, elementary::Elementary};
use crate::number::{Interval, Rational, integer};

/// What an instruction does with the results of earlier ones.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// One number, the instruction's nominal value.
    Constant,
    /// The unknown with this index.
    Unknown(usize),
    Negate(usize),
    Add(usize, usize),
    Subtract(usize, usize),
    Multiply(usize, usize),
    Divide(usize, usize),
    Sum(Vec<usize>),
    Least(Vec<usize>),
    Greatest(Vec<usize>),
    Absolute(usize),
    Elementary(Elementary, usize),
}

impl Operation {
    /// The instructions whose results it uses.
    pub(super) fn operands(&self) -> Vec<usize> {
        match self {
            Self::Constant | Self::Unknown(_) => Vec::new(),
            Self::Negate(a) | Self::Absolute(a) | Self::Elementary(_, a) => vec![*a],
            Self::Add(a, b) | Self::Subtract(a, b) | Self::Multiply(a, b) | Self::Divide(a, b) => vec![*a, *b],
            Self::Sum(all) | Self::Least(all) | Self::Greatest(all) => all.clone(),
        }
    }
}

/// One step.
#[derive(Debug, Clone)]
pub(super) struct Instruction {
    pub operation: Operation,
    /// Its value from the printed numbers as they stand.
    pub nominal: Rational,
    /// Its place in the text.
    pub span: Range<usize>,
    /// How deep it stands in the tree; the whole expression is at 0.
    pub depth: usize,
    /// What a reader should know of it.
    pub note: String,
}

/// A number that is known only as far as it is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// As printed.
    pub printed: String,
    /// Its value as printed.
    pub nominal: Rational,
    /// All values that print like this.
    pub interval: Interval,
    /// Where it stands, such as `Table 4, "Full", "IEMOCAP.Acc"`.
    pub place: String,
}

/// Why an expression has no interval: some values that round to the printed ones leave it undefined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undefined {
    /// Place in the text of the step that is undefined.
    pub span: Range<usize>,
    /// Why.
    pub reason: String,
}

/// A compiled expression.
#[derive(Debug, Clone, Default)]
pub struct Program {
    pub(super) instructions: Vec<Instruction>,
    pub(super) unknowns: Vec<Unknown>,
}

impl Program {
    /// The value from the printed numbers as they stand.
    pub fn value(&self) -> Rational {
        self.instructions.last().map_or_else(Rational::zero, |last| last.nominal.clone())
    }

    /// The unknowns, each once however often it is used.
    pub fn unknowns(&self) -> &[Unknown] {
        &self.unknowns
    }

    /// The intervals of the unknowns.
    pub fn intervals(&self) -> Vec<Interval> {
        self.unknowns.iter().map(|unknown| unknown.interval.clone()).collect()
    }

    /// Every value on a box of the unknowns by interval arithmetic alone, each use of an unknown taken for itself. At least as wide as the true range.
    ///
    /// # Errors
    /// A step that is undefined somewhere in the box.
    pub fn over(&self, intervals: &[Interval]) -> Result<Interval, Undefined> {
        let mut values = self.values(intervals, self.instructions.len())?;
        Ok(values.pop().unwrap_or_else(|| Interval::point(Rational::zero())))
    }

    /// The values of the first instructions on a box.
    pub(super) fn values(&self, intervals: &[Interval], count: usize) -> Result<Vec<Interval>, Undefined> {
        let mut values: Vec<Interval> = Vec::with_capacity(count);
        for instruction in self.instructions.iter().take(count) {
            let value = step(instruction, &values, intervals).map_err(|why| Undefined { span: instruction.span.clone(), reason: why.to_owned() })?;
            values.push(value);
        }
        Ok(values)
    }

    /// For each unknown, how often the result of `last` uses it.
    pub(super) fn uses(&self, last: usize) -> Vec<usize> {
        let mut uses = vec![0; self.unknowns.len()];
        for (instruction, needed) in self.instructions.iter().zip(self.needed(last)) {
            if let (Operation::Unknown(unknown), true) = (&instruction.operation, needed)
                && let Some(count) = uses.get_mut(*unknown)
            {
                *count += 1;
            }
        }
        uses
    }

    /// The part that leads to the result of `last`, as a program of its own over the same unknowns.
    pub(super) fn part(&self, last: usize) -> Self {
        let needed = self.needed(last);
        let instructions = self.instructions.iter().zip(needed).take(last + 1).map(|(instruction, needed)| {
            if needed {
                return instruction.clone();
            }
            // Places of instructions must stay; one that is not needed becomes a number.
            let unknown = if let Operation::Unknown(unknown) = instruction.operation { self.unknowns.get(unknown) } else { None };
            let note = unknown.map_or_else(|| instruction.note.clone(), |unknown| format!("{}, printed {}", unknown.place, unknown.printed));
            Instruction { operation: Operation::Constant, note, ..instruction.clone() }
        });
        Self { instructions: instructions.collect(), unknowns: self.unknowns.clone() }
    }

    fn needed(&self, last: usize) -> Vec<bool> {
        let mut needed = vec![false; self.instructions.len()];
        if let Some(flag) = needed.get_mut(last) {
            *flag = true;
        }
        for (place, instruction) in self.instructions.iter().enumerate().rev() {
            if needed.get(place) == Some(&true) {
                for operand in instruction.operation.operands() {
                    if let Some(flag) = needed.get_mut(operand) {
                        *flag = true;
                    }
                }
            }
        }
        needed
    }
}

/// Instructions only refer to earlier ones, so every look-up succeeds; an absent one would be a mistake of the compiler and is reported as such.
fn at<'a, T>(values: &'a [T], place: &usize) -> Result<&'a T, &'static str> {
    values.get(*place).ok_or("an instruction before its operands")
}

fn step(instruction: &Instruction, values: &[Interval], unknowns: &[Interval]) -> Result<Interval, &'static str> {
    let all = |places: &[usize]| places.iter().map(|place| at(values, place)).collect::<Result<Vec<_>, _>>();
    let value = match &instruction.operation {
        Operation::Constant => return Ok(Interval::point(instruction.nominal.clone())),
        Operation::Unknown(unknown) => return at(unknowns, unknown).cloned(),
        Operation::Negate(a) => -at(values, a)?,
        Operation::Add(a, b) => at(values, a)? + at(values, b)?,
        Operation::Subtract(a, b) => at(values, a)? - at(values, b)?,
        Operation::Multiply(a, b) => product(at(values, a)?, at(values, b)?),
        Operation::Divide(a, b) => {
            let divisor = at(values, b)?;
            if divisor.contains(&Rational::zero()) {
                return Err(if divisor.is_point() { "a division by 0" } else { "a division by a number that may be 0" });
            }
            product(at(values, a)?, &Interval { lo: divisor.hi.recip(), hi: divisor.lo.recip() })
        }
        Operation::Sum(places) => all(places)?.into_iter().fold(Interval::point(Rational::zero()), |sum, term| &sum + term),
        Operation::Least(places) => fold(&all(places)?, |a, b| a.min(b))?,
        Operation::Greatest(places) => fold(&all(places)?, |a, b| a.max(b))?,
        Operation::Absolute(a) => at(values, a)?.abs(),
        Operation::Elementary(function, a) => function.over(at(values, a)?)?,
    };
    bounded(value)
}

fn fold(all: &[&Interval], pick: impl for<'a> Fn(&'a Rational, &'a Rational) -> &'a Rational) -> Result<Interval, &'static str> {
    let (first, rest) = all.split_first().ok_or("the extreme of nothing")?;
    let end = |first: &Rational, ends: &mut dyn Iterator<Item = &Rational>| {
        let mut best = first.clone();
        for other in ends {
            best = pick(&best, other).clone();
        }
        best
    };
    Ok(Interval { lo: end(&first.lo, &mut rest.iter().map(|one| &one.lo)), hi: end(&first.hi, &mut rest.iter().map(|one| &one.hi)) })
}

/// The product; exact factors, which most are, take two multiplications in place of four.
pub(super) fn product(a: &Interval, b: &Interval) -> Interval {
    let (factor, other) = match (a.is_point(), b.is_point()) {
        (true, _) => (&a.lo, b),
        (_, true) => (&b.lo, a),
        _ if !a.lo.is_negative() && !b.lo.is_negative() => return Interval { lo: &a.lo * &b.lo, hi: &a.hi * &b.hi },
        _ => return a * b,
    };
    if factor.is_one() {
        return other.clone();
    }
    Interval::between(factor * &other.lo, factor * &other.hi)
}

/// The exact value of an operation on numbers; `None` where it is undefined.
pub(super) fn nominal(operation: &Operation, earlier: &[Instruction], own: &Rational) -> Result<Rational, &'static str> {
    let value = |place: &usize| at(earlier, place).map(|instruction| &instruction.nominal);
    let all = |places: &[usize]| places.iter().map(value).collect::<Result<Vec<_>, _>>();
    let number = match operation {
        Operation::Constant | Operation::Unknown(_) => own.clone(),
        Operation::Negate(a) => -value(a)?,
        Operation::Add(a, b) => value(a)? + value(b)?,
        Operation::Subtract(a, b) => value(a)? - value(b)?,
        Operation::Multiply(a, b) => value(a)? * value(b)?,
        Operation::Divide(_, b) if value(b)?.is_zero() => return Err("a division by 0"),
        Operation::Divide(a, b) => value(a)? / value(b)?,
        Operation::Sum(places) => all(places)?.into_iter().fold(integer(0), |sum, term| sum + term),
        Operation::Least(places) => all(places)?.into_iter().min().cloned().ok_or("the extreme of nothing")?,
        Operation::Greatest(places) => all(places)?.into_iter().max().cloned().ok_or("the extreme of nothing")?,
        Operation::Absolute(a) => value(a)?.abs(),
        Operation::Elementary(function, a) => {
            let held = function.over(&Interval::point(value(a)?.clone()))?;
            (held.lo + held.hi) / integer(2)
        }
    };
    super::bounded::near(number).map(|(number, _)| number)
}

/// One instruction as a reader sees it.
pub(crate) struct View<'a> {
    pub span: Range<usize>,
    pub depth: usize,
    pub value: &'a Rational,
    pub unknown: Option<usize>,
    pub note: &'a str,
}

/// What explanations need.
impl Program {
    /// How many steps it has.
    pub(crate) fn len(&self) -> usize {
        self.instructions.len()
    }

    /// Whether it is one look-up or one number.
    pub(crate) fn is_single(&self) -> bool {
        self.instructions.len() == 1
    }

    /// The remark on the last step.
    pub(crate) fn note(&self) -> &str {
        self.instructions.last().map_or("", |last| &last.note)
    }

    /// One step.
    pub(crate) fn view(&self, place: usize) -> Option<View<'_>> {
        self.instructions.get(place).map(|instruction| View {
            span: instruction.span.clone(),
            depth: instruction.depth,
            value: &instruction.nominal,
            unknown: if let Operation::Unknown(unknown) = instruction.operation { Some(unknown) } else { None },
            note: &instruction.note,
        })
    }

    /// The program that ends with a step.
    pub(crate) fn upto(&self, place: usize) -> Self {
        self.part(place)
    }
}
