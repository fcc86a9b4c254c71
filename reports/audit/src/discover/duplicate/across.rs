//! Rows of different tables, of one paper or of two, with different names and the same numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Ledger,
    discover::{
        Finding, Place, Settings, Strength,
        coincidence::spread,
        duplicate::{ALIKE, CHECK, SHORTEST},
        grid::listed,
        names::is_derived,
        same_quantity::key::{Key, OWN},
    },
    ledger::{Cell, Table},
    number::nearest,
};

/// A row with what its cells are numbers of.
struct Row<'a> {
    table: &'a Table,
    method: String,
    name: &'a str,
    cells: BTreeMap<Key, &'a Cell>,
}

/// The same quantity of no particular method.
fn without_method(key: &Key) -> Key {
    Key { method: String::new(), ..key.clone() }
}

fn rows(ledger: &Ledger) -> Vec<Row<'_>> {
    let mut all = Vec::new();
    for table in &ledger.tables {
        for name in table.rows.iter().filter(|name| !is_derived(name)) {
            let cells = table.row(name).filter(|cell| cell.value.is_some() && !is_derived(&cell.metric));
            let keyed: Vec<(Key, &Cell)> = cells.filter_map(|cell| Some((Key::new(ledger, &table.paper, cell)?, cell))).collect();
            let methods: BTreeSet<&str> = keyed.iter().map(|(key, _)| key.method.as_str()).collect();
            if let (Some(method), 1, true) = (methods.first(), methods.len(), keyed.len() >= SHORTEST) {
                all.push(Row {
                    table,
                    method: (*method).to_owned(),
                    name,
                    cells: keyed.iter().map(|(key, cell)| (without_method(key), *cell)).collect(),
                });
            }
        }
    }
    all
}

/// The cells that two rows share, if all of them are equal and there are enough.
fn same<'a>(a: &Row<'a>, b: &Row<'a>) -> Vec<(&'a Cell, &'a Cell)> {
    let mut shared = Vec::new();
    for (key, cell) in &a.cells {
        if let Some(other) = b.cells.get(key) {
            if cell.value.as_ref().map(|value| &value.value) != other.value.as_ref().map(|value| &value.value) || cell.unit != other.unit {
                return Vec::new();
            }
            shared.push((*cell, *other));
        }
    }
    if shared.len() < SHORTEST { Vec::new() } else { shared }
}

/// Rows with different names that print the same numbers of the same quantities. The paper's own method has many names, and a baseline's row may be copied under its own.
pub fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let rows = rows(ledger);
    let mut values: BTreeMap<&Key, Vec<f64>> = BTreeMap::new();
    for (key, cell) in rows.iter().flat_map(|row| &row.cells) {
        values.entry(key).or_default().extend(cell.value.as_ref().map(|value| nearest(&value.value)));
    }
    let deviations: BTreeMap<&Key, f64> = values.into_iter().map(|(key, values)| (key, spread(&values))).collect();
    let of_own = |row: &Row| {
        row.method == OWN || rows.iter().any(|own| own.method == OWN && !std::ptr::eq(own.table, row.table) && !same(own, row).is_empty())
    };
    let (mut looks, mut found) = (0.0, Vec::new());
    for (i, a) in rows.iter().enumerate() {
        for b in rows[i + 1..].iter().filter(|b| !std::ptr::eq(a.table, b.table) && a.method != b.method) {
            looks += 1.0;
            let shared = same(a, b);
            if shared.is_empty() || of_own(a) || of_own(b) {
                continue;
            }
            let one = |(key, cell): (&Key, &&Cell)| {
                let width = cell.value.as_ref().map_or(0.0, |value| 2.0 * nearest(&value.half));
                let chance = ALIKE * width / deviations.get(key).copied().unwrap_or_default();
                if chance.is_finite() { chance.min(1.0) } else { 1.0 }
            };
            let chance: f64 = a.cells.iter().filter(|(key, _)| b.cells.contains_key(key)).map(one).product();
            found.push((a, b, shared, chance));
        }
    }
    let likely = |found: &(&Row, &Row, Vec<_>, f64)| found.3 * looks < settings.alpha;
    found.into_iter().filter(likely).map(|(a, b, shared, _)| report(a, b, &shared)).collect()
}

fn report(a: &Row, b: &Row, shared: &[(&Cell, &Cell)]) -> Finding {
    let texts: Vec<String> = shared.iter().filter_map(|(cell, _)| cell.value.as_ref()).map(|value| value.text.clone()).collect();
    let paper = |row: &Row| if a.table.paper == b.table.paper { String::new() } else { format!("{} ", row.table.paper) };
    let place = |table: &Table, cell: &Cell| Place { table: table.id.clone(), row: cell.row.clone(), column: cell.column.clone() };
    let (first, second) = (format!("{}{}", paper(a), a.table.name()), format!("{}{}", paper(b), b.table.name()));
    Finding {
        check: CHECK.name,
        paper: a.table.paper.clone(),
        place: format!("{first}, row \"{}\" and {second}, row \"{}\"", a.name, b.name),
        cells: shared
            .iter()
            .flat_map(|(x, y)| [place(a.table, x), place(b.table, y)].into_iter().take(if a.table.paper == b.table.paper { 2 } else { 1 }))
            .collect(),
        strength: Strength::Open,
        assumes: "equal names of dataset, condition and metric are the same quantity".into(),
        sentence: format!(
            "both rows print {} for the {} quantities that they share; they may be one method under two names",
            listed(&texts, 6),
            shared.len()
        ),
    }
}
