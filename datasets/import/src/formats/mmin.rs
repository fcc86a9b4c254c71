//! The files of MMIN (Zhao, Li and Jin, ACL 2021), IF-MMIN and CGGM: features of each utterance in HDF5, labels by fold in `.npy`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use bench_datasets::Split;
use bench_readers::{Array, ReadError, View};
use serde::Deserialize;

use super::{Format, Glance, Request, Takes, iemocap};
use crate::{
    Content, Draft, ImportError, Numbers, Stream, Target, Targets,
    draft::{Ragged, Stacked},
    labels, listing, named,
};

/// Folders of the modalities: acoustic, visual, lexical.
const FOLDERS: [&str; 3] = ["A", "V", "L"];

/// MMIN.
pub(super) const MMIN: Format = Format {
    name: "mmin-h5",
    title: "features of MMIN, IF-MMIN, CGGM: A/*.h5, V/*.h5, L/*.h5 and target/{fold}/{trn,val,tst}_{label,int2name}.npy",
    paths: "the folder with A/, V/, L/ and target/, or the features' folder and then the targets'",
    takes: &[Takes::Spec],
    read,
    recognise,
};

/// Which file of each folder is meant, and the names of the classes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "PascalCase")]
struct Choice {
    a: Option<String>,
    v: Option<String>,
    l: Option<String>,
    #[serde(rename = "classes")]
    classes: Option<Vec<String>>,
}

/// The utterances of one fold with class and split.
type Fold = Vec<(String, i64, Split)>;

fn recognise(glance: &Glance) -> Option<String> {
    let root = glance.paths.first().filter(|path| path.is_dir())?;
    let target = glance.paths.get(1).cloned().unwrap_or_else(|| root.join("target"));
    let folders: Vec<&str> = FOLDERS.into_iter().filter(|folder| root.join(folder).is_dir()).collect();
    (!folders.is_empty() && target.is_dir()).then(|| format!("there are the folders {} and the targets' folder", folders.join(", ")))
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let (root, target) = match &*request.paths {
        [root] => (root, root.join("target")),
        [root, target] => (root, target.clone()),
        paths => {
            let found = paths.len();
            return Err(ImportError::request(format!("mmin-h5: found {found} paths, expected {}; give these", MMIN.paths)));
        }
    };
    let choice = request.spec.as_deref().map(choice).transpose()?.unwrap_or_default();
    let mut draft = Draft { name: named::stem(root.file_name().map(Path::new)), provenance: named::provenance(root), ..Draft::default() };
    let mut folds = Vec::new();
    for folder in numbered(&target)? {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        folds.push((name, fold(&folder, &mut draft.repaired)?));
    }
    let Some((first, samples)) = folds.first() else {
        let found = "no numbered folder";
        return Err(
            ReadError::invalid(&target, "the folder", found, "a folder for each fold: 1, 2, …", "give the folder with A, V, L and target").into()
        );
    };
    let codes = same_labels(&target, &folds)?;
    draft.assumed.push(format!("fold {first} is the default split"));
    draft.ids = samples.iter().map(|(id, ..)| id.clone()).collect();
    draft.splits = samples.iter().map(|(.., split)| *split).collect();
    let strangers = codes.len() - draft.ids.len();
    if strangers > 0 {
        draft.repaired.push(format!("{strangers} utterances of other folds are not in fold {first} and are left out"));
    }
    for (name, fold) in &folds {
        let splits: HashMap<&str, Split> = fold.iter().map(|(id, _, split)| (id.as_str(), *split)).collect();
        draft.folds.push((name.clone(), draft.ids.iter().map(|id| splits.get(id.as_str()).copied()).collect()));
    }
    let own: Vec<i64> = samples.iter().map(|(_, code, _)| *code).collect();
    draft.targets.push(Targets { name: "emotion".into(), target: classes(&own, choice.classes.as_deref(), &mut draft.assumed)? });
    draft.groups = iemocap::groups(&draft.ids);
    for (folder, named) in FOLDERS.into_iter().zip([&choice.a, &choice.v, &choice.l]) {
        if let Some(file) = features(&root.join(folder), named.as_deref(), &mut draft.assumed)? {
            let content = utterances(&file, &draft.ids)?;
            draft.streams.push(Stream { name: folder.into(), content });
        }
    }
    if draft.streams.is_empty() {
        return Err(ReadError::invalid(
            root,
            "the folder",
            "none of A, V, L",
            "at least one with an .h5 file",
            "give the folder with A, V, L and target",
        )
        .into());
    }
    Ok(draft)
}

fn choice(path: &Path) -> Result<Choice, ImportError> {
    let failed = |source| ReadError::Io { action: "read", file: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    toml::from_str(&text).map_err(|error| {
        let found = error.message().replace('\n', " ");
        ReadError::invalid(path, "TOML", found, "A, V, L = \"FILE.h5\" and classes = [names]", "correct the file").into()
    })
}

/// Folders that are called by a number, in the order of these.
fn numbered(target: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut folders = Vec::new();
    for path in listing::inside(target)? {
        let number = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
        folders.extend(number.filter(|_| path.is_dir()).map(|number| (number, path)));
    }
    folders.sort();
    Ok(folders.into_iter().map(|(_, path)| path).collect())
}

/// Names, classes and splits of one fold; an utterance that is named twice in a split counts once.
fn fold(folder: &Path, repaired: &mut Vec<String>) -> Result<Fold, ImportError> {
    let (mut fold, mut seen, mut twice) = (Fold::new(), HashMap::new(), 0);
    for (file, split) in [("trn", Split::Train), ("val", Split::Validation), ("tst", Split::Test)] {
        let path = folder.join(format!("{file}_int2name.npy"));
        let names = super::open(&path)?;
        let names = names.root().texts()?;
        let codes = codes(&folder.join(format!("{file}_label.npy")))?;
        if names.len() != codes.len() {
            let expected = format!("{} as {file}_label.npy has", codes.len());
            return Err(ReadError::invalid(&path, "array", format!("{} names", names.len()), expected, "get both files again").into());
        }
        for (name, code) in names.into_iter().zip(codes) {
            match seen.insert(name.clone(), (split, code)) {
                None => fold.push((name, code, split)),
                Some(before) if before == (split, code) => twice += 1,
                Some(_) => {
                    let found = format!("`{name}` with two splits or classes");
                    return Err(ReadError::invalid(&path, "array", found, "every utterance in one split of a fold", "get the folder again").into());
                }
            }
        }
    }
    if twice > 0 {
        repaired.push(format!("{}: {twice} utterances are named twice and count once", folder.display()));
    }
    Ok(fold)
}

/// Classes as whole numbers `[N]`, or as the largest of `[N, C]`.
fn codes(path: &Path) -> Result<Vec<i64>, ImportError> {
    let tree = super::open(path)?;
    let root = tree.root();
    let array = root.array()?;
    if array.row_len() == 1 {
        return Ok(array.wholes(root.path(), 0..array.rows())?);
    }
    let values = array.reals(root.path(), 0..array.rows())?;
    let largest = |row: &[f64]| {
        let mut best = 0;
        for (at, value) in row.iter().enumerate() {
            if row.get(best).is_none_or(|before| value > before) {
                best = at;
            }
        }
        best as i64
    };
    Ok(values.chunks(array.row_len().max(1)).map(largest).collect())
}

/// The class of every utterance, the same in all folds.
fn same_labels(target: &Path, folds: &[(String, Fold)]) -> Result<HashMap<String, i64>, ImportError> {
    let mut codes = HashMap::new();
    for (name, fold) in folds {
        for (id, code, _) in fold {
            let before = *codes.entry(id.clone()).or_insert(*code);
            if before != *code {
                let found = format!("class {code} for `{id}`");
                return Err(ReadError::invalid(
                    target,
                    format!("fold {name}"),
                    found,
                    format!("{before} as in the folds before"),
                    "get the folder again",
                )
                .into());
            }
        }
    }
    Ok(codes)
}

fn classes(codes: &[i64], names: Option<&[String]>, assumed: &mut Vec<String>) -> Result<Target, ImportError> {
    if let Some(names) = names {
        return labels::placed("target `emotion`", codes, names, 0);
    }
    assumed.push("classes are called by their codes: the files do not name them (a spec with `classes` does)".into());
    Ok(labels::coded(codes))
}

/// The one file of features in a folder, or the one that is named; `None` without the folder.
fn features(folder: &Path, named: Option<&str>, assumed: &mut Vec<String>) -> Result<Option<PathBuf>, ImportError> {
    if !folder.is_dir() {
        return Ok(None);
    }
    if let Some(named) = named {
        let file = folder.join(named);
        return Ok(Some(if file.extension().is_some() { file } else { file.with_extension("h5") }));
    }
    let is_hdf5 = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "h5" || ending == "hdf5");
    let mut files: Vec<PathBuf> = listing::inside(folder)?.into_iter().filter(is_hdf5).collect();
    let statistics = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("_mean_std"));
    if files.iter().any(statistics) {
        assumed.push(format!("{}: means and standard deviations are not used: the harness fits its own on the training split", folder.display()));
    }
    files.retain(|path| !statistics(path));
    match &*files {
        [file] => Ok(Some(file.clone())),
        _ => {
            let shown: Vec<String> = files.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect();
            let found = if shown.is_empty() { "no .h5 file".into() } else { shown.join(", ") };
            let letter = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let remedy = format!("name it in a file for --spec: {letter} = \"FILE.h5\"");
            Err(ReadError::invalid(folder, "the folder", found, "one file of features", remedy).into())
        }
    }
}

/// Features of these utterances: series `[T, d]`, or vectors `[d]`.
fn utterances(file: &Path, ids: &[String]) -> Result<Content, ImportError> {
    let tree = super::open(file)?;
    let root = tree.root();
    let entries: HashMap<String, View<'_>> = root.entries()?.into_iter().collect();
    let absent: Vec<&str> = ids.iter().filter(|id| !entries.contains_key(*id)).map(String::as_str).collect();
    if !absent.is_empty() {
        let first = absent.iter().take(5).copied().collect::<Vec<_>>().join(", ");
        let found = format!("no dataset for {} of {} utterances ({first})", absent.len(), ids.len());
        return Err(root.invalid(found, "one for every utterance of the targets", "check that features and targets belong together").into());
    }
    let mut series = Vec::with_capacity(ids.len());
    for view in ids.iter().filter_map(|id| entries.get(id)) {
        series.push((view.path().to_owned(), view.array()?));
    }
    if series.iter().any(|(_, array)| array.shape.len() != 1) {
        let rows = Ragged::new(series)?;
        let (shape, lengths) = (vec![rows.steps, rows.dim], Some(rows.lengths()));
        return Ok(Content::Numbers(Numbers { shape, lengths, rows: Box::new(rows), bytes: None }));
    }
    let dim = series.first().map_or(0, |(_, array)| array.rows());
    let mut rows = Stacked::default();
    for (place, array) in series {
        if array.rows() != dim {
            let expected = format!("{dim} features, as before");
            return Err(array.invalid(&place, array.describe(), expected, "check that the file is whole").into());
        }
        rows.push(place, Arc::new(Array { shape: vec![1, dim], ..(*array).clone() }));
    }
    Ok(Content::Numbers(Numbers { shape: vec![dim], lengths: None, rows: Box::new(rows), bytes: None }))
}
