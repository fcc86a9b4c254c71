//! `bench stats`: the tests of a run folder, without writing anything.

use std::path::PathBuf;

use clap::Args;

use super::{
    format::ListFormat,
    json,
    report::{self, Opened},
};
use crate::{exit::Exit, output};

/// Arguments of `bench stats`.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Run folder
    #[arg(value_name = "RESULTS", default_value = "runs/robustness")]
    folder: PathBuf,
    /// Method that all others are compared with [default: as in the last run]
    #[arg(long, env = "BENCH_REFERENCE", value_name = "METHOD")]
    reference: Option<String>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    data: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

const AFTER: &str = "\
Two tests speak about every difference from the reference. The paired t-test over seeds is about other seeds on this same
test set. The bootstrap resamples seeds and test samples (or whole groups of them) together, and is about other samples too.
A method is called better (▲) or worse (▼) only where both say so after Bonferroni over the primary family.

  detectable   the difference that a repetition with this spread and these seeds would find in 4 of 5 cases
  d_z          mean over standard deviation of the differences, corrected for few seeds (Hedges)
  ≤            no resample crossed zero, or there are too few groups to say more: the p-value is a bound

docs/statistics.md has the reasoning and measured error rates.

Examples:
  bench stats runs/robustness
  bench stats runs/robustness --reference late --format json";

/// Prints the tests of every trial that fits the last run's settings.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Opened { folder, run, results } = report::open(&arguments.folder, arguments.reference.as_ref(), &arguments.data)?;
    let (summary, notes) = results.summary(&folder, &run)?;
    if summary.datasets.is_empty() {
        return Err(report::nothing_to_show(&arguments.folder, &notes));
    }
    match arguments.format {
        ListFormat::Json => output::print_json(&json::run(&summary))?,
        ListFormat::Table => {
            let rest: String = notes.iter().map(|note| format!("note: {note}\n")).collect();
            output::print(&format!("{}{rest}", bench_reports::report::statistics(&summary)))?;
        }
    }
    Ok(Exit::Fine)
}
