//! `bench audit --baseline`: what changed since an earlier audit.

use std::{collections::BTreeMap, path::Path};

use bench_audit::{
    report::separated,
    verdict::{Judgement, Verdict},
};
use serde::{Deserialize, Serialize};

use super::Format;
use crate::{
    exit::{Exit, Failure},
    output,
};

/// What a baseline needs to say of a claim.
#[derive(Debug, Deserialize)]
pub struct Known {
    id: String,
    paper: String,
    verdict: Verdict,
}

/// A difference from the baseline.
#[derive(Debug, Serialize)]
struct Change<'a> {
    id: &'a str,
    paper: &'a str,
    before: Option<Verdict>,
    now: Option<Verdict>,
    reason: &'a str,
}

impl Change<'_> {
    /// Every change of a verdict counts, a claim that is gone, and a new one that fails.
    fn counts(&self) -> bool {
        self.before.is_some() || self.now == Some(Verdict::Fails)
    }
}

/// Reads the JSON of an earlier audit.
///
/// # Errors
/// Where it cannot be read or is something else.
pub fn read(file: &Path) -> anyhow::Result<Vec<Known>> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("cannot read the baseline {name}: {error}")))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("the baseline {name} is not what `bench audit --format json` writes ({error}); make it anew with that command"))
    })
}

/// Prints what changed in the papers audited; the answer is no where something did.
pub fn run(judgements: &[Judgement], known: &[Known], papers: &[String], format: Format) -> anyhow::Result<Exit> {
    let mut before: BTreeMap<&str, &Known> =
        known.iter().filter(|known| papers.contains(&known.paper)).map(|known| (known.id.as_str(), known)).collect();
    let mut changes = Vec::new();
    for judgement in judgements {
        let (claim, now) = (judgement.claim, judgement.verdict);
        let before = before.remove(claim.id.as_str()).map(|known| known.verdict);
        if before != Some(now) {
            changes.push(Change { id: &claim.id, paper: &claim.paper, before, now: Some(now), reason: &judgement.reason });
        }
    }
    changes.extend(before.into_values().map(|gone| Change {
        id: &gone.id,
        paper: &gone.paper,
        before: Some(gone.verdict),
        now: None,
        reason: "the claim is no longer in the ledger",
    }));
    let word = |verdict: Option<Verdict>, none: &str| verdict.map_or_else(|| none.to_owned(), |verdict| verdict.name().to_owned());
    let rows =
        || changes.iter().map(|change| vec![change.id.to_owned(), word(change.before, "new"), word(change.now, "gone"), change.reason.to_owned()]);
    let header = ["claim", "before", "now", "reason"];
    match format {
        Format::Json => output::print_json(&changes)?,
        Format::Csv => output::print(&separated(&header, rows())?)?,
        Format::Table | Format::Md if changes.is_empty() => {
            output::print(&format!("No verdict changed: {} claims are judged as in the baseline.", judgements.len()))?;
        }
        Format::Table => output::print(&output::table(&header, rows(), &[]))?,
        Format::Md => output::print(&markdown(&header, rows()))?,
    }
    Ok(if changes.iter().any(Change::counts) { Exit::No } else { Exit::Fine })
}

fn markdown(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>().join(" | "));
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    line(&header) + &line(&vec!["---".to_owned(); header.len()]) + &rows.map(|row| line(&row)).collect::<String>()
}
