/*!
`denominator`: the test-set size behind a set of accuracies.

What it does: for the single-run accuracies of one dataset and metric in one paper, and for each table on its own, it searches all sizes N from 50 to 20,000 for those that make
every number k/N, rounded. A random number with two decimals is one with probability (N + 1)/10,001, so a size is telling as long as the sum of those probabilities to the power
of the numbers, over all sizes so far and times the sets looked at, is at most `alpha`. Where a size is known that does not make all attainable, it says how many are, and
which size would.

Why: numbers that fit one unknown size and no other name the test set that was used; numbers that fit a stated size no better than random ones do not come from it.

Example: the 12 distinct values of Acc-2 in CP+SL's Table 2 are all attainable on 655 samples, and random numbers on a size that small with probability 6e-12; the ledger's
claims ask for 686 and 656, CMU-MOSI's usual test split with and without neutral samples, on which none of the twelve is. In DEF+AAF about as many accuracies fit IEMOCAP's 1,593 samples as random numbers would.

It assumes one run a number, each a share of correct answers on the whole test set. Equal numbers count once. Where no size is known, a telling size is no contradiction: it is
reported as open. Silent with fewer than five different numbers, and where a known size makes all attainable.
*/

use std::collections::{BTreeMap, HashMap};

use super::{
    Check, Finding, Settings, Strength,
    accuracies::{self, Accuracy},
    grim, words,
};
use crate::{
    Ledger,
    recompute::denominators::{Denominators, Grid, search},
};

pub(super) const CHECK: Check = Check { name: "denominator", summary: "the test-set sizes that make a set of accuracies attainable", find };

/// Fewer numbers say nothing.
const FEWEST: usize = 5;

/// Accuracies of one dataset and metric, each number once.
struct Set<'a> {
    place: String,
    numbers: BTreeMap<Grid, Vec<Accuracy<'a>>>,
}

impl<'a> Set<'a> {
    fn new(place: String, accuracies: &[Accuracy<'a>]) -> Self {
        let mut numbers: BTreeMap<Grid, Vec<Accuracy<'a>>> = BTreeMap::new();
        for accuracy in accuracies {
            if let Some(grid) = accuracy.grid() {
                numbers.entry(grid).or_default().push(accuracy.clone());
            }
        }
        Self { place, numbers }
    }

    fn grids(&self) -> Vec<Grid> {
        self.numbers.keys().copied().collect()
    }
}

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let families = families(accuracies::all(ledger, settings));
    let looked: usize = families.iter().map(|(whole, parts)| usize::from(whole.numbers.len() >= FEWEST) + parts.len()).sum();
    families.iter().filter(|(whole, _)| whole.numbers.len() >= FEWEST).filter_map(|family| of_family(ledger, settings, family, looked)).collect()
}

/// One finding a family: about all its tables where a size is known, else about whichever of them the search says most of.
fn of_family(ledger: &Ledger, settings: &Settings, (whole, parts): &(Set<'_>, Vec<Set<'_>>), looked: usize) -> Option<Finding> {
    let first = whole.numbers.values().flatten().next()?;
    let searched = |set: &Set<'_>| search(&set.grids(), looked, settings.alpha);
    let mut best = (whole, searched(whole));
    if accuracies::sizes(ledger, settings, &first.table.paper, &first.cell.dataset).is_none() {
        for part in parts {
            let found = searched(part);
            if found.p < best.1.p {
                best = (part, found);
            }
        }
    }
    judge(ledger, settings, best.0, &best.1)
}

/// Each paper's dataset and metric as a whole, and its tables where there are several that can say something.
fn families(all: Vec<Accuracy<'_>>) -> Vec<(Set<'_>, Vec<Set<'_>>)> {
    let single = all.into_iter().filter(|accuracy| accuracy.seeds.is_none_or(|seeds| seeds == 1) && accuracy.cell.std.is_none());
    let mut order = Vec::new();
    let mut members: HashMap<(String, String, String), Vec<Accuracy<'_>>> = HashMap::new();
    for accuracy in single {
        let key = (accuracy.table.paper.clone(), accuracy.cell.dataset.clone(), accuracy.cell.metric.clone());
        let group = members.entry(key.clone()).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(accuracy);
    }
    let family = |key: &(String, String, String)| {
        let group = members.get(key)?;
        let quantity = words::quantity(&key.1, &key.2);
        let mut tables: Vec<(String, Vec<Accuracy<'_>>)> = Vec::new();
        for accuracy in group {
            match tables.iter_mut().find(|(name, _)| *name == accuracy.table.name()) {
                Some((_, members)) => members.push(accuracy.clone()),
                None => tables.push((accuracy.table.name(), vec![accuracy.clone()])),
            }
        }
        let names = tables.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let whole = Set::new(format!("{names}, {quantity}"), group);
        let parts = if tables.len() > 1 { tables } else { Vec::new() };
        let parts = parts.iter().map(|(name, members)| Set::new(format!("{name}, {quantity}"), members));
        Some((whole, parts.filter(|part| part.numbers.len() >= FEWEST).collect()))
    };
    order.iter().filter_map(family).collect()
}

fn judge(ledger: &Ledger, settings: &Settings, set: &Set<'_>, found: &Denominators) -> Option<Finding> {
    let first = set.numbers.values().flatten().next()?;
    let (paper, dataset) = (&first.table.paper, &first.cell.dataset);
    let grids = set.grids();
    let fits = |n: u64| grids.iter().filter(|grid| grid.attainable(n)).count();
    let sizes = accuracies::sizes(ledger, settings, paper, dataset);
    let best = sizes.as_ref().and_then(|sizes| sizes.n.iter().copied().max_by_key(|n| fits(*n)));
    if best.is_some_and(|n| fits(n) == grids.len()) || (best.is_none() && found.telling.is_empty()) {
        return None;
    }
    let all = set.numbers.len();
    let mut sentence = String::new();
    if let Some(n) = best {
        let expected: f64 = grids.iter().map(|grid| grid.coverage(n)).sum();
        sentence = format!(
            "{} of {all} different accuracies are k/{}; of random numbers with these digits {expected:.1} would be. ",
            fits(n),
            words::count(n)
        );
    }
    let telling: Vec<String> = found.telling.iter().map(|n| words::count(*n)).collect();
    let also = telling.get(1..).filter(|more| !more.is_empty()).map_or(String::new(), |more| format!(" (also on {})", words::listed(more, 4)));
    sentence += &if telling.is_empty() {
        let smallest = found.smallest.map_or("none of at most 20,000".into(), words::count);
        format!("The smallest test set on which all are attainable: {smallest}.")
    } else {
        format!(
            "All {all} different accuracies are attainable on {} samples{also} and on no other size from 50 to {}; random numbers would fit some size as small as the first \
             with probability {}.",
            telling.first().map_or("", String::as_str),
            words::count(found.up_to),
            words::probability(found.p)
        )
    };
    let outside = |grid: &Grid| best.is_none_or(|n| !grid.attainable(n));
    let cells = set.numbers.iter().filter(|(grid, _)| outside(grid)).flat_map(|(_, accuracies)| accuracies);
    let unknown = accuracies::Sizes { n: Vec::new(), source: String::new() };
    let seeds = set.numbers.values().flatten().map(|accuracy| accuracy.seeds).min().flatten();
    let assumes = match best {
        Some(_) => grim::assumes(dataset, sizes.as_ref().unwrap_or(&unknown), seeds, false),
        None => "each value is one run's share of correct answers on the whole test set".into(),
    };
    Some(Finding {
        check: CHECK.name,
        paper: paper.clone(),
        place: set.place.clone(),
        cells: cells.map(|accuracy| words::place(accuracy.table, accuracy.cell)).collect(),
        strength: if best.is_some() { Strength::Exact } else { Strength::Open },
        assumes,
        sentence,
    })
}
