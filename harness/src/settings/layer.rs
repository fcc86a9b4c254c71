//! One layer of settings: what a flag, the environment, a file or a default says, and nothing else.

use std::path::PathBuf;

use clap::{ArgMatches, parser::ValueSource};
use serde::Deserialize;

use super::{Folds, Freeze, Preset, Seeds, Shard, Source};
use crate::commands::run::Arguments;

/// Settings that a layer has; the fields are named as the flags are.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// `--suite`.
    pub suite: Option<String>,
    /// `--table`.
    pub table: Option<Vec<String>>,
    /// `--on`.
    pub on: Option<Vec<String>>,
    /// `--dataset`.
    pub dataset: Option<Vec<String>>,
    /// `--folds`.
    pub folds: Option<Folds>,
    /// `--by`.
    pub by: Option<String>,
    /// `--method`.
    pub method: Option<Vec<String>>,
    /// `--seeds`.
    pub seeds: Option<Seeds>,
    /// `--epochs`.
    pub epochs: Option<usize>,
    /// `--patience`.
    pub patience: Option<usize>,
    /// `--device`.
    pub device: Option<String>,
    /// `--jobs`.
    pub jobs: Option<usize>,
    /// `--shard`.
    pub shard: Option<Shard>,
    /// `--out`.
    pub out: Option<PathBuf>,
    /// `--data`.
    pub data: Option<Vec<PathBuf>>,
    /// `--reference`.
    pub reference: Option<String>,
    /// `--preset`.
    pub preset: Option<Preset>,
    /// `--presets`.
    pub presets: Option<PathBuf>,
    /// `--init-from`.
    #[serde(rename = "init-from")]
    pub init_from: Option<PathBuf>,
    /// `--freeze`.
    pub freeze: Option<Freeze>,
    /// `--extractor`.
    pub extractor: Option<Vec<String>>,
    /// `--cache`.
    pub cache: Option<PathBuf>,
}

impl Layer {
    /// The flags and the environment, as two layers: clap merges them, and `run.toml` tells them apart.
    pub fn given(arguments: &Arguments, matches: &ArgMatches) -> Vec<(Source, Self)> {
        [(Source::Flag, ValueSource::CommandLine), (Source::Environment, ValueSource::EnvVariable)]
            .map(|(source, wanted)| (source, Self::from_source(arguments, |name| matches.value_source(name) == Some(wanted))))
            .into()
    }

    fn from_source(arguments: &Arguments, has: impl Fn(&str) -> bool) -> Self {
        let given = arguments.clone();
        Self {
            suite: given.suite.filter(|_| has("suite")),
            table: has("table").then_some(given.table),
            on: has("on").then_some(given.on),
            dataset: has("dataset").then_some(given.dataset),
            folds: given.folds.filter(|_| has("folds")),
            by: given.by.filter(|_| has("by")),
            method: has("method").then_some(given.method),
            seeds: given.seeds.filter(|_| has("seeds")),
            epochs: given.epochs.filter(|_| has("epochs")),
            patience: given.patience.filter(|_| has("patience")),
            device: given.device.filter(|_| has("device")),
            jobs: given.jobs.filter(|_| has("jobs")),
            shard: given.shard.filter(|_| has("shard")),
            out: given.out.filter(|_| has("out")),
            data: has("data").then_some(given.data),
            reference: given.reference.filter(|_| has("reference")),
            preset: given.preset.filter(|_| has("preset")),
            presets: given.presets.filter(|_| has("presets")),
            init_from: given.init_from.filter(|_| has("init_from")),
            freeze: given.freeze.filter(|_| has("freeze")),
            extractor: has("extractor").then_some(given.extractor),
            cache: given.cache.filter(|_| has("cache")),
        }
    }
}
