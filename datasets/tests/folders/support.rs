//! What tests of folders share.

use std::{collections::BTreeMap, path::Path};

use bench_datasets::{
    Dataset, DatasetError, DatasetRef, Provenance,
    write::{Array, Content, FORMAT, GroupsEntry, KindEntry, Manifest, ModalityEntry, TaskEntry, Values, write},
};

/// Samples of [`sound`].
const SAMPLES: usize = 6;

/// Stored as [`write()`] wants it.
pub fn modality(name: &str, kind: KindEntry, shape: &[usize], dtype: &str) -> ModalityEntry {
    let (scale, vocabulary) =
        ((dtype == "u8" && kind != KindEntry::Tokens).then_some(1.0 / 255.0), (kind == KindEntry::Tokens).then(|| "words.txt".to_owned()));
    let lengths = (kind == KindEntry::Sequence).then(|| "lengths".to_owned());
    ModalityEntry {
        name: name.into(),
        kind,
        shape: shape.into(),
        tensor: name.into(),
        dtype: dtype.into(),
        scale,
        lengths,
        vocabulary,
        ..ModalityEntry::default()
    }
}

/// A row for each sample.
pub fn array(row: &[usize], values: Values) -> Array {
    Array { shape: [SAMPLES].iter().chain(row).copied().collect(), values }
}

/// A manifest of two classes in the tensor `label`, without groups.
pub fn manifest(modalities: Vec<ModalityEntry>) -> Manifest {
    Manifest {
        format: FORMAT,
        name: "small".into(),
        title: "A small dataset".into(),
        ids: "ids.txt".into(),
        splits: "split".into(),
        shards: Vec::new(),
        derived_from: None,
        task: TaskEntry::Classification { tensor: "label".into(), classes: vec!["no".into(), "yes".into()] },
        groups: None,
        folds: None,
        modalities,
        provenance: Provenance { source: "made here".into(), licence: "CC0-1.0".into(), ..Default::default() },
        files: BTreeMap::new(),
    }
}

/// A sound dataset with every kind of modality.
pub fn sound() -> Content {
    let floats = |count: usize| Values::F32((0..SAMPLES * count).map(|at| at as f32 / 8.0).collect());
    let tensors = [
        ("features", array(&[2], floats(2))),
        ("series", array(&[2, 1], floats(2))),
        ("lengths", array(&[], Values::U8(vec![0, 1, 2, 1, 2, 2]))),
        ("text", array(&[2], Values::U16(vec![1, 2, 2, 0, 0, 0, 3, 3, 1, 0, 2, 1]))),
        ("picture", array(&[1, 1, 2], Values::U8((0..12).map(|at| at * 20).collect()))),
        ("label", array(&[], Values::U8(vec![0, 1, 0, 1, 0, 1]))),
        ("split", array(&[], Values::U8(vec![0, 0, 1, 1, 2, 2]))),
        ("who", array(&[], Values::U8(vec![0, 0, 1, 1, 2, 2]))),
    ];
    let mut manifest = manifest(vec![
        modality("features", KindEntry::Vector, &[2], "f32"),
        modality("series", KindEntry::Sequence, &[2, 1], "f32"),
        modality("text", KindEntry::Tokens, &[2], "u16"),
        modality("picture", KindEntry::Image, &[1, 1, 2], "u8"),
    ]);
    manifest.groups = Some(GroupsEntry { name: "actor".into(), tensor: "who".into(), names: "actors.txt".into() });
    let list = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let lists = [
        ("ids.txt", list(&["f", "e", "d", "c", "b", "a"])),
        ("actors.txt", list(&["ann", "bob", "cid"])),
        ("words.txt", list(&["<pad>", "<unk>", "red", "blue"])),
    ];
    Content {
        manifest,
        tensors: tensors.into_iter().map(|(name, array)| (name.into(), array)).collect(),
        lists: lists.into_iter().map(|(name, list)| (name.into(), list)).collect(),
        texts: BTreeMap::new(),
    }
}

/// The sound dataset after a change, written and opened.
pub fn written(change: impl FnOnce(&mut Content)) -> Result<Dataset, DatasetError> {
    let folder = tempfile::tempdir().unwrap();
    let mut content = sound();
    change(&mut content);
    write(folder.path(), &content)
}

/// Replaces a tensor's values.
pub fn set(content: &mut Content, name: &str, values: Values) {
    content.tensors.get_mut(name).unwrap().values = values;
}

/// Opens a dataset's folder.
pub fn open(folder: &Path) -> Result<Dataset, DatasetError> {
    Dataset::open(&DatasetRef::whole(folder.to_str().unwrap()), &[])
}

/// Refused with one sentence that has all of `parts`.
#[track_caller]
pub fn refused(result: Result<Dataset, DatasetError>, parts: &[&str]) {
    let message = result.expect_err("it was accepted").to_string();
    assert!(!message.contains('\n'), "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}
