/*!
Best and second marks that do not match the ranks of the printed values.

**What it does.** A cell marked best has to be the best of its column (or row) of printed values, one marked second the second best. Whether marks
compare down columns or along rows is the direction that explains more of a table's marks. Equal values share a rank. Where it is not known whether
more is better, a best mark has to be at either end.

**Why.** Bold is what most readers read.

**Example.** DEF+AAF Table 3 underlines 40.32; with 40.74 and 40.51 above it, it is third.

**Assumes** that a column's numbers are comparable.

**Silent** for columns without a mark, for rows named Delta, Gain or Average, and where an empty cell could make the mark right. Where most marks of a
table do not match, they probably mark something else, and each is only something to look at.
*/

use super::{
    Check, Finding, Settings, Strength,
    grid::{Grid, Number, listed},
    names::is_unranked,
};
use crate::{Ledger, ledger::Mark};

/// The check.
pub(super) const CHECK: Check = Check { name: "mark", summary: "best and second marks against the ranks of the printed values", find };

/// A marked cell whose rank is known.
struct Judged<'a> {
    number: Number<'a>,
    matches: bool,
    /// Why not, as the end of a sentence.
    reason: String,
    beside: Vec<Number<'a>>,
}

fn find(ledger: &Ledger, _: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let marked = |table: &&crate::ledger::Table| table.cells.iter().any(|cell| cell.marked != Mark::None);
    for table in ledger.tables.iter().filter(marked) {
        let [columns, rows] = Grid::both(table);
        let judged = [judge(&columns), judge(&rows)];
        let matching = |judged: &[Judged]| judged.iter().filter(|one| one.matches).count();
        let along = usize::from(matching(&judged[1]) > matching(&judged[0]));
        let (grid, judged) = if along == 1 { (&rows, &judged[1]) } else { (&columns, &judged[0]) };
        let (all, good) = (judged.len(), matching(judged));
        for one in judged.iter().filter(|one| !one.matches) {
            let suspicious = if one.number.cell.note.contains("suspicious") || one.number.cell.note.contains("GARBLED") {
                format!("; the extraction's note says: {}", one.number.cell.note)
            } else {
                String::new()
            };
            let kind = if one.number.cell.marked == Mark::Best { "best" } else { "second" };
            findings.push(Finding {
                check: CHECK.name,
                paper: table.paper.clone(),
                place: grid.where_is_cell(&one.number),
                cells: grid.cells(std::iter::once(one.number).chain(one.beside.iter().copied())),
                // Where most marks do not match, they mark something else.
                strength: if 2 * good < all { Strength::Open } else { Strength::Exact },
                assumes: format!("marks compare the numbers of a {}, as {good} of the table's {all} do", grid.line_is()),
                sentence: format!(
                    "the mark does not match: {} is marked {kind}, {}; {good} of the {all} marks of the table that can be ranked match{suspicious}",
                    one.number.printed.text, one.reason
                ),
            });
        }
    }
    findings
}

fn judge<'a>(grid: &Grid<'a>) -> Vec<Judged<'a>> {
    let ranked: Vec<usize> = (0..grid.places.len()).filter(|place| !is_unranked(grid.places[*place])).collect();
    let mut judged = Vec::new();
    for line in 0..grid.lines.len() {
        let all: Vec<Number> = ranked.iter().filter_map(|place| grid.at(line, *place)).collect();
        let empty = ranked.len() - all.len();
        judged.extend(all.iter().filter(|number| number.cell.marked != Mark::None).filter_map(|number| rank(*number, &all, empty)));
    }
    judged
}

/// Whether a mark matches; `None` where nothing can be said.
fn rank<'a>(number: Number<'a>, all: &[Number<'a>], empty: usize) -> Option<Judged<'a>> {
    let value = &number.printed.value;
    if all.len() < 2 || all.iter().any(|other| other.cell.higher_is_better != number.cell.higher_is_better || other.cell.unit != number.cell.unit) {
        return None;
    }
    let above: Vec<Number> = all.iter().copied().filter(|other| &other.printed.value > value).collect();
    let below: Vec<Number> = all.iter().copied().filter(|other| &other.printed.value < value).collect();
    let better = match number.cell.higher_is_better {
        Some(true) => above,
        Some(false) => below,
        None if number.cell.marked == Mark::Best => {
            let ends = [extreme(&above, true), extreme(&below, false)];
            let matches = above.is_empty() || below.is_empty();
            let reason = format!(
                "but the highest is {} and the lowest {} (whether more is better is not known)",
                ends[0].map_or("it", |end| &end.printed.text),
                ends[1].map_or("it", |end| &end.printed.text)
            );
            return Some(Judged { number, matches, reason, beside: ends.into_iter().flatten().collect() });
        }
        None => return None,
    };
    let ties = all.iter().filter(|other| &other.printed.value == value).count();
    let mut values: Vec<_> = better.iter().map(|other| &other.printed.value).collect();
    values.sort_unstable();
    values.dedup();
    let matches = match number.cell.marked {
        Mark::Best => better.is_empty(),
        _ => better.len() == 1 || values.len() == 1 || (better.is_empty() && ties > 1),
    };
    if !matches && number.cell.marked == Mark::Second && better.is_empty() && empty > 0 {
        return None;
    }
    let higher = number.cell.higher_is_better == Some(true);
    let best = extreme(&better, higher);
    let reason = best.map_or_else(
        || "and no printed value is better".to_owned(),
        |best| match number.cell.marked {
            Mark::Best => format!(
                "and {} printed value{} better, the best {} (row \"{}\", column \"{}\")",
                better.len(),
                plural(better.len()),
                best.printed.text,
                best.cell.row,
                best.cell.column
            ),
            _ => {
                let mut shown = better.clone();
                shown.sort_by(|a, b| a.printed.value.cmp(&b.printed.value));
                if higher {
                    shown.reverse();
                }
                let shown: Vec<String> = shown.iter().map(|other| other.printed.text.clone()).collect();
                format!("and its rank is {}: better are {}", better.len() + 1, listed(&shown, 4))
            }
        },
    );
    Some(Judged { number, matches, reason, beside: better })
}

fn plural(count: usize) -> &'static str {
    if count == 1 { " is" } else { "s are" }
}

fn extreme<'a>(numbers: &[Number<'a>], highest: bool) -> Option<Number<'a>> {
    let key = |number: &&Number<'a>| number.printed.value.clone();
    if highest { numbers.iter().max_by_key(key).copied() } else { numbers.iter().min_by_key(key).copied() }
}
