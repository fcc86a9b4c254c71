//! Pictures, sounds and features below folders, by the names of their samples.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use bench_readers::ReadError;

use crate::ImportError;

/// Deepest folder that is looked into, and most files.
const DEPTH: usize = 8;
const MOST: usize = 4_000_000;

/// What lies below some folders.
#[derive(Debug, Default)]
pub(super) struct Media {
    folders: Vec<PathBuf>,
    /// Pictures by their name without ending.
    images: BTreeMap<String, PathBuf>,
    sounds: BTreeMap<String, PathBuf>,
    /// Arrays by their folder's name, then by their own.
    features: BTreeMap<String, BTreeMap<String, PathBuf>>,
    /// Pictures of folders that are called by a sample, in order.
    frames: BTreeMap<String, Vec<PathBuf>>,
    count: usize,
}

impl Media {
    /// Looks below these folders.
    ///
    /// # Errors
    /// Where one cannot be read, or holds more files than any dataset.
    pub(super) fn below(folders: &[PathBuf]) -> Result<Self, ImportError> {
        let mut media = Self { folders: folders.to_vec(), ..Self::default() };
        for folder in folders {
            media.walk(folder, DEPTH)?;
        }
        for frames in media.frames.values_mut() {
            frames.sort();
        }
        Ok(media)
    }

    fn walk(&mut self, folder: &Path, depth: usize) -> Result<(), ImportError> {
        let failed = |source| ReadError::Io { action: "read", file: folder.to_owned(), source };
        let own = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut inside = Vec::new();
        for entry in folder.read_dir().map_err(failed)? {
            inside.push(entry.map_err(failed)?.path());
            self.count += 1;
            if self.count > MOST {
                return Err(ImportError::request(format!(
                    "{}: found more than {MOST} files, expected the media of one dataset; give its folder",
                    folder.display()
                )));
            }
        }
        // The first of two files of one name is the same on every machine.
        inside.sort();
        for path in inside {
            if path.is_dir() {
                // Links may lead in circles.
                if depth > 0 && !path.is_symlink() {
                    self.walk(&path, depth - 1)?;
                }
                continue;
            }
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            match path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
                Some("png" | "jpg" | "jpeg") => {
                    self.frames.entry(own.clone()).or_default().push(path.clone());
                    self.images.entry(stem).or_insert(path);
                }
                Some("wav") => {
                    self.sounds.entry(stem).or_insert(path);
                }
                Some("npy") => {
                    self.features.entry(own.clone()).or_default().entry(stem).or_insert(path);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The picture that a list names, else the one of this sample's name, else the middle one of its folder of frames.
    pub(super) fn image(&self, id: &str, named: Option<&str>) -> Option<PathBuf> {
        if let Some(named) = named {
            // A list may not lead out of the folders that were given.
            let path = Path::new(named);
            let plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
            if let Some(found) = self.folders.iter().map(|folder| folder.join(path)).find(|path| plain && path.is_file()) {
                return Some(found);
            }
            return self.images.get(&*path.file_stem()?.to_string_lossy()).cloned();
        }
        let frames = || self.frames.get(id).and_then(|frames| frames.get(frames.len() / 2)).cloned();
        self.images.get(id).cloned().or_else(frames)
    }

    /// The sound of this sample's name.
    pub(super) fn sound(&self, id: &str) -> Option<PathBuf> {
        self.sounds.get(id).cloned()
    }

    /// The arrays of these samples' names, for each folder that has any of them.
    pub(super) fn features(&self, ids: &[&str]) -> Vec<(&str, Vec<Option<PathBuf>>)> {
        let of = |files: &BTreeMap<String, PathBuf>| -> Vec<Option<PathBuf>> { ids.iter().map(|id| files.get(*id).cloned()).collect() };
        let found = self.features.iter().map(|(folder, files)| (&**folder, of(files)));
        found.filter(|(_, files)| files.iter().any(Option::is_some)).collect()
    }

    /// Whether a folder holds several pictures.
    pub(super) fn frames(&self) -> bool {
        self.frames.iter().any(|(name, frames)| frames.len() > 1 && !self.folders.iter().any(|folder| folder.ends_with(name)))
    }
}
