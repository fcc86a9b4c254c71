//! Trials that a run asked for and does not have.

use std::collections::BTreeSet;

use bench_card::MethodRef;
use bench_compare::Lacking;

use super::side::Side;
use crate::plan::PAPERS_TRAINING;

/// What of the last command's trials is not finished.
#[derive(Debug, Default)]
pub struct Unfinished {
    /// One sentence each.
    pub lacking: Vec<Lacking>,
    /// Label and dataset of each.
    pub rows: BTreeSet<(String, String)>,
}

/// The trials of a side's last run that are compared, were they there. A folder that does not say what was planned is taken to have planned its methods on all its
/// datasets with all its seeds.
///
/// # Errors
/// A `run.toml` that cannot be read.
pub fn unfinished(side: &Side) -> anyhow::Result<Unfinished> {
    let mut found = Unfinished::default();
    let plan = &side.opened.run;
    if !plan.planned.is_empty() {
        let finished: BTreeSet<String> = side.opened.folder.finished()?.into_iter().collect();
        let absent = plan.planned.iter().filter(|(key, _)| !finished.contains(*key)).map(|(_, what)| what);
        // By what they are, not by their keys, which say nothing to a reader.
        for what in absent.chain(&plan.waiting).collect::<BTreeSet<&String>>() {
            let (label, dataset) = named(what);
            found.add(side, label, dataset, what);
        }
        return Ok(found);
    }
    let settings = &side.opened.run.settings;
    for dataset in &settings.dataset {
        for method in settings.method.iter().filter_map(|method| method.parse::<MethodRef>().ok()) {
            found.of_method(side, dataset, &method);
        }
    }
    Ok(found)
}

/// Label and dataset of `raml on digits?train=300, seed 42`.
fn named(what: &str) -> (&str, &str) {
    let row = what.rsplit_once(", seed ").map_or(what, |(row, _)| row);
    let (label, dataset) = row.rsplit_once(" on ").unwrap_or((row, ""));
    (label.strip_suffix(PAPERS_TRAINING).unwrap_or(label), dataset)
}

impl Unfinished {
    fn of_method(&mut self, side: &Side, dataset: &str, method: &MethodRef) {
        let of_method = |at: &usize| side.trial(*at).is_some_and(|finished| finished.trial.spec.method == method.method);
        let rows = side.rows.get(dataset).into_iter().flatten().filter(|(_, trials)| trials.values().any(of_method));
        for (row, trials) in rows {
            for seed in side.opened.run.settings.seeds.iter().filter(|seed| !trials.contains_key(seed)) {
                self.add(side, &row.label, dataset, &format!("{} on {dataset}, seed {seed}", row.label));
            }
        }
        // Known by what it was asked for: a label takes the method's card.
        let trials = || side.opened.results.trials.iter().map(|finished| &finished.trial);
        let is_there = trials().any(|trial| trial.spec.method == method.method && trial.spec.dataset == dataset);
        let refused = side.opened.run.refused.iter();
        let is_refused = refused.filter(|refused| refused.dataset == dataset).any(|refused| is_of(&refused.method, &method.method));
        if !is_there && !is_refused {
            let name = method.to_string();
            self.add(side, &name, dataset, &format!("{name} on {dataset}"));
        }
    }

    fn add(&mut self, side: &Side, label: &str, dataset: &str, what: &str) {
        let lacking = side.lacks(format!("{what} is not trained"));
        if side.wants(label, dataset) && !self.lacking.contains(&lacking) {
            self.rows.insert((label.into(), dataset.into()));
            self.lacking.push(lacking);
        }
    }
}

/// Whether a label is of that method.
fn is_of(label: &str, method: &str) -> bool {
    label.strip_prefix(method).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planned_trial_is_of_a_label_and_a_dataset() {
        assert_eq!(named("raml on digits?train=300, seed 42"), ("raml", "digits?train=300"));
        assert_eq!(named("raml (paper's training) on ./a on b, seed 7"), ("raml (paper's training) on ./a", "b"));
        assert_eq!(named("raml (paper's training) on digits, seed 7"), ("raml", "digits"));
    }

    #[test]
    fn a_label_is_told_from_one_that_begins_alike() {
        assert!(is_of("raml", "raml") && is_of("unimodal/audio", "unimodal") && is_of("raml?lambda1=1", "raml"));
        assert!(!is_of("ramlx", "raml") && !is_of("late", "raml"));
    }
}
