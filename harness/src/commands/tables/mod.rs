//! `bench tables`: the papers' tables with their printed numbers and ours.

mod arguments;
mod check;
mod collect;
mod folder;
mod list;

pub use arguments::Arguments;
use arguments::Format;

use anyhow::Context;
use bench_tables::{reading, render, table::Collection};

use crate::{
    exit::{Exit, Failure},
    output,
};

/// Runs the command.
///
/// # Errors
/// An unknown table or dataset, results that cannot be read, a file that cannot be written.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.list {
        return list::run(arguments);
    }
    let collection = collect::collection(arguments)?;
    if !arguments.check.is_empty() {
        return check::run(&arguments.check, &collection);
    }
    if let Some(folder) = &arguments.out {
        folder::write(folder, &collection, arguments)?;
        return Ok(Exit::Fine);
    }
    if arguments.reading {
        output::print(&page(&collection)?)?;
        return Ok(Exit::Fine);
    }
    output::print(&rendered(&collection, arguments.format)?)?;
    Ok(Exit::Fine)
}

fn rendered(collection: &Collection, format: Format) -> anyhow::Result<String> {
    Ok(match format {
        Format::Md => render::markdown(collection),
        Format::Csv => render::csv(collection),
        Format::Tex => render::latex(collection),
        Format::Html => render::html(collection),
        Format::Json => render::json(collection).context("cannot write the tables as JSON")?,
    })
}

/// The papers' sentences held against the tables of a collection.
fn page(collection: &Collection) -> anyhow::Result<String> {
    let internal = |error: bench_tables::SpecError| Failure::internal(error.to_string());
    let statements = reading::builtin().map_err(internal)?;
    let specs = bench_tables::spec::builtin().map_err(internal)?;
    let mut read = Vec::new();
    for statement in &statements {
        let Some(table) = collection.tables.iter().find(|table| table.id == statement.table) else { continue };
        let Some(spec) = specs.iter().find(|spec| spec.id == statement.table) else { continue };
        if !spec.is_of(table) {
            return Err(Failure::usage(format!(
                "table {} of these results has other rows or columns than this program's; make them again",
                table.id
            )));
        }
        read.push((statement, reading::judge(statement, spec, table, &collection.trials)));
    }
    if read.is_empty() {
        return Err(Failure::usage("no sentence is about these tables; `bench tables --reading` without names reads them all"));
    }
    Ok(reading::page(&read))
}
