//! A table in the making: numbers go in unrounded, and stand as printed.

use crate::ledger::{Cell, Mark, Printed, Table};

/// What a cell measures.
#[derive(Clone, Default)]
pub(super) struct Kind {
    pub dataset: String,
    pub condition: String,
    pub metric: String,
    pub unit: &'static str,
    pub better: Option<bool>,
    pub seeds: Option<u32>,
    /// Digits behind the point.
    pub digits: usize,
    /// Whether a sign is always printed.
    pub signed: bool,
}

/// A table in the making.
pub(super) struct Sheet {
    pub table: Table,
}

impl Sheet {
    pub(super) fn new(id: &str) -> Self {
        Self { table: Table::empty("honest", id, &format!("honest-table{id}.csv")) }
    }

    /// Prints a number, with its deviation; `None` leaves the cell empty.
    pub(super) fn put(&mut self, row: &str, column: &str, kind: &Kind, value: Option<f64>, std: Option<f64>) {
        let Kind { digits, unit, .. } = *kind;
        let text = value.map(|value| if kind.signed { format!("{value:+.digits$}") } else { format!("{value:.digits$}") });
        let std = if text.is_some() { std.map(|std| format!("{std:.digits$}")) } else { None };
        self.table.push(Cell {
            row: row.to_owned(),
            column: column.to_owned(),
            method: row.to_owned(),
            variant: String::new(),
            dataset: kind.dataset.clone(),
            condition: kind.condition.clone(),
            metric: kind.metric.clone(),
            value: text.and_then(|text| Printed::parse(&text, unit)),
            std: std.and_then(|std| Printed::parse(&std, unit)),
            seeds: kind.seeds,
            unit: unit.to_owned(),
            higher_is_better: kind.better,
            marked: Mark::None,
            note: String::new(),
            line: None,
        });
    }

    /// The number that a cell shows.
    pub(super) fn shown(&self, row: &str, column: &str) -> Option<f64> {
        self.table.cell(row, column).and_then(|cell| cell.value.as_ref()).map(|value| crate::number::nearest(&value.value))
    }

    /// Marks the best and the second best printed value of each column among these rows; equal values share a mark.
    pub(super) fn mark(&mut self, rows: &[String]) {
        for column in self.table.columns.clone() {
            let mut values: Vec<f64> = rows.iter().filter_map(|row| self.shown(row, &column)).collect();
            let better = self.table.column(&column).find_map(|cell| cell.higher_is_better);
            let Some(better) = better else { continue };
            values.sort_by(f64::total_cmp);
            values.dedup();
            if better {
                values.reverse();
            }
            for cell in self.table.cells.iter_mut().filter(|cell| cell.column == column && rows.contains(&cell.row)) {
                let shown = cell.value.as_ref().map(|value| crate::number::nearest(&value.value));
                cell.marked = match values.iter().position(|value| Some(*value) == shown) {
                    Some(0) => Mark::Best,
                    Some(1) => Mark::Second,
                    _ => Mark::None,
                };
            }
        }
    }
}
