//! How a dataset is named: `digits`, `digits?train=500`, `./folder?train=100`.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A dataset by name or folder, optionally with fewer training samples.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatasetRef {
    /// A name to search for, or the path of a folder.
    pub name: String,
    /// Number of training samples to keep; all where `None`.
    pub train: Option<usize>,
}

/// Why a dataset's name could not be read.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("`{text}` names no dataset: {reason}; write NAME, NAME?train=N or PATH?train=N")]
pub struct DatasetRefError {
    text: String,
    reason: String,
}

impl DatasetRef {
    /// The whole dataset of that name or in that folder.
    pub fn whole(name: impl Into<String>) -> Self {
        Self { name: name.into(), train: None }
    }

    /// The whole dataset of the folder `root`, whatever its path looks like.
    pub(crate) fn in_folder(root: &Path) -> Self {
        let path = if root.is_absolute() { root.to_owned() } else { PathBuf::from(".").join(root) };
        Self::whole(path.display().to_string())
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
        let mut train = None;
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            let (parameter, value) = pair.split_once('=').ok_or_else(|| error(format!("`{pair}` is no NAME=VALUE")))?;
            if parameter != "train" {
                return Err(error(format!("there is no parameter `{parameter}`, only `train`")));
            }
            if train.is_some() {
                return Err(error("`train` stands twice".into()));
            }
            let count = value.parse().ok().filter(|count: &usize| *count > 0 && count.to_string() == value);
            train = Some(count.ok_or_else(|| error(format!("`train` is `{value}`, not a whole number from 1")))?);
        }
        Ok(Self { train, ..reference })
    }
}

impl fmt::Display for DatasetRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)?;
        self.train.map_or(Ok(()), |train| write!(out, "?train={train}"))
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
pub(crate) fn is_plain_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_round_trip() {
        for text in ["digits", "digits?train=500", "./folder?train=100", "/data/my set", "../x", "a/b?c?train=1"] {
            assert_eq!(text.parse::<DatasetRef>().unwrap().to_string(), text);
        }
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
        ] {
            let message = text.parse::<DatasetRef>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
