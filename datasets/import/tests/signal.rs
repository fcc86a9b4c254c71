//! Images and sounds as rows, from the files of `readers/tests/fixtures/media.py`.

use std::path::{Path, PathBuf};

use bench_import::{
    formats::Sound,
    signal::{Images, Sounds},
};
use bench_readers::image::Colours;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../readers/tests/fixtures/media").join(name)
}

#[test]
fn log_mel_is_what_numpy_and_librosa_compute() {
    // fixtures/media.py: `log_mel`, [13, 80].
    let expected: Vec<f32> =
        std::fs::read(path("chirp-log-mel.f32")).unwrap().chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    let found = Sounds::new(vec![path("chirp.wav")], Sound::default()).unwrap().numbers();
    assert_eq!((found.shape.clone(), found.lengths.clone()), (vec![13, 80], Some(vec![13])));
    let values = found.rows.read(0..1).unwrap();
    assert_eq!(values.len(), expected.len());
    // librosa's filters are rounded to 32 bits; 1e-4 in the logarithm is 0.01 %.
    for (at, (value, expected)) in values.iter().zip(&expected).enumerate() {
        assert!((value - expected).abs() < 1e-4, "window {}, band {}: {value} against {expected}", at / 80, at % 80);
    }
}

#[test]
fn shorter_sounds_are_padded_behind_and_longer_ones_cut() {
    let files = vec![path("i16.wav"), path("chirp.wav"), path("tone-22050.wav")];
    let found = Sounds::new(files.clone(), Sound::default()).unwrap().numbers();
    // 6 samples at 8 kHz; 2400 at 16 kHz; 0.1 s: 1600 at 16 kHz.
    assert_eq!((found.shape.clone(), found.lengths.clone()), (vec![13, 80], Some(vec![1, 13, 8])));
    let values = found.rows.read(0..3).unwrap();
    assert_eq!(values.len(), 3 * 13 * 80);
    assert!(values[80..13 * 80].iter().all(|&value| value == 0.0) && values[..80].iter().any(|&value| value > -20.0));
    assert_eq!(found.rows.read(1..2).unwrap(), values[13 * 80..26 * 80]);
    let cut = Sounds::new(files, Sound { seconds: 0.05, ..Sound::default() }).unwrap().numbers();
    assert_eq!(cut.lengths, Some(vec![1, 3, 3]));
}

#[test]
fn images_are_bytes_of_one_size() {
    let found = Images::new(vec![path("grey.png"), path("colours.png")], Colours::Rgb, (24, 20)).numbers();
    assert_eq!((found.shape.clone(), found.bytes, found.rows.len()), (vec![3, 24, 20], Some((1.0 / 255.0, 0.0)), 2));
    let expected: Vec<f32> = std::fs::read(path("colours-24x20.bytes")).unwrap().into_iter().map(f32::from).collect();
    assert_eq!(found.rows.read(1..2).unwrap(), expected);
    assert_eq!(found.rows.read(0..2).unwrap().len(), 2 * 3 * 24 * 20);
}

#[test]
fn a_file_that_is_missing_is_named() {
    let missing = Images::new(vec![path("none.png")], Colours::Grey, (4, 4)).numbers();
    assert!(missing.rows.read(0..1).unwrap_err().to_string().contains("none.png"));
    assert!(Sounds::new(vec![path("colours.png")], Sound::default()).unwrap_err().to_string().contains("colours.png: the whole file: found"));
}
