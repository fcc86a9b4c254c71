//! Fixtures in which bytes are flipped, cut out or put in: an importer answers with an error or a draft, whose rows answer with an error or numbers. It never
//! panics.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bench_import::{
    Content,
    formats::{self, Request},
};
use proptest::prelude::*;

/// Format, the file that is changed, and what is given beside it.
const CASES: [(&str, &str, &[&str]); 9] = [
    ("npz", "conventions.npz", &[]),
    ("safetensors", "named.safetensors", &[]),
    ("tmc-mat", "tmc.mat", &[]),
    ("cell-mat", "cell.mat", &[]),
    ("mfn-h5", "mfn/audio_valid.h5", &["mfn/audio_train.h5", "mfn/audio_test.h5", "mfn/y_train.h5", "mfn/y_valid.h5", "mfn/y_test.h5"]),
    ("csv-views", "mogonet/1_tr.csv", &["mogonet/1_te.csv", "mogonet/labels_tr.csv", "mogonet/labels_te.csv"]),
    ("mla", "mla/my_train_iemo.txt", &["mla/my_dev_iemo.txt", "mla/my_test_iemo.txt", "mla/stat_iemo.txt"]),
    ("qmf", "qmf/train.jsonl", &["qmf/test.jsonl"]),
    ("ogm-ge", "ogm/train.csv", &["ogm/test.csv", "ogm_media"]),
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/files").join(name)
}

fn import((format, changed, beside): (&str, &str, &[&str]), bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(Path::new(changed).file_name().unwrap());
    fs::write(&path, bytes).unwrap();
    let paths = std::iter::once(path).chain(beside.iter().map(|name| fixture(name))).collect();
    let format = formats::ALL.iter().find(|known| known.name == format).unwrap();
    let Ok(draft) = (format.read)(&Request { paths, pixels: (2, 2), ..Request::default() }) else { return };
    for stream in &draft.streams {
        match &stream.content {
            Content::Words(words) => assert_eq!(words.len(), draft.ids.len()),
            Content::Numbers(numbers) => {
                assert_eq!(numbers.rows.len(), draft.ids.len());
                if let Ok(values) = numbers.rows.read(0..draft.ids.len()) {
                    assert_eq!(values.len(), draft.ids.len() * numbers.shape.iter().product::<usize>());
                }
            }
        }
    }
}

/// A change at a place (as a share of the file) with a byte.
fn change(bytes: &mut Vec<u8>, kind: u8, place: f64, byte: u8) {
    let at = ((bytes.len() as f64 * place) as usize).min(bytes.len().saturating_sub(1));
    match kind {
        0 => bytes[at] ^= byte.max(1),
        1 => bytes.truncate(at.max(1)),
        2 => bytes.insert(at, byte),
        _ => drop(bytes.drain(at..(at + usize::from(byte) / 8 + 1).min(bytes.len() - 1).max(at))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn changed_files_do_not_panic(case in 0..CASES.len(), changes in prop::collection::vec((0..4_u8, 0.0..1.0, any::<u8>()), 1..4)) {
        let mut bytes = fs::read(fixture(CASES[case].1)).unwrap();
        for (kind, place, byte) in changes {
            change(&mut bytes, kind, place, byte);
        }
        import(CASES[case], &bytes);
    }

    #[test]
    fn any_text_is_a_spec_or_an_error(text in "(\\[\\[(modalities|targets|files|groups)\\]\\]\n|(name|from|ids|kind|shape|lengths|range) = ('scan'|'spec.npz'|\\[1, 2\\]|3|\\{ train = 'scan' \\})\n){0,12}") {
        let folder = tempfile::tempdir().unwrap();
        let spec = folder.path().join("spec.toml");
        fs::write(&spec, text).unwrap();
        let format = formats::ALL.iter().find(|known| known.name == "npz").unwrap();
        let _ = (format.read)(&Request { paths: vec![fixture("spec.npz")], spec: Some(spec), ..Request::default() });
    }
}
