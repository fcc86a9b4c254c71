//! `--list`: which tables there are.

use bench_tables::{Spec, request::Ask};

use super::Arguments;
use crate::{
    exit::Exit,
    output, search,
    tables::{Prepared, choose},
};

/// Prints a line a table.
///
/// # Errors
/// An unknown name.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    search::refuse_missing(&arguments.data)?;
    let chosen = choose(&arguments.names, &arguments.on, &arguments.data)?;
    let rows = chosen.tables.iter().map(|table| {
        let Count { measured, of } = Count::of(table);
        let data = table.spec.datasets().join(", ");
        let suite = table.spec.suite.clone().unwrap_or_else(|| "–".into());
        vec![table.spec.id.clone(), table.spec.number.clone(), of.to_string(), measured.to_string(), suite, data, table.spec.caption.clone()]
    });
    output::print(&output::table(&["table", "number", "cells", "measured", "suite", "data", "what it shows"], rows, &[2, 3]))?;
    if arguments.on.is_empty() {
        output::tell("bench: `--on openmoji,digits,cremad-votes,cremad-agree` shows what can be measured on other data than the papers'");
    }
    Ok(Exit::Fine)
}

struct Count {
    measured: usize,
    of: usize,
}

impl Count {
    /// Cells that ask something of a method or dataset, and all cells.
    fn of(table: &Prepared) -> Self {
        let is_measured = |asks: &&Vec<Ask>| asks.iter().any(|ask| matches!(ask, Ask::Measure(_)));
        let measured = table.questions.asks.iter().flatten().filter(is_measured).count();
        let Spec { rows, columns, .. } = &table.spec;
        Self { measured, of: rows.len() * columns.len() }
    }
}
