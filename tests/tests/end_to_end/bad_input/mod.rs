//! Bad input of every kind through the real programs: the right exit code, one clear sentence, and nothing lost.

mod conditions;
mod datasets;
mod devices;
mod hostile;
mod ledgers;
mod mounts;
mod names;
mod numbers;
mod output_folder;
mod pipes;
mod profile;
mod results;
mod small_disk;
mod tensors;
mod workers;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{made_up, place, run, transcript};
use place::Place;
use run::Run;

/// A training of less than a second.
const TRAIN: [&str; 12] =
    ["run", "--suite", "missing", "--dataset", "openmoji?train=100", "--method", "concat", "--epochs", "1", "--device", "cpu", "--quiet"];

fn train<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&TRAIN[..], more].concat()
}

/// The folder of the only trial of the run in `out`.
fn only_trial(place: &Place) -> PathBuf {
    Run::at(place.path("out")).trials().into_values().next().unwrap().0
}

/// Turns a byte in the middle.
fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(path, bytes).unwrap();
}

/// Replaces text that must be there.
#[track_caller]
fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "no {from} in {text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Fails unless every file of `before` is still there with the same bytes.
#[track_caller]
fn nothing_lost(before: &BTreeMap<String, Vec<u8>>, run: &Run) {
    let after = run.bytes();
    let trials = before.iter().filter(|(name, _)| name.starts_with("trials/"));
    let lost: Vec<&String> = trials.filter(|(name, bytes)| after.get(*name) != Some(bytes)).map(|(name, _)| name).collect();
    assert!(lost.is_empty(), "changed or gone: {lost:?}");
}
