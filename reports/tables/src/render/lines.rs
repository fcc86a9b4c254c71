//! The lines of a table, as all formats show them.

use crate::table::{Measured, Row, Table};

/// Stands where the paper prints nothing.
pub(super) const NOTHING: &str = "–";

/// Begins the label of a measured line.
pub(crate) const BELOW: &str = "↳";

/// Reasons of more characters are shown under the table, so that no column gets as wide as a sentence.
const SHORT: usize = 32;

/// A line.
pub(super) enum Line<'a> {
    /// A heading that was not above the row before.
    Heading(&'a str),
    /// What the paper prints.
    Reported(&'a Row),
    /// What was measured, a cell for each column.
    Measured(Vec<Option<&'a Measured>>),
    /// Nothing was measured in the whole line, for this reason.
    Absent(&'a str),
}

/// The lines of a table in order: the printed line of a row, then each measured line that has something.
pub(super) fn lines(table: &Table) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut above: &[String] = &[];
    for row in &table.rows {
        let common = above.iter().zip(&row.group).take_while(|(old, new)| old == new).count();
        lines.extend(row.group.iter().skip(common).map(|text| Line::Heading(text)));
        above = &row.group;
        lines.push(Line::Reported(row));
        let measured = row.cells.iter().map(|cell| cell.measured.len()).max().unwrap_or(0);
        lines.extend((0..measured).filter_map(|line| measured_line(table, row, line)));
    }
    lines
}

fn measured_line<'a>(table: &Table, row: &'a Row, line: usize) -> Option<Line<'a>> {
    let cell = |column: usize| row.cells.get(column)?.measured.get(line)?.as_ref();
    let cells: Vec<Option<&Measured>> = (0..table.columns.len()).map(cell).collect();
    let has_value = cells.iter().flatten().any(|measured| matches!(measured, Measured::Value(_)));
    if has_value {
        return Some(Line::Measured(cells));
    }
    if row.reported_only.is_some() {
        return None;
    }
    let reasons: Vec<&str> = cells.iter().flatten().filter_map(|measured| absent(measured)).collect();
    let (first, others) = reasons.split_first()?;
    Some(if others.iter().all(|other| other == first) { Line::Absent(first) } else { Line::Measured(cells) })
}

/// Why there is no number.
pub(super) fn absent(measured: &Measured) -> Option<&str> {
    match measured {
        Measured::Absent(reason) => Some(reason),
        Measured::Value(_) => None,
    }
}

/// Reasons that stand under the table, each marked by a letter.
pub(super) struct Reasons<'a>(Vec<&'a str>);

impl<'a> Reasons<'a> {
    /// The reasons of rows that are reported only, and the long ones, in the order of the lines.
    pub fn of(lines: &[Line<'a>]) -> Self {
        let mut found = Self(Vec::new());
        for line in lines {
            match line {
                Line::Heading(_) => {}
                Line::Reported(row) => row.reported_only.iter().for_each(|reason| found.add(reason)),
                Line::Measured(cells) => {
                    cells.iter().flatten().filter_map(|cell| absent(cell)).filter(|reason| !is_short(reason)).for_each(|reason| found.add(reason))
                }
                Line::Absent(reason) => {
                    if !is_short(reason) {
                        found.add(reason);
                    }
                }
            }
        }
        found
    }

    fn add(&mut self, reason: &'a str) {
        if !self.0.contains(&reason) {
            self.0.push(reason);
        }
    }

    /// The letter of a reason that stands under the table.
    pub fn letter(&self, reason: &str) -> Option<String> {
        self.0.iter().position(|known| *known == reason).map(letter)
    }

    /// Letters and reasons.
    pub fn all(&self) -> impl Iterator<Item = (String, &'a str)> + '_ {
        self.0.iter().enumerate().map(|(at, reason)| (letter(at), *reason))
    }
}

/// Whether a reason fits into a cell.
fn is_short(reason: &str) -> bool {
    reason.chars().count() <= SHORT
}

/// `a` to `z`, then `aa`, `ab`, …
fn letter(at: usize) -> String {
    let last = char::from(b'a' + u8::try_from(at % 26).unwrap_or(0));
    if at < 26 { last.to_string() } else { format!("{}{last}", letter(at / 26 - 1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 27, 52, 701, 702].map(letter), ["a", "z", "aa", "ab", "ba", "zz", "aaa"]);
    }
}
