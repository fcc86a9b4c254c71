//! Tables by name, and datasets in the places of the papers'.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use bench_datasets::{Dataset, DatasetRef, Task};
use bench_tables::{
    Spec,
    assign::{Assigned, Here, StandsIn, assign},
    request::Questions,
    spec::{Chosen as Named, PaperDatasets, builtin, choose as named, paper_datasets},
};

use crate::{exit::Failure, names, search};

/// The tables that were asked for.
pub struct Chosen {
    /// In the papers' order.
    pub tables: Vec<Prepared>,
    /// The papers' datasets.
    pub papers: PaperDatasets,
    /// Ours, by their names in trials.
    pub datasets: BTreeMap<String, Dataset>,
}

/// A table with what it asks of our datasets.
pub struct Prepared {
    /// The table.
    pub spec: Spec,
    /// Our datasets in the places of the paper's.
    pub assigned: Vec<Assigned>,
    /// What its cells ask.
    pub questions: Questions,
}

/// The tables that `asked` names (all where it is empty; a path ending in `.toml` is a table of one's own), with the papers' datasets that are found in
/// `data` and the embedded ones, and those of `on` (`openmoji`, `digits?train=500`, `IEMOCAP=digits`) as stand-ins.
///
/// # Errors
/// An unknown table, dataset or paper's dataset, or a file that is no table.
pub fn choose(asked: &[String], on: &[String], data: &[PathBuf]) -> anyhow::Result<Chosen> {
    let all = builtin().map_err(|error| Failure::internal(error.to_string()))?;
    let papers = paper_datasets().map_err(|error| Failure::internal(error.to_string()))?;
    let specs = specs(&all, asked)?;
    let folders = search::folders(data);
    let mut datasets: BTreeMap<String, Dataset> = BTreeMap::new();
    let mut open = |reference: &DatasetRef| -> anyhow::Result<Here> {
        let name = reference.to_string();
        if !datasets.contains_key(&name) {
            datasets.insert(name.clone(), search::open(reference, &folders)?);
        }
        datasets.get(&name).map(here).ok_or_else(|| Failure::internal("a dataset that was opened is gone"))
    };
    let known = Dataset::available(&folders)?;
    let mut own: BTreeMap<String, Here> = BTreeMap::new();
    for (paper, dataset) in &papers {
        if known.contains(&dataset.name) && specs.iter().any(|spec| spec.datasets().contains(&paper.as_str())) {
            own.insert(paper.clone(), open(&DatasetRef::whole(&dataset.name))?);
        }
    }
    let mut stand_ins = Vec::new();
    for entry in on.iter().map(|entry| entry.trim()).filter(|entry| !entry.is_empty()) {
        let (only_for, name) = place(entry, &papers)?;
        stand_ins.push(StandsIn { only_for, dataset: open(&name.parse()?)? });
    }
    let mut tables = Vec::new();
    for spec in specs {
        let assigned = assign(&spec, &papers, &own, &stand_ins);
        let questions = Questions::of(&spec, &papers, &assigned).map_err(|problem| Failure::usage(format!("table {}: {problem}", spec.id)))?;
        tables.push(Prepared { spec, assigned, questions });
    }
    Ok(Chosen { tables, papers, datasets })
}

/// `IEMOCAP=digits` as the place and the dataset; a `=` behind `?` belongs to the dataset.
fn place<'a>(entry: &'a str, papers: &PaperDatasets) -> anyhow::Result<(Option<String>, &'a str)> {
    let Some((paper, name)) = entry.split_once('=').filter(|(paper, _)| !paper.contains('?')) else { return Ok((None, entry)) };
    match papers.keys().find(|known| known.eq_ignore_ascii_case(paper.trim())) {
        Some(paper) => Ok((Some(paper.clone()), name)),
        None => Err(names::unknown("dataset of the papers", paper, papers.keys().map(String::as_str))),
    }
}

fn specs(all: &[Spec], asked: &[String]) -> anyhow::Result<Vec<Spec>> {
    let mut specs: Vec<Spec> = Vec::new();
    for name in asked.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let found = if name == "all" {
            all.to_vec()
        } else if Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
            vec![own_table(name)?]
        } else {
            match named(all, name) {
                Named::Tables(found) => found.into_iter().cloned().collect(),
                Named::Unknown(known) => return Err(unknown(name, &known)),
            }
        };
        specs.extend(found.into_iter().filter(|spec| !specs.iter().any(|known| known.id == spec.id)).collect::<Vec<_>>());
    }
    Ok(if specs.is_empty() { all.to_vec() } else { specs })
}

/// There are too many to list them all: the nearest, or the papers.
fn unknown(name: &str, known: &[String]) -> anyhow::Error {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let meant = names::closest(&name.to_ascii_lowercase(), &known).map_or_else(String::new, |meant| format!("did you mean `{meant}`? "));
    Failure::usage(format!("there is no table `{}`; {meant}`bench tables --list` lists them (raml-2, def-aaf-20, …)", name.escape_debug()))
}

fn own_table(path: &str) -> anyhow::Result<Spec> {
    let text = fs::read_to_string(path).map_err(|error| Failure::usage(format!("table file {path} cannot be read: {error}")))?;
    let spec = Spec::read(path, &text).map_err(|error| Failure::usage(error.to_string()))?;
    // Against the ledger that it names, so that a slip in a key is not an empty cell.
    let ledger = bench_audit::ledger::builtin().map_err(|error| Failure::internal(error.to_string()))?;
    match spec.problems(&ledger).first() {
        None => Ok(spec),
        Some(problem) => Err(Failure::usage(format!("table file {path}: {problem}"))),
    }
}

fn here(dataset: &Dataset) -> Here {
    Here {
        reference: dataset.reference().to_string(),
        classes: matches!(dataset.task(), Task::Classification { .. }),
        modalities: dataset.raw_modalities().iter().map(|modality| (modality.name.clone(), modality.kind.name().to_owned())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(asked: &str, on: &str) -> String {
        match choose(&[asked.into()], &[on.into()], &[]) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn slips_are_answered_with_what_was_meant() {
        assert!(message("raml-22", "").contains("did you mean `raml-2`"), "{}", message("raml-22", ""));
        assert!(message("raml-2", "openmojis").contains("did you mean `openmoji`"));
        assert!(message("raml-2", "IEMOCUP=digits").contains("did you mean `IEMOCAP`"));
        assert!(message("nowhere.toml", "").contains("cannot be read"));
    }

    #[test]
    fn stand_ins_take_their_places() {
        let chosen = choose(&["raml-table1".into()], &["digits?train=500".into(), "N24News=openmoji".into()], &[]).unwrap();
        let places: Vec<_> = chosen.tables[0].assigned.iter().map(|one| (one.of.as_str(), one.dataset.reference.as_str())).collect();
        assert!(places.contains(&("N24News", "openmoji")), "{places:?}");
        assert!(!places.iter().any(|(of, _)| *of == "Food-101"));
        assert_eq!(chosen.datasets.len(), 2);
    }
}
