//! Everything measured of both sides, paired.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use bench_compare::{self as compare, Evidence, Lacking};
use bench_corruptions::Suite;
use bench_datasets::{Dataset, Split};
use bench_reports::metrics::Metric;

use super::{
    costs::{self, Costs},
    differ::{self, Makings, Seeds},
    latency::Couple,
    pairing::{self, Match, OnDataset, Pairing},
    quantities,
    rows::{Measure, Measured},
    side::Side,
    unfinished::unfinished,
};
use crate::{
    exit::Failure,
    progress,
    results::{Finished, task, test_groups},
};

/// Both sides and what is asked of them.
pub struct Question<'a> {
    /// What is compared with.
    pub base: &'a Side,
    /// What is judged.
    pub head: &'a Side,
    /// The metric, where it is not the primary one.
    pub metric: Option<Metric>,
    /// Whether models are timed.
    pub latency: bool,
    /// No progress.
    pub quiet: bool,
}

/// What is gathered.
#[derive(Default)]
struct Gathered {
    datasets: Vec<compare::Dataset>,
    costs: Vec<compare::Cost>,
    couples: Vec<Couple>,
    lacking: Vec<Lacking>,
    notes: Vec<String>,
    seeds: Seeds,
    base: Makings,
    head: Makings,
}

impl Question<'_> {
    /// Measures everything that both sides have; and the models that are to be timed.
    ///
    /// # Errors
    /// Nothing in common, other data, a metric that fits no dataset, or a damaged file.
    pub fn evidence(&self) -> anyhow::Result<(Evidence, Vec<Couple>)> {
        self.refuse_other_data()?;
        let (of_base, of_head) = (unfinished(self.base)?, unfinished(self.head)?);
        let is_finished = of_base.lacking.is_empty() && of_head.lacking.is_empty();
        let Pairing { datasets, lacking, notes } = pairing::pair(self.base, self.head, &of_head.rows);
        let mut found = Gathered { lacking: [of_base.lacking, of_head.lacking, lacking].concat(), notes, ..Gathered::default() };
        // Trials that failed may be all that there would be in common.
        if datasets.is_empty() && is_finished {
            return Err(self.nothing_in_common());
        }
        let costs = (Costs::of(self.base)?, Costs::of(self.head)?);
        let progress = progress::methods(datasets.iter().map(|on| on.matches.len()).sum(), self.quiet);
        for on in &datasets {
            let Some(dataset) = self.base.opened.results.dataset(&on.name) else { continue };
            let metric = self.metric.unwrap_or_else(|| task(dataset).primary());
            if !quantities::fits(metric, dataset) {
                found.notes.push(format!("{} has no {metric} and is not compared.", on.name));
                continue;
            }
            self.dataset(on, dataset, metric, &costs, &mut found, || progress.inc(1))?;
        }
        progress.finish_and_clear();
        if found.datasets.is_empty() && !datasets.is_empty() {
            let names: Vec<&str> = datasets.iter().map(|on| on.name.as_str()).collect();
            return Err(match self.metric {
                Some(metric) if found.seeds.notes().is_empty() => quantities::fits_nothing(metric, &names),
                _ => Failure::usage(format!("the sides have no seed in common: {}", found.seeds.notes().join(" ").trim_end_matches('.'))),
            });
        }
        let couples = std::mem::take(&mut found.couples);
        Ok((self.finish(found), couples))
    }

    fn finish(&self, found: Gathered) -> Evidence {
        let mut notes = differ::notes((self.base, &found.base), (self.head, &found.head));
        notes.extend(found.seeds.notes());
        for note in found.notes {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        Evidence {
            base: differ::described(self.base, &found.base),
            head: differ::described(self.head, &found.head),
            datasets: found.datasets,
            costs: found.costs,
            lacking: found.lacking,
            notes,
        }
    }

    fn dataset(
        &self,
        on: &OnDataset,
        dataset: &Dataset,
        metric: Metric,
        costs: &(Costs, Costs),
        found: &mut Gathered,
        mut done: impl FnMut(),
    ) -> anyhow::Result<()> {
        let suites = [self.base, self.head].map(|side| Suite::named(&side.opened.run.settings.suite));
        let [of_base, of_head] = suites;
        let (of_base, of_head) = (of_base?, of_head?);
        let (base, head) = (quantities::of_suite(&of_base, dataset)?, quantities::of_suite(&of_head, dataset)?);
        let (common, lacking, notes) = quantities::common(self.base, self.head, base, &head, dataset);
        found.lacking.extend(lacking);
        found.notes.extend(notes);
        let is_primary = metric == task(dataset).primary();
        if !is_primary {
            found.notes.push(without_samples(metric));
        }
        let title = |quantity: bench_reports::summary::Quantity| quantity.title(task(dataset)).to_string();
        let measure = Measure { dataset: &on.name, metric, is_primary, quantities: &common, title: &title };
        let names = |suite: &Suite| -> anyhow::Result<Vec<String>> {
            Ok(suite.conditions(dataset.raw_modalities())?.iter().map(|planned| planned.condition.to_string()).collect())
        };
        let conditions = (names(&of_base)?, names(&of_head)?);
        let mut rows = Vec::new();
        for matched in &on.matches {
            let (base_trials, head_trials) = (self.trials(self.base, &on.name, &matched.base), self.trials(self.head, &on.name, &matched.head));
            let row = format!("{} on {}", matched.name(), on.name);
            let seeds = found.seeds.common(&row, base_trials.keys().copied(), head_trials.keys().copied());
            done();
            if seeds.is_empty() {
                found.lacking.push(self.head.lacks(format!("{row}: no seed of the base")));
                continue;
            }
            let (base_trials, head_trials) = (of_seeds(&base_trials, &seeds), of_seeds(&head_trials, &seeds));
            base_trials.iter().for_each(|finished| found.base.add(&finished.trial.spec));
            head_trials.iter().for_each(|finished| found.head.add(&finished.trial.spec));
            found.notes.extend(other_recipe(matched, &on.name, &base_trials, &head_trials));
            let exact = |side: &Side, trials: &[&Finished], suite: &Suite| side.opened.results.exact(&side.opened.folder, trials, dataset, suite);
            let (base, head) = (exact(self.base, &base_trials, &of_base)?, exact(self.head, &head_trials, &of_head)?);
            let base = Measured { side: self.base, trials: &base, suite: &conditions.0 };
            let head = Measured { side: self.head, trials: &head, suite: &conditions.1 };
            let (new, lacking) = measure.rows(matched, &base, &head);
            rows.extend(new);
            found.lacking.extend(lacking);
            if self.latency {
                match Couple::of(&on.name, matched, (self.base, &base_trials), (self.head, &head_trials)) {
                    Some(couple) => found.couples.push(couple),
                    None => found.notes.push(format!("{row}: no seed has weights.safetensors on both sides, so nothing of it is timed.")),
                }
            }
            let (base, head) = (base_trials.first().context("a row without trials")?, head_trials.first().context("a row without trials")?);
            let (new, notes) = costs::costs(&on.name, matched, (&base.trial, &costs.0), (&head.trial, &costs.1));
            found.costs.extend(new);
            found.notes.extend(notes);
        }
        if !rows.is_empty() {
            found.datasets.push(compare::Dataset {
                name: on.name.clone(),
                n_test: dataset.indices(Split::Test).len(),
                groups: dataset.groups().map(|groups| groups.name.clone()).zip(test_groups(dataset)),
                metric: metric.title().into(),
                higher_is_better: metric.higher_is_better(),
                range: quantities::range(metric, dataset),
                rows,
            });
        }
        Ok(())
    }

    /// A row's trials by seed.
    fn trials<'a>(&self, side: &'a Side, dataset: &str, row: &super::side::RowName) -> BTreeMap<u64, &'a Finished> {
        let trials = side.rows.get(dataset).and_then(|rows| rows.get(row)).into_iter().flatten();
        trials.filter_map(|(seed, at)| Some((*seed, side.trial(*at)?))).collect()
    }

    /// Differences on other samples would say nothing.
    fn refuse_other_data(&self) -> anyhow::Result<()> {
        let names: BTreeSet<&String> = self.base.opened.run.datasets.keys().chain(self.base.rows.keys()).collect();
        for name in names.into_iter().filter(|name| self.base.wants_dataset(name)) {
            refuse_versions(name, self.base.version(name), self.head.version(name))?;
        }
        for side in [self.base, self.head] {
            if let Some(name) = side.changed().into_iter().find(|name| side.wants_dataset(name)) {
                return Err(Failure::usage(format!(
                    "{name} is not the data that {} was made with, whose trials can no longer be paired with its samples; --data names the folder that has it",
                    side.name
                )));
            }
        }
        Ok(())
    }

    /// Why there is nothing to compare.
    fn nothing_in_common(&self) -> anyhow::Error {
        let names = |side: &Side| -> BTreeSet<String> {
            side.rows.iter().flat_map(|(dataset, rows)| rows.keys().map(move |row| format!("{} on {dataset}", row.label))).collect()
        };
        let list = |side: &Side| {
            let names: Vec<String> = names(side).into_iter().collect();
            let shown = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            match names.len() {
                0 => side.notes.first().map_or_else(|| "no finished trial".into(), |note| format!("no finished trial ({note})")),
                1..=5 => shown,
                more => format!("{shown} and {} more", more - 5),
            }
        };
        Failure::usage(format!("the sides have no method and dataset in common: BASE has {}; HEAD has {}", list(self.base), list(self.head)))
    }
}

/// The trials of these seeds, in their order.
fn of_seeds<'a>(trials: &BTreeMap<u64, &'a Finished>, seeds: &[u64]) -> Vec<&'a Finished> {
    seeds.iter().filter_map(|seed| trials.get(seed).copied()).collect()
}

/// Refuses a dataset whose content is not the same in both runs.
fn refuse_versions(name: &str, base: Option<&str>, head: Option<&str>) -> anyhow::Result<()> {
    match (base, head) {
        (Some(base), Some(head)) if base != head => {
            let short = |hash: &str| hash.chars().take(12).collect::<String>();
            Err(Failure::usage(format!(
                "{name} is not the same data in both runs: its content hash begins with {} in BASE and with {} in HEAD; compare runs on the same data",
                short(base),
                short(head)
            )))
        }
        _ => Ok(()),
    }
}

/// Settings that no label says: what a change of a card's defaults comes to.
fn other_recipe(matched: &Match, dataset: &str, base: &[&Finished], head: &[&Finished]) -> Option<String> {
    let (base, head) = (base.first()?, head.first()?);
    let differs = base.trial.spec.recipe != head.trial.spec.recipe || base.trial.spec.options != head.trial.spec.options;
    (differs && matched.base == matched.head)
        .then(|| format!("{} on {dataset} was not trained with the same recipe or options on both sides.", matched.base_name))
}

fn without_samples(metric: Metric) -> String {
    let range = if metric == Metric::NegativeLogLikelihood {
        " Its margin is in hundredths of ln C, which even odds for each of C classes score."
    } else {
        ""
    };
    format!("{} has no value of each sample: what other samples would show is not tested.{range}", metric.title())
}
