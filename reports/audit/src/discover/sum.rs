/*!
Totals that are not the sum of their parts, and shares that do not add up to 100 %.

**What it does.** A column (or row) called Total or Sum is compared with the sum of the other columns of its dataset and unit; so is one that is the
sum of the columns beside it in most rows, where chance does not explain that. Percentages of which one is called Other are taken as shares of one
whole.

**Why.** A total is typed by hand more often than the parts are.

**Example.** DEF+AAF Table 20 prints 17.6 GFLOP as `Total (inference)` of five parts that add up to 18.0; without `Critic` (0.4), which only
training needs, it fits: said, but as something to look at, not as a contradiction. Table 5's shares 34, 28, 21, 12 and 5 % add up to 100.

**Assumes** that the parts are all printed; a part without a number counts as none.

**Silent** for a "Sum" of accuracies or scores unless most places fit (it is then the name of a method), and for percentages whose sum is nowhere
near 100 (scores of classes).
*/

use num_traits::Zero;

use super::{
    Check, Finding, Settings, Strength,
    combination::{Rule, find as combined},
    grid::{Grid, Number, plain, range},
    names::words,
};
use crate::{
    Ledger,
    number::{Interval, Rational, integer},
};

/// The check.
pub(super) const CHECK: Check = Check { name: "sum", summary: "totals recomputed from their parts, and shares of a whole", find };

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let mut findings = combined(ledger, settings, Rule::Sum, CHECK.name);
    findings.extend(ledger.tables.iter().flat_map(Grid::both).flat_map(|grid| shares(&grid)));
    findings
}

/// Lines of percentages with a part called Other.
fn shares(grid: &Grid) -> Vec<Finding> {
    const REST: [&str; 6] = ["other", "others", "rest", "remaining", "misc", "miscellaneous"];
    if !grid.places.iter().any(|place| words(place).iter().any(|word| REST.contains(&word.as_str()))) {
        return Vec::new();
    }
    (0..grid.lines.len()).filter(|line| grid.unit(*line) == Some("%")).filter_map(|line| share(grid, line)).collect()
}

fn share(grid: &Grid, line: usize) -> Option<Finding> {
    let parts: Vec<Number> = grid.line(line).filter(|(place, _)| !grid.place_is_derived(*place)).map(|(_, number)| number).collect();
    let sum: Rational = parts.iter().map(|part| &part.printed.value).sum();
    let interval = parts.iter().fold(Interval::point(Rational::zero()), |all, part| &all + &part.interval());
    let near = Interval::between(integer(90), integer(110));
    if parts.len() < 3 || !near.contains(&sum) || interval.contains(&integer(100)) {
        return None;
    }
    Some(Finding {
        check: CHECK.name,
        paper: grid.table.paper.clone(),
        place: grid.where_is(line),
        cells: grid.cells(parts.iter().copied()),
        strength: Strength::Exact,
        assumes: "the percentages are shares of one whole, as the part called Other suggests".into(),
        sentence: format!("the {} printed shares add up to {} % (with their rounding {} %)", parts.len(), plain(&sum, 4), range(&interval, 4)),
    })
}
