//! The files of a dataset's folder: plain names only, bounded sizes, checksums, memory maps.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use bench_map::Map;
use sha2::{Digest, Sha256};

use crate::{DatasetError, error::invalid, keyed::hex};

/// Largest `dataset.toml` in bytes.
pub(crate) const MANIFEST_LIMIT: u64 = 1 << 20;
/// Largest list of ids, words or groups in bytes.
const LIST_LIMIT: u64 = 64 << 20;

/// A dataset's folder with the checksums that its manifest gives.
pub(crate) struct Folder<'a> {
    pub(crate) root: &'a Path,
    pub(crate) sums: &'a BTreeMap<String, String>,
}

impl Folder<'_> {
    /// Path of a file whose name was checked with the manifest.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A list of different, non-empty lines, verified against its checksum.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, DatasetError> {
        let file = self.path(name);
        let bytes = read(&file, LIST_LIMIT)?;
        self.verify(name, &bytes)?;
        let text = text(&file, bytes)?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut seen = BTreeSet::new();
        for (at, line) in lines.iter().enumerate() {
            if line.is_empty() || !seen.insert(line) {
                let found = if line.is_empty() { "an empty line".into() } else { format!("`{line}` for the second time") };
                return Err(invalid(&file, format!("line {}", at + 1), found, "different names, one a line", "correct the list and its checksum"));
            }
        }
        Ok(lines)
    }

    /// A file's bytes, verified against their checksum.
    pub(crate) fn bytes(&self, name: &str) -> Result<Map, DatasetError> {
        let map = map(&self.path(name))?;
        self.verify(name, &map)?;
        Ok(map)
    }

    fn verify(&self, name: &str, bytes: &[u8]) -> Result<(), DatasetError> {
        let found = hex(&Sha256::digest(bytes));
        match self.sums.get(name) {
            Some(expected) if *expected == found => Ok(()),
            expected => {
                let expected = expected.map_or("a checksum in dataset.toml", String::as_str);
                Err(invalid(&self.path(name), "SHA-256", found, expected, "the file is damaged or changed: get or build it again"))
            }
        }
    }
}

/// A file's bytes.
pub(crate) fn map(file: &Path) -> Result<Map, DatasetError> {
    open(file).and_then(|opened| Map::of(&opened)).map_err(|source| DatasetError::Io { action: "read", file: file.to_owned(), source })
}

/// Reads UTF-8 text of at most `limit` bytes.
pub(crate) fn read_text(file: &Path, limit: u64) -> Result<String, DatasetError> {
    text(file, read(file, limit)?)
}

fn read(file: &Path, limit: u64) -> Result<Vec<u8>, DatasetError> {
    let failed = |source| DatasetError::Io { action: "read", file: file.to_owned(), source };
    let mut bytes = Vec::new();
    open(file).map_err(failed)?.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(invalid(file, "size", format!("more than {limit} bytes"), format!("at most {limit} bytes"), "check that this is the right file"));
    }
    Ok(bytes)
}

fn text(file: &Path, bytes: Vec<u8>) -> Result<String, DatasetError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        invalid(file, format!("byte {at}"), "bytes that are no text", "UTF-8", "save the file as UTF-8")
    })
}

/// Refuses names that lead out of the folder.
pub(crate) fn check_plain(manifest: &Path, field: &str, name: &str) -> Result<(), DatasetError> {
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':']) && !name.chars().any(char::is_control);
    if plain { Ok(()) } else { Err(invalid(manifest, field, format!("`{name}`"), "the name of a file in the same folder", "move the file there")) }
}

/// Opens a regular file; a pipe or device would block or never end.
fn open(file: &Path) -> io::Result<File> {
    if file.metadata()?.is_file() { File::open(file) } else { Err(io::Error::other("it is no regular file")) }
}
