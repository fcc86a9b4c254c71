/*!
What the papers say in words about their tables, held against what was measured: which method is ahead, what hurts most, what degrades least.

A statement is a set of differences between cells that should all be above zero. It is judged on each dataset by paired t-tests over seeds, corrected by
Holm within the statement and dataset.
*/

mod judge;
mod page;

use serde::Deserialize;

pub use judge::{Finding, Judged, Lean, Printed, judge};
pub use page::page;

use crate::{Spec, SpecError, table::Table};

const STATEMENTS: &str = include_str!("../../data/reading.toml");

/// A sentence of a paper about one of its tables.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Unique name.
    pub id: String,
    /// The table, `raml-1`.
    pub table: String,
    /// What it says, in words of ours.
    pub says: String,
    /// Place in the paper.
    pub at: String,
    /// What is compared.
    #[serde(default)]
    pub compare: Axis,
    /// Keys of what is ahead.
    pub these: Vec<String>,
    /// Keys of what is behind; `others` for all that are measured and not in `these`.
    pub than: Vec<String>,
    /// Keys along the other axis in which it holds.
    pub on: Vec<String>,
    /// Key along the other axis that degradation is measured from: then drops are compared, and the smaller one is ahead.
    pub from: Option<String>,
    /// Whether less is better.
    #[serde(default)]
    pub lower_is_better: bool,
    /// By how much at least, in the table's unit, where the sentence is about a large difference.
    #[serde(default)]
    pub by: f64,
    /// What a reader must know of our reading.
    #[serde(default)]
    pub note: String,
}

/// What stands against each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// Rows, within columns.
    #[default]
    Rows,
    /// Columns, within rows.
    Columns,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    statements: Vec<Statement>,
}

/// The statements that are built in.
///
/// # Errors
/// A file that cannot be read.
pub fn builtin() -> Result<Vec<Statement>, SpecError> {
    let fail = |reason: String| SpecError { file: "reading.toml".into(), reason };
    let file: File = toml::from_str(STATEMENTS).map_err(|error| fail(error.to_string().trim_end().to_owned()))?;
    if file.format == 1 { Ok(file.statements) } else { Err(fail(format!("`format` is {}, this program reads 1", file.format))) }
}

impl Statement {
    /// Keys that it names and the table does not have.
    pub fn unknown_keys<'a>(&'a self, spec: &Spec) -> Vec<&'a str> {
        let (own, other) = match self.compare {
            Axis::Rows => (&spec.rows, &spec.columns),
            Axis::Columns => (&spec.columns, &spec.rows),
        };
        let compared =
            self.these.iter().chain(self.than.iter().filter(|key| *key != "others")).filter(|key| !own.iter().any(|leaf| leaf.key == **key));
        let along = self.on.iter().chain(&self.from).filter(|key| !other.iter().any(|leaf| leaf.key == **key));
        compared.chain(along).map(String::as_str).collect()
    }

    /// Cell of a compared key and a key along the other axis.
    fn cell<'a>(&self, spec: &Spec, table: &'a Table, compared: &str, along: &str) -> Option<&'a crate::table::Cell> {
        let (row, column) = match self.compare {
            Axis::Rows => (compared, along),
            Axis::Columns => (along, compared),
        };
        let row = spec.rows.iter().position(|leaf| leaf.key == row)?;
        let column = spec.columns.iter().position(|leaf| leaf.key == column)?;
        table.rows.get(row)?.cells.get(column)
    }

    /// Keys of what it compares with.
    fn others<'a>(&'a self, spec: &'a Spec) -> Vec<&'a str> {
        let own = match self.compare {
            Axis::Rows => &spec.rows,
            Axis::Columns => &spec.columns,
        };
        if self.than.iter().any(|key| key == "others") {
            own.iter().filter(|leaf| leaf.meaning.derive.is_none() && !self.these.contains(&leaf.key)).map(|leaf| leaf.key.as_str()).collect()
        } else {
            self.than.iter().map(String::as_str).collect()
        }
    }
}
