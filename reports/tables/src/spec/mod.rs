/*!
A table as data: rows and columns as trees, whose leaves say what a cell is of.

What a cell measures is what its row and its column say together, so a table may have its methods in rows or in columns. A branch of a tree is a heading,
and what it says holds for all its leaves.
*/

mod builtin;
mod derive;
mod meaning;
mod measure;
mod names;
mod validate;

use std::collections::BTreeMap;

use bench_card::{MethodRef, Options};
use serde::Deserialize;
use thiserror::Error;

pub use builtin::{builtin, paper_datasets};
pub use derive::{Derive, Place};
pub use meaning::{Meaning, Preset};
pub use measure::{Cost, Measure, Of};
pub use names::{Chosen, choose};

use crate::reported;

/// Format of the files.
const FORMAT: u32 = 1;

/// A table of a paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// `raml-1`: the paper's short name in commands, and the number in Arabic digits; `def-aaf-figure2` for a figure.
    pub id: String,
    /// Short name of the paper in the ledger, `raml`.
    pub paper: String,
    /// Number of the table in the ledger, `I`; `None` for what the ledger does not have (figures).
    pub ledger: Option<String>,
    /// What is printed before the caption: `Table I`.
    pub number: String,
    /// What it shows, in words of ours.
    pub caption: String,
    /// The suite that holds its conditions, with its version; `None` where nothing is evaluated.
    pub suite: Option<String>,
    /// Head of the row labels.
    pub corner: String,
    /// Row (or column, where methods are columns) that others are tested against: its key.
    pub reference: Option<String>,
    /// Whether the ledger has this table's columns as rows.
    pub transposed: bool,
    /// In the paper's order.
    pub rows: Vec<Leaf>,
    /// In the paper's order.
    pub columns: Vec<Leaf>,
    /// What a reader must know of our reading.
    pub notes: Vec<String>,
}

/// A row or column.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Its key in the ledger.
    pub key: String,
    /// Labels from the outermost heading to its own.
    pub labels: Vec<String>,
    /// What it says of its cells.
    pub meaning: Meaning,
    /// Of a row: cells, by the column's key, that the ledger has elsewhere than under the two keys.
    pub cells: BTreeMap<String, Elsewhere>,
}

/// A cell of a table whose print the ledger arranges in another way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// Key of the row in the ledger.
    pub row: String,
    /// Key of the column in the ledger.
    pub column: String,
    /// The quantity, where neither row nor column can say it alone.
    pub measure: Option<Measure>,
}

/// A dataset that a paper uses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperDataset {
    /// The name that it has here, once somebody has imported it.
    pub name: String,
    /// What it holds, and where it is to be had.
    pub about: String,
    /// Parts of its modalities, as tables name them: `I`, `T`, `A`, `V`.
    pub parts: Vec<String>,
}

/// Why a file is no table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("table file {file}: {reason}")]
pub struct SpecError {
    /// The file.
    pub file: String,
    /// What is wrong, and where.
    pub reason: String,
}

impl Spec {
    /// Reads a table from the text of `file`.
    ///
    /// # Errors
    /// Text that is no TOML, unknown fields, leaves without a key, or values that cannot be read.
    pub fn read(file: &str, text: &str) -> Result<Self, SpecError> {
        let fail = |reason: String| SpecError { file: file.to_owned(), reason };
        let raw: Raw = toml::from_str(text).map_err(|error| fail(error.to_string().trim_end().to_owned()))?;
        if raw.format != FORMAT {
            return Err(fail(format!("`format` is {}, this program reads {FORMAT}", raw.format)));
        }
        let leaves = |kind: &str, nodes: Vec<Node>| -> Result<Vec<Leaf>, SpecError> {
            let mut leaves = Vec::new();
            for node in nodes {
                node.flatten(kind, &[], &Meaning::default(), &mut leaves).map_err(&fail)?;
            }
            if leaves.is_empty() { Err(fail(format!("there are no {kind}"))) } else { Ok(leaves) }
        };
        Ok(Self {
            rows: leaves("rows", raw.rows)?,
            columns: leaves("columns", raw.columns)?,
            number: raw.number.unwrap_or_else(|| format!("Table {}", raw.ledger.as_deref().unwrap_or_default())),
            id: raw.id,
            paper: raw.paper,
            ledger: raw.ledger,
            caption: raw.caption,
            suite: raw.suite,
            corner: raw.corner,
            reference: raw.reference,
            transposed: raw.transposed,
            notes: raw.notes,
        })
    }

    /// What the cell of a row and a column is of, or why row and column do not go together.
    ///
    /// # Errors
    /// Where both say something else of the same thing.
    pub fn meaning(&self, row: &Leaf, column: &Leaf) -> Result<Meaning, String> {
        let joined =
            row.meaning.joined(&column.meaning).map_err(|what| format!("row `{}` and column `{}` both say `{what}`", row.key, column.key))?;
        let own = row.cells.get(&column.key).and_then(|cell| cell.measure.clone());
        Ok(Meaning { measure: own.or(joined.measure.clone()), ..joined })
    }

    /// Whether a filled table has this one's rows and columns; one that was made from an older file may not.
    pub fn is_of(&self, table: &crate::table::Table) -> bool {
        let rows = self.rows.iter().map(|leaf| leaf.labels.last()).eq(table.rows.iter().map(|row| Some(&row.label)));
        let label = |path: &Vec<String>| path.iter().rev().find(|label| !label.is_empty()).cloned();
        rows && self.columns.iter().map(|leaf| label(&leaf.labels)).eq(table.columns.iter().map(label))
    }

    /// Key of the row and key of the column in the ledger.
    pub fn address<'a>(&self, row: &'a Leaf, column: &'a Leaf) -> (&'a str, &'a str) {
        if let Some(cell) = row.cells.get(&column.key) {
            return (&cell.row, &cell.column);
        }
        if self.transposed { (&column.key, &row.key) } else { (&row.key, &column.key) }
    }

    /// The paper's datasets that cells are measured on, in the order in which they come; none of which all cells are reported only.
    pub fn datasets(&self) -> Vec<&str> {
        let open = |leaf: &&Leaf| leaf.meaning.reported_only.is_none();
        let (rows, columns): (Vec<&Leaf>, Vec<&Leaf>) = (self.rows.iter().filter(open).collect(), self.columns.iter().filter(open).collect());
        let mut names: Vec<&str> = Vec::new();
        if rows.is_empty() || columns.is_empty() {
            return names;
        }
        for leaf in columns.into_iter().chain(rows) {
            if let Some(dataset) = leaf.meaning.dataset.as_deref().filter(|dataset| !names.contains(dataset)) {
                names.push(dataset);
            }
        }
        names
    }
}

/// A file as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: u32,
    id: String,
    paper: String,
    ledger: Option<String>,
    number: Option<String>,
    caption: String,
    suite: Option<String>,
    corner: String,
    reference: Option<String>,
    #[serde(default)]
    transposed: bool,
    rows: Vec<Node>,
    columns: Vec<Node>,
    #[serde(default)]
    notes: Vec<String>,
}

/// A node of the tree of rows or columns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Node {
    /// Of a leaf.
    key: Option<String>,
    /// Default: the key.
    label: Option<String>,
    /// Of a branch.
    #[serde(default)]
    of: Vec<Node>,
    method: Option<MethodRef>,
    #[serde(default, rename = "with")]
    options: Options,
    preset: Option<Preset>,
    start: Option<String>,
    #[serde(default)]
    freeze: Option<bool>,
    dataset: Option<String>,
    condition: Option<String>,
    measure: Option<Measure>,
    derive: Option<Derive>,
    reported_only: Option<String>,
    reported: Option<String>,
    /// Of a leaf of the rows.
    #[serde(default)]
    cells: BTreeMap<String, Elsewhere>,
}

impl Node {
    fn flatten(self, kind: &str, above: &[String], inherited: &Meaning, leaves: &mut Vec<Leaf>) -> Result<(), String> {
        let label = self.label.or_else(|| self.key.clone()).ok_or_else(|| format!("one of the {kind} has neither `label` nor `key`"))?;
        if self.reported.is_some() && (self.method.is_some() || self.reported_only.is_some()) {
            return Err(format!("`{label}` of the {kind} has `reported` beside `method` or `reported_only`"));
        }
        let reason = self.reported.as_deref().map(reason).transpose()?;
        let own = Meaning {
            method: self.method,
            options: self.options,
            preset: self.preset,
            start: self.start,
            freeze: self.freeze,
            dataset: self.dataset,
            condition: self.condition,
            measure: self.measure,
            derive: self.derive,
            reported_only: self.reported_only.or(reason),
            reported: self.reported,
        };
        let meaning = own.over(inherited);
        let labels: Vec<String> = above.iter().cloned().chain([label.clone()]).collect();
        if !self.cells.is_empty() && (kind != "rows" || !self.of.is_empty()) {
            return Err(format!("`{label}` of the {kind} has `cells`, which only a leaf of the rows may have"));
        }
        match (self.key, self.of.is_empty()) {
            (Some(key), true) => leaves.push(Leaf { key, labels, meaning, cells: self.cells }),
            (None, false) => {
                for node in self.of {
                    node.flatten(kind, &labels, &meaning, leaves)?;
                }
            }
            (Some(_), false) => return Err(format!("`{label}` of the {kind} has both `key` and `of`")),
            (None, true) => return Err(format!("`{label}` of the {kind} has neither `key` nor `of`")),
        }
        Ok(())
    }
}

/// Why nothing is measured in the row of a method that is reported only.
fn reason(name: &str) -> Result<String, String> {
    let all = reported::builtin().map_err(|error| error.to_string())?;
    let found = all.iter().find(|method| method.name == name).map(reported::ReportedOnly::reason);
    found.ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|method| method.name.as_str()).collect();
        format!("there is no method `{name}` that is reported only; known are {}", known.join(", "))
    })
}

/// The paper's datasets by the name that its tables use.
pub type PaperDatasets = BTreeMap<String, PaperDataset>;
