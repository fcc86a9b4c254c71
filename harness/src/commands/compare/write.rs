//! Where the verdict goes: files first, then standard output.

use std::{io, path::Path};

use anyhow::Context;
use bench_compare::{Report, render};
use bench_store::files;

use super::arguments::CompareFormat;
use crate::output;

/// Writes every format to `folder`, each file whole.
///
/// # Errors
/// The file system's refusal.
pub fn files(report: &Report, folder: &Path) -> anyhow::Result<()> {
    files::create_folder(folder)?;
    for (name, text) in [
        ("compare.json", json(report)?),
        ("compare.md", render::markdown(report)),
        ("comment.md", render::github(report)),
        ("junit.xml", render::junit(report)),
    ] {
        files::write_whole(&folder.join(name), text.as_bytes())?;
    }
    Ok(())
}

/// Prints one format.
///
/// # Errors
/// A full disk or the like; a reader that went away is none.
pub fn print(report: &Report, format: CompareFormat) -> anyhow::Result<()> {
    output::print(&match format {
        CompareFormat::Table => render::terminal(report, terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))),
        CompareFormat::Md => render::markdown(report),
        CompareFormat::Json => json(report)?,
        CompareFormat::Junit => render::junit(report),
        CompareFormat::Github => render::github(report),
    })
}

fn json(report: &Report) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(&render::json(report)).context("cannot write the comparison as JSON")? + "\n")
}
