//! `bench completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{cli::Cli, exit::Exit, output};

/// Arguments of `bench completions`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell to print completions for.
    shell: Shell,
}

/// Prints completions made from the same definitions as the help.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "bench", &mut text);
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Fine)
}
