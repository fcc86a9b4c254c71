//! `bench datasets`.

mod extract;

use std::{fmt::Write, path::PathBuf};

use bench_datasets::{Dataset, DatasetRef, Kind, Labels, Split, Task};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::format::ListFormat;
use crate::{exit::Exit, output, search};

/// Arguments of `bench datasets`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Folder in which datasets are looked for first; may be given several times
    #[arg(long, env = "BENCH_DATA", value_name = "DIR", value_delimiter = ',', global = true)]
    data: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Table, global = true)]
    format: ListFormat,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the datasets that are found (as without a subcommand)
    List,
    /// Show all there is to know of one, caveats included
    Show {
        /// `NAME`, `NAME?train=N` or a folder
        #[arg(value_name = "NAME")]
        dataset: DatasetRef,
    },
    /// Make a dataset of features by frozen extractors.
    Extract(extract::Arguments),
}

/// Lists or shows.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    search::refuse_missing(&arguments.data)?;
    let folders = search::folders(&arguments.data);
    if let Some(Action::Extract(arguments)) = &arguments.action {
        return extract::run(arguments, &folders);
    }
    if let Some(Action::Show { dataset }) = &arguments.action {
        let dataset = search::open(dataset, &folders)?;
        match arguments.format {
            ListFormat::Json => output::print_json(&json(&dataset))?,
            ListFormat::Table => output::print(&show(&dataset))?,
        }
        return Ok(Exit::Fine);
    }
    let names = Dataset::available(&folders)?;
    let (mut opened, mut exit) = (Vec::new(), Exit::Fine);
    for name in &names {
        match Dataset::open(&DatasetRef::whole(name), &folders) {
            Ok(dataset) => opened.push(dataset),
            // It must not hide the others.
            Err(error) => {
                output::tell(&format!("bench: dataset {name} is left out: {error}"));
                exit = Exit::Usage;
            }
        }
    }
    match arguments.format {
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

/// `image [3, 24, 24]`.
fn shape(kind: &Kind) -> String {
    format!("{} {:?}", kind.name(), kind.shape())
}

fn show(dataset: &Dataset) -> String {
    let mut text = format!("{}: {}\n\n", dataset.reference(), dataset.title());
    // Writing to a string cannot fail.
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    match dataset.task() {
        Task::Classification { classes } => line("task", format!("one of {} classes", classes.len())),
        Task::Regression { target, low, high } => line("task", format!("regression of {target}, from {low} to {high}")),
    }
    for modality in dataset.modalities() {
        let vocabulary = match &modality.kind {
            Kind::Tokens { vocabulary, .. } => format!(", vocabulary of {}", vocabulary.len()),
            _ => String::new(),
        };
        line(
            "modality",
            format!("{}: {}{vocabulary}; noise in {}", modality.name, shape(&modality.kind), crate::results::unit(modality.kind.unit())),
        );
    }
    for (at, raw) in dataset.raw_modalities().iter().enumerate() {
        if let Some(extractor) = dataset.extractor(at) {
            let unit = crate::results::unit(raw.kind.unit());
            line("extracted", format!("{}: by {} of {}; noise in {unit}", raw.name, extractor.module, shape(&raw.kind)));
        }
    }
    if let Some(groups) = dataset.groups() {
        let counts = Split::ALL.map(|split| format!("{} {}", groups_in(dataset, split), split.name()));
        line("groups", format!("{} of {}: {}", groups.names.len(), groups.name, counts.join(", ")));
    }
    if !dataset.folds().is_empty() {
        line("folds", dataset.folds().join(", "));
    }
    let provenance = dataset.provenance();
    line("source", provenance.source.clone());
    line("licence", provenance.licence.clone());
    if let Some(file) = &provenance.licence_file {
        line("", dataset.folder().join(file).display().to_string());
    }
    line("citation", provenance.citation.clone());
    line("folder", dataset.folder().display().to_string());
    line("hash", dataset.hash().to_string());
    let (header, rows) = splits(dataset);
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let _ = write!(text, "\n{}", output::table(&header, rows, &[1, 2, 3]));
    if let Some(warning) = search::warning(dataset) {
        let _ = writeln!(text, "\nWarning: {warning}");
    }
    if !provenance.removed_words.is_empty() {
        let _ = writeln!(text, "\nWords removed because they give the class away: {}", provenance.removed_words.join(", "));
    }
    for note in &provenance.notes {
        let _ = write!(text, "\n- {note}");
    }
    text.push('\n');
    text
}

/// Samples by split, and by class for a classification.
fn splits(dataset: &Dataset) -> (Vec<String>, Vec<Vec<String>>) {
    let header = ["samples", "train", "validation", "test"].map(str::to_string).to_vec();
    let mut rows = Vec::new();
    if let (Task::Classification { classes }, Labels::Classes(labels)) = (dataset.task(), dataset.labels()) {
        for (label, class) in (0u32..).zip(classes) {
            let count = |split| dataset.indices(split).iter().filter(|&&sample| labels[sample] == label).count();
            rows.push([vec![class.clone()], Split::ALL.map(|split| count(split).to_string()).to_vec()].concat());
        }
    }
    rows.push([vec!["all".into()], Split::ALL.map(|split| dataset.indices(split).len().to_string()).to_vec()].concat());
    (header, rows)
}

fn groups_in(dataset: &Dataset, split: Split) -> usize {
    let Some(groups) = dataset.groups() else { return 0 };
    let mut present: Vec<u32> = dataset.indices(split).iter().map(|&sample| groups.of_sample[sample]).collect();
    present.sort_unstable();
    present.dedup();
    present.len()
}

fn json(dataset: &Dataset) -> Value {
    let (_, rows) = splits(dataset);
    let modalities: Vec<Value> = dataset
        .modalities()
        .iter()
        .map(|modality| {
            let vocabulary = match &modality.kind {
                Kind::Tokens { vocabulary, .. } => json!(vocabulary.len()),
                _ => Value::Null,
            };
            json!({ "name": modality.name, "kind": modality.kind.name(), "shape": modality.kind.shape(), "unit": modality.kind.unit(), "vocabulary": vocabulary })
        })
        .collect();
    let splits: serde_json::Map<String, Value> =
        Split::ALL.map(|split| (split.name().to_string(), json!(dataset.indices(split).len()))).into_iter().collect();
    json!({
        "name": dataset.reference(),
        "title": dataset.title(),
        "task": dataset.task(),
        "modalities": modalities,
        "splits": splits,
        "samples": rows,
        "classes_without_training": dataset.classes_without_training(),
        "groups": dataset.groups().map(|groups| json!({ "name": groups.name, "count": groups.names.len() })),
        "folds": dataset.folds(),
        "provenance": dataset.provenance(),
        "hash": dataset.hash(),
    })
}
