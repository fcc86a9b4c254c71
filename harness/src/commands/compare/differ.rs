//! What the sides were made with, and where that differs.

use std::collections::{BTreeMap, BTreeSet};

use bench_compare as compare;
use bench_store::TrialSpec;

use super::side::{Role, Side};

/// How the trials that are compared were made.
#[derive(Debug, Default)]
pub struct Makings {
    protocols: BTreeSet<u32>,
    revisions: BTreeMap<String, BTreeSet<u32>>,
    presets: BTreeSet<String>,
    seeds: BTreeSet<u64>,
}

impl Makings {
    /// Takes a trial in.
    pub fn add(&mut self, spec: &TrialSpec) {
        self.protocols.insert(spec.protocol);
        self.revisions.entry(spec.method.clone()).or_default().insert(spec.revision);
        self.presets.insert(spec.preset.clone());
        self.seeds.insert(spec.seed);
    }
}

/// The side as a report shows it.
pub fn described(side: &Side, makings: &Makings) -> compare::Side {
    let facts = facts(side, makings).into_iter().map(|(name, value)| (name.into(), value)).collect();
    compare::Side { name: side.name.clone(), facts }
}

fn facts(side: &Side, makings: &Makings) -> Vec<(&'static str, String)> {
    let run = &side.opened.run;
    let settings = &run.settings;
    vec![
        ("suite", settings.suite.clone()),
        ("seeds", list(&makings.seeds)),
        ("presets", list(&makings.presets)),
        ("epochs", settings.epochs.to_string()),
        ("patience", settings.patience.to_string()),
        ("device", settings.device.split(':').next().unwrap_or_default().to_string()),
        ("libtorch", run.libtorch.clone()),
        ("kernels", run.cpu.clone()),
        ("bench", run.bench.clone()),
        ("protocol", list(&makings.protocols)),
    ]
}

/// One sentence for each thing that the sides were not made alike with. Seeds and presets have sentences of their own.
pub fn notes(base: (&Side, &Makings), head: (&Side, &Makings)) -> Vec<String> {
    let mut notes = Vec::new();
    for ((name, base), (_, head)) in facts(base.0, base.1).into_iter().zip(facts(head.0, head.1)) {
        if base != head && !matches!(name, "seeds" | "presets") {
            notes.push(match name {
                "suite" => format!("The base was evaluated with suite {base}, the head with {head}."),
                "kernels" => format!("libtorch's kernels of the base are for {base}, those of the head for {head}: bits may differ for that alone."),
                "protocol" => format!("The base was made with revision {base} of the protocol, the head with {head}."),
                "bench" => format!("The base was made with bench {base}, the head with {head}."),
                _ => format!("The base was trained with {name} {base}, the head with {head}."),
            });
        }
    }
    for (method, revisions) in &base.1.revisions {
        if let Some(others) = head.1.revisions.get(method).filter(|others| *others != revisions) {
            notes.push(format!("The base has revision {} of {method}, the head {}.", list(revisions), list(others)));
        }
    }
    for (side, role) in [(base.0, Role::Base), (head.0, Role::Head)] {
        notes.extend(side.notes.iter().map(|note| format!("Of the {}: {}.", role.name(), note.trim_end_matches('.'))));
    }
    notes
}

/// Seeds that only some rows or one side have: one sentence for each difference, with the rows that it is of.
#[derive(Debug, Default)]
pub struct Seeds {
    different: BTreeMap<(Vec<u64>, Vec<u64>), Vec<String>>,
}

impl Seeds {
    /// Takes in the seeds of a row; those that both have.
    pub fn common(&mut self, row: &str, base: impl Iterator<Item = u64>, head: impl Iterator<Item = u64>) -> Vec<u64> {
        let (base, head): (Vec<u64>, Vec<u64>) = (base.collect(), head.collect());
        let common = base.iter().filter(|seed| head.contains(seed)).copied().collect();
        if base != head {
            self.different.entry((base, head)).or_default().push(row.into());
        }
        common
    }

    /// One sentence for each difference.
    pub fn notes(&self) -> Vec<String> {
        let note = |((base, head), rows): (&(Vec<u64>, Vec<u64>), &Vec<String>)| {
            let (common, first) = (base.iter().filter(|seed| head.contains(seed)), rows.first().map_or("", String::as_str));
            let rows = if rows.len() > 1 { format!("{first} and {} more", rows.len() - 1) } else { first.into() };
            format!("Seeds of the base are {}, of the head {}; compared are {} ({rows}).", list(base), list(head), list(common))
        };
        self.different.iter().map(note).collect()
    }
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { "none".into() } else { items.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_that_both_have_are_compared_and_the_difference_is_told_once() {
        let mut seeds = Seeds::default();
        assert_eq!(seeds.common("raml on digits", [42, 123].into_iter(), [42, 123].into_iter()), [42, 123]);
        assert!(seeds.notes().is_empty());
        assert_eq!(seeds.common("raml on digits", [42, 123, 456].into_iter(), [42, 456, 789].into_iter()), [42, 456]);
        assert_eq!(seeds.common("late on digits", [42, 123, 456].into_iter(), [42, 456, 789].into_iter()), [42, 456]);
        assert_eq!(
            seeds.notes(),
            ["Seeds of the base are 42, 123, 456, of the head 42, 456, 789; compared are 42, 456 (raml on digits and 1 more)."]
        );
    }
}
