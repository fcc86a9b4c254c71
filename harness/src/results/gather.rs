/*!
One pass over a folder's trials, a method at a time: the tables of records are written and the summaries gathered on the way, so that memory does not
grow with what a trial's records take.
*/

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use bench_corruptions::{Condition, Suite};
use bench_datasets::Dataset;
use bench_reports::{
    Record,
    summary::{Collector, DatasetSummary, Summary, TrialEvidence, check_reference},
};

use indicatif::ProgressBar;

use super::{
    Finished, Results, describe,
    measure::{self, Measurable},
    table::{Tables, csv_of},
};
use crate::{
    folder::{Folder, Known, RunFile},
    progress,
};

/// Seeds of a method that are held at a time. Fixed, because the row groups of `records.parquet` follow it.
const SEEDS_AT_ONCE: usize = 10;

/// A row of a table: method and preset.
type Row = (String, String);

/// The trials and the refused seeds of a row.
#[derive(Default)]
struct Group<'a> {
    trials: Vec<&'a Finished>,
    refused: BTreeMap<u64, TrialEvidence>,
}

/// The rows of each dataset.
type Groups<'a> = BTreeMap<&'a str, BTreeMap<Row, Group<'a>>>;

/// A row's trials with what they measured; refused seeds have no key.
type Measured = Vec<(Option<String>, TrialEvidence)>;

/// What is gathered in a pass.
pub struct Pass<'a> {
    pub results: &'a Results,
    pub folder: &'a Folder,
    pub run: &'a RunFile,
    /// One summary each: of the trials with these keys.
    pub views: &'a [BTreeSet<String>],
}

/// Where records go.
struct Sink<'a> {
    tables: Option<Tables>,
    /// Of the first view, where they are wanted.
    csv: Option<&'a mut Vec<u8>>,
}

impl Pass<'_> {
    /// Writes the tables of records and gives the summary of each view; the first view's records go to `csv` as well.
    ///
    /// # Errors
    /// A damaged file, the file system's refusal, or a reference that no trial has.
    pub fn write(&self, csv: Option<&mut Vec<u8>>) -> anyhow::Result<Vec<Summary>> {
        let suite = self.suite()?;
        let groups = self.all_groups(&suite)?;
        let mut sink = Sink { tables: Some(Tables::create(self.folder.root())?), csv };
        let summaries = self.go(&groups, &suite, &mut sink)?;
        if let Some(tables) = sink.tables {
            tables.finish()?;
        }
        Ok(summaries)
    }

    /// The summary of each view; writes nothing.
    ///
    /// # Errors
    /// A damaged file, or a reference that no trial has.
    pub fn read(&self) -> anyhow::Result<Vec<Summary>> {
        let suite = self.suite()?;
        self.go(&self.all_groups(&suite)?, &suite, &mut Sink { tables: None, csv: None })
    }

    fn suite(&self) -> anyhow::Result<Suite> {
        Ok(Suite::named(&self.run.settings.suite)?)
    }

    fn all_groups(&self, suite: &Suite) -> anyhow::Result<Groups<'_>> {
        let mut groups = BTreeMap::new();
        for (name, dataset) in &self.results.datasets {
            groups.insert(name.as_str(), self.groups(name, dataset, suite)?);
        }
        // A shard need not have a trial of the reference, as a dataset of a run need not; the first method then stands in.
        for view in self.views.iter().filter(|_| self.run.settings.shard.is_none()) {
            check_reference(groups.values().map(|groups| rows(groups, view)), self.run.settings.reference.as_deref())?;
        }
        Ok(groups)
    }

    fn go(&self, groups: &Groups<'_>, suite: &Suite, sink: &mut Sink<'_>) -> anyhow::Result<Vec<Summary>> {
        let progress = progress::methods(groups.values().map(BTreeMap::len).sum(), self.results.quiet);
        let mut summaries: Vec<BTreeMap<&str, DatasetSummary>> = self.views.iter().map(|_| BTreeMap::new()).collect();
        for (name, dataset) in &self.results.datasets {
            let Some(groups) = groups.get(name.as_str()) else { continue };
            let found = self.dataset(dataset, groups, suite, sink, &progress)?;
            for (summaries, found) in summaries.iter_mut().zip(found) {
                summaries.extend(found.map(|found| (name.as_str(), found)));
            }
        }
        progress.finish_and_clear();
        // In the order asked for, then what else the folder holds.
        let named = || self.run.settings.dataset.iter().map(String::as_str).chain(self.results.datasets.keys().map(String::as_str));
        let in_order = |mut found: BTreeMap<&str, DatasetSummary>| Summary { datasets: named().filter_map(|name| found.remove(name)).collect() };
        Ok(summaries.into_iter().map(in_order).collect())
    }

    fn groups(&self, name: &str, dataset: &Dataset, suite: &Suite) -> anyhow::Result<BTreeMap<Row, Group<'_>>> {
        let mut groups: BTreeMap<Row, Group<'_>> = BTreeMap::new();
        for finished in self.results.trials.iter().filter(|finished| finished.trial.spec.dataset == name) {
            let row = (finished.trial.label.clone(), finished.trial.spec.preset.clone());
            groups.entry(row).or_default().trials.push(finished);
        }
        for refused in self.run.refused.iter().filter(|refused| refused.dataset == name) {
            for record in describe::refused(refused, dataset, suite, &self.run.settings.seeds)? {
                let group = groups.entry((record.method.clone(), record.preset.clone())).or_default();
                let evidence = group.refused.entry(record.seed).or_insert_with(|| TrialEvidence { seed: record.seed, ..TrialEvidence::default() });
                evidence.records.push(record);
            }
        }
        Ok(groups)
    }

    /// One summary a view; `None` where a view has no row here.
    fn dataset(
        &self,
        dataset: &Dataset,
        groups: &BTreeMap<Row, Group<'_>>,
        suite: &Suite,
        sink: &mut Sink<'_>,
        progress: &ProgressBar,
    ) -> anyhow::Result<Vec<Option<DatasetSummary>>> {
        let keys = groups.values().flat_map(|group| &group.trials).map(|finished| finished.key.as_str());
        let conditions = conditions(self.folder, dataset, keys)?;
        let described = describe::conditions(&conditions, suite, dataset.raw_modalities())?;
        let of = Measurable { dataset, conditions: &conditions, described: &described };
        let mut info = describe::info(dataset);
        info.conditions.clone_from(&described);
        let reference = self.run.settings.reference.as_deref();
        let mut views: Vec<Option<View>> = Vec::new();
        for keys in self.views {
            let rows = rows(groups, keys);
            let collector = || Collector::new(info.clone(), &rows, reference, describe::test_groups(dataset));
            views.push((!rows.is_empty()).then(|| View::new(collector(), keys)));
        }
        for (row, group) in groups {
            // What others are compared with is needed before them. It is read again in its turn: kept, its records would grow with the seeds.
            let mut first: Vec<&mut View> = views.iter_mut().flatten().filter(|view| view.order.first() == Some(row)).collect();
            if !first.is_empty() {
                self.measured(group, &of, |measured| first.iter_mut().try_for_each(|view| view.add(0, measured)))?;
            }
        }
        for (row, group) in groups {
            self.measured(group, &of, |measured| {
                self.keep(measured, sink)?;
                for view in views.iter_mut().flatten() {
                    if let Some(at) = view.order.iter().position(|own| own == row).filter(|&at| at > 0) {
                        view.add(at, measured)?;
                    }
                }
                Ok(())
            })?;
            progress.inc(1);
        }
        Ok(views.into_iter().map(|view| view.map(|view| view.collector.finish())).collect())
    }

    /// Measures a row, some seeds at a time in ascending order, whole seeds each.
    fn measured(&self, group: &Group<'_>, of: &Measurable<'_>, mut each: impl FnMut(&Measured) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut seeds: BTreeMap<u64, Vec<&Finished>> = group.refused.keys().map(|&seed| (seed, Vec::new())).collect();
        for &finished in &group.trials {
            seeds.entry(finished.trial.spec.seed).or_default().push(finished);
        }
        let seeds: Vec<(u64, Vec<&Finished>)> = seeds.into_iter().collect();
        for some in seeds.chunks(SEEDS_AT_ONCE) {
            let trials: Vec<&Finished> = some.iter().flat_map(|(_, trials)| trials.iter().copied()).collect();
            let found = trials.iter().map(|finished| Some(finished.key.clone())).zip(measure::all(self.folder, &trials, of)?);
            let refused = some.iter().filter_map(|(seed, _)| Some((None, group.refused.get(seed)?.clone())));
            let mut measured: Measured = found.chain(refused).collect();
            measured.sort_by(|left, right| (left.1.seed, &left.0).cmp(&(right.1.seed, &right.0)));
            each(&measured)?;
        }
        Ok(())
    }

    fn keep(&self, measured: &Measured, sink: &mut Sink<'_>) -> anyhow::Result<()> {
        let mut records: Vec<&Record> = measured.iter().flat_map(|(_, evidence)| &evidence.records).collect();
        records.sort();
        if let Some(tables) = &mut sink.tables {
            tables.add(&records)?;
            for (_, evidence) in measured {
                tables.describe(evidence)?;
            }
        }
        if let (Some(bytes), Some(view)) = (&mut sink.csv, self.views.first()) {
            records.retain(|record| view.contains(&record.trial));
            let header = bytes.is_empty();
            bytes.extend(csv_of(&records, header)?);
        }
        Ok(())
    }
}

/// A summary in the making.
struct View<'a> {
    collector: Collector,
    order: Vec<Row>,
    keys: &'a BTreeSet<String>,
}

impl<'a> View<'a> {
    fn new(collector: Collector, keys: &'a BTreeSet<String>) -> Self {
        Self { order: collector.order(), collector, keys }
    }

    fn add(&mut self, at: usize, measured: &Measured) -> anyhow::Result<()> {
        let own = measured.iter().filter(|(key, _)| key.as_ref().is_none_or(|key| self.keys.contains(key)));
        Ok(self.collector.add(at, &own.map(|(_, evidence)| evidence).collect::<Vec<_>>())?)
    }
}

/// The rows that a view has of a dataset.
fn rows(groups: &BTreeMap<Row, Group<'_>>, keys: &BTreeSet<String>) -> Vec<Row> {
    let present = groups.iter().filter(|(_, group)| !group.refused.is_empty() || group.trials.iter().any(|finished| keys.contains(&finished.key)));
    present.map(|(row, _)| row.clone()).collect()
}

/// Every condition of any suite, and those that some trial was evaluated on beside them.
fn conditions<'a>(folder: &Folder, dataset: &Dataset, keys: impl Iterator<Item = &'a str>) -> anyhow::Result<Vec<Condition>> {
    let mut conditions = Vec::new();
    // A suite that does not fit a dataset has no conditions there.
    for planned in Suite::all()?.iter().filter_map(|suite| suite.conditions(dataset.raw_modalities()).ok()).flatten() {
        conditions.push(planned.condition);
    }
    let mut noted = BTreeSet::new();
    for key in keys {
        noted.extend(Known::read(&folder.trial(key))?.conditions);
    }
    for text in noted {
        conditions.push(Condition::parse(&text, dataset.raw_modalities())?);
    }
    conditions.sort();
    conditions.dedup();
    Ok(conditions)
}

/// Trials of one dataset with the bits of what they answered.
///
/// # Errors
/// A damaged file.
pub fn exact(folder: &Folder, trials: &[&Finished], dataset: &Dataset, suite: &Suite) -> anyhow::Result<Vec<measure::Exact>> {
    let conditions = conditions(folder, dataset, trials.iter().map(|finished| finished.key.as_str()))?;
    let described = describe::conditions(&conditions, suite, dataset.raw_modalities())?;
    measure::all_exact(folder, trials, &Measurable { dataset, conditions: &conditions, described: &described })
}

/// Everything measured of one trial.
///
/// # Errors
/// A damaged file.
pub fn one(folder: &Folder, finished: &Finished, dataset: &Dataset, suite: &Suite) -> anyhow::Result<TrialEvidence> {
    let conditions = conditions(folder, dataset, std::iter::once(finished.key.as_str()))?;
    let described = describe::conditions(&conditions, suite, dataset.raw_modalities())?;
    let mut found = measure::all(folder, &[finished], &Measurable { dataset, conditions: &conditions, described: &described })?;
    found.pop().context("nothing was measured")
}
