//! `bench datasets show`.

use std::fmt::Write;

use bench_datasets::{Dataset, Kind, Labels, Split, Task};
use serde_json::{Value, json};

use crate::{commands::format::ListFormat, exit::Exit, output, search};

/// Prints all there is to know.
pub fn run(dataset: &Dataset, format: ListFormat) -> anyhow::Result<Exit> {
    match format {
        ListFormat::Json => output::print_json(&json(dataset))?,
        ListFormat::Table => output::print(&show(dataset))?,
    }
    Ok(Exit::Fine)
}

/// `image [3, 24, 24]`.
pub fn shape(kind: &Kind) -> String {
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

/// A dataset for programs.
pub fn json(dataset: &Dataset) -> Value {
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
