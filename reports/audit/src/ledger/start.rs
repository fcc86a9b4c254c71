//! A new ledger from plain tables.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Cell, LedgerError, Mark, Table, plain::plain};

const EXAMPLE: &str = include_str!("../../../ledgers/new/example.csv");
const CLAIMS: &str = include_str!("../../../ledgers/new/claims.toml");
const FACTS: &str = include_str!("../../../ledgers/new/facts.toml");
const PAPERS: &str = include_str!("../../../ledgers/new/papers.toml");

/// Columns of a ledger's table, in order.
const COLUMNS: [&str; 18] = [
    "paper",
    "table",
    "row_key",
    "col_key",
    "row_method",
    "row_variant",
    "dataset",
    "condition",
    "metric",
    "value_raw",
    "std_raw",
    "n_seeds",
    "unit",
    "higher_is_better",
    "marked",
    "note",
    "line",
    "value",
];

/// Writes a folder with these tables, and with `claims.toml`, `facts.toml` and `papers.toml` that explain themselves. Without tables there is a small example
/// with a claim that holds.
///
/// Returns what was written.
///
/// # Errors
/// Where the folder is not empty or cannot be written, or two tables have one paper and number.
pub fn start(folder: &Path, tables: &[Table]) -> Result<Vec<PathBuf>, LedgerError> {
    let failed = |path: &Path, source| LedgerError::Unwritable { file: path.display().to_string(), source };
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(LedgerError::malformed(&folder.display().to_string(), "the folder is not empty; a new ledger needs a folder of its own"));
    }
    let is_example = tables.is_empty();
    let example;
    let tables = if is_example {
        example = [plain("example.csv", EXAMPLE, "example", "1")?.table];
        &example[..]
    } else {
        tables
    };
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for table in tables {
        let path = folder.join("tables").join(format!("{}-table{}.csv", file_name(&table.paper), file_name(&table.id)));
        if files.iter().any(|(known, _)| *known == path) {
            return Err(LedgerError::malformed(&table.file, format!("table {} of \"{}\" is given twice", table.id, table.paper)));
        }
        files.push((path, as_csv(table).map_err(|error| LedgerError::malformed(&table.file, error))?));
    }
    let claim = tables.iter().find_map(|table| example_claim(table, is_example)).unwrap_or_default();
    for (name, text) in [("claims.toml", format!("{CLAIMS}{claim}")), ("facts.toml", FACTS.to_owned()), ("papers.toml", PAPERS.to_owned())] {
        files.push((folder.join(name), text.into_bytes()));
    }
    fs::create_dir_all(folder.join("tables")).map_err(|error| failed(folder, error))?;
    files
        .into_iter()
        .map(|(path, bytes)| match fs::write(&path, bytes) {
            Ok(()) => Ok(path),
            Err(error) => Err(failed(&path, error)),
        })
        .collect()
}

fn file_name(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+') { c } else { '_' }).collect()
}

fn as_csv(table: &Table) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|error| error.to_string())?;
    for cell in &table.cells {
        writer.write_record(record(table, cell)).map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

fn record(table: &Table, cell: &Cell) -> [String; COLUMNS.len()] {
    let mark = match cell.marked {
        Mark::None => "none",
        Mark::Best => "best",
        Mark::Second => "second",
    };
    let printed = |printed: &Option<super::Printed>| printed.as_ref().map_or_else(String::new, |printed| printed.text.clone());
    [
        table.paper.clone(),
        table.id.clone(),
        cell.row.clone(),
        cell.column.clone(),
        cell.method.clone(),
        cell.variant.clone(),
        cell.dataset.clone(),
        cell.condition.clone(),
        cell.metric.clone(),
        printed(&cell.value),
        printed(&cell.std),
        cell.seeds.map_or_else(String::new, |seeds| seeds.to_string()),
        cell.unit.clone(),
        cell.higher_is_better.map_or("", |better| if better { "1" } else { "0" }).to_owned(),
        mark.to_owned(),
        cell.note.clone(),
        cell.line.map_or_else(String::new, |line| line.to_string()),
        String::new(),
    ]
}

/// A claim on the difference of two rows: live in the example, as a comment over a user's own table (no paper says it).
fn example_claim(table: &Table, live: bool) -> Option<String> {
    let column = table.columns.iter().find(|column| table.column(column).filter(|cell| cell.value.is_some()).count() > 1)?;
    let cells: Vec<&Cell> = table.column(column).filter(|cell| cell.value.is_some()).collect();
    let (base, own) = (cells.first()?, cells.last()?);
    let difference = &own.value.as_ref()?.value - &base.value.as_ref()?.value;
    let decimals = own.value.as_ref()?.decimals().max(base.value.as_ref()?.decimals());
    let half = crate::number::nearest(&(crate::number::power_of_ten(-i32::try_from(decimals).ok()?) / crate::number::integer(2)));
    let (stated, digits) = (crate::number::nearest(&difference), decimals as usize);
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let (loc, quote) = (format!("Table {}", table.id), format!("{} against {}", own.row, base.row));
    let lines = [
        "[[claim]]".to_owned(),
        "id = \"example-difference\"".to_owned(),
        format!("paper = {}", quoted(&table.paper)),
        format!("loc = {}", quoted(&loc)),
        format!("quote = {}", quoted(&format!("{quote}: {stated:+.digits$}"))),
        "kind = \"delta\"".to_owned(),
        format!(
            "expr = '''cell(\"t{}\",{},{})-cell(\"t{}\",{},{})'''",
            table.id,
            quoted(&own.row),
            quoted(column),
            table.id,
            quoted(&base.row),
            quoted(column)
        ),
        "op = \"approx\"".to_owned(),
        format!("stated = \"{stated:+.digits$}\""),
        format!("stated_value = {stated:.digits$}{}", if digits == 0 { ".0" } else { "" }),
        format!("stated_lo = {:.*}", digits + 1, stated - half),
        format!("stated_hi = {:.*}", digits + 1, stated + half),
    ];
    let comment = if live { "" } else { "# " };
    Some(format!("\n{}\n", lines.map(|line| format!("{comment}{line}")).join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{read_folder, read_plain};

    #[test]
    fn the_example_is_a_ledger_that_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let written = start(folder.path(), &[]).unwrap();
        assert_eq!(written.len(), 4);
        let ledger = read_folder(folder.path()).unwrap();
        assert_eq!((ledger.tables.len(), ledger.claims.len()), (1, 1));
        assert_eq!(ledger.claims[0].expr, r#"cell("t1","Ours","Digits.Acc")-cell("t1","Concat","Digits.Acc")"#);
        assert_eq!(ledger.claims[0].stated, "+1.87");
        assert_eq!(ledger.tables[0].cell("Ours", "Digits.Acc").unwrap().marked, Mark::Best);
        assert!(start(folder.path(), &[]).unwrap_err().to_string().contains("not empty"));
    }

    #[test]
    fn a_table_survives_the_way_into_a_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.csv");
        fs::write(&file, "m,\"Acc, macro (%)\",Parameters\n\"A \"\"x\"\"\",**85.0±0.2**,40M\nB,84.1,7B\n").unwrap();
        let table = read_plain(&file, "mine", "3").unwrap().table;
        let ledger = folder.path().join("ledger");
        start(&ledger, std::slice::from_ref(&table)).unwrap();
        let read = read_folder(&ledger).unwrap();
        assert!(read.claims.is_empty(), "no paper says the example of a user's own table");
        for (before, after) in table.cells.iter().zip(&read.tables[0].cells) {
            assert_eq!(Cell { line: None, ..before.clone() }, Cell { line: None, ..after.clone() });
        }
    }
}
