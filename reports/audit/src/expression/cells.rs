//! Functions that read cells of tables.

use std::cmp::Ordering;

use num_traits::ToPrimitive;

use super::{
    ExpressionError,
    compile::{Compiler, Quantity, Stop, Term, unreachable_arity},
    lookup,
    program::{Operation, Unknown},
    tree::Node,
};
use crate::{
    ledger::{Cell, Printed, Table},
    number::{Interval, integer},
};

/// Rows that are differences of other rows and take no part in rankings.
pub(super) fn is_difference(row: &str) -> bool {
    row.contains("Delta") || row.contains("Gain")
}

impl Compiler<'_> {
    pub(super) fn read_cells(&mut self, name: &str, node: &Node, arguments: &[Node]) -> Result<Term, Stop> {
        match (name, arguments) {
            ("xcell", [paper, table, row, column]) => {
                let id = lookup::text(paper, "a paper")?;
                if self.ledger.paper(id).is_none() {
                    let papers = self.ledger.papers.iter().map(|paper| paper.id.as_str());
                    let hint = super::error::suggestion(id, "papers", papers);
                    return Err(ExpressionError::new(paper.span.clone(), format!("the ledger has no paper \"{id}\"{hint}")).into());
                }
                let table = lookup::table(self.ledger, id, table)?;
                let cell = lookup::cell(table, lookup::row(table, row)?, lookup::column(table, column)?, column)?;
                self.printed_cell(node, table, cell)
            }
            ("has", [table, rest @ ..]) => self.has(node, table, rest),
            ("lit", [printed]) => {
                let text = lookup::text(printed, "a printed number")?;
                let read = Printed::parse(text, "").ok_or_else(|| {
                    ExpressionError::new(printed.span.clone(), "this is not a number as tables print it, such as \"85.04\", \"375x\" or \"40M\"")
                })?;
                let unknown = Unknown { printed: read.text.clone(), nominal: read.value.clone(), interval: read.interval(), place: String::new() };
                let index = self.unknown(node, unknown)?;
                Ok(Term { index, text: read.text, binding: 2 })
            }
            ("best", [table, column]) => {
                let table = lookup::table(self.ledger, self.paper, table)?;
                let name = lookup::column(table, column)?;
                self.best(node, table, name, None, column)
            }
            (_, [table, first, second]) => {
                let table = lookup::table(self.ledger, self.paper, table)?;
                match name {
                    "avg" | "tot" => {
                        let row = lookup::row(table, first)?;
                        let mut cells = Vec::new();
                        for (column, place) in lookup::texts(second, "a column")? {
                            lookup::has_column(table, column, place)?;
                            cells.push((lookup::cell(table, row, column, place)?, place));
                        }
                        self.sum(node, table, &cells, name == "avg", second)
                    }
                    "colsum" => {
                        let mut cells = Vec::new();
                        let rows = lookup::texts(first, "a row")?;
                        let column = lookup::column(table, second)?;
                        for (row, place) in rows {
                            lookup::has_row(table, row, place)?;
                            cells.push((lookup::cell(table, row, column, place)?, place));
                        }
                        self.sum(node, table, &cells, false, first)
                    }
                    _ => {
                        let (row, column) = (lookup::row(table, first)?, lookup::column(table, second)?);
                        if name == "best_other" {
                            return self.best(node, table, column, Some(row), second);
                        }
                        let cell = lookup::cell(table, row, column, second)?;
                        match name {
                            "rank" => self.rank(node, table, cell, &table.column(column).collect::<Vec<_>>()),
                            "rank_row" => self.rank(node, table, cell, &table.row(row).collect::<Vec<_>>()),
                            "sd" => {
                                let printed = self.deviation(node, table, cell)?;
                                let index = self.cell_number(node, table, cell, Quantity::Deviation, printed)?;
                                Ok(Term { index, text: plain(printed), binding: 2 })
                            }
                            _ => self.printed_cell(node, table, cell),
                        }
                    }
                }
            }
            _ => Err(unreachable_arity(node)),
        }
    }

    fn printed_cell(&mut self, node: &Node, table: &Table, cell: &Cell) -> Result<Term, Stop> {
        let printed = self.value(node, table, cell)?;
        let index = self.cell_number(node, table, cell, Quantity::Value, printed)?;
        // A printed minus sign binds like one that is written.
        Ok(Term { index, text: plain(printed), binding: if printed.text.starts_with(['-', '+', '\u{2212}']) { 0 } else { 2 } })
    }

    fn sum(&mut self, node: &Node, table: &Table, cells: &[(&Cell, &Node)], mean: bool, list: &Node) -> Result<Term, Stop> {
        if cells.is_empty() {
            return Err(ExpressionError::new(list.span.clone(), "this list is empty").into());
        }
        let mut places = Vec::new();
        let mut texts = Vec::new();
        for (cell, place) in cells {
            let printed = self.value(place, table, cell)?;
            places.push(self.cell_number(place, table, cell, Quantity::Value, printed)?);
            texts.push(plain(printed));
        }
        let count = i64::try_from(cells.len()).unwrap_or(i64::MAX);
        let text = format!("{}({})", if mean { "mean" } else { "sum" }, texts.join(", "));
        let sum = self.emit(node, Operation::Sum(places), text.clone(), 2)?;
        if !mean {
            return Ok(sum);
        }
        let divisor = self.constant(list, integer(count), count.to_string(), "how many are averaged".into())?;
        self.emit(node, Operation::Divide(sum.index, divisor.index), text, 2)
    }

    /// 1 if the table has such a cell with a number; an empty name stands for any.
    fn has(&mut self, node: &Node, table: &Node, rest: &[Node]) -> Result<Term, Stop> {
        let table = lookup::table(self.ledger, self.paper, table)?;
        let mut wanted = ["", ""];
        for (slot, (node, what)) in wanted.iter_mut().zip(rest.iter().zip(["a row", "a column"])) {
            *slot = lookup::text(node, what)?;
        }
        let [row, column] = wanted;
        let is_it = |cell: &&Cell| (row.is_empty() || cell.row == row) && (column.is_empty() || cell.column == column) && cell.value.is_some();
        let found = table.cells.iter().filter(is_it).count();
        let note = format!("{found} of the {} cells of {}", table.cells.len(), table.name());
        self.constant(node, integer(i64::from(found > 0)), i64::from(found > 0).to_string(), note)
    }

    /// The cell with the best printed value of a column; the first of several.
    fn best(&mut self, node: &Node, table: &Table, column: &str, excluded: Option<&str>, place: &Node) -> Result<Term, Stop> {
        let others: Vec<(&Cell, &Printed)> = table
            .column(column)
            .filter(|cell| !is_difference(&cell.row) && Some(cell.row.as_str()) != excluded)
            .filter_map(|cell| cell.value.as_ref().map(|printed| (cell, printed)))
            .collect();
        let cells: Vec<&Cell> = others.iter().map(|(cell, _)| *cell).collect();
        let higher = direction(&cells, place, table, column)?;
        let mut best: Option<(&Cell, &Printed)> = None;
        for (cell, printed) in &others {
            if best.is_none_or(|(_, best)| better(printed, best, higher)) {
                best = Some((cell, printed));
            }
        }
        let Some((cell, printed)) = best else {
            return Err(Stop::Missing { span: node.span.clone(), reason: format!("{}, column \"{column}\" has no other number", table.name()) });
        };
        let note = format!("the best of {} by {} is better", others.len(), if higher { "more" } else { "less" });
        let index = self.shared_unknown(node, table, cell, Quantity::Value, &printed.text, printed.value.clone(), printed.interval(), note)?;
        Ok(Term { index, text: plain(printed), binding: 2 })
    }

    /// 1 plus the number of strictly better printed values; an empty cell may be better too.
    fn rank(&mut self, node: &Node, table: &Table, cell: &Cell, line: &[&Cell]) -> Result<Term, Stop> {
        let own = self.value(node, table, cell)?;
        let others: Vec<&Cell> = line.iter().copied().filter(|other| !is_difference(&other.row) && !std::ptr::eq(*other, cell)).collect();
        let higher = direction(&[cell], node, table, &cell.column)?;
        let is_ahead = |other: &&&Cell| other.value.as_ref().is_some_and(|value| better(value, own, higher));
        let ahead: Vec<&&Cell> = others.iter().filter(is_ahead).collect();
        let empty = others.iter().filter(|other| other.value.is_none()).count();
        for other in &ahead {
            let text = other.value.as_ref().map_or("", |printed| &printed.text);
            self.read(table, other, Quantity::Rank, text, None);
        }
        let rank = 1 + ahead.len();
        let listed: Vec<String> = ahead
            .iter()
            .take(3)
            .map(|other| {
                let name = if other.column == cell.column { &other.row } else { &other.column };
                format!("\"{name}\" {}", other.value.as_ref().map_or("", |value| &value.text))
            })
            .collect();
        let mut note = match (listed.is_empty(), ahead.len() > listed.len()) {
            (true, _) => format!("none of {} others is better than {}", others.len() - empty, own.text),
            (false, false) => format!("better than {}: {}", own.text, listed.join(", ")),
            (false, true) => format!("better than {}: {} and {} more", own.text, listed.join(", "), ahead.len() - listed.len()),
        };
        if empty > 0 {
            note.push_str(&format!("; {empty} empty cell{} may be", if empty == 1 { "" } else { "s" }));
        }
        let whole = |number: usize| integer(number.to_i64().unwrap_or(i64::MAX));
        let interval = Interval::between(whole(rank), whole(rank + empty));
        let index = self.shared_unknown(node, table, cell, Quantity::Rank, &own.text, whole(rank), interval, note)?;
        Ok(Term { index, text: format!("rank of {}", own.text), binding: 0 })
    }
}

/// A printed number for a formula: without a percent sign, which would look like an operator there.
fn plain(printed: &Printed) -> String {
    printed.text.trim_end_matches(['%', ' ']).to_owned()
}

/// Whether a printed value is strictly better.
fn better(one: &Printed, other: &Printed, higher: bool) -> bool {
    one.value.cmp(&other.value) == if higher { Ordering::Greater } else { Ordering::Less }
}

/// Whether more is better, as the cells say.
fn direction(cells: &[&Cell], place: &Node, table: &Table, column: &str) -> Result<bool, ExpressionError> {
    let mut said = cells.iter().filter_map(|cell| cell.higher_is_better);
    let fault = |why: &str| ExpressionError::new(place.span.clone(), format!("{}, column \"{column}\": {why} (higher_is_better)", table.name()));
    let first = said.next().ok_or_else(|| fault("nothing says whether more or less is better"))?;
    if said.any(|other| other != first) {
        return Err(fault("in some rows more is better, in others less"));
    }
    Ok(first)
}
