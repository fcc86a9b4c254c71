/*!
A run folder: trials are kept, everything at its top is derived from them.

```text
run.toml                              the resolved configuration of the last command (derived)
records.parquet, records.csv          one row a trial, condition and metric (derived)
robustness.csv                        one row a trial, measure and scope (derived)
selftest.json                         what the corruptions did (derived)
report.md, figures/                   (derived)
costs/<key>.json, costs/extractors.json   what models cost: measured once and kept
.lock                                 who writes to the folder
trials/<key>/trial.json               written last: training is finished
trials/<key>/weights.safetensors      the chosen checkpoint
trials/<key>/losses.parquet           loss terms and validation score of each epoch
trials/<key>/steps.parquet            what the method logged at each step, where it did
trials/<key>/diagnostics.json         numbers on the validation split, where the method has some
trials/<key>/eval/<condition hash>.parquet   scores of each test sample
```
*/

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Diagnostic, StoreError, TrainedTrial, files};

/// Format major version of a run folder.
pub const FORMAT: u32 = 1;

/// A run folder.
#[derive(Debug, Clone)]
pub struct RunFolder {
    root: PathBuf,
}

impl RunFolder {
    /// A run folder at `root`, which need not exist.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of a trial.
    pub fn trial(&self, key: &str) -> TrialFolder {
        TrialFolder { root: self.root.join("trials").join(key) }
    }

    /// Keys of the trials whose training is finished, sorted.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn finished(&self) -> Result<Vec<String>, StoreError> {
        let trials = self.root.join("trials");
        let entries = match std::fs::read_dir(&trials) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(StoreError::Io { doing: "read", path: trials, source }),
        };
        let mut keys = Vec::new();
        for entry in entries {
            let entry = entry.map_err(StoreError::io("read", &trials))?;
            if entry.path().join("trial.json").is_file() {
                keys.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// The folder of one trial.
#[derive(Debug, Clone)]
pub struct TrialFolder {
    root: PathBuf,
}

impl TrialFolder {
    /// A trial's folder at `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The chosen checkpoint.
    pub fn weights(&self) -> PathBuf {
        self.root.join("weights.safetensors")
    }

    /// Loss terms and validation scores by epoch.
    pub fn losses(&self) -> PathBuf {
        self.root.join("losses.parquet")
    }

    /// What the method logged at each training step.
    pub fn steps(&self) -> PathBuf {
        self.root.join("steps.parquet")
    }

    /// Numbers about the trained model on the validation split.
    pub fn diagnostics(&self) -> PathBuf {
        self.root.join("diagnostics.json")
    }

    /// Scores of the test samples under the condition with this hash.
    pub fn scores(&self, condition_hash: &str) -> PathBuf {
        self.root.join("eval").join(format!("{condition_hash}.parquet"))
    }

    /// `diagnostics.json`; empty where there is none.
    ///
    /// # Errors
    /// A damaged file.
    pub fn read_diagnostics(&self) -> Result<Vec<Diagnostic>, StoreError> {
        let path = self.diagnostics();
        let Some(bytes) = files::read_if_there(&path)? else { return Ok(Vec::new()) };
        serde_json::from_slice(&bytes).map_err(|error| StoreError::json(&path, &error))
    }

    /// `trial.json`, or `None` where training is not finished.
    ///
    /// # Errors
    /// A damaged file, or another format version.
    pub fn read(&self) -> Result<Option<TrainedTrial>, StoreError> {
        let path = self.root.join("trial.json");
        let Some(bytes) = files::read_if_there(&path)? else { return Ok(None) };
        let refused = |error: serde_json::Error| StoreError::json(&path, &error);
        // The version first: another format's fields would be reported as damage, and the advice would be to delete it.
        let version: Version = serde_json::from_slice(&bytes).map_err(refused)?;
        if version.format != FORMAT {
            return Err(StoreError::Format { path, found: version.format, expected: FORMAT });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(refused)
    }

    /// Writes `trial.json`: the last file of a training.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(&self, trial: &TrainedTrial) -> Result<(), StoreError> {
        let mut text = serde_json::to_vec_pretty(trial).map_err(|error| StoreError::damaged(&self.root, error.to_string()))?;
        text.push(b'\n');
        files::write_whole(&self.root.join("trial.json"), &text)
    }
}
