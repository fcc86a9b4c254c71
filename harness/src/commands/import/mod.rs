/*!
`bench import`: a dataset's folder from what the field has on disk.

Nothing in a file is executed. The folder is written beside its place and renamed at the end; what fails or is interrupted leaves nothing behind.
*/

mod arguments;
mod print;

use std::ops::ControlFlow;

use anyhow::Context;
use bench_import::{ImportError, assemble, auto, formats};
use serde_json::json;

pub use self::arguments::Arguments;
use super::format::ListFormat;
use crate::{
    exit::{Exit, Failure},
    interrupt::Interrupt,
    names, output, progress,
};

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.list {
        return list(arguments.output).map(|()| Exit::Fine);
    }
    let asked = arguments.format.as_deref().unwrap_or_default();
    let (format, reason) = match asked {
        "auto" => auto::recognise(&arguments.paths).map(|(format, reason)| (format, Some(reason)))?,
        name => {
            let known = formats::ALL.iter().map(|format| format.name).chain(["auto"]);
            let format = formats::ALL.iter().find(|format| format.name == name).ok_or_else(|| names::unknown("format", name, known))?;
            (format, None)
        }
    };
    if let (Some(reason), ListFormat::Table) = (&reason, arguments.output) {
        output::tell(&format!("read as {}: {reason}", format.name));
    }
    let draft = format.draft(&arguments.request())?;

    let interrupt = Interrupt::listen()?;
    let bar = progress::bytes(arguments.quiet);
    bar.set_message(if arguments.dry_run { "read" } else { "read and written" });
    let out = arguments.out.as_deref().filter(|_| !arguments.dry_run);
    let done = assemble(draft, &arguments.options(), out, &mut |at| {
        bar.set_length(at.total);
        bar.set_position(at.done);
        if interrupt.is_set() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    let summary = match done {
        Err(ImportError::Interrupted) => {
            return Err(Failure { exit: Exit::Interrupted, message: ImportError::Interrupted.to_string() }.into());
        }
        done => done?,
    };
    match arguments.output {
        ListFormat::Json => output::print_json(&json!({ "format": format.name, "because": reason, "out": out, "dataset": summary }))?,
        ListFormat::Table => output::print(&print::summary(&summary, out))?,
    }
    Ok(Exit::Fine)
}

fn list(format: ListFormat) -> anyhow::Result<()> {
    let rows = formats::ALL.iter().map(|format| [format.name, format.title, format.paths].map(str::to_owned).to_vec());
    match format {
        ListFormat::Json => {
            let rows: Vec<_> =
                formats::ALL.iter().map(|format| json!({ "name": format.name, "title": format.title, "paths": format.paths })).collect();
            output::print_json(&rows)
        }
        ListFormat::Table => output::print(&output::table(&["format", "what it is", "PATH…"], rows, &[])),
    }
    .context("cannot list the formats")
}
