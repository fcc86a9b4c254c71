//! What the trials of a run folder say to the cells of tables.

use std::{collections::BTreeMap, sync::Arc};

use bench_card::{Card, Value};
use bench_corruptions::Condition;
use bench_datasets::{Dataset, Split, Task};
use bench_reports::{metrics::Metric, statistics};
use bench_store::{Scores, TrainedTrial, folder::TrialFolder, protocol::Description};
use bench_tables::{
    fill::{Answer, Found},
    request::Request,
    spec::{Measure, Of},
    table,
};

use super::{Wish, numbers::Number, numbers::number};
use crate::{
    costs::{self, Costs},
    folder::{Folder, Known, RunFile},
    plan::{self, Plan},
    results::test_groups,
    settings::{Layer, Seeds, Settings, Source},
};

/// Answers to everything that was asked.
#[derive(Default)]
pub struct Answers {
    found: Vec<(Request, Answer)>,
    /// Trials behind the answers, by key.
    pub trials: BTreeMap<String, table::Trial>,
}

/// Where answers come from.
pub struct Evidence<'a> {
    /// The run folder.
    pub folder: &'a Folder,
    /// What its last run resolved to.
    pub run: &'a RunFile,
    /// The method's cards.
    pub worker: &'a Description,
}

impl Answers {
    /// What can be said without a run folder: facts of datasets.
    pub fn of_datasets(wishes: &[Wish], datasets: &BTreeMap<String, Dataset>) -> Self {
        let found = wishes.iter().map(|wish| (wish.request.clone(), of_dataset(&wish.request, datasets).unwrap_or_else(not_run)));
        Self { found: found.collect(), trials: BTreeMap::new() }
    }

    /// What the trials of a folder say.
    ///
    /// # Errors
    /// A damaged file.
    pub fn read(wishes: &[Wish], datasets: BTreeMap<String, Dataset>, from: &Evidence<'_>) -> anyhow::Result<Self> {
        let mut answers = Self::of_datasets(wishes, &datasets);
        let facts: BTreeMap<String, Facts> = datasets.iter().map(|(name, dataset)| (name.clone(), Facts::of(dataset))).collect();
        let keys = keys(wishes, datasets.into_values().collect(), from)?;
        let costs = Costs::read(from.folder)?;
        let mut reader = Reader { from, costs, known: BTreeMap::new(), trials: BTreeMap::new() };
        for ((wish, keys), (_, answer)) in wishes.iter().zip(keys).zip(&mut answers.found) {
            if matches!(wish.request.measure, Measure::Of(_)) {
                continue;
            }
            *answer = match (&wish.wanted, keys) {
                (Err(reason), _) => Answer::Absent(reason.clone()),
                (_, Some(Err(reason))) => Answer::Absent(reason),
                (Ok(None), _) | (_, None) => of_card(&wish.request, &from.worker.methods),
                (Ok(Some(_)), Some(Ok(keys))) => reader.answer(&wish.request, &keys, facts.get(&wish.request.dataset))?,
            };
        }
        answers.trials = reader.trials;
        Ok(answers)
    }

    /// The answer to a question that was asked.
    pub fn of(&self, request: &Request) -> Answer {
        self.found.iter().find(|(known, _)| known == request).map_or_else(not_run, |(_, answer)| answer.clone())
    }
}

fn not_run() -> Answer {
    Answer::Absent("not run yet".into())
}

/// Facts of a dataset that trials on it share.
struct Facts {
    modalities: Vec<bench_datasets::Modality>,
    groups: Option<Arc<Vec<u32>>>,
    /// Training samples.
    train: usize,
}

impl Facts {
    fn of(dataset: &Dataset) -> Self {
        Self { modalities: dataset.raw_modalities().to_vec(), groups: test_groups(dataset).map(Arc::new), train: dataset.indices(Split::Train).len() }
    }
}

/// Seed and key of every trial that a wish is about; `None` where it is about none.
fn keys(wishes: &[Wish], datasets: Vec<Dataset>, from: &Evidence<'_>) -> anyhow::Result<Vec<Option<plan::Answer>>> {
    let settings = &from.run.settings;
    let layer = Layer {
        seeds: Some(Seeds::List(settings.seeds.clone())),
        epochs: Some(settings.epochs),
        patience: Some(settings.patience),
        presets: settings.presets.clone(),
        ..Layer::default()
    };
    let resolved = Settings::resolve(vec![(Source::File, layer)], false)?;
    let wanted: Vec<_> = wishes.iter().filter_map(|wish| wish.wanted.as_ref().ok()?.clone()).collect();
    // The trials were trained with the run's libtorch, whatever is here now.
    let worker = Description { libtorch: from.run.libtorch.clone(), ..from.worker.clone() };
    let device = settings.device.split(':').next().unwrap_or_default();
    let (_, found) = Plan::of_wanted(&wanted, &resolved, datasets, from.folder, &worker, device)?;
    let mut found = found.into_iter();
    Ok(wishes.iter().map(|wish| if matches!(wish.wanted, Ok(Some(_))) { found.next() } else { None }).collect())
}

fn of_dataset(request: &Request, datasets: &BTreeMap<String, Dataset>) -> Option<Answer> {
    let Measure::Of(of) = &request.measure else { return None };
    let dataset = datasets.get(&request.dataset)?;
    let count = match (of, dataset.task()) {
        (Of::Train, _) => dataset.indices(Split::Train).len(),
        (Of::Validation, _) => dataset.indices(Split::Validation).len(),
        (Of::Test, _) => dataset.indices(Split::Test).len(),
        (Of::Modalities, _) => dataset.modalities().len(),
        (Of::Classes, Task::Classification { classes }) => classes.len(),
        (Of::Classes, Task::Regression { .. }) => return Some(Answer::Absent("values, no classes".into())),
    };
    Some(constant(count as f64))
}

fn of_card(request: &Request, cards: &[Card]) -> Answer {
    let Some((method, card)) = request.method.as_ref().and_then(|method| Some((method, cards.iter().find(|card| card.id == method.method)?))) else {
        return Answer::Absent("no such method".into());
    };
    match &request.measure {
        Measure::Batch => constant(card.recipe_of(method).batch as f64),
        Measure::Option(name) => match card.resolve(method).ok().and_then(|resolved| resolved.get(name).cloned()) {
            Some(Value::Number(value)) => constant(value),
            Some(Value::Flag(value)) => Answer::Absent(value.to_string()),
            Some(Value::Name(value)) => Answer::Absent(value),
            None => Answer::Absent(format!("{} has no option {name}", card.id)),
        },
        _ => not_run(),
    }
}

fn constant(value: f64) -> Answer {
    Answer::Found(Found { constant: Some(value), ..Found::default() })
}

/// Reads trials; a file of scores once a quantity.
struct Reader<'a> {
    from: &'a Evidence<'a>,
    costs: Costs,
    known: BTreeMap<(String, String, Measure), Result<Arc<Number>, String>>,
    trials: BTreeMap<String, table::Trial>,
}

impl Reader<'_> {
    fn answer(&mut self, request: &Request, keys: &[(u64, String)], facts: Option<&Facts>) -> anyhow::Result<Answer> {
        let mut found = Found { groups: facts.and_then(|facts| facts.groups.clone()), ..Found::default() };
        let mut reason = None;
        let mut keys = keys.to_vec();
        keys.sort();
        if keys.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Ok(Answer::Absent("several models; name one, such as unimodal/audio".into()));
        }
        for (seed, key) in keys {
            let files = self.from.folder.trial(&key);
            let Some(trial) = files.read()? else { continue };
            match self.value(request, &key, &files, &trial, facts)? {
                Err(why) => reason = Some(why),
                Ok(number) => {
                    found.per_seed.push((seed, number.value));
                    found.samples.extend(number.samples.clone().map(|samples| (seed, samples)));
                    self.trials.insert(key.clone(), described(&trial));
                    found.trials.push(key);
                }
            }
        }
        if found.per_seed.is_empty() {
            return Ok(reason.map_or_else(not_run, Answer::Absent));
        }
        Ok(settle(&request.measure, found))
    }

    fn value(
        &mut self,
        request: &Request,
        key: &str,
        files: &TrialFolder,
        trial: &TrainedTrial,
        facts: Option<&Facts>,
    ) -> anyhow::Result<Result<Number, String>> {
        let plain = |value: f64| -> Result<Number, String> { Ok(Number { value, samples: None }) };
        Ok(match &request.measure {
            Measure::Parameters => plain(trial.outcome.parameters as f64),
            Measure::Diagnostic(name) => {
                let all = files.read_diagnostics()?;
                let value = all.iter().find(|line| same_diagnostic(&line.name, name)).and_then(|line| line.value);
                value.map_or_else(|| Err("no such diagnostic of this variant".into()), plain)
            }
            Measure::Cost(cost) => {
                let training = facts.map(|facts| costs::training(trial, facts.train));
                // One seed of a method is profiled for all.
                self.costs.value(self.costs.profiled(&trial.spec).unwrap_or(key), *cost, training).and_then(plain)
            }
            measure => self.weighted(measure, &request.conditions, key, files, facts)?,
        })
    }

    /// The weighted mean over the conditions.
    fn weighted(
        &mut self,
        measure: &Measure,
        conditions: &[(String, f64)],
        key: &str,
        files: &TrialFolder,
        facts: Option<&Facts>,
    ) -> anyhow::Result<Result<Number, String>> {
        let mut total = 0.0;
        let mut samples = Some(Vec::new());
        for (text, weight) in conditions {
            let condition = match facts.map(|facts| Condition::parse(text, &facts.modalities)) {
                Some(Ok(condition)) => condition,
                Some(Err(error)) => return Ok(Err(format!("n/a ({})", error.reason))),
                None => return Ok(Err("its dataset is not here".into())),
            };
            let number = match self.number(measure, &condition, key, files)? {
                Ok(number) => number,
                Err(reason) => return Ok(Err(reason)),
            };
            total += weight * number.value;
            samples = samples.zip(number.samples.as_ref()).map(|(sum, own)| add(sum, own, *weight));
        }
        Ok(Ok(Number { value: total, samples }))
    }

    fn number(&mut self, measure: &Measure, condition: &Condition, key: &str, files: &TrialFolder) -> anyhow::Result<Result<Arc<Number>, String>> {
        let measure = match measure {
            Measure::RelativeDeviation(metric) => Measure::Metric(*metric),
            other => other.clone(),
        };
        let place = (key.to_owned(), condition.hash(), measure);
        if let Some(known) = self.known.get(&place) {
            return Ok(known.clone());
        }
        let path = files.scores(&place.1);
        let read = if path.is_file() {
            number(&place.2, &Scores::read(&path)?).map(Arc::new)
        } else {
            Err(Known::read(files)?
                .unavailable
                .get(&condition.to_string())
                .map_or_else(|| "not evaluated yet".into(), |reason| format!("n/a ({reason})")))
        };
        self.known.insert(place, read.clone());
        Ok(read)
    }
}

/// `sum + weight * own`, of nothing yet or of as many samples.
fn add(sum: Vec<f64>, own: &[f64], weight: f64) -> Vec<f64> {
    if sum.is_empty() { own.iter().map(|own| weight * own).collect() } else { sum.iter().zip(own).map(|(sum, own)| sum + weight * own).collect() }
}

/// What the numbers of all seeds come to.
fn settle(measure: &Measure, found: Found) -> Answer {
    let values: Vec<f64> = found.per_seed.iter().map(|(_, value)| *value).collect();
    match measure {
        Measure::RelativeDeviation(_) => match statistics::sample_standard_deviation(&values) {
            Some(deviation) => {
                Answer::Found(Found { constant: Some(deviation / statistics::mean(&values)), per_seed: Vec::new(), samples: Vec::new(), ..found })
            }
            None => Answer::Absent("one seed has no spread".into()),
        },
        // It does not depend on the seed.
        Measure::Parameters | Measure::Cost(_) if values.windows(2).all(|pair| pair[0] == pair[1]) => {
            Answer::Found(Found { constant: values.first().copied(), per_seed: Vec::new(), samples: Vec::new(), ..found })
        }
        Measure::Metric(Metric::Accuracy | Metric::MeanAbsoluteError) => Answer::Found(found),
        _ => Answer::Found(Found { samples: Vec::new(), ..found }),
    }
}

/// The names of two modalities may stand in either order.
fn same_diagnostic(own: &str, asked: &str) -> bool {
    let turned = |name: &str| {
        let (head, rest) = name.split_once("between ")?;
        let (left, right) = rest.split_once(" and ")?;
        Some(format!("{head}between {right} and {left}"))
    };
    own == asked || turned(asked).is_some_and(|turned| own == turned)
}

fn described(trial: &TrainedTrial) -> table::Trial {
    let TrainedTrial { spec, label, outcome, .. } = trial;
    table::Trial {
        label: label.clone(),
        dataset: spec.dataset.clone(),
        dataset_hash: spec.dataset_hash.clone(),
        seed: spec.seed,
        preset: spec.preset.clone(),
        protocol: spec.protocol,
        revision: spec.revision,
        selected_on: outcome.selected_on.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modalities_of_a_distance_stand_in_either_order() {
        assert!(same_diagnostic("W1 between audio and text", "W1 between text and audio"));
        assert!(same_diagnostic("W1 between audio and text", "W1 between audio and text"));
        assert!(!same_diagnostic("W1 between audio and text, mean over coordinates", "W1 between text and audio"));
    }

    /// By hand: 0.5, 0.7: mean 0.6, sd 0.1414, over the mean 0.2357.
    #[test]
    fn a_relative_deviation_is_one_number_of_all_seeds() {
        let found = || Found { per_seed: vec![(1, 0.5), (2, 0.7)], ..Found::default() };
        let Answer::Found(one) = settle(&Measure::RelativeDeviation(Metric::Accuracy), found()) else { panic!() };
        assert!((one.constant.unwrap() - 0.235_702_26).abs() < 1e-8 && one.per_seed.is_empty());
        let Answer::Found(other) = settle(&Measure::Metric(Metric::MacroF1), found()) else { panic!() };
        assert_eq!(other.per_seed.len(), 2);
    }
}
