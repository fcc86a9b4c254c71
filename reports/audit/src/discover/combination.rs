//! Lines that are the mean or the sum of other lines, found by name or by number: what `mean` and `sum` share.

use num_traits::Zero;

use super::{
    Finding, Settings, Strength,
    coincidence::{at_least, into_window, spread},
    grid::{Grid, Number, listed, plain, range},
    names::{ends_in_mean, is_difference, is_mean, is_sum},
};
use crate::{
    Ledger,
    number::{Interval, Rational, integer},
};

/// How a line comes from the lines of its group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Mean,
    Sum,
}

impl Rule {
    pub fn noun(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Sum => "sum",
        }
    }

    fn names(self, key: &str) -> bool {
        match self {
            Self::Mean => is_mean(key),
            Self::Sum => is_sum(key),
        }
    }
}

/// Quantities of which parts add up to a whole; a "Sum" of accuracies is more likely a method's name.
const ADDITIVE: [&str; 11] = ["GFLOP", "MFLOP", "MB", "GB", "params", "samples", "h", "s", "ms", "ms/sample", "pp"];

/// One place of a relation, recomputed.
pub(super) struct Recomputed<'a> {
    pub printed: Number<'a>,
    pub parts: Vec<Number<'a>>,
    /// From the printed values.
    pub value: Rational,
    /// From everything that rounds to them.
    pub interval: Interval,
}

impl Recomputed<'_> {
    pub fn fits(&self) -> bool {
        self.interval.meets(&self.printed.interval())
    }
}

/// Recomputes a line at a place. `None` where the table does not print enough: a mean needs every part, a sum takes a part that is not there as none.
pub(super) fn recompute<'a>(grid: &Grid<'a>, rule: Rule, target: usize, group: &[usize], place: usize) -> Option<Recomputed<'a>> {
    let printed = grid.at(target, place)?;
    let parts: Vec<Number> = group.iter().filter_map(|line| grid.at(*line, place)).collect();
    if parts.len() < 2 || (rule == Rule::Mean && parts.len() < group.len()) {
        return None;
    }
    let zero = (Rational::zero(), Interval::point(Rational::zero()));
    let (sum, box_sum) = parts.iter().fold(zero, |(sum, interval), part| (sum + &part.printed.value, &interval + &part.interval()));
    let share = match rule {
        Rule::Mean => integer(i64::try_from(parts.len()).ok()?).recip(),
        Rule::Sum => integer(1),
    };
    let interval = &box_sum * &Interval::point(share.clone());
    Some(Recomputed { printed, parts, value: sum * share, interval })
}

/// A line that should be recomputable from a group, at all places where it can be.
struct Relation<'g, 'a> {
    grid: &'g Grid<'a>,
    rule: Rule,
    target: usize,
    group: Vec<usize>,
    all: Vec<Recomputed<'a>>,
    fits: usize,
}

impl<'g, 'a> Relation<'g, 'a> {
    fn new(grid: &'g Grid<'a>, rule: Rule, target: usize, group: Vec<usize>) -> Self {
        let places = (0..grid.places.len()).filter(|place| !is_difference(grid.places[*place]));
        let all: Vec<Recomputed> = places.filter_map(|place| recompute(grid, rule, target, &group, place)).collect();
        let fits = all.iter().filter(|one| one.fits()).count();
        Self { grid, rule, target, group, all, fits }
    }

    /// The one part without which every place that does not fit does.
    fn without(&self) -> Option<&'a str> {
        let misfits: Vec<&Recomputed> = self.all.iter().filter(|one| !one.fits()).collect();
        self.group.iter().find_map(|left_out| {
            let rest: Vec<usize> = self.group.iter().copied().filter(|line| line != left_out).collect();
            let explains = |one: &&Recomputed| {
                let place = self.grid.places.iter().position(|place| *place == self.key_of_place(one));
                place.and_then(|place| recompute(self.grid, self.rule, self.target, &rest, place)).is_some_and(|again| again.fits())
            };
            (!misfits.is_empty() && misfits.iter().all(explains)).then(|| self.grid.lines[*left_out])
        })
    }

    fn key_of_place<'b>(&self, one: &'b Recomputed<'a>) -> &'b str {
        if self.grid.rows_are_lines { &one.printed.cell.column } else { &one.printed.cell.row }
    }

    fn members(&self) -> String {
        let names: Vec<String> = self.group.iter().map(|line| format!("\"{}\"", self.grid.lines[*line])).collect();
        listed(&names, 7)
    }

    /// A finding for every place that does not fit.
    fn misfits(&self, check: &'static str, strength: Strength, why: &str) -> Vec<Finding> {
        let (noun, line) = (self.rule.noun(), self.grid.line_is());
        let explained = self.without().map(|name| format!("; without \"{name}\" it fits")).unwrap_or_default();
        let finding = |one: &Recomputed<'a>| {
            let decimals = one.printed.printed.decimals() + 2;
            let parts: Vec<String> = one.parts.iter().map(|part| part.printed.text.clone()).collect();
            Finding {
                check,
                paper: self.grid.table.paper.clone(),
                place: self.grid.where_is_cell(&one.printed),
                cells: self.grid.cells(std::iter::once(one.printed).chain(one.parts.iter().copied())),
                strength,
                assumes: format!("{line} \"{}\" is the {noun} of {}, {why}", self.grid.lines[self.target], self.members()),
                sentence: format!(
                    "printed {}; the {noun} of the {} printed numbers {} is {} (with their rounding {}){explained}",
                    one.printed.printed.text,
                    parts.len(),
                    listed(&parts, 8),
                    plain(&one.value, decimals),
                    range(&one.interval, decimals + 1),
                ),
            }
        };
        self.all.iter().filter(|one| !one.fits()).map(finding).collect()
    }
}

/// The other lines of the same unit and dataset that are not worked out themselves. A line of no dataset that has no such peers stands over those of all
/// datasets with its metric, or with the only metric there is.
fn peers(grid: &Grid, target: usize) -> Vec<usize> {
    let alike: Vec<usize> =
        (0..grid.lines.len()).filter(|line| *line != target && !grid.is_derived(*line) && grid.unit(*line) == grid.unit(target)).collect();
    let own: Vec<usize> = alike.iter().copied().filter(|line| grid.dataset(*line) == grid.dataset(target)).collect();
    if !own.is_empty() || grid.dataset(target).is_some_and(|dataset| !dataset.is_empty()) {
        return own;
    }
    let metric = |line: usize| grid.line(line).next().map(|(_, number)| number.cell.metric.as_str());
    let of_metric = |wanted: Option<&str>| alike.iter().copied().filter(|line| metric(*line) == wanted).collect::<Vec<usize>>();
    let same = of_metric(metric(target));
    if !same.is_empty() {
        return same;
    }
    let only = of_metric(alike.first().and_then(|line| metric(*line)));
    if only.len() == alike.len() { only } else { Vec::new() }
}

/// Lines whose name says what they are.
fn named(grid: &Grid, rule: Rule, check: &'static str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for target in (0..grid.lines.len()).filter(|line| rule.names(grid.lines[*line])) {
        let group = peers(grid, target);
        if group.len() < 2 {
            continue;
        }
        let relation = Relation::new(grid, rule, target, group);
        let (fits, all) = (relation.fits, relation.all.len());
        let additive = grid.unit(target).is_some_and(|unit| ADDITIVE.contains(&unit));
        if fits == all {
            continue;
        }
        if rule == Rule::Sum && additive && relation.without().is_some() {
            // A total may leave a part out on purpose, as inference leaves out what only training runs.
            findings.extend(relation.misfits(check, Strength::Open, &format!("as its name says ({fits} of {all} places fit)")));
        } else if fits > 0 && 2 * fits >= all || rule == Rule::Sum && additive {
            findings.extend(relation.misfits(check, Strength::Exact, &format!("as its name says and as in {fits} of {all} places")));
        } else if rule == Rule::Mean && fits > 0 && ends_in_mean(grid.lines[target]) && relation.without().is_none() {
            findings.push(Finding {
                check,
                paper: grid.table.paper.clone(),
                place: grid.where_is(target),
                cells: grid.cells(grid.line(target).map(|(_, number)| number)),
                strength: Strength::Open,
                assumes: format!("the mean is taken over {}", relation.members()),
                sentence: format!(
                    "{} of {all} numbers are not the plain mean of the others; they may be weighted or over something else",
                    all - fits
                ),
            });
        }
    }
    findings
}

/// A group tried by number, and how many places fit.
struct Tried<'g, 'a> {
    grid: &'g Grid<'a>,
    target: usize,
    group: Vec<usize>,
    chance: f64,
}

/// Longer groups than this are not looked for by number.
const LONGEST: usize = 12;

/// Lines that most of the time are the mean or sum of those beside them, without being called so.
fn by_number<'g, 'a>(grid: &'g Grid<'a>, rule: Rule, looks: &mut usize) -> Vec<Tried<'g, 'a>> {
    let mut found = Vec::new();
    for target in (0..grid.lines.len()).filter(|line| !grid.is_derived(*line)) {
        let beside = peers(grid, target);
        let before: Vec<usize> = (0..target).rev().take_while(|line| beside.contains(line)).collect();
        let behind: Vec<usize> = (target + 1..grid.lines.len()).take_while(|line| beside.contains(line)).collect();
        let mut best: Option<Tried> = None;
        for side in [&before, &behind] {
            for size in 2..=side.len().min(LONGEST) {
                *looks += 1;
                let Some(chance) = coincidence(grid, rule, target, &side[..size]) else { continue };
                if best.as_ref().is_none_or(|best| chance < best.chance) {
                    let mut group = side[..size].to_vec();
                    group.sort_unstable();
                    best = Some(Tried { grid, target, group, chance });
                }
            }
        }
        found.extend(best);
    }
    found
}

/// The chance that so many places fit; `None` where too few do, or all: then there is nothing to report.
fn coincidence(grid: &Grid, rule: Rule, target: usize, group: &[usize]) -> Option<f64> {
    let share = if rule == Rule::Mean { group.len() as f64 } else { 1.0 };
    let (mut fits, mut widest, mut rows) = (0, 0.0f64, Vec::new());
    for (place, printed) in grid.line(target).filter(|(place, _)| !grid.place_is_derived(*place)) {
        let Some(parts) = group.iter().map(|line| grid.at(*line, place)).collect::<Option<Vec<Number>>>() else { continue };
        let sum = parts.iter().map(|part| part.near).sum::<f64>() / share;
        let width = parts.iter().map(|part| part.half).sum::<f64>() / share + printed.half;
        // A hair more than exact: what is reported is decided on exact numbers later.
        fits += usize::from((sum - printed.near).abs() <= width * (1.0 + 1e-9) + 1e-12);
        widest = widest.max(2.0 * width);
        rows.push((printed.near, parts));
    }
    if fits < 3 || 3 * fits < 2 * rows.len() || fits == rows.len() {
        return None;
    }
    // If the line were unrelated, it would differ from the group at least as much as it differs from the nearest of its members.
    let deviation = match rule {
        Rule::Mean => (0..group.len())
            .map(|member| spread(&rows.iter().map(|(printed, parts)| printed - parts[member].near).collect::<Vec<f64>>()))
            .fold(f64::INFINITY, f64::min),
        Rule::Sum => spread(&rows.iter().map(|(printed, _)| *printed).collect::<Vec<f64>>()),
    };
    Some(at_least(fits, rows.len(), into_window(widest, deviation)))
}

/// Everything that `mean` and `sum` find by the name and by the numbers.
pub(super) fn find(ledger: &Ledger, settings: &Settings, rule: Rule, check: &'static str) -> Vec<Finding> {
    let grids: Vec<[Grid; 2]> = ledger.tables.iter().map(Grid::both).collect();
    let mut findings: Vec<Finding> = grids.iter().flatten().flat_map(|grid| named(grid, rule, check)).collect();
    let mut looks = 0;
    let tried: Vec<Tried> = grids.iter().flatten().flat_map(|grid| by_number(grid, rule, &mut looks)).collect();
    for Tried { grid, target, group, chance } in tried {
        let chance = chance * looks as f64;
        if chance < settings.alpha {
            let relation = Relation::new(grid, rule, target, group);
            let why = format!(
                "which its name does not say but {} of {} places show (by chance with probability {chance:.1e})",
                relation.fits,
                relation.all.len()
            );
            findings.extend(relation.misfits(check, Strength::Chance(chance), &why));
        }
    }
    findings
}
