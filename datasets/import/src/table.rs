//! Tables of text: CSV and its relatives.

use std::{
    fs::File,
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use bench_readers::{Array, ReadError, Source};
use csv::{ErrorKind, ReaderBuilder, StringRecord};

use crate::ImportError;

/// Cells that stand for a missing number, besides empty ones.
const MISSING: [&str; 7] = ["NA", "N/A", "NULL", "null", "None", "?", "#N/A"];

/// How a table is written.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    /// Whether the first line names the columns.
    pub(crate) header: bool,
    /// Names of the columns, instead of the header's.
    pub(crate) columns: Option<Vec<String>>,
    /// What stands between two cells.
    pub(crate) delimiter: u8,
}

/// A table in memory: about as large as its file.
#[derive(Debug)]
pub(crate) struct Table {
    file: PathBuf,
    /// Names of the columns; `1`, `2`, … where nothing names them.
    pub(crate) columns: Vec<String>,
    rows: Vec<StringRecord>,
}

impl Style {
    /// A header, and commas, or tabs in a `.tsv` file.
    pub(crate) fn of(path: &Path) -> Self {
        let tabs = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
        Self { header: true, columns: None, delimiter: if tabs { b'\t' } else { b',' } }
    }
}

impl Table {
    /// Reads a table in UTF-8, with or without a byte order mark.
    ///
    /// # Errors
    /// Where it cannot be read, is not UTF-8, has rows of different lengths or none, or two columns of one name.
    pub(crate) fn open(path: &Path, style: &Style) -> Result<Self, ImportError> {
        let failed = |source| ReadError::Io { action: "read", file: path.to_owned(), source };
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(failed(io::Error::other("it is no regular file")).into());
        }
        let mut reader = ReaderBuilder::new().has_headers(false).delimiter(style.delimiter).from_reader(File::open(path).map_err(failed)?);
        let mut rows = Vec::new();
        for record in reader.records() {
            rows.push(record.map_err(|error| wrong(path, error))?);
        }
        let width = rows.first().map_or(0, StringRecord::len);
        let header = style.header && !rows.is_empty();
        let named: Vec<String> = if header { rows.remove(0).iter().map(|cell| cell.trim().to_owned()).collect() } else { Vec::new() };
        let columns = match &style.columns {
            Some(columns) => columns.clone(),
            None if header => named,
            None => (1..=width).map(|at| at.to_string()).collect(),
        };
        let invalid = |found: String, expected: String, remedy: &str| ReadError::invalid(path, "line 1", found, expected, remedy);
        if columns.len() != width {
            let expected = format!("{} as `columns` names", columns.len());
            return Err(invalid(format!("{width} columns"), expected, "name every column, and check the delimiter").into());
        }
        if rows.is_empty() {
            return Err(invalid("no rows".into(), "at least one".into(), "check that this is the right file").into());
        }
        let mut sorted: Vec<&String> = columns.iter().collect();
        sorted.sort();
        if let Some([twice, _]) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(invalid(format!("two columns `{twice}`"), "different names".into(), "name the columns in the spec").into());
        }
        Ok(Self { file: path.to_owned(), columns, rows })
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Columns of a name, or whose names match one with a `*`, in the table's order. A column is named once, however often it is asked for.
    pub(crate) fn find(&self, pattern: &str) -> Vec<usize> {
        let fits = |name: &str| match pattern.split_once('*') {
            Some((head, tail)) => name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail),
            None => name == pattern,
        };
        self.columns.iter().enumerate().filter(|(_, name)| fits(name)).map(|(at, _)| at).collect()
    }

    /// Cells of a column.
    pub(crate) fn texts(&self, column: usize, rows: Range<usize>) -> Vec<String> {
        self.rows.get(rows).unwrap_or_default().iter().map(|row| row.get(column).unwrap_or_default().to_owned()).collect()
    }

    /// Numbers `[rows, columns]`, and how many cells stood for a missing one: these are NaN.
    ///
    /// # Errors
    /// Where a cell is neither.
    pub(crate) fn numbers(&self, columns: &[usize]) -> Result<(Arc<Array>, usize), ImportError> {
        let (mut numbers, mut missing) = (Vec::new(), 0);
        for row in &self.rows {
            for &column in columns {
                let cell = row.get(column).unwrap_or_default().trim();
                if cell.is_empty() || MISSING.contains(&cell) {
                    missing += 1;
                    numbers.push(f64::NAN);
                    continue;
                }
                numbers.push(cell.parse::<f64>().map_err(|_| {
                    let line = row.position().map_or(0, csv::Position::line);
                    let name = self.columns.get(column).map_or("", String::as_str);
                    let place = format!("line {line}, column `{name}`");
                    ReadError::invalid(&self.file, place, format!("`{cell}`"), "a number", "name the right columns, or mend the cell")
                })?);
            }
        }
        // Only the name is wanted of this source: the numbers are in memory.
        let source = Arc::new(Source::memory(&self.file, Vec::new()));
        Ok((Arc::new(Array::of_numbers(vec![self.rows.len(), columns.len()], &numbers, source)), missing))
    }
}

/// What the crate found, with its line.
fn wrong(path: &Path, error: csv::Error) -> ImportError {
    let place = error.position().map_or_else(|| "table".to_owned(), |at| format!("line {} (byte {})", at.line(), at.byte()));
    match error.into_kind() {
        ErrorKind::Io(source) => ReadError::Io { action: "read", file: path.to_owned(), source },
        ErrorKind::Utf8 { err, .. } => {
            let found = format!("bytes that are no text in cell {}", err.field() + 1);
            ReadError::invalid(path, place, found, "UTF-8", "save the file as UTF-8")
        }
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let expected = format!("{expected_len} as in the lines before");
            ReadError::invalid(path, place, format!("{len} cells"), expected, "check delimiter and quotes, and that the file is whole")
        }
        other => ReadError::invalid(path, place, format!("{other:?}"), "a table", "check that this is the right file"),
    }
    .into()
}
