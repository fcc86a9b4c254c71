//! Numbers and lists as sentences show them.

use super::Place;
use crate::ledger::{Cell, Table};

/// A count with commas: `4,659`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A probability to two digits: `0.012`, `3e-16`, `under 1e-300`.
pub(super) fn probability(p: f64) -> String {
    if p < 1e-300 {
        "under 1e-300".into()
    } else if p < 1e-4 {
        format!("{p:.0e}")
    } else if p < 0.1 {
        let digits = (1.0 - p.log10().floor()) as usize;
        format!("{p:.digits$}")
    } else {
        format!("{p:.2}")
    }
}

/// The first `most` of some names, and how many more there are.
pub(super) fn listed(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 cell`, `3 cells`.
pub(super) fn several(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `IEMOCAP Acc`, or either alone.
pub(super) fn quantity(dataset: &str, metric: &str) -> String {
    format!("{dataset} {metric}").trim().to_owned()
}

/// `81.62 (MulT, IEMOCAP.Full.Acc)`.
pub(super) fn cell(cell: &Cell) -> String {
    let value = cell.value.as_ref().map_or("", |value| value.text.as_str());
    let std = cell.std.as_ref().map(|std| format!(" ± {}", std.text)).unwrap_or_default();
    format!("{value}{std} ({}, {})", cell.row, cell.column)
}

/// Where a cell stands.
pub(super) fn place(table: &Table, cell: &Cell) -> Place {
    Place { table: table.id.clone(), row: cell.row.clone(), column: cell.column.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_sentences_show_them() {
        assert_eq!([0, 999, 1593, 1_234_567].map(count), ["0", "999", "1,593", "1,234,567"]);
        assert_eq!([0.5, 0.05, 0.0123, 0.00045, 3.2e-16, 0.0].map(probability), ["0.50", "0.050", "0.012", "0.00045", "3e-16", "under 1e-300"]);
        let names = ["a", "b", "c"].map(String::from);
        assert_eq!((listed(&names, 3).as_str(), listed(&names, 1).as_str()), ("a, b, c", "a and 2 more"));
    }
}
