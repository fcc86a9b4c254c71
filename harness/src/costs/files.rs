//! `costs/` of a run folder: raw profiles, one file a trial, and one of the extractors.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use bench_store::{
    StoreError, TrialSpec, files,
    profile::{Profile, ProfileJob},
    protocol::Description,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{exit::Failure, folder::Folder};

/// Format version of the files; another field in [`Profile`] is another version.
const FORMAT: u32 = 1;
/// The name, without its end, of the extractors' file; no key of a trial is named so, because keys are hexadecimal.
const EXTRACTORS: &str = "extractors";

/// `costs/<trial key>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OfTrial {
    /// [`FORMAT`].
    pub format: u32,
    /// As in tables.
    pub label: String,
    /// The trial whose weights were profiled.
    pub spec: TrialSpec,
    /// How.
    pub measured: How,
    /// What the worker found.
    pub profile: Profile,
}

/// `costs/extractors.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OfExtractors {
    /// [`FORMAT`].
    pub format: u32,
    /// How.
    pub measured: How,
    /// Each with random weights.
    pub extractors: Vec<OfExtractor>,
}

/// One extractor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OfExtractor {
    /// As in `bench profile --extractor NAME:SIZE`.
    pub name: String,
    /// Tokens, frames or seconds of a sample.
    pub size: f64,
    /// What the worker found.
    pub profile: Profile,
}

/// How a profile was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct How {
    /// Version of the program.
    pub bench: String,
    /// Version of libtorch.
    pub libtorch: String,
    /// CPU level of libtorch's kernels.
    pub cpu: String,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// Samples in the batch of operation counts and memory.
    pub batch: usize,
    /// Samples in the batches that were timed; none where only counts were asked for.
    pub timed_batches: Vec<usize>,
    /// Measured calls of each timing.
    pub repeats: usize,
    /// Calls before the measured ones.
    pub warm_up: usize,
    /// Keys of the trials that were timed in turns with this one; times of others are not of the same rounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_turns_with: Vec<String>,
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl How {
    pub fn of(job: &ProfileJob, worker: &Description) -> Self {
        Self {
            bench: env!("CARGO_PKG_VERSION").into(),
            libtorch: worker.libtorch.clone(),
            cpu: worker.cpu.clone(),
            device: job.device.clone(),
            batch: job.batch,
            timed_batches: job.timed_batches.clone(),
            repeats: job.repeats,
            warm_up: job.warm_up,
            in_turns_with: Vec::new(),
        }
    }
}

impl OfTrial {
    pub fn new(label: String, spec: TrialSpec, measured: How, profile: Profile) -> Self {
        Self { format: FORMAT, label, spec, measured, profile }
    }

    pub fn read(folder: &Folder, key: &str) -> anyhow::Result<Option<Self>> {
        read(&path(folder, key))
    }

    pub fn write(&self, folder: &Folder, key: &str) -> anyhow::Result<()> {
        write(&path(folder, key), self)
    }

    /// Every trial's, by key.
    pub fn all(folder: &Folder) -> anyhow::Result<BTreeMap<String, Self>> {
        let root = root(folder);
        let entries = match fs::read_dir(&root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(source) => return Err(StoreError::Io { doing: "read", path: root, source }.into()),
        };
        let mut found = BTreeMap::new();
        for entry in entries {
            let name = entry.map_err(StoreError::io("read", &root))?.file_name().to_string_lossy().into_owned();
            let Some(key) = name.strip_suffix(".json").filter(|key| *key != EXTRACTORS && !key.starts_with('.')) else { continue };
            found.extend(Self::read(folder, key)?.map(|profile| (key.to_string(), profile)));
        }
        Ok(found)
    }
}

impl OfExtractors {
    pub fn new(measured: How, extractors: Vec<OfExtractor>) -> Self {
        Self { format: FORMAT, measured, extractors }
    }

    pub fn read(folder: &Folder) -> anyhow::Result<Option<Self>> {
        read(&path(folder, EXTRACTORS))
    }

    pub fn write(&self, folder: &Folder) -> anyhow::Result<()> {
        write(&path(folder, EXTRACTORS), self)
    }
}

fn root(folder: &Folder) -> PathBuf {
    folder.root().join("costs")
}

fn path(folder: &Folder, name: &str) -> PathBuf {
    root(folder).join(format!("{name}.json"))
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
    let refused = |error: serde_json::Error| StoreError::json(path, &error);
    // The version first: another format's fields would be reported as another schema.
    let Version { format } = serde_json::from_slice(&bytes).map_err(refused)?;
    if format != FORMAT {
        let path = path.display();
        return Err(Failure::usage(format!("{path} has format {format}, this program reads {FORMAT}; delete it, and it is measured again")));
    }
    Ok(Some(serde_json::from_slice(&bytes).map_err(refused)?))
}

fn write(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    path.parent().map(files::create_folder).transpose()?;
    let mut text = serde_json::to_vec_pretty(value).with_context(|| format!("cannot write {} as JSON", path.display()))?;
    text.push(b'\n');
    Ok(files::write_whole(path, &text)?)
}
