//! What stands under a table: how to read it, and what looks wrong in it.

use std::collections::BTreeMap;

use super::{
    ALPHA, Family, MethodRow, Modality, Quantity,
    grid::Grid,
    quantity::{conditions, patterns},
};

/// Groups of a test split under which generalisation over groups cannot be judged.
const FEWEST_GROUPS: usize = 10;

/// How to read the tables of a dataset.
pub(super) fn notes(grid: &Grid<'_>, rows: &[MethodRow], family: Option<&Family>) -> Vec<String> {
    let mut notes = vec![seeds(grid), selection(grid)];
    notes.extend(rows.first().zip(family).map(|(reference, family)| tests(reference, family)));
    notes.extend(
        [("Noise mean", Quantity::Noise), ("Words mean", Quantity::Words), ("Attack mean", Quantity::Attack)]
            .into_iter()
            .filter_map(|(column, quantity)| units(grid, column, &conditions(grid, quantity))),
    );
    notes.extend(missing(grid, rows));
    notes.extend(groups(grid));
    notes
}

/// What a reader should look at before believing the tables.
pub(super) fn warnings(grid: &Grid<'_>, rows: &[MethodRow], reference: Option<&str>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let (Some(asked), Some(row)) = (reference, grid.rows.first())
        && !row.is_named(asked)
    {
        warnings.push(format!("There are no records of the reference {asked} here; {} stands in.", row.label));
    }
    if grid.selected_on.contains(&"test") {
        warnings.push("Some checkpoints were selected on the test split: their values are optimistic and prove nothing.".into());
    }
    warnings.extend(lacking_seeds(grid, rows));
    warnings.extend(rows.iter().filter_map(|row| lacking_values(grid, row)));
    warnings.extend(identical(grid));
    warnings.extend(rows.iter().filter(|row| !row.label.starts_with("prior")).filter_map(|row| suspicious(grid, row)));
    warnings
}

fn seeds(grid: &Grid<'_>) -> String {
    match grid.seeds().as_slice() {
        [seed] => format!("One seed ({seed}): no spread and no test; differences between methods may be the seed's."),
        seeds => format!("Mean ± sample standard deviation (ddof 1) over seeds {}.", list(seeds.iter())),
    }
}

fn selection(grid: &Grid<'_>) -> String {
    format!("Checkpoints selected on: {}.", list(grid.selected_on.iter().map(|split| if split.is_empty() { "not recorded" } else { split })))
}

fn tests(reference: &MethodRow, family: &Family) -> String {
    let size = family.size();
    let family_text = format!(
        "Paired t-tests against {}, Bonferroni over {} × {} = {}.",
        reference.label,
        count(family.quantities.len(), "quantity", "quantities"),
        count(family.methods, "method", "methods"),
        count(size, "test", "tests")
    );
    let needed = match family.critical_t {
        Some(t) => format!(
            "With {} seeds, adjusted p < {ALPHA} needs |t({})| > {t:.2}: a mean difference over {:.2} times its own standard deviation.",
            family.seeds,
            family.seeds - 1,
            t / (family.seeds as f64).sqrt()
        ),
        None => "This design cannot reach significance: no method shares two seeds with the reference.".into(),
    };
    format!("{family_text} {needed} A test over seeds speaks about this test set only, so it names no winner: the samples have to agree as well.")
}

/// Which modalities and units a column averages.
fn units(grid: &Grid<'_>, column: &str, conditions: &[usize]) -> Option<String> {
    let mut parts: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    for &at in conditions {
        let touched = touched(grid.conditions[at].name, &grid.info.modalities);
        *parts.entry(touched).or_default() += 1;
    }
    let modality = |&at: &usize| format!("{} ({})", grid.info.modalities[at].name, grid.info.modalities[at].unit);
    let part = |(touched, number): (&Vec<usize>, &usize)| {
        let on = if touched.is_empty() { "other".into() } else { touched.iter().map(modality).collect::<Vec<_>>().join(" with ") };
        format!("{number} on {on}")
    };
    let mut units: Vec<&str> = parts.keys().flatten().map(|&at| grid.info.modalities[at].unit.as_str()).collect();
    units.sort_unstable();
    units.dedup();
    let mixed = if units.len() > 1 { "; the levels have different units, so compare methods by it, not datasets" } else { "" };
    (!parts.is_empty()).then(|| format!("{column}: mean over conditions, {}{mixed}.", list(parts.iter().map(part))))
}

/// Modalities named in a condition: whole names only, so that `image` is not found in `image2`.
fn touched(condition: &str, modalities: &[Modality]) -> Vec<usize> {
    let arguments = condition.split_once('(').map_or("", |(_, arguments)| arguments);
    let words: Vec<&str> = arguments.split(|c: char| !(c.is_alphanumeric() || "_-".contains(c))).collect();
    (0..modalities.len()).filter(|&at| words.contains(&modalities[at].name.as_str())).collect()
}

fn missing(grid: &Grid<'_>, rows: &[MethodRow]) -> Vec<String> {
    let run = grid.group("missing").len();
    if run == 0 {
        return Vec::new();
    }
    let Some(patterns) = patterns(grid) else {
        let modalities = grid.info.modalities.len();
        return vec![format!(
            "No missing macro: it is the mean over all 2^{modalities} − 1 patterns, of which {} were run.",
            run + grid.group("clean").len()
        )];
    };
    let mut worst: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Some(pattern) = &row.worst_pattern {
            worst.entry(pattern).or_default().push(&row.label);
        }
    }
    let mut notes = vec![format!("Missing macro: mean over all {} patterns of available modalities, the full one included.", patterns.len())];
    if !worst.is_empty() {
        let parts = worst.into_iter().map(|(pattern, labels)| format!("{pattern} for {}", list(labels.iter())));
        notes.push(format!("Missing worst: {}.", parts.collect::<Vec<_>>().join("; ")));
    }
    notes
}

fn groups(grid: &Grid<'_>) -> Option<String> {
    let (name, number) = grid.info.groups.as_ref()?;
    Some(if *number < FEWEST_GROUPS {
        format!("The test split has {number} groups ({name}), under {FEWEST_GROUPS}: generalisation over groups cannot be judged.")
    } else {
        format!("The test split has {number} groups ({name}).")
    })
}

fn lacking_seeds(grid: &Grid<'_>, rows: &[MethodRow]) -> Option<String> {
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
fn lacking_values(grid: &Grid<'_>, row: &MethodRow) -> Option<String> {
    let partial = Quantity::ALL.into_iter().filter_map(|quantity| {
        let seeds = row.cell(quantity).estimate()?.per_seed.len();
        (seeds < row.seeds.len()).then(|| format!("{} from {seeds}", quantity.title(grid.info.task)))
    });
    let partial: Vec<String> = partial.collect();
    (!partial.is_empty()).then(|| format!("{} has {} seeds, but not all values for each: {}.", row.label, row.seeds.len(), partial.join(", ")))
}

/// Methods with the same value in every seed and condition: most likely the same predictions.
fn identical(grid: &Grid<'_>) -> Vec<String> {
    let mut by_values: BTreeMap<Vec<(u64, usize, u64)>, Vec<&str>> = BTreeMap::new();
    for row in &grid.rows {
        let mut values = Vec::new();
        for (&seed, slots) in &row.seeds {
            let cells = slots.iter().enumerate().filter_map(|(at, slot)| Some((seed, at, slot.primary?.value?.to_bits())));
            values.extend(cells);
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

fn suspicious(grid: &Grid<'_>, row: &MethodRow) -> Option<String> {
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
    let same = clean.per_seed.len() > 2 && clean.per_seed.windows(2).all(|pair| pair[0].1 == pair[1].1);
    same.then(|| format!("{} has the same clean {} in all {} seeds: does the seed reach it?", row.label, metric.title(), clean.per_seed.len()))
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn list(items: impl Iterator<Item = impl ToString>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_touches_the_modalities_that_it_names_whole() {
        let modality = |name: &str| Modality { name: name.into(), kind: String::new(), unit: String::new() };
        let modalities = ["image", "image-2", "noise"].map(modality);
        assert_eq!(touched("noise(image,0.18)", &modalities), [0]);
        assert_eq!(touched("fgsm(image-2:0.1,noise:0.05)", &modalities), [1, 2]);
        assert!(touched("clean", &modalities).is_empty());
    }
}
