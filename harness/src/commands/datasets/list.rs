//! `bench datasets list`.

use std::path::PathBuf;

use bench_datasets::{Dataset, DatasetRef, Split, Task};

use super::show::{json, shape};
use crate::{commands::format::ListFormat, exit::Exit, output};

/// Lists the datasets in these folders. One that cannot be opened is told and left out.
pub fn run(folders: &[PathBuf], format: ListFormat) -> anyhow::Result<Exit> {
    let names = Dataset::available(folders)?;
    let (mut opened, mut exit) = (Vec::new(), Exit::Fine);
    for name in &names {
        match Dataset::open(&DatasetRef::whole(name), folders) {
            Ok(dataset) => opened.push(dataset),
            // It must not hide the others.
            Err(error) => {
                output::tell(&format!("bench: dataset {name} is left out: {error}"));
                exit = Exit::Usage;
            }
        }
    }
    match format {
        ListFormat::Json => output::print_json(&opened.iter().map(json).collect::<Vec<_>>())?,
        ListFormat::Table => {
            let header = ["name", "train", "validation", "test", "modalities", "task", "groups", "licence"];
            output::print(&output::table(&header, opened.iter().map(row), &[1, 2, 3]))?;
        }
    }
    Ok(exit)
}

fn row(dataset: &Dataset) -> Vec<String> {
    let modalities: Vec<String> = dataset.modalities().iter().map(|modality| format!("{} {}", modality.name, shape(&modality.kind))).collect();
    let mut row = vec![dataset.reference().to_string()];
    row.extend(Split::ALL.map(|split| dataset.indices(split).len().to_string()));
    row.extend([
        modalities.join(", "),
        match dataset.task() {
            Task::Classification { classes } => format!("{} classes", classes.len()),
            Task::Regression { low, high, .. } => format!("value in [{low}, {high}]"),
        },
        dataset.groups().map_or_else(|| "–".into(), |groups| format!("{} {}", groups.names.len(), groups.name)),
        dataset.provenance().licence.clone(),
    ]);
    row
}
