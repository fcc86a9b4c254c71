//! How many parameters a method has on a dataset.

use std::path::PathBuf;

use bench_store::protocol::{Description, Job, Part, Request};
use serde::Serialize;

use crate::{
    exit::{Exit, Failure},
    interrupt::Interrupt,
    output,
    plan::Plan,
    search,
    settings::{Layer, Seeds, Settings, Source},
    workers::{Outcome, Pool, WorkerProgram},
};

/// A model's size on a dataset.
#[derive(Debug, Serialize)]
pub struct Size {
    dataset: String,
    method: String,
    parts: Vec<Part>,
}

/// Sizes of `method` on each of `datasets`; nothing where no dataset is given.
///
/// # Errors
/// An unknown dataset or option, or a model that cannot be built.
pub fn of(worker: &WorkerProgram, description: &Description, method: &str, datasets: &[String], data: &[PathBuf]) -> anyhow::Result<Vec<Size>> {
    if datasets.is_empty() {
        return Ok(Vec::new());
    }
    let layer = Layer {
        dataset: Some(datasets.to_vec()),
        method: Some(vec![method.into()]),
        seeds: Some(Seeds::First(1)),
        data: Some(data.to_vec()),
        ..Layer::default()
    };
    let settings = Settings::resolve(vec![(Source::Flag, layer)], false)?;
    let folders = search::folders(&settings.data);
    let opened = settings.datasets.iter().map(|reference| search::open(reference, &folders)).collect::<anyhow::Result<Vec<_>>>()?;
    let plan = Plan::of(&settings, opened, description, "cpu")?;
    for refused in &plan.refused {
        output::tell(&format!("bench: {} on {}: n/a ({})", refused.method, refused.dataset, refused.reason));
    }
    let request = |trial: &crate::plan::PlannedTrial| {
        Request::Size(Job {
            spec: trial.spec.clone(),
            label: trial.label.clone(),
            folder: PathBuf::new(),
            data: folders.clone(),
            conditions: Vec::new(),
            device: "cpu".into(),
            init: None,
            train: false,
            trusted: Vec::new(),
            cache: None,
        })
    };
    let requests: Vec<Request> = plan.trials.iter().map(request).collect();
    let outcomes = Pool { program: worker, jobs: 1, interrupt: &Interrupt::listen()? }.run(&requests, |_, _, _| {});
    let sizes = plan.trials.iter().zip(outcomes).map(|(trial, outcome)| match outcome {
        Outcome::Sized { parts } => Ok(Size { dataset: trial.spec.dataset.clone(), method: trial.label.clone(), parts }),
        Outcome::Failed { message, usage } => {
            Err(Failure { exit: if usage { Exit::Usage } else { Exit::Trial }, message: format!("{}: {message}", trial.label) }.into())
        }
        _ => Err(Failure::internal("the worker answered another question")),
    });
    sizes.collect()
}

/// One line a dataset; empty without sizes.
pub fn table(sizes: &[Size]) -> String {
    if sizes.is_empty() {
        return String::new();
    }
    let rows = sizes.iter().map(|size| {
        let name = |part: &Part| if part.group == "model" { part.name.clone() } else { format!("{}: {}", part.group, part.name) };
        let parts: Vec<String> = size.parts.iter().map(|part| format!("{} {}", name(part), part.parameters)).collect();
        vec![size.dataset.clone(), size.method.clone(), size.parts.iter().map(|part| part.parameters).sum::<u64>().to_string(), parts.join(", ")]
    });
    format!("\nParameters\n{}", output::table(&["dataset", "method", "all", "parts"], rows, &[2]))
}
