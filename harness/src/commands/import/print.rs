//! What an import came to, for people.

use std::{fmt::Write, path::Path};

use bench_datasets::{Split, Task};
use bench_import::summary::{ModalitySummary, Summary};

use crate::output;

/// Tables, then sentences, then where the folder is.
pub fn summary(summary: &Summary, out: Option<&Path>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ =
        if summary.title == summary.name { writeln!(text, "{}\n", summary.name) } else { writeln!(text, "{}: {}\n", summary.name, summary.title) };
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<9} {value}");
    };
    line(
        "task",
        match &summary.task {
            Task::Classification { classes } => format!("one of {} classes", classes.len()),
            Task::Regression { target, low, high } => format!("regression of {target}, from {low} to {high}"),
        },
    );
    line("samples", by_split(summary.samples));
    if let Some(groups) = &summary.groups {
        line("groups", format!("by {}: {}", groups.name, by_split(groups.groups)));
    }
    if !summary.folds.is_empty() {
        line("folds", summary.folds.join(", "));
    }
    let header = ["modality", "in the files", "kind", "shape", "shortest, median, longest", "vocabulary", "unknown words", "repaired", "constant"];
    let _ = write!(text, "\n{}", output::table(&header, summary.modalities.iter().map(modality), &[5, 7, 8]));
    if !summary.classes.is_empty() {
        let rows = summary.classes.iter().map(|class| {
            let mut row = vec![class.name.clone()];
            row.extend(class.samples.map(|count| count.to_string()));
            row
        });
        let _ = write!(text, "\n{}", output::table(&["class", "train", "validation", "test"], rows, &[1, 2, 3]));
    }
    for (heading, sentences) in [("Repaired", &summary.repaired), ("Assumed", &summary.assumed), ("Left out", &summary.left_out)] {
        if !sentences.is_empty() {
            let _ = writeln!(text, "\n{heading}:");
            sentences.iter().for_each(|sentence| {
                let _ = writeln!(text, "- {sentence}");
            });
        }
    }
    let size = indicatif::BinaryBytes(summary.bytes);
    let _ = match out {
        Some(out) => {
            let shards = if summary.shards > 0 { format!(" in {} shards", summary.shards) } else { String::new() };
            writeln!(text, "\nWritten to {} ({size}{shards}) and verified.", out.display())
        }
        None => writeln!(text, "\nNothing was written; it would be {size}."),
    };
    text
}

fn by_split(counts: [usize; 3]) -> String {
    let counts: Vec<String> = Split::ALL.iter().zip(counts).map(|(split, count)| format!("{count} {}", split.name())).collect();
    counts.join(", ")
}

fn modality(modality: &ModalitySummary) -> Vec<String> {
    let none = || "–".to_owned();
    let repaired = modality.repaired.negative + modality.repaired.positive + modality.repaired.nan;
    vec![
        modality.name.clone(),
        modality.theirs.clone(),
        modality.kind.to_owned(),
        format!("{:?}", modality.shape),
        modality.lengths.map_or_else(none, |lengths| format!("{}, {}, {}", lengths.shortest, lengths.median, lengths.longest)),
        modality.vocabulary.map_or_else(none, |words| words.to_string()),
        modality.unknown.map_or_else(none, |shares| shares.map(|share| format!("{:.0} %", 100.0 * share)).join(", ")),
        repaired.to_string(),
        modality.constant.to_string(),
    ]
}
