/*!
From a draft to a dataset's folder: what is the same for every format.

Nothing of the test split is ever moved, counted for a vocabulary or looked at for a range. What is repaired or assumed is a sentence in the summary and in the
dataset's provenance. A dry run does all of it but the writing.
*/

mod clean;
mod divide;
mod draw;
mod folder;
mod numbers;
mod plan;
mod streams;
mod target;
mod words;
mod write;

use std::{ops::ControlFlow, path::Path};

use self::{folder::Beside, plan::Plan};
use crate::{Draft, ImportError, Options, Summary};

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the dataset that were read and repaired.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Is told after every few megabytes, and may break off.
pub type Told<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// What is to be said at the end.
#[derive(Debug, Default)]
struct Notes {
    repaired: Vec<String>,
    assumed: Vec<String>,
    left_out: Vec<String>,
}

/// Makes the dataset's folder `out`, which must be new or empty; where `out` is `None`, everything is read and counted and nothing written.
///
/// The folder is written beside `out` and renamed at the end, so it is whole or not there. About one shard of 64 MiB is in memory, beside ids, labels and words.
///
/// # Errors
/// Options that do not fit the draft, vectors of a draft that do not fit each other, values that no dataset can hold (with the sample's id), files that cannot be
/// read or written, [`ImportError::Interrupted`].
pub fn assemble(draft: Draft, options: &Options, out: Option<&Path>, progress: Told<'_>) -> Result<Summary, ImportError> {
    options.check()?;
    let Some(out) = out else { return Plan::of(draft, options)?.carry_out(None, progress) };
    folder::check(out)?;
    let plan = Plan::of(draft, options)?;
    let beside = Beside::new(out)?;
    match plan.carry_out(Some(beside.path()), progress) {
        Ok(summary) => beside.place().map(|()| summary),
        Err(error) => Err(beside.told(error)),
    }
}
