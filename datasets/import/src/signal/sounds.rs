//! Sound files as rows.

use std::{ops::Range, path::PathBuf};

use bench_readers::{Source, sound};

use super::log_mel::LogMel;
use crate::{ImportError, Numbers, Rows, formats::Sound};

/// A WAV file for each sample, which becomes log-mel energies when it is read.
#[derive(Debug)]
pub struct Sounds {
    files: Vec<PathBuf>,
    options: Sound,
    mel: LogMel,
    /// Windows of each sound.
    lengths: Vec<u32>,
}

impl Sounds {
    /// WAV files, one a sample. Their headers are looked at, for the lengths.
    ///
    /// # Errors
    /// Where a file is no WAV, or the options make no windows.
    pub fn new(files: Vec<PathBuf>, options: Sound) -> Result<Self, ImportError> {
        let mel = LogMel::new(options)?;
        let mut lengths = Vec::with_capacity(files.len());
        for file in &files {
            let about = sound::about(&Source::open(file)?)?;
            lengths.push(u32::try_from(mel.windows(about.samples(options.rate, options.seconds))).unwrap_or(u32::MAX));
        }
        Ok(Self { files, options, mel, lengths })
    }

    /// Numbers `[T, bands]` of every sample, padded with zeros to the longest.
    pub fn numbers(self) -> Numbers {
        Numbers { shape: vec![self.steps(), self.options.bands], lengths: Some(self.lengths.clone()), rows: Box::new(self), bytes: None }
    }

    /// Windows of the longest sound.
    fn steps(&self) -> usize {
        self.lengths.iter().copied().max().unwrap_or(1) as usize
    }
}

impl Rows for Sounds {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>, ImportError> {
        let row = self.steps() * self.options.bands;
        let mut values = Vec::with_capacity(rows.len() * row);
        for file in &self.files[rows] {
            let samples = sound::read(&Source::open(file)?, self.options.rate, self.options.seconds)?;
            let end = values.len() + row;
            values.extend(self.mel.energies(&samples)?);
            // Also cuts what a file has gained since its header was looked at.
            values.resize(end, 0.0);
        }
        Ok(values)
    }
}
