/*!
From the trials of a run folder to everything at its top: records, tables, report. All of it is rebuilt from the trials each time, so it is the same
whatever the order, the number of workers, or the kills on the way.
*/

mod comparable;
mod describe;
mod folds;
mod gather;
mod measure;
mod report;
mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use anyhow::Context;
use bench_corruptions::Suite;
use bench_datasets::{Dataset, DatasetRef};
use bench_reports::{
    budget::Budget,
    report::charts,
    summary::{Summary, TrialEvidence},
};
use bench_store::{StoreError, TrainedTrial, files};

use self::gather::Pass;
pub use comparable::comparable;
pub use describe::{info, task, test_groups, unit};
pub use measure::Exact;

use crate::{
    folder::{Folder, RunFile},
    search,
};

/// A finished trial.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The folder's name.
    pub key: String,
    /// What it is.
    pub trial: TrainedTrial,
}

impl Finished {
    /// What was spent on choosing its hyper-parameters; `None` where nothing is trained.
    pub fn budget(&self) -> Option<Budget> {
        Budget::of_trial(&self.trial.spec.preset, &self.trial.outcome.selected_on)
    }
}

/// What a run folder holds.
pub struct Results {
    /// By key.
    pub trials: Vec<Finished>,
    /// Datasets by their name in records.
    datasets: BTreeMap<String, Dataset>,
    /// What a reader must know: trials that could not be used, and why.
    pub notes: Vec<String>,
    /// No progress.
    quiet: bool,
}

/// What came of the trials that a command asked for.
pub struct Told {
    /// Their summary.
    pub summary: Summary,
    /// Their records as in `records.csv`; empty where they were not asked for.
    pub csv: Vec<u8>,
}

impl Results {
    /// Every finished trial of a folder.
    ///
    /// # Errors
    /// A dataset that cannot be opened, or a damaged file.
    pub fn of(folder: &Folder, data: &[PathBuf]) -> anyhow::Result<Self> {
        let folders = search::folders(data);
        let mut datasets = BTreeMap::new();
        let mut notes = Vec::new();
        let mut trials = Vec::new();
        for key in folder.finished()? {
            let Some(trial) = folder.trial(&key).read()? else { continue };
            let name = &trial.spec.dataset;
            if !datasets.contains_key(name) {
                let reference: DatasetRef = name.parse()?;
                let opened =
                    search::open(&reference, &folders).with_context(|| format!("trial {key} of {} is on dataset {name}", folder.root().display()))?;
                datasets.insert(name.clone(), opened);
            }
            if datasets.get(name).is_some_and(|dataset| dataset.hash() == trial.spec.dataset_hash) {
                trials.push(Finished { key, trial });
            } else {
                notes.push(format!("trial {key} ({}, seed {}) is on another version of {name} and is left out", trial.label, trial.spec.seed));
            }
        }
        if let Some(run) = folder.run()?
            && let Some(shard) = run.settings.shard
        {
            notes.insert(
                0,
                format!(
                    "this is shard {shard} of a run of {} trials: its numbers are those of a part; `bench merge` joins the parts",
                    run.planned.len()
                ),
            );
        }
        Ok(Self { trials, datasets, notes, quiet: false })
    }

    /// The dataset of a trial.
    ///
    /// # Errors
    /// A trial of another folder: a defect.
    pub fn dataset_of(&self, finished: &Finished) -> anyhow::Result<&Dataset> {
        self.dataset(&finished.trial.spec.dataset).context("the trial's dataset is not open")
    }

    /// The same without progress, where `quiet`.
    pub fn quietly(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// The summary of the trials that fit the last run's settings, and what was left out of it; writes nothing.
    ///
    /// # Errors
    /// A damaged file, or a reference that no trial has.
    pub fn summary(&self, folder: &Folder, run: &RunFile) -> anyhow::Result<(Summary, Vec<String>)> {
        let (kept, left_out) = comparable(&self.trials, run, &BTreeSet::new());
        let views = [kept.into_iter().map(|finished| finished.key.clone()).collect()];
        let summaries = Pass { results: self, folder, run, views: &views }.read()?;
        let summary = summaries.into_iter().next().context("no summary was made")?;
        Ok((summary, self.notes.iter().cloned().chain(left_out).collect()))
    }

    /// Everything measured of one trial; robustness numbers are over the suite of `run`, or of `robustness` where there is none.
    ///
    /// # Errors
    /// A damaged file.
    pub fn measure(&self, folder: &Folder, finished: &Finished, run: Option<&RunFile>) -> anyhow::Result<TrialEvidence> {
        let suite = Suite::named(run.map_or("robustness", |run| run.settings.suite.as_str()))?;
        gather::one(folder, finished, self.dataset_of(finished)?, &suite)
    }

    /// A dataset that some finished trial is on.
    pub fn dataset(&self, name: &str) -> Option<&Dataset> {
        self.datasets.get(name)
    }

    /// Everything measured of trials on one dataset, with the bits of what they answered, in the order given.
    ///
    /// # Errors
    /// A damaged file.
    pub fn exact(&self, folder: &Folder, trials: &[&Finished], dataset: &Dataset, suite: &Suite) -> anyhow::Result<Vec<Exact>> {
        gather::exact(folder, trials, dataset, suite)
    }

    /// Writes everything at the top of the folder (`records.parquet`, `records.csv`, `robustness.csv`, `folds.csv`, `report.md` with its figures) and tells what
    /// came of the trials that a command asked for.
    ///
    /// # Errors
    /// A damaged file, the file system's refusal, or a reference that no trial has.
    pub fn tell(&self, folder: &Folder, run: &RunFile, selected: &BTreeSet<String>, csv: bool) -> anyhow::Result<Told> {
        let (kept, left_out) = comparable(&self.trials, run, selected);
        let kept: BTreeSet<String> = kept.into_iter().map(|finished| finished.key.clone()).collect();
        let finished = self.trials.iter().map(|finished| &finished.key).filter(|key| selected.contains(*key));
        let asked: BTreeSet<String> = finished.cloned().collect();
        // Most often the command asked for what the report shows.
        let views = if kept == asked { vec![kept] } else { vec![asked, kept] };
        let mut bytes = Vec::new();
        let summaries = Pass { results: self, folder, run, views: &views }.write(csv.then_some(&mut bytes))?;
        let notes: Vec<String> = self.notes.iter().cloned().chain(left_out).collect();
        if let Some(summary) = summaries.last() {
            write_report(summary, run, &notes, folder)?;
        }
        let summary = summaries.into_iter().next().context("no summary was made")?;
        Ok(Told { summary, csv: bytes })
    }
}

/// `report.md` and the figures that it shows; figures of an earlier report go.
fn write_report(summary: &Summary, run: &RunFile, notes: &[String], folder: &Folder) -> anyhow::Result<()> {
    let figures = folder.root().join("figures");
    let mut names = BTreeSet::new();
    for figure in summary.datasets.iter().flat_map(charts::figures) {
        files::create_folder(&figures)?;
        files::write_whole(&figures.join(&figure.name), figure.svg.as_bytes())?;
        names.insert(figure.name);
    }
    folds::write(summary, folder.root())?;
    let text = report::markdown(summary, run, notes, folder)?;
    files::write_whole(&folder.root().join("report.md"), text.as_bytes())?;
    let entries = fs::read_dir(&figures).map(|entries| entries.filter_map(Result::ok).collect::<Vec<_>>()).unwrap_or_default();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".svg") && !names.contains(&name) {
            fs::remove_file(entry.path()).map_err(StoreError::io("remove", entry.path()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
pub mod tests {
    use bench_card::{Options, Recipe};
    use bench_reports::Record;
    use bench_store::{Outcome, TrialSpec};

    use super::*;
    use crate::{folder::Resolved, settings::Preset};

    pub fn record(method: &str, seed: u64) -> Record {
        Record {
            dataset: "digits".into(),
            method: method.into(),
            preset: "paper".into(),
            seed,
            condition: "clean".into(),
            group: "clean".into(),
            metric: "accuracy".into(),
            value: Some(0.5),
            note: String::new(),
            samples: 10,
            selected_on: "validation".into(),
            trial: "k".into(),
        }
    }

    pub fn finished(key: &str, method: &str, seed: u64) -> Finished {
        let spec = TrialSpec {
            protocol: 1,
            dataset: "digits".into(),
            dataset_hash: "h".into(),
            split: "fixed".into(),
            method: method.into(),
            modality: None,
            revision: 1,
            options: Options::new(),
            preset: "paper".into(),
            recipe: Recipe::default(),
            epochs: 30,
            patience: 8,
            seed,
            device: "cpu".into(),
            libtorch: "2.11.0".into(),
            evaluation_batch: 256,
            init: None,
        };
        let outcome = Outcome {
            selected_on: "validation".into(),
            selected_by: "accuracy".into(),
            selected_value: Some(0.5),
            selected_epoch: 3,
            epochs_run: 11,
            parameters: 10,
            weights: String::new(),
            pivot: None,
            fresh: Vec::new(),
        };
        let trial = TrainedTrial { format: 1, spec, label: method.into(), outcome };
        Finished { key: key.into(), trial }
    }

    pub fn run_file() -> RunFile {
        RunFile {
            format: 1,
            bench: "0.1.0".into(),
            libtorch: "2.11.0".into(),
            cpu: "AVX2".into(),
            settings: Resolved {
                suite: "robustness@1".into(),
                table: Vec::new(),
                on: Vec::new(),
                dataset: vec!["digits".into()],
                folds: None,
                by: None,
                method: vec!["raml".into()],
                seeds: vec![42],
                epochs: 30,
                patience: 8,
                device: "cpu".into(),
                jobs: 2,
                shard: None,
                reference: None,
                preset: Preset::default(),
                presets: None,
                init_from: None,
                freeze: None,
                extractor: Vec::new(),
                cache: None,
                data: Vec::new(),
            },
            sources: BTreeMap::new(),
            datasets: BTreeMap::new(),
            planned: BTreeMap::new(),
            waiting: BTreeSet::new(),
            shards: BTreeMap::new(),
            tuned: Vec::new(),
            refused: Vec::new(),
        }
    }
}
