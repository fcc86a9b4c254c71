//! Trainings that try settings, and what validation said of each.

use std::collections::BTreeMap;

use bench_datasets::Dataset;
use bench_store::{
    StoreError, TrainedTrial,
    protocol::{DIVERGED, Job},
};
use clap::ArgMatches;

use super::Arguments;
use crate::{
    commands::{
        dry_run,
        execute::execute,
        run::{Ready, ready_with},
    },
    exit::{Exit, Failure},
    folder::Folder,
    interrupt::Interrupt,
    output,
    plan::{Plan, State, Try, Tunable},
    search,
    workers::{Outcome, Pool},
};

/// What came of a try.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// The trial's key.
    pub key: String,
    /// What was trained, or why its training diverged.
    pub trained: Result<TrainedTrial, String>,
}

impl Tried {
    /// The validation score of the chosen checkpoint.
    pub fn score(&self) -> Result<f64, String> {
        let trained = self.trained.as_ref().map_err(Clone::clone)?;
        trained.outcome.selected_value.ok_or_else(|| "it has no validation score".into())
    }
}

/// What `bench tune` starts from.
pub struct Opened {
    pub ready: Ready,
    pub datasets: Vec<Dataset>,
    pub folder: Folder,
    /// The methods on each dataset. What cannot be trained there has been told.
    pub subjects: Vec<Tunable>,
}

/// Resolves settings for `methods`, opens datasets and folder, and tells which methods cannot be trained on which dataset.
///
/// # Errors
/// Settings that do not fit, a dataset that cannot be opened, or a folder of another format.
pub fn open(arguments: &Arguments, matches: &ArgMatches, methods: Vec<String>) -> anyhow::Result<Opened> {
    let ready = ready_with(arguments.settings(matches, methods)?)?;
    let folders = search::folders(&ready.settings.data);
    let datasets = ready.settings.datasets.iter().map(|reference| search::open(reference, &folders)).collect::<anyhow::Result<Vec<_>>>()?;
    let folder = Folder::new_or_known(&ready.settings.out)?;
    let (subjects, refused) = Tunable::all(&ready.settings, &datasets, &ready.description)?;
    for refused in &refused {
        output::tell(&format!("bench: not available: {} on {} ({})", refused.method, refused.dataset, refused.reason));
    }
    Ok(Opened { ready, datasets, folder, subjects })
}

/// What came of tries in their order, with the datasets back; or the exit code of trainings that failed or were interrupted.
pub type Trained = Result<(Vec<Tried>, Vec<Dataset>), Exit>;

/// Prints `text` and how many trainings there would be, and times them; writes nothing.
///
/// # Errors
/// A damaged file or a setting that a method does not take.
pub fn estimate(text: &str, tries: Vec<Try<'_>>, on: (&Ready, Vec<Dataset>), folder: &Folder, interrupt: &Interrupt) -> anyhow::Result<Exit> {
    let (ready, datasets) = on;
    let kind = ready.device.split(':').next().unwrap_or_default();
    // All settings of a method take about as long: with one name, one is timed.
    let tries: Vec<Try<'_>> = tries.into_iter().map(|one| Try { name: "a setting".into(), ..one }).collect();
    let (plan, _) = Plan::of_tries(&tries, &ready.settings, datasets, &ready.description, kind)?;
    let state = |key: &str| Ok(State { trained: folder.trial(key).read()?.is_some(), missing: Vec::new() });
    let states = plan.trials.iter().map(|trial| state(&trial.key)).collect::<anyhow::Result<Vec<_>>>()?;
    let done = states.iter().filter(|state| state.trained).count();
    output::print(&format!("{text}\n{}, {done} of them done, into {}\n", dry_run::plural(plan.trials.len(), "training"), folder.root().display()))?;
    let pool = Pool { program: &ready.worker, jobs: ready.jobs, interrupt };
    dry_run::estimate(&plan, &states, &ready.settings, &ready.device, folder, &pool)
}

/// Where settings are tried.
pub struct Bench<'a> {
    pub ready: &'a Ready,
    pub folder: &'a Folder,
    pub interrupt: &'a Interrupt,
    pub quiet: bool,
}

impl Bench<'_> {
    /// Trains what is not trained yet. What came of each try, in their order, and the datasets back; or the exit code where that cannot be said, which has been
    /// told.
    ///
    /// # Errors
    /// A damaged file or a setting that a method does not take.
    pub fn train(&self, tries: &[Try<'_>], datasets: Vec<Dataset>) -> anyhow::Result<Trained> {
        let Ready { settings, worker, description, device, jobs } = self.ready;
        let kind = device.split(':').next().unwrap_or_default();
        let (plan, keys) = Plan::of_tries(tries, settings, datasets, description, kind)?;
        let mut found: BTreeMap<&str, Result<TrainedTrial, String>> = BTreeMap::new();
        let mut open: Vec<usize> = Vec::new();
        for (at, trial) in plan.trials.iter().enumerate() {
            match self.folder.trial(&trial.key).read()? {
                Some(trained) => drop(found.insert(&trial.key, Ok(trained))),
                None => open.push(at),
            }
        }
        let todo: Vec<Job> = open.iter().map(|&at| plan.job(&plan.trials[at], Vec::new(), settings, device, self.folder)).collect();
        let pool = Pool { program: worker, jobs: *jobs, interrupt: self.interrupt };
        let execution = execute(&pool, &todo, self.quiet, plan.trials.len());
        let (mut wrong, mut usage) = (Vec::new(), true);
        for (&at, outcome) in open.iter().zip(&execution.outcomes) {
            let trial = &plan.trials[at];
            if let Outcome::Failed { usage: own, message } = outcome {
                if message.starts_with(DIVERGED) {
                    found.insert(&trial.key, Err(message.clone()));
                    continue;
                }
                wrong.push(format!("{} {} seed {}: {message}", trial.spec.dataset, trial.label, trial.spec.seed));
                usage &= own;
            } else if let Some(trained) = self.folder.trial(&trial.key).read()? {
                found.insert(&trial.key, Ok(trained));
            }
        }
        self.drop_weights(&plan)?;
        if execution.interrupted {
            output::tell("bench: interrupted; what is trained is kept, the same command goes on where this stopped");
            return Ok(Err(Exit::Interrupted));
        }
        if !wrong.is_empty() {
            output::tell(&format!(
                "bench: {} of {} trainings failed, so nothing can be chosen; the same command tries them again:",
                wrong.len(),
                todo.len()
            ));
            wrong.iter().for_each(|line| output::tell(&format!("  {line}")));
            return Ok(Err(if usage { Exit::Usage } else { Exit::Trial }));
        }
        let tried = |key: String| {
            let trained = found.get(key.as_str()).cloned().ok_or_else(|| Failure::internal(format!("trial {key} came to nothing")))?;
            Ok(Tried { key, trained })
        };
        let all = keys.into_iter().map(tried).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Ok((all, plan.datasets.into_iter().map(|planned| planned.dataset).collect())))
    }

    /// Weights of settings that were tried are needed by nobody, and are most of the space.
    fn drop_weights(&self, plan: &Plan) -> anyhow::Result<()> {
        for trial in &plan.trials {
            let folder = self.folder.trial(&trial.key);
            let weights = folder.weights();
            if weights.is_file() && folder.read()?.is_some() {
                std::fs::remove_file(&weights).map_err(StoreError::io("remove", &weights))?;
            }
        }
        Ok(())
    }
}
