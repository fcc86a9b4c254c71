//! What was found, in words: who wins, by how much, how sure, where each breaks.

use super::format::{and, bootstrap_p, capitalised, count, equals, interval, p_value, signed};
use crate::{
    metrics::Metric,
    summary::{Cell, Comparison, DatasetSummary, Design, MethodRow, Outcome, Quantity, Test, Verdict, is_control},
};

/// One sentence or two for each method that differs from the reference, or one that says that none does.
///
/// A control that is worse is left to the table: it is there to be worse.
pub(super) fn findings(dataset: &DatasetSummary) -> Vec<String> {
    let Some((reference, family)) = dataset.rows.first().zip(dataset.family.as_ref()) else {
        return vec!["There is one method only: nothing to compare.".into()];
    };
    let mut findings = Vec::new();
    for (at, row) in dataset.rows.iter().enumerate() {
        let of = |verdict: Verdict| differences(dataset, at, verdict);
        let control = is_control(&row.method);
        findings.extend(won(row, reference, &of(Verdict::Better), "is better than"));
        findings.extend(won(row, reference, &of(Verdict::Worse), "is worse than").filter(|_| !control));
        findings.extend(seeds_only(dataset, row, reference, &of(Verdict::SeedsBetter), "ahead of"));
        findings.extend(seeds_only(dataset, row, reference, &of(Verdict::SeedsWorse), "behind").filter(|_| !control));
    }
    if findings.is_empty() && comparable(dataset) == Comparable::None {
        findings.push(format!("No fusion method was compared with {}: the tuning budget of each was another one.", reference.label));
    } else if findings.is_empty() {
        let aside = if dataset.rows.iter().any(|row| is_control(&row.method)) { "Controls aside, no" } else { "No" };
        findings.push(format!(
            "{aside} method{} can be told from {} after correction for {}.{}",
            comparable(dataset).words(),
            reference.label,
            count(family.size(), "test", "tests"),
            reach(dataset)
        ));
    }
    findings
}

/// How many of the methods that are no controls have a tuning budget that lets them be compared with the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparable {
    All,
    Some,
    None,
}

impl Comparable {
    /// Behind `method`, where not all methods are meant.
    fn words(self) -> &'static str {
        if self == Self::All { "" } else { " of the same tuning budget" }
    }
}

fn comparable(dataset: &DatasetSummary) -> Comparable {
    let Some((reference, others)) = dataset.rows.split_first() else { return Comparable::All };
    let methods = || others.iter().filter(|row| !is_control(&row.method));
    match (methods().any(|row| row.refusal(reference).is_none()), methods().any(|row| row.refusal(reference).is_some())) {
        (_, false) => Comparable::All,
        (true, true) => Comparable::Some,
        (false, true) => Comparable::None,
    }
}

/// Where there is no winner: what this design could have shown.
fn reach(dataset: &DatasetSummary) -> String {
    let Some(family) = &dataset.family else { return String::new() };
    match family.design() {
        Design::NoTest => " With fewer than two common seeds nothing can be tested.".into(),
        Design::Hopeless(_) => format!(" {} cannot reach significance here: use more.", capitalised(&count(family.seeds, "seed", "seeds"))),
        Design::Reachable(_) => {
            let metric = dataset.info.task.primary();
            let mut detectable: Vec<f64> =
                tests(dataset).filter(|(comparison, _)| comparison.quantity == Quantity::Clean).filter_map(|(_, test)| test.detectable).collect();
            detectable.sort_by(f64::total_cmp);
            match detectable.get(detectable.len() / 2) {
                Some(&median) => {
                    format!(" On clean data only a difference of about {} would have been found in 4 of 5 repetitions.", points(metric, median))
                }
                None => String::new(),
            }
        }
    }
}

fn won(row: &MethodRow, reference: &MethodRow, differences: &[String], word: &str) -> Option<String> {
    (!differences.is_empty()).then(|| format!("{} {word} {}: {}.", row.label, reference.label, differences.join(", ")))
}

fn seeds_only(dataset: &DatasetSummary, row: &MethodRow, reference: &MethodRow, differences: &[String], word: &str) -> Option<String> {
    let others = dataset.info.groups.as_ref().map_or_else(|| "samples".into(), |(name, _)| format!("groups ({name})"));
    (!differences.is_empty()).then(|| {
        let differences = differences.join(", ");
        format!("{} is {word} {} over seeds on this test set, but other {others} could turn it: {differences}.", row.label, reference.label)
    })
}

fn tests(dataset: &DatasetSummary) -> impl Iterator<Item = (&Comparison, &Test)> {
    dataset.comparisons.iter().filter_map(|comparison| match &comparison.outcome {
        Outcome::Tested(test) => Some((comparison, test)),
        Outcome::Untested(_) => None,
    })
}

fn differences(dataset: &DatasetSummary, row: usize, wanted: Verdict) -> Vec<String> {
    let metric = dataset.info.task.primary();
    let one = |(comparison, test): (&Comparison, &Test)| {
        // The interval over seeds and samples is the wider claim, hence the one to quote.
        let around = interval(metric, test.bootstrap.map_or(test.paired.interval, |found| found.interval)).replace(' ', "\u{a0}");
        // Both tests have to agree: the weaker one counts. Where they do not, the t-test is all that speaks.
        let p = match &test.bootstrap {
            Some(found) if test.verdict.is_decided() && found.p_bonferroni >= test.p_bonferroni => bootstrap_p(found),
            _ => p_value(test.p_bonferroni),
        };
        let title = comparison.quantity.title(dataset.info.task);
        format!("{title} {} (95\u{a0}%\u{a0}{around}; adjusted p\u{a0}{})", signed(metric, test.paired.mean_difference), equals(&p))
    };
    tests(dataset).filter(|(comparison, test)| comparison.row == row && test.verdict == wanted).map(one).collect()
}

/// The condition under which each method is worst, with its clean value before it; controls left out.
pub(super) fn breaks(dataset: &DatasetSummary) -> Option<String> {
    let metric = dataset.info.task.primary();
    let sign = if metric.higher_is_better() { 1.0 } else { -1.0 };
    let mean = |cell: &Cell| cell.estimate().map(|estimate| estimate.mean);
    let one = |(at, row): (usize, &MethodRow)| {
        let clean = mean(row.cell(Quantity::Clean))?;
        let conditions = dataset.conditions.iter().filter(|condition| condition.group != "clean" && condition.group != "mixed");
        let values = conditions.filter_map(|condition| Some((condition.condition.as_str(), mean(condition.cells.get(at)?)?)));
        let (condition, worst) = values.min_by(|left, right| (sign * left.1).total_cmp(&(sign * right.1)))?;
        let fall = format!("{} {} → {}", row.label, metric.display(clean), metric.display(worst));
        (sign * worst < sign * clean).then_some((condition, fall))
    };
    // Methods that break under the same condition stand together.
    let mut by_condition: Vec<(&str, Vec<String>)> = Vec::new();
    for (condition, fall) in dataset.rows.iter().enumerate().filter(|(_, row)| !is_control(&row.method)).filter_map(one) {
        match by_condition.iter_mut().find(|(known, _)| *known == condition) {
            Some((_, falls)) => falls.push(fall),
            None => by_condition.push((condition, vec![fall])),
        }
    }
    let parts = by_condition.iter().map(|(condition, falls)| format!("under `{condition}`: {}", and(falls)));
    (!by_condition.is_empty()).then(|| format!("{}.", capitalised(&parts.collect::<Vec<_>>().join("; "))))
}

/// Everything that is decided on a dataset, in one line.
pub(super) fn in_short(dataset: &DatasetSummary) -> String {
    let Some(reference) = dataset.rows.first().filter(|_| dataset.family.is_some()) else { return "one method only, nothing to compare.".into() };
    let metric = dataset.info.task.primary();
    let told = |wanted: Verdict, with_controls: bool| {
        let rows = dataset.rows.iter().enumerate().filter(|(_, row)| with_controls || !is_control(&row.method));
        let parts = rows.filter_map(|(at, row)| {
            let found = tests(dataset).filter(|(comparison, test)| comparison.row == at && test.verdict == wanted);
            let found: Vec<String> = found
                .map(|(comparison, test)| format!("{} {}", comparison.quantity.title(dataset.info.task), signed(metric, test.paired.mean_difference)))
                .collect();
            (!found.is_empty()).then(|| format!("{} ({})", row.label, found.join(", ")))
        });
        parts.collect::<Vec<_>>()
    };
    let parts: Vec<String> = [
        (format!("better than {}", reference.label), told(Verdict::Better, true)),
        (format!("worse than {}", reference.label), told(Verdict::Worse, false)),
        ("ahead over seeds only, which names no winner".into(), told(Verdict::SeedsBetter, true)),
        ("behind over seeds only".into(), told(Verdict::SeedsWorse, false)),
    ]
    .into_iter()
    .filter(|(_, methods)| !methods.is_empty())
    .map(|(what, methods)| format!("{what}: {}", and(&methods)))
    .collect();
    if parts.is_empty() {
        return match comparable(dataset) {
            Comparable::None => format!("no fusion method was compared with {}, the tuning budget of each was another one.", reference.label),
            comparable => format!("no fusion method{} can be told from {}.", comparable.words(), reference.label),
        };
    }
    // What readers look for first.
    let on_clean = tests(dataset).any(|(comparison, test)| {
        comparison.quantity == Quantity::Clean
            && test.verdict != Verdict::Undecided
            && dataset.rows.get(comparison.row).is_some_and(|row| !is_control(&row.method))
    });
    let comparable = comparable(dataset);
    let silent = on_clean || comparable == Comparable::None;
    let clean =
        if silent { String::new() } else { format!("; on clean data no fusion method{} can be told from {}", comparable.words(), reference.label) };
    format!("{}{clean}.", parts.join("; "))
}

/// What fusing gains on clean data over the best single modality.
pub(super) fn gain(dataset: &DatasetSummary) -> Option<String> {
    let best = dataset.gain.as_ref()?;
    let metric = dataset.info.task.primary();
    let row = dataset.measures.iter().find(|measure| measure.name == "multimodal_gain")?;
    let gains: Vec<String> = dataset
        .rows
        .iter()
        .zip(&row.cells)
        .filter_map(|(row, cell)| cell.estimate().map(|estimate| format!("{} {}", row.label, signed(metric, estimate.mean))))
        .collect();
    (!gains.is_empty()).then(|| format!("Over {}, the single modality that is best on validation: {}.", best.label, gains.join(", ")))
}

/// A difference with its unit in words.
pub(super) fn points(metric: Metric, difference: f64) -> String {
    if metric.in_percent() { format!("{} points", metric.display(difference)) } else { metric.display(difference) }
}
