//! Everything that was tried, as CSV: a row a setting and seed.

use std::collections::BTreeSet;

use anyhow::Context;

use super::search::Searched;
use crate::tuning::SEEDS;

const HEADER: [&str; 15] = [
    "dataset",
    "method",
    "modality",
    "setting",
    "seed",
    "metric",
    "validation",
    "selected_epoch",
    "epochs_run",
    "kept",
    "paper_training",
    "learning_rate",
    "weight_decay",
    "options",
    "note",
];

/// The log of these searches beside what a file held of others.
///
/// # Errors
/// A file that is no log.
pub fn merged(before: Option<&[u8]>, searched: &[&Searched<'_>]) -> anyhow::Result<Vec<u8>> {
    let own: BTreeSet<[&str; 3]> = searched
        .iter()
        .map(|one| [one.of.subject.dataset.as_str(), &one.of.subject.method, one.of.subject.modality.as_deref().unwrap_or_default()])
        .collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    if let Some(bytes) = before {
        let mut reader = csv::Reader::from_reader(bytes);
        for record in reader.records() {
            let row: Vec<String> = record.context("the log of an earlier tuning is damaged")?.iter().map(Into::into).collect();
            if row.len() == HEADER.len() && !own.contains(&[row[0].as_str(), &row[1], &row[2]]) {
                rows.push(row);
            }
        }
    }
    rows.extend(searched.iter().flat_map(|one| self::rows(one)));
    rows.sort_by_cached_key(|row| {
        (row[0].clone(), row[1].clone(), row[2].clone(), row[3].parse::<usize>().unwrap_or_default(), row[4].parse::<u64>().unwrap_or_default())
    });
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().context("cannot write the log of the tuning")
}

fn rows(one: &Searched<'_>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (place, candidate) in one.study.candidates.iter().enumerate() {
        for seed in SEEDS {
            let Some(tried) = one.tried.get(&(place, seed)) else { continue };
            let trained = tried.trained.as_ref();
            let outcome = trained.map(|trained| &trained.outcome).ok();
            let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
            let whole = |value: Option<usize>| value.map_or_else(String::new, |value| value.to_string());
            let options: Vec<String> = candidate.setting.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
            rows.push(vec![
                one.of.subject.dataset.clone(),
                one.of.subject.method.clone(),
                one.of.subject.modality.clone().unwrap_or_default(),
                place.to_string(),
                seed.to_string(),
                outcome.map_or_else(String::new, |outcome| outcome.selected_by.clone()),
                number(outcome.and_then(|outcome| outcome.selected_value)),
                whole(outcome.map(|outcome| outcome.selected_epoch)),
                whole(outcome.map(|outcome| outcome.epochs_run)),
                one.preset.as_ref().is_some_and(|preset| preset.place == place).to_string(),
                candidate.setting.paper_training.to_string(),
                candidate.setting.learning_rate.to_string(),
                candidate.setting.weight_decay.to_string(),
                options.join(" "),
                trained.err().cloned().unwrap_or_default(),
            ]);
        }
    }
    rows
}
