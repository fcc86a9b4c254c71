//! Sweeps.
use super::Arguments;
use crate::exit::Exit;
use clap::ArgMatches;
/// Runs the sweeps.
pub fn run(_arguments: &Arguments, _matches: &ArgMatches) -> anyhow::Result<Exit> {
    Ok(Exit::Fine)
}
