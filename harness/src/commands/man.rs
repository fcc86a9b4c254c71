//! `bench man`.

use clap::CommandFactory;

use crate::{cli::Cli, exit::Exit, output};

/// Prints the manual page of the program and then of each subcommand, in roff.
pub fn run() -> anyhow::Result<Exit> {
    let mut command = Cli::command();
    command.build();
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        clap_mangen::Man::new(subcommand.clone()).render(&mut text)?;
    }
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Fine)
}
