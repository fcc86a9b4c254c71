//! What a table needs to be trained and evaluated.

use std::collections::BTreeSet;

use bench_corruptions::Condition;
use bench_tables::{
    Spec,
    request::{Questions, Request},
    spec::Preset as TablePreset,
};

use crate::{
    exit::Failure,
    papers::{OnHand, Papers},
    plan::{Start, Wanted},
    settings::Preset,
};

/// What one table needs.
pub struct Needs<'a> {
    pub spec: &'a Spec,
    /// Each method on each dataset, in the order of the table.
    pub wanted: Vec<Wanted>,
    /// Whether any of its cells is a number of a trained model.
    pub trains: bool,
    /// The paper's datasets that nothing stands for.
    pub lacking: Vec<String>,
    /// Conditions that a dataset cannot have, and why.
    pub impossible: BTreeSet<String>,
}

impl<'a> Needs<'a> {
    /// What `spec` needs on the datasets that are here.
    ///
    /// # Errors
    /// A table whose rows and columns do not go together: a defect.
    pub fn of(spec: &'a Spec, papers: &Papers, here: &OnHand) -> anyhow::Result<Self> {
        let assigned = here.assign(spec, papers);
        let questions =
            Questions::of(spec, &papers.datasets, &assigned).map_err(|problem| Failure::internal(format!("table {}: {problem}", spec.id)))?;
        let mut needs = Self { spec, wanted: Vec::new(), trains: false, lacking: Vec::new(), impossible: BTreeSet::new() };
        for meaning in spec.rows.iter().flat_map(|row| spec.columns.iter().filter_map(|column| spec.meaning(row, column).ok())) {
            let measured = meaning.reported_only.is_none() && meaning.derive.is_none() && meaning.method.is_some();
            if measured && meaning.measure.is_some_and(|measure| measure.needs_trials()) {
                needs.trains = true;
                let name = meaning.dataset.unwrap_or_default();
                if !assigned.iter().any(|place| place.of == name) && !needs.lacking.contains(&name) {
                    needs.lacking.push(name);
                }
            }
        }
        for request in questions.requests().into_iter().filter(|request| request.measure.needs_trials()) {
            needs.add(request, here)?;
        }
        Ok(needs)
    }

    fn add(&mut self, request: &Request, here: &OnHand) -> anyhow::Result<()> {
        let Some(method) = request.method.clone() else { return Ok(()) };
        let dataset = here.dataset(&request.dataset)?;
        let mut conditions = Vec::new();
        for (text, _) in &request.conditions {
            match Condition::parse(text, dataset.modalities()) {
                Ok(condition) => conditions.push(condition),
                Err(error) => {
                    self.impossible.insert(format!("{text} on {} ({})", request.dataset, error.reason));
                }
            }
        }
        if conditions.is_empty() {
            return Ok(());
        }
        let start = match &request.start {
            Some((from, freeze)) => Some(Start { dataset: from.parse()?, freeze: *freeze }),
            None => None,
        };
        let preset = match request.preset {
            TablePreset::Harness => Preset::Harness,
            TablePreset::Paper => Preset::Paper,
        };
        let wanted = Wanted { dataset: dataset.reference().clone(), method, preset, start, conditions };
        let same = |other: &&mut Wanted| {
            (&other.dataset, &other.method, other.preset, &other.start) == (&wanted.dataset, &wanted.method, wanted.preset, &wanted.start)
        };
        match self.wanted.iter_mut().find(same) {
            Some(known) => {
                for condition in wanted.conditions {
                    if !known.conditions.contains(&condition) {
                        known.conditions.push(condition);
                    }
                }
            }
            None => self.wanted.push(wanted),
        }
        Ok(())
    }
}

/// All that is wanted: first the trials that others start from.
pub fn all(needs: &[Needs<'_>]) -> Vec<Wanted> {
    let wanted = || needs.iter().flat_map(|needs| &needs.wanted);
    let sources = wanted().filter_map(|one| {
        let start = one.start.as_ref()?;
        Some(Wanted { dataset: start.dataset.clone(), start: None, conditions: vec![Condition::clean()], ..one.clone() })
    });
    sources.chain(wanted().cloned()).collect()
}
