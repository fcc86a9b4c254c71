/*!
Sound of WAV files, as one channel at one rate.

Decoded by `hound` (integers of 8, 16, 24 and 32 bits, 32-bit floating point), resampled by `rubato`'s FFT resampler. Compressed sound (MP3, FLAC, the sound of
videos) is refused by name: `ffmpeg -i FILE FILE.wav` makes WAV of it.
*/

use std::io::{self, Read};

use hound::{SampleFormat, WavReader};
use rubato::{Fft, FixedSync, Resampler, WindowFunction, audioadapter_buffers::direct::SequentialSlice};

use crate::{ReadError, Source};

/// Rates that are taken for sound, in samples a second.
const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;
/// Frames that the resampler takes at a time, at least.
const CHUNK: usize = 1024;
/// Samples of floating point go from -1 to 1; some writers keep the scale of integers of 32 bits. Beyond it the resampler's sums overflow, on which it panics.
const LOUDEST: f32 = 4_294_967_296.0;

/// What a WAV file's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Samples a second.
    pub rate: u32,
    /// Channels.
    pub channels: u16,
    /// Samples of one channel.
    pub frames: u64,
}

impl About {
    /// Samples that [`read`] gives: of at most `seconds`, at `rate` samples a second.
    pub fn samples(&self, rate: u32, seconds: f64) -> usize {
        let frames = self.taken(seconds) as u64;
        let (to, from) = (u64::from(rate), u64::from(self.rate.max(1)));
        usize::try_from(frames.saturating_mul(to).div_ceil(from)).unwrap_or(usize::MAX)
    }

    /// Frames of at most `seconds`.
    fn taken(&self, seconds: f64) -> usize {
        // A cast of a number that is too large, or none, gives a bound.
        (self.frames.min((seconds * f64::from(self.rate)) as u64)) as usize
    }
}

/// Looks at a file's header.
///
/// # Errors
/// Where it is no WAV file that is read, or ends before its samples do.
pub fn about(source: &Source) -> Result<About, ReadError> {
    open(source).map(|(about, _)| about)
}

/// Samples of one channel, from -1 to 1: the mean of all channels, at `rate` samples a second, of the first `seconds` at most. As many as [`About::samples`] says.
///
/// # Errors
/// As [`about`], and where a sample is not finite or beyond what any writer's scale explains, or `rate` is no rate of sound.
pub fn read(source: &Source, rate: u32, seconds: f64) -> Result<Vec<f32>, ReadError> {
    let (about, wav) = open(source)?;
    let channels = usize::from(about.channels);
    let count = about.taken(seconds) * channels;
    let spec = wav.spec();
    let samples: Result<Vec<f32>, hound::Error> = match spec.sample_format {
        SampleFormat::Float => wav.into_samples::<f32>().take(count).collect(),
        SampleFormat::Int => {
            let scale = 2f64.powi(1 - i32::from(spec.bits_per_sample));
            wav.into_samples::<i32>().take(count).map(|sample| sample.map(|sample| (f64::from(sample) * scale) as f32)).collect()
        }
    };
    let samples = samples.map_err(|error| refused(source, &error))?;
    if let Some(at) = samples.iter().position(|sample| !(-LOUDEST..=LOUDEST).contains(sample)) {
        return Err(ReadError::invalid(
            source.file(),
            format!("sample {}", at / channels),
            samples.get(at).copied().unwrap_or_default(),
            format!("a number from -{LOUDEST} to {LOUDEST}"),
            "the file is damaged: get it again",
        ));
    }
    let mono: Vec<f32> = samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect();
    resample(source, mono, about.rate, rate, about.samples(rate, seconds))
}

fn open(source: &Source) -> Result<(About, WavReader<io::BufReader<Bytes<'_>>>), ReadError> {
    let wav = WavReader::new(io::BufReader::new(Bytes { source, at: 0 })).map_err(|error| refused(source, &error))?;
    let spec = wav.spec();
    let about = About { rate: spec.sample_rate, channels: spec.channels, frames: u64::from(wav.duration()) };
    if !RATES.contains(&about.rate) {
        let expected = format!("{} to {} samples a second", RATES.start(), RATES.end());
        return Err(source.invalid(24, about.rate, expected, "the file is damaged: get it again"));
    }
    // A stored sample has at least as many bytes as its valid bits need; the header comes before.
    let least = u64::from(wav.len()).saturating_mul(u64::from(spec.bits_per_sample / 8));
    if least > source.len() {
        let found = format!("{} bytes", source.len());
        return Err(source.invalid(
            source.len(),
            found,
            format!("at least {least} for {} samples", wav.len()),
            "the file is cut short: get it again",
        ));
    }
    Ok((about, wav))
}

fn refused(source: &Source, error: &hound::Error) -> ReadError {
    let (found, remedy) = match error {
        hound::Error::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof && error.raw_os_error().is_some() => {
            return ReadError::Io { action: "read", file: source.file().to_owned(), source: io::Error::new(error.kind(), error.to_string()) };
        }
        hound::Error::IoError(_) => ("a file that ends before its samples do".to_owned(), "the file is cut short: get it again"),
        hound::Error::Unsupported | hound::Error::TooWide => ("a kind of samples that is not read".to_owned(), "convert it: ffmpeg -i FILE FILE.wav"),
        error => (error.to_string(), "convert it: ffmpeg -i FILE FILE.wav"),
    };
    ReadError::invalid(source.file(), "the whole file", found, "WAV of 8, 16, 24 or 32-bit integers or 32-bit floating point", remedy)
}

/// Brings `mono` from one rate to another, and to the length that is its due.
fn resample(source: &Source, mut mono: Vec<f32>, from: u32, to: u32, length: usize) -> Result<Vec<f32>, ReadError> {
    let failed =
        |error: String| ReadError::invalid(source.file(), "samples", error, format!("samples from {from} to {to} a second"), "ask for another rate");
    if !RATES.contains(&to) {
        return Err(failed(format!("a rate of {to}")));
    }
    if from != to && !mono.is_empty() {
        // The resampler's delay is half a chunk on either side, and it takes off a whole number of samples: of an odd chunk, half a sample would stay
        // (1/44100 s at 22050 Hz, measured with a sine). So chunks hold an even number of the smallest blocks that are whole on both sides.
        let block = (from / divisor(from, to)) as usize;
        let chunk = 2 * block * CHUNK.div_ceil(2 * block);
        let mut resampler = Fft::<f32>::new_custom(from as usize, to as usize, chunk, 1, 1, WindowFunction::BlackmanHarris2, FixedSync::Both)
            .map_err(|error| failed(error.to_string()))?;
        let frames = mono.len();
        let input = SequentialSlice::new(&mono, 1, frames).map_err(|error| failed(error.to_string()))?;
        mono = resampler.process_all(&input, frames, None).map_err(|error| failed(error.to_string()))?.take_data();
    }
    mono.resize(length, 0.0);
    Ok(mono)
}

/// Greatest common divisor of two rates, which are not 0.
fn divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A file's bytes, one after the other.
#[derive(Debug)]
struct Bytes<'a> {
    source: &'a Source,
    at: u64,
}

impl Read for Bytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = (buffer.len() as u64).min(self.source.len().saturating_sub(self.at)) as usize;
        let Some(part) = buffer.get_mut(..length) else { return Ok(0) };
        self.source.read_at(self.at, part).map_err(|error| match error {
            ReadError::Io { source, .. } => source,
            error => io::Error::other(error.to_string()),
        })?;
        self.at += length as u64;
        Ok(length)
    }
}
