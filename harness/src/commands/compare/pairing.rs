//! Which method of the base is compared with which of the head.

use std::collections::{BTreeMap, BTreeSet};

use bench_compare::Lacking;
use bench_reports::summary::is_control;

use super::side::{RowName, Rows, Side, called};

/// A method of the base and the one of the head that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The base's.
    pub base: RowName,
    /// The head's.
    pub head: RowName,
    /// What the base's is called, with its preset where that matters.
    pub base_name: String,
    /// What the head's is called.
    pub head_name: String,
}

impl Match {
    /// `raml`, or `concat and raml`.
    pub fn name(&self) -> String {
        if self.base_name == self.head_name { self.base_name.clone() } else { format!("{} and {}", self.base_name, self.head_name) }
    }
}

/// A dataset with its matches, methods before controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDataset {
    /// E.g. `digits?train=300`.
    pub name: String,
    /// At least one.
    pub matches: Vec<Match>,
}

/// What is compared, and what cannot be.
#[derive(Debug, Default)]
pub struct Pairing {
    /// In the order of the base's run.
    pub datasets: Vec<OnDataset>,
    /// Methods that the base has and the head does not.
    pub lacking: Vec<Lacking>,
    /// Methods that the head alone has, and presets that differ.
    pub notes: Vec<String>,
}

/// Pairs methods by dataset and label, or the two methods asked for by dataset. What the head alone has is noted; what it does not have is lacking, except for
/// a method on a dataset in `unfinished` (label and dataset), of which more is known.
pub fn pair(base: &Side, head: &Side, unfinished: &BTreeSet<(String, String)>) -> Pairing {
    let none = Rows::new();
    let mut pairing = Pairing::default();
    let mut alone: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut presets: BTreeSet<String> = BTreeSet::new();
    for name in order(base, head) {
        let (of_base, of_head) = (base.rows.get(&name).unwrap_or(&none), head.rows.get(&name).unwrap_or(&none));
        let found = if base.is_method { one(of_base, of_head) } else { by_label(of_base, of_head) };
        for row in found.head_only {
            alone.entry(row).or_default().push(name.clone());
        }
        for row in found.base_only {
            if !unfinished.contains(&(row.label.clone(), name.clone())) {
                let wanted = if base.is_method { head.rows.values().flat_map(Rows::keys).next().unwrap_or(&row) } else { &row };
                pairing.lacking.push(head.lacks(absent(head, wanted, called(&row, of_base), &name, base.is_method)));
            }
        }
        let mut matches = found.matches;
        for Match { base, head, .. } in matches.iter().filter(|found| found.base.label == found.head.label && found.base.preset != found.head.preset)
        {
            presets.insert(format!("{}: {} against {}.", base.label, base.preset, head.preset));
        }
        matches.sort_by(|left, right| {
            let rank = |found: &Match| (is_control(&found.base.label), found.base_name.clone());
            rank(left).cmp(&rank(right))
        });
        if !matches.is_empty() {
            pairing.datasets.push(OnDataset { name, matches });
        }
    }
    pairing.notes.extend(presets);
    let alone = alone.into_iter().map(|(row, datasets)| format!("The head alone has {row} on {}; it is not compared.", datasets.join(", ")));
    pairing.notes.extend(alone);
    pairing
}

/// What became of a dataset's rows.
#[derive(Default)]
struct Found {
    matches: Vec<Match>,
    base_only: Vec<RowName>,
    /// As they are called.
    head_only: Vec<String>,
}

/// The only row of each side.
fn one(base: &Rows, head: &Rows) -> Found {
    match (base.keys().next(), head.keys().next()) {
        (Some(base), Some(head)) => {
            // Presets tell two of the same label apart.
            let name = |row: &RowName| if base.label == head.label && base != head { row.with_preset() } else { row.label.clone() };
            let (base_name, head_name) = (name(base), name(head));
            Found { matches: vec![Match { base: base.clone(), head: head.clone(), base_name, head_name }], ..Found::default() }
        }
        (Some(base), None) => Found { base_only: vec![base.clone()], ..Found::default() },
        (None, Some(head)) => Found { head_only: vec![head.label.clone()], ..Found::default() },
        (None, None) => Found::default(),
    }
}

/// By label; presets pair where there is one on each side, whatever they are, else by name.
fn by_label(base: &Rows, head: &Rows) -> Found {
    let mut found = Found::default();
    let labels: BTreeSet<&str> = base.keys().chain(head.keys()).map(|row| row.label.as_str()).collect();
    for label in labels {
        let of = |rows: &Rows| rows.keys().filter(|row| row.label == label).cloned().collect::<Vec<_>>();
        let (of_base, of_head) = (of(base), of(head));
        if let ([only], [other]) = (of_base.as_slice(), of_head.as_slice()) {
            let name = |row: &RowName| if only == other { label.to_string() } else { row.with_preset() };
            found.matches.push(Match { base: only.clone(), head: other.clone(), base_name: name(only), head_name: name(other) });
            continue;
        }
        for row in &of_base {
            if of_head.contains(row) {
                found.matches.push(Match { base: row.clone(), head: row.clone(), base_name: row.with_preset(), head_name: row.with_preset() });
            } else {
                found.base_only.push(row.clone());
            }
        }
        found.head_only.extend(of_head.iter().filter(|row| !of_base.contains(row)).map(|row| called(row, head)));
    }
    found
}

/// What the head does not have, in words.
fn absent(head: &Side, wanted: &RowName, name: String, dataset: &str, is_method: bool) -> String {
    let name = if is_method { wanted.label.clone() } else { name };
    match head.refusal(&wanted.label, dataset) {
        Some(reason) => format!("{name} on {dataset} is refused: {reason}"),
        None => format!("{name} on {dataset} is not trained"),
    }
}

/// All datasets, those of the base's settings first.
fn order(base: &Side, head: &Side) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let known: BTreeSet<&String> = base.rows.keys().chain(head.rows.keys()).collect();
    for name in base.opened.run.settings.dataset.iter().chain(known.iter().copied()) {
        if known.contains(name) && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(names: &[(&str, &str)]) -> Rows {
        names.iter().map(|(label, preset)| (RowName { label: (*label).into(), preset: (*preset).into() }, BTreeMap::new())).collect()
    }

    fn names(found: &Found) -> Vec<(&str, &str)> {
        found.matches.iter().map(|found| (found.base_name.as_str(), found.head_name.as_str())).collect()
    }

    #[test]
    fn one_preset_on_each_side_is_compared_whatever_it_is() {
        let found = by_label(&rows(&[("concat", "paper"), ("raml", "paper")]), &rows(&[("concat", "paper"), ("raml", "tuned(20)")]));
        assert_eq!(names(&found), [("concat", "concat"), ("raml [paper]", "raml [tuned(20)]")]);
        assert!(found.base_only.is_empty() && found.head_only.is_empty());
    }

    #[test]
    fn several_presets_pair_by_name_and_what_vanished_is_lacking() {
        let found =
            by_label(&rows(&[("late", "paper"), ("raml", "paper"), ("raml", "tuned(20)")]), &rows(&[("new", "paper"), ("raml", "tuned(20)")]));
        assert_eq!(names(&found), [("raml [tuned(20)]", "raml [tuned(20)]")]);
        assert_eq!(found.base_only.iter().map(RowName::with_preset).collect::<Vec<_>>(), ["late [paper]", "raml [paper]"]);
        assert_eq!(found.head_only, ["new"]);
    }

    #[test]
    fn two_methods_pair_whatever_they_are_called() {
        let found = one(&rows(&[("concat", "paper")]), &rows(&[("raml", "harness")]));
        assert_eq!(names(&found), [("concat", "raml")]);
        assert_eq!(names(&one(&rows(&[("raml", "paper")]), &rows(&[("raml", "tuned(20)")]))), [("raml [paper]", "raml [tuned(20)]")]);
        assert_eq!(one(&rows(&[("concat", "paper")]), &Rows::new()).base_only.len(), 1);
        assert_eq!(one(&Rows::new(), &rows(&[("raml", "paper")])).head_only, ["raml"]);
    }
}
