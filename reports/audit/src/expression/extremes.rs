/*!
The least and the greatest value of an expression over the box of its unknowns, each unknown having one value wherever it is used.

An unknown that is used once is handled by interval arithmetic, which is then exact. For one that is used more often, the slopes over the box decide: where
the expression rises or falls throughout, the extreme is at an end, so the cost does not double with every unknown. What is left is enumerated at the corners
and the box is bisected, most promising part first, so that an extreme inside the box, as of `x*(1-x)`, is not missed. Work is bounded; past the bound the
interval stays correct and may be wider than need be.
*/

use num_traits::Signed;

use super::{
    program::{Program, Undefined},
    quotient::Quotient,
    slopes::slopes,
};
use crate::number::{Interval, Rational, integer, nearest, power_of_ten};

/// Instructions that may be evaluated for one end.
const WORK: usize = 12_000;

/// Unknowns whose corners are enumerated.
const CORNERS: usize = 6;

/// A range with how it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// From the least to the greatest value.
    pub interval: Interval,
    /// Whether both ends are attained; otherwise the search ran out of work or met an extreme inside the box, and the interval is wider by `excess` at most.
    pub exact: bool,
    /// How much wider the interval may be than the true range.
    pub excess: Rational,
    /// Where an unknown that is used more than once stood: its index, its value at the least and at the greatest value found.
    pub placed: Vec<(usize, Rational, Rational)>,
}

impl Program {
    /// Every value over the box of the unknowns, each unknown being one number.
    ///
    /// # Errors
    /// A step that is undefined somewhere in the box.
    pub fn range(&self) -> Result<Range, Undefined> {
        let Some(last) = self.instructions.len().checked_sub(1) else {
            return Ok(Range { interval: Interval::point(integer(0)), exact: true, excess: integer(0), placed: Vec::new() });
        };
        let uses = self.uses(last);
        let shared: Vec<usize> =
            (0..self.unknowns.len()).filter(|unknown| uses.get(*unknown).is_some_and(|uses| *uses > 1) && !self.is_exact(*unknown)).collect();
        if shared.is_empty() {
            return self.plain_range();
        }
        let quotient = Quotient::of(self, &shared);
        let search = |upward| Search { program: self, quotient: quotient.as_ref(), shared: &shared, upward, work: 0 }.run();
        let (least, greatest) = (search(false)?, search(true)?);
        let placed = shared.iter().zip(least.place.into_iter().zip(greatest.place)).map(|(unknown, (low, high))| (*unknown, low, high)).collect();
        let excess = (&least.attained - &least.bound).max(&greatest.bound - &greatest.attained);
        // Elementary functions are rounded outward at every place; the value itself must never fall outside by that.
        let interval = Interval { lo: least.bound, hi: greatest.bound }.hull(&Interval::point(self.value()));
        Ok(Range { interval, exact: !excess.is_positive(), excess, placed })
    }

    /// Every value by interval arithmetic alone.
    pub(crate) fn plain_range(&self) -> Result<Range, Undefined> {
        let interval = self.over(&self.intervals())?;
        Ok(Range { interval, exact: true, excess: integer(0), placed: Vec::new() })
    }

    fn is_exact(&self, unknown: usize) -> bool {
        self.unknowns.get(unknown).is_some_and(|unknown| unknown.interval.is_point())
    }
}

/// One end of a range.
struct End {
    /// No value is beyond it.
    bound: Rational,
    /// A value that is attained, at `place`.
    attained: Rational,
    /// The values of the shared unknowns there.
    place: Vec<Rational>,
}

/// A part of the box with the bound of the expression on it; `None` where it is undefined for want of a finer box.
struct Part {
    bound: Option<Rational>,
    intervals: Vec<Interval>,
    /// The shared unknown to split, if any is open.
    split: Option<usize>,
}

struct Search<'a> {
    program: &'a Program,
    quotient: Option<&'a Quotient>,
    shared: &'a [usize],
    upward: bool,
    work: usize,
}

impl Search<'_> {
    fn run(mut self) -> Result<End, Undefined> {
        let whole = self.part(self.program.intervals());
        let mut best: Option<(Rational, Vec<Rational>)> = None;
        for place in self.corners(&whole) {
            self.attain(&place, &mut best);
        }
        self.attain(&middle(&whole.intervals), &mut best);
        let mut parts = vec![whole];
        while let Some(next) = self.most_promising(&parts) {
            let part = parts.swap_remove(next);
            let settled = match (&part.bound, &best) {
                (Some(bound), Some((attained, _))) => part.split.is_none() || self.close(bound, attained),
                _ => part.split.is_none(),
            };
            if settled || self.work >= WORK {
                parts.push(part);
                break;
            }
            for half in halves(&part) {
                let half = self.part(half);
                self.attain(&middle(&half.intervals), &mut best);
                let improves = |bound: &Rational| best.as_ref().is_none_or(|(attained, _)| self.beyond(bound, attained));
                if half.bound.as_ref().is_none_or(improves) {
                    parts.push(half);
                }
            }
        }
        let Some((attained, place)) = best else { return self.program.over(&self.program.intervals()).and_then(|_| self.undefined()) };
        let mut bound = attained.clone();
        for part in &parts {
            match &part.bound {
                None => return self.undefined(),
                Some(other) if self.beyond(other, &bound) => bound = other.clone(),
                Some(_) => {}
            }
        }
        Ok(End { bound, attained, place })
    }

    fn undefined(&self) -> Result<End, Undefined> {
        self.program.over(&self.program.intervals())?;
        Err(Undefined { span: 0..0, reason: "a step that some of the values leave undefined".to_owned() })
    }

    fn beyond(&self, a: &Rational, b: &Rational) -> bool {
        if self.upward { a > b } else { a < b }
    }

    /// Near enough that a finer search would change nothing that is printed.
    fn close(&self, bound: &Rational, attained: &Rational) -> bool {
        (bound - attained).abs() <= attained.abs().max(integer(1)) * power_of_ten(-9)
    }

    fn most_promising(&self, parts: &[Part]) -> Option<usize> {
        let mut best: Option<usize> = None;
        for (place, part) in parts.iter().enumerate() {
            let better = match best.and_then(|best| parts.get(best)).map(|best| &best.bound) {
                None => true,
                Some(None) => false,
                Some(Some(bound)) => part.bound.as_ref().is_none_or(|own| self.beyond(own, bound)),
            };
            if better {
                best = Some(place);
            }
        }
        best
    }

    /// Puts every shared unknown in which the expression rises or falls throughout at its right end, and bounds the expression on what is left.
    fn part(&mut self, mut intervals: Vec<Interval>) -> Part {
        let count = self.program.instructions.len();
        for _ in 0..=self.shared.len() {
            self.work += 3 * count + self.quotient.map_or(0, Quotient::terms);
            let Ok(values) = self.program.values(&intervals, count) else {
                let split = self.widest(&intervals, &[]);
                return Part { bound: None, intervals, split };
            };
            let slopes = slopes(self.program, &values);
            let mut moved = false;
            for unknown in self.shared {
                let Some(interval) = intervals.get_mut(*unknown).filter(|interval| !interval.is_point()) else { continue };
                let slope = slopes.get(*unknown).and_then(Option::as_ref);
                let rises = slope.is_some_and(|slope| !slope.lo.is_negative());
                let falls = slope.is_some_and(|slope| !slope.hi.is_positive());
                if rises || falls {
                    let end = if rises == self.upward { interval.hi.clone() } else { interval.lo.clone() };
                    *interval = Interval::point(end);
                    moved = true;
                }
            }
            if !moved
                && let Some((unknown, rises)) = self.quotient.and_then(|quotient| quotient.direction(&intervals))
                && let Some(interval) = intervals.get_mut(unknown)
            {
                let end = if rises == self.upward { interval.hi.clone() } else { interval.lo.clone() };
                *interval = Interval::point(end);
                moved = true;
            }
            if !moved || self.work >= WORK {
                let split = self.widest(&intervals, &slopes);
                let values = if moved { self.program.values(&intervals, count).unwrap_or(values) } else { values };
                let plain = values.into_iter().next_back().map(|value| if self.upward { value.hi } else { value.lo });
                let bound = match (plain, self.by_slopes(&intervals, &slopes)) {
                    (Some(plain), Some(other)) => Some(if self.beyond(&plain, &other) { other } else { plain }),
                    (plain, _) => plain,
                };
                return Part { bound, intervals, split };
            }
        }
        let bound = self.program.over(&intervals).ok().map(|value| if self.upward { value.hi } else { value.lo });
        Part { bound, intervals, split: None }
    }

    /// A bound from the middle and the slopes (the mean value theorem): near an extreme, where slopes vanish, it closes in with the square of the box.
    fn by_slopes(&mut self, intervals: &[Interval], slopes: &[Option<Interval>]) -> Option<Rational> {
        let mut place = intervals.to_vec();
        let mut change = integer(0);
        for unknown in self.shared {
            let interval = place.get_mut(*unknown).filter(|interval| !interval.is_point());
            let Some(interval) = interval else { continue };
            let half = (&interval.hi - &interval.lo) / integer(2);
            change += slopes.get(*unknown)?.as_ref()?.abs().hi * &half;
            *interval = Interval::point(&interval.lo + half);
        }
        self.work += self.program.instructions.len();
        let value = self.program.over(&place).ok()?;
        Some(if self.upward { value.hi + change } else { value.lo - change })
    }

    /// The open unknown over whose interval the expression may change most.
    fn widest(&self, intervals: &[Interval], slopes: &[Option<Interval>]) -> Option<usize> {
        let change = |unknown: usize| {
            let interval = intervals.get(unknown).filter(|interval| !interval.is_point())?;
            let width = nearest(&(&interval.hi - &interval.lo));
            let slope = slopes.get(unknown).and_then(Option::as_ref).map_or(f64::MAX / 1e3, |slope| nearest(&slope.abs().hi).min(f64::MAX / 1e3));
            Some((unknown, width * slope))
        };
        self.shared.iter().filter_map(|unknown| change(*unknown)).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(unknown, _)| unknown)
    }

    /// The corners of the box that is open, as boxes; the middle of unknowns past the first few.
    fn corners(&self, part: &Part) -> Vec<Vec<Interval>> {
        let is_open = |unknown: &usize| part.intervals.get(*unknown).is_some_and(|interval| !interval.is_point());
        let open: Vec<usize> = self.shared.iter().copied().filter(is_open).take(CORNERS).collect();
        let corner = |number: usize| {
            let mut place = middle(&part.intervals);
            for (bit, unknown) in open.iter().enumerate() {
                if let (Some(to), Some(from)) = (place.get_mut(*unknown), part.intervals.get(*unknown)) {
                    *to = Interval::point(if number >> bit & 1 == 1 { from.hi.clone() } else { from.lo.clone() });
                }
            }
            place
        };
        (0..1usize << open.len()).map(corner).collect()
    }

    /// Evaluates at one place of the shared unknowns; all others are used once, so the end found there is attained.
    fn attain(&mut self, place: &[Interval], best: &mut Option<(Rational, Vec<Rational>)>) {
        self.work += self.program.instructions.len();
        let mut intervals = self.program.intervals();
        for unknown in self.shared {
            if let (Some(to), Some(from)) = (intervals.get_mut(*unknown), place.get(*unknown)) {
                *to = from.clone();
            }
        }
        let Ok(value) = self.program.over(&intervals) else { return };
        let end = if self.upward { value.hi } else { value.lo };
        if best.as_ref().is_none_or(|(attained, _)| self.beyond(&end, attained)) {
            let place = self.shared.iter().filter_map(|unknown| place.get(*unknown)).map(|interval| interval.lo.clone()).collect();
            *best = Some((end, place));
        }
    }
}

/// Every interval replaced by its middle.
fn middle(intervals: &[Interval]) -> Vec<Interval> {
    intervals.iter().map(|interval| Interval::point((&interval.lo + &interval.hi) / integer(2))).collect()
}

/// The two halves of a part; none where nothing is open.
fn halves(part: &Part) -> Vec<Vec<Interval>> {
    let Some((unknown, interval)) = part.split.and_then(|unknown| part.intervals.get(unknown).map(|interval| (unknown, interval))) else {
        return Vec::new();
    };
    let middle = (&interval.lo + &interval.hi) / integer(2);
    let with =
        |half: Interval| part.intervals.iter().enumerate().map(|(place, old)| if place == unknown { half.clone() } else { old.clone() }).collect();
    vec![with(Interval { lo: interval.lo.clone(), hi: middle.clone() }), with(Interval { lo: middle, hi: interval.hi.clone() })]
}
