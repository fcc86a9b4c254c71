/*!
Differences that agree on one base which is not the printed one.

**What it does.** Where the printed base makes few of a line's differences right, every difference is undone: value minus difference is the base it
implies, as an interval. If one constant lies in more than half of them, the differences were taken from it. Lines of one paper that imply the same
constant for the same quantity are one finding.

**Why.** It shows which number the differences were taken from.

**Example.** DEF+AAF Table 10 prints 82.37 with a drop of -3.54, so a peak of 85.91; so do its seven other differences, and those of Tables 11, 12,
13 and 18. The printed peak is 86.91.

**The chance** that k of n implied bases lie within their rounding w of one number, if each could be anywhere within the range R of the values in
the line, is at most C(n, k) k (w/R)^(k-1), and C(n, k) (2w/R)^k for further lines that have to meet a number already known. It is multiplied by the
number of lines, sources and signs that were tried.

**Silent** where the table does not show what the base is: a place that the name says, that has the difference 0, that is the peak where the name
says peak, or the only one without a difference where the name gives no other base.
*/

use std::collections::BTreeSet;

use super::{
    Check, Finding, Settings, Strength,
    coincidence::ln_choose,
    delta,
    grid::{Grid, Number, listed, range},
    names::{base_of, holds, is_ratio},
};
use crate::{
    Ledger,
    number::{Interval, integer},
};

/// The check.
pub(super) const CHECK: Check =
    Check { name: "implied-base", summary: "one constant that makes the printed differences right while the printed base does not", find };

/// A constant on which a line's differences agree.
pub(super) struct Constant<'a> {
    line: usize,
    base: Number<'a>,
    /// What the agreeing differences leave the constant.
    interval: Interval,
    /// Differences that agree, with what they are taken of.
    agreeing: Vec<(Number<'a>, Number<'a>)>,
    /// How many fit the printed base.
    fit_printed: usize,
    all: usize,
    /// w/R.
    narrow: f64,
    quantity: (String, String),
}

impl Constant<'_> {
    /// The chance of so many agreeing, alone.
    fn alone(&self) -> f64 {
        let k = self.agreeing.len();
        (ln_choose(self.all, k) + (k as f64).ln() + (k as f64 - 1.0) * self.narrow.ln()).exp().min(1.0)
    }

    /// The chance of so many agreeing with a number that is already known.
    fn joining(&self) -> f64 {
        let k = self.agreeing.len();
        (ln_choose(self.all, k) + k as f64 * (2.0 * self.narrow).min(1.0).ln()).exp().min(1.0)
    }
}

/// The constant on which most differences of a line agree, where there is one and it is not printed.
pub(super) fn constant<'a>(grid: &Grid<'a>, line: usize) -> Option<Constant<'a>> {
    if is_ratio(grid.lines[line]) {
        return None;
    }
    let candidates = delta::sources(grid, line).into_iter().flat_map(|source| SIGNS.map(|signs| agreement(grid, line, source, signs)));
    candidates
        .flatten()
        .max_by(|a, b| (a.agreeing.len(), -a.alone()).partial_cmp(&(b.agreeing.len(), -b.alone())).unwrap_or(std::cmp::Ordering::Equal))
}

/// Base = value - sign difference / scale.
const SIGNS: [(i64, i64); 4] = [(1, 1), (-1, 1), (1, 100), (-1, 100)];

fn agreement<'a>(grid: &Grid<'a>, line: usize, source: usize, (sign, scale): (i64, i64)) -> Option<Constant<'a>> {
    let place_of_base = base_place(grid, line, source)?;
    let base = grid.at(source, place_of_base)?;
    let factor = Interval::point(integer(sign) / integer(scale));
    let pair = |place: usize| {
        let (difference, value) = (grid.at(line, place)?, grid.at(source, place)?);
        Some((difference, value, &value.interval() - &(&difference.interval() * &factor)))
    };
    let usable = |place: &usize| *place != place_of_base && !grid.place_is_compared(*place);
    let implied: Vec<(Number, Number, Interval)> = (0..grid.places.len()).filter(usable).filter_map(pair).collect();
    let (_, at) =
        implied.iter().map(|(_, _, one)| (implied.iter().filter(|other| other.2.contains(&one.lo)).count(), &one.lo)).max_by_key(|found| found.0)?;
    let agreeing: Vec<&(Number, Number, Interval)> = implied.iter().filter(|one| one.2.contains(at)).collect();
    let interval = agreeing.iter().map(|one| one.2.clone()).reduce(|a, b| Interval { lo: a.lo.max(b.lo), hi: a.hi.min(b.hi) })?;
    let fit_printed = implied.iter().filter(|one| one.2.meets(&base.interval())).count();
    if agreeing.len() < 2 || 2 * agreeing.len() <= implied.len() || fit_printed >= agreeing.len() {
        return None;
    }
    // A constant that the line prints elsewhere is another reading of the differences, not a base that is missing.
    if grid.line(source).any(|(_, number)| number.interval().meets(&interval)) {
        return None;
    }
    let values: Vec<f64> = grid.line(source).filter(|(place, _)| !grid.place_is_derived(*place)).map(|(_, number)| number.near).collect();
    let spread = values.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b)) - values.iter().fold(f64::INFINITY, |a, b| a.min(*b));
    let width = agreeing.iter().map(|(difference, value, _)| 2.0 * (value.half + difference.half / scale as f64)).fold(0.0, f64::max);
    let narrow = width / spread;
    let shared = |property: fn(&crate::ledger::Cell) -> &str| {
        let names: BTreeSet<&str> = agreeing.iter().map(|(_, value, _)| property(value.cell)).collect();
        if names.len() == 1 { names.into_iter().collect::<String>() } else { String::new() }
    };
    Some(Constant {
        line,
        base,
        interval,
        fit_printed,
        all: implied.len(),
        narrow: if narrow.is_finite() { narrow.min(1.0) } else { 1.0 },
        quantity: (shared(|cell| &cell.dataset), shared(|cell| &cell.metric)),
        agreeing: agreeing.into_iter().map(|(difference, value, _)| (*difference, *value)).collect(),
    })
}

/// Where the table shows that the base is.
fn base_place(grid: &Grid, line: usize, source: usize) -> Option<usize> {
    let wanted = base_of(grid.lines[line]);
    let plain: Vec<usize> = (0..grid.places.len()).filter(|place| !grid.place_is_derived(*place)).collect();
    let only = |mut found: Vec<usize>| if found.len() == 1 { found.pop() } else { None };
    let named = only(plain.iter().copied().filter(|place| holds(grid.places[*place], &wanted)).collect());
    let zero = only(grid.line(line).filter(|(_, number)| number.near == 0.0).map(|(place, _)| place).collect());
    let peak = || {
        let best = delta::best(grid.line(source).filter(|(place, _)| plain.contains(place)).map(|(_, number)| number))?;
        grid.line(source).find(|(_, number)| std::ptr::eq(number.cell, best.cell)).map(|(place, _)| place)
    };
    let lacking = || only(plain.iter().copied().filter(|place| grid.at(line, *place).is_none() && grid.at(source, *place).is_some()).collect());
    let says_peak = wanted.first().is_some_and(|word| matches!(word.as_str(), "peak" | "best"));
    named.or(zero).or_else(|| if says_peak { peak() } else { None }).or_else(|| if wanted.is_empty() { lacking() } else { None })
}

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let grids: Vec<Grid> = ledger.tables.iter().flat_map(Grid::both).collect();
    let (mut looks, mut constants) = (0, Vec::new());
    for grid in &grids {
        for assessed in delta::assess(grid, settings) {
            looks += SIGNS.len() * delta::sources(grid, assessed.line).len();
            if !assessed.trusted {
                constants.extend(constant(grid, assessed.line).map(|constant| (grid, constant)));
            }
        }
    }
    constants.sort_by_key(|found| std::cmp::Reverse(found.1.agreeing.len()));
    let mut findings = Vec::new();
    while !constants.is_empty() {
        let first = constants.remove(0);
        let mut interval = first.1.interval.clone();
        let mut group = vec![first];
        let mut rest = Vec::new();
        for other in constants {
            let (grid, constant) = &group[0];
            let alike = grid.table.paper == other.0.table.paper && constant.quantity == other.1.quantity && !constant.quantity.1.is_empty();
            if alike && interval.meets(&other.1.interval) {
                interval = Interval { lo: interval.lo.max(other.1.interval.lo.clone()), hi: interval.hi.min(other.1.interval.hi.clone()) };
                group.push(other);
            } else {
                rest.push(other);
            }
        }
        constants = rest;
        let chance = group.iter().skip(1).map(|(_, constant)| constant.joining()).product::<f64>() * group[0].1.alone() * looks as f64;
        if chance < settings.alpha {
            findings.push(report(&group, &interval, chance));
        }
    }
    findings
}

fn report(group: &[(&Grid, Constant)], interval: &Interval, chance: f64) -> Finding {
    let first = &group[0];
    let base = &first.1.base;
    let mut ordered: Vec<&(&Grid, Constant)> = group.iter().collect();
    ordered.sort_by_key(|(grid, constant)| (grid.table.id.len(), grid.table.id.clone(), constant.line));
    let each = |(grid, constant): &&(&Grid, Constant)| {
        let printed = if constant.fit_printed > 0 { format!(", {} the printed base", constant.fit_printed) } else { String::new() };
        format!("{} (\"{}\"): {} of {}{printed}", grid.table.name(), grid.lines[constant.line], constant.agreeing.len(), constant.all)
    };
    let lines: Vec<String> = ordered.iter().map(each).collect();
    let decimals = base.printed.decimals() + 1;
    let gap = &base.interval() - interval;
    let most = if base.printed.value > interval.hi { "above" } else { "below" };
    let tables: Vec<String> = ordered.iter().map(|(grid, constant)| format!("{}, \"{}\"", grid.table.name(), grid.lines[constant.line])).collect();
    let quantity = [first.1.quantity.0.as_str(), first.1.quantity.1.as_str()].join(" ");
    Finding {
        check: CHECK.name,
        paper: first.0.table.paper.clone(),
        place: listed(&tables, 8),
        cells: group
            .iter()
            .flat_map(|(grid, constant)| {
                grid.cells(std::iter::once(constant.base).chain(constant.agreeing.iter().flat_map(|(difference, value)| [*difference, *value])))
            })
            .collect(),
        strength: Strength::Chance(chance),
        assumes: "each difference is a value minus one base; by chance, implied bases would lie anywhere in the range of the printed values".into(),
        sentence: format!(
            "the printed differences imply one {} base of {} ({}), while the printed one is {}, {} {most} it",
            quantity.trim(),
            range(interval, decimals),
            lines.join("; "),
            base.printed.text,
            range(&gap.abs(), decimals)
        ),
    }
}
