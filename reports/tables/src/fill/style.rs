//! The paper's units and decimals, also for cells that it leaves empty.

use bench_audit::ledger;

use crate::{Spec, spec::Measure};

/// How a number is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    /// Factor from the quantity's own unit: 100 where the paper prints percent.
    pub scale: f64,
    decimals: usize,
}

/// Most digits behind the point.
const MOST_DECIMALS: usize = 9;

impl Look {
    /// Digits behind the point: the paper's, or as many as show two digits of a number that would print as zero.
    pub fn decimals_for(self, value: f64) -> usize {
        let prints_as_zero = |decimals: usize| format!("{value:.decimals$}").chars().all(|c| !c.is_ascii_digit() || c == '0');
        if value == 0.0 || !value.is_finite() || !prints_as_zero(self.decimals) {
            return self.decimals;
        }
        (self.decimals..MOST_DECIMALS).find(|&decimals| !prints_as_zero(decimals)).map_or(MOST_DECIMALS, |first| first + 1)
    }
}

/// The looks of a table's cells.
pub(super) struct Style {
    looks: Vec<Vec<Look>>,
}

impl Style {
    /// From the table as printed: a cell without a number looks as others of its column (its row, where rows say what is measured).
    pub fn of(spec: &Spec, printed: Option<&ledger::Table>) -> Self {
        let by_row = spec.rows.iter().any(|row| row.meaning.measure.is_some()) && spec.columns.iter().all(|column| column.meaning.measure.is_none());
        let cell = |row: usize, column: usize| {
            let (row, column) = spec.address(&spec.rows[row], &spec.columns[column]);
            printed.and_then(|table| table.cell(row, column)).filter(|cell| cell.value.is_some())
        };
        let look = |row: usize, column: usize| {
            let own = cell(row, column);
            let peers: Vec<&ledger::Cell> = if by_row {
                (0..spec.columns.len()).filter_map(|column| cell(row, column)).collect()
            } else {
                (0..spec.rows.len()).filter_map(|row| cell(row, column)).collect()
            };
            let unit = own.or_else(|| peers.first().copied()).map(|cell| cell.unit.as_str());
            let decimals =
                peers.iter().filter(|peer| Some(peer.unit.as_str()) == unit).filter_map(|peer| peer.value.as_ref()).map(ledger::Printed::decimals);
            let meaning = spec.meaning(&spec.rows[row], &spec.columns[column]).ok();
            let (scale, otherwise) = usual(meaning.as_ref().and_then(|meaning| meaning.measure.as_ref()));
            Look {
                scale: unit.map_or(scale, |unit| if matches!(unit, "%" | "pp" | "x100") { 100.0 } else { 1.0 }),
                decimals: decimals.max().map_or(otherwise, |decimals| decimals as usize),
            }
        };
        let looks = (0..spec.rows.len()).map(|row| (0..spec.columns.len()).map(|column| look(row, column)).collect()).collect();
        Self { looks }
    }

    pub fn look(&self, row: usize, column: usize) -> Look {
        self.looks[row][column]
    }
}

/// Scale and decimals where the paper prints nothing.
fn usual(measure: Option<&Measure>) -> (f64, usize) {
    match measure {
        Some(Measure::Metric(metric)) if !metric.in_percent() => (1.0, 3),
        Some(Measure::Metric(_) | Measure::Acc2 | Measure::F1OfTwo | Measure::Acc7 | Measure::ClassF1(_) | Measure::RelativeDeviation(_)) => {
            (100.0, 1)
        }
        Some(Measure::Parameters | Measure::Of(_) | Measure::Batch) => (1.0, 0),
        _ => (1.0, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_number_gets_digits_until_it_shows_and_one_more() {
        let look = |decimals| Look { scale: 1.0, decimals };
        assert_eq!(look(1).decimals_for(5.7), 1);
        assert_eq!(look(1).decimals_for(0.0123), 3);
        assert_eq!(look(2).decimals_for(-0.004), 4);
        assert_eq!((look(1).decimals_for(0.0), look(1).decimals_for(1e-12)), (1, 9));
    }
}
