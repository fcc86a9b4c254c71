//! The papers' tables, and which of the datasets that are here stand in them.

use std::collections::BTreeMap;

use anyhow::Context;
use bench_datasets::{Dataset, DatasetRef, Task};
use bench_tables::{
    Spec,
    assign::{Assigned, Here, StandsIn, assign},
    spec::{Chosen, PaperDatasets, builtin, choose, paper_datasets},
};

use crate::{exit::Failure, names, search};

/// All tables with the datasets that they are of.
pub struct Papers {
    specs: Vec<Spec>,
    /// By the names that tables use.
    pub datasets: PaperDatasets,
}

impl Papers {
    /// The built-in ones.
    ///
    /// # Errors
    /// A built-in file that cannot be read: a defect.
    pub fn builtin() -> anyhow::Result<Self> {
        Ok(Self { specs: builtin()?, datasets: paper_datasets()? })
    }

    /// The tables that names such as `raml` and `def-aaf-6` stand for, each once, in the order given.
    ///
    /// # Errors
    /// A name that stands for nothing, with what may have been meant.
    pub fn choose(&self, names: &[String]) -> anyhow::Result<Vec<&Spec>> {
        let mut chosen: Vec<&Spec> = Vec::new();
        for name in names {
            match choose(&self.specs, name.trim()) {
                Chosen::Tables(found) => chosen.extend(found),
                Chosen::Unknown(known) => return Err(names::unknown("table", name.trim(), known.iter().map(String::as_str))),
            }
        }
        let mut each: Vec<&Spec> = Vec::new();
        for spec in chosen {
            if !each.iter().any(|other| other.id == spec.id) {
                each.push(spec);
            }
        }
        Ok(each)
    }
}

/// The datasets that tables may be filled from.
pub struct OnHand {
    /// The papers' own, by the papers' names.
    own: BTreeMap<String, Here>,
    /// In the order given.
    stand_ins: Vec<StandsIn>,
    /// By their names in trials.
    opened: BTreeMap<String, Dataset>,
}

impl OnHand {
    /// The datasets of these tables that are found in `folders`, and those that stand in: `on` as in `--on`, names, or `PAPER'S=NAME` for what stands in
    /// for one alone.
    ///
    /// # Errors
    /// A dataset that cannot be opened, or a stand-in that is not there.
    pub fn of(tables: &[&Spec], papers: &Papers, on: &[String], folders: &[std::path::PathBuf]) -> anyhow::Result<Self> {
        let mut found = Self { own: BTreeMap::new(), stand_ins: Vec::new(), opened: BTreeMap::new() };
        let known = Dataset::available(folders)?;
        for name in tables.iter().flat_map(|spec| spec.datasets()) {
            let Some(paper) = papers.datasets.get(name).filter(|paper| known.contains(&paper.name)) else { continue };
            if !found.own.contains_key(name) {
                let here = found.open(&paper.name, folders)?;
                found.own.insert(name.to_owned(), here);
            }
        }
        for text in on.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            let named = text.split_once('=').filter(|(paper, _)| papers.datasets.contains_key(*paper));
            let (only_for, name) = named.map_or((None, text), |(paper, name)| (Some(paper.to_owned()), name));
            let dataset = found.open(name, folders)?;
            if !found.stand_ins.iter().any(|other| other.only_for == only_for && other.dataset == dataset) {
                found.stand_ins.push(StandsIn { only_for, dataset });
            }
        }
        Ok(found)
    }

    /// Which dataset stands where in a table.
    pub fn assign(&self, spec: &Spec, papers: &Papers) -> Vec<Assigned> {
        assign(spec, &papers.datasets, &self.own, &self.stand_ins)
    }

    /// The dataset of this name in trials.
    ///
    /// # Errors
    /// One that was not dealt out: a defect.
    pub fn dataset(&self, name: &str) -> anyhow::Result<&Dataset> {
        self.opened.get(name).ok_or_else(|| Failure::internal(format!("dataset {name} was not opened")))
    }

    /// Stand-ins that are not among `used`.
    pub fn idle<'a>(&'a self, used: impl Iterator<Item = &'a DatasetRef>) -> impl Iterator<Item = &'a str> {
        let used: Vec<String> = used.map(ToString::to_string).collect();
        self.stand_ins.iter().map(|other| other.dataset.reference.as_str()).filter(move |name| !used.iter().any(|known| known == name))
    }

    /// All of them.
    pub fn into_datasets(self) -> Vec<Dataset> {
        self.opened.into_values().collect()
    }

    fn open(&mut self, name: &str, folders: &[std::path::PathBuf]) -> anyhow::Result<Here> {
        let reference: DatasetRef = name.parse().with_context(|| format!("on: `{name}`"))?;
        let dataset = search::open(&reference, folders)?;
        let modalities = dataset.modalities().iter().map(|modality| (modality.name.clone(), modality.kind.name().to_owned()));
        let here = Here {
            reference: dataset.reference().to_string(),
            classes: matches!(dataset.task(), Task::Classification { .. }),
            modalities: modalities.collect(),
        };
        self.opened.entry(here.reference.clone()).or_insert(dataset);
        Ok(here)
    }
}
