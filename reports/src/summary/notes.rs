//! What stands under a table: how to read it.

use std::collections::BTreeMap;

use super::{
    ALPHA, Design, Family, MethodRow, Modality, Quantity,
    grid::Grid,
    quantity::{conditions, patterns},
};

/// How to read the tables of a dataset.
pub(super) fn notes(grid: &Grid, rows: &[MethodRow], family: Option<&Family>) -> Vec<String> {
    let mut notes = vec![seeds(grid)];
    notes.extend(rows.first().zip(family).map(|(reference, family)| tests(reference, family)));
    notes.extend(
        [("Noise mean", Quantity::Noise), ("Words mean", Quantity::Words), ("Attack mean", Quantity::Attack)]
            .into_iter()
            .filter_map(|(column, quantity)| units(grid, column, &conditions(grid, quantity))),
    );
    notes.extend(missing(grid, rows));
    notes
}

fn seeds(grid: &Grid) -> String {
    match grid.seeds().as_slice() {
        [seed] => format!("One seed ({seed}): no spread and no test; differences between methods may be the seed's."),
        seeds => format!("Mean ± sample standard deviation (ddof 1) over seeds {}.", list(seeds.iter())),
    }
}

fn tests(reference: &MethodRow, family: &Family) -> String {
    let size = family.size();
    let family_text = format!(
        "Paired t-tests over seeds and a bootstrap over seeds and samples against {}, Bonferroni over {} × {} = {}.",
        reference.label,
        count(family.quantities.len(), "quantity", "quantities"),
        count(family.methods, "method", "methods"),
        count(size, "test", "tests")
    );
    let t = family.critical_t.unwrap_or(f64::NAN);
    let seeds = family.seeds;
    let needed = match family.design() {
        Design::Reachable(times) => {
            format!(
                "With {seeds} seeds, adjusted p < {ALPHA} needs |t({})| > {t:.2}: a mean difference over {times:.2} times its own standard deviation.",
                seeds - 1
            )
        }
        Design::Hopeless(times) => format!(
            "This design cannot reach significance in practice: with {seeds} seeds, adjusted p < {ALPHA} needs |t({})| > {t:.0}, a mean difference over \
             {times:.0} times its own standard deviation. Use more seeds.",
            seeds - 1
        ),
        Design::NoTest => "This design cannot reach significance: no method shares two seeds with the reference.".into(),
    };
    format!(
        "{family_text} {needed} The t-test speaks about other seeds on this test set; a winner (▲ ▼) is named only where the samples agree as well."
    )
}

/// Which modalities and units a column averages.
fn units(grid: &Grid, column: &str, conditions: &[usize]) -> Option<String> {
    let mut parts: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    for &at in conditions {
        let touched = touched(&grid.conditions[at].name, &grid.info.modalities);
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

fn missing(grid: &Grid, rows: &[MethodRow]) -> Vec<String> {
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

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

pub(super) fn list(items: impl Iterator<Item = impl ToString>) -> String {
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
