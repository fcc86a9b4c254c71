//! The flags of `bench tables`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, builder::BoolishValueParser};

/// Arguments of `bench tables`.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Papers (`raml`), tables (`raml-2`, `def-aaf-table20`, `def-aaf-figure2`) or table files of one's own (`mine.toml`) [default: all]
    #[arg(value_name = "PAPER[-tableN]")]
    pub names: Vec<String>,
    /// List the tables and what of each can be measured
    #[arg(long, conflicts_with_all = ["check", "reading", "out"])]
    pub list: bool,
    /// Run folder, or the JSON of `bench tables --format json` [default: runs/tables, if it is there]
    #[arg(long, env = "BENCH_RESULTS", value_name = "DIR|FILE")]
    pub results: Option<PathBuf>,
    /// Datasets that stand in for the papers', separated by commas: `NAME`, `NAME?train=N`, or `IEMOCAP=NAME` for one place [default: as in the run]
    #[arg(long, value_name = "D,…", value_delimiter = ',')]
    pub on: Vec<String>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Md)]
    pub format: Format,
    /// Compare the tables in a Markdown or CSV file (or all of a folder) with the results; the exit code is 1 where a cell differs
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["reading", "out"])]
    pub check: Vec<PathBuf>,
    /// Which of the papers' sentences about their tables appear in the results
    #[arg(long, conflicts_with = "out")]
    pub reading: bool,
    /// Write into this folder: with `--format md` a page a paper, the reading, an index and tables.json; else one file
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    pub data: Vec<PathBuf>,
    /// Print nothing beside the tables
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    pub quiet: bool,
}

const AFTER: &str = "\
A cell shows what the paper prints and, below it, what was measured: mean ± sample standard deviation over seeds, with the dataset's name where it stands
in for the paper's. Numbers on other data are no reproduction: compare orders and gaps, not levels. Numbers in superscript are what `bench audit` says of
a printed number. JSON and HTML name the trials, seeds, data hashes and revisions behind each cell.

Exit codes: 0 fine, 1 with --check where a cell differs, 2 wrong usage or input.

Examples:
  bench run --table raml-2 --on openmoji              what Table II needs, on other data
  bench tables raml-2                                 the table
  bench tables raml --format tex > raml.tex           booktabs
  bench tables --check paper.md                       does paper.md say what the results say?
  bench tables --reading                              which sentences of the papers appear here
  bench tables mine.toml --on openmoji                a table of one's own (reports/tables/README.md)";

/// How to print tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown
    Md,
    /// One cell a line
    Csv,
    /// LaTeX with booktabs
    Tex,
    /// A page with everything behind each cell
    Html,
    /// For programs, and for `--results`
    Json,
}

impl Format {
    /// Ending of a file.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Csv => "csv",
            Self::Tex => "tex",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}
