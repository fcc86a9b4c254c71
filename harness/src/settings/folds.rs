//! `--folds` and `--by`: datasets stand for all folds of a cross-validation.

use std::{fmt, path::PathBuf, str::FromStr};

use bench_datasets::{Dataset, DatasetRef, Fold};
use serde::{Deserialize, Serialize};

use crate::{exit::Failure, search};

/// Most folds that a run asks for by number.
const MOST: usize = 1000;

/// Which folds each dataset stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "toml::Value", into = "toml::Value")]
pub enum Folds {
    /// Those that come with it.
    All,
    /// This many, dealt by `bench`.
    Dealt(usize),
}

impl Folds {
    fn dealt(number: Option<usize>) -> Option<Self> {
        number.filter(|number| (3..=MOST).contains(number)).map(Self::Dealt)
    }
}

fn expected(found: &str) -> String {
    format!("`{found}` is no number of folds; write a number from 3 to {MOST}, or `all` for the folds that come with a dataset")
}

impl fmt::Display for Folds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::Dealt(number) => number.fmt(out),
        }
    }
}

impl FromStr for Folds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // `parse` would take a plus sign.
        let number = text.parse().ok().filter(|number: &usize| number.to_string() == text);
        if text == "all" { Ok(Self::All) } else { Self::dealt(number).ok_or_else(|| expected(text)) }
    }
}

impl TryFrom<toml::Value> for Folds {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        match &value {
            toml::Value::String(text) => text.parse(),
            toml::Value::Integer(number) => Self::dealt(usize::try_from(*number).ok()).ok_or_else(|| expected(&number.to_string())),
            other => Err(expected(&other.to_string())),
        }
    }
}

impl From<Folds> for toml::Value {
    fn from(folds: Folds) -> Self {
        match folds {
            Folds::All => Self::String("all".into()),
            Folds::Dealt(number) => Self::Integer(i64::try_from(number).unwrap_or(i64::MAX)),
        }
    }
}

/// Each dataset's folds, in its place.
///
/// # Errors
/// A dataset that is a fold already, or that comes with no folds where they are asked for.
pub fn expand(datasets: Vec<DatasetRef>, folds: Folds, by: Option<&String>, data: &[PathBuf]) -> anyhow::Result<Vec<DatasetRef>> {
    if let Some(fold) = datasets.iter().find(|reference| reference.fold.is_some()) {
        return Err(Failure::usage(format!("`{fold}` is one fold already, so --folds cannot make folds of it; leave one of the two out")));
    }
    let folders = search::folders(data);
    let mut expanded = Vec::new();
    for reference in datasets {
        let each = match folds {
            Folds::Dealt(folds) => (1..=folds).map(|fold| Fold::Dealt { folds, fold, by: by.cloned() }).collect(),
            Folds::All => predefined(&reference, &folders)?,
        };
        expanded.extend(each.into_iter().map(|fold| DatasetRef { fold: Some(fold), ..reference.clone() }));
    }
    Ok(expanded)
}

fn predefined(reference: &DatasetRef, folders: &[PathBuf]) -> anyhow::Result<Vec<Fold>> {
    search::refuse_unknown(reference, folders)?;
    let names = Dataset::predefined_folds(reference, folders)?;
    if names.is_empty() {
        return Err(Failure::usage(format!("dataset {reference} comes with no folds; a number (`--folds 10`) deals its samples into as many")));
    }
    Ok(names.into_iter().map(Fold::Named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(datasets: &[&str], folds: &str, by: Option<&str>) -> Result<Vec<String>, String> {
        let datasets = datasets.iter().map(|text| text.parse().unwrap()).collect();
        let found = expand(datasets, folds.parse().unwrap(), by.map(str::to_owned).as_ref(), &[]).map_err(|error| error.to_string())?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_dataset_stands_for_its_folds_in_its_place() {
        assert_eq!(
            expanded(&["digits?train=5", "openmoji"], "3", Some("speaker")).unwrap(),
            [
                "digits?folds=3&fold=1&by=speaker&train=5",
                "digits?folds=3&fold=2&by=speaker&train=5",
                "digits?folds=3&fold=3&by=speaker&train=5",
                "openmoji?folds=3&fold=1&by=speaker",
                "openmoji?folds=3&fold=2&by=speaker",
                "openmoji?folds=3&fold=3&by=speaker",
            ]
        );
    }

    #[test]
    fn what_has_no_folds_or_is_one_is_refused() {
        assert!(expanded(&["digits?folds=3&fold=1"], "3", None).unwrap_err().contains("is one fold already"));
        assert!(expanded(&["digits"], "all", None).unwrap_err().contains("digits comes with no folds"));
        assert!(expanded(&["digit"], "all", None).unwrap_err().contains("did you mean"));
    }

    #[test]
    fn a_number_or_all_and_nothing_else() {
        assert_eq!("all".parse(), Ok(Folds::All));
        assert_eq!("10".parse(), Ok(Folds::Dealt(10)));
        for text in ["2", "0", "-3", "+3", "03", "1001", "every", ""] {
            assert!(text.parse::<Folds>().unwrap_err().contains("from 3 to 1000, or `all`"), "{text}");
        }
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct File {
            folds: Folds,
        }
        for (text, folds) in [("folds = 5\n", Folds::Dealt(5)), ("folds = \"all\"\n", Folds::All)] {
            assert_eq!(toml::from_str::<File>(text).unwrap(), File { folds });
            assert_eq!(toml::to_string(&File { folds }).unwrap(), text);
        }
        assert!(toml::from_str::<File>("folds = true").unwrap_err().to_string().contains("no number of folds"));
    }
}
