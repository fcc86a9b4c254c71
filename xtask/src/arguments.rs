//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::peers::Part;
use crate::{compare, pages};

pub(crate) const USAGE: &str = "\
Finds or installs libtorch, builds, and runs.

Usage: cargo xtask <command>

Commands:
  bench [ARGUMENTS]             set up, build, and run `bench ARGUMENTS`, with its exit code
  test [ARGUMENTS]              set up, build, and run `cargo test --workspace ARGUMENTS`
  compare [BASE] [--run 'FLAGS'] [--compare 'FLAGS']
                                set up, build and run BASE and the work tree, and say whether the work hurt (docs/ci.md)
      BASE                      a commit (where the work left origin/main or main; the commit before where it is main itself)
      --run 'FLAGS'             of `bench run`, for both (--suite robustness --dataset cremad-votes?train=1000 --seeds 5)
      --compare 'FLAGS'         of `bench compare`, as --margin 1 --require-proof
      --clean                   remove everything that comparisons left in target/compare, and nothing else
  ci                            what continuous integration runs: formatting, tests, lints (.ci/run)
  peers [--repetitions N] [--part NAME]...
                                set up, build, and measure the same training and evaluation here and in PyTorch (docs/speed.md)
      --part NAME               only training, suites, patterns, profile or workers
  cost                          set up, build, and make the tables and figures of docs/cost.md anew
  baselines                     set up, build, and make the tables of docs/baselines.md anew (an hour; a run that was stopped goes on)
  tables                        set up, build, and make the papers' tables in docs/tables anew (hours; a run that was stopped goes on)
  stream [--size GIB] [--warm GIB] [--limit GIB] [--repetitions N] [--folder DIR]
                                set up, build, and train on a generated dataset larger than memory, then measure streamed epochs
                                against epochs in memory (docs/speed.md)
      --size GIB                the dataset that is larger than memory (8; 0 leaves this part out)
      --limit GIB               memory that the worker may take for it (4)
      --warm GIB                the dataset that fits (1; 0 leaves this part out)
      --folder DIR              where a folder for both is made, and removed again (the system's temporary folder)
  setup [--cuda] [--libtorch DIR]
                                only set up
      --cuda                    with all CUDA libraries (5 GB instead of 1.3)
      --libtorch DIR            use the libtorch 2.11 in DIR
  help                          print this

libtorch is taken from the first of: $LIBTORCH; .libtorch in the repository; the torch 2.11 of `python3`; else pip installs it into
.libtorch-venv in the repository.

Exit codes: that of the command that was run; 2 for wrong usage or something missing on this machine.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Setup { cuda: bool, libtorch: Option<PathBuf> },
    Bench(Vec<OsString>),
    Test(Vec<OsString>),
    Peers { repetitions: usize, parts: Vec<Part> },
    Page(pages::Page),
    Tables,
    Stream(Stream),
    Compare(compare::Wish),
    Ci,
    Help,
}

/// What `stream` measures; sizes in MiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    pub size: usize,
    pub warm: usize,
    pub limit: usize,
    pub repetitions: usize,
    pub folder: PathBuf,
}

impl Default for Stream {
    fn default() -> Self {
        Self { size: 8 << 10, warm: 1 << 10, limit: 4 << 10, repetitions: 10, folder: std::env::temp_dir() }
    }
}

/// Repetitions of `peers` unless told otherwise.
const REPETITIONS: usize = 20;

/// Reads the arguments behind `cargo xtask`.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter();
    let Some(command) = arguments.next() else {
        return Err("no command given: one of bench, test, compare, ci, peers, stream, cost, baselines, tables, setup; `cargo xtask help` explains"
            .to_owned());
    };
    match command.to_str() {
        Some("bench") => Ok(Command::Bench(arguments.collect())),
        Some("test") => Ok(Command::Test(arguments.collect())),
        Some("setup") => setup(arguments),
        Some("peers") => peers(arguments),
        Some("stream") => stream(arguments),
        Some("compare") => compare::parse(arguments).map(Command::Compare),
        Some("ci") => alone("ci", Command::Ci, arguments),
        Some("cost") => alone("cost", Command::Page(pages::COST), arguments),
        Some("baselines") => alone("baselines", Command::Page(pages::BASELINES), arguments),
        Some("tables") => alone("tables", Command::Tables, arguments),
        Some("help" | "--help" | "-h") => Ok(Command::Help),
        _ => Err(format!(
            "unknown command `{}`: one of bench, test, compare, ci, peers, stream, cost, baselines, tables, setup; `cargo xtask help` explains",
            command.display()
        )),
    }
}

/// A command that takes no arguments.
fn alone(name: &str, command: Command, mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    match arguments.next() {
        None => Ok(command),
        Some(extra) => Err(format!("`{name}` takes no arguments, found `{}`", extra.display())),
    }
}

fn peers(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let (mut repetitions, mut parts) = (REPETITIONS, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--repetitions") => {
                let number = arguments.next().and_then(|text| text.to_str().and_then(|text| text.parse().ok()));
                repetitions = number.filter(|&number| number > 0).ok_or("`--repetitions` needs a whole number of at least 1 behind it")?;
            }
            Some("--part") => {
                let part = arguments.next().and_then(|text| text.to_str().and_then(Part::named));
                parts.push(part.ok_or("`--part` needs one of training, suites, patterns, profile, workers behind it")?);
            }
            Some("--help" | "-h") => return Ok(Command::Help),
            _ => return Err(format!("unknown argument `{}` of `peers`: it knows --repetitions N and --part NAME", argument.display())),
        }
    }
    if parts.is_empty() {
        parts.extend(Part::ALL);
    }
    Ok(Command::Peers { repetitions, parts })
}

fn stream(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut wish = Stream::default();
    while let Some(argument) = arguments.next() {
        let name = argument.display().to_string();
        let mut text = || arguments.next().ok_or_else(|| format!("`{name}` needs a value behind it"));
        let number = |text: OsString| text.to_str().and_then(|text| text.parse::<f64>().ok()).filter(|number| (0.0..1e6).contains(number));
        let mut gibibytes = || number(text()?).map(|number| (number * 1024.0) as usize).ok_or_else(|| format!("`{name}` needs a number of GiB"));
        match name.as_str() {
            "--size" => wish.size = gibibytes()?,
            "--warm" => wish.warm = gibibytes()?,
            "--limit" => wish.limit = gibibytes()?,
            "--repetitions" => {
                let repetitions = text()?.to_str().and_then(|text| text.parse().ok()).filter(|&number| number > 0);
                wish.repetitions = repetitions.ok_or("`--repetitions` needs a whole number of at least 1 behind it")?;
            }
            "--folder" => wish.folder = PathBuf::from(text()?),
            "--help" | "-h" => return Ok(Command::Help),
            _ => {
                return Err(format!(
                    "unknown argument `{name}` of `stream`: it knows --size, --warm, --limit (GiB), --repetitions N and --folder DIR"
                ));
            }
        }
    }
    Ok(Command::Stream(wish))
}

fn setup(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut cuda = false;
    let mut libtorch = None;
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--cuda") => cuda = true,
            Some("--libtorch") => {
                libtorch = Some(PathBuf::from(arguments.next().ok_or("`--libtorch` needs the folder of a libtorch 2.11 behind it")?));
            }
            Some("--help" | "-h") => return Ok(Command::Help),
            _ => return Err(format!("unknown argument `{}` of `setup`: it knows --cuda and --libtorch DIR", argument.display())),
        }
    }
    Ok(Command::Setup { cuda, libtorch })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &str) -> Result<Command, String> {
        parse(words.split_whitespace().map(OsString::from))
    }

    #[test]
    fn everything_behind_bench_belongs_to_bench() {
        let expected = ["run", "--help", "--cuda"].map(OsString::from).to_vec();
        assert_eq!(parse_words("bench run --help --cuda"), Ok(Command::Bench(expected)));
    }

    #[test]
    fn setup_takes_its_two_flags_in_any_order() {
        let expected = Command::Setup { cuda: true, libtorch: Some(PathBuf::from("/opt/libtorch")) };
        assert_eq!(parse_words("setup --libtorch /opt/libtorch --cuda"), Ok(expected));
    }

    #[test]
    fn peers_take_a_number_of_repetitions_and_parts() {
        let peers = |repetitions, parts: &[Part]| Ok(Command::Peers { repetitions, parts: parts.to_vec() });
        assert_eq!(parse_words("peers --repetitions 3"), peers(3, &Part::ALL));
        assert_eq!(parse_words("peers"), peers(REPETITIONS, &Part::ALL));
        assert_eq!(parse_words("peers --part profile --part training"), peers(REPETITIONS, &[Part::Profile, Part::Training]));
        for wrong in ["peers --repetitions", "peers --repetitions 0", "peers --repetitions many", "peers 3", "peers --part", "peers --part all"] {
            assert!(parse_words(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn stream_takes_sizes_in_gibibytes() {
        let expected = Stream { size: 512, limit: 256, repetitions: 3, folder: PathBuf::from("/big"), ..Stream::default() };
        assert_eq!(parse_words("stream --size 0.5 --limit 0.25 --repetitions 3 --folder /big"), Ok(Command::Stream(expected)));
        for wrong in ["stream --size", "stream --size -1", "stream --size nan", "stream --limit much", "stream --repetitions 0", "stream 8"] {
            assert!(parse_words(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn unknown_words_are_named() {
        assert!(parse_words("benhc run").unwrap_err().contains("`benhc`"));
        assert!(parse_words("setup --gpu").unwrap_err().contains("`--gpu`"));
        assert!(parse_words("setup --libtorch").unwrap_err().contains("needs the folder"));
        assert_eq!(parse_words("cost"), Ok(Command::Page(pages::COST)));
        assert_eq!(parse_words("tables"), Ok(Command::Tables));
        assert!(parse_words("cost fast").unwrap_err().contains("`cost` takes no arguments"));
        assert!(parse_words("ci fast").unwrap_err().contains("`fast`"));
        assert!(parse_words("").unwrap_err().contains("no command given"));
    }
}
