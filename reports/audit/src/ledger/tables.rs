//! `tables/<paper>-table<id>.csv`: one cell a row.

use serde::Deserialize;

use super::{Cell, LedgerError, Mark, Printed, Table};
use crate::number::decimal;

/// One row of the file; only the first three are needed.
#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    paper: String,
    #[serde(default)]
    table: String,
    row_key: String,
    col_key: String,
    value_raw: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    row_method: Option<String>,
    #[serde(default)]
    row_variant: String,
    #[serde(default)]
    dataset: String,
    #[serde(default)]
    condition: String,
    #[serde(default)]
    metric: String,
    #[serde(default)]
    std_raw: String,
    #[serde(default)]
    n_seeds: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    higher_is_better: String,
    #[serde(default)]
    marked: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    line: String,
}

/// Reads one table. Paper and number are those of the rows, else of the file's name.
pub fn table(file: &str, text: &str) -> Result<Table, LedgerError> {
    let (named_paper, named_table) = from_name(file);
    let mut table = Table::empty("", "", file);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| LedgerError::malformed(file, error.to_string()))?.clone();
    for needed in ["row_key", "col_key", "value_raw"] {
        if !headers.iter().any(|header| header == needed) {
            return Err(LedgerError::malformed(file, format!("there is no column \"{needed}\" (a ledger's table has one cell a row)")));
        }
    }
    for record in reader.records() {
        let record = record.map_err(|error| LedgerError::malformed(file, error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let fault = |reason: String| LedgerError::Row { file: file.to_owned(), line, reason };
        let record: Record = record.deserialize(Some(&headers)).map_err(|error| fault(error.to_string()))?;
        let paper = if record.paper.is_empty() { named_paper.clone() } else { record.paper.clone() };
        let id = if record.table.is_empty() { named_table.clone() } else { record.table.clone() };
        if paper.is_empty() || id.is_empty() {
            return Err(fault("neither the columns paper and table nor a file name like NAME-table3.csv say which table this is".into()));
        }
        if table.cells.is_empty() {
            (table.paper, table.id) = (paper, id);
        } else if (&table.paper, &table.id) != (&paper, &id) {
            return Err(fault(format!("a file holds one table, but {} {} and {paper} {id} are both here", table.paper, table.id)));
        }
        let cell = cell(record).map_err(fault)?;
        let (row, column) = (cell.row.clone(), cell.column.clone());
        if !table.push(cell) {
            return Err(fault(format!("row \"{row}\", column \"{column}\" is here twice")));
        }
    }
    if table.cells.is_empty() {
        return Err(LedgerError::malformed(file, "there is no cell in it"));
    }
    Ok(table)
}

fn cell(record: Record) -> Result<Cell, String> {
    let number = |name: &str, text: &str| {
        if text.is_empty() {
            return Ok(None);
        }
        Printed::parse(text, &record.unit).map(Some).ok_or_else(|| format!("{name} \"{text}\" is not a number"))
    };
    let value = number("value_raw", &record.value_raw)?;
    let std = number("std_raw", &record.std_raw)?;
    if std.as_ref().is_some_and(|std| num_traits::Signed::is_negative(&std.value)) {
        return Err(format!("the standard deviation \"{}\" is negative", record.std_raw));
    }
    if let (Some(printed), false) = (&value, record.value.is_empty())
        && decimal(record.value.trim()).is_none_or(|value| value != printed.value)
    {
        return Err(format!("value \"{}\" is not what value_raw \"{}\" says; leave value empty or mend it", record.value, record.value_raw));
    }
    let higher_is_better = match record.higher_is_better.as_str() {
        "" => None,
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        other => return Err(format!("higher_is_better is \"{other}\"; it is 1, 0 or empty")),
    };
    let marked = match record.marked.as_str() {
        "" | "none" => Mark::None,
        "best" => Mark::Best,
        "second" => Mark::Second,
        other => return Err(format!("marked is \"{other}\"; it is best, second or none")),
    };
    let seeds: String = record.n_seeds.chars().take_while(char::is_ascii_digit).collect();
    Ok(Cell {
        method: record.row_method.unwrap_or_else(|| record.row_key.clone()),
        row: record.row_key,
        column: record.col_key,
        variant: record.row_variant,
        dataset: record.dataset,
        condition: record.condition,
        metric: record.metric,
        value,
        std,
        seeds: seeds.parse().ok().filter(|seeds| *seeds > 0),
        unit: record.unit,
        higher_is_better,
        marked,
        note: record.note,
        line: record.line.parse().ok(),
    })
}

/// Paper and table of `raml-tableIV.csv`.
fn from_name(file: &str) -> (String, String) {
    let stem = std::path::Path::new(file).file_stem().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    stem.split_once("-table").map_or_else(|| (String::new(), String::new()), |(paper, id)| (paper.to_owned(), id.to_owned()))
}
