//! What the user may ask of every import, whatever the format.

use std::str::FromStr;

use bench_datasets::is_plain_name;

use crate::ImportError;

/// What the user asked for, where the files or the defaults say something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Name of the dataset; that of the draft where `None`.
    pub name: Option<String>,
    /// One line for people; that of the draft where `None`.
    pub title: Option<String>,
    /// Other names for modalities, and those that are left out.
    pub map: Vec<Rename>,
    /// Which of the draft's targets is predicted; the first where `None`.
    pub target: Option<String>,
    /// By which of the draft's groups samples belong together; the first that crosses no split where `None`; [`NO_GROUP`] for none.
    pub group: Option<String>,
    /// Range of a regression's values, where the files do not say it or say another.
    pub range: Option<(f32, f32)>,
    /// Share of the training samples that becomes the validation split where the files have none, in (0, 1).
    pub validation: f64,
    /// Share of the training samples that becomes the test split where the files have none, in (0, 1).
    pub test: f64,
    /// Times that a word must occur in the training split to be known.
    pub minimum_count: usize,
    /// Words of the longest text, what is behind is cut; where `None`, as many as the longest text of training has, and at most [`LONGEST_TEXT`].
    pub longest_text: Option<usize>,
}

/// As [`Options::group`]: no samples belong together.
pub const NO_GROUP: &str = "none";
/// Words of a text that are kept where nothing is said.
pub const LONGEST_TEXT: usize = 128;
/// Words of a text that may be asked for: every text takes as much room as the longest.
const LONGEST_ALLOWED: usize = 1 << 16;

impl Default for Options {
    fn default() -> Self {
        Self {
            name: None,
            title: None,
            map: Vec::new(),
            target: None,
            group: None,
            range: None,
            validation: 0.2,
            test: 0.2,
            minimum_count: 2,
            longest_text: None,
        }
    }
}

impl Options {
    /// Refuses what cannot be meant.
    pub(crate) fn check(&self) -> Result<(), ImportError> {
        for (what, share) in [("validation", self.validation), ("test", self.test)] {
            if !(share > 0.0 && share < 1.0) {
                return Err(ImportError::request(format!(
                    "the share of the {what} split is {share}, but must lie between 0 and 1, for instance 0.2"
                )));
            }
        }
        if let Some((low, high)) = self.range
            && !(low.is_finite() && high.is_finite() && low < high)
        {
            return Err(ImportError::request(format!("the range {low} to {high} is none: give two finite numbers, the smaller first")));
        }
        if let Some(longest) = self.longest_text.filter(|longest| !(1..=LONGEST_ALLOWED).contains(longest)) {
            return Err(ImportError::request(format!("the longest text has {longest} words, but must have 1 to {LONGEST_ALLOWED}")));
        }
        if let Some(name) = self.name.as_ref().filter(|name| !is_plain_name(name)) {
            return Err(ImportError::request(format!("the name `{name}` must be letters, digits and -_.+, a letter or digit first; choose another")));
        }
        Ok(())
    }
}

/// `THEIRS=OURS`: another name for a modality; `THEIRS=`: it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// As in the files.
    pub theirs: String,
    /// As in the dataset; `None` leaves it out.
    pub ours: Option<String>,
}

impl FromStr for Rename {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (theirs, ours) = text.split_once('=').ok_or("write THEIRS=OURS, or THEIRS= to leave the modality out")?;
        if !ours.is_empty() && !is_plain_name(ours) {
            return Err(format!("`{ours}` must be letters, digits and -_.+, a letter or digit first"));
        }
        Ok(Self { theirs: theirs.to_owned(), ours: (!ours.is_empty()).then(|| ours.to_owned()) })
    }
}
