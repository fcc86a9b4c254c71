/*!
One quantity printed as two numbers.

**What it does.** Cells of one paper that name the same method, dataset, condition and metric are compared: their rounding intervals have to meet.
Spellings are made one: the paper's own method may be called by its name, Ours or Full; conditions are sets, so `sigma=0.18,p=0.1` is
`p=0.1,sigma=0.18`; percent and fractions are scaled. In a table of settings, a setting at which two or more numbers are those of the paper's method
elsewhere is taken for the main one, and its other numbers are compared too.

**Why.** A number that changes between tables was measured twice or edited once.

**Example.** RAML Table III prints Concat Fusion with sigma 0.18 and p 0.1 as 0.5352 in one column and as 0.5876 in another.

**Assumes** that equal names are equal configurations.

**Silent** where one of the two is a mean over runs and the other may be one of these runs: within one standard deviation. Beyond that, and where
the two roundings only touch, or both numbers stand in one row of one table and no condition is given, the finding is something to look at and
no contradiction.
*/

pub(super) mod key;

use std::collections::{BTreeMap, BTreeSet};

use key::{Key, Keys, OWN, interval, names_no_method};

use super::{Check, Finding, Place, Settings, Strength, grid::listed, names::is_derived};
use crate::{
    Ledger,
    ledger::{Cell, Table},
    number::nearest,
};

/// The check.
pub(super) const CHECK: Check = Check { name: "same-quantity", summary: "one quantity printed as two numbers in two places", find };

#[derive(Clone, Copy)]
struct Entry<'a> {
    table: &'a Table,
    cell: &'a Cell,
}

/// Two numbers of one quantity that differ.
struct Pair<'a> {
    a: Entry<'a>,
    b: Entry<'a>,
    strength: Strength,
    remark: String,
    what: String,
    because: String,
}

type Quantities<'a> = BTreeMap<Key, Vec<Entry<'a>>>;

fn find(ledger: &Ledger, _: &Settings) -> Vec<Finding> {
    let mut papers: BTreeMap<&str, Quantities> = BTreeMap::new();
    let mut keys = Keys::new(ledger);
    for table in &ledger.tables {
        let derived: BTreeSet<&String> = table.rows.iter().chain(&table.columns).filter(|key| is_derived(key)).collect();
        let cells = table.cells.iter().filter(|cell| cell.value.is_some() && !derived.contains(&cell.row) && !derived.contains(&cell.column));
        for cell in cells {
            if let Some(key) = keys.key(&table.paper, cell) {
                papers.entry(&table.paper).or_default().entry(key).or_default().push(Entry { table, cell });
            }
        }
    }
    let order = ledger.papers.iter().filter_map(|paper| papers.get(paper.id.as_str()));
    order.flat_map(|quantities| report(&repeated(quantities).into_iter().chain(settings(quantities)).collect::<Vec<Pair>>())).collect()
}

/// Pairs with the same key.
fn repeated<'a>(quantities: &Quantities<'a>) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    for (key, entries) in quantities {
        for (i, a) in entries.iter().enumerate() {
            for b in &entries[i + 1..] {
                let one_table = std::ptr::eq(a.table, b.table);
                // Other rows of one table are other things; where a table has several candidates, one that agrees is enough.
                let elsewhere = |one: &Entry, other: &Entry| {
                    entries
                        .iter()
                        .any(|third| std::ptr::eq(third.table, other.table) && !std::ptr::eq(third.cell, other.cell) && agree(one.cell, third.cell))
                };
                if (one_table && a.cell.row != b.cell.row) || (!one_table && (elsewhere(a, b) || elsewhere(b, a))) {
                    continue;
                }
                if let Some((mut strength, mut remark)) = compare(a.cell, b.cell) {
                    if one_table && key.condition.is_empty() && strength == Strength::Exact {
                        (strength, remark) = (Strength::Open, SAME_HEADER.into());
                    }
                    pairs.push(Pair { a: *a, b: *b, strength, remark, what: key.describe(), because: String::new() });
                }
            }
        }
    }
    pairs
}

/// Columns of one table without a condition: more likely the ledger's header lines say too little than that a table prints one column twice.
const SAME_HEADER: &str = "both columns have the same dataset and metric and no condition in the ledger, which may say too little";

/// Numbers of a setting that two others show to be the main one.
fn settings<'a>(quantities: &Quantities<'a>) -> Vec<Pair<'a>> {
    let mut columns: BTreeMap<(&str, &str), Vec<(Entry<'a>, Entry<'a>)>> = BTreeMap::new();
    for (key, entries) in quantities.iter().filter(|(key, _)| key.method == OWN && !key.condition.is_empty()) {
        let main = Key { condition: BTreeSet::new(), ..key.clone() };
        let Some(main) = quantities.get(&main).and_then(|entries| entries.first()) else { continue };
        for entry in entries.iter().filter(|entry| names_no_method(entry.cell)) {
            columns.entry((&entry.table.id, &entry.cell.column)).or_default().push((*main, *entry));
        }
    }
    let mut pairs = Vec::new();
    for ((_, column), compared) in columns {
        let good: Vec<&(Entry, Entry)> = compared.iter().filter(|(main, entry)| agree(main.cell, entry.cell)).collect();
        let bad = compared.iter().filter(|(main, entry)| !agree(main.cell, entry.cell));
        if good.len() < 2 || 2 * good.len() <= compared.len() {
            continue;
        }
        let texts: Vec<String> = good.iter().filter_map(|(_, entry)| entry.cell.value.as_ref()).map(|value| value.text.clone()).collect();
        for (main, entry) in bad {
            if let Some((strength, remark)) = compare(main.cell, entry.cell) {
                let because = format!("\"{column}\" is the main configuration, as {} in it are the numbers printed elsewhere", listed(&texts, 4));
                let what = [entry.cell.metric.as_str(), entry.cell.dataset.as_str()].join(", ");
                pairs.push(Pair { a: *main, b: *entry, strength, remark, what, because });
            }
        }
    }
    pairs
}

fn agree(a: &Cell, b: &Cell) -> bool {
    interval(a).zip(interval(b)).is_some_and(|(a, b)| a.meets(&b))
}

/// How two numbers of one quantity differ; `None` where they do not, or need not.
fn compare(a: &Cell, b: &Cell) -> Option<(Strength, String)> {
    let (x, y) = (a.value.as_ref()?, b.value.as_ref()?);
    let (one, other) = (interval(a)?, interval(b)?);
    if one.meets(&other) {
        let touching = !one.is_point() && !other.is_point() && (one.hi == other.lo || other.hi == one.lo);
        return (touching && a.std.is_none() && b.std.is_none())
            .then(|| (Strength::Open, "they agree only if the value lies exactly between both".into()));
    }
    let mean = match (&a.std, &b.std) {
        (Some(_), None) => a,
        (None, Some(_)) => b,
        _ => return Some((Strength::Exact, String::new())),
    };
    let std = mean.std.as_ref()?;
    let units = nearest(&(&x.value - &y.value)).abs() / nearest(&std.value);
    // A run lies at most (n-1)/sqrt(n) standard deviations from the mean of its n runs (Samuelson 1968, JASA 63, 1522).
    let limit = mean.seeds.map(|n| (f64::from(n) - 1.0) / f64::from(n).sqrt());
    let far = limit.map_or_else(String::new, |limit| format!("; one of these runs lies at most {limit:.2} from it"));
    let remark =
        format!("one is a mean over runs with a standard deviation of {}, the other lies {units:.2} standard deviations from it{far}", std.text);
    (units > 1.0 && same_unit(a, b)).then_some((Strength::Open, remark))
}

fn same_unit(a: &Cell, b: &Cell) -> bool {
    a.unit == b.unit
}

/// Pairs from the same two columns are one finding.
fn report(pairs: &[Pair]) -> Vec<Finding> {
    let mut groups: Vec<(String, Vec<&Pair>)> = Vec::new();
    for pair in pairs {
        let (a, b) = (&pair.a, &pair.b);
        let name = [&a.table.id, &a.cell.column, &b.table.id, &b.cell.column, &pair.remark, &pair.because].map(String::as_str).join("\u{0}");
        match groups.iter_mut().find(|group| group.0 == name) {
            Some(group) => group.1.push(pair),
            None => groups.push((name, vec![pair])),
        }
    }
    groups.iter().filter_map(|(_, pairs)| finding(pairs)).collect()
}

fn finding(pairs: &[&Pair]) -> Option<Finding> {
    let first = pairs.first()?;
    let printed = |cell: &Cell| cell.value.as_ref().map_or_else(String::new, |value| value.text.clone());
    let numbers: Vec<String> =
        pairs.iter().map(|pair| format!("{} {} and {}", pair.a.cell.row, printed(pair.a.cell), printed(pair.b.cell))).collect();
    let column = |entry: &Entry| format!("{}, column \"{}\"", entry.table.name(), entry.cell.column);
    let cell = |entry: &Entry| Place { table: entry.table.id.clone(), row: entry.cell.row.clone(), column: entry.cell.column.clone() };
    let remark = if first.remark.is_empty() { String::new() } else { format!("; {}", first.remark) };
    let mut assumes = format!("both are the same configuration ({})", first.what);
    if !first.because.is_empty() {
        assumes = format!("{assumes}: {}", first.because);
    }
    Some(Finding {
        check: CHECK.name,
        paper: first.a.table.paper.clone(),
        place: format!("{} and {}", column(&first.a), column(&first.b)),
        cells: pairs.iter().flat_map(|pair| [cell(&pair.a), cell(&pair.b)]).collect(),
        strength: first.strength,
        assumes,
        sentence: format!(
            "{} {} printed as two numbers: {}{remark}",
            pairs.len(),
            if pairs.len() == 1 { "quantity is" } else { "quantities are" },
            listed(&numbers, 4)
        ),
    })
}
