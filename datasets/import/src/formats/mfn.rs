//! The files of the Memory Fusion Network (Zadeh et al., AAAI 2018, <https://arxiv.org/abs/1802.00927>): one HDF5 file a modality and split.

use std::path::{Path, PathBuf};

use bench_datasets::Split;

use super::{Format, Request};
use crate::{
    Draft, ImportError, labels, listing, named,
    spec::{BySplit, From, KindEntry, ModalityEntry, Spec, TargetEntry, TargetKind},
    store::Store,
};

/// MFN.
pub(super) const MFN: Format = Format {
    name: "mfn-h5",
    title: "HDF5 files of MFN: {audio,video,text}_{train,valid,test}[_emb].h5 and y_{train,valid,test}.h5",
    paths: "the folder with these files, or the files",
    takes: &[],
    read,
    recognise: |glance| {
        let found = parts(&files(&glance.paths).ok()?);
        let target = found.iter().any(|part| part.name == "y");
        (target && found.len() > 1).then(|| format!("there are y_{{split}}.h5 and {} more files called by modality and split", found.len() - 1))
    },
};

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: String,
    split: Split,
    embedded: bool,
    file: String,
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let found = parts(&files(&request.paths)?);
    let mut spec = Spec::default();
    let mut names: Vec<&String> = found.iter().map(|part| &part.name).collect();
    names.sort();
    names.dedup();
    let splits: Vec<Split> = Split::ALL.into_iter().filter(|split| found.iter().any(|part| part.name == "y" && part.split == *split)).collect();
    if splits.is_empty() {
        let shown: Vec<String> = request.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(ImportError::request(format!(
            "{}: found no y_train.h5, expected y_{{train,valid,test}}.h5; give the folder with them",
            shown.join(", ")
        )));
    }
    for name in names {
        let mut from = BySplit::default();
        let of = |split: Split| found.iter().filter(|part| part.name == *name && part.split == split).max_by_key(|part| part.embedded);
        for &split in &splits {
            if let Some(part) = of(split) {
                from.set(split, part.file.clone());
            }
        }
        let from = From::BySplit(from);
        if from.parts().len() < splits.len() {
            let absent: Vec<&str> = splits.iter().filter(|&&split| of(split).is_none()).map(|split| split.name()).collect();
            spec.assumed.push(format!("{name} is left out: there is no file of it for {}", absent.join(", ")));
        } else if name == "y" {
            spec.targets.push(TargetEntry { name: "label".into(), from, ..TargetEntry::default() });
        } else {
            spec.modalities.push(ModalityEntry { name: name.clone(), from, kind: Some(KindEntry::Sequence), ..ModalityEntry::default() });
        }
    }
    if spec.modalities.is_empty() {
        return Err(ImportError::request(format!(
            "found labels for {} splits, expected a modality with a file for each; {}",
            splits.len(),
            spec.assumed.join("; ")
        )));
    }
    spec.assumed.push("the files tell no lengths: every step counts, those of zeros too".into());
    let folder = request.paths.first().map(|path| if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(Path::new("")) });
    spec.name = folder.and_then(Path::file_name).map(|name| named::stem(Some(Path::new(name))));
    let mut store = Store::open(&request.paths, &[], None)?;
    several_targets(&mut spec, &mut store)?;
    named::draft(&spec, &mut store)
}

/// Labels are a number `[N]` or `[N, 1]`, a class `[N, C]` with a single 1, or several numbers `[N, K]` (POM): a target each.
fn several_targets(spec: &mut Spec, store: &mut Store) -> Result<(), ImportError> {
    let Some(target) = spec.targets.pop() else { return Ok(()) };
    let names = target.from.parts();
    let Some((_, names)) = names.first() else { return Ok(()) };
    for name in names.list() {
        store.prepare(name)?;
    }
    let (array, rows, _) = store.field(names)?.array()?;
    let width = array.row_len();
    if width == 1 {
        spec.targets.push(TargetEntry { kind: Some(TargetKind::Value), ..target });
        return Ok(());
    }
    let values = array.reals(names.list().first().map_or("", String::as_str), rows)?;
    let one_hot = values.chunks(width).all(|row| row.iter().filter(|&&value| value == 1.0).count() == 1 && row.iter().sum::<f64>() == 1.0);
    if one_hot {
        spec.targets.push(TargetEntry { kind: None, ..target });
        return Ok(());
    }
    for at in 0..width {
        let (name, from) = (format!("y{}", at + 1), target.from.clone());
        spec.targets.push(TargetEntry { name, from, kind: Some(TargetKind::Value), column: Some(at), ..TargetEntry::default() });
    }
    Ok(())
}

/// The HDF5 files given, and those in the folders given.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ImportError> {
    let mut files = listing::files(paths, |_| true)?;
    files.sort();
    Ok(files)
}

/// The files that are called by modality and split: `text_train_emb.h5`, `X_train.h5`.
fn parts(files: &[PathBuf]) -> Vec<Part> {
    files.iter().filter_map(|path| part(path)).collect()
}

fn part(path: &Path) -> Option<Part> {
    let file = path.file_name()?.to_str()?.to_owned();
    let stem = file.strip_suffix(".h5").or_else(|| file.strip_suffix(".hdf5"))?;
    let embedded = stem.ends_with("_emb");
    let (name, split) = stem.strip_suffix("_emb").unwrap_or(stem).rsplit_once('_')?;
    let split = labels::split(split).filter(|_| split.chars().all(char::is_alphabetic))?;
    Some(Part { name: name.to_owned(), split, embedded, file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_modality_and_split() {
        let part = |name: &str| part(Path::new(name)).map(|part| (part.name, part.split, part.embedded));
        assert_eq!(part("/data/mmmo/text_train_emb.h5"), Some(("text".into(), Split::Train, true)));
        assert_eq!(part("y_valid.h5"), Some(("y".into(), Split::Validation, false)));
        assert_eq!(part("notes.h5"), None);
        assert_eq!(part("audio_train.npy"), None);
    }
}
