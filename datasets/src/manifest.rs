//! `dataset.toml`: what stands in it, and what can be checked without opening any other file.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{DatasetError, Provenance, RESERVED_WORDS, error::invalid, files, raw::RawEntry, reference::is_plain_name};

/// The file's name in a dataset's folder.
pub const MANIFEST: &str = "dataset.toml";
/// The only version of the format so far.
pub const FORMAT: u32 = 1;

/// The content of `dataset.toml`. `docs/datasets.md` is the reference for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// As in `--dataset NAME`.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Text file with the samples' ids, one a line, in row order.
    pub ids: String,
    /// Tensor of split codes `[N]`: 0 train, 1 validation, 2 test.
    pub splits: String,
    /// Tensor files that hold runs of rows, in the order of the rows: tensors of one name continue each other through them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<String>,
    /// Hash of the dataset that these features were extracted from: the raw inputs of both suffer the same corruptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived_from: Option<String>,
    /// What is predicted.
    pub task: TaskEntry,
    /// Samples that belong together, if any do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<GroupsEntry>,
    /// Other divisions into splits, for cross-validation, if any are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folds: Option<FoldsEntry>,
    /// The input streams, in the dataset's order.
    pub modalities: Vec<ModalityEntry>,
    /// Origin, licence, caveats.
    pub provenance: Provenance,
    /// SHA-256 of every file, by name.
    pub files: BTreeMap<String, String>,
}

/// The task and the tensor of its labels `[N]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TaskEntry {
    /// Integer labels.
    Classification {
        /// Tensor of class numbers.
        tensor: String,
        /// Names by number.
        classes: Vec<String>,
    },
    /// f32 values.
    Regression {
        /// Tensor of values.
        tensor: String,
        /// What the value is.
        target: String,
        /// Smallest possible value.
        low: f32,
        /// Largest possible value.
        high: f32,
    },
}

/// Where the group of a sample is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupsEntry {
    /// What a group is.
    pub name: String,
    /// Tensor of group numbers `[N]`.
    pub tensor: String,
    /// Text file with the groups' names, one a line, by number.
    pub names: String,
}

/// Divisions into splits that come with a dataset, beside the one of `splits`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoldsEntry {
    /// Tensor of split codes `[N, F]`: 0 train, 1 validation, 2 test, 3 left out of this fold.
    pub tensor: String,
    /// Names of the F folds, as in `NAME?fold=1`.
    pub names: Vec<String>,
}

/// The kinds of a modality, as written in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KindEntry {
    /// Shape `[dim]`.
    #[default]
    Vector,
    /// Shape `[steps, dim]`.
    Sequence,
    /// Shape `[steps]`.
    Tokens,
    /// Shape `[channels, height, width]`.
    Image,
}

/// One modality and where its values are found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModalityEntry {
    /// The modality's name.
    pub name: String,
    /// Its kind.
    pub kind: KindEntry,
    /// Shape of one sample.
    pub shape: Vec<usize>,
    /// Tensor `[N, ..shape]`.
    pub tensor: String,
    /// Storage type: `u8` or `f32` for numbers, `u8`, `u16`, `u32` or `i32` for tokens.
    pub dtype: String,
    /// With `u8`: value = stored · scale + offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// With `u8`: see `scale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<f64>,
    /// Sequences of unequal length: integer tensor `[N]` of valid steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<String>,
    /// Tokens: text file with the words by id, one a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<String>,
    /// Tokens: how many words of the vocabulary, from the first, methods know; they see the others as `<unk>`, an extractor sees the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<usize>,
    /// What the values were extracted from, and by what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawEntry>,
}

impl Manifest {
    /// Reads and checks the manifest of the folder `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, DatasetError> {
        let file = root.join(MANIFEST);
        let text = files::read_text(&file, files::MANIFEST_LIMIT)?;
        let manifest = Self::parse(&file, &text)?;
        manifest.check(&file)?;
        Ok(manifest)
    }

    fn parse(file: &Path, text: &str) -> Result<Self, DatasetError> {
        let syntax = |error: toml::de::Error| {
            let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
            let message = error.message().lines().collect::<Vec<_>>().join(" ").replace("usize", "a whole number from 0");
            let (found, expected) = message.split_once(", expected ").unwrap_or((&message, "TOML with the fields of format 1"));
            invalid(file, format!("line {line}"), found, expected, "see docs/datasets.md")
        };
        // The version first: another format's fields would be reported as unknown ones.
        let table: toml::Table = toml::from_str(text).map_err(syntax)?;
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(version) if version == i64::from(FORMAT) => toml::from_str(text).map_err(syntax),
            Some(version) => Err(invalid(file, "format", version, FORMAT, "convert the dataset, or use the version of bench that it was made for")),
            None => Err(invalid(file, "format", "no whole number", FORMAT, "add `format = 1` if the folder follows docs/datasets.md")),
        }
    }

    fn check(&self, file: &Path) -> Result<(), DatasetError> {
        self.check_names(file)?;
        self.check_folds(file)?;
        self.check_files(file)?;
        self.check_task(file)?;
        self.check_texts(file)?;
        if self.modalities.is_empty() {
            return Err(invalid(file, "modalities", "none", "at least one", "add a [[modalities]] table"));
        }
        self.modalities.iter().try_for_each(|modality| modality.check(file))
    }

    fn check_names(&self, file: &Path) -> Result<(), DatasetError> {
        let modalities = self.modalities.iter().map(|modality| ("modalities.name", &modality.name));
        let groups = self.groups.iter().map(|groups| ("groups.name", &groups.name));
        let mut seen = BTreeSet::new();
        for (field, name) in [("name", &self.name)].into_iter().chain(groups).chain(modalities) {
            if !is_plain_name(name) {
                return Err(invalid(file, field, format!("`{name}`"), "letters, digits and -_.+", "rename it"));
            }
            if field == "modalities.name" && !seen.insert(name) {
                return Err(invalid(file, field, format!("`{name}` twice"), "every name once", "rename one"));
            }
        }
        Ok(())
    }

    fn check_folds(&self, file: &Path) -> Result<(), DatasetError> {
        let Some(folds) = &self.folds else { return Ok(()) };
        if folds.names.is_empty() {
            return Err(invalid(file, "folds.names", "none", "a name for each column of the tensor", "name the folds, or leave [folds] out"));
        }
        let mut seen = BTreeSet::new();
        for name in &folds.names {
            if !is_plain_name(name) {
                return Err(invalid(file, "folds.names", format!("`{name}`"), "letters, digits and -_.+", "rename it"));
            }
            if !seen.insert(name) {
                return Err(invalid(file, "folds.names", format!("`{name}` twice"), "every name once", "rename one"));
            }
        }
        Ok(())
    }

    fn check_files(&self, file: &Path) -> Result<(), DatasetError> {
        if let Some(hash) = &self.derived_from {
            check_digits(file, "derived_from", hash, "give the hash that `bench datasets show` prints, or leave it out")?;
        }
        for (name, sum) in &self.files {
            files::check_plain(file, "files", name)?;
            check_digits(file, &format!("files.`{name}`"), sum, "run sha256sum on the file")?;
        }
        let mut shards = BTreeSet::new();
        for name in &self.shards {
            if !name.ends_with(".safetensors") || !shards.insert(name) {
                return Err(invalid(
                    file,
                    "shards",
                    format!("`{name}`"),
                    "different *.safetensors files",
                    "name every shard once, in the order of its rows",
                ));
            }
        }
        let vocabularies = self.modalities.iter().flat_map(ModalityEntry::named_files);
        let lists = [&self.ids].into_iter().chain(self.groups.iter().map(|groups| &groups.names)).chain(vocabularies);
        for name in lists.chain(self.provenance.licence_file.as_ref()).chain(&self.shards) {
            files::check_plain(file, "files", name)?;
            if !self.files.contains_key(name) {
                return Err(invalid(file, "files", format!("no `{name}`"), "the SHA-256 of every file that is used", "add it"));
            }
        }
        Ok(())
    }

    /// Text that is shown to people must not be able to steer a terminal.
    fn check_texts(&self, file: &Path) -> Result<(), DatasetError> {
        let Provenance { source, licence, citation, notes, removed_words, .. } = &self.provenance;
        let task: Vec<(&str, &String)> = match &self.task {
            TaskEntry::Classification { classes, .. } => classes.iter().map(|class| ("task.classes", class)).collect(),
            TaskEntry::Regression { target, .. } => vec![("task.target", target)],
        };
        let provenance = [("provenance.source", source), ("provenance.licence", licence), ("provenance.citation", citation)];
        let lists = notes.iter().map(|note| ("provenance.notes", note)).chain(removed_words.iter().map(|word| ("provenance.removed_words", word)));
        let mut texts = [("title", &self.title)].into_iter().chain(task).chain(provenance).chain(lists);
        match texts.find(|(_, text)| text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t'))) {
            None => Ok(()),
            Some((field, text)) => Err(invalid(file, field, format!("`{}`", text.escape_debug()), "text without control characters", "remove them")),
        }
    }

    fn check_task(&self, file: &Path) -> Result<(), DatasetError> {
        match &self.task {
            TaskEntry::Classification { classes, .. } => {
                let distinct: BTreeSet<&String> = classes.iter().collect();
                if classes.len() < 2 || distinct.len() != classes.len() || distinct.contains(&String::new()) {
                    return Err(invalid(file, "task.classes", format!("{classes:?}"), "two or more different names", "name every class once"));
                }
            }
            TaskEntry::Regression { low, high, .. } => {
                if !(low.is_finite() && high.is_finite() && low < high) {
                    return Err(invalid(file, "task.low", format!("{low} to {high}"), "finite numbers, low below high", "give the target's range"));
                }
            }
        }
        Ok(())
    }
}

/// Refuses what is no SHA-256 as text.
fn check_digits(file: &Path, field: &str, sum: &str, remedy: &str) -> Result<(), DatasetError> {
    if sum.len() == 64 && sum.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(());
    }
    Err(invalid(file, field, format!("`{sum}`"), "64 lower-case hexadecimal digits", remedy))
}

impl ModalityEntry {
    /// Files beside tensors that the modality needs.
    fn named_files(&self) -> impl Iterator<Item = &String> {
        let raw = self.raw.iter().flat_map(|raw| [raw.vocabulary.as_ref(), Some(&raw.extractor), raw.tokenizer.as_ref()]);
        [self.vocabulary.as_ref()].into_iter().chain(raw).flatten()
    }

    pub(crate) fn check(&self, file: &Path) -> Result<(), DatasetError> {
        let field = |field: &str| format!("modality `{}`: {field}", self.name);
        let rank = match self.kind {
            KindEntry::Vector | KindEntry::Tokens => 1,
            KindEntry::Sequence => 2,
            KindEntry::Image => 3,
        };
        let numel = self.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        if self.shape.len() != rank || numel.is_none_or(|numel| numel == 0 || numel > u32::MAX as usize) {
            let sizes = if rank == 1 { "one size".to_owned() } else { format!("{rank} sizes") };
            let expected = format!("{sizes} from 1 up, fewer than 2^32 numbers a sample");
            return Err(invalid(file, field("shape"), format!("{:?}", self.shape), expected, "give the shape of one sample"));
        }
        let tokens = self.kind == KindEntry::Tokens;
        let dtypes: &[&str] = if tokens { &["u8", "u16", "u32", "i32"] } else { &["u8", "f32"] };
        if !dtypes.contains(&self.dtype.as_str()) {
            return Err(invalid(file, field("dtype"), format!("`{}`", self.dtype), dtypes.join(" or "), "store the tensor in another type"));
        }
        let scaled = self.scale.is_some() || self.offset.is_some();
        if scaled && (tokens || self.dtype != "u8") {
            return Err(invalid(file, field("scale"), "a scale or offset", "none: they are for numbers stored as u8", "remove them"));
        }
        if let Some(bad) = [self.scale, self.offset].into_iter().flatten().find(|number| !number.is_finite() || number.abs() > 1e30) {
            return Err(invalid(file, field("scale"), bad, "finite numbers up to 1e30", "correct scale and offset"));
        }
        if self.lengths.is_some() && self.kind != KindEntry::Sequence {
            return Err(invalid(file, field("lengths"), "a tensor", "none: only sequences have one", "remove it"));
        }
        if self.vocabulary.is_some() != tokens {
            let found = if tokens { "none" } else { "a vocabulary" };
            return Err(invalid(file, field("vocabulary"), found, "a vocabulary file for tokens, and only for them", "add or remove it"));
        }
        if let Some(known) = self.known
            && (!tokens || known < RESERVED_WORDS.len())
        {
            return Err(invalid(file, field("known"), known, "for tokens, the number of words from <pad> on that methods know", "correct it"));
        }
        self.raw.iter().try_for_each(|raw| raw.check(&self.name, file))
    }
}
