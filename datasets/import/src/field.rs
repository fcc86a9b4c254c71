//! What a name in a file stands for: some rows of an array, a list, or columns of a table.

use std::{ops::Range, sync::Arc};

use bench_readers::{Array, Data, Element, Node, Tree, View};

use crate::{
    ImportError,
    store::{Content, File},
    table::Table,
};

/// Some rows under a name.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) file: &'a File,
    rows: Range<usize>,
    what: What<'a>,
}

#[derive(Debug)]
enum What<'a> {
    View(View<'a>),
    Columns(&'a Table, Vec<usize>),
}

/// The value of a key, or of keys one below the other: `train.audio`, `train/audio`.
pub(crate) fn walk<'a>(tree: &'a Tree, name: &str) -> Option<View<'a>> {
    let (mut view, mut rest) = (tree.root(), name);
    loop {
        if let Some(found) = view.find(rest).ok()? {
            return Some(found);
        }
        let next = rest.match_indices(['.', '/']).find_map(|(at, _)| Some((view.find(&rest[..at]).ok()??, at)));
        let (below, at) = next?;
        view = below;
        rest = &rest[at + 1..];
    }
}

impl<'a> Field<'a> {
    /// An array or column of a file; an empty name is all that is in it.
    ///
    /// # Errors
    /// Where there is no such thing, or it has no rows.
    pub(crate) fn of(file: &'a File, name: &str, rows: Range<usize>) -> Result<Self, ImportError> {
        let what = match file.content.as_ref() {
            Some(Content::Tree(tree)) => {
                let view = if name.is_empty() { Some(sole(tree)) } else { walk(tree, name) };
                What::View(view.ok_or_else(|| tree.root().unexpected(format!("a key `{name}`")))?)
            }
            Some(Content::Table(table)) => {
                let columns = table.find(if name.is_empty() { "*" } else { name });
                if columns.is_empty() {
                    let shown: Vec<&str> = table.columns.iter().take(25).map(String::as_str).collect();
                    return Err(ImportError::request(format!(
                        "{}: found the columns {}, expected `{name}`; name a column, or several with a `*`",
                        file.path.display(),
                        shown.join(", ")
                    )));
                }
                What::Columns(table, columns)
            }
            None => return Err(ImportError::request(format!("{}: found a file that is not opened, expected `FILE:{name}`", file.path.display()))),
        };
        let count = match &what {
            What::View(view) => held(view)?,
            What::Columns(table, _) => table.len(),
        };
        let end = rows.end.min(count);
        if rows.start >= end {
            let expected = format!("at least one of the rows from {} on", rows.start);
            return Err(ImportError::request(format!(
                "{}: `{name}`: found {count} rows, expected {expected}; correct the rows",
                file.path.display()
            )));
        }
        Ok(Self { file, rows: rows.start..end, what })
    }

    /// These columns, and those of another field of the same table.
    ///
    /// # Errors
    /// Where either is no table, or they are of two, or of other rows.
    pub(crate) fn with(mut self, other: Self) -> Result<Self, ImportError> {
        match (&mut self.what, other.what) {
            (What::Columns(table, columns), What::Columns(second, more)) if std::ptr::eq(*table, second) && self.rows == other.rows => {
                columns.extend(more.into_iter().filter(|column| !columns.contains(column)).collect::<Vec<_>>());
                Ok(self)
            }
            _ => Err(ImportError::request(format!(
                "{}: found a list of names that are not columns of one table, expected one array's name, or columns; make a modality of each array",
                self.file.path.display()
            ))),
        }
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// File and name, for messages.
    pub(crate) fn place(&self) -> String {
        match &self.what {
            What::View(view) => format!("{}: {}", self.file.label(), view.path()),
            What::Columns(table, columns) => {
                let names: Vec<&str> = columns.iter().take(3).filter_map(|&at| table.columns.get(at).map(String::as_str)).collect();
                let more = if columns.len() > names.len() { format!(" and {} more", columns.len() - names.len()) } else { String::new() };
                format!("{}: {}{more}", self.file.label(), names.join(", "))
            }
        }
    }

    /// An error at this place.
    pub(crate) fn unexpected(&self, expected: &str, remedy: &str) -> ImportError {
        match &self.what {
            What::View(view) => view.invalid(view.describe(), expected, remedy).into(),
            What::Columns(..) => ImportError::request(format!("{}: found {}, expected {expected}; {remedy}", self.file.path.display(), self.place())),
        }
    }

    /// The series of a list (or array of objects) of arrays, one a row; `None` where this is an array itself.
    ///
    /// # Errors
    /// Where an item is no array.
    pub(crate) fn series(&self) -> Result<Option<Vec<(String, Arc<Array>)>>, ImportError> {
        let What::View(view) = &self.what else { return Ok(None) };
        if !is_list(view) {
            return Ok(None);
        }
        let items = view.items()?;
        let arrays = |item: &View<'a>| Ok((item.path().to_owned(), item.array()?));
        items.get(self.rows.clone()).unwrap_or_default().iter().map(arrays).collect::<Result<Vec<_>, ImportError>>().map(Some)
    }

    /// The whole array, the rows of it that are meant, and how many cells of a table stood for missing numbers.
    ///
    /// # Errors
    /// Where this is no array of numbers.
    pub(crate) fn array(&self) -> Result<(Arc<Array>, Range<usize>, usize), ImportError> {
        let (array, missing) = match &self.what {
            What::View(view) => (view.array()?, 0),
            What::Columns(table, columns) => table.numbers(columns)?,
        };
        Ok((array, self.rows.clone(), missing))
    }

    /// A number for each row.
    ///
    /// # Errors
    /// Where there is no number, or more than one, in a row.
    pub(crate) fn reals(&self) -> Result<Vec<f64>, ImportError> {
        let (array, rows, _) = self.array()?;
        self.one_each(array.row_len())?;
        Ok(array.reals(&self.place(), rows)?)
    }

    /// A whole number for each row.
    ///
    /// # Errors
    /// As [`Field::reals`], and where a number is not whole.
    pub(crate) fn wholes(&self) -> Result<Vec<i64>, ImportError> {
        let (array, rows, _) = self.array()?;
        self.one_each(array.row_len())?;
        Ok(array.wholes(&self.place(), rows)?)
    }

    /// A text for each row; whole numbers as their digits.
    ///
    /// # Errors
    /// Where there is neither.
    pub(crate) fn texts(&self) -> Result<Vec<String>, ImportError> {
        match &self.what {
            What::Columns(table, columns) => {
                self.one_each(columns.len())?;
                Ok(columns.first().map(|&column| table.texts(column, self.rows.clone())).unwrap_or_default())
            }
            What::View(view) if is_list(view) => {
                let items = view.items()?;
                Ok(items.get(self.rows.clone()).unwrap_or_default().iter().map(View::text).collect::<Result<_, _>>()?)
            }
            What::View(view) => {
                let array = view.array()?;
                self.one_each(array.row_len())?;
                if matches!(array.dtype.element, Element::Text | Element::Bytes) {
                    return Ok(array.texts(view.path(), self.rows.clone())?);
                }
                Ok(array.wholes(view.path(), self.rows.clone())?.iter().map(i64::to_string).collect())
            }
        }
    }

    /// Whether rows are texts and not numbers.
    pub(crate) fn is_text(&self) -> bool {
        match &self.what {
            What::Columns(table, columns) => {
                let cells = columns.first().map(|&column| table.texts(column, self.rows.clone())).unwrap_or_default();
                columns.len() == 1 && cells.iter().any(|cell| !cell.trim().is_empty() && cell.trim().parse::<f64>().is_err())
            }
            What::View(view) => match view.node() {
                Node::Array(array) if !matches!(array.data, Data::Objects(_)) => matches!(array.dtype.element, Element::Text | Element::Bytes),
                _ => view.items().is_ok_and(|items| items.first().is_some_and(|item| matches!(item.node(), Node::Text(_) | Node::Bytes(_)))),
            },
        }
    }

    /// Whether numbers are stored as floating point; in a table, whether one has a fraction.
    pub(crate) fn is_real(&self) -> bool {
        match &self.what {
            What::Columns(..) => self.wholes().is_err(),
            What::View(view) => view.array().is_ok_and(|array| array.dtype.element == Element::Float),
        }
    }

    fn one_each(&self, width: usize) -> Result<(), ImportError> {
        if width == 1 { Ok(()) } else { Err(self.unexpected("one value a sample", "name an array `[N]` or one column")) }
    }
}

/// Whether this is a list of things that are no numbers: its parts are asked for one by one.
fn is_list(view: &View<'_>) -> bool {
    let number = |item: &View<'_>| matches!(item.node(), Node::Whole(_) | Node::Real(_) | Node::Bool(_));
    match view.node() {
        Node::Array(array) => matches!(array.data, Data::Objects(_)),
        Node::List(_) => view.items().is_ok_and(|items| items.first().is_some_and(|first| !number(first))),
        _ => false,
    }
}

/// The outermost value, or the one thing in it.
fn sole(tree: &Tree) -> View<'_> {
    let root = tree.root();
    match root.entries() {
        Ok(mut entries) if entries.len() == 1 => entries.pop().map_or(root, |(_, only)| only),
        _ => root,
    }
}

/// Rows that are really there: a file may claim any number of them.
fn held(view: &View<'_>) -> Result<usize, ImportError> {
    if is_list(view) {
        return Ok(view.count()?);
    }
    let array = view.array()?;
    let count = array.rows();
    if array.shape.is_empty() || array.numel().is_none_or(|numel| numel == 0) || u32::try_from(count).is_err() {
        return Err(view.unexpected("an array with a row for each sample, fewer than 2^32").into());
    }
    let last = count - 1..count;
    if matches!(array.dtype.element, Element::Text | Element::Bytes) {
        array.texts(view.path(), last)?;
    } else {
        array.reals(view.path(), last)?;
    }
    Ok(count)
}
