/*!
`cargo xtask`: from a fresh clone to a running benchmark in one command.

Finds or installs libtorch, then hands over to cargo. It needs neither libtorch nor any other crate, so it compiles in seconds.
*/

mod arguments;
mod cargo;
mod compare;
mod install;
mod libtorch;
mod pages;
mod peers;
mod place;
mod python;
mod setup;
mod space;
mod stream;
mod tables;

use std::process::ExitCode;

use arguments::{Command, USAGE};
use setup::Wish;

/// Exit code for wrong usage or a machine that lacks something, as in `bench`.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::from(WRONG_USAGE)
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let command = arguments::parse(std::env::args_os().skip(1))?;
    let place = place::Place::of_this_workspace()?;
    match command {
        Command::Help | Command::Compare(compare::Wish::Help) => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Command::Setup { cuda, libtorch } => {
            setup::set_up(&place, &Wish { cuda, libtorch })?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Bench(arguments) => {
            setup::set_up(&place, &Wish::default())?;
            let built = cargo::run(&place, ["build", "--workspace", "--bin", "bench", "--bin", "bench-worker"])?;
            if built != ExitCode::SUCCESS { Ok(built) } else { Err(cargo::become_bench(&arguments)) }
        }
        Command::Test(arguments) => {
            setup::set_up(&place, &Wish::default())?;
            let built = cargo::run(&place, ["build", "--workspace"])?;
            if built != ExitCode::SUCCESS {
                return Ok(built);
            }
            let test = ["test", "--workspace"].into_iter().map(Into::into);
            cargo::run(&place, test.chain(arguments))
        }
        Command::Peers { repetitions, parts } => {
            setup::set_up(&place, &Wish::default())?;
            let built = cargo::run(&place, ["build", "--workspace"])?;
            if built != ExitCode::SUCCESS {
                return Ok(built);
            }
            peers::run(&place, repetitions, &parts)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Page(page) => {
            setup::set_up(&place, &Wish::default())?;
            let built = cargo::run(&place, ["build", "--workspace", "--bin", "bench", "--bin", "bench-worker"])?;
            if built != ExitCode::SUCCESS {
                return Ok(built);
            }
            pages::run(&place, page)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Tables => {
            setup::set_up(&place, &Wish::default())?;
            let built = cargo::run(&place, ["build", "--workspace", "--bin", "bench", "--bin", "bench-worker"])?;
            if built != ExitCode::SUCCESS {
                return Ok(built);
            }
            tables::run(&place)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Stream(wish) => {
            setup::set_up(&place, &Wish::default())?;
            let built = cargo::run(&place, ["build", "--workspace"])?;
            if built != ExitCode::SUCCESS {
                return Ok(built);
            }
            stream::run(&wish)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Compare(compare::Wish::Compare(wish)) => {
            setup::set_up(&place, &Wish::default())?;
            compare::run(&place, &wish)
        }
        Command::Compare(compare::Wish::Clean) => compare::clean(&place).map(|()| ExitCode::SUCCESS),
        Command::Ci => Err(cargo::become_ci(&place)),
    }
}
