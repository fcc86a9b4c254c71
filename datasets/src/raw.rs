/*!
Raw inputs beside features: a modality whose values a frozen extractor made, and that is corrupted where it was not features yet.

Methods see the features. Corruptions see the raw input: its kind, its unit, its words. Nothing here runs an extractor; its file is verified like every other.
*/

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{
    Block, Dataset, DatasetError, Kind, Modality,
    column::Column,
    error::invalid,
    files::Folder,
    keyed::Key,
    manifest::{KindEntry, ModalityEntry},
    tensors::Tensors,
};

/// The raw input of a modality whose values are features that a frozen extractor made of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEntry {
    /// Its kind.
    pub kind: KindEntry,
    /// Shape of one sample.
    pub shape: Vec<usize>,
    /// Tensor `[N, ..shape]`.
    pub tensor: String,
    /// Storage type, as in [`ModalityEntry`].
    pub dtype: String,
    /// As in [`ModalityEntry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// As in [`ModalityEntry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<f64>,
    /// As in [`ModalityEntry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<String>,
    /// As in [`ModalityEntry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<String>,
    /// File of the TorchScript module that made the values.
    pub extractor: String,
    /// Tokens: file of the tokenizer that turns words into the module's input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<String>,
}

impl RawEntry {
    /// The raw input as a modality of its own, which is how it is stored.
    pub(crate) fn as_modality(&self, name: &str) -> ModalityEntry {
        let Self { kind, shape, tensor, dtype, scale, offset, lengths, vocabulary, extractor: _, tokenizer: _ } = self.clone();
        ModalityEntry { name: name.to_owned(), kind, shape, tensor, dtype, scale, offset, lengths, vocabulary, known: None, raw: None }
    }

    /// Opens and verifies the raw input of the modality `name` of `samples` rows.
    pub(crate) fn open(
        &self,
        name: &str,
        samples: usize,
        folder: &Folder<'_>,
        tensors: &Tensors,
        manifest: &Path,
    ) -> Result<(Modality, Raw), DatasetError> {
        let (kind, column) = Column::open(&self.as_modality(&format!("{name}.raw")), samples, folder, tensors, manifest)?;
        let sum = |file: &String| folder.sums.get(file).cloned().unwrap_or_default();
        let extractor = Extractor {
            module: self.extractor.clone(),
            module_hash: sum(&self.extractor),
            tokenizer: self.tokenizer.clone(),
            tokenizer_hash: self.tokenizer.as_ref().map(sum),
        };
        Ok((Modality { name: name.to_owned(), kind }, Raw { column, extractor }))
    }

    /// The dataset's key with what decides numbers here.
    pub(crate) fn hashed<'a>(&self, key: Key, sum: impl Fn(&str) -> &'a str) -> Key {
        let key = key.with("raw", format!("{:?} {:?}", self.kind, self.shape)).with("tensor", &self.tensor).with("dtype", &self.dtype);
        let key = key.with("scale", self.scale.unwrap_or(1.0)).with("offset", self.offset.unwrap_or(0.0));
        let key = key.with("lengths", self.lengths.as_deref().unwrap_or_default());
        let file = |name: Option<&String>| name.map_or("", |name| sum(name));
        key.with("vocabulary", file(self.vocabulary.as_ref()))
            .with("extractor", sum(&self.extractor))
            .with("tokenizer", file(self.tokenizer.as_ref()))
    }

    pub(crate) fn check(&self, name: &str, file: &Path) -> Result<(), DatasetError> {
        self.as_modality(&format!("{name}.raw")).check(file)?;
        if self.tokenizer.is_some() != (self.kind == KindEntry::Tokens) {
            let found = if self.tokenizer.is_some() { "a tokenizer" } else { "none" };
            let field = format!("modality `{name}`: raw.tokenizer");
            return Err(invalid(file, field, found, "a tokenizer file for tokens, and only for them", "add or remove it"));
        }
        Ok(())
    }
}

/// An opened raw input.
pub(crate) struct Raw {
    column: Column,
    extractor: Extractor,
}

/// The files that made a modality's values out of its raw input, in the dataset's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extractor {
    /// The TorchScript module. It is a program: run it for a user who asked for it only.
    pub module: String,
    /// SHA-256 of the module.
    pub module_hash: String,
    /// The tokenizer of a text.
    pub tokenizer: Option<String>,
    /// SHA-256 of the tokenizer.
    pub tokenizer_hash: Option<String>,
}

impl Dataset {
    /// The modalities as corruptions see them: with the kind of the raw input where there is one. [`Dataset::modalities`] has what methods see.
    pub fn raw_modalities(&self) -> &[Modality] {
        &self.raw_modalities
    }

    /// What made the values of a modality out of its raw input; `None` where they are no features of another input, or there is no such modality.
    pub fn extractor(&self, modality: usize) -> Option<&Extractor> {
        self.raws.get(modality)?.as_ref().map(|raw| &raw.extractor)
    }

    /// Whether some modality has a raw input beside its values.
    pub fn has_raw(&self) -> bool {
        self.raws.iter().any(Option::is_some)
    }

    /// Raw values of some rows of a modality, `[n, ..shape]` of the raw kind: those of [`Dataset::read`] where there is no raw input.
    ///
    /// # Panics
    /// As [`Dataset::read`].
    pub fn read_raw(&self, modality: usize, rows: &[usize]) -> Block {
        self.raws[modality].as_ref().map_or_else(|| self.read(modality, rows), |raw| raw.column.read(rows, |_, _| ()))
    }

    /// What an extractor is to see of a modality: its kind with all words of the vocabulary, those that methods do not know included.
    ///
    /// # Panics
    /// Where there is no such modality.
    pub fn whole_kind(&self, modality: usize) -> Kind {
        match (&self.modalities[modality].kind, self.columns[modality].words()) {
            (Kind::Tokens { steps, .. }, Some(words)) => Kind::Tokens { steps: *steps, vocabulary: words.to_vec() },
            (kind, _) => kind.clone(),
        }
    }

    /// [`Dataset::read`] with the ids of all words, as [`Dataset::whole_kind`] has them.
    ///
    /// # Panics
    /// As [`Dataset::read`].
    pub fn read_whole(&self, modality: usize, rows: &[usize]) -> Block {
        self.columns[modality].read_whole(rows)
    }
}
