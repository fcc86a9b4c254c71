//! `bench tune`: hyper-parameters chosen on the validation split, with the same budget for every method; and how a score moves with one of them.

mod arguments;
mod log;
mod print;
mod search;
mod sweep;
mod trials;

use clap::ArgMatches;

pub use arguments::Arguments;

use crate::exit::Exit;

/// Runs the command.
pub fn run(arguments: &Arguments, matches: &ArgMatches) -> anyhow::Result<Exit> {
    if arguments.sweep.is_empty() { search::run(arguments, matches) } else { sweep::run(arguments, matches) }
}
