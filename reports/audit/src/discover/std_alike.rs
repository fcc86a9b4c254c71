/*!
`std-alike`: standard deviations that are too much alike.

What it does: takes a table's printed standard deviations and asks how probable it is that all of them lie within one band as narrow as from the smallest to the largest (half a
unit of rounding added on either side), if each cell's true spread is whatever makes that most probable. The probability is bounded by Σᵢ Πⱼ≠ᵢ gⱼ, where g is the largest chance
of one cell to lie in a given band of this ratio.

Why: a standard deviation of three or five runs is itself very uncertain. Of three runs with one true spread, half of all sample deviations lie outside a band of a factor of two.

Example: the 84 deviations of MLA's Table 6 (three runs each) lie between 0.75 and 1.28.

It assumes runs that are about normal. Runs may be shared: cells of one method on one dataset count as one, so nothing is assumed of what the columns of a table have in common.
Rows of different methods are taken as independent. The probability is multiplied by the number of tables looked at in the ledger.

Silent under six deviations or fewer than six methods and datasets, where the runs are not known, and where a deviation is 0.
*/

use std::collections::BTreeMap;

use super::{Check, Finding, Settings, Strength, words};
use crate::{
    Ledger,
    ledger::{Cell, Table},
    number::nearest,
    recompute::deviations::alike_p,
};

pub(super) const CHECK: Check = Check { name: "std-alike", summary: "standard deviations of a table that vary less than sampling allows", find };

/// Fewer say nothing.
const FEWEST: usize = 6;

/// A table's standard deviations.
struct Spread<'a> {
    table: &'a Table,
    cells: Vec<&'a Cell>,
    lo: f64,
    hi: f64,
    /// Fewest runs of each method on each dataset.
    seeds: Vec<u32>,
}

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let tables: Vec<Spread<'_>> = ledger.tables.iter().filter_map(|table| spread(table, settings)).collect();
    tables.iter().filter_map(|spread| judge(spread, tables.len(), settings.alpha)).collect()
}

fn spread<'a>(table: &'a Table, settings: &Settings) -> Option<Spread<'a>> {
    let (mut lo, mut hi) = (f64::INFINITY, 0.0_f64);
    let (mut cells, mut units) = (Vec::new(), BTreeMap::new());
    for cell in &table.cells {
        let (Some(std), Some(seeds)) = (&cell.std, cell.seeds.or(settings.seeds)) else { continue };
        if seeds < 2 {
            continue;
        }
        let (value, half) = (nearest(&std.value), nearest(&std.half));
        (lo, hi) = (lo.min(value - half), hi.max(value + half));
        let fewest = units.entry((&cell.method, &cell.dataset)).or_insert(seeds);
        *fewest = seeds.min(*fewest);
        cells.push(cell);
    }
    let seeds: Vec<u32> = units.into_values().collect();
    (cells.len() >= FEWEST && seeds.len() >= FEWEST && lo > 0.0).then_some(Spread { table, cells, lo, hi, seeds })
}

fn judge(spread: &Spread<'_>, looked: usize, alpha: f64) -> Option<Finding> {
    let p = (alike_p(spread.lo, spread.hi, &spread.seeds)? * looked as f64).min(1.0);
    if p > alpha {
        return None;
    }
    let ordered = |ahead: fn(&Cell) -> Option<f64>| spread.cells.iter().copied().filter(move |cell| ahead(cell).is_some());
    let value = |cell: &Cell| cell.std.as_ref().map(|std| nearest(&std.value));
    let by = |a: &&Cell, b: &&Cell| value(a).partial_cmp(&value(b)).unwrap_or(std::cmp::Ordering::Equal);
    let least = ordered(value).min_by(by)?;
    let most = ordered(value).max_by(by)?;
    Some(Finding {
        check: CHECK.name,
        paper: spread.table.paper.clone(),
        place: spread.table.name(),
        cells: spread.cells.iter().map(|cell| words::place(spread.table, cell)).collect(),
        strength: Strength::Chance(p),
        assumes: "runs are about normal, and those of different methods or datasets are independent".into(),
        sentence: format!(
            "All {} standard deviations lie between {} and {}; for {} methods and datasets with {} runs each, whatever their true spreads, sampling puts them this close \
             together with probability at most {}.",
            spread.cells.len(),
            least.std.as_ref()?.text,
            most.std.as_ref()?.text,
            spread.seeds.len(),
            runs(&spread.seeds),
            words::probability(p)
        ),
    })
}

/// `3`, or `3 to 5`.
fn runs(seeds: &[u32]) -> String {
    match (seeds.iter().min(), seeds.iter().max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
        (Some(least), _) => least.to_string(),
        _ => String::new(),
    }
}
