//! The folders that a merge reads and the one it writes to.

use std::{
    fs::{self, File, TryLockError},
    path::{Component, Path, PathBuf},
};

use bench_store::StoreError;

use super::look;
use crate::{
    exit::Failure,
    folder::{Folder, LOCK, RunFile},
};

/// A run folder that is only read.
pub struct Opened {
    /// As the user wrote it.
    pub folder: Folder,
    /// Its `run.toml`.
    pub run: RunFile,
    /// Without links and dots.
    place: PathBuf,
    /// Keeps a `bench` of this machine from beginning to write to it.
    _lock: Option<File>,
}

/// Opens the folders, each once, the shards in their order whatever order they are given in.
///
/// # Errors
/// A folder that is not there, is no run folder, or is being written to.
pub fn open(given: &[PathBuf]) -> anyhow::Result<Vec<Opened>> {
    let mut opened: Vec<Opened> = Vec::new();
    for path in given {
        let place = fs::canonicalize(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::usage(format!("there is no folder {}; leave it out to merge what there is", path.display())),
            _ => StoreError::io("read", path)(error).into(),
        })?;
        if opened.iter().any(|other| other.place == place) {
            continue;
        }
        if place.is_dir() && !look::text(&path.join("run.toml"))? {
            let why = "it has no run.toml, which `bench run` writes before it trains";
            return Err(Failure::usage(format!(
                "{} is no run folder that can be merged: {why}; leave it out to merge what there is",
                path.display()
            )));
        }
        look::text(&path.join("selftest.json"))?;
        let folder = Folder::new_or_known(path)?;
        let Some(run) = folder.run()? else { return Err(StoreError::NoRunFolder { path: path.clone() }.into()) };
        opened.push(Opened { folder, run, place, _lock: read_lock(path)? });
    }
    // What is taken of the first folder alone does not depend on how the user's shell sorts names.
    opened.sort_by_cached_key(|input| (input.run.settings.shard, toml::to_string(&input.run).unwrap_or_default(), input.place.clone()));
    Ok(opened)
}

/// The folder to write to, with its `run.toml` where an earlier merge or a whole run left one.
///
/// # Errors
/// A folder that is one of those read, lies in one, holds one, or holds a shard or something else.
pub fn target(out: &Path, inputs: &[Opened]) -> anyhow::Result<(Folder, Option<RunFile>)> {
    let place = resolved(out)?;
    for input in inputs {
        let (out, shown) = (out.display(), input.folder.root().display());
        let trouble = if place == input.place {
            format!("--out {out} is {shown}, which is merged")
        } else if place.starts_with(&input.place) {
            format!("--out {out} lies in {shown}, which is merged")
        } else if input.place.starts_with(&place) {
            format!("{shown}, which is merged, lies in --out {out}")
        } else {
            continue;
        };
        return Err(Failure::usage(format!("{trouble}; merging never writes to what it reads: choose another --out")));
    }
    let folder = Folder::new_or_known(out)?;
    let run = folder.run()?;
    match run.as_ref().and_then(|run| run.settings.shard) {
        Some(shard) => {
            Err(Failure::usage(format!("--out {} is shard {shard} of a run itself; choose another --out and merge it too", out.display())))
        }
        None => Ok((folder, run)),
    }
}

/// An absolute path without links, of which the end need not exist.
fn resolved(path: &Path) -> anyhow::Result<PathBuf> {
    let absolute = std::path::absolute(path).map_err(StoreError::io("find", path))?;
    for known in absolute.ancestors() {
        let (Ok(place), Ok(rest)) = (fs::canonicalize(known), absolute.strip_prefix(known)) else { continue };
        // What is not there yet leads nowhere that could be compared.
        if rest.components().any(|part| part == Component::ParentDir) {
            return Err(Failure::usage(format!("--out {} goes through a folder that is not there; write it without `..`", path.display())));
        }
        return Ok(if rest.as_os_str().is_empty() { place } else { place.join(rest) });
    }
    Ok(absolute)
}

/// Holds the lock of a folder together with other readers. Nothing is written: a
/// folder without the file, or on a file system without locks, is read as it is.
fn read_lock(root: &Path) -> anyhow::Result<Option<File>> {
    let path = root.join(LOCK);
    if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
        return Ok(None);
    }
    let Ok(file) = File::open(&path) else { return Ok(None) };
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Failure::usage(format!("a bench is writing to {}; wait until it ends", root.display()))),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}
