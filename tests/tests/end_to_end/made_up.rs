//! A small made-up dataset: two vectors, three classes, values from a formula.

use std::{collections::BTreeMap, path::Path};

use bench_datasets::{
    DatasetError, Provenance,
    write::{Array, Content, FORMAT, KindEntry, Manifest, ModalityEntry, TaskEntry, Values, write},
};

pub const SAMPLES: usize = 180;
const CLASSES: usize = 3;
const WIDTH: usize = 4;

/// Writes the dataset, after `change`, to `root` and says what opening it said.
pub fn write_dataset(root: &Path, change: impl FnOnce(&mut Content)) -> Result<(), DatasetError> {
    let mut content = content();
    change(&mut content);
    write(root, &content).map(drop)
}

/// Rows in thirds: training, validation, test.
pub fn is_test(row: usize) -> bool {
    row >= SAMPLES / 3 * 2
}

/// The values of a tensor of small whole numbers.
pub fn bytes<'a>(content: &'a mut Content, tensor: &str) -> &'a mut Vec<u8> {
    match &mut content.tensors.get_mut(tensor).unwrap().values {
        Values::U8(values) => values,
        other => panic!("{tensor} holds {other:?}"),
    }
}

/// The values of a tensor of real numbers.
pub fn floats<'a>(content: &'a mut Content, tensor: &str) -> &'a mut Vec<f32> {
    match &mut content.tensors.get_mut(tensor).unwrap().values {
        Values::F32(values) => values,
        other => panic!("{tensor} holds {other:?}"),
    }
}

fn content() -> Content {
    let class = |row: usize| row % CLASSES;
    // The class shows in one column, behind a wave that hides it often enough for errors to be made.
    let value = |row: usize, column: usize, pace: f32| ((row * WIDTH + column) as f32 * pace).sin() + f32::from(u8::from(column == class(row)));
    let features = |pace: f32| Values::F32((0..SAMPLES).flat_map(|row| (0..WIDTH).map(move |column| value(row, column, pace))).collect());
    let array = |shape: &[usize], values| Array { shape: shape.to_vec(), values };
    let whole = |of: &dyn Fn(usize) -> usize| Values::U8((0..SAMPLES).map(|row| u8::try_from(of(row)).unwrap()).collect());
    let tensors = [
        ("left", array(&[SAMPLES, WIDTH], features(1.7))),
        ("right", array(&[SAMPLES, WIDTH], features(2.3))),
        ("label", array(&[SAMPLES], whole(&class))),
        ("split", array(&[SAMPLES], whole(&|row| row / (SAMPLES / 3)))),
    ];
    let modality = |name: &str| ModalityEntry {
        name: name.into(),
        kind: KindEntry::Vector,
        shape: vec![WIDTH],
        tensor: name.into(),
        dtype: "f32".into(),
        ..ModalityEntry::default()
    };
    let manifest = Manifest {
        format: FORMAT,
        name: "made-up".into(),
        title: "Waves".into(),
        ids: "ids.txt".into(),
        splits: "split".into(),
        shards: Vec::new(),
        derived_from: None,
        task: TaskEntry::Classification { tensor: "label".into(), classes: ["one", "two", "three"].map(String::from).to_vec() },
        groups: None,
        folds: None,
        modalities: vec![modality("left"), modality("right")],
        provenance: Provenance { source: "a formula".into(), licence: "CC0-1.0".into(), ..Default::default() },
        files: BTreeMap::new(),
    };
    Content {
        manifest,
        tensors: tensors.into_iter().map(|(name, array)| (name.into(), array)).collect(),
        lists: [("ids.txt".into(), (0..SAMPLES).map(|row| format!("s{row:03}")).collect())].into(),
        texts: BTreeMap::new(),
    }
}
