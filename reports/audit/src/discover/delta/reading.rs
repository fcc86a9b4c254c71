//! What a printed difference or ratio may be taken of: every reading that a table allows, and what each predicts.

use std::cmp::Ordering;

use num_traits::Zero;

use crate::{
    discover::{
        grid::{Grid, Number},
        names::{base_of, holds, is_ratio},
    },
    ledger::Mark,
    number::{Interval, Rational, integer},
};

/// How two numbers make one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// scale (a - b); the scale is 100 for fractions whose differences are printed in points.
    Minus(i64),
    /// 100 (a - b) / b.
    Percent,
    /// a / b.
    Quotient,
}

/// Several differences at one place as one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Join {
    Only,
    Worst,
    Mean,
}

/// Which numbers.
#[derive(Clone, PartialEq, Eq)]
pub enum Terms {
    /// A line against another line at the same place; `None` is the best other line.
    Across { subject: usize, base: Option<usize> },
    /// Lines against their own number at one place; `None` is each line's best.
    Along { sources: Vec<usize>, join: Join, base: Option<usize> },
}

/// One reading.
#[derive(Clone, PartialEq, Eq)]
pub struct Reading {
    pub terms: Terms,
    pub form: Form,
    /// b against a instead.
    pub flipped: bool,
    /// Whether the base is the one that the name says.
    pub named: bool,
}

/// Lines that differences may be taken of.
pub fn sources(grid: &Grid, line: usize) -> Vec<usize> {
    let fits = |other: &usize| {
        let (own, theirs) = (grid.dataset(line).unwrap_or_default(), grid.dataset(*other).unwrap_or_default());
        *other != line && !grid.is_compared(*other) && (own.is_empty() || theirs.is_empty() || own == theirs)
    };
    (0..grid.lines.len()).filter(fits).collect()
}

/// All readings of a line.
pub fn readings(grid: &Grid, line: usize, sources: &[usize]) -> Vec<Reading> {
    /// Tables with few lines are tried in every combination; otherwise the subject is a line that stands out.
    const FEW: usize = 6;
    /// In larger tables only the peak and named places are tried as bases.
    const MOST: usize = 5_000;
    let tried = sources.len() * grid.places.len();
    let name = grid.lines[line];
    let wanted = base_of(name);
    let peak = wanted.first().is_some_and(|word| matches!(word.as_str(), "peak" | "best" | "max" | "maximum"));
    let mut terms: Vec<(Terms, bool)> = Vec::new();
    let subjects = if sources.len() <= FEW { sources.to_vec() } else { outstanding(grid, line, sources) };
    for subject in subjects {
        if sources.len() > 2 {
            terms.push((Terms::Across { subject, base: None }, false));
        }
        for base in sources.iter().filter(|base| **base != subject) {
            terms.push((Terms::Across { subject, base: Some(*base) }, holds(grid.lines[*base], &wanted)));
        }
    }
    if !is_ratio(name) {
        let mut groups: Vec<(Vec<usize>, Join)> = sources.iter().map(|source| (vec![*source], Join::Only)).collect();
        if sources.len() > 1 && sources.len() <= FEW {
            groups.extend([(sources.to_vec(), Join::Worst), (sources.to_vec(), Join::Mean)]);
        }
        for (sources, join) in groups {
            terms.push((Terms::Along { sources: sources.clone(), join, base: None }, peak));
            for place in (0..grid.places.len()).filter(|place| !grid.place_is_derived(*place)) {
                let named = holds(grid.places[place], &wanted);
                if named || tried <= MOST {
                    terms.push((Terms::Along { sources: sources.clone(), join, base: Some(place) }, named));
                }
            }
        }
    }
    let forms: &[Form] = if is_ratio(name) { &[Form::Quotient] } else { &[Form::Minus(1), Form::Minus(100), Form::Percent] };
    let with_forms = |(terms, named): (Terms, bool)| {
        forms.iter().flat_map(move |form| [false, true].map(|flipped| Reading { terms: terms.clone(), form: *form, flipped, named }))
    };
    terms.into_iter().flat_map(with_forms).collect()
}

/// The line just before, the first one, and the one with most best marks.
fn outstanding(grid: &Grid, line: usize, sources: &[usize]) -> Vec<usize> {
    let marks = |source: &usize| grid.line(*source).filter(|(_, number)| number.cell.marked == Mark::Best).count();
    let before = sources.iter().copied().rfind(|source| *source < line);
    let marked = sources.iter().copied().max_by_key(marks).filter(|source| marks(source) > 0);
    let mut all = Vec::new();
    for one in [before, marked, sources.first().copied()].into_iter().flatten() {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// The best of some numbers by what their column says is better; more, where it says nothing.
pub fn best<'a>(numbers: impl Iterator<Item = Number<'a>>) -> Option<Number<'a>> {
    numbers.reduce(|best, other| {
        let order = if best.cell.higher_is_better == Some(false) { best.near > other.near } else { best.near < other.near };
        if order { other } else { best }
    })
}

impl Reading {
    /// The pairs (a, b) of numbers at a place, where `lines` are all that may be taken; empty where one is not printed, or where the place is the
    /// base itself.
    pub fn pairs<'a>(&self, grid: &Grid<'a>, lines: &[usize], place: usize) -> Vec<(Number<'a>, Number<'a>)> {
        let pairs: Option<Vec<_>> = match &self.terms {
            Terms::Across { subject, base } => grid.at(*subject, place).and_then(|a| {
                let b = match base {
                    Some(base) => grid.at(*base, place),
                    None => best(lines.iter().filter(|other| *other != subject).filter_map(|other| grid.at(*other, place))),
                };
                Some(vec![(a, b?)])
            }),
            Terms::Along { sources, base, .. } => {
                let pair = |source: &usize| {
                    let b = match base {
                        Some(base) => grid.at(*source, *base),
                        None => best(grid.line(*source).filter(|(place, _)| !grid.place_is_derived(*place)).map(|(_, number)| number)),
                    };
                    grid.at(*source, place).zip(b)
                };
                let own = *base == Some(place);
                if own { None } else { sources.iter().map(pair).collect() }
            }
        };
        let pairs = pairs.unwrap_or_default();
        let itself = matches!(self.terms, Terms::Along { base: None, .. }) && pairs.iter().all(|(a, b)| std::ptr::eq(a.cell, b.cell));
        if itself { Vec::new() } else { pairs }
    }

    /// What is compared, and with what.
    pub fn ordered<'b, 'a>(&self, (a, b): &'b (Number<'a>, Number<'a>)) -> (&'b Number<'a>, &'b Number<'a>) {
        if self.flipped { (b, a) } else { (a, b) }
    }

    fn join(&self) -> Join {
        match self.terms {
            Terms::Across { .. } => Join::Only,
            Terms::Along { join, .. } => join,
        }
    }

    /// What the reading predicts with half its width, roughly; decides what cannot fit.
    pub fn near(&self, pairs: &[(Number, Number)]) -> Option<(f64, f64)> {
        let one = |pair: &(Number, Number)| {
            let (a, b) = self.ordered(pair);
            let slope = a.half / b.near.abs() + a.near.abs() * b.half / (b.near * b.near);
            match self.form {
                Form::Minus(scale) => (scale as f64 * (a.near - b.near), scale as f64 * (a.half + b.half)),
                Form::Percent => (100.0 * (a.near - b.near) / b.near, 100.0 * slope),
                Form::Quotient => (a.near / b.near, slope),
            }
        };
        let all = pairs.iter().map(one);
        let (value, half) = match self.join() {
            Join::Mean => {
                let (sum, half) = all.fold((0.0, 0.0), |(sum, half), one| (sum + one.0, half + one.1));
                (sum / pairs.len() as f64, half / pairs.len() as f64)
            }
            _ => all.reduce(|worst, other| if other.0.total_cmp(&worst.0) == Ordering::Less { other } else { worst })?,
        };
        (value.is_finite() && half.is_finite()).then_some((value, half))
    }

    /// What the reading predicts exactly: from the printed values, and from all that round to them.
    pub fn exact(&self, pairs: &[(Number, Number)]) -> Option<(Rational, Interval)> {
        let one = |pair: &(Number, Number)| {
            let (a, b) = self.ordered(pair);
            let (x, y) = (&a.printed.value, &b.printed.value);
            let one = Interval::point(integer(1));
            let hundred = Interval::point(integer(100));
            Some(match self.form {
                Form::Minus(scale) => ((x - y) * integer(scale), &(&a.interval() - &b.interval()) * &Interval::point(integer(scale))),
                _ if y.is_zero() => return None,
                Form::Percent => ((x - y) / y * integer(100), &(&a.interval().divide(&b.interval())? - &one) * &hundred),
                Form::Quotient => (x / y, a.interval().divide(&b.interval())?),
            })
        };
        let all: Vec<(Rational, Interval)> = pairs.iter().map(one).collect::<Option<_>>()?;
        match self.join() {
            Join::Mean => {
                let share = integer(i64::try_from(all.len()).ok().filter(|count| *count > 0)?).recip();
                let zero = (Rational::zero(), Interval::point(Rational::zero()));
                let (sum, interval) = all.iter().fold(zero, |(sum, interval), one| (sum + &one.0, &interval + &one.1));
                Some((sum * &share, &interval * &Interval::point(share)))
            }
            _ => all.into_iter().reduce(|worst, other| {
                let interval = Interval::between((&worst.1.lo).min(&other.1.lo).clone(), (&worst.1.hi).min(&other.1.hi).clone());
                (worst.0.min(other.0), interval)
            }),
        }
    }

    /// The reading in words: what a place's number is.
    pub fn words(&self, grid: &Grid) -> String {
        let (a, b) = match &self.terms {
            Terms::Across { subject, base } => (
                format!("\"{}\"", grid.lines[*subject]),
                base.map_or_else(|| format!("the best other {}", grid.line_is()), |base| format!("\"{}\"", grid.lines[base])),
            ),
            Terms::Along { sources, join, base } => {
                let names: Vec<String> = sources.iter().map(|source| format!("\"{}\"", grid.lines[*source])).collect();
                let what = match join {
                    Join::Only => names.concat(),
                    Join::Worst => format!("the worst over {}", crate::discover::grid::listed(&names, 4)),
                    Join::Mean => format!("the mean over {}", crate::discover::grid::listed(&names, 4)),
                };
                (what, base.map_or_else(|| "its best".to_owned(), |base| format!("its number at \"{}\"", grid.places[base])))
            }
        };
        let (a, b) = if self.flipped { (b, a) } else { (a, b) };
        match self.form {
            Form::Minus(100) => format!("{a} minus {b}, times 100"),
            Form::Minus(_) => format!("{a} minus {b}"),
            Form::Percent => format!("{a} minus {b}, in percent of the latter"),
            Form::Quotient => format!("{a} divided by {b}"),
        }
    }
}
