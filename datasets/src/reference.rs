//! How a dataset is named: `digits`, `digits?train=500`, `./folder?folds=10&fold=3&by=speaker`.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Fold, folds::FEWEST};

/// The parameters of a reference, in their canonical order.
const PARAMETERS: [&str; 4] = ["folds", "fold", "by", "train"];

/// A dataset by name or folder, optionally divided in another way and with fewer training samples.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatasetRef {
    /// A name to search for, or the path of a folder.
    pub name: String,
    /// The fold of a cross-validation; the dataset's own splits where `None`.
    pub fold: Option<Fold>,
    /// Number of training samples to keep; all where `None`.
    pub train: Option<usize>,
}

/// Why a dataset's name could not be read.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("`{text}` names no dataset: {reason}; write NAME or PATH, and behind it what you need of ?train=N, ?fold=NAME, ?folds=K&fold=I&by=GROUP")]
pub struct DatasetRefError {
    text: String,
    reason: String,
}

impl DatasetRef {
    /// The whole dataset of that name or in that folder.
    pub fn whole(name: impl Into<String>) -> Self {
        Self { name: name.into(), fold: None, train: None }
    }

    /// The whole dataset of the folder `root`, whatever its path looks like.
    pub(crate) fn in_folder(root: &Path) -> Self {
        let path = if root.is_absolute() { root.to_owned() } else { PathBuf::from(".").join(root) };
        Self::whole(path.display().to_string())
    }

    /// What a fold shares with all folds of the same cross-validation: `digits?folds=3&by=speaker`, and `iemocap?folds=all` for folds that come with a
    /// dataset. `None` for a reference to no fold.
    pub fn all_folds(&self) -> Option<String> {
        let folds = match self.fold.as_ref()? {
            Fold::Named(_) => "folds=all".to_owned(),
            Fold::Dealt { folds, by, .. } => format!("folds={folds}{}", by.as_ref().map_or_else(String::new, |by| format!("&by={by}"))),
        };
        let train = self.train.map_or_else(String::new, |train| format!("&train={train}"));
        Some(format!("{}?{folds}{train}", self.name))
    }

    /// Whether `name` is a folder's path, not a name to search for.
    pub fn is_path(&self) -> bool {
        self.name.starts_with('.') || self.name.contains(['/', '\\'])
    }
}

impl FromStr for DatasetRef {
    type Err = DatasetRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |reason: String| DatasetRefError { text: text.into(), reason };
        let (name, query) = text.rsplit_once('?').map_or((text, None), |(name, query)| (name, Some(query)));
        let reference = Self::whole(name);
        if name.is_empty() {
            return Err(error("the name is empty".into()));
        }
        if !reference.is_path() && !is_plain_name(name) {
            return Err(error(format!("the name `{name}` has characters other than letters, digits and -_.+")));
        }
        let mut values: [Option<&str>; PARAMETERS.len()] = [None; PARAMETERS.len()];
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            let (parameter, value) = pair.split_once('=').ok_or_else(|| error(format!("`{pair}` is no NAME=VALUE")))?;
            let place = PARAMETERS.iter().position(|known| *known == parameter).and_then(|at| values.get_mut(at));
            let known = || PARAMETERS.map(|name| format!("`{name}`")).join(", ");
            let place = place.ok_or_else(|| error(format!("there is no parameter `{parameter}`, only {}", known())))?;
            if place.replace(value).is_some() {
                return Err(error(format!("`{parameter}` stands twice")));
            }
        }
        let [folds, fold, by, train] = values;
        let count = |parameter: &str, value: &str| {
            let count = value.parse().ok().filter(|count: &usize| *count > 0 && count.to_string() == value);
            count.ok_or_else(|| error(format!("`{parameter}` is `{value}`, not a whole number from 1")))
        };
        let plain = |parameter: &str, value: &str| {
            is_plain_name(value)
                .then(|| value.to_owned())
                .ok_or_else(|| error(format!("`{parameter}` is `{value}`, not a name of letters, digits and -_.+")))
        };
        let fold = match (folds, fold, by) {
            (None, None, None) => None,
            (None, Some(fold), None) => Some(Fold::Named(plain("fold", fold)?)),
            (Some(folds), Some(fold), by) => {
                let (folds, fold) = (count("folds", folds)?, count("fold", fold)?);
                if folds < FEWEST {
                    return Err(error(format!(
                        "`folds` is {folds}, but one fold is for testing, one for validation and the rest for training: {FEWEST} is the fewest"
                    )));
                }
                if fold > folds {
                    return Err(error(format!("`fold` is {fold}, but there are {folds} folds, from 1")));
                }
                Some(Fold::Dealt { folds, fold, by: by.map(|by| plain("by", by)).transpose()? })
            }
            (Some(folds), None, _) => {
                return Err(error(format!("`folds` needs `fold`, which of the {folds} is the test split; `--folds {folds}` of a run means all")));
            }
            (None, _, Some(_)) => return Err(error("`by` needs `folds`: it says what the samples are dealt by".into())),
        };
        Ok(Self { train: train.map(|train| count("train", train)).transpose()?, fold, ..reference })
    }
}

impl fmt::Display for DatasetRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)?;
        let parts = self.fold.iter().map(ToString::to_string).chain(self.train.map(|train| format!("train={train}")));
        parts.zip(std::iter::once('?').chain(std::iter::repeat('&'))).try_for_each(|(part, sign)| write!(out, "{sign}{part}"))
    }
}

impl TryFrom<String> for DatasetRef {
    type Error = DatasetRefError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DatasetRef> for String {
    fn from(reference: DatasetRef) -> Self {
        reference.to_string()
    }
}

/// Whether a dataset, modality or group may be called so: it must survive in file names, conditions and tables.
pub fn is_plain_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_round_trip() {
        for text in [
            "digits",
            "digits?train=500",
            "./folder?train=100",
            "/data/my set",
            "../x",
            "a/b?c?train=1",
            "iemocap?fold=Ses05",
            "iemocap?fold=Ses05&train=20",
            "digits?folds=10&fold=10",
            "digits?folds=3&fold=1&by=speaker",
            "./folder?folds=3&fold=1&by=speaker&train=5",
        ] {
            assert_eq!(text.parse::<DatasetRef>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_order_of_parameters_does_not_matter() {
        let reference: DatasetRef = "digits?train=5&by=speaker&fold=1&folds=3".parse().unwrap();
        assert_eq!(reference.to_string(), "digits?folds=3&fold=1&by=speaker&train=5");
        assert_eq!(reference.fold, Some(Fold::Dealt { folds: 3, fold: 1, by: Some("speaker".into()) }));
    }

    #[test]
    fn folds_of_one_cross_validation_share_a_name() {
        let all = |text: &str| text.parse::<DatasetRef>().unwrap().all_folds();
        assert_eq!(all("digits?folds=3&fold=2&by=speaker&train=5").as_deref(), Some("digits?folds=3&by=speaker&train=5"));
        assert_eq!(all("iemocap?fold=Ses05").as_deref(), Some("iemocap?folds=all"));
        assert_eq!(all("digits?train=5"), None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            ("", "empty"),
            ("?train=5", "empty"),
            ("dig its", "characters"),
            ("digits?train=0", "whole number from 1"),
            ("digits?train=-1", "whole number from 1"),
            ("digits?train=+5", "whole number from 1"),
            ("digits?train=05", "whole number from 1"),
            ("digits?train=99999999999999999999999", "whole number from 1"),
            ("digits?", "NAME=VALUE"),
            ("digits?test=5", "no parameter `test`"),
            ("digits?train=5&train=6", "twice"),
            ("digits?fold=a b", "not a name"),
            ("digits?fold=", "not a name"),
            ("digits?folds=3", "`folds` needs `fold`"),
            ("digits?folds=3&fold=x", "`fold` is `x`, not a whole number"),
            ("digits?folds=3&fold=4", "there are 3 folds, from 1"),
            ("digits?folds=3&fold=0", "whole number from 1"),
            ("digits?folds=2&fold=1", "3 is the fewest"),
            ("digits?by=speaker", "`by` needs `folds`"),
            ("digits?fold=1&by=speaker", "`by` needs `folds`"),
        ] {
            let message = text.parse::<DatasetRef>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
