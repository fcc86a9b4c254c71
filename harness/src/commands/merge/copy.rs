//! Trials of several folders into one: whole files, `trial.json` last, so that a merge that was cut short goes on where it stopped.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use bench_store::{StoreError, copy, copy::FileCopy, files};
use indicatif::ProgressBar;
use serde_json::Value;

use super::look::{Content, Trial, damaged};
use crate::{
    exit::Failure,
    folder::{Folder, Known},
    interrupt::Interrupt,
};

/// A folder that is read, with what is in it.
pub struct Input {
    /// As the user wrote it.
    pub folder: Folder,
    /// What is copied of it.
    pub content: Content,
}

/// Where everything goes.
pub struct Target<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// Moves with every file.
    pub progress: &'a ProgressBar,
    /// Asked between files.
    pub interrupt: &'a Interrupt,
}

impl Target<'_> {
    /// Copies what is not there yet; whether it came to the end before it was asked to stop.
    ///
    /// # Errors
    /// A trial of which two folders hold different bytes, a damaged file, or the file system's refusal.
    pub fn take(&self, inputs: &[Input]) -> anyhow::Result<bool> {
        let keys: BTreeSet<&String> = inputs.iter().flat_map(|input| input.content.trials.keys()).collect();
        for key in keys {
            let holders = inputs.iter().filter_map(|input| Some((input.folder.root(), input.content.trials.get(key)?)));
            if !self.trial(key, &holders.collect::<Vec<_>>())? {
                return Ok(false);
            }
        }
        self.costs(inputs)?;
        self.self_tests(inputs)?;
        Ok(!self.interrupt.is_set())
    }

    fn trial(&self, key: &str, holders: &[(&Path, &Trial)]) -> anyhow::Result<bool> {
        let trial = self.folder.trial(key);
        // Where each file came from, for the sentence about another with other bytes.
        let mut from: BTreeMap<&str, &Path> = BTreeMap::new();
        for (holder, found) in holders {
            files::create_folder(&trial.root().join("eval"))?;
            for file in found.files.iter().map(String::as_str) {
                if self.interrupt.is_set() {
                    return Ok(false);
                }
                let (source, place) = (found.root.join(file), trial.root().join(file));
                if is_there(&place)? {
                    self.refuse_different(key, (&source, holder), (&place, from.get(file).copied()), found)?;
                } else {
                    let copied = FileCopy::begin(&source, &place)?;
                    if file == "weights.safetensors" && copied.hash() != found.trained.outcome.weights {
                        return Err(damaged(&source, "its SHA-256 is not the one in trial.json"));
                    }
                    copied.finish()?;
                    from.insert(file, holder);
                }
                self.progress.inc(1);
            }
        }
        for (_, found) in holders {
            let unavailable: Vec<(String, String)> = found.known.unavailable.clone().into_iter().collect();
            Known::add(&trial, found.known.conditions.iter().cloned(), &unavailable)?;
        }
        for (holder, found) in holders {
            let (source, place) = (found.root.join("trial.json"), trial.root().join("trial.json"));
            if is_there(&place)? {
                self.refuse_different(key, (&source, holder), (&place, from.get("trial.json").copied()), found)?;
            } else {
                FileCopy::begin(&source, &place)?.finish()?;
                from.insert("trial.json", holder);
            }
            self.progress.inc(1);
        }
        Ok(true)
    }

    /// Equal keys promise equal bytes on one machine; where they differ nobody can say which are right.
    fn refuse_different(&self, key: &str, own: (&Path, &Path), there: (&Path, Option<&Path>), trial: &Trial) -> anyhow::Result<()> {
        let ((source, holder), (place, from)) = (own, there);
        if copy::same(source, place)? {
            return Ok(());
        }
        let name = source.strip_prefix(&trial.root).unwrap_or(source);
        let (label, spec, target) = (&trial.trained.label, &trial.trained.spec, self.folder.root().display());
        let other = from.unwrap_or(self.folder.root()).display();
        Err(Failure::usage(format!(
            "trial {key} ({label} on {}, seed {}) has another {} in {} than in {other}: one of them is of another machine, or was changed; leave \
             one of the folders out. {target} keeps what was merged before",
            spec.dataset,
            spec.seed,
            name.display(),
            holder.display(),
        )))
    }

    /// Measurements of costs: the first one stays, as it does in a run.
    fn costs(&self, inputs: &[Input]) -> anyhow::Result<()> {
        for input in inputs {
            for name in &input.content.costs {
                let place = self.folder.root().join("costs").join(name);
                if !is_there(&place)? {
                    files::create_folder(&self.folder.root().join("costs"))?;
                    FileCopy::begin(&input.folder.root().join("costs").join(name), &place)?.finish()?;
                }
                self.progress.inc(1);
            }
        }
        Ok(())
    }

    /// `selftest.json` by dataset: of one corruption of one dataset there is one truth, so the first that says something of a dataset is taken.
    fn self_tests(&self, inputs: &[Input]) -> anyhow::Result<()> {
        let own = |folder: &Folder| folder.root().join("selftest.json");
        let mut all: BTreeMap<String, Value> = BTreeMap::new();
        for path in [own(self.folder)].into_iter().chain(inputs.iter().map(|input| own(&input.folder))) {
            let Some(bytes) = files::read_if_there(&path)? else { continue };
            let found: BTreeMap<String, Value> = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, &error.to_string()))?;
            for (dataset, tests) in found {
                all.entry(dataset).or_insert(tests);
            }
        }
        if all.is_empty() {
            return Ok(());
        }
        let mut text = serde_json::to_vec_pretty(&all).context("cannot write the self-tests' findings")?;
        text.push(b'\n');
        Ok(files::write_whole(&own(self.folder), &text)?)
    }
}

/// Whether something stands there: a link too, which is not written through.
fn is_there(place: &PathBuf) -> Result<bool, StoreError> {
    match fs::symlink_metadata(place) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StoreError::io("read", place)(source)),
    }
}
