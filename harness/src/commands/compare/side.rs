//! A side of the comparison: a run folder, or one method of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use bench_compare::Lacking;
use bench_reports::budget::Budget;
use bench_store::TrainedTrial;

use crate::{
    commands::report::{self, Opened},
    exit::Failure,
    names,
    plan::PAPERS_TRAINING,
    results::{Finished, comparable},
};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What is compared with.
    Base,
    /// What is judged.
    Head,
}

impl Role {
    /// `base` or `head`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Head => "head",
        }
    }
}

/// What was typed for a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The run folder.
    pub folder: String,
    /// One method of it.
    pub method: Option<String>,
}

impl Asked {
    /// Reads `FOLDER` or `FOLDER:METHOD`. A text that is a folder as a whole is one; else the longest part before a colon that is.
    pub fn read(text: &str) -> Self {
        let split = |at: usize| Self { folder: text[..at].into(), method: Some(text[at + 1..].into()) };
        if Path::new(text).is_dir() {
            return Self { folder: text.into(), method: None };
        }
        let mut colons = text.rmatch_indices(':').map(|(at, _)| at);
        let last = colons.clone().next();
        let found = colons.find(|&at| Path::new(&text[..at]).is_dir()).or(last);
        found.map_or_else(|| Self { folder: text.into(), method: None }, split)
    }
}

/// Refuses a folder against a method.
///
/// # Errors
/// Only one of the two names a method, or an empty name.
pub fn refuse_one_sided(base: &Asked, head: &Asked) -> anyhow::Result<()> {
    for (name, side) in [("BASE", base), ("HEAD", head)] {
        if side.method.as_ref().is_some_and(String::is_empty) {
            let folder = &side.folder;
            return Err(Failure::usage(format!("{name} `{folder}:` names no method behind the colon; write {folder} or {folder}:METHOD")));
        }
    }
    let (with, method, without, folder) = match (&base.method, &head.method) {
        (Some(method), None) => ("BASE", method, "HEAD", &head.folder),
        (None, Some(method)) => ("HEAD", method, "BASE", &base.folder),
        _ => return Ok(()),
    };
    let message =
        format!("{with} names the method `{method}` and {without} names none; write {without} as {folder}:METHOD, or both as folders alone");
    Err(Failure::usage(message))
}

/// A method with its preset, as trials name them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowName {
    /// Method with variant and changed options.
    pub label: String,
    /// Where the hyper-parameters come from.
    pub preset: String,
}

impl RowName {
    /// `raml [paper]`.
    pub fn with_preset(&self) -> String {
        format!("{} [{}]", self.label, self.preset)
    }

    /// Of a trial. That a label says `(paper's training)` is its preset, and must not keep it from being compared with another preset.
    fn of(trial: &TrainedTrial) -> Self {
        let label = trial.label.strip_suffix(PAPERS_TRAINING).filter(|_| trial.spec.preset == "paper");
        Self { label: label.unwrap_or(&trial.label).into(), preset: trial.spec.preset.clone() }
    }

    /// Whether it is called so, with or without its preset, or as `bench list` does.
    fn is(&self, name: &str) -> bool {
        let listed = || self.preset == "paper" && name.strip_suffix(PAPERS_TRAINING) == Some(&self.label);
        self.label == name || self.with_preset() == name || listed()
    }
}

/// The methods of a dataset, and the trial of each seed, by its place in the results.
pub type Rows = BTreeMap<RowName, BTreeMap<u64, usize>>;

/// An opened side.
pub struct Side {
    /// Which.
    pub role: Role,
    /// As it was typed.
    pub name: String,
    /// The folder.
    pub opened: Opened,
    /// Whether one method was asked for.
    pub is_method: bool,
    /// The methods asked for, as they were named; all where there is none.
    methods: Vec<String>,
    /// The datasets asked for; all where there is none.
    datasets: Vec<String>,
    /// By dataset, in no order that matters; those that the flags leave.
    pub rows: BTreeMap<String, Rows>,
    /// What was left out.
    pub notes: Vec<String>,
}

impl Side {
    /// Opens a side: the trials that fit its `run.toml`, of the method asked for.
    ///
    /// # Errors
    /// No run folder, another format, a dataset that cannot be opened, or a method that it does not have.
    pub fn open(role: Role, name: &str, asked: &Asked, data: &[PathBuf]) -> anyhow::Result<Self> {
        let opened = report::open(Path::new(&asked.folder), None, data)?;
        let (kept, left_out) = comparable(&opened.results.trials, &opened.run, &BTreeSet::new());
        let kept: BTreeSet<&str> = kept.into_iter().map(|finished| finished.key.as_str()).collect();
        let mut rows: BTreeMap<String, Rows> = BTreeMap::new();
        for (at, Finished { key, trial }) in opened.results.trials.iter().enumerate() {
            if !kept.contains(key.as_str()) {
                continue;
            }
            rows.entry(trial.spec.dataset.clone()).or_default().entry(RowName::of(trial)).or_default().insert(trial.spec.seed, at);
        }
        let notes = opened.results.notes.iter().cloned().chain(left_out).collect();
        let mut side = Self { role, name: name.into(), opened, is_method: false, methods: Vec::new(), datasets: Vec::new(), rows, notes };
        if let Some(method) = &asked.method {
            side.keep_one(method, &asked.folder)?;
        }
        Ok(side)
    }

    /// The trial at a place of the results.
    pub fn trial(&self, at: usize) -> Option<&Finished> {
        self.opened.results.trials.get(at)
    }

    /// What was spent on choosing a row's hyper-parameters; `None` where nothing is trained.
    pub fn budget(&self, seeds: &BTreeMap<u64, usize>) -> Option<Budget> {
        seeds.values().find_map(|&at| self.trial(at)?.budget())
    }

    /// What can be named behind the folder: methods, with their preset where there are several.
    pub fn names(&self) -> BTreeSet<String> {
        self.rows.values().flat_map(|rows| rows.keys().map(|row| called(row, rows))).collect()
    }

    /// Drops all methods but one.
    fn keep_one(&mut self, method: &str, folder: &str) -> anyhow::Result<()> {
        let found: BTreeSet<RowName> = self.rows.values().flat_map(Rows::keys).filter(|row| row.is(method)).cloned().collect();
        if found.is_empty() {
            let known = self.names();
            let hint = names::hint(method, known.iter().map(String::as_str));
            return Err(Failure::usage(format!("{folder} has no trained method `{method}`; {hint}")));
        }
        let by_preset: BTreeSet<String> = found.iter().map(RowName::with_preset).collect();
        if found.len() > 1 {
            let list = by_preset.iter().map(|name| format!("`{folder}:{name}`")).collect::<Vec<_>>().join(" or ");
            return Err(Failure::usage(format!("{folder} has `{method}` with several presets; write {list}")));
        }
        self.is_method = true;
        self.keep(&[], &[method.to_string()]);
        Ok(())
    }

    /// Drops all but these datasets and methods, where some are named.
    pub fn keep(&mut self, datasets: &[String], methods: &[String]) {
        self.datasets.extend_from_slice(datasets);
        self.methods.extend_from_slice(methods);
        self.rows.retain(|name, _| datasets.is_empty() || datasets.contains(name));
        for rows in self.rows.values_mut() {
            rows.retain(|row, _| methods.is_empty() || methods.iter().any(|method| row.is(method)));
        }
        self.rows.retain(|_, rows| !rows.is_empty());
    }

    /// Whether a method of that label on that dataset is compared, were it there; presets do not matter.
    pub fn wants(&self, label: &str, dataset: &str) -> bool {
        let label = label.strip_suffix(PAPERS_TRAINING).unwrap_or(label);
        let is = |asked: &String| {
            asked.strip_suffix(PAPERS_TRAINING).unwrap_or(asked) == label
                || asked.strip_prefix(label).is_some_and(|rest| rest.starts_with(" [") && rest.ends_with(']'))
        };
        self.wants_dataset(dataset) && (self.methods.is_empty() || self.methods.iter().any(is))
    }

    /// Whether that dataset is compared, were it there.
    pub fn wants_dataset(&self, dataset: &str) -> bool {
        self.datasets.is_empty() || self.datasets.iter().any(|asked| asked == dataset)
    }

    /// Why the run's method could not learn the dataset, where it was refused.
    pub fn refusal(&self, label: &str, dataset: &str) -> Option<&str> {
        let refused = self.opened.run.refused.iter().find(|refused| refused.method == label && refused.dataset == dataset);
        refused.map(|refused| refused.reason.as_str())
    }

    /// Something that it does not have.
    pub fn lacks(&self, what: String) -> Lacking {
        Lacking { side: self.role.name().into(), what }
    }

    /// Datasets whose content is another one now than when the run was made.
    pub fn changed(&self) -> Vec<&str> {
        let is_changed = |(name, hash): &(&String, &String)| self.opened.results.dataset(name).is_some_and(|dataset| dataset.hash() != hash.as_str());
        self.opened.run.datasets.iter().filter(is_changed).map(|(name, _)| name.as_str()).collect()
    }

    /// The content hash of a dataset that the run was made with.
    pub fn version(&self, dataset: &str) -> Option<&str> {
        let opened = || self.opened.results.dataset(dataset).filter(|_| self.rows.contains_key(dataset));
        self.opened.run.datasets.get(dataset).map(String::as_str).or_else(|| opened().map(bench_datasets::Dataset::hash))
    }
}

/// What a row is called among the others of its dataset: the label, with its preset in brackets where there are several.
pub fn called(row: &RowName, rows: &Rows) -> String {
    let several = rows.keys().filter(|other| other.label == row.label).count() > 1;
    if several { row.with_preset() } else { row.label.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_stands_behind_the_last_colon_that_follows_a_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("a:b");
        std::fs::create_dir(&folder).unwrap();
        let folder = folder.to_str().unwrap();
        assert_eq!(Asked::read(folder), Asked { folder: folder.into(), method: None });
        assert_eq!(Asked::read(&format!("{folder}:raml?x=1:2")), Asked { folder: folder.into(), method: Some("raml?x=1:2".into()) });
        assert_eq!(Asked::read("no/where:raml"), Asked { folder: "no/where".into(), method: Some("raml".into()) });
        assert_eq!(Asked::read("no/where"), Asked { folder: "no/where".into(), method: None });
    }

    #[test]
    fn a_folder_is_not_compared_with_a_method() {
        let (folder, method) = (Asked { folder: "a".into(), method: None }, Asked { folder: "b".into(), method: Some("raml".into()) });
        let message = refuse_one_sided(&folder, &method).unwrap_err().to_string();
        assert!(message.contains("write BASE as a:METHOD"), "{message}");
        assert!(refuse_one_sided(&method, &folder).unwrap_err().to_string().contains("write HEAD as a:METHOD"));
        assert!(refuse_one_sided(&folder, &folder).is_ok() && refuse_one_sided(&method, &method).is_ok());
    }

    #[test]
    fn a_label_that_says_its_preset_is_the_same_method() {
        let mut trial = crate::results::tests::finished("a", "raml (paper's training)", 42).trial;
        let row = RowName::of(&trial);
        assert_eq!(row, RowName { label: "raml".into(), preset: "paper".into() });
        assert!(row.is("raml") && row.is("raml [paper]") && row.is("raml (paper's training)") && !row.is("raml [harness]"));
        trial.label = "raml".into();
        assert_eq!(RowName::of(&trial), row);
    }

    #[test]
    fn a_preset_is_named_where_there_are_several() {
        let row = |preset: &str| (RowName { label: "raml".into(), preset: preset.into() }, BTreeMap::new());
        let (paper, tuned) = (row("paper"), row("tuned(20)"));
        assert_eq!(called(&paper.0, &Rows::from([paper.clone()])), "raml");
        assert_eq!(called(&tuned.0, &Rows::from([paper, tuned.clone()])), "raml [tuned(20)]");
    }
}
