//! A run folder as the tests see it: bytes, records, scores.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use bench_corruptions::Condition;
use bench_datasets::{Dataset, embedded_directory};
use bench_store::{RunFolder, Scores, TrainedTrial};

use super::place::files;

/// A run folder.
pub struct Run {
    root: PathBuf,
}

/// One row of `records.csv`.
#[derive(Debug, Clone)]
pub struct Row {
    pub method: String,
    pub seed: u64,
    pub condition: String,
    pub metric: String,
    pub value: Option<f64>,
    pub note: String,
}

impl Run {
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The bytes of everything that may not depend on order, workers or kills, by relative path.
    pub fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let kept = |name: &String| {
            !name.ends_with(".partial")
                && (name.starts_with("trials/") || name.starts_with("records.") || name.starts_with("robustness.") || name.starts_with("figures/"))
        };
        files(&self.root).into_iter().filter(kept).map(|name| (name.clone(), fs::read(self.root.join(name)).unwrap())).collect()
    }

    /// Fails with the names of the files that differ.
    pub fn assert_same_bytes(&self, other: &Self) {
        let (own, other) = (self.bytes(), other.bytes());
        assert!(own.contains_key("records.csv") && own.keys().any(|name| name.ends_with(".parquet")));
        assert_eq!(own.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        let differ: Vec<&String> = own.iter().filter(|(name, bytes)| other[*name] != **bytes).map(|(name, _)| name).collect();
        assert!(differ.is_empty(), "files differ: {differ:?}");
    }

    pub fn csv(&self) -> String {
        fs::read_to_string(self.root.join("records.csv")).unwrap()
    }

    pub fn rows(&self) -> Vec<Row> {
        let text = self.csv();
        let mut lines = text.lines().map(cells);
        let head = lines.next().unwrap();
        let rows = lines.map(|cells| {
            assert_eq!(cells.len(), head.len(), "{cells:?}");
            let cell = |name: &str| cells[head.iter().position(|column| column == name).unwrap()].clone();
            let value = cell("value");
            Row {
                method: cell("method"),
                seed: cell("seed").parse().unwrap(),
                condition: cell("condition"),
                metric: cell("metric"),
                value: (!value.is_empty()).then(|| value.parse().unwrap()),
                note: cell("note"),
            }
        });
        rows.collect()
    }

    /// The value of the first row of that method, condition and metric; for runs of one seed or where any will do.
    pub fn value(&self, method: &str, condition: &str, metric: &str) -> f64 {
        let rows = self.rows();
        let row = rows.iter().find(|row| row.method == method && row.condition == condition && row.metric == metric);
        row.and_then(|row| row.value).unwrap_or_else(|| panic!("{method} has no {metric} under {condition}"))
    }

    /// The finished trials by (label, seed); for runs on one dataset.
    pub fn trials(&self) -> BTreeMap<(String, u64), (PathBuf, TrainedTrial)> {
        let folder = RunFolder::at(&self.root);
        let keys = folder.finished().unwrap();
        let trials = keys.iter().map(|key| {
            let trial = folder.trial(key);
            let trained = trial.read().unwrap().unwrap();
            ((trained.label.clone(), trained.spec.seed), (trial.root().to_path_buf(), trained))
        });
        trials.collect()
    }

    /// The file of a trial's scores under a condition on an embedded dataset.
    pub fn scores_file(&self, method: &str, seed: u64, condition: &str) -> PathBuf {
        let trials = self.trials();
        let (folder, trained) = &trials[&(method.to_string(), seed)];
        let dataset = Dataset::open(&trained.spec.dataset.parse().unwrap(), &[embedded_directory()]).unwrap();
        let condition = Condition::parse(condition, dataset.modalities()).unwrap();
        folder.join("eval").join(format!("{}.parquet", condition.hash()))
    }

    pub fn scores(&self, method: &str, seed: u64, condition: &str) -> Scores {
        Scores::read(&self.scores_file(method, seed, condition)).unwrap()
    }
}

/// The cells of a CSV line, whose quoted cells hold no quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}
