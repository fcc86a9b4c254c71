/*!
Differences and ratios that are not what the table's numbers give.

**What it does.** A row or column named Delta, Gain, Drop, Improvement, Gap or Speedup is read in every way that the table allows: against each
printed row or column, the best other one, or each line's own number at one place; as a difference, times 100, in percent, as a quotient; over one
metric, the worst or the mean of several. The reading that makes most entries right is taken, the one that the name says where it makes at least
half right; the other entries are reported.

**Why.** Differences are what a paper claims; a reader seldom recomputes them.

**Example.** RAML Table II prints +1.53 where RAML has 0.5525 and the best other row 0.5403: 1.22. It is the difference to another row, 0.5372. 18
of the 20 entries are RAML minus the best other row.

**Assumes** the reading, which every finding states.

**Silent** where no reading makes two thirds of the entries right, or where that many would fit by chance; if the differences agree on a base that is
not printed, `implied-base` says so. Where the name says the base and even that reading does not hold, it is said as something to look at.
*/

mod reading;

use reading::{Reading, Terms, readings};
pub(super) use reading::{best, sources};

use super::{
    Check, Finding, Settings, Strength,
    coincidence::{at_least, into_window, spread},
    grid::{Grid, Number, plain, range},
    implied_base,
};
use crate::Ledger;

/// The check.
pub(super) const CHECK: Check = Check { name: "delta", summary: "differences, gains and ratios recomputed from what they are taken of", find };

/// A line of differences with its best reading.
pub(super) struct Assessed {
    pub line: usize,
    reading: Option<Reading>,
    fits: usize,
    all: usize,
    /// Whether the reading is trusted, so that what does not fit is reported.
    pub trusted: bool,
}

/// All lines of differences of a table in one direction.
pub(super) fn assess(grid: &Grid, settings: &Settings) -> Vec<Assessed> {
    (0..grid.lines.len()).filter(|line| grid.is_compared(*line)).map(|line| assess_line(grid, line, settings)).collect()
}

fn assess_line(grid: &Grid, line: usize, settings: &Settings) -> Assessed {
    let printed: Vec<(usize, Number)> = grid.line(line).filter(|(place, _)| !grid.place_is_compared(*place)).collect();
    let lines = sources(grid, line);
    let all_readings = readings(grid, line, &lines);
    let mut best: Option<(Reading, usize, usize, f64)> = None;
    let mut best_named: Option<(Reading, usize, usize, f64)> = None;
    // The forms of one pair of terms follow each other and share their numbers.
    let mut terms: Option<&Terms> = None;
    let mut pairs = Vec::new();
    for reading in &all_readings {
        if terms != Some(&reading.terms) {
            terms = Some(&reading.terms);
            pairs = printed.iter().map(|(place, _)| reading.pairs(grid, &lines, *place)).collect();
        }
        let (mut fits, mut widths) = (0, Vec::with_capacity(printed.len()));
        for ((_, number), pairs) in printed.iter().zip(&pairs) {
            let Some((value, half)) = reading.near(pairs) else { continue };
            // A hair more than exact: what is reported is decided on exact numbers.
            fits += usize::from((value - number.near).abs() <= (half + number.half) * (1.0 + 1e-9) + 1e-9);
            widths.push(2.0 * (half + number.half));
        }
        let candidate = (fits, widths.len());
        let better =
            |best: &Option<(Reading, usize, usize, f64)>| best.as_ref().is_none_or(|best| fits > best.1 || (fits == best.1 && candidate.1 < best.2));
        if widths.is_empty() || !(better(&best) || reading.named && better(&best_named)) {
            continue;
        }
        let width = widths.iter().sum::<f64>() / widths.len() as f64;
        let found = (reading.clone(), fits, widths.len(), width);
        if better(&best) {
            best = Some(found.clone());
        }
        if reading.named && better(&best_named) {
            best_named = Some(found);
        }
    }
    let complete = best.as_ref().is_some_and(|best| best.1 == best.2);
    let by_name = best_named.filter(|named| 2 * named.1 >= named.2 && named.1 > 0 && (!complete || named.1 == named.2));
    let is_named = by_name.is_some();
    let Some((reading, fits, all, width)) = by_name.or(best) else {
        return Assessed { line, reading: None, fits: 0, all: 0, trusted: false };
    };
    // For unequal probabilities the binomial tail at their mean is an upper bound (Hoeffding 1956, The Annals of Mathematical Statistics 27, 713).
    let values: Vec<f64> = printed.iter().map(|(_, number)| number.near).collect();
    let chance = at_least(fits, all, into_window(width, spread(&values))) * all_readings.len() as f64;
    let trusted = is_named || (fits >= 2 && 3 * fits >= 2 * all && chance < settings.alpha);
    Assessed { line, reading: Some(reading), fits, all, trusted }
}

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for grid in ledger.tables.iter().flat_map(Grid::both) {
        for assessed in assess(&grid, settings) {
            if assessed.trusted {
                findings.extend(exceptions(&grid, &assessed));
            } else if let Some(reading) = &assessed.reading
                && reading.named
                && implied_base::constant(&grid, assessed.line).is_none()
            {
                findings.push(unexplained(&grid, &assessed, reading));
            }
        }
    }
    findings
}

fn exceptions(grid: &Grid, assessed: &Assessed) -> Vec<Finding> {
    let Assessed { line, reading: Some(reading), fits, all, .. } = assessed else { return Vec::new() };
    let lines = sources(grid, *line);
    let exception = |(place, printed): (usize, Number)| {
        let pairs = reading.pairs(grid, &lines, place);
        let (value, interval) = reading.exact(&pairs)?;
        if interval.meets(&printed.interval()) {
            return None;
        }
        let decimals = printed.printed.decimals() + 2;
        let numbers: Vec<String> = pairs
            .iter()
            .map(|pair| {
                let (a, b) = reading.ordered(pair);
                let name = |number: &Number| if grid.rows_are_lines { number.cell.row.clone() } else { number.cell.column.clone() };
                match reading.terms {
                    Terms::Across { .. } => format!("{} {} and {} {}", name(a), a.printed.text, name(b), b.printed.text),
                    Terms::Along { .. } => format!("{} and {}", a.printed.text, b.printed.text),
                }
            })
            .collect();
        let other = elsewhere(grid, &lines, reading, place, &printed).map(|other| format!("; it fits against {other}")).unwrap_or_default();
        Some(Finding {
            check: CHECK.name,
            paper: grid.table.paper.clone(),
            place: grid.where_is_cell(&printed),
            cells: grid.cells(std::iter::once(printed).chain(pairs.iter().flat_map(|(a, b)| [*a, *b]))),
            strength: Strength::Exact,
            assumes: format!("the {} is {}, as {fits} of its {all} entries are", grid.line_is(), reading.words(grid)),
            sentence: format!(
                "printed {}; {} give {} (with their rounding {}){other}",
                printed.printed.text,
                numbers.join("; "),
                plain(&value, decimals),
                range(&interval, decimals + 1)
            ),
        })
    };
    grid.line(*line).filter(|(place, _)| !grid.place_is_compared(*place)).filter_map(exception).collect()
}

/// The line against which an entry that does not fit would fit.
fn elsewhere(grid: &Grid, lines: &[usize], reading: &Reading, place: usize, printed: &Number) -> Option<String> {
    let Terms::Across { subject, .. } = reading.terms else { return None };
    lines.iter().copied().filter(|base| *base != subject).find_map(|base| {
        let other = Reading { terms: Terms::Across { subject, base: Some(base) }, ..reading.clone() };
        let (_, interval) = other.exact(&other.pairs(grid, lines, place))?;
        let text = grid.at(base, place)?.printed.text.clone();
        interval.meets(&printed.interval()).then(|| format!("\"{}\" ({text})", grid.lines[base]))
    })
}

/// Differences of which no reading makes enough right.
fn unexplained(grid: &Grid, assessed: &Assessed, reading: &Reading) -> Finding {
    Finding {
        check: CHECK.name,
        paper: grid.table.paper.clone(),
        place: grid.where_is(assessed.line),
        cells: grid.cells(grid.line(assessed.line).map(|(_, number)| number)),
        strength: Strength::Open,
        assumes: format!("the name says what the {} is taken from: {}", grid.line_is(), reading.words(grid)),
        sentence: format!(
            "{} of {} entries do not fit, and no other reading that was tried makes more of them right",
            assessed.all - assessed.fits,
            assessed.all
        ),
    }
}
