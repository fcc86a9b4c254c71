/*!
The run folder as `bench` sees it: the trials, and `run.toml`, which says what the last command resolved to.

`conditions.json` in a trial's folder names the conditions behind the hashes in `eval/`, and why some of them have no file.
*/

mod lock;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use anyhow::Context;
use bench_store::{
    RunFolder, StoreError, files,
    folder::{FORMAT, TrialFolder},
};
use serde::{Deserialize, Serialize};

pub use lock::{FILE as LOCK, Lock};

use crate::{
    exit::Failure,
    plan::Refused,
    settings::{Folds, Freeze, Preset, Shard},
    tuning,
};

/// A run folder that may be written to.
#[derive(Debug, Clone)]
pub struct Folder {
    inner: RunFolder,
}

impl std::ops::Deref for Folder {
    type Target = RunFolder;

    fn deref(&self) -> &RunFolder {
        &self.inner
    }
}

impl Folder {
    /// The folder at `path`, which is new, empty, or a run folder of this format.
    ///
    /// # Errors
    /// Anything else.
    pub fn new_or_known(path: &Path) -> anyhow::Result<Self> {
        // It is sent to the worker as JSON.
        if path.to_str().is_none() {
            return Err(Failure::usage(format!("the name of the run folder {} is not UTF-8; choose another name", path.display())));
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries.collect::<io::Result<Vec<_>>>().with_context(|| format!("cannot read {}", path.display()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                let file = path.ancestors().find(|part| part.exists()).unwrap_or(path);
                return Err(StoreError::NoRunFolder { path: file.into() }.into());
            }
            Err(source) => return Err(StoreError::Io { doing: "read", path: path.into(), source }.into()),
        };
        // What a killed write left behind is nobody's; the lock stays when a command ends.
        let names = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
        // A run that was cut short before its first trial may have left features.
        let names = names.filter(|name| name != crate::extract::FOLDER);
        let names: Vec<String> = names.filter(|name| !(name.starts_with('.') && (name.ends_with(".partial") || name == lock::FILE))).collect();
        if !names.is_empty() && !names.iter().any(|name| name == "run.toml" || name == "trials") {
            return Err(StoreError::NoRunFolder { path: path.into() }.into());
        }
        let folder = Self { inner: RunFolder::at(path) };
        folder.run()?;
        Ok(folder)
    }

    /// The run folder at `path`.
    ///
    /// # Errors
    /// Where there is none.
    pub fn known(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            return Err(Failure::usage(format!("there is no run folder {}; `bench run --out {0}` makes one", path.display())));
        }
        let folder = Self::new_or_known(path)?;
        if folder.run()?.is_none() && folder.finished()?.is_empty() {
            return Err(StoreError::NoRunFolder { path: path.into() }.into());
        }
        Ok(folder)
    }

    /// Makes the folder, if it is not there, and keeps every other command from writing to it until what is returned is dropped.
    ///
    /// # Errors
    /// Another command that writes to it, or the file system's refusal.
    pub fn lock(&self) -> anyhow::Result<Lock> {
        files::create_folder(self.root())?;
        Lock::of(self.root())
    }

    /// `run.toml`, or `None` where it is not there.
    ///
    /// # Errors
    /// Another format version, or a damaged file.
    pub fn run(&self) -> anyhow::Result<Option<RunFile>> {
        let path = self.root().join("run.toml");
        let Some(bytes) = files::read_if_there(&path)? else { return Ok(None) };
        let damaged = |reason: &str| StoreError::Damaged { path: path.clone(), reason: reason.into() };
        let schema = |error: toml::de::Error| StoreError::Schema { path: path.clone(), reason: error.message().into() };
        let text = String::from_utf8(bytes).map_err(|_| damaged("it is no text"))?;
        let table: toml::Table = toml::from_str(&text).map_err(|error| damaged(error.message()))?;
        // The version first: another format's fields would be reported as another schema.
        let version: Version = table.clone().try_into().map_err(schema)?;
        if version.format != FORMAT {
            return Err(StoreError::Format { path: self.root().into(), found: version.format, expected: FORMAT }.into());
        }
        Ok(Some(table.try_into().map_err(schema)?))
    }

    /// Writes `run.toml`.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write_run(&self, run: &RunFile) -> anyhow::Result<()> {
        files::create_folder(self.root())?;
        let head = "# The settings that the last `bench run` into this folder resolved to, and where each came from.\n";
        let text = toml::to_string(run).context("cannot write the settings as TOML")?;
        Ok(files::write_whole(&self.root().join("run.toml"), format!("{head}{text}").as_bytes())?)
    }
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// `run.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFile {
    /// Format major version of the folder.
    pub format: u32,
    /// Version of the program.
    pub bench: String,
    /// Version of libtorch.
    pub libtorch: String,
    /// CPU level of libtorch's kernels.
    pub cpu: String,
    /// The settings.
    pub settings: Resolved,
    /// Where each setting came from: flag, environment, file, quick, suite or default.
    pub sources: BTreeMap<String, String>,
    /// Content hashes of the datasets.
    pub datasets: BTreeMap<String, String>,
    /// Key of each trial that the last command planned, whole and not a shard of it alone, to what it is: `raml on digits?train=300, seed 42`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub planned: BTreeMap<String, String>,
    /// What trials are that start from others which are not trained yet; their weights are part of the key, so they have none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub waiting: BTreeSet<String>,
    /// In a shard's folder: the number of each planned trial's shard, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shards: BTreeMap<String, usize>,
    /// Tuned presets that are used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tuned: Vec<tuning::Preset>,
    /// Pairs that a method cannot learn.
    #[serde(default)]
    pub refused: Vec<Refused>,
}

/// The settings in `run.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    /// With its version.
    pub suite: String,
    /// Tables of papers, where the run is for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub table: Vec<String>,
    /// What stands in for the datasets of these tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// As asked for.
    pub dataset: Vec<String>,
    /// Which folds stand for each dataset asked for; `dataset` has them one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folds: Option<Folds>,
    /// What they had to be dealt by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// As asked for.
    pub method: Vec<String>,
    /// As asked for.
    pub seeds: Vec<u64>,
    /// Most epochs.
    pub epochs: usize,
    /// Epochs without a better validation score.
    pub patience: usize,
    /// As computed on: `cpu` or `cuda:N`.
    pub device: String,
    /// Worker processes.
    pub jobs: usize,
    /// The part of the run that the folder holds; `None` for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The reference asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Training settings taken of the cards.
    #[serde(default)]
    pub preset: Preset,
    /// The folder of tuned presets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presets: Option<std::path::PathBuf>,
    /// Where training started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_from: Option<std::path::PathBuf>,
    /// What of it was not trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Freeze>,
    /// Modules that made features, `text=encoder.pt`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extractor: Vec<String>,
    /// Where the features are kept, if not in this folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<std::path::PathBuf>,
    /// Folders in which datasets are looked for first.
    pub data: Vec<std::path::PathBuf>,
}

/// `conditions.json` of a trial.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Canonical texts of conditions that have been asked for.
    pub conditions: BTreeSet<String>,
    /// Those that the method cannot answer, with the reason.
    pub unavailable: BTreeMap<String, String>,
}

impl Known {
    /// Of a trial; empty where nothing was noted.
    ///
    /// # Errors
    /// A damaged file.
    pub fn read(trial: &TrialFolder) -> Result<Self, StoreError> {
        let path = trial.root().join("conditions.json");
        let Some(bytes) = files::read_if_there(&path)? else { return Ok(Self::default()) };
        serde_json::from_slice(&bytes).map_err(|error| StoreError::json(&path, &error))
    }

    /// Adds to what is noted of a trial; writes only what is new.
    ///
    /// # Errors
    /// The file system's refusal, or a damaged file.
    pub fn add(trial: &TrialFolder, conditions: impl IntoIterator<Item = String>, unavailable: &[(String, String)]) -> anyhow::Result<()> {
        let before = Self::read(trial)?;
        let mut after = before.clone();
        after.conditions.extend(conditions);
        after.unavailable.extend(unavailable.iter().cloned());
        if after == before || !trial.root().is_dir() {
            return Ok(());
        }
        let mut text = serde_json::to_vec_pretty(&after).context("cannot write conditions.json")?;
        text.push(b'\n');
        Ok(files::write_whole(&trial.root().join("conditions.json"), &text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_something_else_in_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Folder::new_or_known(folder.path()).is_ok());
        assert!(Folder::new_or_known(&folder.path().join("new")).is_ok());
        fs::write(folder.path().join(".run.toml.1-0.partial"), "").unwrap();
        assert!(Folder::new_or_known(folder.path()).is_ok());
        fs::write(folder.path().join("thesis.tex"), "").unwrap();
        let message = Folder::new_or_known(folder.path()).unwrap_err().to_string();
        assert!(message.contains("no run folder"), "{message}");
    }

    #[test]
    fn another_format_version_is_refused_even_if_nothing_else_fits() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("run.toml"), "format = 99\nwhat = 'else'\n").unwrap();
        let message = Folder::new_or_known(folder.path()).unwrap_err().to_string();
        assert!(message.contains("format 99"), "{message}");
    }

    #[test]
    fn what_is_known_of_a_trial_grows() {
        let folder = tempfile::tempdir().unwrap();
        let trial = TrialFolder::at(folder.path());
        Known::add(&trial, ["clean".into()], &[]).unwrap();
        Known::add(&trial, ["fgsm(a:0.1)".into()], &[("fgsm(a:0.1)".into(), "needs gradients".into())]).unwrap();
        let known = Known::read(&trial).unwrap();
        assert_eq!(known.conditions.len(), 2);
        assert_eq!(known.unavailable["fgsm(a:0.1)"], "needs gradients");
    }
}
