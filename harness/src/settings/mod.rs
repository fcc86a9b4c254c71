/*!
The settings of a run: flags over environment over `--config` file over `--quick` over the suite's defaults over the protocol's.

Every value remembers where it came from, and `run.toml` stores both.
*/

mod device;
mod file;
mod folds;
mod layer;
mod seeds;
mod shard;

use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr};

use bench_card::MethodRef;
use bench_corruptions::Suite;
use bench_datasets::{Dataset, DatasetRef};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub use device::Device;
pub use folds::Folds;
pub use layer::Layer;
#[cfg(test)]
pub use seeds::LIST;
pub use seeds::Seeds;
pub use shard::Shard;

use crate::{exit::Failure, extract, search};

/// Epochs, patience, device: what no suite says.
const PROTOCOL: &str = include_str!("../../defaults/protocol.toml");
/// What `--quick` changes.
const QUICK: &str = include_str!("../../defaults/quick.toml");

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The command line.
    Flag,
    /// An environment variable `BENCH_…`.
    Environment,
    /// The `--config` file.
    File,
    /// `--quick`.
    Quick,
    /// The suite's defaults.
    Suite,
    /// The protocol's defaults.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::File => "file",
            Self::Quick => "quick",
            Self::Suite => "suite",
            Self::Default => "default",
        })
    }
}

/// Which training settings are taken of a method's card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// What this harness trains with: the paper's where they suit its encoders, else chosen on validation
    #[default]
    Harness,
    /// What the paper prints
    Paper,
    /// What `bench tune` chose on the validation split of the same dataset
    Tuned,
}

impl Preset {
    /// As in `--preset`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Harness => "harness",
            Self::Paper => "paper",
            Self::Tuned => "tuned",
        }
    }
}

/// What of another trial's weights is not trained any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Freeze {
    /// What turns each modality into its code
    Encoders,
}

/// The resolved settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The suite.
    pub suite: Suite,
    /// Tables of papers, where the run is for them; then no suite, dataset or method is asked for, and the suite is `clean`.
    pub tables: Vec<String>,
    /// What stands in for the datasets of these tables.
    pub on: Vec<String>,
    /// Datasets in the order asked for, each once; all folds of each in its place, where folds were asked for.
    pub datasets: Vec<DatasetRef>,
    /// Which folds each dataset asked for stands for.
    pub folds: Option<Folds>,
    /// What the samples of dealt folds must be grouped by.
    pub by: Option<String>,
    /// Methods in the order asked for, each once.
    pub methods: Vec<MethodRef>,
    /// Seeds in the order asked for, each once.
    pub seeds: Vec<u64>,
    /// Most epochs, at least 1.
    pub epochs: usize,
    /// Epochs without a better validation score before training stops, at least 1.
    pub patience: usize,
    /// Where to compute.
    pub device: Device,
    /// Worker processes, if said.
    pub jobs: Option<usize>,
    /// The part of the run that is done here; `None` for all of it.
    pub shard: Option<Shard>,
    /// The run folder.
    pub out: PathBuf,
    /// Folders in which datasets are looked for first.
    pub data: Vec<PathBuf>,
    /// The method that others are compared with, if said.
    pub reference: Option<String>,
    /// Which training settings are taken of a card.
    pub preset: Preset,
    /// The folder of tuned presets, where not those that come with the program are meant.
    pub presets: Option<PathBuf>,
    /// The trial or run folder whose weights training starts from.
    pub init_from: Option<PathBuf>,
    /// What of them is not trained.
    pub freeze: Option<Freeze>,
    /// Modules that make features, `MODALITY=FILE`.
    pub extractors: Vec<String>,
    /// Where these features are kept.
    pub cache: Option<PathBuf>,
    /// SHA-256 of the modules that the command names.
    pub trusted: Vec<String>,
    /// Whether the modules that datasets carry are trusted as well.
    pub trust: bool,
    /// Where each came from, by name.
    pub sources: BTreeMap<&'static str, Source>,
}

impl Settings {
    /// Resolves `given` (flags, environment and file, strongest first).
    ///
    /// # Errors
    /// A value that cannot be read, with its name and where it came from.
    pub fn resolve(given: Vec<(Source, Layer)>, quick: bool) -> anyhow::Result<Self> {
        let mut layers = given;
        let tables = layers.iter().find_map(|(_, layer)| layer.table.clone());
        if tables.is_some() {
            refuse_beside_table(&layers, quick)?;
        }
        if quick {
            layers.push((Source::Quick, file::read("quick.toml", QUICK)?));
        }
        let protocol = file::read("protocol.toml", PROTOCOL)?;
        let named = |layers: &[(Source, Layer)]| layers.iter().find_map(|(_, layer)| layer.suite.clone()).or_else(|| protocol.suite.clone());
        // What a table asks beside clean samples is in no suite as a whole, so that no mean over it is tested.
        let suite = Suite::named(&if tables.is_some() { "clean".into() } else { named(&layers).unwrap_or_default() })?;
        let default_suite = Suite::named(protocol.suite.as_deref().unwrap_or_default())?;
        layers.extend([(Source::Suite, of_suite(&suite)), (Source::Default, protocol), (Source::Default, of_suite(&default_suite))]);

        let mut pick = Pick { layers: &layers, sources: BTreeMap::new() };
        let (mut datasets, mut methods, mut on) = (Vec::new(), Vec::new(), Vec::new());
        let tables: Vec<String> = if tables.is_some() {
            on = pick.first("on", |layer| layer.on.clone()).unwrap_or_default();
            pick.list("table", |layer| layer.table.clone())?
        } else {
            if let Some((source, _)) = pick.layers.iter().find(|(_, layer)| layer.on.is_some()) {
                return Err(Failure::usage(format!("on (from {source}) needs --table: it says what stands in for the datasets of a table")));
            }
            pick.first("suite", |layer| layer.suite.clone());
            datasets = pick.list("dataset", |layer| layer.dataset.clone())?;
            methods = pick.list("method", |layer| layer.method.clone())?;
            Vec::new()
        };
        let seeds = pick.required("seeds", |layer| layer.seeds.clone())?;
        let epochs = pick.positive("epochs", |layer| layer.epochs)?;
        let patience = pick.positive("patience", |layer| layer.patience)?;
        let device = pick.required("device", |layer| layer.device.clone())?;
        let device = Device::from_str(&device).map_err(|problem| Failure::usage(format!("device: {problem}")))?;
        let jobs = pick.first("jobs", |layer| layer.jobs).map(|jobs| pick.at_least_1("jobs", jobs)).transpose()?;
        let shard = pick.first("shard", |layer| layer.shard);
        let name = if tables.is_empty() { suite.name.as_str() } else { "tables" };
        let out = pick.first("out", |layer| layer.out.clone()).unwrap_or_else(|| PathBuf::from("runs").join(name));
        let data = pick.first("data", |layer| layer.data.clone()).unwrap_or_default();
        search::refuse_missing(&data)?;
        let folds = pick.first("folds", |layer| layer.folds);
        let by = pick.first("by", |layer| layer.by.clone());
        if let (Some(by), None | Some(Folds::All)) = (&by, folds) {
            let source = pick.sources["by"];
            let needs = "needs a number of folds (--folds 10): it says what stays together where they are dealt";
            return Err(Failure::usage(format!("by = {by} (from {source}) {needs}")));
        }
        if let Some(folds) = folds {
            datasets = folds::expand(datasets, folds, by.as_ref(), &data)?;
        }
        let reference = pick.first("reference", |layer| layer.reference.clone());
        let preset = pick.first("preset", |layer| layer.preset).unwrap_or_default();
        let presets = pick.first("presets", |layer| layer.presets.clone());
        let init_from = pick.first("init-from", |layer| layer.init_from.clone());
        let freeze = pick.first("freeze", |layer| layer.freeze);
        if freeze.is_some() && init_from.is_none() {
            return Err(Failure::usage("--freeze needs --init-from: encoders that were never trained would stay random"));
        }
        let extractors = pick.first("extractor", |layer| layer.extractor.clone()).unwrap_or_default();
        let cache = pick.first("cache", |layer| layer.cache.clone());
        let sources = pick.sources;
        Ok(Self {
            seeds: seeds.resolve(),
            suite,
            tables,
            on,
            datasets,
            folds,
            by,
            methods,
            epochs,
            patience,
            device,
            jobs,
            shard,
            out,
            data,
            reference,
            preset,
            presets,
            init_from,
            freeze,
            extractors,
            cache,
            trusted: Vec::new(),
            trust: false,
            sources,
        })
    }

    /// SHA-256 of the modules that may be run for a dataset.
    pub fn trusted_of(&self, dataset: &Dataset) -> Vec<String> {
        let carried = extract::carried(dataset).filter(|_| self.trust).map(str::to_owned);
        self.trusted.iter().cloned().chain(carried).collect()
    }
}

/// A table says itself what is trained and evaluated.
fn refuse_beside_table(given: &[(Source, Layer)], quick: bool) -> anyhow::Result<()> {
    for (source, layer) in given {
        let said = [
            ("suite", layer.suite.is_some()),
            ("dataset", layer.dataset.is_some()),
            ("folds", layer.folds.is_some()),
            ("by", layer.by.is_some()),
            ("method", layer.method.is_some()),
            ("preset", layer.preset.is_some()),
            ("init-from", layer.init_from.is_some()),
            ("freeze", layer.freeze.is_some()),
            ("extractor", layer.extractor.is_some()),
        ];
        if let Some((name, _)) = said.iter().find(|(_, said)| *said) {
            let hint = if *name == "dataset" { "; data that stands in is named by --on" } else { "" };
            return Err(Failure::usage(format!("{name} (from {source}) does not go with --table: a table says itself what it needs{hint}")));
        }
    }
    if quick {
        return Err(Failure::usage("--quick does not go with --table; `--seeds 2 --epochs 2` is a quick run of it"));
    }
    Ok(())
}

fn of_suite(suite: &Suite) -> Layer {
    let defaults = &suite.defaults;
    let some = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    Layer {
        dataset: some(&defaults.datasets),
        method: some(&defaults.methods),
        seeds: (!defaults.seeds.is_empty()).then(|| Seeds::List(defaults.seeds.clone())),
        ..Layer::default()
    }
}

/// Takes each value from the strongest layer that has it, and notes which.
struct Pick<'a> {
    layers: &'a [(Source, Layer)],
    sources: BTreeMap<&'static str, Source>,
}

impl Pick<'_> {
    fn first<T>(&mut self, name: &'static str, of: impl Fn(&Layer) -> Option<T>) -> Option<T> {
        let (source, value) = self.layers.iter().find_map(|(source, layer)| Some((*source, of(layer)?)))?;
        self.sources.insert(name, source);
        Some(value)
    }

    fn required<T>(&mut self, name: &'static str, of: impl Fn(&Layer) -> Option<T>) -> anyhow::Result<T> {
        self.first(name, of).ok_or_else(|| Failure::internal(format!("the protocol's defaults lack `{name}`")))
    }

    fn positive(&mut self, name: &'static str, of: impl Fn(&Layer) -> Option<usize>) -> anyhow::Result<usize> {
        let value = self.required(name, of)?;
        self.at_least_1(name, value)
    }

    fn at_least_1(&self, name: &str, value: usize) -> anyhow::Result<usize> {
        if value > 0 { Ok(value) } else { Err(Failure::usage(format!("{name} is 0 (from {}), but must be at least 1", self.sources[name]))) }
    }

    fn list<T>(&mut self, name: &'static str, of: impl Fn(&Layer) -> Option<Vec<String>>) -> anyhow::Result<Vec<T>>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static> + PartialEq,
    {
        let mut values = Vec::new();
        for text in self.required(name, of)?.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            let value = text.parse()?;
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.is_empty() {
            return Err(Failure::usage(format!("{name} (from {}) names nothing", self.sources[name])));
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests;
