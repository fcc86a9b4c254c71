//! Which trials of a folder may stand in one table.

use std::collections::{BTreeMap, BTreeSet};

use super::Finished;
use crate::folder::RunFile;

/// The trials that were trained as the last run's settings say, one for each cell of a table, and what was left out. Trials in `selected` come first
/// where two claim a cell, then the newest revision.
pub fn comparable<'a>(trials: &'a [Finished], run: &RunFile, selected: &BTreeSet<String>) -> (Vec<&'a Finished>, Vec<String>) {
    let mut cells: BTreeMap<(&str, &str, &str, u64), &Finished> = BTreeMap::new();
    let mut others = 0usize;
    let mut older = 0usize;
    for finished in trials {
        let spec = &finished.trial.spec;
        let device = run.settings.device.split(':').next().unwrap_or_default();
        if (spec.epochs, spec.patience, spec.device.as_str(), spec.libtorch.as_str())
            != (run.settings.epochs, run.settings.patience, device, run.libtorch.as_str())
        {
            others += 1;
            continue;
        }
        let rank = |other: &Finished| (selected.contains(&other.key), other.trial.spec.protocol, other.trial.spec.revision, other.key.clone());
        let cell = (spec.dataset.as_str(), finished.trial.label.as_str(), spec.preset.as_str(), spec.seed);
        let kept = cells.entry(cell).or_insert(finished);
        if kept.key != finished.key {
            older += 1;
            if rank(finished) > rank(kept) {
                *kept = finished;
            }
        }
    }
    let mut notes = Vec::new();
    if others > 0 {
        notes.push(format!(
            "{others} {} with other epochs, patience, device or libtorch {} in records.csv and left out of the tables.",
            if others == 1 { "trial" } else { "trials" },
            if others == 1 { "is" } else { "are" }
        ));
    }
    if older > 0 {
        notes.push(format!("{older} older or differently set trial(s) of the same name and seed are in records.csv and left out of the tables."));
    }
    (cells.into_values().collect(), notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{finished, run_file};

    #[test]
    fn trials_of_other_settings_stay_out_of_the_tables_and_are_counted() {
        let mut short = finished("a", "raml", 42);
        short.trial.spec.epochs = 1;
        let trials = [short, finished("b", "raml", 42), finished("c", "concat", 42)];
        let (kept, notes) = comparable(&trials, &run_file(), &BTreeSet::new());
        assert_eq!(kept.iter().map(|trial| trial.key.as_str()).collect::<Vec<_>>(), ["c", "b"]);
        assert_eq!(notes.len(), 1);
        assert!(notes[0].starts_with("1 trial with other epochs"));
    }

    #[test]
    fn of_two_revisions_the_newer_is_shown_unless_the_command_asked_for_the_other() {
        let mut newer = finished("a", "raml", 42);
        newer.trial.spec.revision += 1;
        let trials = [newer, finished("b", "raml", 42)];
        assert_eq!(comparable(&trials, &run_file(), &BTreeSet::new()).0[0].key, "a");
        assert_eq!(comparable(&trials, &run_file(), &BTreeSet::from(["b".to_string()])).0[0].key, "b");
    }
}
