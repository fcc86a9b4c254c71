//! The formats, one file each.

mod arrays;
mod bc_lstm;
mod conversation;
mod csv_views;
mod iemocap;
mod lists;
mod mag;
mod matlab;
mod mfn;
mod misa;
mod mmin;
mod mmsa;
mod mult;
mod multibench;
mod shared;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bench_readers::{Source, Tree};

use crate::{Draft, ImportError};

/// What the user asked to import, as far as a format must know it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The files and folders, as given.
    pub paths: Vec<PathBuf>,
    /// A file that names arrays or columns, for the formats that need one (`npz`, `csv-views`, `safetensors`).
    pub spec: Option<PathBuf>,
    /// Utterances before each one that its modalities hold too: `[context + 1, d]` instead of `[d]`, its own last. For formats that know dialogues.
    pub context: usize,
    /// How sound files become log-mel energies.
    pub sound: Sound,
    /// Height and width to which images are brought.
    pub pixels: (usize, usize),
}

/// How sound files become log-mel energies `[T, bands]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sound {
    /// Samples a second; sounds of another rate are resampled.
    pub rate: u32,
    /// Milliseconds of a window.
    pub window: f64,
    /// Milliseconds from one window to the next.
    pub hop: f64,
    /// Mel bands.
    pub bands: usize,
    /// Longest sound in seconds; what is behind is cut.
    pub seconds: f64,
}

impl Default for Sound {
    fn default() -> Self {
        Self { rate: 16_000, window: 25.0, hop: 10.0, bands: 80, seconds: 10.0 }
    }
}

/// A format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// For `bench import NAME`.
    pub name: &'static str,
    /// One line: whose format, what for.
    pub title: &'static str,
    /// What is expected as PATH…
    pub paths: &'static str,
    /// Which parts of a request it uses beside the paths.
    pub takes: &'static [Takes],
    /// Reads the files.
    pub read: fn(&Request) -> Result<Draft, ImportError>,
    /// Why these files look like this format; `None` where they do not.
    pub recognise: fn(&Glance) -> Option<String>,
}

/// A part of a [`Request`] that only some formats use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// [`Request::spec`].
    Spec,
    /// [`Request::context`].
    Context,
    /// [`Request::pixels`] and [`Request::sound`].
    Media,
}

impl Format {
    /// Reads the files.
    ///
    /// # Errors
    /// Where something was asked for that this format does not use, which would otherwise be left out in silence; and those of [`Format::read`].
    pub fn draft(&self, request: &Request) -> Result<Draft, ImportError> {
        let pixels = ![(0, 0), lists::PIXELS].contains(&request.pixels);
        let asked = [
            (Takes::Spec, request.spec.is_some(), "--spec"),
            (Takes::Context, request.context > 0, "--context"),
            (Takes::Media, pixels, "--pixels"),
            (Takes::Media, request.sound != Sound::default(), "--sample-rate, --window, --hop, --bands or --seconds"),
        ];
        if let Some((takes, _, option)) = asked.into_iter().find(|(takes, asked, _)| *asked && !self.takes.contains(takes)) {
            let others = ALL.iter().filter(|format| format.takes.contains(&takes)).map(|format| format.name).collect::<Vec<_>>().join(", ");
            return Err(ImportError::request(format!("{} does not use {option}, only {others} do; leave it out", self.name)));
        }
        (self.read)(request)
    }
}

/// A first look at what was given, shared by all formats that are asked whether it is theirs.
#[derive(Debug)]
pub struct Glance {
    /// The files and folders, as given.
    pub paths: Vec<PathBuf>,
    /// What the first path nests, if it is a file that a reader takes.
    pub tree: Option<Tree>,
}

/// All formats, in the order in which they are asked.
pub const ALL: &[Format] = &[
    mmsa::FORMAT,
    mult::FORMAT,
    multibench::FORMAT,
    mag::FORMAT,
    misa::FORMAT,
    bc_lstm::FORMAT,
    conversation::FORMAT,
    csv_views::CSV,
    mfn::MFN,
    mmin::MMIN,
    lists::QMF,
    lists::OGM_GE,
    lists::MLA,
    matlab::TMC,
    matlab::CELL,
    arrays::NPZ,
    arrays::SAFETENSORS,
];

/// Opens a file and reads what it nests, by what its first bytes say.
///
/// # Errors
/// Where it cannot be read, or is none of the containers.
pub fn open(path: &Path) -> Result<Tree, ImportError> {
    Ok(bench_readers::read(Arc::new(Source::open(path)?))?)
}
