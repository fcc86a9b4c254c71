//! Small made-up datasets for `--scale`, in a folder that goes away.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::Context;
use bench_datasets::{
    Dataset, Provenance,
    keyed::{Key, below, uniform},
    write::{Array, Content, FORMAT, KindEntry, Manifest, ModalityEntry, TaskEntry, Values, write},
};

/// Classes of the made-up task.
const CLASSES: usize = 3;

/// Modalities of one kind and shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// That many features.
    Vector(usize),
    /// Steps and features of a step.
    Sequence(usize, usize),
}

/// A folder that is removed when this is dropped.
pub struct Temporary(PathBuf);

impl Temporary {
    /// A folder that no other process uses.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("bench-profile-{}", process::id()));
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning of its temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes a dataset of `modalities` modalities of one `shape` with `samples` rows in each split: normal-like draws, random classes.
///
/// # Errors
/// The file system's refusal.
pub fn dataset(root: &Path, modalities: usize, shape: Shape, samples: usize) -> anyhow::Result<Dataset> {
    let rows = 3 * samples;
    let (kind, sizes) = match shape {
        Shape::Vector(features) => (KindEntry::Vector, vec![features]),
        Shape::Sequence(steps, features) => (KindEntry::Sequence, vec![steps, features]),
    };
    let names: Vec<String> = (0..modalities).map(|at| format!("m{}", at + 1)).collect();
    let mut tensors: BTreeMap<String, Array> = BTreeMap::new();
    for name in &names {
        let mut rng = Key::new("made-up values").with("modality", name).rng();
        let numbers = rows * sizes.iter().product::<usize>();
        // Costs do not depend on values; these have mean 0 and variance 1.
        let values = (0..numbers).map(|_| (uniform(&mut rng) as f32 - 0.5) * 12f32.sqrt()).collect();
        tensors.insert(name.clone(), Array { shape: [&[rows][..], &sizes].concat(), values: Values::F32(values) });
    }
    let mut rng = Key::new("made-up classes").rng();
    // Every class is in every split.
    let class = |row: usize, draw: u64| if row % samples < CLASSES { row % samples } else { usize::try_from(draw).unwrap_or_default() };
    let labels = (0..rows).map(|row| class(row, below(&mut rng, CLASSES as u64)) as u32).collect();
    tensors.insert("label".into(), Array { shape: vec![rows], values: Values::U32(labels) });
    tensors.insert("split".into(), Array { shape: vec![rows], values: Values::U8((0..rows).map(|row| (row / samples) as u8).collect()) });
    let entry = |name: &String| ModalityEntry {
        name: name.clone(),
        kind,
        shape: sizes.clone(),
        tensor: name.clone(),
        dtype: "f32".into(),
        ..ModalityEntry::default()
    };
    let manifest = Manifest {
        format: FORMAT,
        name: "made-up".into(),
        title: "Made-up values to measure cost on".into(),
        ids: "ids.txt".into(),
        splits: "split".into(),
        task: TaskEntry::Classification { tensor: "label".into(), classes: (1..=CLASSES).map(|class| class.to_string()).collect() },
        groups: None,
        folds: None,
        modalities: names.iter().map(entry).collect(),
        provenance: Provenance { source: "keyed draws".into(), licence: "CC0-1.0".into(), ..Default::default() },
        files: BTreeMap::new(),
        shards: Vec::new(),
        derived_from: None,
    };
    let ids = (0..rows).map(|row| format!("{row:05}")).collect();
    Ok(write(root, &Content { manifest, tensors, lists: [("ids.txt".into(), ids)].into(), texts: BTreeMap::new() })?)
}

#[cfg(test)]
mod tests {
    use bench_datasets::Split;

    use super::*;

    #[test]
    fn a_made_up_dataset_opens_and_its_folder_goes_away() {
        let folder = Temporary::new().unwrap();
        let path = folder.path().to_path_buf();
        let made = dataset(&path.join("a"), 2, Shape::Sequence(8, 4), 10).unwrap();
        assert_eq!((made.modalities().len(), made.indices(Split::Train).len(), made.len()), (2, 10, 30));
        assert!(made.classes_without_training().is_empty());
        drop(folder);
        assert!(!path.exists());
    }
}
