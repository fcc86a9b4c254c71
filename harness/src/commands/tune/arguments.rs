//! Arguments of `bench tune`.

use std::{num::NonZero, path::PathBuf};

use clap::{ArgMatches, Args, ValueEnum, builder::BoolishValueParser, parser::ValueSource};

use crate::{
    exit::Failure,
    settings::{Layer, Settings, Source},
};

/// Arguments of `bench tune`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Methods to tune, separated by commas [default: all that are trained]
    #[arg(long, env = "BENCH_METHOD", value_name = "M,…", value_delimiter = ',')]
    pub method: Vec<String>,
    /// Datasets to tune on [default: those of the robustness suite]
    #[arg(long, env = "BENCH_DATASET", value_name = "D,…", value_delimiter = ',')]
    pub dataset: Vec<String>,
    /// Settings that each method gets: its defaults, the paper's training where that is another, the rest drawn from its space
    #[arg(long, value_name = "N", default_value = "20")]
    pub trials: NonZero<usize>,
    /// Instead: the validation score over one hyper-parameter, or over a grid of two; `METHOD.OPTION=LOW..HIGH` or `=A,B,C`, two
    /// joined with `;`. May be given several times
    #[arg(long, value_name = "M.O=A..B")]
    pub sweep: Vec<String>,
    /// Values of a sweep from LOW to HIGH
    #[arg(long, value_name = "N", default_value = "8", requires = "sweep")]
    pub points: NonZero<usize>,
    /// Most epochs of a training
    #[arg(long, allow_negative_numbers = true, env = "BENCH_EPOCHS", value_name = "N")]
    pub epochs: Option<usize>,
    /// Epochs without a better validation score before training stops
    #[arg(long, allow_negative_numbers = true, env = "BENCH_PATIENCE", value_name = "N")]
    pub patience: Option<usize>,
    /// Where to compute
    #[arg(long, env = "BENCH_DEVICE", value_name = "auto|cpu|cuda:N")]
    pub device: Option<String>,
    /// Worker processes of one computing thread each [default: one a core, at most 4 on CUDA]
    #[arg(long, allow_negative_numbers = true, env = "BENCH_JOBS", value_name = "N")]
    pub jobs: Option<usize>,
    /// Folder for what is trained and chosen; what is trained already is kept
    #[arg(long, value_name = "DIR", default_value = "runs/tune")]
    pub out: PathBuf,
    /// Also put presets and logs of what was tried into this folder, beside those of other datasets and methods there
    #[arg(long, value_name = "DIR", conflicts_with = "sweep")]
    pub write: Option<PathBuf>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    pub data: Vec<PathBuf>,
    /// Say what would be tried and how long it would take; write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// No progress
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    pub quiet: bool,
    /// What to print at the end
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `--format` of `bench tune`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// The text of tuning.md or sweep.md
    Md,
    /// For programs
    Json,
}

const AFTER: &str = "\
Every method gets the same number of settings, drawn from the space that its card declares (`bench methods show METHOD`).
Each is trained with one seed; the best four and the defaults with two more; the median of the three validation scores decides.
The tuning seeds 1009, 2003, 3001 are no evaluation seeds, and the test split is not read.

The presets are in OUT/presets; `bench run --preset tuned --presets OUT/presets` uses them, without --presets those that come
with bench. Running the same command again goes on where it stopped; more --trials begin with the same settings.

Examples:
  bench tune --method raml,concat --dataset 'digits?train=300' --trials 20
  bench tune --sweep raml.lambda1=0.2..1.6 --sweep raml.lambda2=0.2..1.6 --dataset openmoji
  bench tune --sweep 'decalign.alpha=0.01,0.05,0.1;decalign.beta=0.01,0.05,0.1' --dataset 'cremad-votes?train=1000'
  bench run --preset tuned --seeds 5 --out runs/tuned";

impl Arguments {
    /// The settings, with `methods` where none is named.
    pub fn settings(&self, matches: &ArgMatches, methods: Vec<String>) -> anyhow::Result<Settings> {
        let given = |name: &str, wanted: ValueSource| matches.value_source(name) == Some(wanted);
        let layer = |source: Source, wanted: ValueSource| {
            let own = self.clone();
            let layer = Layer {
                suite: (source == Source::Flag).then(|| "robustness".into()),
                dataset: given("dataset", wanted).then_some(own.dataset),
                method: given("method", wanted).then_some(own.method),
                epochs: own.epochs.filter(|_| given("epochs", wanted)),
                patience: own.patience.filter(|_| given("patience", wanted)),
                device: own.device.filter(|_| given("device", wanted)),
                jobs: own.jobs.filter(|_| given("jobs", wanted)),
                out: (source == Source::Flag).then_some(own.out),
                data: given("data", wanted).then_some(own.data),
                ..Layer::default()
            };
            (source, layer)
        };
        let mut layers = vec![layer(Source::Flag, ValueSource::CommandLine), layer(Source::Environment, ValueSource::EnvVariable)];
        if !methods.is_empty() {
            layers.push((Source::Default, Layer { method: Some(methods), ..Layer::default() }));
        }
        let settings = Settings::resolve(layers, false)?;
        if settings.out.is_file() {
            return Err(Failure::usage(format!("{} is a file, but the results of tuning are a folder", settings.out.display())));
        }
        Ok(settings)
    }
}
