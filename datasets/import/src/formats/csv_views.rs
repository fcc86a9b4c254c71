//! Views in tables of text: MOGONET's files without headers, or any tables that a spec names.

use std::path::{Path, PathBuf};

use bench_datasets::Split;

use super::{Format, Request, Takes, arrays};
use crate::{
    Draft, ImportError, listing, named,
    spec::{BySplit, FileEntry, From, KindEntry, Missing, ModalityEntry, Spec, TargetEntry, TargetKind},
    store::Store,
};

/// MOGONET, mmdynamics, and tables.
pub(super) const CSV: Format = Format {
    name: "csv-views",
    title: "tables (.csv, .tsv): MOGONET's {view}_tr.csv, {view}_te.csv, labels_tr.csv, labels_te.csv, or any that a TOML file names",
    paths: "the folder with the tables, or the tables",
    takes: &[Takes::Spec],
    read,
    recognise: |glance| {
        let found = parts(&files(&glance.paths).ok()?);
        let has = |name: &str| found.iter().any(|(own, ..)| own == name);
        (has("labels") && found.len() > 2)
            .then(|| format!("there are labels_tr.csv and {} more tables called VIEW_tr.csv, VIEW_te.csv", found.len() - 1))
    },
};

fn read(request: &Request) -> Result<Draft, ImportError> {
    if let Some(path) = &request.spec {
        return arrays::by_spec(request, path);
    }
    let files = files(&request.paths)?;
    let found = parts(&files);
    let both = |name: &str| {
        let mut from = BySplit::default();
        for (_, split, file) in found.iter().filter(|(own, ..)| own == name) {
            from.set(*split, file.clone());
        }
        From::BySplit(from)
    };
    let mut names: Vec<&String> = found.iter().map(|(name, ..)| name).filter(|name| *name != "labels").collect();
    // Views are numbered: 10 is behind 9.
    names.sort_by_key(|name| (name.parse::<u64>().unwrap_or(u64::MAX), (*name).clone()));
    names.dedup();
    if names.is_empty() || both("labels").parts().is_empty() {
        let shown: Vec<String> = files.iter().take(12).filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect();
        return Err(ImportError::request(format!(
            "csv-views: found {}, expected VIEW_tr.csv, VIEW_te.csv, labels_tr.csv and labels_te.csv; name the columns of other tables in a file for --spec, see docs/importing-arrays.md",
            if shown.is_empty() { "no table".into() } else { shown.join(", ") }
        )));
    }
    let modality = |name: &String| ModalityEntry {
        name: if name.bytes().all(|byte| byte.is_ascii_digit()) { format!("view{name}") } else { name.clone() },
        from: both(name),
        kind: Some(KindEntry::Vector),
        ..ModalityEntry::default()
    };
    let bare = |(_, _, file): &(String, Split, String)| FileEntry {
        name: file.clone(),
        path: None,
        header: false,
        columns: None,
        delimiter: None,
        id: None,
        missing: Missing::Refuse,
    };
    let folder = request.paths.first().filter(|path| path.is_dir()).and_then(|path| path.file_name());
    let spec = Spec {
        name: folder.map(|name| named::stem(Some(Path::new(name)))),
        files: found.iter().map(bare).collect(),
        modalities: names.into_iter().map(modality).collect(),
        targets: vec![TargetEntry { name: "label".into(), from: both("labels"), kind: Some(TargetKind::Classes), ..TargetEntry::default() }],
        assumed: vec!["classes are called by their codes in the file".into()],
        ..Spec::default()
    };
    named::draft(&spec, &mut Store::open(&request.paths, &spec.files, None)?)
}

/// The tables given, and those in the folders given.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ImportError> {
    let is_table = |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv") || ending.eq_ignore_ascii_case("tsv"));
    let mut files = listing::files(paths, |_| true)?;
    files.retain(|file| is_table(file));
    files.sort();
    Ok(files)
}

/// View, split and file name of the tables that are called by both.
fn parts(files: &[PathBuf]) -> Vec<(String, Split, String)> {
    let part = |path: &PathBuf| {
        let file = path.file_name()?.to_str()?.to_owned();
        let (name, split) = Path::new(&file).file_stem()?.to_str()?.rsplit_once('_')?;
        let split = match split {
            "tr" => Split::Train,
            "va" => Split::Validation,
            "te" => Split::Test,
            _ => return None,
        };
        Some((name.to_owned(), split, file))
    };
    files.iter().filter_map(part).collect()
}
