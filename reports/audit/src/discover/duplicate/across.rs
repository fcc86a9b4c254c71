//! Rows of different tables, of one paper or of two, with different names and the same numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    Ledger,
    discover::{
        Finding, Place, Settings, Strength,
        coincidence::spread,
        duplicate::{ALIKE, CHECK, SHORTEST},
        grid::{Grid, Number, listed},
        same_quantity::key::{Keys, OWN},
    },
    ledger::Table,
};

/// A row with what its cells are numbers of.
struct Row<'a> {
    table: &'a Table,
    method: String,
    name: &'a str,
    /// By the quantity's number, in its order.
    cells: Vec<(usize, Number<'a>)>,
}

fn rows(ledger: &Ledger) -> Vec<Row<'_>> {
    let (mut keys, mut numbers, mut all) = (Keys::new(ledger), HashMap::new(), Vec::new());
    for grid in ledger.tables.iter().map(|table| Grid::of_columns(table).turned()) {
        for line in (0..grid.lines.len()).filter(|line| !grid.is_derived(*line)) {
            let printed = grid.line(line).filter(|(place, _)| !grid.place_is_derived(*place));
            let mut methods = BTreeSet::new();
            let mut cells: Vec<(usize, Number)> = Vec::new();
            for (_, number) in printed {
                if let Some(mut key) = keys.key(&grid.table.paper, number.cell) {
                    methods.insert(std::mem::take(&mut key.method));
                    let next = numbers.len();
                    cells.push((*numbers.entry(key).or_insert(next), number));
                }
            }
            cells.sort_by_key(|cell| cell.0);
            if let (Some(method), 1, true) = (methods.first(), methods.len(), cells.len() >= SHORTEST) {
                all.push(Row { table: grid.table, method: method.clone(), name: grid.lines[line], cells });
            }
        }
    }
    all
}

/// The cells that two rows share, if all of them are equal and there are enough.
fn same<'a>(a: &Row<'a>, b: &Row<'a>) -> Vec<(usize, Number<'a>, Number<'a>)> {
    let (mut shared, mut others) = (Vec::new(), b.cells.iter().peekable());
    for (quantity, number) in &a.cells {
        while others.next_if(|other| other.0 < *quantity).is_some() {}
        if let Some((_, other)) = others.peek().filter(|other| other.0 == *quantity) {
            if number.near != other.near || number.printed.value != other.printed.value || number.cell.unit != other.cell.unit {
                return Vec::new();
            }
            shared.push((*quantity, *number, *other));
        }
    }
    if shared.len() < SHORTEST { Vec::new() } else { shared }
}

/// Rows with different names that print the same numbers of the same quantities. The paper's own method has many names, and a baseline's row may
/// be copied under its own.
pub fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    let rows = rows(ledger);
    let mut values: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (quantity, number) in rows.iter().flat_map(|row| &row.cells) {
        values.entry(*quantity).or_default().push(number.near);
    }
    let deviations: BTreeMap<usize, f64> = values.into_iter().map(|(quantity, values)| (quantity, spread(&values))).collect();
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
            let one = |(quantity, number, _): &(usize, Number, Number)| {
                let chance = ALIKE * 2.0 * number.half / deviations.get(quantity).copied().unwrap_or_default();
                if chance.is_finite() { chance.min(1.0) } else { 1.0 }
            };
            let chance: f64 = shared.iter().map(one).product();
            found.push((a, b, shared, chance));
        }
    }
    let likely = |found: &(&Row, &Row, Vec<_>, f64)| found.3 * looks < settings.alpha;
    found.into_iter().filter(likely).map(|(a, b, shared, _)| report(a, b, &shared)).collect()
}

fn report(a: &Row, b: &Row, shared: &[(usize, Number, Number)]) -> Finding {
    let texts: Vec<String> = shared.iter().map(|(_, number, _)| number.printed.text.clone()).collect();
    let paper = |row: &Row| if a.table.paper == b.table.paper { String::new() } else { format!("{} ", row.table.paper) };
    let place = |row: &Row, number: &Number| Place { table: row.table.id.clone(), row: number.cell.row.clone(), column: number.cell.column.clone() };
    // A place names no paper, so that only the finding's own paper can have places.
    let both = a.table.paper == b.table.paper;
    let cells = |(_, x, y): &(usize, Number, Number)| if both { vec![place(a, x), place(b, y)] } else { vec![place(a, x)] };
    let (first, second) = (format!("{}{}", paper(a), a.table.name()), format!("{}{}", paper(b), b.table.name()));
    Finding {
        check: CHECK.name,
        paper: a.table.paper.clone(),
        place: format!("{first}, row \"{}\" and {second}, row \"{}\"", a.name, b.name),
        cells: shared.iter().flat_map(cells).collect(),
        strength: Strength::Open,
        assumes: "equal names of dataset, condition and metric are the same quantity".into(),
        sentence: format!(
            "both rows print {} for the {} quantities that they share; they may be one method under two names",
            listed(&texts, 6),
            shared.len()
        ),
    }
}
