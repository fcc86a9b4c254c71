/*!
From the trials of a run folder to everything at its top: records, tables, report. All of it is rebuilt from the trials each time, so it is the same
whatever the order, the number of workers, or the kills on the way.
*/

mod comparable;
mod describe;
mod measure;
mod report;
mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::Context;
use bench_corruptions::Suite;
use bench_datasets::{Dataset, DatasetRef};
use bench_reports::{
    Record,
    summary::{DatasetInfo, Summary, summarise},
};
use bench_store::{TrainedTrial, files};

pub use comparable::comparable;
pub use describe::unit;

use crate::{
    folder::{Folder, RunFile},
    search,
};

/// A finished trial with its records.
#[derive(Debug, Clone)]
pub struct Measured {
    /// The folder's name.
    pub key: String,
    /// What it is.
    pub trial: TrainedTrial,
    /// One for each condition and metric, unsorted.
    pub records: Vec<Record>,
}

/// What a run folder holds.
pub struct Results {
    /// By key.
    pub trials: Vec<Measured>,
    /// Datasets by their name in records.
    datasets: BTreeMap<String, Dataset>,
    /// What a reader must know: trials that could not be used, and why.
    pub notes: Vec<String>,
}

impl Results {
    /// Measures every finished trial of a folder.
    ///
    /// # Errors
    /// A dataset that cannot be opened, or a damaged file.
    pub fn of(folder: &Folder, data: &[PathBuf]) -> anyhow::Result<Self> {
        let folders = search::folders(data);
        let mut datasets = BTreeMap::new();
        let mut notes = Vec::new();
        let mut found = Vec::new();
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
                found.push((key, trial));
            } else {
                notes.push(format!("trial {key} ({}, seed {}) is on another version of {name} and is left out", trial.label, trial.spec.seed));
            }
        }
        let trials = measure::all(folder, found, &datasets)?;
        Ok(Self { trials, datasets, notes })
    }

    /// All records with those of refused pairs, sorted.
    fn records(&self, refused: &[Record]) -> Vec<Record> {
        let mut records: Vec<Record> = self.trials.iter().flat_map(|trial| &trial.records).chain(refused).cloned().collect();
        records.sort();
        records
    }

    /// Writes `records.parquet`, `records.csv` and `report.md`.
    ///
    /// # Errors
    /// The file system's refusal, or a reference that no trial has.
    pub fn write(&self, folder: &Folder, run: &RunFile, selected: &BTreeSet<String>) -> anyhow::Result<()> {
        let refused = self.refused(run)?;
        let records = self.records(&refused);
        files::create_folder(folder.root())?;
        table::write(folder.root(), &records)?;
        let (kept, notes) = comparable(&self.trials, run, selected);
        let summary = self.summarise(&kept, &refused, run)?;
        let notes: Vec<String> = self.notes.iter().cloned().chain(notes).collect();
        let text = report::markdown(&summary, run, &notes, folder)?;
        Ok(files::write_whole(&folder.root().join("report.md"), text.as_bytes())?)
    }

    /// The summary of the trials that a command asked for.
    ///
    /// # Errors
    /// A reference that no trial has.
    pub fn selected(&self, run: &RunFile, selected: &BTreeSet<String>) -> anyhow::Result<Summary> {
        let kept: Vec<&Measured> = self.trials.iter().filter(|trial| selected.contains(&trial.key)).collect();
        self.summarise(&kept, &self.refused(run)?, run)
    }

    /// The records of the trials that a command asked for, as in `records.csv`.
    ///
    /// # Errors
    /// Only what polars refuses.
    pub fn selected_csv(&self, selected: &BTreeSet<String>) -> anyhow::Result<Vec<u8>> {
        let mut records: Vec<Record> =
            self.trials.iter().filter(|trial| selected.contains(&trial.key)).flat_map(|trial| trial.records.clone()).collect();
        records.sort();
        table::csv(&records)
    }

    fn summarise(&self, trials: &[&Measured], refused: &[Record], run: &RunFile) -> anyhow::Result<Summary> {
        let suite = Suite::named(&run.settings.suite)?;
        let mut in_suite = BTreeMap::new();
        for (name, dataset) in &self.datasets {
            let conditions = suite.conditions(dataset.modalities())?;
            in_suite.insert(name.as_str(), conditions.iter().map(|planned| planned.condition.to_string()).collect::<BTreeSet<_>>());
        }
        let asked = trials.iter().flat_map(|trial| &trial.records).chain(refused).cloned().map(|mut record| {
            // A condition beside the suite is shown, but must not enter the means of the primary family.
            if in_suite.get(record.dataset.as_str()).is_none_or(|conditions| !conditions.contains(&record.condition)) {
                record.group = bench_corruptions::Group::Mixed.to_string();
            }
            record
        });
        let records: Vec<Record> = asked.collect();
        let present: BTreeSet<&str> = records.iter().map(|record| record.dataset.as_str()).collect();
        // In the order asked for, then what else the folder holds.
        let named = run.settings.dataset.iter().map(String::as_str).chain(self.datasets.keys().map(String::as_str));
        let mut infos: Vec<DatasetInfo> = Vec::new();
        for name in named.filter(|name| present.contains(name)) {
            if let Some(dataset) = self.datasets.get(name)
                && infos.iter().all(|info| info.name != name)
            {
                infos.push(describe::info(dataset));
            }
        }
        Ok(summarise(&records, &infos, run.settings.reference.as_deref())?)
    }

    fn refused(&self, run: &RunFile) -> anyhow::Result<Vec<Record>> {
        let suite = Suite::named(&run.settings.suite)?;
        let mut records = Vec::new();
        for refused in &run.refused {
            // Beside no trial at all there is no table to show it in.
            if let Some(dataset) = self.datasets.get(&refused.dataset) {
                records.extend(describe::refused(refused, dataset, &suite, &run.settings.seeds)?);
            }
        }
        Ok(records)
    }
}

#[cfg(test)]
pub mod tests {
    use bench_card::{Options, Recipe};
    use bench_store::{Outcome, TrialSpec};

    use super::*;
    use crate::folder::Resolved;

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

    pub fn measured(key: &str, method: &str, seed: u64) -> Measured {
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
        };
        let outcome = Outcome {
            selected_on: "validation".into(),
            selected_by: "accuracy".into(),
            selected_value: Some(0.5),
            selected_epoch: 3,
            epochs_run: 11,
            parameters: 10,
            weights: String::new(),
        };
        let trial = TrainedTrial { format: 1, spec, label: method.into(), outcome };
        Measured { key: key.into(), trial, records: vec![record(method, seed)] }
    }

    pub fn run_file() -> RunFile {
        RunFile {
            format: 1,
            bench: "0.1.0".into(),
            libtorch: "2.11.0".into(),
            cpu: "AVX2".into(),
            settings: Resolved {
                suite: "robustness@1".into(),
                dataset: vec!["digits".into()],
                method: vec!["raml".into()],
                seeds: vec![42],
                epochs: 30,
                patience: 8,
                device: "cpu".into(),
                jobs: 2,
                reference: None,
                data: Vec::new(),
            },
            sources: BTreeMap::new(),
            datasets: BTreeMap::new(),
            refused: Vec::new(),
        }
    }
}
