//! `--out`: pages for a repository.

use std::{fmt::Write, path::Path};

use bench_store::files;
use bench_tables::table::{Collection, Measured, Table};

use super::{Arguments, arguments::Format, page, rendered};

/// Writes one page a paper, the reading, the index and the JSON; or one file of another format.
///
/// # Errors
/// The file system's refusal.
pub fn write(folder: &Path, collection: &Collection, arguments: &Arguments) -> anyhow::Result<()> {
    files::create_folder(folder)?;
    let put = |name: &str, text: &str| files::write_whole(&folder.join(name), text.as_bytes());
    if arguments.format != Format::Md {
        put(&format!("tables.{}", arguments.format.ending()), &rendered(collection, arguments.format)?)?;
        return Ok(());
    }
    let papers = papers(collection);
    for (paper, tables) in &papers {
        let own = Collection { tables: tables.iter().map(|table| (*table).clone()).collect(), ..collection.clone() };
        put(&format!("{paper}.md"), &rendered(&own, Format::Md)?)?;
    }
    let reading = page(collection);
    if let Ok(text) = &reading {
        put("reading.md", text)?;
    }
    put("tables.json", &rendered(collection, Format::Json)?)?;
    put("README.md", &index(&papers, collection, reading.is_ok()))?;
    Ok(())
}

/// Tables by the paper's part of their ids, in order.
fn papers(collection: &Collection) -> Vec<(&str, Vec<&Table>)> {
    let mut papers: Vec<(&str, Vec<&Table>)> = Vec::new();
    for table in &collection.tables {
        let name = table.id.rsplit_once('-').map_or(table.id.as_str(), |(paper, _)| paper);
        match papers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, tables)) => tables.push(table),
            None => papers.push((name, vec![table])),
        }
    }
    papers
}

fn index(papers: &[(&str, Vec<&Table>)], collection: &Collection, reading: bool) -> String {
    let mut text = String::from("# The papers' tables, printed and measured\n\n");
    text += "Made by `bench tables --out`. In the repository `cargo xtask tables` trains what they need and makes docs/tables anew. A number on data that stand in for \
             the paper's has their name in its cell: compare orders and gaps, not levels.\n\n";
    if !collection.on.is_empty() {
        let _ = writeln!(text, "Stand-ins: `{}`.\n", collection.on.join(","));
    }
    if reading {
        text += "[Which of the papers' sentences appear here](reading.md)\n\n";
    }
    text += "In this folder, `bench tables --check . --results tables.json` holds every page against the numbers in `tables.json`, which names the trials, seeds, data \
             hashes and revisions behind each cell; with a run folder in the place of the file, against the trials themselves.\n\n";
    text += "| table | cells printed | cells measured | what it shows |\n| --- | ---: | ---: | --- |\n";
    for (paper, tables) in papers {
        for table in tables {
            let cells = || table.rows.iter().flat_map(|row| &row.cells);
            let printed = cells().filter(|cell| cell.reported.is_some()).count();
            let measured = cells().filter(|cell| cell.measured.iter().flatten().any(|one| matches!(one, Measured::Value(_)))).count();
            let _ = writeln!(text, "| [{}]({paper}.md) | {printed} | {measured} | {} |", table.id, table.caption.replace('|', "\\|"));
        }
    }
    text
}
