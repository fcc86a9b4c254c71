//! Cells that are computed from other cells of the same table, seed by seed.

use serde::Deserialize;

/// How a cell is computed from others.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "op", deny_unknown_fields)]
pub enum Derive {
    /// `a − b`.
    Difference {
        /// What is taken from.
        #[serde(default)]
        a: Place,
        /// What is taken away.
        b: Place,
    },
    /// `a / b`, times `times`.
    Quotient {
        /// Above.
        #[serde(default)]
        a: Place,
        /// Below.
        b: Place,
        /// A factor, 1 where nothing is said.
        #[serde(default = "one")]
        times: f64,
    },
    /// The sum of some cells.
    Sum {
        /// Which.
        of: Vec<Place>,
    },
    /// Mean of some cells.
    Mean {
        /// Which.
        of: Vec<Place>,
    },
    /// `row` minus the best of all other rows of the same column that are measured.
    Lead {
        /// The row that leads, or does not.
        row: String,
    },
    /// The largest drop of any of the rows from its own best column: cell minus peak, so that it is negative or 0.
    MaxDrop {
        /// Rows that are looked at.
        rows: Vec<String>,
    },
    /// The mean drop of these rows from their own best columns.
    MeanDrop {
        /// Rows that are looked at.
        rows: Vec<String>,
    },
}

/// Another cell: where a key is not given, that of the cell itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Key of the row, as the table prints it (rows across).
    pub row: Option<String>,
    /// Key of the column.
    pub column: Option<String>,
}

fn one() -> f64 {
    1.0
}
