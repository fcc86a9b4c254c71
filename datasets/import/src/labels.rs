//! What labels and splits are called in files of every kind.

use std::collections::BTreeSet;

use bench_datasets::Split;

use crate::{ImportError, Target};

/// The split that a word or code names: `train`, `tr`, `trn`, 0; `valid`, `val`, `dev`, 1; `test`, `tst`, `te`, 2.
pub(crate) fn split(text: &str) -> Option<Split> {
    Some(match text.trim().to_lowercase().as_str() {
        "train" | "training" | "trn" | "tr" | "0" => Split::Train,
        "valid" | "validation" | "val" | "dev" | "devel" | "development" | "1" => Split::Validation,
        "test" | "testing" | "tst" | "te" | "eval" | "2" => Split::Test,
        _ => return None,
    })
}

/// Classes that are called by their names: these in alphabetical order.
pub(crate) fn named(labels: &[String]) -> Target {
    let names: Vec<String> = labels.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let labels = labels.iter().map(|label| names.binary_search(label).unwrap_or_default() as u32).collect();
    Target::Classes { labels, names }
}

/// Classes of these names, in this order.
///
/// # Errors
/// Where a label is none of them; `what` says whose labels they are.
pub(crate) fn among(what: &str, labels: &[String], names: &[String]) -> Result<Target, ImportError> {
    let place = |label: &String| {
        names.iter().position(|name| name == label).map(|at| at as u32).ok_or_else(|| {
            ImportError::request(format!("{what}: found the label `{}`, expected one of {}; name every class", clip(label), names.join(", ")))
        })
    };
    Ok(Target::Classes { labels: labels.iter().map(place).collect::<Result<_, _>>()?, names: names.to_vec() })
}

/// Classes that are called by whole numbers: those that occur, in rising order, called by their digits.
pub(crate) fn coded(codes: &[i64]) -> Target {
    let known: Vec<i64> = codes.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let labels = codes.iter().map(|code| known.binary_search(code).unwrap_or_default() as u32).collect();
    Target::Classes { labels, names: known.iter().map(i64::to_string).collect() }
}

/// Classes that are called by places in a list of names, the first of which is called by `first`.
///
/// # Errors
/// Where a code is no place in the list; `what` says whose codes they are.
pub(crate) fn placed(what: &str, codes: &[i64], names: &[String], first: i64) -> Result<Target, ImportError> {
    let place = |(at, &code): (usize, &i64)| {
        let place = code.checked_sub(first).and_then(|place| u32::try_from(place).ok()).filter(|&place| (place as usize) < names.len());
        place.ok_or_else(|| {
            let last = first.saturating_add(names.len() as i64 - 1);
            ImportError::request(format!(
                "{what}, sample {at} (from 0): found the class {code}, expected {first} to {last}; name every class, and the first one's code by `first`"
            ))
        })
    };
    Ok(Target::Classes { labels: codes.iter().enumerate().map(place).collect::<Result<_, _>>()?, names: names.to_vec() })
}

/// What was found may come from a hostile file: its beginning only.
fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}
