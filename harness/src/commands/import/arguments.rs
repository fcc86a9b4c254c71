//! Arguments of `bench import`.

use std::path::PathBuf;

use bench_import::{
    Options, Rename,
    formats::{Request, Sound},
};
use clap::{Args, builder::BoolishValueParser};

use crate::commands::format::ListFormat;

/// Arguments of `bench import`.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// What the files are, as in `bench import --list`; `auto` looks and says why
    #[arg(value_name = "FORMAT", required_unless_present = "list")]
    pub format: Option<String>,
    /// Files or folders: the list says which
    #[arg(value_name = "PATH", required_unless_present = "list")]
    pub paths: Vec<PathBuf>,
    /// Folder of the dataset: new or empty
    #[arg(long, value_name = "DIR", required_unless_present_any = ["dry_run", "list"])]
    pub out: Option<PathBuf>,
    /// List the formats, with what PATH is for each
    #[arg(long)]
    pub list: bool,
    /// Read and count everything, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Name of the dataset
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// One line for people
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Another name for a modality; `THEIRS=` leaves it out; may be given several times
    #[arg(long, value_name = "THEIRS=OURS")]
    pub map: Vec<Rename>,
    /// A TOML file that names arrays or columns, for the formats that need one
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// Which of several targets is predicted; the first otherwise
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// By what samples belong together; `none` for nothing; otherwise the first grouping that crosses no split
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// Range of a regression's values
    #[arg(long, value_name = "LOW,HIGH", value_parser = range, allow_hyphen_values = true)]
    pub range: Option<(f32, f32)>,
    /// Utterances before each one that its modalities hold too, for formats that know dialogues
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub context: usize,
    /// Share of training that becomes validation where the files have none
    #[arg(long, value_name = "SHARE", default_value_t = Options::default().validation)]
    pub validation: f64,
    /// Share of training that becomes test where the files have none
    #[arg(long, value_name = "SHARE", default_value_t = Options::default().test)]
    pub test: f64,
    /// Times that a word must occur in training to be known
    #[arg(long, value_name = "N", default_value_t = Options::default().minimum_count)]
    pub min_count: usize,
    /// Words of the longest text, what is behind is cut; the longest of training, and at most 128, otherwise
    #[arg(long, value_name = "N")]
    pub longest_text: Option<usize>,
    /// Height and width to which images are brought
    #[arg(long, value_name = "HxW", default_value = "64x64", value_parser = pixels)]
    pub pixels: (usize, usize),
    /// Samples a second to which sounds are brought
    #[arg(long, value_name = "HZ", default_value_t = Sound::default().rate, value_parser = clap::value_parser!(u32).range(1..=768_000))]
    pub sample_rate: u32,
    /// Milliseconds of a window of sound
    #[arg(long, value_name = "MS", default_value_t = Sound::default().window, value_parser = positive)]
    pub window: f64,
    /// Milliseconds from one window of sound to the next
    #[arg(long, value_name = "MS", default_value_t = Sound::default().hop, value_parser = positive)]
    pub hop: f64,
    /// Mel bands of a window of sound
    #[arg(long, value_name = "N", default_value_t = Sound::default().bands, value_parser = bands)]
    pub bands: usize,
    /// Longest sound in seconds, what is behind is cut
    #[arg(long, value_name = "S", default_value_t = Sound::default().seconds, value_parser = positive)]
    pub seconds: f64,
    /// No progress
    #[arg(long, short, env = "BENCH_QUIET", value_parser = BoolishValueParser::new())]
    pub quiet: bool,
    /// How to print the summary, or the list
    #[arg(long = "format", id = "output", value_enum, default_value_t = ListFormat::Table)]
    pub output: ListFormat,
}

const AFTER: &str = "\
Nothing in a file is executed. What is repaired or assumed is printed and kept in the dataset's notes.

Examples:
  bench import --list
  bench import mmsa MOSI/aligned_50.pkl --dry-run
  bench import mmsa MOSI/aligned_50.pkl --map raw_text= --out data/mosi
  bench import auto features.npz --out data/mine
  bench run --dataset ./data/mosi --method concat,late --seeds 3

docs/importing.md has a command for each format.";

impl Arguments {
    /// What the format must know.
    pub fn request(&self) -> Request {
        let &Self { sample_rate: rate, window, hop, bands, seconds, .. } = self;
        Request {
            paths: self.paths.clone(),
            spec: self.spec.clone(),
            context: self.context,
            sound: Sound { rate, window, hop, bands, seconds },
            pixels: self.pixels,
        }
    }

    /// What is the same for all formats.
    pub fn options(&self) -> Options {
        Options {
            name: self.name.clone(),
            title: self.title.clone(),
            map: self.map.clone(),
            target: self.target.clone(),
            group: self.group.clone(),
            range: self.range,
            validation: self.validation,
            test: self.test,
            minimum_count: self.min_count,
            longest_text: self.longest_text,
        }
    }
}

fn range(text: &str) -> Result<(f32, f32), String> {
    let parsed = text.split_once(',').and_then(|(low, high)| Some((low.trim().parse().ok()?, high.trim().parse().ok()?)));
    parsed.ok_or_else(|| "write LOW,HIGH, for instance -3,3".into())
}

fn pixels(text: &str) -> Result<(usize, usize), String> {
    let parsed = text.split_once('x').and_then(|(height, width)| Some((height.parse().ok()?, width.parse().ok()?)));
    let sound = |&(height, width): &(usize, usize)| (1..=4096).contains(&height) && (1..=4096).contains(&width);
    parsed.filter(sound).ok_or_else(|| "write HEIGHTxWIDTH, each from 1 to 4096, for instance 64x64".into())
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0 && *number <= 86_400.0);
    number.ok_or_else(|| "it must be a number above 0, and at most 86400".into())
}

fn bands(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|bands| (1..=1024).contains(bands)).ok_or_else(|| "it must be a whole number from 1 to 1024".into())
}
