//! What a target does with the importers of lists, tables and arrays; their tests take this file in as a module.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bench_import::{
    Content,
    formats::{self, Request},
};

/// A format, the fixture that is changed, and what is given beside it. The first byte of a target's input says which, so that new cases come last.
pub const CASES: [(&str, &str, &[&str]); 10] = [
    ("npz", "conventions.npz", &[]),
    ("safetensors", "named.safetensors", &[]),
    ("tmc-mat", "tmc.mat", &[]),
    ("cell-mat", "cell.mat", &[]),
    ("mfn-h5", "mfn/audio_valid.h5", &["mfn/audio_train.h5", "mfn/audio_test.h5", "mfn/y_train.h5", "mfn/y_valid.h5", "mfn/y_test.h5"]),
    ("csv-views", "mogonet/1_tr.csv", &["mogonet/1_te.csv", "mogonet/labels_tr.csv", "mogonet/labels_te.csv"]),
    ("mla", "mla/my_train_iemo.txt", &["mla/my_dev_iemo.txt", "mla/my_test_iemo.txt", "mla/stat_iemo.txt"]),
    ("qmf", "qmf/train.jsonl", &["qmf/test.jsonl"]),
    ("ogm-ge", "ogm/train.csv", &["ogm/test.csv", "ogm_media"]),
    ("npz", "spec.toml", &["spec.npz", "spec_texts.csv"]),
];

/// A file of the importers' tests.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../import/tests/fixtures/files").join(name)
}

/// Gives bytes to an importer in place of one of its files, and reads the rows of what it makes of them.
///
/// # Panics
/// Where a draft has other counts than it announces, and where no temporary folder can be written.
pub fn import((format, changed, beside): (&str, &str, &[&str]), bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(Path::new(changed).file_name().expect("a file's name"));
    fs::write(&file, bytes).expect("a file in the temporary folder");
    let mut request = Request { paths: beside.iter().map(|name| fixture(name)).collect(), pixels: (2, 2), ..Request::default() };
    if changed == "spec.toml" {
        request.spec = Some(file);
    } else {
        request.paths.insert(0, file);
    }
    let format = formats::ALL.iter().find(|known| known.name == format).expect("a format of this name");
    let Ok(draft) = (format.read)(&request) else { return };
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

/// A case by the first byte, its file's content in the others.
pub fn choose(bytes: &[u8]) {
    if let Some((first, rest)) = bytes.split_first() {
        import(CASES[usize::from(*first) % CASES.len()], rest);
    }
}
