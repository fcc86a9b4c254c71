//! What targets do with a reader of pixels and samples; the readers' tests take this file in as well.

use bench_readers::{
    Source,
    image::{self, Colours},
    sound,
};

/// Decodes bytes as an image file's.
pub fn look(bytes: &[u8]) {
    let _ = image::read(&Source::memory("fuzz", bytes.to_vec()), Colours::Rgb, (5, 4));
}

/// Decodes bytes as a sound file's, at another rate than most have.
pub fn hear(bytes: &[u8]) {
    let source = Source::memory("fuzz", bytes.to_vec());
    if let Ok(samples) = sound::read(&source, 16_000, 1.0) {
        assert_eq!(sound::about(&source).map(|about| about.samples(16_000, 1.0)).ok(), Some(samples.len()), "as many samples as announced");
    }
}
