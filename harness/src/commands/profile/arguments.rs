//! The flags of `bench profile`.

use std::{num::NonZero, path::PathBuf};

use clap::{Args, ValueEnum, builder::BoolishValueParser};

use super::extractors::Extractor;
use crate::settings::Preset;

/// Most samples in a batch: more than any method here trains with, and small enough for a mistyped number not to fill the memory.
const MOST_SAMPLES: usize = 16_384;
/// Most calls of one timing.
const MOST_REPEATS: usize = 10_000;

/// Arguments of `bench profile`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Methods: `METHOD`, `METHOD/VARIANT` or `METHOD?OPTION=VALUE`, separated by commas; the others are compared with the first [default: those of `bench run`]
    #[arg(long, value_name = "M,…", value_delimiter = ',')]
    pub method: Vec<String>,
    /// Datasets: `NAME`, `NAME?train=N` or a folder, separated by commas [default: cremad-votes?train=1000,openmoji?train=500]
    #[arg(long, value_name = "D,…", value_delimiter = ',')]
    pub dataset: Vec<String>,
    /// Samples in the batch of operation counts and memory
    #[arg(long, value_name = "N", default_value = "64", value_parser = batch, allow_negative_numbers = true)]
    pub batch: NonZero<usize>,
    /// Samples in the batches that are timed, separated by commas
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,16,64,256", value_parser = batch, allow_negative_numbers = true)]
    pub batches: Vec<NonZero<usize>>,
    /// Measured calls of each timing; 6 are the fewest that give an interval
    #[arg(long, value_name = "N", default_value = "30", value_parser = repeats, allow_negative_numbers = true)]
    pub repeats: NonZero<usize>,
    /// Calls before the measured ones
    #[arg(long, value_name = "N", default_value_t = 3, allow_negative_numbers = true)]
    pub warm_up: u16,
    /// Count only
    #[arg(long)]
    pub no_timing: bool,
    /// Time inference with all modalities only, not under every missing pattern
    #[arg(long)]
    pub no_patterns: bool,
    /// Where to compute: `auto` takes the first CUDA device that works, else the CPU
    #[arg(long, env = "BENCH_DEVICE", value_name = "auto|cpu|cuda:N")]
    pub device: Option<String>,
    /// Profile the trained models of this run folder, and set their accuracy beside their cost
    #[arg(long, value_name = "DIR", conflicts_with_all = ["preset", "scale"])]
    pub run: Option<PathBuf>,
    /// With --run: keep in its folder (costs/) what the papers' tables say of a model's cost, measured once, and print that in their units
    #[arg(
        long,
        requires = "run",
        conflicts_with_all = ["batch", "batches", "repeats", "warm_up", "no_timing", "no_patterns", "extractor", "detail", "out"]
    )]
    pub keep: bool,
    /// Frozen feature extractors with random weights, and their size: `bert-base:TOKENS`, `resnet-50:FRAMES`, `wav2vec2-base:SECONDS`, separated by commas
    #[arg(long, value_name = "E:SIZE,…", value_delimiter = ',', conflicts_with = "scale")]
    pub extractor: Vec<Extractor>,
    /// How cost grows with one thing, on made-up data, instead of tables
    #[arg(long, value_enum, value_name = "WHAT")]
    pub scale: Option<Scale>,
    /// FLOPs by family of operations too
    #[arg(long)]
    pub detail: bool,
    /// Training settings of a method's card
    #[arg(long, env = "BENCH_PRESET", value_enum, value_name = "NAME")]
    pub preset: Option<Preset>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',')]
    pub data: Vec<PathBuf>,
    /// Also write profile.md, profile.csv, profile.json and figures/ to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// No progress
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    pub quiet: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = ProfileFormat::Table)]
    pub format: ProfileFormat,
}

const AFTER: &str = "\
FLOPs are 2 × multiply-accumulates, counted from the operations that libtorch executes, backward and optimiser included; an operation without a
rule is listed with its calls. Counts and memory are the same each time. Times are of this machine: methods are timed in turns, so their ratios
carry over further than the times. Without --run, weights are the initial ones, on which cost does not depend.

Examples:
  bench profile --method concat,raml --dataset openmoji
  bench profile --run runs/robustness --dataset openmoji --out costs     accuracy beside cost, with figures
  bench profile --method def-aaf --dataset digits --no-timing --detail
  bench profile --method def-aaf --dataset digits --extractor bert-base:128,resnet-50:1,wav2vec2-base:4.5 --batches 1
  bench profile --scale modalities --method concat,raml --no-timing
  bench profile --format csv > cost.csv";

/// What `--scale` lets grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scale {
    /// 2 to 8 vectors of 32 features
    Modalities,
    /// Three vectors of 16 to 1024 features
    Width,
    /// Two sequences of 8 to 128 steps
    Length,
    /// Batches of 16 to 1024 samples of the dataset: times only
    Batch,
}

impl Scale {
    /// What grows, in words.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Modalities => "modalities",
            Self::Width => "features",
            Self::Length => "steps",
            Self::Batch => "samples in the batch",
        }
    }
}

/// `--format` of `bench profile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProfileFormat {
    /// Tables for people
    Table,
    /// The same in Markdown
    Md,
    /// Every number, exact, one a line
    Csv,
    /// Every number, exact
    Json,
}

fn batch(text: &str) -> Result<NonZero<usize>, String> {
    up_to(text, MOST_SAMPLES)
}

fn repeats(text: &str) -> Result<NonZero<usize>, String> {
    up_to(text, MOST_REPEATS)
}

fn up_to(text: &str, most: usize) -> Result<NonZero<usize>, String> {
    let number = text.parse::<NonZero<usize>>().ok().filter(|number| number.get() <= most);
    number.ok_or_else(|| format!("it must be a whole number from 1 to {most}"))
}
