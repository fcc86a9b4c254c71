//! Images and sounds written by Pillow, SciPy and Python's `wave` (`fixtures/media.py`), against what these libraries read from them.

use std::path::{Path, PathBuf};

use bench_readers::{
    Source,
    image::{self, Colours},
    sound,
};
use proptest::prelude::*;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/media").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

fn pixels(name: &str, colours: Colours, size: (usize, usize)) -> Vec<u8> {
    image::read(&Source::open(&path(name)).unwrap(), colours, size).unwrap()
}

/// Largest and mean difference.
fn differences(a: &[u8], b: &[u8]) -> (u8, f64) {
    assert_eq!(a.len(), b.len());
    let all: Vec<u8> = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).collect();
    (all.iter().copied().max().unwrap(), all.iter().copied().map(f64::from).sum::<f64>() / all.len() as f64)
}

#[test]
fn png_is_read_as_pillow_reads_it() {
    assert_eq!(pixels("colours.png", Colours::Rgb, (24, 20)), bytes("colours-24x20.bytes"));
    assert_eq!(pixels("alpha.png", Colours::Rgb, (24, 20)), bytes("colours-24x20.bytes"));
    assert_eq!(pixels("palette.png", Colours::Rgb, (24, 20)), bytes("palette-24x20.bytes"));
    assert_eq!(pixels("colours.png", Colours::Grey, (24, 20)), bytes("grey-24x20.bytes"));
    assert_eq!(pixels("grey.png", Colours::Grey, (24, 20)), bytes("grey-24x20.bytes"));
    assert_eq!(pixels("grey.png", Colours::Rgb, (24, 20)), bytes("grey-24x20.bytes").repeat(3));
}

#[test]
fn jpeg_and_other_sizes_are_close_to_pillow() {
    // libjpeg interpolates the halved colour planes otherwise than this decoder.
    let jpeg = differences(&pixels("colours.jpg", Colours::Rgb, (24, 20)), &bytes("jpeg-24x20.bytes"));
    let smaller = differences(&pixels("colours.png", Colours::Rgb, (9, 7)), &bytes("colours-9x7.bytes"));
    assert!(jpeg.0 <= 6 && jpeg.1 < 1.0 && smaller.0 <= 1, "JPEG differs by {jpeg:?}, a smaller size by {smaller:?}");
}

#[test]
fn an_image_of_more_pixels_than_the_file_can_hold_is_refused() {
    let error = image::read(&Source::open(&path("bomb.png")).unwrap(), Colours::Rgb, (8, 8)).unwrap_err().to_string();
    assert!(error.contains("bomb.png: header: found 60000 × 60000 pixels") || error.contains("found more pixels than are decoded"), "{error}");
    let palette = |name: &[u8; 4], length: u32| {
        let mut file = bytes("palette.png");
        let at = file.windows(4).position(|found| found == b"PLTE").unwrap();
        let own = u32::from_be_bytes(file[at - 4..at].try_into().unwrap()) as usize;
        let chunk = [&length.to_be_bytes(), name.as_slice(), &vec![1; length as usize], &[0; 4]].concat();
        let place = if name == b"PLTE" { at - 4..at + own + 8 } else { at + own + 8..at + own + 8 };
        file.splice(place, chunk);
        image::read(&Source::memory("x.png", file), Colours::Rgb, (8, 8)).unwrap_err().to_string()
    };
    assert!(palette(b"PLTE", 49).contains("found PLTE of 49 bytes, expected 1 to 256 colours of 3 bytes"), "{}", palette(b"PLTE", 49));
    assert!(palette(b"PLTE", 774).contains("found PLTE of 774 bytes"));
    assert!(palette(b"tRNS", 257).contains("found tRNS of 257 bytes, expected at most the palette's"), "{}", palette(b"tRNS", 257));
    let error = image::read(&Source::memory("x.png", b"GIF89a".to_vec()), Colours::Rgb, (8, 8)).unwrap_err().to_string();
    assert!(error.starts_with("x.png: the whole file: found "), "{error}");
}

#[test]
fn samples_of_every_width_are_the_same() {
    // fixtures/media.py: `ramp`.
    let ramp = [0.0, 1.0, -1.0, 64.0, -128.0, 127.0].map(|sample: f32| sample / 128.0);
    for name in ["u8.wav", "i16.wav", "i24.wav", "i32.wav", "f32.wav"] {
        let source = Source::open(&path(name)).unwrap();
        assert_eq!(sound::about(&source).unwrap(), sound::About { rate: 8000, channels: 1, frames: 6 }, "{name}");
        assert_eq!(sound::read(&source, 8000, 10.0).unwrap(), ramp, "{name}");
        assert_eq!(sound::read(&source, 8000, 0.0005).unwrap(), ramp[..4], "{name}");
    }
    let stereo = sound::read(&Source::open(&path("stereo.wav")).unwrap(), 16_000, 10.0).unwrap();
    assert_eq!(stereo, [0.0, 2048.0, 4096.0, 6144.0].map(|sample: f32| sample / 32_768.0));
}

#[test]
fn another_rate_keeps_the_tone() {
    let source = Source::open(&path("tone-22050.wav")).unwrap();
    let found = sound::read(&source, 16_000, 10.0).unwrap();
    // 2205 samples at 22050 Hz are 0.1 s.
    assert_eq!((found.len(), sound::about(&source).unwrap().samples(16_000, 10.0)), (1600, 1600));
    for (at, sample) in found.iter().enumerate().skip(300).take(1000) {
        let expected = 0.5 * (std::f64::consts::TAU * 440.0 * at as f64 / 16_000.0).sin();
        assert!((f64::from(*sample) - expected).abs() < 1e-4, "sample {at}: {sample} against {expected}");
    }
}

#[test]
fn a_wrong_length_of_samples_is_an_error() {
    let refused = |bytes: Vec<u8>| {
        let source = Source::memory("x.wav", bytes);
        sound::read(&source, 16_000, 10.0).unwrap_err().to_string()
    };
    // The length of the samples stands four bytes before them.
    let mut long = bytes("i16.wav");
    let place = long.windows(4).position(|four| four == b"data").unwrap() + 4;
    long[place..place + 4].copy_from_slice(&0x7fff_fffe_u32.to_le_bytes());
    assert!(refused(long).contains("x.wav: byte 56: found 56 bytes, expected at least 2147483646 for 1073741823 samples"));
    let mut cut = bytes("i16.wav");
    cut.truncate(50);
    assert!(refused(cut).contains("a file that ends before its samples do"));
    assert!(refused(b"ID3\x04mp3".to_vec()).contains("expected WAV of 8, 16, 24 or 32-bit"));
    let mut nan = bytes("f32.wav");
    let end = nan.len();
    nan[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(refused(nan).contains("x.wav: sample 5: found NaN"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_errors_or_values(
        name in prop::sample::select(vec!["colours.png", "colours.jpg", "palette.png", "i16.wav", "i24.wav", "f32.wav", "stereo.wav"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let mut bytes = bytes(name);
        for (place, value, kind) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = value,
                1 => bytes[place] ^= 1 << (value % 8),
                2 => bytes.insert(place, value),
                _ => drop(bytes.remove(place)),
            }
        }
        let source = Source::memory("fuzz", bytes);
        if let Ok(pixels) = image::read(&source, Colours::Rgb, (5, 4)) {
            prop_assert_eq!(pixels.len(), 60);
        }
        if let Ok(samples) = sound::read(&source, 16_000, 2.0) {
            prop_assert_eq!(samples.len(), sound::about(&source).unwrap().samples(16_000, 2.0));
        }
    }
}
