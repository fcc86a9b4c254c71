//! What must hold before a table is believed, checked on what was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ALPHA, Family, MethodRow, Quantity,
    grid::{Grid, Reads},
    notes::list,
    samples::{FEWEST_GROUPS, smallest_p_of_groups},
};
use crate::budget::Budget;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Holds,
    /// It holds, and limits what may be concluded.
    Limits,
    /// It does not hold: look before you believe.
    Fails,
}

/// One check in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// How it came out.
    pub status: Status,
    /// A sentence, or several.
    pub text: String,
}

/// Every check, in the order in which a reader should ask.
pub(super) fn guards(grid: &Grid, rows: &[MethodRow], family: Option<&Family>, reference: Option<&str>) -> Vec<Guard> {
    let mut guards = vec![selection(grid)];
    if let (Some(asked), Some(row)) = (reference, grid.rows.first())
        && !row.is_named(asked)
    {
        guards.push(fails(format!("There are no records of the reference {asked} here; {} stands in.", row.label)));
    }
    guards.extend(budgets(rows));
    guards.push(seeds(grid, rows));
    guards.extend(rows.iter().filter_map(|row| lacking_values(grid, row)).map(fails));
    guards.extend(repeated(grid));
    guards.extend(identical(grid).into_iter().map(fails));
    guards.extend(chance(grid, rows));
    guards.push(groups(grid, family.map_or(1, Family::size)));
    guards
}

fn guard(status: Status, text: impl Into<String>) -> Guard {
    Guard { status, text: text.into() }
}

fn fails(text: String) -> Guard {
    guard(Status::Fails, text)
}

fn selection(grid: &Grid) -> Guard {
    let splits: Vec<&str> = grid.selected_on.iter().map(String::as_str).collect();
    if splits.contains(&"test") {
        return guard(Status::Fails, "Some checkpoints were selected on the test split: their values are optimistic and prove nothing.");
    }
    match splits.as_slice() {
        [] => guard(Status::Limits, "There is no trained trial, hence no checkpoint."),
        [split] if !split.is_empty() => {
            guard(Status::Holds, format!("All numbers of a trial come from one checkpoint, which was selected on: {split}."))
        }
        splits => {
            let names = list(splits.iter().map(|split| if split.is_empty() { "not recorded" } else { split }));
            guard(Status::Limits, format!("Checkpoints were selected on: {names}."))
        }
    }
}

/// Whether all trained methods had the same tuning budget; nothing is said where none is trained.
fn budgets(rows: &[MethodRow]) -> Option<Guard> {
    let mut by_budget: Vec<(&Budget, Vec<&str>)> = Vec::new();
    for row in rows {
        let Some(budget) = &row.budget else { continue };
        match by_budget.iter_mut().find(|(known, _)| *known == budget) {
            Some((_, labels)) => labels.push(&row.label),
            None => by_budget.push((budget, vec![&row.label])),
        }
    }
    Some(match by_budget.as_slice() {
        [] => return None,
        [(Budget::Untuned, _)] => guard(Status::Holds, "No method was tuned."),
        [(Budget::Tuned(settings), _)] => {
            let each = if *settings == 1 { "1 setting" } else { &format!("{settings} settings") };
            guard(Status::Holds, format!("All methods had the same tuning budget ({each} each)."))
        }
        [(Budget::Other(preset), _)] => guard(Status::Limits, format!("How the settings of preset {preset} were chosen is not known.")),
        different => {
            let parts = different.iter().map(|(budget, labels)| format!("{budget}: {}", list(labels.iter())));
            let parts = parts.collect::<Vec<_>>().join("; ");
            let compared = match rows.first() {
                Some(reference) if reference.budget.is_some() => format!("Only those of its own budget are compared with {}", reference.label),
                reference => format!("{} is not trained, so all are compared with it", reference.map_or("", |row| row.label.as_str())),
            };
            fails(format!(
                "Methods had different tuning budgets, so they are not ranked against each other: {parts}. {compared}; `--reference` names another reference."
            ))
        }
    })
}

fn seeds(grid: &Grid, rows: &[MethodRow]) -> Guard {
    let all = grid.seeds();
    if let Some(lacking) = lacking_seeds(grid, rows) {
        return fails(lacking);
    }
    match all.as_slice() {
        [seed] => guard(Status::Limits, format!("One seed ({seed}): differences between methods may be the seed's.")),
        seeds => guard(Status::Holds, format!("Every method has all {} seeds ({}); none was left out.", seeds.len(), list(seeds.iter()))),
    }
}

/// Different seeds of a method that gave the same scores on clean data, bit for bit.
fn repeated(grid: &Grid) -> Vec<Guard> {
    let mut known = 0;
    let mut found = Vec::new();
    // The prior does not learn: its answers are the same by nature.
    for row in grid.rows.iter().filter(|row| !row.method.starts_with("prior")) {
        let mut by_print: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (&seed, cells) in &row.seeds {
            if let Some(print) = cells.fingerprint {
                by_print.entry(print).or_default().push(seed);
                known += 1;
            }
        }
        for seeds in by_print.into_values().filter(|seeds| seeds.len() > 1) {
            found.push(fails(format!(
                "{} answered identically with seeds {}: does the seed reach it? These are not independent trials.",
                row.label,
                list(seeds.iter())
            )));
        }
    }
    if found.is_empty() && known > 1 {
        found.push(guard(Status::Holds, "No two seeds of a trained method gave the same scores."));
    }
    found
}

fn chance(grid: &Grid, rows: &[MethodRow]) -> Vec<Guard> {
    let trained = || rows.iter().filter(|row| !row.label.starts_with("prior"));
    let suspicious: Vec<Guard> = trained().filter_map(|row| suspicious(grid, row)).map(fails).collect();
    let all_known = grid.info.chance.is_some() && trained().count() > 0;
    if suspicious.is_empty() && all_known {
        vec![guard(Status::Holds, "Every trained method does better than chance on clean data.")]
    } else {
        suspicious
    }
}

/// Whether so many groups can support a winner in a family of that many tests: ten groups at least, and a p-value that can pass the level.
pub fn can_judge_groups(groups: usize, family: usize) -> bool {
    groups >= FEWEST_GROUPS && smallest_p_of_groups(groups, family) * (family as f64) < ALPHA
}

fn groups(grid: &Grid, family: usize) -> Guard {
    let Some((name, number)) = &grid.info.groups else {
        return guard(Status::Limits, "The samples have no groups, so they are resampled one by one, as if they were independent.");
    };
    let head = format!("The test split has {number} groups ({name})");
    if !can_judge_groups(*number, family) {
        let why = if *number < FEWEST_GROUPS { format!("under {FEWEST_GROUPS}") } else { format!("too few for {family} tests") };
        return guard(
            Status::Limits,
            format!("{head}, {why}: generalisation over groups cannot be judged, so what holds over seeds (△ ▽) names no winner."),
        );
    }
    guard(Status::Holds, format!("{head}; the bootstrap draws whole groups, because samples of a group are alike."))
}

fn lacking_seeds(grid: &Grid, rows: &[MethodRow]) -> Option<String> {
    let all = grid.seeds();
    let lacking = rows.iter().filter_map(|row| {
        let missing: Vec<&u64> = all.iter().filter(|seed| !row.seeds.contains(seed)).collect();
        (!missing.is_empty()).then(|| format!("{} lacks {}", row.label, list(missing.into_iter())))
    });
    let lacking: Vec<String> = lacking.collect();
    (!lacking.is_empty())
        .then(|| format!("Seeds are missing: {}. Means are over different seeds; tests pair the common ones only.", lacking.join("; ")))
}

/// Quantities that some seeds of a method have and others do not, as after an interrupted evaluation.
fn lacking_values(grid: &Grid, row: &MethodRow) -> Option<String> {
    let partial = Quantity::ALL.into_iter().filter_map(|quantity| {
        let seeds = row.cell(quantity).estimate()?.per_seed.len();
        (seeds < row.seeds.len()).then(|| format!("{} from {seeds}", quantity.title(grid.info.task)))
    });
    let partial: Vec<String> = partial.collect();
    (!partial.is_empty()).then(|| format!("{} has {} seeds, but not all values for each: {}.", row.label, row.seeds.len(), partial.join(", ")))
}

/// Methods with the same value in every seed and condition: most likely the same predictions.
fn identical(grid: &Grid) -> Vec<String> {
    let mut by_values: BTreeMap<Vec<(u64, usize, u64)>, Vec<&str>> = BTreeMap::new();
    for row in &grid.rows {
        let mut values = Vec::new();
        for (&seed, cells) in &row.seeds {
            let bits = (0..grid.conditions.len()).filter_map(|at| Some((seed, at, grid.value(cells, at, Reads::Primary).ok()?.to_bits())));
            values.extend(bits);
        }
        by_values.entry(values).or_default().push(&row.label);
    }
    // A coincidence of one value is likely on a small test set; of several it is not.
    let same = by_values.into_iter().filter(|(values, labels)| labels.len() > 1 && values.len() > 3);
    same.map(|(values, labels)| {
        format!(
            "{} have the same {} in all {} trials and conditions: do they predict the same?",
            list(labels.iter()),
            grid.info.task.primary().title(),
            values.len()
        )
    })
    .collect()
}

fn suspicious(grid: &Grid, row: &MethodRow) -> Option<String> {
    let clean = row.cell(Quantity::Clean).estimate()?;
    let metric = grid.info.task.primary();
    let no_better = |chance: f64| if metric.higher_is_better() { clean.mean <= chance } else { clean.mean >= chance };
    if let Some(chance) = grid.info.chance.filter(|&chance| no_better(chance)) {
        return Some(format!(
            "{} does no better than chance on clean data ({} against {}).",
            row.label,
            metric.display(clean.mean),
            metric.display(chance)
        ));
    }
    // Where the scores themselves are known to differ, equal accuracies are chance.
    let known = grid.rows.iter().find(|own| own.label == row.label).is_some_and(|own| own.seeds.values().all(|cells| cells.fingerprint.is_some()));
    let same = !known && clean.per_seed.len() > 2 && clean.per_seed.windows(2).all(|pair| pair[0].1 == pair[1].1);
    same.then(|| format!("{} has the same clean {} in all {} seeds: does the seed reach it?", row.label, metric.title(), clean.per_seed.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: all ten groups agree with probability 1/512, and 25/512 < 0.05 < 26/512. Eleven agree with probability 1/1024; there 51 tests pass.
    /// SciPy: a million resamples of twelve groups end at p = 0.000596, hence at 83 tests.
    #[test]
    fn groups_are_judged_as_far_as_the_tests_reach() {
        assert!(!can_judge_groups(9, 1) && can_judge_groups(10, 1));
        assert!(can_judge_groups(10, 25) && !can_judge_groups(10, 26));
        assert!(can_judge_groups(11, 51) && !can_judge_groups(11, 52));
        assert!(can_judge_groups(12, 83) && !can_judge_groups(12, 84));
        assert!(can_judge_groups(18, 35) && can_judge_groups(18, 145));
    }
}
