//! `bench audit`: what papers claim, recomputed from what they print.

mod baseline;
mod claims;
mod explain;
mod findings;
mod start;

use std::{num::NonZeroU64, path::PathBuf};

use bench_audit::{
    Ledger,
    discover::{self, Settings},
    ledger::{self, Plain},
    report,
    verdict::{Verdict, judge_all},
};
use clap::{Args, ValueEnum};

use crate::{
    exit::{Exit, Failure},
    names, output,
};

/// Arguments of `bench audit`.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Papers whose claims are judged: short names such as `raml`, or names of methods such as `RAML` [default: all]
    #[arg(value_name = "PAPER", conflicts_with = "csv")]
    papers: Vec<String>,
    /// Folder with claims.toml, tables/*.csv, facts.toml and papers.toml [default: the built-in ledger of five papers]
    #[arg(long, value_name = "DIR", conflicts_with = "csv")]
    ledger: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Only claims with these verdicts [default: fails and undecidable as a table, all in the other formats]
    #[arg(long, value_enum, value_name = "VERDICT", value_delimiter = ',')]
    only: Vec<Only>,
    /// Show how a claim's verdict comes about, step by step
    #[arg(long, value_name = "ID", conflicts_with_all = ["csv", "only", "baseline", "discover"])]
    explain: Option<String>,
    /// Compare with the verdicts of an earlier `--format json`; the exit code is 1 only where a verdict changed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["csv", "discover"])]
    baseline: Option<PathBuf>,
    /// Look at the tables alone, without the listed claims
    #[arg(long)]
    discover: bool,
    /// Checks to run [default: all; `bench audit --discover --check help` lists them]
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    check: Vec<String>,
    /// Table to look at: rows are methods, columns are metrics; may be given several times
    #[arg(long, value_name = "FILE")]
    csv: Vec<PathBuf>,
    /// Sizes that the test set may have, for papers that name none
    #[arg(long, value_name = "N", value_delimiter = ',')]
    n_test: Vec<NonZeroU64>,
    /// Runs behind each number, for cells that do not say
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    seeds: Option<u32>,
    /// Allow that each run was rounded to the printed digits before averaging
    #[arg(long)]
    round_first: bool,
    /// Report what an honest table shows with at most this probability
    #[arg(long, value_name = "P", default_value_t = 0.01, value_parser = probability)]
    alpha: f64,
    /// Start a ledger in a new folder, from the tables of --csv or with a small example
    #[arg(long, value_name = "DIR", conflicts_with_all = ["papers", "ledger", "explain", "baseline", "discover", "only"])]
    new: Option<PathBuf>,
}

const AFTER: &str = "\
A printed number stands for every number that rounds to it. A claim fails where no rounding makes it true, holds where every rounding
does, and is undecidable otherwise. A failure says that two things on paper do not agree, not which of them is wrong.

Exit codes: 0 nothing fails, 1 something fails (with --baseline: a verdict changed), 2 the ledger or the usage is wrong.

docs/audit.md explains every check, docs/claims.md is the report on the five papers whose methods are here.

Examples:
  bench audit                                            what fails in the five papers
  bench audit raml mla --only fails --format md
  bench audit --explain def-t1-selfmm                    every step, with the cells used
  bench audit --discover                                 what the tables say against themselves
  bench audit --csv table2.csv --n-test 1593 --seeds 5   any table at hand
  bench audit --new my-ledger --csv table2.csv           begin a ledger of your own
  bench audit --ledger my-ledger --baseline verdicts.json";

/// How to print verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// A page for people, with everything
    Md,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

/// Verdicts to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    /// No rounding makes it true
    Fails,
    /// Open
    Undecidable,
    /// Every rounding makes it true
    Holds,
}

impl From<Only> for Verdict {
    fn from(only: Only) -> Self {
        match only {
            Only::Fails => Self::Fails,
            Only::Undecidable => Self::Undecidable,
            Only::Holds => Self::Holds,
        }
    }
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("it must lie between 0 and 1".into()),
    }
}

/// Runs the command.
///
/// # Errors
/// A ledger or table that cannot be read, an unknown name, a folder that cannot be written.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.check.iter().any(|name| name == "help") {
        output::print(&findings::checks())?;
        return Ok(Exit::Fine);
    }
    let checks = checks(&arguments.check)?;
    if let Some(folder) = &arguments.new {
        return start::run(folder, tables(arguments)?);
    }
    let settings = Settings {
        n_test: arguments.n_test.iter().map(|n| n.get()).collect(),
        seeds: arguments.seeds,
        round_first: arguments.round_first,
        alpha: arguments.alpha,
    };
    let look = |ledger: &Ledger, papers: &[String]| -> Vec<discover::Finding> {
        let found = checks.iter().flat_map(|check| (check.find)(ledger, &settings));
        found.filter(|finding| papers.contains(&finding.paper)).collect()
    };
    if !arguments.csv.is_empty() {
        let ledger = Ledger::of_tables(tables(arguments)?);
        let papers: Vec<String> = ledger.papers.iter().map(|paper| paper.id.clone()).collect();
        return findings::run(&ledger, &look(&ledger, &papers), arguments.format);
    }
    let ledger = open(arguments)?;
    let papers = chosen(&ledger, &arguments.papers)?;
    if let Some(id) = &arguments.explain {
        return explain::run(&ledger, id, arguments.format, |error| bad_claim(arguments, error));
    }
    if arguments.discover {
        return findings::run(&ledger, &look(&ledger, &papers), arguments.format);
    }
    let mut judgements = judge_all(&ledger).map_err(|error| bad_claim(arguments, &error))?;
    judgements.retain(|judgement| papers.contains(&judgement.claim.paper));
    if let Some(file) = &arguments.baseline {
        let known = baseline::read(file)?;
        return baseline::run(&judgements, &known, &papers, arguments.format);
    }
    let exit = if judgements.iter().any(|judgement| judgement.verdict == Verdict::Fails) { Exit::No } else { Exit::Fine };
    let only: Vec<Verdict> = arguments.only.iter().copied().map(Verdict::from).collect();
    if arguments.format == Format::Md && only.is_empty() {
        output::print(&report::page(&ledger, &judgements, &look(&ledger, &papers)))?;
    } else {
        claims::print(&ledger, &judgements, &only, arguments.format)?;
    }
    Ok(exit)
}

fn open(arguments: &Arguments) -> anyhow::Result<Ledger> {
    Ok(match &arguments.ledger {
        Some(folder) => ledger::read_folder(folder)?,
        None => ledger::builtin().map_err(|error| Failure::internal(format!("the built-in ledger cannot be read: {error}")))?,
    })
}

/// Short names of the papers asked for; all of them where none is.
fn chosen(ledger: &Ledger, asked: &[String]) -> anyhow::Result<Vec<String>> {
    if asked.is_empty() {
        return Ok(ledger.papers.iter().map(|paper| paper.id.clone()).collect());
    }
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    asked
        .iter()
        .map(|name| {
            let found = ledger.papers.iter().find(|paper| same(&paper.id, name) || paper.method.as_deref().is_some_and(|method| same(method, name)));
            found.map(|paper| paper.id.clone()).ok_or_else(|| names::unknown("paper", name, ledger.papers.iter().map(|paper| paper.id.as_str())))
        })
        .collect()
}

fn checks(asked: &[String]) -> anyhow::Result<Vec<&'static discover::Check>> {
    if asked.is_empty() {
        return Ok(discover::CHECKS.iter().collect());
    }
    let known = || discover::CHECKS.iter().map(|check| check.name);
    asked.iter().map(|name| discover::CHECKS.iter().find(|check| check.name == name).ok_or_else(|| names::unknown("check", name, known()))).collect()
}

/// The tables of `--csv`, each a table of the paper "table", numbered as given unless a ledger's table says more.
fn tables(arguments: &Arguments) -> anyhow::Result<Vec<ledger::Table>> {
    let mut tables: Vec<ledger::Table> = Vec::new();
    for (number, file) in (1_usize..).zip(&arguments.csv) {
        let paper = if arguments.new.is_some() { "paper" } else { "table" };
        let Plain { table, notes } = ledger::read_plain(file, paper, &number.to_string())?;
        for note in notes {
            output::tell(&format!("note: {}: {note}", file.display()));
        }
        if tables.iter().any(|known| (&known.paper, &known.id) == (&table.paper, &table.id)) {
            return Err(Failure::usage(format!("{}: table {} of \"{}\" is given twice", file.display(), table.id, table.paper)));
        }
        tables.push(table);
    }
    Ok(tables)
}

/// A claim that cannot be judged is a fault of the ledger, or of ours where the ledger is built in.
fn bad_claim(arguments: &Arguments, error: &bench_audit::verdict::ClaimError) -> anyhow::Error {
    match &arguments.ledger {
        Some(folder) => Failure::usage(format!("{}: {error}\n{}", folder.join("claims.toml").display(), indented(&error.pointed()))),
        None => Failure::internal(format!("the built-in ledger: {error}")),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
