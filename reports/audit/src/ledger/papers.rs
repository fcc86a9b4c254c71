//! `papers.toml`: what is known of a paper beside its tables.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Extractor, LedgerError, Paper, TestSize, claims::one_line};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    method: Option<String>,
    title: Option<String>,
    #[serde(default)]
    test_size: Vec<TestSize>,
    #[serde(default)]
    accuracies: Vec<String>,
    batch: Option<u64>,
    #[serde(default)]
    extractor: Vec<Extractor>,
}

/// Reads `papers.toml`.
pub fn papers(file: &str, text: &str) -> Result<Vec<Paper>, LedgerError> {
    let read: BTreeMap<String, Entry> = toml::from_str(text).map_err(|error| LedgerError::malformed(file, one_line(&error, text)))?;
    read.into_iter()
        .map(|(id, entry)| {
            if let Some(size) = entry.test_size.iter().find(|size| size.n.is_empty() || size.n.contains(&0)) {
                return Err(LedgerError::malformed(
                    file,
                    format!("paper \"{id}\", dataset \"{}\": n must be a list of positive sizes", size.dataset),
                ));
            }
            if let Some(extractor) = entry.extractor.iter().find(|extractor| !(extractor.amount.is_finite() && extractor.amount > 0.0)) {
                return Err(LedgerError::malformed(file, format!("paper \"{id}\", extractor \"{}\": amount must be positive", extractor.model)));
            }
            Ok(Paper {
                id,
                method: entry.method,
                title: entry.title,
                test_sizes: entry.test_size,
                accuracies: entry.accuracies,
                extractors: entry.extractor,
                batch: entry.batch,
            })
        })
        .collect()
}
