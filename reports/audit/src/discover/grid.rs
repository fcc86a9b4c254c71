//! A table as lines that depend on each other, place by place: columns over rows, or rows over columns.

use std::collections::HashMap;

use num_traits::ToPrimitive;

use super::{
    Place,
    names::{is_derived, is_difference, is_ratio},
};
use crate::{
    ledger::{Cell, Printed, Table},
    number::{Interval, Rational, nearest},
};

/// A printed number with its nearest binary numbers, which sort out what cannot matter before exact numbers decide.
#[derive(Clone, Copy)]
pub(super) struct Number<'a> {
    pub cell: &'a Cell,
    pub printed: &'a Printed,
    /// Nearest to the printed value.
    pub near: f64,
    /// Nearest to half a unit of the last printed digit.
    pub half: f64,
}

impl Number<'_> {
    pub fn interval(&self) -> Interval {
        self.printed.interval()
    }
}

/// A table seen along one direction.
#[derive(Clone)]
pub(super) struct Grid<'a> {
    pub table: &'a Table,
    /// Whether lines are the table's rows.
    pub rows_are_lines: bool,
    /// Keys of the lines.
    pub lines: Vec<&'a str>,
    /// Keys of the places on each line.
    pub places: Vec<&'a str>,
    numbers: Vec<Option<Number<'a>>>,
    /// Each line's dataset and unit.
    kinds: Vec<(Option<&'a str>, Option<&'a str>)>,
    /// Whether each line's name, and each place's, says that it is worked out from others.
    derived: (Vec<bool>, Vec<bool>),
    /// Whether each line's name, and each place's, says that it holds differences or quotients.
    compared: (Vec<bool>, Vec<bool>),
}

impl<'a> Grid<'a> {
    /// A table's columns as lines.
    pub fn of_columns(table: &'a Table) -> Self {
        let places: HashMap<&str, usize> = table.rows.iter().enumerate().map(|(place, row)| (row.as_str(), place)).collect();
        let lines: HashMap<&str, usize> = table.columns.iter().enumerate().map(|(line, column)| (column.as_str(), line)).collect();
        let mut numbers = vec![None; places.len() * lines.len()];
        for cell in &table.cells {
            if let (Some(printed), Some(place), Some(line)) = (&cell.value, places.get(cell.row.as_str()), lines.get(cell.column.as_str())) {
                numbers[line * places.len() + place] = Some(Number { cell, printed, near: rough(&printed.value), half: rough(&printed.half) });
            }
        }
        let keys = |keys: &'a [String]| -> Vec<&str> { keys.iter().map(String::as_str).collect() };
        let compared = |keys: &[String]| -> Vec<bool> { keys.iter().map(|key| is_difference(key) || is_ratio(key)).collect() };
        let derived = |keys: &[String]| -> Vec<bool> { keys.iter().map(|key| is_derived(key)).collect() };
        Self {
            table,
            rows_are_lines: false,
            lines: keys(&table.columns),
            places: keys(&table.rows),
            numbers,
            kinds: Vec::new(),
            derived: (derived(&table.columns), derived(&table.rows)),
            compared: (compared(&table.columns), compared(&table.rows)),
        }
        .with_kinds()
    }

    /// The other direction.
    pub fn turned(&self) -> Self {
        let numbers = (0..self.places.len()).flat_map(|place| (0..self.lines.len()).map(move |line| self.at(line, place))).collect();
        Self {
            table: self.table,
            rows_are_lines: !self.rows_are_lines,
            lines: self.places.clone(),
            places: self.lines.clone(),
            numbers,
            kinds: Vec::new(),
            derived: (self.derived.1.clone(), self.derived.0.clone()),
            compared: (self.compared.1.clone(), self.compared.0.clone()),
        }
        .with_kinds()
    }

    /// Notes each line's dataset and unit.
    fn with_kinds(mut self) -> Self {
        self.kinds = (0..self.lines.len()).map(|line| (self.common(line, |cell| &cell.dataset), self.common(line, |cell| &cell.unit))).collect();
        self
    }

    /// Both directions of a table: columns as lines, then rows as lines.
    pub fn both(table: &'a Table) -> [Self; 2] {
        let columns = Self::of_columns(table);
        let rows = columns.turned();
        [columns, rows]
    }

    /// The number of a line at a place.
    pub fn at(&self, line: usize, place: usize) -> Option<Number<'a>> {
        if place >= self.places.len() {
            return None;
        }
        self.numbers.get(line * self.places.len() + place).copied().flatten()
    }

    /// All numbers of a line with their places.
    pub fn line(&self, line: usize) -> impl Iterator<Item = (usize, Number<'a>)> + '_ {
        (0..self.places.len()).filter_map(move |place| Some((place, self.at(line, place)?)))
    }

    /// What all numbers of a line have in common by some property; `None` where they differ or there are none.
    fn common(&self, line: usize, property: impl Fn(&'a Cell) -> &'a str) -> Option<&'a str> {
        let mut all = self.line(line).map(|(_, number)| property(number.cell));
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// The dataset of a line, where it has one.
    pub fn dataset(&self, line: usize) -> Option<&'a str> {
        self.kinds.get(line).and_then(|kind| kind.0)
    }

    /// The unit of a line, where it has one.
    pub fn unit(&self, line: usize) -> Option<&'a str> {
        self.kinds.get(line).and_then(|kind| kind.1)
    }

    /// Whether a line's name says that it is worked out from others.
    pub fn is_derived(&self, line: usize) -> bool {
        self.derived.0.get(line).copied().unwrap_or_default()
    }

    /// Whether a place's name says that it is worked out from others.
    pub fn place_is_derived(&self, place: usize) -> bool {
        self.derived.1.get(place).copied().unwrap_or_default()
    }

    /// Whether a line's name says that it holds differences or quotients.
    pub fn is_compared(&self, line: usize) -> bool {
        self.compared.0.get(line).copied().unwrap_or_default()
    }

    /// Whether a place's name says that it holds differences or quotients.
    pub fn place_is_compared(&self, place: usize) -> bool {
        self.compared.1.get(place).copied().unwrap_or_default()
    }

    /// `column` or `row`: what lines are.
    pub fn line_is(&self) -> &'static str {
        if self.rows_are_lines { "row" } else { "column" }
    }

    /// `Table 4, column "X"`.
    pub fn where_is(&self, line: usize) -> String {
        format!("{}, {} \"{}\"", self.table.name(), self.line_is(), self.lines.get(line).copied().unwrap_or_default())
    }

    /// `Table 4, row "X", column "Y"`.
    pub fn where_is_cell(&self, number: &Number) -> String {
        format!("{}, row \"{}\", column \"{}\"", self.table.name(), number.cell.row, number.cell.column)
    }

    /// The cells of a finding.
    pub fn cells<'b>(&self, numbers: impl IntoIterator<Item = Number<'b>>) -> Vec<Place> {
        numbers
            .into_iter()
            .map(|number| Place { table: self.table.id.clone(), row: number.cell.row.clone(), column: number.cell.column.clone() })
            .collect()
    }
}

/// Within a few units of the last binary place, and faster than the nearest.
fn rough(value: &Rational) -> f64 {
    match (value.numer().to_i64(), value.denom().to_i64()) {
        (Some(numerator), Some(denominator)) => numerator as f64 / denominator as f64,
        _ => nearest(value),
    }
}

/// A number for people, with at most `decimals` digits after the point and no zeros behind.
pub(super) fn plain(value: &Rational, decimals: u32) -> String {
    let text = format!("{:.*}", decimals.min(12) as usize, nearest(value));
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".into() } else { text.to_owned() }
}

/// `1.2 to 1.3`.
pub(super) fn range(interval: &Interval, decimals: u32) -> String {
    if interval.is_point() {
        return plain(&interval.lo, decimals);
    }
    format!("{} to {}", plain(&interval.lo, decimals), plain(&interval.hi, decimals))
}

/// `A, B and C`, of which at most `most` are named.
pub(super) fn listed(names: &[String], most: usize) -> String {
    let hidden = names.len().saturating_sub(most);
    let shown = &names[..names.len().min(most)];
    match (shown.split_last(), hidden) {
        (None, _) => String::new(),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, rest)), 0) => format!("{} and {last}", rest.join(", ")),
        (Some(_), hidden) => format!("{} and {hidden} more", shown.join(", ")),
    }
}
