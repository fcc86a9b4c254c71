//! Which measured cells may be ranked against each other: those whose trials had the same tuning budget.

use std::collections::{BTreeMap, BTreeSet};

use bench_reports::budget::Budget;

use crate::table::Trial;

/// The split that chose the checkpoint of a method that is not trained: nothing was chosen for it, so it has no budget.
const UNTRAINED: &str = "none";

/// Why cells with these trials are not ranked against each other; `None` where they are. A trial that is not among `known` has a budget of which nothing is
/// known.
pub(crate) fn refusal<'a>(cells: impl IntoIterator<Item = &'a [String]>, known: &BTreeMap<String, Trial>) -> Option<String> {
    let of = |key: &String| match known.get(key) {
        Some(trial) if trial.selected_on == UNTRAINED => None,
        Some(trial) => Some(Budget::of(&trial.preset)),
        None => Some(Budget::Other("not recorded".into())),
    };
    let mut budgets: Vec<BTreeSet<Budget>> = Vec::new();
    for keys in cells {
        let own: BTreeSet<Budget> = keys.iter().filter_map(of).collect();
        if !own.is_empty() && !budgets.contains(&own) {
            budgets.push(own);
        }
    }
    if matches!(budgets.as_slice(), [] | [_]) && budgets.iter().all(|budgets| budgets.len() == 1) {
        return None;
    }
    let words = |budgets: &BTreeSet<Budget>| budgets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" with ");
    Some(format!("other tuning budget: {}", budgets.iter().map(words).collect::<Vec<_>>().join(" against ")))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A trial of that preset.
    pub(crate) fn trial(preset: &str, selected_on: &str) -> Trial {
        Trial {
            label: String::new(),
            dataset: String::new(),
            dataset_hash: String::new(),
            seed: 1,
            preset: preset.into(),
            protocol: 1,
            revision: 1,
            selected_on: selected_on.into(),
        }
    }

    #[test]
    fn cells_are_ranked_within_one_budget() {
        let known: BTreeMap<String, Trial> = [
            ("paper", trial("paper", "validation")),
            ("harness", trial("harness", "validation")),
            ("tuned", trial("tuned(20)", "validation")),
            ("more", trial("tuned(40)", "validation")),
            ("prior", trial("tuned(20)", "none")),
        ]
        .into_iter()
        .map(|(key, trial)| (key.to_owned(), trial))
        .collect();
        let keys = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        let refused = |own: &[&str], other: &[&str]| refusal([keys(own).as_slice(), keys(other).as_slice()], &known);
        assert_eq!((refused(&["paper"], &["harness"]), refused(&["tuned"], &["tuned"]), refused(&["prior"], &["paper"])), (None, None, None));
        // What has no trial, such as a size, has no budget.
        assert_eq!((refused(&[], &["tuned"]), refused(&["lost"], &["gone"])), (None, None));
        assert_eq!(refused(&["tuned"], &["paper"]).as_deref(), Some("other tuning budget: tuned, 20 settings against untuned"));
        assert_eq!(refused(&["tuned"], &["more"]).as_deref(), Some("other tuning budget: tuned, 20 settings against tuned, 40 settings"));
        assert!(refused(&["lost"], &["paper"]).is_some());
        // Computed from both: of no single budget, so not ranked against either.
        assert_eq!(refused(&["paper", "tuned"], &["paper", "tuned"]).as_deref(), Some("other tuning budget: untuned with tuned, 20 settings"));
    }
}
