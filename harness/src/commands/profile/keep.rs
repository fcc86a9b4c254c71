//! `--keep`: what the papers' tables say of a model's cost, kept in the run folder.

use std::collections::BTreeSet;

use bench_datasets::Split;
use bench_reports::cost::{Table, Training};
use bench_tables::spec::Cost;
use serde::Serialize;

use super::{
    arguments::{Arguments, ProfileFormat},
    trained::{OnDataset, on_datasets},
};
use crate::{
    commands::{report::Opened, run::device},
    costs::{self, Around, Costs, Measured, Missing, TrialToProfile},
    exit::Exit,
    interrupt::Interrupt,
    output, search,
    settings::Device,
    workers::WorkerProgram,
};

/// A number, or why there is none.
#[derive(Debug, Serialize)]
struct Row {
    dataset: String,
    method: String,
    cost: String,
    value: Option<f64>,
    unit: &'static str,
    reason: Option<String>,
    /// The trial that was profiled.
    trial: String,
}

/// A method on a dataset: the trial to profile, and how long each seed was trained.
struct Model {
    trial: TrialToProfile,
    trainings: Vec<Training>,
}

/// Measures what is not stored of the run's methods, the first seed of each, and prints all of it. Needs no worker where all is stored.
///
/// # Errors
/// A method or dataset that the run has no finished trial of, trials without weights, or a worker that does not start.
pub fn keep(opened: &Opened, arguments: &Arguments, wanted: Device) -> anyhow::Result<Exit> {
    let folder = &opened.folder;
    let _lock = folder.lock()?;
    let models = models(opened, arguments)?;
    let trials: Vec<TrialToProfile> = models.iter().map(|model| model.trial.clone()).collect();
    let missing = costs::missing(folder, &trials, &BTreeSet::from(costs::ALL))?;
    let measured = if missing.is_empty() { Measured::default() } else { measure(opened, arguments, wanted, &missing)? };
    if !measured.failed.is_empty() {
        output::tell("bench: this could not be measured:");
        measured.failed.iter().for_each(|failure| output::tell(&format!("  {failure}")));
    }
    if measured.interrupted {
        output::tell("bench: interrupted; what was measured is kept, and the same command goes on");
        return Ok(Exit::Interrupted);
    }
    print(rows(&Costs::read(folder)?, &models), arguments.format)?;
    Ok(if measured.failed.is_empty() { Exit::Fine } else { Exit::Trial })
}

fn measure(opened: &Opened, arguments: &Arguments, wanted: Device, missing: &Missing) -> anyhow::Result<Measured> {
    let settings = &opened.run.settings;
    let worker = WorkerProgram::find()?;
    let probe = (arguments.device.is_some() && wanted != Device::Cpu).then(|| worker.probe()).transpose()?;
    let device = if arguments.device.is_some() { device(wanted, probe.as_ref())? } else { settings.device.clone() };
    let data = search::folders(&arguments.data.iter().chain(&settings.data).cloned().collect::<Vec<_>>());
    let (description, interrupt) = (worker.describe()?, Interrupt::listen()?);
    let around = Around { worker: &worker, description: &description, interrupt: &interrupt, device: &device, data: &data, quiet: arguments.quiet };
    costs::measure(&opened.folder, missing, &around)
}

fn models(opened: &Opened, arguments: &Arguments) -> anyhow::Result<Vec<Model>> {
    let mut found = Vec::new();
    for OnDataset { dataset, methods, .. } in on_datasets(opened, arguments)?.0 {
        let samples = dataset.indices(Split::Train).len();
        for method in methods {
            let Some(first) = method.trials.first() else { continue };
            let (key, spec, label) = (first.key.clone(), first.trial.spec.clone(), method.label.to_string());
            let trial = TrialToProfile { folder: opened.folder.trial(&key).root().to_path_buf(), key, spec, label };
            found.push(Model { trial, trainings: method.trials.iter().map(|finished| costs::training(&finished.trial, samples)).collect() });
        }
    }
    Ok(found)
}

fn rows(costs: &Costs, models: &[Model]) -> Vec<Row> {
    let row = |model: &Model, cost: Cost| {
        let trial = costs.profiled(&model.trial.spec).unwrap_or(&model.trial.key);
        // Only the hours of training differ between seeds.
        let values: Result<Vec<f64>, String> = model.trainings.iter().map(|training| costs.value(trial, cost, Some(*training))).collect();
        let value = values.map(|values| values.iter().sum::<f64>() / values.len() as f64);
        Row {
            dataset: model.trial.spec.dataset.clone(),
            method: model.trial.label.clone(),
            cost: cost.to_string(),
            value: value.as_ref().ok().copied(),
            unit: costs::unit(cost),
            reason: value.err(),
            trial: trial.into(),
        }
    };
    models.iter().flat_map(|model| costs::ALL.map(|cost| row(model, cost))).collect()
}

fn print(rows: Vec<Row>, format: ProfileFormat) -> anyhow::Result<()> {
    let value = |row: &Row| row.value.map_or_else(|| row.reason.clone().unwrap_or_default(), four_digits);
    let heads = ["dataset", "method", "cost", "value", "unit"];
    let cells = |row: &Row| vec![row.dataset.clone(), row.method.clone(), row.cost.clone(), value(row), row.unit.into()];
    match format {
        ProfileFormat::Table => output::print(&output::table(&heads, rows.iter().map(cells), &[3])),
        ProfileFormat::Md => {
            let table = Table {
                title: "Cost in the papers' units, of a batch of 64".into(),
                heads: heads.map(String::from).to_vec(),
                rows: rows.iter().map(cells).collect(),
                notes: vec!["Hours of training are the mean over seeds.".into()],
            };
            output::print(&table.markdown())
        }
        ProfileFormat::Csv => {
            let line = |row: &Row| {
                let text = |text: &str| if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into() };
                let value = row.value.map_or_else(String::new, |value| value.to_string());
                let reason = row.reason.as_deref().unwrap_or_default();
                [text(&row.dataset), text(&row.method), row.cost.clone(), value, row.unit.into(), text(reason), row.trial.clone()].join(",") + "\n"
            };
            output::print(
                &std::iter::once("dataset,method,cost,value,unit,reason,trial\n".to_string()).chain(rows.iter().map(line)).collect::<String>(),
            )
        }
        ProfileFormat::Json => output::print_json(&serde_json::json!({ "format": 1, "costs": rows })),
    }
}

/// Four significant digits: a step may take microseconds, and extractors teraflops.
fn four_digits(value: f64) -> String {
    let places = if value == 0.0 { 0.0 } else { (3.0 - value.abs().log10().floor()).clamp(0.0, 15.0) };
    format!("{value:.*}", places as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        assert_eq!([0.0, 6067.4019, 0.013_565_9, 1.505e-7, 94.8].map(four_digits), ["0", "6067", "0.01357", "0.0000001505", "94.80"]);
    }
}
