//! `bench man`.

use std::path::PathBuf;

use bench_store::files;
use clap::{Args, CommandFactory};

use crate::{cli::Cli, exit::Exit, output};

/// Arguments of `bench man`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Write one page a command (`bench.1`, `bench-run.1`, …) into this folder, for `man`
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the manual page of the program and then of each subcommand, in roff, or writes one file each.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut command = Cli::command();
    command.build();
    let mut whole = Vec::new();
    let subcommands = command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help");
    for page in std::iter::once(&command).chain(subcommands) {
        let mut text = Vec::new();
        let page = clap_mangen::Man::new(page.clone());
        page.render(&mut text)?;
        match &arguments.out {
            Some(folder) => {
                files::create_folder(folder)?;
                files::write_whole(&folder.join(page.get_filename()), &text)?;
            }
            None => whole.extend(text),
        }
    }
    if arguments.out.is_none() {
        output::print(&String::from_utf8_lossy(&whole))?;
    }
    Ok(Exit::Fine)
}
