//! Tables, rows, columns and plain arguments by what an expression calls them; what is not there is pointed at, with names that are near.

use num_traits::{Signed, ToPrimitive};

use super::{
    ExpressionError,
    error::suggestion,
    tree::{Kind, Node},
};
use crate::{
    Ledger,
    ledger::{Cell, Table},
    number::Rational,
};

/// A string argument.
pub(super) fn text<'n>(node: &'n Node, what: &str) -> Result<&'n str, ExpressionError> {
    match &node.kind {
        Kind::Text(text) => Ok(text),
        other => Err(ExpressionError::new(node.span.clone(), format!("expected {what} in double quotes, found {}", kind(other)))),
    }
}

/// A list or tuple of strings.
pub(super) fn texts<'n>(node: &'n Node, what: &str) -> Result<Vec<(&'n str, &'n Node)>, ExpressionError> {
    match &node.kind {
        Kind::List(items) | Kind::Tuple(items) => items.iter().map(|item| Ok((text(item, what)?, item))).collect(),
        other => {
            let sentence = format!("expected a list, as in [\"a\",\"b\"] or (\"a\",), found {}", kind(other));
            Err(ExpressionError::new(node.span.clone(), sentence))
        }
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(_) => "a string",
        Kind::List(_) => "a list",
        Kind::Tuple(_) => "a tuple",
        Kind::Number { .. } => "a number",
        Kind::Call { .. } | Kind::Negate(_) | Kind::Chain { .. } => "a number to compute",
    }
}

/// A whole number from `least`, as a count of samples or runs.
pub(super) fn count(value: &Rational, node: &Node, what: &str, least: u32) -> Result<u32, ExpressionError> {
    let whole = if value.is_integer() && !value.is_negative() { value.to_integer().to_u32() } else { None };
    whole.filter(|whole| *whole >= least).ok_or_else(|| {
        ExpressionError::new(node.span.clone(), format!("{what} is a whole number from {least}, not {}", crate::verdict::short(value, 5)))
    })
}

/// The table that `t4` or `tIII` calls.
pub(super) fn table<'l>(ledger: &'l Ledger, paper: &str, node: &Node) -> Result<&'l Table, ExpressionError> {
    let name = text(node, "a table such as \"t4\"")?;
    if let Some(table) = name.strip_prefix('t').and_then(|id| ledger.table(paper, id)) {
        return Ok(table);
    }
    let names: Vec<String> = ledger.tables.iter().filter(|table| table.paper == paper).map(|table| format!("t{}", table.id)).collect();
    let hint = if names.is_empty() { "; it has no tables".to_owned() } else { suggestion(name, "its tables", names.iter().map(String::as_str)) };
    Err(ExpressionError::new(node.span.clone(), format!("paper \"{paper}\" has no table \"{name}\"{hint}")))
}

/// A row's name that the table has.
pub(super) fn row<'n>(table: &Table, node: &'n Node) -> Result<&'n str, ExpressionError> {
    let name = text(node, "a row")?;
    has_row(table, name, node).map(|()| name)
}

/// That the table has a row.
pub(super) fn has_row(table: &Table, name: &str, node: &Node) -> Result<(), ExpressionError> {
    if table.rows.iter().any(|row| row == name) {
        return Ok(());
    }
    let hint = suggestion(name, "its rows", table.rows.iter().map(String::as_str));
    Err(ExpressionError::new(node.span.clone(), format!("{} has no row \"{name}\"{hint}", table.name())))
}

/// A column's name that the table has.
pub(super) fn column<'n>(table: &Table, node: &'n Node) -> Result<&'n str, ExpressionError> {
    let name = text(node, "a column")?;
    has_column(table, name, node).map(|()| name)
}

/// That the table has a column.
pub(super) fn has_column(table: &Table, name: &str, node: &Node) -> Result<(), ExpressionError> {
    if table.columns.iter().any(|column| column == name) {
        return Ok(());
    }
    let hint = suggestion(name, "its columns", table.columns.iter().map(String::as_str));
    Err(ExpressionError::new(node.span.clone(), format!("{} has no column \"{name}\"{hint}", table.name())))
}

/// The cell at a row and column that the table has; together they may still name none.
pub(super) fn cell<'l>(table: &'l Table, row: &str, column: &str, node: &Node) -> Result<&'l Cell, ExpressionError> {
    table.cell(row, column).ok_or_else(|| {
        let columns: Vec<&str> = table.cells.iter().filter(|cell| cell.row == row).map(|cell| cell.column.as_str()).collect();
        let hint = suggestion(column, "this row's columns", columns);
        ExpressionError::new(node.span.clone(), format!("{} has no cell at row \"{row}\", column \"{column}\"{hint}", table.name()))
    })
}
