//! Which files were given, and what they are called.

use std::path::{Path, PathBuf};

use bench_datasets::Provenance;

use crate::{ImportError, formats::Request, listing};

/// Names of data sets that folders and files carry, the longer ones first.
const KNOWN: [&str; 12] = ["mosei", "mosi", "sims", "iemocap", "meld", "mustard", "sarcasm", "urfunny", "ur_funny", "humor", "avec", "dailydialog"];

/// The one file of a format that is one file.
///
/// # Errors
/// Where another number of paths was given, or the path is a folder.
pub fn only<'a>(request: &'a Request, format: &str, what: &str) -> Result<&'a Path, ImportError> {
    let [path] = &*request.paths else {
        return Err(ImportError::request(format!("{format}: found {} paths, expected one: {what}", request.paths.len())));
    };
    if path.is_dir() {
        return Err(ImportError::request(format!("{}: found a folder, expected {what}; name the file in it", path.display())));
    }
    Ok(path)
}

/// The files given, with a folder in place of its pickles (`.pkl`, `.pickle`, `.p`), sorted by name.
///
/// # Errors
/// Where a folder cannot be read.
pub fn pickles(request: &Request) -> Result<Vec<PathBuf>, ImportError> {
    listing::files(&request.paths, |file| matches!(file.extension().and_then(|ending| ending.to_str()), Some("pkl" | "pickle" | "p")))
}

/// A file's name without its ending.
pub fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A name for the dataset: the file's stem, with the nearest folder's data set in front where the stem has none (`MOSI/aligned_50.pkl`: `mosi-aligned_50`).
pub fn name(path: &Path) -> String {
    let stem = stem(path);
    let plain = |text: &str| text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.+".contains(c) { c } else { '-' }).collect::<String>();
    if known(&stem).is_some() {
        return plain(&stem);
    }
    let folder = path.ancestors().skip(1).find_map(|folder| known(&folder.file_name()?.to_string_lossy()));
    folder.map_or_else(|| plain(&stem), |folder| plain(&format!("{folder}-{stem}")))
}

/// The data set that a text names.
pub fn known(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    KNOWN.into_iter().find(|name| text.contains(name))
}

/// Provenance as far as a format tells: files of features carry no licence.
pub fn provenance(source: &str, citation: &str) -> Provenance {
    Provenance {
        source: source.into(),
        licence: "not stated in the files: see the terms of the original data".into(),
        citation: citation.into(),
        ..Provenance::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_data_set() {
        assert_eq!(name(Path::new("/data/MOSI/Processed/aligned_50.pkl")), "mosi-aligned_50");
        assert_eq!(name(Path::new("/data/mosei_senti_data.pkl")), "mosei_senti_data");
        assert_eq!(name(Path::new("my data.pkl")), "my-data");
    }
}
