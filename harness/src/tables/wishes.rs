//! What cells ask, as trials and conditions.

use std::collections::BTreeMap;

use bench_corruptions::Condition;
use bench_datasets::{Dataset, DatasetRef};
use bench_tables::{request::Request, spec};

use super::Prepared;
use crate::{
    plan::{Start, Wanted},
    settings::Preset,
};

/// A question with the trials that it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// What a cell asks.
    pub request: Request,
    /// The trials and their conditions; `None` for what needs no trial, `Err` with the reason where the dataset cannot suffer a condition.
    pub wanted: Result<Option<Wanted>, String>,
}

/// Everything that these tables ask, each once, in their order.
///
/// # Errors
/// A dataset that was not opened.
pub fn wishes(tables: &[Prepared], datasets: &BTreeMap<String, Dataset>) -> anyhow::Result<Vec<Wish>> {
    let mut all: Vec<Wish> = Vec::new();
    for request in tables.iter().flat_map(|table| table.questions.requests()) {
        if !all.iter().any(|wish| wish.request == *request) {
            let reference: DatasetRef = request.dataset.parse()?;
            let dataset = datasets.get(&request.dataset).ok_or_else(|| anyhow::anyhow!("dataset {reference} was not opened"))?;
            all.push(Wish { wanted: wanted(request, dataset, reference)?, request: request.clone() });
        }
    }
    Ok(all)
}

/// Trials that are wanted only for others to start from.
pub fn sources(wishes: &[Wish]) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for wanted in wishes.iter().filter_map(|wish| wish.wanted.as_ref().ok()?.as_ref()) {
        if let Some(start) = &wanted.start {
            let source = Wanted { dataset: start.dataset.clone(), start: None, conditions: Vec::new(), ..wanted.clone() };
            if !all.contains(&source) {
                all.push(source);
            }
        }
    }
    all
}

fn wanted(request: &Request, dataset: &Dataset, reference: DatasetRef) -> anyhow::Result<Result<Option<Wanted>, String>> {
    let Some(method) = request.method.clone().filter(|_| request.measure.needs_trials()) else { return Ok(Ok(None)) };
    let mut conditions = Vec::new();
    for (text, _) in request.conditions.iter().filter(|_| request.measure.is_of_scores()) {
        match Condition::parse(text, dataset.raw_modalities()) {
            Ok(condition) => conditions.push(condition),
            Err(error) => return Ok(Err(format!("n/a ({})", error.reason))),
        }
    }
    let start = match &request.start {
        Some((from, freeze)) => Some(Start { dataset: from.parse()?, freeze: *freeze }),
        None => None,
    };
    let preset = match request.preset {
        spec::Preset::Harness => Preset::Harness,
        spec::Preset::Paper => Preset::Paper,
        spec::Preset::Tuned => Preset::Tuned,
    };
    Ok(Ok(Some(Wanted { dataset: reference, method, preset, start, conditions })))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bench_corruptions::Suite;

    use super::*;
    use crate::tables::choose;

    /// `bench run --suite raml-table2` evaluates what `bench tables raml-2` reads, where images are images: a vector in an image's place suffers noise in a
    /// table, and none in a suite of images.
    #[test]
    fn a_tables_suite_holds_all_its_conditions() {
        let on = ["openmoji", "digits?train=500", "cremad-agree?train=1000"].map(String::from);
        let chosen = choose(&[], &on, &[]).unwrap();
        let mut looked_at = BTreeSet::new();
        for table in &chosen.tables {
            let Some(suite) = &table.spec.suite else { continue };
            let suite = Suite::named(suite).unwrap();
            for wanted in wishes(std::slice::from_ref(table), &chosen.datasets).unwrap().iter().filter_map(|wish| wish.wanted.as_ref().ok()?.as_ref())
            {
                let modalities = chosen.datasets[&wanted.dataset.to_string()].raw_modalities();
                let planned: BTreeSet<String> = suite.conditions(modalities).unwrap().iter().map(|planned| planned.condition.to_string()).collect();
                for condition in &wanted.conditions {
                    assert!(planned.contains(&condition.to_string()), "{}: {suite} lacks {condition} on {}", table.spec.id, wanted.dataset);
                    looked_at.insert((suite.id(), condition.to_string()));
                }
            }
        }
        assert!(looked_at.len() > 40, "{}", looked_at.len());
    }
}
