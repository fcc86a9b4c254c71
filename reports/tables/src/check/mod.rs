/*!
Whether a committed table says what the results say.

A Markdown file may have anything around its tables: each stands between `<!-- table raml-1 -->` and `<!-- end raml-1 -->`, as it was rendered. Cells are compared as
text after white space is made equal, so a mark, a flag's number or a stand-in's name that changed is a difference as well. What stands under a table is not
compared, nor whether the file has all tables that the results have.
*/

mod align;
mod parse;

use std::{collections::BTreeMap, fmt};

use thiserror::Error;

use self::{
    align::align,
    parse::{Grid, normal, without_marks},
};
use crate::{
    render,
    table::{Collection, Table},
};

/// Why a file cannot be checked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckError {
    /// No marked table.
    #[error("the file has no table between `<!-- table ID -->` and `<!-- end ID -->`")]
    NoTables,
    /// A table does not end.
    #[error("table `{0}` has no `<!-- end {0} -->`")]
    Open(String),
    /// Nothing between the marks.
    #[error("there is no table between the marks of `{0}`")]
    Empty(String),
    /// The results do not have it.
    #[error("the file has table `{0}`, the results do not")]
    Unknown(String),
    /// No CSV of tables.
    #[error("not the CSV of tables: {0}")]
    Csv(String),
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its label.
    pub label: String,
    /// Which of the measured lines below it, from 1; `None` for the printed line.
    pub line: Option<usize>,
}

/// What is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A cell; an empty `column` is the row's label.
    Cell {
        /// Its row.
        row: Place,
        /// Its head; in CSV with the name of the field.
        column: String,
        /// What the file says.
        file: String,
        /// What the results say.
        results: String,
    },
    /// The results have this row, the file does not.
    RowMissing(Place),
    /// The file has this row, the results do not.
    RowExtra(Place),
    /// This row stands between other rows in the results.
    RowMoved(Place),
    /// The results have this column, the file does not.
    ColumnMissing(String),
    /// The file has this column, the results do not.
    ColumnExtra(String),
    /// This column stands between other columns in the results.
    ColumnMoved(String),
}

/// Something in which a file and the results are not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Id of the table.
    pub table: String,
    /// What.
    pub what: What,
}

/// Ids of the tables that a Markdown file has, in its order.
///
/// # Errors
/// A file without marked tables, or with marks that do not fit.
pub fn tables(committed: &str) -> Result<Vec<String>, CheckError> {
    Ok(parse::grids(committed)?.into_iter().map(|grid| grid.id).collect())
}

/// Compares each marked table of a Markdown file with the results.
///
/// # Errors
/// A file without marked tables, with marks that do not fit, or with a table that `fresh` lacks.
pub fn check(committed: &str, fresh: &Collection) -> Result<Vec<Difference>, CheckError> {
    let mut differences = Vec::new();
    for file in parse::grids(committed)? {
        let table = fresh.tables.iter().find(|table| table.id == file.id).ok_or_else(|| CheckError::Unknown(file.id.clone()))?;
        compare(&file, &rendered(table), &mut differences);
    }
    Ok(differences)
}

/// Compares a CSV file with the results, field by field.
///
/// # Errors
/// Text that is no CSV of tables, or has a table that `fresh` lacks.
pub fn check_csv(committed: &str, fresh: &Collection) -> Result<Vec<Difference>, CheckError> {
    let mut results: BTreeMap<String, Grid> = parse::csv_grids(&render::csv(fresh))?.into_iter().map(|grid| (grid.id.clone(), grid)).collect();
    let files = parse::csv_grids(committed)?;
    if files.is_empty() {
        return Err(CheckError::Csv("it has no lines".into()));
    }
    let mut differences = Vec::new();
    for file in files {
        let results = results.remove(&file.id).ok_or_else(|| CheckError::Unknown(file.id.clone()))?;
        compare(&file, &results, &mut differences);
    }
    Ok(differences)
}

/// A table of the results in the shape of a file's.
fn rendered(table: &Table) -> Grid {
    let cells = |row: Vec<String>| row.iter().map(|cell| normal(cell)).collect::<Vec<_>>();
    Grid::new(table.id.clone(), cells(render::head(table)), render::cells(table).into_iter().map(cells).collect())
}

fn compare(file: &Grid, results: &Grid, differences: &mut Vec<Difference>) {
    let mut add = |what| differences.push(Difference { table: file.id.clone(), what });
    let columns = align(&file.head, &results.head);
    let shown = |head: &[String], at: usize| head.get(at).map_or_else(String::new, |head| without_marks(&head.replace("<br>", " ")));
    columns.missing.iter().for_each(|&at| add(What::ColumnMissing(shown(&results.head, at))));
    columns.extra.iter().for_each(|&at| add(What::ColumnExtra(shown(&file.head, at))));
    columns.moved.iter().for_each(|&(_, at)| add(What::ColumnMoved(shown(&results.head, at))));
    let rows = align(&file.places, &results.places);
    let place = |places: &[Place], at: usize| places.get(at).cloned().unwrap_or(Place { label: String::new(), line: None });
    rows.missing.iter().for_each(|&at| add(What::RowMissing(place(&results.places, at))));
    rows.extra.iter().for_each(|&at| add(What::RowExtra(place(&file.places, at))));
    // A row takes the lines below it along.
    rows.moved.iter().map(|&(_, at)| place(&results.places, at)).filter(|place| place.line.is_none()).for_each(|place| add(What::RowMoved(place)));
    for (there, here) in rows.pairs() {
        let (Some(old), Some(new)) = (file.rows.get(there), results.rows.get(here)) else { continue };
        let mut compare_cell = |old_at: usize, new_at: usize| {
            let text = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
            let (old, new) = (text(old, old_at), text(new, new_at));
            if old != new {
                // The first column holds labels.
                let column = if new_at == 0 { String::new() } else { shown(&results.head, new_at) };
                add(What::Cell { row: place(&results.places, here), column, file: old, results: new });
            }
        };
        columns.pairs().for_each(|(old, new)| compare_cell(old, new));
        // What a row has behind the last column.
        (file.head.len()..old.len()).for_each(|at| compare_cell(at, usize::MAX));
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            None => write!(out, "row `{}`", self.label),
            Some(line) => write!(out, "measured line {line} of row `{}`", self.label),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.table)?;
        match &self.what {
            What::Cell { row, column, file, results } => {
                let column = if column.is_empty() { "its label".into() } else { format!("column `{column}`") };
                write!(out, "{row}, {column}: the file says `{file}`, the results say `{results}`")
            }
            What::RowMissing(row) => write!(out, "{row} is missing in the file"),
            What::RowExtra(row) => write!(out, "{row} is in the file, but not in the results"),
            What::RowMoved(row) => write!(out, "{row} stands elsewhere in the results"),
            What::ColumnMissing(column) => write!(out, "column `{column}` is missing in the file"),
            What::ColumnExtra(column) => write!(out, "column `{column}` is in the file, but not in the results"),
            What::ColumnMoved(column) => write!(out, "column `{column}` stands elsewhere in the results"),
        }
    }
}
