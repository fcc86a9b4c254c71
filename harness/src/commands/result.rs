//! What a run prints at its end.

use std::collections::BTreeSet;

use bench_reports::report;
use clap::ValueEnum;

use super::json;

use crate::{
    folder::{Folder, RunFile},
    output,
    results::{Results, Told},
};

/// `--format` of `bench run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people, and where the report is
    Table,
    /// The text of report.md
    Md,
    /// The tables' numbers
    Json,
    /// The records of the trials asked for
    Csv,
}

/// Writes the report of the folder and prints the trials that the command asked for.
pub fn tell(results: &Results, run: &RunFile, selected: &BTreeSet<String>, folder: &Folder, format: Format) -> anyhow::Result<()> {
    let Told { summary, csv } = results.tell(folder, run, selected, format == Format::Csv)?;
    match format {
        Format::Table => {
            let tables = report::terminal(&summary, width());
            let rest: String = results.notes.iter().map(|note| format!("note: {note}\n")).collect();
            output::print(&format!("{tables}\n{rest}report: {}\n", folder.root().join("report.md").display()))
        }
        Format::Json => output::print_json(&json::run(&summary)),
        Format::Csv => output::print(&String::from_utf8_lossy(&csv)),
        Format::Md => {
            let path = folder.root().join("report.md");
            let bytes = bench_store::files::read_if_there(&path)?.unwrap_or_default();
            output::print(&String::from_utf8_lossy(&bytes))
        }
    }
}

/// Columns of the terminal that standard output is, if it is one.
fn width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
}
