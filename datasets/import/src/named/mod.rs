//! From the names of a spec (or of a convention) and the files to a draft.

mod column;
mod content;
mod target;

use std::path::Path;

use bench_datasets::Provenance;

use crate::{
    Content, Draft, Groups, ImportError, Stream, Target, Targets, labels,
    rows::Picked,
    spec::{Classes, From, Spec},
    store::Store,
};

use column::Divided;
use content::content;
use target::target;

/// The draft that a spec describes.
///
/// # Errors
/// Where a name stands for nothing, numbers of rows differ, or something is not what the spec says: with file and name.
pub(crate) fn draft(spec: &Spec, store: &mut Store) -> Result<Draft, ImportError> {
    for name in names(spec) {
        store.prepare(&name)?;
    }
    let store = &*store;
    let parts = Divided::new(spec, store)?;
    let mut draft = Draft { title: spec.title.clone().unwrap_or_default(), assumed: spec.assumed.clone(), ..Draft::default() };
    draft.name = spec.name.clone().unwrap_or_else(|| stem(store.files().first().map(|file| file.path.as_path())));
    let first = store.files().first().map(|file| file.path.as_path());
    draft.provenance = spec.provenance.clone().unwrap_or_else(|| provenance(first.unwrap_or(Path::new(""))));
    draft.ids = parts.ids(spec)?;
    draft.splits = match &spec.splits {
        None => parts.splits(),
        Some(_) if !parts.splits().is_empty() => {
            return Err(ImportError::request(
                "`splits`: found an array of splits, and modalities that are given by split; expected one of both; remove one",
            ));
        }
        Some(from) => {
            let split = |(at, text): (usize, &String)| {
                labels::split(text).ok_or_else(|| {
                    ImportError::request(format!(
                        "`splits`, sample {at} (from 0): found `{text}`, expected train, valid or test, or 0, 1, 2; correct the array"
                    ))
                })
            };
            parts.column("`splits`", from, &draft.ids)?.texts()?.iter().enumerate().map(split).collect::<Result<_, _>>()?
        }
    };
    let mut kept = vec![true; draft.ids.len()];
    for entry in &spec.modalities {
        let column = parts.column(&format!("modality `{}`", entry.name), &entry.from, &draft.ids)?;
        column.mark(&mut kept);
        let lengths = entry.lengths.as_ref().map(|from| parts.column(&format!("lengths of `{}`", entry.name), from, &draft.ids)).transpose()?;
        draft.streams.push(Stream { name: entry.name.clone(), content: content(entry, &column, lengths.as_ref(), store, &mut draft.repaired)? });
    }
    for entry in &spec.targets {
        let column = parts.column(&format!("target `{}`", entry.name), &entry.from, &draft.ids)?;
        column.mark(&mut kept);
        let target = target(entry, &column, store, &mut draft.assumed)?;
        draft.targets.push(Targets { name: entry.name.clone(), target });
    }
    for entry in &spec.groups {
        let of_sample = match (&entry.from, &entry.ids_before) {
            (Some(from), None) => parts.column(&format!("group `{}`", entry.name), from, &draft.ids)?.texts()?,
            (None, Some(mark)) => draft.ids.iter().map(|id| before(id, mark).to_owned()).collect(),
            _ => {
                let expected = "either `from` or `ids_before`";
                return Err(ImportError::request(format!("group `{}`: found both or neither, expected {expected}; correct the spec", entry.name)));
            }
        };
        draft.groups.push(Groups { name: entry.name.clone(), of_sample });
    }
    for entry in &spec.folds {
        let column = parts.column(&format!("fold `{}`", entry.name), &entry.from, &draft.ids)?;
        let texts = column.texts()?;
        let code = |text: &String| match text.trim() {
            "" | "3" | "-1" | "none" => Ok(None),
            other => labels::split(other).map(Some).ok_or_else(|| {
                let expected = "train, valid, test or none, or 0, 1, 2, 3";
                ImportError::request(format!("fold `{}`: found `{other}`, expected {expected}; correct the array", entry.name))
            }),
        };
        draft.folds.push((entry.name.clone(), texts.iter().map(code).collect::<Result<_, _>>()?));
    }
    parts.left_out(&kept, &mut draft);
    Ok(keep(draft, &kept))
}

/// Where the data come from, as far as a file says: nothing but its name.
pub(crate) fn provenance(path: &Path) -> Provenance {
    Provenance {
        source: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        licence: "not stated in the files: see the terms of the original data".into(),
        ..Provenance::default()
    }
}

/// What stands before the last of these marks; the whole id where there is none.
pub(crate) fn before<'a>(id: &'a str, mark: &str) -> &'a str {
    id.rsplit_once(mark).map_or(id, |(group, _)| group)
}

/// A name for a dataset: the file's, in letters that a name may have.
pub(crate) fn stem(path: Option<&Path>) -> String {
    let stem = path.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    stem.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.+".contains(c) { c } else { '-' }).collect()
}

/// Every name in a spec.
fn names(spec: &Spec) -> Vec<String> {
    let mut from: Vec<&From> = spec.ids.iter().chain(&spec.splits).collect();
    from.extend(spec.modalities.iter().flat_map(|entry| [Some(&entry.from), entry.lengths.as_ref()]).flatten());
    from.extend(spec.targets.iter().map(|entry| &entry.from));
    from.extend(spec.groups.iter().filter_map(|entry| entry.from.as_ref()));
    from.extend(spec.folds.iter().map(|entry| &entry.from));
    let mut names: Vec<String> = from.iter().flat_map(|from| from.parts()).flat_map(|(_, names)| names.list().to_vec()).collect();
    names.extend(spec.modalities.iter().filter_map(|entry| entry.vocabulary.clone()));
    names.extend(spec.targets.iter().filter_map(|entry| match &entry.classes {
        Some(Classes::Array(name)) => Some(name.clone()),
        _ => None,
    }));
    let keys = spec.files.iter().filter_map(|file| Some((&file.name, file.id.as_ref()?)));
    names.extend(keys.flat_map(|(file, id)| id.list().iter().map(move |name| format!("{file}:{name}"))));
    names
}

/// The samples that are kept.
fn keep(mut draft: Draft, kept: &[bool]) -> Draft {
    if kept.iter().all(|&kept| kept) {
        return draft;
    }
    fn only<T>(values: Vec<T>, kept: &[bool]) -> Vec<T> {
        values.into_iter().zip(kept).filter(|(_, kept)| **kept).map(|(value, _)| value).collect()
    }
    let places: Vec<usize> = kept.iter().enumerate().filter(|(_, kept)| **kept).map(|(at, _)| at).collect();
    draft.ids = only(draft.ids, kept);
    draft.splits = only(draft.splits, kept);
    for (_, fold) in &mut draft.folds {
        *fold = only(std::mem::take(fold), kept);
    }
    for groups in &mut draft.groups {
        groups.of_sample = only(std::mem::take(&mut groups.of_sample), kept);
    }
    for targets in &mut draft.targets {
        match &mut targets.target {
            Target::Classes { labels, .. } => *labels = only(std::mem::take(labels), kept),
            Target::Values { values, .. } => *values = only(std::mem::take(values), kept),
        }
    }
    let content = |content: Content| match content {
        Content::Words(words) => Content::Words(only(words, kept)),
        Content::Numbers(mut numbers) => {
            numbers.lengths = numbers.lengths.map(|lengths| only(lengths, kept));
            numbers.rows = Box::new(Picked { from: numbers.rows, places: places.clone() });
            Content::Numbers(numbers)
        }
    };
    draft.streams = draft.streams.into_iter().map(|stream| Stream { name: stream.name, content: content(stream.content) }).collect();
    draft
}
