//! One file a subcommand.

pub mod audit;
pub mod compare;
pub mod completions;
pub mod datasets;
pub mod doctor;
mod dry_run;
pub mod eval;
mod execute;
mod format;
pub mod import;
mod json;
pub mod list;
pub mod man;
pub mod merge;
mod method_size;
pub mod methods;
pub mod profile;
pub mod report;
mod result;
pub mod run;
pub mod show;
pub mod stats;
pub mod suites;
pub mod tables;
pub mod tune;

use clap::ArgMatches;

use crate::{cli::Command, exit::Exit};

/// Does what was asked for.
///
/// # Errors
/// Whatever the command meets.
pub fn run(asked: Option<(Command, ArgMatches)>) -> anyhow::Result<Exit> {
    let Some((command, matches)) = asked else { return Ok(Exit::Fine) };
    match command {
        Command::Run(arguments) => run::run(&arguments, &matches),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Profile(arguments) => profile::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Tune(arguments) => tune::run(&arguments, &matches),
        Command::Stats(arguments) => stats::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Tables(arguments) => tables::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Datasets(arguments) => datasets::run(&arguments),
        Command::Methods(arguments) => methods::run(&arguments),
        Command::Suites(arguments) => suites::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    }
}
