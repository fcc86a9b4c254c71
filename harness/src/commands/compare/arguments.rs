//! The flags of `bench compare`.

use std::path::PathBuf;

use bench_compare::Rules;
use clap::{Args, ValueEnum, builder::BoolishValueParser};

/// Arguments of `bench compare`.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// What is compared with: a run folder, or `FOLDER:METHOD` for one method of it, named as in `bench list`
    #[arg(value_name = "BASE")]
    pub base: String,
    /// What is judged: a run folder, or `FOLDER:METHOD`
    #[arg(value_name = "HEAD")]
    pub head: String,
    /// Differences under this are no matter, in hundredths of the metric's range (points of accuracy); never taken below two test samples
    #[arg(long, value_name = "POINTS", default_value_t = Rules::default().margin, value_parser = margin, allow_negative_numbers = true)]
    pub margin: f64,
    /// Level of all tests together
    #[arg(long, value_name = "LEVEL", default_value_t = Rules::default().alpha, value_parser = level, allow_negative_numbers = true)]
    pub alpha: f64,
    /// The metric that is compared, by its name in records.csv [default: accuracy, or mean_absolute_error]
    #[arg(long, value_name = "NAME")]
    pub metric: Option<String>,
    /// Only these datasets, separated by commas
    #[arg(long, value_name = "D,…", value_delimiter = ',')]
    pub dataset: Vec<String>,
    /// Only these methods of two run folders, named as in `bench list`, separated by commas
    #[arg(long, value_name = "M,…", value_delimiter = ',')]
    pub method: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = CompareFormat::Table)]
    pub format: CompareFormat,
    /// Also write compare.json, compare.md, comment.md and junit.xml to this folder, whatever the verdict is
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Exit code 4 where it cannot be told whether something regressed
    #[arg(long)]
    pub require_proof: bool,
    /// A cost (FLOPs, parameters, memory) may grow by this many per cent
    #[arg(long, value_name = "PER CENT", default_value_t = Rules::default().cost_margin, value_parser = cost_margin, allow_negative_numbers = true)]
    pub cost_margin: f64,
    /// Also time a prediction and a training step of both, in turns, and judge the ratio; unlike everything else, it differs each time
    #[arg(long)]
    pub latency: bool,
    /// With --latency: the build that the base is timed with, as its `bench`, its `bench-worker` or the folder that holds both [default: this one]
    #[arg(long, value_name = "PATH", requires = "latency")]
    pub base_program: Option<PathBuf>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    pub data: Vec<PathBuf>,
    /// No progress
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    pub quiet: bool,
}

const AFTER: &str = "\
Both sides are paired by dataset, seed, condition and test sample. Every row is regressed, improved, the same within the margin, or it cannot be told;
rows whose scores are the same bit for bit are the same at once. Trials count as in `bench stats`: those that fit the folder's run.toml.
What one side lacks makes the comparison incomplete: a method that vanished does not pass.
The same inputs give the same bytes, except with --latency: what is timed differs each time.

Examples:
  bench compare runs/main runs/change
  bench compare runs/main runs/change --method raml --margin 1 --require-proof
  bench compare runs/robustness:concat runs/robustness:raml
  bench compare runs/tuned:'raml [paper]' runs/tuned:'raml [tuned(20)]'
  bench compare runs/main runs/change --latency --base-program ../main/target/release
  bench compare runs/main runs/change --out verdict --format github > comment.md

Exit codes: 0 no regression; 1 something regressed; 2 wrong usage or input; 3 a side is incomplete; 4 with --require-proof: cannot tell.";

/// `--format` of `bench compare`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// Tables for people
    Table,
    /// The same in Markdown
    Md,
    /// Every number
    Json,
    /// JUnit's XML, for systems that show tests
    Junit,
    /// A comment on a pull request: the verdict first, details folded
    Github,
}

impl Arguments {
    /// What the comparison is judged by.
    pub fn rules(&self) -> Rules {
        Rules { margin: self.margin, alpha: self.alpha, cost_margin: self.cost_margin, require_proof: self.require_proof }
    }
}

fn margin(text: &str) -> Result<f64, String> {
    number(text).filter(|points| (0.0..=100.0).contains(points)).ok_or_else(|| "it must be a number from 0 to 100".into())
}

fn level(text: &str) -> Result<f64, String> {
    number(text).filter(|level| *level > 0.0 && *level < 1.0).ok_or_else(|| "it must be a number between 0 and 1".into())
}

fn cost_margin(text: &str) -> Result<f64, String> {
    number(text).filter(|per_cent| *per_cent >= 0.0).ok_or_else(|| "it must be a number that is not negative".into())
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_cannot_be_are_refused() {
        assert_eq!((margin("2"), level("0.05"), cost_margin("0")), (Ok(2.0), Ok(0.05), Ok(0.0)));
        for text in ["-1", "101", "NaN", "two"] {
            assert!(margin(text).is_err(), "{text}");
        }
        assert!(level("0").is_err() && level("1").is_err() && cost_margin("inf").is_err() && cost_margin("-5").is_err());
    }
}
