/*!
`bench`: plans runs, hands trials to worker processes, stores what they find, computes metrics and statistics, and talks to people.

It is not linked to libtorch: everything that needs tensors happens in `bench-worker`, which it finds beside itself.
*/

mod cli;
mod commands;
mod costs;
mod exit;
mod extract;
mod folder;
mod interrupt;
mod machine;
mod names;
mod output;
mod plan;
mod progress;
mod results;
mod search;
mod settings;
mod tables;
mod tuning;
mod workers;

use std::process::ExitCode;

fn main() -> ExitCode {
    exit::report_panics();
    exit::report(cli::parse(std::env::args_os()).and_then(commands::run))
}
