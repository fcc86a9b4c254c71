/*!
Log-mel energies `[T, bands]` of a sound: what speech models hear.

A window of 25 ms every 10 ms (by default), the first at the first sample and none beyond the last: nothing is padded, but a sound shorter than one window, with
zeros behind. Each window is weighted with a periodic Hann window, padded with zeros to the next power of two and Fourier transformed. The squared magnitudes
are summed by triangular filters, whose corners are evenly spaced on the mel scale from 0 Hz to half the rate, and whose areas are one. The value is the natural
logarithm of the sum, or of 1e-10 where it is less.

The mel scale is Slaney's (linear below 1 kHz, logarithmic above) with triangles of equal area: librosa's default, and with 80 bands, 25 ms and 10 ms at 16 kHz
that of Whisper and ESPnet. `librosa.filters.mel(sr=rate, n_fft=…, n_mels=bands)` gives the same filters. Kaldi's and torchaudio's filter banks use the HTK scale
with triangles of equal height instead.

Slaney, Auditory Toolbox, Technical Report 1998-010, Interval Research, 1998.
*/

use std::{f64::consts::TAU, fmt, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex};

use crate::{ImportError, formats::Sound};

/// Least energy, before the logarithm.
const FLOOR: f64 = 1e-10;

/// What is the same for all sounds: window, transform, filters.
pub struct LogMel {
    /// Periodic Hann, `[samples of a window]`.
    window: Vec<f64>,
    /// Samples from one window to the next.
    hop: usize,
    transform: Arc<dyn RealToComplex<f64>>,
    /// For each band, the first frequency of its triangle, and weights from there on.
    filters: Vec<(usize, Vec<f64>)>,
}

impl LogMel {
    /// Prepares for sounds of [`Sound::rate`].
    ///
    /// # Errors
    /// Where an option is out of range: a window and a hop of a sample to a minute, as many bands as the transform has frequencies.
    pub fn new(options: Sound) -> Result<Self, ImportError> {
        let samples = |name: &str, milliseconds: f64| {
            let count = (milliseconds / 1000.0 * f64::from(options.rate)).round();
            if milliseconds <= 60_000.0 && count >= 1.0 {
                return Ok(count as usize);
            }
            Err(ImportError::request(format!("sound: found a {name} of {milliseconds} ms, expected one sample to one minute; give another {name}")))
        };
        if !(1_000..=192_000).contains(&options.rate) {
            return Err(ImportError::request(format!(
                "sound: found a rate of {}, expected 1000 to 192000 samples a second; give another rate",
                options.rate
            )));
        }
        let (length, hop) = (samples("window", options.window)?, samples("hop", options.hop)?);
        let size = length.next_power_of_two();
        if options.bands == 0 || options.bands > size / 2 {
            let most = size / 2;
            return Err(ImportError::request(format!(
                "sound: found {} bands, expected 1 to {most} for windows of {length} samples; ask for fewer",
                options.bands
            )));
        }
        let window = (0..length).map(|at| 0.5 - 0.5 * (TAU * at as f64 / length as f64).cos()).collect();
        let transform = RealFftPlanner::new().plan_fft_forward(size);
        Ok(Self { window, hop, transform, filters: filters(options.rate, size, options.bands) })
    }

    /// Windows of so many samples; at least one.
    pub fn windows(&self, samples: usize) -> usize {
        samples.saturating_sub(self.window.len()) / self.hop + 1
    }

    /// Energies `[T, bands]` of samples from -1 to 1.
    ///
    /// # Errors
    /// None that samples can cause: the transform's, which asks for buffers of its own lengths.
    pub fn energies(&self, samples: &[f32]) -> Result<Vec<f32>, ImportError> {
        let mut frame = self.transform.make_input_vec();
        let mut spectrum = self.transform.make_output_vec();
        let mut scratch = self.transform.make_scratch_vec();
        let windows = self.windows(samples.len());
        let mut energies = Vec::with_capacity(windows * self.filters.len());
        for at in 0..windows {
            let own = samples.get(at * self.hop..).unwrap_or_default();
            frame.fill(0.0);
            frame.iter_mut().zip(own.iter().zip(&self.window)).for_each(|(to, (sample, weight))| *to = f64::from(*sample) * weight);
            let transformed = self.transform.process_with_scratch(&mut frame, &mut spectrum, &mut scratch);
            transformed.map_err(|error| ImportError::request(format!("sound: {error}")))?;
            for (first, weights) in &self.filters {
                let energy: f64 = spectrum.iter().skip(*first).zip(weights).map(|(value, weight)| value.norm_sqr() * weight).sum();
                energies.push(energy.max(FLOOR).ln() as f32);
            }
        }
        Ok(energies)
    }
}

impl fmt::Debug for LogMel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LogMel")
            .field("window", &self.window.len())
            .field("hop", &self.hop)
            .field("bands", &self.filters.len())
            .finish_non_exhaustive()
    }
}

/// Triangles between neighbours of `bands + 2` frequencies that are evenly spaced in mel, of area one in Hz, over the frequencies of a transform of `size`.
fn filters(rate: u32, size: usize, bands: usize) -> Vec<(usize, Vec<f64>)> {
    let top = mel(f64::from(rate) / 2.0);
    let corner = |at: usize| hertz(top * at as f64 / (bands + 1) as f64);
    let frequency = |bin: usize| bin as f64 * f64::from(rate) / size as f64;
    let triangle = |band: usize| {
        let (low, peak, high) = (corner(band), corner(band + 1), corner(band + 2));
        let weight = |bin: usize| {
            let at = frequency(bin);
            ((at - low) / (peak - low)).min((high - at) / (high - peak)).max(0.0) * 2.0 / (high - low)
        };
        let first = (0..=size / 2).find(|&bin| weight(bin) > 0.0).unwrap_or(0);
        (first, (first..=size / 2).map(weight).take_while(|&weight| weight > 0.0).collect())
    };
    (0..bands).map(triangle).collect()
}

/// Slaney's scale: 3 mel for 200 Hz below 1 kHz; above, 27 mel for a factor of 6.4.
const KNEE: f64 = 1000.0;

fn mel(hertz: f64) -> f64 {
    let linear = 3.0 * hertz / 200.0;
    if hertz < KNEE { linear } else { 15.0 + 27.0 * (hertz / KNEE).ln() / 6.4_f64.ln() }
}

fn hertz(mel: f64) -> f64 {
    if mel < 15.0 { 200.0 * mel / 3.0 } else { KNEE * (6.4_f64.ln() * (mel - 15.0) / 27.0).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mel_is_slaneys() {
        // librosa.hz_to_mel([60, 1000, 4000, 8000]) of librosa 0.11.0.
        for (frequency, expected) in [(60.0, 0.9), (1000.0, 15.0), (4000.0, 35.163_760_314), (8000.0, 45.245_640_471)] {
            assert!((mel(frequency) - expected).abs() < 1e-6, "{frequency}: {}", mel(frequency));
            assert!((hertz(mel(frequency)) - frequency).abs() < 1e-9);
        }
    }

    #[test]
    fn windows_are_counted_without_padding() {
        let mel = LogMel::new(Sound::default()).unwrap();
        // 400 samples a window, 160 from one to the next.
        assert_eq!([0, 1, 400, 559, 560, 16_000].map(|samples| mel.windows(samples)), [1, 1, 1, 1, 2, 98]);
    }

    #[test]
    fn silence_is_the_floor() {
        let found = LogMel::new(Sound::default()).unwrap().energies(&[0.0; 400]).unwrap();
        assert_eq!(found, [(1e-10_f64.ln()) as f32; 80]);
    }

    #[test]
    fn options_out_of_range_are_refused() {
        let refused = |options: Sound| LogMel::new(options).unwrap_err().to_string();
        assert!(refused(Sound { bands: 300, ..Sound::default() }).contains("found 300 bands, expected 1 to 256"));
        assert!(refused(Sound { hop: 0.0, ..Sound::default() }).contains("found a hop of 0 ms"));
        assert!(refused(Sound { window: f64::NAN, ..Sound::default() }).contains("found a window of NaN ms"));
        assert!(refused(Sound { rate: 7, ..Sound::default() }).contains("found a rate of 7"));
    }
}
