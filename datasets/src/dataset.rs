//! An opened and verified dataset.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    DatasetError, DatasetRef, Groups, Labels, Modality, Normaliser, Provenance, Split, Task,
    column::{Block, Column},
    open,
    raw::Raw,
};

/// A dataset whose files were verified; values are decoded from the memory map when read.
pub struct Dataset {
    pub(crate) reference: DatasetRef,
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) modalities: Vec<Modality>,
    pub(crate) columns: Vec<Column>,
    pub(crate) raw_modalities: Vec<Modality>,
    /// One a modality.
    pub(crate) raws: Vec<Option<Raw>>,
    pub(crate) task: Task,
    pub(crate) ids: Vec<String>,
    pub(crate) labels: Labels,
    pub(crate) groups: Option<Groups>,
    /// Rows of each split, in the order of [`Split::ALL`].
    pub(crate) splits: [Vec<usize>; 3],
    /// Names of the divisions that come with it.
    pub(crate) folds: Vec<String>,
    pub(crate) base_hash: String,
    pub(crate) hash: String,
    pub(crate) provenance: Provenance,
}

impl Dataset {
    /// Opens the folder that `reference` gives as a path, or the first `FOLDER/NAME` with a `dataset.toml` on the search path, and verifies
    /// everything: version, checksums, tensors, values, labels, splits, groups, ids.
    pub fn open(reference: &DatasetRef, search: &[PathBuf]) -> Result<Self, DatasetError> {
        open::open(reference, search)
    }

    /// Names of the datasets on the search path, sorted. Folders of the search path that do not exist are passed over.
    pub fn available(search: &[PathBuf]) -> Result<Vec<String>, DatasetError> {
        open::available(search)
    }

    /// Names of the folds that come with a dataset (`NAME?fold=…`), in its order; none where it has no `[folds]`. Only the manifest is read.
    pub fn predefined_folds(reference: &DatasetRef, search: &[PathBuf]) -> Result<Vec<String>, DatasetError> {
        open::predefined_folds(reference, search)
    }

    /// What it was opened by.
    pub fn reference(&self) -> &DatasetRef {
        &self.reference
    }

    /// The folder it was found in.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Its name in `dataset.toml`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One line for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The input streams, in the dataset's order.
    pub fn modalities(&self) -> &[Modality] {
        &self.modalities
    }

    /// Number of a modality by name.
    pub fn modality(&self, name: &str) -> Option<usize> {
        self.modalities.iter().position(|modality| modality.name == name)
    }

    /// What is to be predicted.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Samples of all splits, those that a fold or `?train=N` leaves out included.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Never: every split has a sample.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Id of every row, unique.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Target of every row.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Names of the classes that no training sample has, in the task's order: no method can learn them. None for a regression.
    pub fn classes_without_training(&self) -> Vec<&str> {
        let (Task::Classification { classes }, Labels::Classes(labels)) = (&self.task, &self.labels) else { return Vec::new() };
        let seen: BTreeSet<u32> = self.indices(Split::Train).iter().map(|&row| labels[row]).collect();
        (0..).zip(classes).filter(|(label, _)| !seen.contains(label)).map(|(_, class)| class.as_str()).collect()
    }

    /// Group of every row, where there are groups.
    pub fn groups(&self) -> Option<&Groups> {
        self.groups.as_ref()
    }

    /// Names of the folds that come with it, in its order.
    pub fn folds(&self) -> &[String] {
        &self.folds
    }

    /// Rows of a split, in the byte order of their ids; the training split is already reduced by `?train=N`.
    pub fn indices(&self, split: Split) -> &[usize] {
        &self.splits[split as usize]
    }

    /// SHA-256 of everything that decides a number: the manifest without its prose, the files, the parameters.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// [`Dataset::hash`] of the same dataset without parameters: low-data variants and folds share it, and so suffer the same corruptions.
    pub fn base_hash(&self) -> &str {
        &self.base_hash
    }

    /// Origin, licence, caveats.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Raw values of a modality in the order of `rows`: nothing is normalised, images are in [0, 1].
    ///
    /// # Panics
    /// Where `modality` or a row does not exist: both come from this dataset, not from a user.
    pub fn read(&self, modality: usize, rows: &[usize]) -> Block {
        self.columns[modality].read(rows, |_, _| ())
    }

    /// [`Dataset::read`] and [`Normaliser::apply`] in one pass over memory: the same bits, sooner.
    ///
    /// # Panics
    /// As [`Dataset::read`].
    pub fn read_normalised(&self, modality: usize, rows: &[usize], normaliser: &Normaliser) -> Block {
        let kind = &self.modalities[modality].kind;
        self.columns[modality].read(rows, |values, lengths| normaliser.apply_to(modality, kind, values, lengths))
    }

    /// Asks the system to load the rows of all modalities from disk, because they will be read soon. A hint, which does not wait.
    pub fn will_need(&self, rows: &[usize]) {
        self.columns.iter().for_each(|column| column.will_need(rows));
    }

    /// Tells the system that rows will be read in any order from now on: what surrounds a row on disk is then not loaded with it. A hint.
    pub fn expect_jumps(&self) {
        self.columns.iter().for_each(Column::expect_jumps);
    }
}

impl std::fmt::Debug for Dataset {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Dataset({}, {} samples, {})", self.reference, self.len(), self.hash)
    }
}
