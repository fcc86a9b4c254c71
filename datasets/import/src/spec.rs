//! The file that names arrays and columns: TOML, documented in `docs/importing-arrays.md`.

use std::path::Path;

use bench_datasets::{Provenance, Split};
use serde::Deserialize;

use crate::ImportError;

/// Largest spec in bytes.
const LIMIT: u64 = 1 << 20;

/// What a dataset's parts are called in the files.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Spec {
    pub(crate) name: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) files: Vec<FileEntry>,
    pub(crate) ids: Option<From>,
    pub(crate) splits: Option<From>,
    pub(crate) modalities: Vec<ModalityEntry>,
    pub(crate) targets: Vec<TargetEntry>,
    pub(crate) groups: Vec<GroupEntry>,
    pub(crate) folds: Vec<FoldEntry>,
    pub(crate) provenance: Option<Provenance>,
    /// What a format takes to be so where there is no spec.
    #[serde(skip)]
    pub(crate) assumed: Vec<String>,
}

/// How a file is read, and whether its rows are joined by id.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileEntry {
    /// As in `NAME:column`.
    pub(crate) name: String,
    /// Where it lies; the name, if left out.
    pub(crate) path: Option<String>,
    /// Text files: whether the first line names the columns.
    #[serde(default = "yes")]
    pub(crate) header: bool,
    /// Text files: names of the columns, instead of a header's.
    pub(crate) columns: Option<Vec<String>>,
    /// Text files: what stands between two cells; a comma, in `.tsv` files a tab.
    pub(crate) delimiter: Option<char>,
    /// The ids by which its rows are joined to the others.
    pub(crate) id: Option<Names>,
    /// What to do with samples that have no row in it.
    #[serde(default)]
    pub(crate) missing: Missing,
}

/// What to do with samples that a joined file lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Missing {
    #[default]
    Refuse,
    Drop,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModalityEntry {
    pub(crate) name: String,
    pub(crate) from: From,
    pub(crate) kind: Option<KindEntry>,
    pub(crate) shape: Option<Vec<usize>>,
    pub(crate) lengths: Option<From>,
    pub(crate) range: Option<(f32, f32)>,
    #[serde(default)]
    pub(crate) channels_last: bool,
    /// An array of words, of which the modality's numbers are places; 0 ends a text.
    pub(crate) vocabulary: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KindEntry {
    Vector,
    Sequence,
    Image,
    Words,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetEntry {
    #[serde(default = "label")]
    pub(crate) name: String,
    pub(crate) from: From,
    pub(crate) kind: Option<TargetKind>,
    /// Which of several numbers a sample, from 0.
    pub(crate) column: Option<usize>,
    /// Names of the classes, by code.
    pub(crate) classes: Option<Classes>,
    /// Code of the first class.
    pub(crate) first: Option<i64>,
    pub(crate) low: Option<f32>,
    pub(crate) high: Option<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TargetKind {
    Classes,
    Value,
}

/// Names of classes: given, or an array of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a list of names, or the name of an array of them")]
pub(crate) enum Classes {
    Names(Vec<String>),
    Array(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupEntry {
    pub(crate) name: String,
    pub(crate) from: Option<From>,
    /// The group is what stands before the last of these in the id.
    pub(crate) ids_before: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FoldEntry {
    pub(crate) name: String,
    pub(crate) from: From,
}

/// Where something stands: for all samples together, or for each split.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a name, a list of names, or a table with these for `train`, `valid` and `test`")]
pub(crate) enum From {
    All(Names),
    BySplit(BySplit),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BySplit {
    pub(crate) train: Option<Names>,
    pub(crate) valid: Option<Names>,
    pub(crate) test: Option<Names>,
}

/// An array's name, or names of columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a name or a list of names")]
pub(crate) enum Names {
    One(String),
    Several(Vec<String>),
}

impl Names {
    pub(crate) fn list(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl From {
    pub(crate) fn one(name: impl Into<String>) -> Self {
        Self::All(Names::One(name.into()))
    }

    /// The names with their splits.
    pub(crate) fn parts(&self) -> Vec<(Option<Split>, &Names)> {
        match self {
            Self::All(names) => vec![(None, names)],
            Self::BySplit(splits) => Split::ALL.into_iter().filter_map(|split| Some((Some(split), splits.of(split)?))).collect(),
        }
    }
}

impl Default for From {
    fn default() -> Self {
        Self::BySplit(BySplit::default())
    }
}

impl BySplit {
    fn of(&self, split: Split) -> Option<&Names> {
        match split {
            Split::Train => self.train.as_ref(),
            Split::Validation => self.valid.as_ref(),
            Split::Test => self.test.as_ref(),
        }
    }

    pub(crate) fn set(&mut self, split: Split, name: String) {
        let place = match split {
            Split::Train => &mut self.train,
            Split::Validation => &mut self.valid,
            Split::Test => &mut self.test,
        };
        *place = Some(Names::One(name));
    }
}

impl Spec {
    /// Reads a spec.
    ///
    /// # Errors
    /// Where it cannot be read, is no TOML, or holds what no spec does: with line and column.
    pub(crate) fn open(path: &Path) -> Result<Self, ImportError> {
        let source = bench_readers::Source::open(path)?;
        if source.len() > LIMIT {
            let found = format!("{} bytes", source.len());
            return Err(source.invalid(0, found, format!("a spec of at most {LIMIT} bytes"), "check that this is the right file").into());
        }
        let text = String::from_utf8(source.bytes(0, source.len())?).map_err(|error| {
            source.invalid(error.utf8_error().valid_up_to() as u64, "bytes that are no text", "TOML in UTF-8", "save the file as UTF-8")
        })?;
        Self::parse(&text).map_err(|why| ImportError::request(format!("{}: {why}; docs/importing-arrays.md shows every field", path.display())))
    }

    /// Reads TOML; the error says line and column.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let spec: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map(|span| text.get(..span.start).unwrap_or_default());
            let line = before.map_or(String::new(), |before| format!("line {}: ", before.matches('\n').count() + 1));
            format!("{line}{}", error.message().replace('\n', " "))
        })?;
        if spec.modalities.is_empty() {
            return Err("no modality: found no `[[modalities]]`, expected at least one".into());
        }
        for entry in &spec.modalities {
            if entry.from.parts().is_empty() {
                return Err(format!(
                    "modality `{}`: `from` names nothing, expected an array, columns, or these for some of train, valid, test",
                    entry.name
                ));
            }
        }
        if let Some((low, high)) = spec.modalities.iter().filter_map(|entry| entry.range).find(|(low, high)| low >= high || !(high - low).is_finite())
        {
            return Err(format!("`range`: found [{low}, {high}], expected a finite smaller and a finite larger number"));
        }
        Ok(spec)
    }
}

fn yes() -> bool {
    true
}

fn label() -> String {
    "label".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_alone_in_lists_and_by_split() {
        let spec = Spec::parse(
            "ids = 'id'\n[[modalities]]\nname = 'a'\nfrom = ['x_*', 'y']\n[[modalities]]\nname = 'b'\nfrom = { train = 'tr', test = ['t1', 't2'] }\nrange = [0, 255]",
        )
        .unwrap();
        assert_eq!(spec.modalities[0].from.parts()[0].1.list(), ["x_*", "y"]);
        let parts = spec.modalities[1].from.parts();
        assert_eq!((parts[0].0, parts[1].0, parts[1].1.list().len()), (Some(Split::Train), Some(Split::Test), 2));
        assert_eq!(spec.modalities[1].range, Some((0.0, 255.0)));
    }

    #[test]
    fn errors_name_the_line_and_what_is_expected() {
        let error = |text: &str| Spec::parse(text).unwrap_err();
        let found = error("title = 'x'\n[[modalities]]\nname = 'a'\nform = 'b'");
        assert!(found.starts_with("line 4: unknown field `form`, expected one of `name`, `from`"), "{found}");
        let found = error("[[modalities]]\nname = 'a'\nfrom = { training = 'b' }");
        assert!(found.contains("line 3") && found.contains("`train`, `valid` and `test`"), "{found}");
        assert!(error("").contains("[[modalities]]"));
        assert!(error("[[modalities]]\nname = 'a'\nfrom = 'b'\nrange = [1, 1]").contains("[1, 1]"));
    }
}
