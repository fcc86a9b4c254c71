//! From a reference to a verified dataset.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use safetensors::Dtype;

use crate::{
    Dataset, DatasetError, DatasetRef, Groups, Labels, Modality, Split, Task,
    column::Column,
    error::invalid,
    files::Folder,
    folds,
    keyed::Key,
    low_data,
    manifest::{GroupsEntry, MANIFEST, Manifest, TaskEntry},
    tensors::{Tensors, WHOLE, reals},
};

pub(crate) fn available(search: &[PathBuf]) -> Result<Vec<String>, DatasetError> {
    let mut names = Vec::new();
    for folder in search {
        let failed = |source| DatasetError::Io { action: "list", file: folder.clone(), source };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            if entry.path().join(MANIFEST).is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

pub(crate) fn predefined_folds(reference: &DatasetRef, search: &[PathBuf]) -> Result<Vec<String>, DatasetError> {
    Ok(Manifest::read(&locate(reference, search)?)?.folds.map(|folds| folds.names).unwrap_or_default())
}

pub(crate) fn open(reference: &DatasetRef, search: &[PathBuf]) -> Result<Dataset, DatasetError> {
    let root = locate(reference, search)?;
    let manifest = Manifest::read(&root)?;
    let file = root.join(MANIFEST);
    let folder = Folder { root: &root, sums: &manifest.files };
    let ids = folder.list(&manifest.ids)?;
    let samples = ids.len();
    let tensors = Tensors::open(&folder, &manifest.shards, file.clone())?;

    let (task, labels) = labels(&manifest.task, samples, &tensors)?;
    let split_of = tensors.get("splits", &manifest.splits, &WHOLE, &[samples])?.whole(3, "codes are 0 train, 1 validation, 2 test")?;
    let splits = splits(&ids, &split_of, &manifest.splits, &file)?;
    let groups = manifest.groups.as_ref().map(|entry| groups(entry, &split_of, &ids, &folder, &tensors)).transpose()?;
    let own = manifest.folds.as_ref().map(|entry| folds::Predefined::open(entry, &ids, groups.as_ref(), &tensors)).transpose()?;
    let (mut modalities, mut columns, mut raw_modalities, mut raws) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in &manifest.modalities {
        let (kind, column) = Column::open(entry, samples, &folder, &tensors, &file)?;
        let modality = Modality { name: entry.name.clone(), kind };
        let raw = entry.raw.as_ref().map(|raw| raw.open(&modality.name, samples, &folder, &tensors, &file)).transpose()?;
        let (raw_modality, raw) = raw.map_or_else(|| (modality.clone(), None), |(modality, raw)| (modality, Some(raw)));
        modalities.push(modality);
        columns.push(column);
        raw_modalities.push(raw_modality);
        raws.push(raw);
    }
    verify_rest(&manifest, &folder)?;

    let hash = hash(&manifest);
    let base_hash = manifest.derived_from.unwrap_or_else(|| hash.clone());
    let mut dataset = Dataset {
        reference: reference.clone(),
        name: manifest.name,
        title: manifest.title,
        modalities,
        columns,
        raw_modalities,
        raws,
        task,
        ids,
        labels,
        groups,
        splits,
        folds: manifest.folds.map(|folds| folds.names).unwrap_or_default(),
        hash,
        base_hash,
        provenance: manifest.provenance,
        folder: root,
    };
    if let Some(fold) = &reference.fold {
        folds::divide(&mut dataset, fold, own.as_ref())?;
    }
    if let Some(train) = reference.train {
        low_data::reduce(&mut dataset, train)?;
    }
    Ok(dataset)
}

fn locate(reference: &DatasetRef, search: &[PathBuf]) -> Result<PathBuf, DatasetError> {
    if reference.is_path() {
        let root = PathBuf::from(&reference.name);
        // A link is there even where it leads nowhere: opening it then says why.
        let is_there = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) || path.exists();
        let reason = match &root {
            root if !is_there(root) => "there is no such folder",
            root if root.metadata().is_ok_and(|found| !found.is_dir()) => "it is a file",
            root if root.is_dir() && !is_there(&root.join(MANIFEST)) => "it has no dataset.toml",
            _ => return Ok(root),
        };
        return Err(DatasetError::NoFolder { path: reference.name.clone(), reason });
    }
    let found = search.iter().map(|folder| folder.join(&reference.name)).find(|folder| folder.join(MANIFEST).is_file());
    found.map_or_else(
        || {
            let searched: Vec<String> = search.iter().map(|folder| folder.display().to_string()).collect();
            let searched = if searched.is_empty() { "an empty search path".into() } else { searched.join(", ") };
            Err(DatasetError::NotFound { name: reference.name.clone(), searched, available: available(search)? })
        },
        Ok,
    )
}

fn labels(entry: &TaskEntry, samples: usize, tensors: &Tensors) -> Result<(Task, Labels), DatasetError> {
    match entry {
        TaskEntry::Classification { tensor, classes } => {
            let bound = u32::try_from(classes.len()).unwrap_or(u32::MAX);
            let labels =
                tensors.get("task.tensor", tensor, &WHOLE, &[samples])?.whole(bound, "a label is a class's place in task.classes, from 0")?;
            Ok((Task::Classification { classes: classes.clone() }, Labels::Classes(labels)))
        }
        TaskEntry::Regression { tensor, target, low, high } => {
            let tensor = tensors.get("task.tensor", tensor, &[Dtype::F32], &[samples])?;
            tensor.check_real(Some((*low, *high)), "correct the label, or the range in [task]")?;
            let values = tensor.runs().flat_map(reals).collect();
            Ok((Task::Regression { target: target.clone(), low: *low, high: *high }, Labels::Values(values)))
        }
    }
}

/// Rows of every split in id order.
fn splits(ids: &[String], split_of: &[u32], tensor: &str, manifest: &Path) -> Result<[Vec<usize>; 3], DatasetError> {
    let splits = rows_of(ids, split_of);
    for split in Split::ALL {
        if splits[split as usize].is_empty() {
            let found = format!("no sample with code {} ({})", split as usize, split.name());
            return Err(invalid(manifest, format!("splits (tensor `{tensor}`)"), found, "samples in every split", "assign some"));
        }
    }
    Ok(splits)
}

/// Rows with each of the codes 0, 1 and 2, in id order.
pub(crate) fn rows_of(ids: &[String], split_of: &[u32]) -> [Vec<usize>; 3] {
    let mut rows: Vec<usize> = (0..ids.len()).collect();
    rows.sort_by(|&a, &b| ids[a].cmp(&ids[b]));
    Split::ALL.map(|split| rows.iter().copied().filter(|&row| split_of[row] == split as u32).collect())
}

fn groups(entry: &GroupsEntry, split_of: &[u32], ids: &[String], folder: &Folder<'_>, tensors: &Tensors) -> Result<Groups, DatasetError> {
    let names = folder.list(&entry.names)?;
    let tensor = tensors.get("groups.tensor", &entry.tensor, &WHOLE, &[ids.len()])?;
    let of_sample = tensor.whole(u32::try_from(names.len()).unwrap_or(u32::MAX), "a group is a line of the names' file, from 0")?;
    let mut first: Vec<Option<usize>> = vec![None; names.len()];
    for (row, &group) in of_sample.iter().enumerate() {
        let first = *first[group as usize].get_or_insert(row);
        if split_of[first] != split_of[row] {
            let found = format!("`{}` in two splits: samples `{}` and `{}`", names[group as usize], ids[first], ids[row]);
            return Err(tensor.invalid(&entry.name, found, "every group in one split", "move the group's samples into one split"));
        }
    }
    Ok(Groups { name: entry.name.clone(), names, of_sample })
}

/// Verifies the files that nothing has read yet (licence, notes), so that a listed checksum always means something.
fn verify_rest(manifest: &Manifest, folder: &Folder<'_>) -> Result<(), DatasetError> {
    let vocabularies = manifest.modalities.iter().filter_map(|modality| modality.vocabulary.as_ref());
    let read: Vec<&String> = [&manifest.ids].into_iter().chain(manifest.groups.as_ref().map(|groups| &groups.names)).chain(vocabularies).collect();
    for name in manifest.files.keys().filter(|name| !name.ends_with(".safetensors") && !read.contains(name)) {
        folder.bytes(name)?;
    }
    Ok(())
}

/// SHA-256 of all that decides a number. Title, provenance and other files' checksums may change without making old results another dataset's.
fn hash(manifest: &Manifest) -> String {
    let mut key = Key::new("dataset").with("format", manifest.format).with("name", &manifest.name);
    key = key.with("splits", &manifest.splits).with("ids", sum(manifest, &manifest.ids));
    key = match &manifest.task {
        TaskEntry::Classification { tensor, classes } => classes.iter().fold(key.with("labels", tensor), |key, class| key.with("class", class)),
        TaskEntry::Regression { tensor, target, low, high } => key.with("values", tensor).with("target", target).with("low", low).with("high", high),
    };
    if let Some(groups) = &manifest.groups {
        key = key.with("groups", &groups.name).with("tensor", &groups.tensor).with("names", sum(manifest, &groups.names));
    }
    if let Some(folds) = &manifest.folds {
        key = folds.names.iter().fold(key.with("folds", &folds.tensor), |key, name| key.with("fold", name));
    }
    for modality in &manifest.modalities {
        key = key.with("modality", &modality.name).with("kind", format!("{:?} {:?}", modality.kind, modality.shape));
        key = key.with("tensor", &modality.tensor).with("dtype", &modality.dtype);
        key = key.with("scale", modality.scale.unwrap_or(1.0)).with("offset", modality.offset.unwrap_or(0.0));
        key = key.with("lengths", modality.lengths.as_deref().unwrap_or_default());
        key = key.with("vocabulary", modality.vocabulary.as_ref().map_or("", |name| sum(manifest, name)));
        key = modality.known.iter().fold(key, |key, known| key.with("known", known));
        key = modality.raw.iter().fold(key, |key, raw| raw.hashed(key, |name| sum(manifest, name)));
    }
    key = manifest.derived_from.iter().fold(key, |key, hash| key.with("derived from", hash));
    let tensors = manifest.files.iter().filter(|(name, _)| name.ends_with(".safetensors"));
    key = tensors.fold(key, |key, (_, sum)| key.with("file", sum));
    manifest.shards.iter().fold(key, |key, name| key.with("shard", sum(manifest, name))).hex()
}

fn sum<'a>(manifest: &'a Manifest, name: &str) -> &'a str {
    manifest.files.get(name).map_or("", String::as_str)
}
