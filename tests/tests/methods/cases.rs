//! Every method with every setting on every toy problem, and how it is built and trained as in the harness.

use std::sync::{Mutex, PoisonError};

use bench_card::{Card, OptionCard, Options, Recipe, TaskKind, Value};
use bench_methods::{
    Batch, BuildContext, Inputs, Method, MethodError, Optimisers, Step,
    registry::{self, Entry, METHODS},
};
use tch::{Device, Kind, Tensor};

use crate::toy::{self, Problem};

/// libtorch has one generator a process and tests run side by side, so whoever trains holds it.
static GENERATOR: Mutex<()> = Mutex::new(());

/// Numbers of modalities on which variants and options are tried; defaults are tried on all problems. Four hold every kind of modality, two the smallest case.
const MOST_SETTINGS: [usize; 2] = [2, 4];

/// Settings that a method refuses, which its own tests see to.
const REFUSED: [&str; 1] = ["cp-sl?gm=false"];

const TEXT_OPTION: &str = "?text-encoder=";

/// A method with resolved options on a problem.
pub struct Case {
    /// As on the command line: `raml?sigma=softplus`, `unimodal/text`.
    pub reference: String,
    pub card: Card,
    pub options: Options,
    pub modality: Option<usize>,
    pub problem: Problem,
    entry: Entry,
}

/// All cases that the cards allow.
pub fn all() -> Vec<Case> {
    // libtorch's thread count belongs to the calling thread, and bits depend on it.
    tch::set_num_threads(1);
    toy::problems().iter().flat_map(|problem| METHODS.into_iter().flat_map(move |entry| of(entry, problem))).collect()
}

/// Cases of one method on one problem.
fn of(entry: Entry, problem: &Problem) -> Vec<Case> {
    let card = (entry.card)();
    let task = if problem.regression() { TaskKind::Regression } else { TaskKind::Classification };
    if card.refuses(task, problem.arity()).is_some() {
        return Vec::new();
    }
    let modalities: Vec<Option<usize>> = if card.capabilities.per_modality { (0..problem.arity()).map(Some).collect() } else { vec![None] };
    let case = |(reference, options): &(String, Options), modality: Option<usize>| {
        let (method, query) = reference.split_at(reference.find('?').unwrap_or(reference.len()));
        let reference = modality.map_or_else(|| reference.clone(), |modality| format!("{method}/{}{query}", problem.modalities[modality].name));
        let card = trained_as(&card, method);
        Case { reference, card, options: options.clone(), modality, problem: problem.clone(), entry }
    };
    let settings = settings(&card);
    let pairs = settings.iter().flat_map(|setting| modalities.iter().map(move |&modality| (setting, modality)));
    pairs
        .filter(|((reference, _), modality)| !reference.contains(TEXT_OPTION) || reads_text(problem, *modality))
        .filter(|((reference, _), _)| *reference == card.id || MOST_SETTINGS.contains(&problem.arity()))
        .map(|(setting, modality)| case(setting, modality))
        .collect()
}

/// Whether the model (of one modality, or of all) reads words: the text encoder is of no consequence elsewhere.
fn reads_text(problem: &Problem, own: Option<usize>) -> bool {
    let mut seen = problem.modalities.iter().enumerate().filter(|(at, _)| own.is_none_or(|own| own == *at));
    seen.any(|(_, modality)| !modality.kind.is_continuous())
}

/// Defaults, variants, and every single option at each other choice; settings that resolve alike stand once, under the first name.
fn settings(card: &Card) -> Vec<(String, Options)> {
    let variants = card.variants.iter().map(|variant| format!("{}/{}", card.id, variant.name));
    let choices = card.options.iter().flat_map(|option| others(option).into_iter().map(|value| format!("{}?{}={value}", card.id, option.name)));
    let mut settings: Vec<(String, Options)> = Vec::new();
    let mut recipes: Vec<Recipe> = Vec::new();
    for reference in [card.id.clone()].into_iter().chain(variants).chain(choices) {
        let parsed = reference.parse().unwrap();
        let (options, recipe) = (card.resolve(&parsed).unwrap(), card.recipe_of(&parsed));
        let seen = settings.iter().zip(&recipes).any(|((_, seen), trained)| *seen == options && trained == recipe);
        if !seen && !REFUSED.contains(&reference.as_str()) {
            settings.push((reference, options));
            recipes.push(recipe.clone());
        }
    }
    settings
}

/// The card with the recipe that the reference is trained with.
fn trained_as(card: &Card, reference: &str) -> Card {
    Card { recipe: card.recipe_of(&reference.parse().unwrap()).clone(), ..card.clone() }
}

/// What else a switch or choice can be; numbers stay at their default.
fn others(option: &OptionCard) -> Vec<Value> {
    match &option.default {
        Value::Flag(flag) => vec![Value::Flag(!flag)],
        Value::Number(_) => Vec::new(),
        Value::Name(default) => option.choices.iter().filter(|choice| *choice != default).map(|choice| choice.as_str().into()).collect(),
    }
}

/// A model of a given reference on a problem, for tests of one method.
pub fn named(reference: &str, problem: &Problem) -> Case {
    tch::set_num_threads(1);
    let parsed: bench_card::MethodRef = reference.parse().unwrap();
    let entry = registry::find(&parsed.method).unwrap();
    let card = (entry.card)();
    let options = card.resolve(&parsed).unwrap();
    let card = trained_as(&card, reference);
    Case { reference: reference.into(), card, options, modality: None, problem: problem.clone(), entry }
}

/// Seeds libtorch's generator and runs `work` while nobody else draws from it.
pub fn seeded<T>(seed: i64, work: impl FnOnce() -> T) -> T {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    tch::manual_seed(seed);
    work()
}

impl Case {
    /// The case in a failure's message.
    pub fn name(&self) -> String {
        format!("{} on {} ({})", self.reference, self.modalities().join("+"), self.task())
    }

    /// `classification` or `regression`.
    pub fn task(&self) -> &'static str {
        if self.problem.regression() { "regression" } else { "classification" }
    }

    fn modalities(&self) -> Vec<&str> {
        self.problem.modalities.iter().map(|modality| modality.name.as_str()).collect()
    }

    /// Builds the untrained model with other options than the case's.
    pub fn build_with(&self, seed: u64, options: &Options) -> Result<Box<dyn Method>, MethodError> {
        let Problem { modalities, task } = &self.problem;
        (self.entry.build)(&BuildContext { modalities, task, options, seed, modality: self.modality, pivot: self.pivot(), device: Device::Cpu })
    }

    /// The modality with the special part: the words, else the last.
    fn pivot(&self) -> Option<usize> {
        let words = self.problem.modalities.iter().position(|modality| !modality.kind.is_continuous());
        self.card.capabilities.pivot.then(|| words.unwrap_or(self.problem.arity() - 1))
    }

    /// The untrained model.
    pub fn build(&self, seed: u64) -> Box<dyn Method> {
        self.build_with(seed, &self.options).unwrap_or_else(|error| panic!("{}: {error}", self.name()))
    }

    /// A model after `steps` steps on the toy batch.
    pub fn trained(&self, seed: u64, steps: usize) -> Box<dyn Method> {
        let mut method = self.build(seed);
        self.train(method.as_mut(), &self.problem.batch(), steps);
        method
    }

    /// A model as good as trained for properties of predictions, without the time: prepared, and every parameter moved, zeros too.
    pub fn prepared(&self, seed: u64) -> Box<dyn Method> {
        let mut method = self.build(seed);
        self.train(method.as_mut(), &self.problem.batch(), 0);
        for group in method.groups() {
            for mut parameter in group.variables.variables().into_values() {
                let wave = (Tensor::arange(parameter.numel() as i64, (Kind::Float, Device::Cpu)) * 1.7).sin().view_as(&parameter);
                tch::no_grad(|| parameter.copy_(&(&parameter + wave * 0.02)));
            }
        }
        method
    }

    /// Prepares and trains as the harness does, one batch an epoch; the objective before each step.
    pub fn train(&self, method: &mut dyn Method, batch: &Batch, steps: usize) -> Vec<f64> {
        seeded(1, || toy::viewed(batch, |train| method.prepare(train)));
        self.train_prepared(method, batch, steps)
    }

    /// [`Self::train`] without the preparation.
    pub fn train_prepared(&self, method: &mut dyn Method, batch: &Batch, steps: usize) -> Vec<f64> {
        seeded(1, || {
            if !self.card.capabilities.trained {
                return Vec::new();
            }
            let mut optimisers = Optimisers::new(method, &self.card.recipe).unwrap();
            let mut one_step = |epoch| {
                toy::viewed(batch, |train| method.begin_epoch(epoch, train));
                let step = Step { epoch, epochs: steps, step: 0, steps: 1 };
                optimisers.begin_step(&step);
                method.train_step(batch, &step, &mut optimisers).total().double_value(&[])
            };
            (0..steps).map(&mut one_step).collect()
        })
    }
}

/// A prediction without gradients.
pub fn predict(method: &dyn Method, inputs: &Inputs) -> Tensor {
    tch::no_grad(|| method.predict(inputs).tensor().shallow_clone())
}

/// The bits of a tensor's numbers, so that NaN equals itself and −0 differs from 0.
pub fn bits(tensor: &Tensor) -> Vec<u32> {
    assert_eq!(tensor.kind(), Kind::Float);
    Vec::<f32>::try_from(tensor.detach().contiguous().view(-1)).unwrap().into_iter().map(f32::to_bits).collect()
}

/// Largest difference, NaN if there is one.
pub fn distance(left: &Tensor, right: &Tensor) -> f64 {
    (left - right).abs().max().double_value(&[])
}

/// Every parameter and every state tensor by name, sorted.
pub fn contents(method: &dyn Method) -> Vec<(String, Vec<u32>)> {
    let parameters = method.groups().into_iter().flat_map(|group| {
        group.variables.variables().into_iter().map(move |(name, tensor)| (format!("{}/{name}", group.name), bits(&tensor))).collect::<Vec<_>>()
    });
    let mut contents: Vec<_> = parameters.collect();
    contents.extend(method.state().into_iter().filter(|(_, tensor)| tensor.kind() == Kind::Float).map(|(name, tensor)| (name, bits(&tensor))));
    contents.sort();
    contents
}
