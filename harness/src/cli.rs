//! The command line.

use std::{
    error::Error,
    ffi::OsString,
    num::{IntErrorKind, ParseIntError},
};

use clap::{
    ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{commands, exit::Failure, output};

/// Honest benchmark and robustness evaluation of multimodal fusion models.
///
/// bench trains fusion methods under one protocol, lets their test inputs suffer the same noise, masked words, missing modalities and attacks, and
/// decides by statistics who is better.
#[derive(Debug, Parser)]
#[command(name = "bench", version, propagate_version = true, max_term_width = 110, after_long_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  bench run                                      the robustness suite on the embedded datasets
  bench run --dataset openmoji --method concat,raml --seeds 3
  bench run --quick                              a smoke run, under half a minute
  bench run --dry-run                            what would run, and how long it would take
  bench eval runs/robustness --condition 'noise(image,0.5)+missing(text)'
  bench merge shards/1 shards/2 --out runs/all   one run of the parts that `bench run --shard I/N` did
  bench stats runs/robustness                    every test with both opinions, without writing anything
  bench compare runs/main runs/change            has anything regressed?
  bench show runs/robustness 0169257b            one trial: settings, epochs, every number
  bench profile --run runs/robustness            what they cost: FLOPs, memory, latency beside accuracy
  bench audit                                    what papers claim, recomputed from what they print
  bench methods show raml                        the whole card: paper, equations, options, contradictions
  bench import --list                            foreign formats that become datasets
  bench doctor                                   what bench runs on, and how to mend what is missing

Exit codes: 0 fine; 1 the answer is no (a claim fails, something regressed); 2 wrong usage or input; 3 a trial failed, or is missing from what was merged or compared; 4 cannot tell, where proof was asked for; 70 a defect of bench; 130 interrupted, finished trials are kept.";

/// One file each under `commands/`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train, evaluate and report.
    Run(Box<commands::run::Arguments>),
    /// Evaluate more conditions on the trained trials of a run folder, without training.
    Eval(commands::eval::Arguments),
    /// Join the shards of a run into one run folder.
    Merge(commands::merge::Arguments),
    /// List the trials of a run folder.
    List(commands::list::Arguments),
    /// Measure what models cost: FLOPs, memory, latency.
    Profile(Box<commands::profile::Arguments>),
    /// Rebuild records and report of a run folder from its trials.
    Report(commands::report::Arguments),
    /// Choose hyper-parameters on the validation split, with the same budget for every method.
    Tune(Box<commands::tune::Arguments>),
    /// Print the tests of a run folder: who differs, by how much, how sure.
    Stats(commands::stats::Arguments),
    /// Compare two runs, or two methods: regressed, improved, the same, or cannot tell.
    Compare(Box<commands::compare::Arguments>),
    /// Show a run folder, or one of its trials, in full.
    Show(commands::show::Arguments),
    /// Recompute what papers claim from what they print.
    Audit(Box<commands::audit::Arguments>),
    /// Show the papers' tables with their printed numbers and ours.
    Tables(commands::tables::Arguments),
    /// Make a dataset of the files that the field has on disk.
    Import(Box<commands::import::Arguments>),
    /// List datasets, show one, verify folders, export one.
    Datasets(commands::datasets::Arguments),
    /// List methods, or show one's card.
    Methods(commands::methods::Arguments),
    /// List suites, or show one's conditions.
    Suites(commands::suites::Arguments),
    /// Say what bench runs on and how to mend what is missing.
    Doctor(commands::doctor::Arguments),
    /// Print shell completions.
    Completions(commands::completions::Arguments),
    /// Print the manual pages, or write them for `man`.
    Man(commands::man::Arguments),
}

/// Reads the command line: the command with clap's own view of it (which tells a flag from an environment variable), or `None` where help or version was
/// printed.
///
/// # Errors
/// Wrong usage, in clap's words.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<Option<(Command, ArgMatches)>> {
    let given: Vec<OsString> = arguments.into_iter().collect();
    let parsed = Cli::command().try_get_matches_from(&given).and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        let own = matches.subcommand().map_or_else(ArgMatches::default, |(_, own)| own.clone());
        Ok(Some((cli.command, own)))
    });
    parsed.or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Clap knows whether standard output takes styles.
            let printed = error.print();
            printed.or_else(|refused| if refused.kind() == std::io::ErrorKind::BrokenPipe { Ok(()) } else { Err(refused) })?;
            Ok(None)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            output::tell(error.to_string().trim_end());
            Err(Failure::usage("name a command, for instance `bench run`"))
        }
        ErrorKind::InvalidUtf8 => Err(no_text(&given)),
        _ => Err(Failure::usage(sentence(&error, &given))),
    })
}

/// Clap's report as one sentence: what is wrong, clap's tip, and where there is more. Its usage line only repeats the help.
fn sentence(error: &clap::Error, given: &[OsString]) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let mut parts = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut sentence = parts.next().unwrap_or_default();
    if let Some(cause) = error.source().and_then(|cause| cause.downcast_ref::<ParseIntError>())
        && let Some((before, _)) = sentence.rsplit_once(": ")
    {
        let reason = match cause.kind() {
            IntErrorKind::Zero => "it must be at least 1",
            IntErrorKind::PosOverflow => "it is too large",
            _ => "it must be a whole number",
        };
        sentence = format!("{before}: {reason}");
    }
    for tips in parts.filter_map(|part| part.strip_prefix("tip: ").map(str::to_string)) {
        sentence = format!("{sentence}; {}", tips.replace(" tip: ", "; "));
    }
    sentence + &variable(error, given) + "; `--help` says more"
}

/// Where a wrong value came from, if not from the arguments: clap names the flag in any case.
fn variable(error: &clap::Error, given: &[OsString]) -> String {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return String::new() };
    let name = argument.split(' ').next().unwrap_or_default();
    let variable = format!("BENCH_{}", name.trim_start_matches('-').to_uppercase().replace('-', "_"));
    let is_given = given.iter().any(|argument| argument.to_string_lossy().starts_with(name));
    if is_given || std::env::var_os(&variable).is_none() { String::new() } else { format!("; it is from the environment variable {variable}") }
}

/// The first argument that is no text. Paths may be other bytes on some systems, everything else is a name.
fn no_text(arguments: &[OsString]) -> anyhow::Error {
    let found =
        arguments.iter().find(|argument| argument.to_str().is_none()).map_or_else(String::new, |argument| format!(" `{}`", argument.display()));
    Failure::usage(format!("the argument{found} is not UTF-8, which all names are; type it again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_mistyped_flag_is_a_sentence_with_a_tip() {
        let error = parse(["bench", "run", "--seed", "3"].map(OsString::from)).unwrap_err().to_string();
        assert!(error.starts_with("unexpected argument '--seed'") && error.contains("--seeds"), "{error}");
    }
}
