//! What a table needs to be trained and evaluated.

use std::collections::{BTreeMap, BTreeSet};

use bench_corruptions::Condition;
use bench_datasets::Dataset;
use bench_tables::{
    Spec,
    request::Ask,
    spec::{Cost, Measure},
};

use crate::{
    plan::Wanted,
    tables::{Prepared, Wish, sources, wishes},
};

/// What one table needs.
pub struct Needs<'a> {
    pub spec: &'a Spec,
    /// Each method on each dataset, in the order of the table.
    pub wanted: Vec<Wanted>,
    /// Costs of some of these.
    pub costs: Vec<(Wanted, Cost)>,
    /// Trials that are needed only for others to start from.
    pub sources: Vec<Wanted>,
    /// Whether any of its cells is a number of a trained model.
    pub trains: bool,
    /// The paper's datasets that nothing stands for.
    pub lacking: Vec<String>,
    /// What a dataset cannot have, and why.
    pub impossible: BTreeSet<String>,
}

impl<'a> Needs<'a> {
    /// What a table needs on the datasets that are here.
    ///
    /// # Errors
    /// A dataset that was not opened: a defect.
    pub fn of(table: &'a Prepared, datasets: &BTreeMap<String, Dataset>) -> anyhow::Result<Self> {
        let Prepared { spec, assigned, questions } = table;
        let mut needs = Self {
            spec,
            wanted: Vec::new(),
            costs: Vec::new(),
            sources: Vec::new(),
            trains: false,
            lacking: Vec::new(),
            impossible: BTreeSet::new(),
        };
        let cells = spec
            .rows
            .iter()
            .zip(&questions.asks)
            .flat_map(|(row, asks)| spec.columns.iter().zip(asks).map(move |(column, asks)| (row, column, asks)));
        for (row, column, asks) in cells {
            let Ok(meaning) = spec.meaning(row, column) else { continue };
            let measured = meaning.reported_only.is_none() && meaning.derive.is_none() && meaning.method.is_some();
            if measured && meaning.measure.is_some_and(|measure| measure.needs_trials()) {
                needs.trains = true;
                let name = meaning.dataset.unwrap_or_default();
                let placed = assigned.iter().any(|place| place.of == name);
                if placed {
                    needs.impossible.extend(asks.iter().filter_map(|ask| if let Ask::Absent(reason) = ask { Some(reason.clone()) } else { None }));
                } else if !needs.lacking.contains(&name) {
                    needs.lacking.push(name);
                }
            }
        }
        let wishes = wishes(std::slice::from_ref(table), datasets)?;
        needs.sources = sources(&wishes);
        for Wish { request, wanted } in wishes {
            match wanted {
                Ok(Some(wanted)) => {
                    if let Measure::Cost(cost) = request.measure {
                        needs.costs.push((wanted.clone(), cost));
                    }
                    needs.add(wanted);
                }
                Ok(None) => {}
                Err(reason) => {
                    let conditions: Vec<&str> = request.conditions.iter().map(|(text, _)| text.as_str()).collect();
                    needs.impossible.insert(format!("{} on {}: {reason}", conditions.join(", "), request.dataset));
                }
            }
        }
        // The report shows every trial, so each answers complete samples at least.
        for wanted in needs.wanted.iter_mut().chain(&mut needs.sources).filter(|wanted| wanted.conditions.is_empty()) {
            wanted.conditions.push(Condition::clean());
        }
        Ok(needs)
    }

    fn add(&mut self, wanted: Wanted) {
        match self.wanted.iter_mut().find(|other| same_trials(other, &wanted)) {
            Some(known) => {
                let new: Vec<Condition> = wanted.conditions.into_iter().filter(|condition| !known.conditions.contains(condition)).collect();
                known.conditions.extend(new);
            }
            None => self.wanted.push(wanted),
        }
    }
}

/// Whether both are of the same trials, whatever these suffer.
pub fn same_trials(one: &Wanted, other: &Wanted) -> bool {
    (&one.dataset, &one.method, one.preset, &one.start) == (&other.dataset, &other.method, other.preset, &other.start)
}

/// All that is wanted: first the trials that others start from.
pub fn all(needs: &[Needs<'_>]) -> Vec<Wanted> {
    let sources = needs.iter().flat_map(|needs| &needs.sources);
    sources.chain(needs.iter().flat_map(|needs| &needs.wanted)).cloned().collect()
}
