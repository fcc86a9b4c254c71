//! What is compared of a dataset: quantities over the same conditions, of one metric.

use std::collections::{BTreeMap, BTreeSet};

use bench_compare::Lacking;
use bench_corruptions::Suite;
use bench_datasets::{Dataset, Task};
use bench_reports::{
    metrics::Metric,
    summary::{self, Quantity},
};

use super::side::Side;
use crate::{exit::Failure, names, results::task};

/// The conditions of each quantity, sorted.
pub type Conditions = BTreeMap<Quantity, BTreeSet<String>>;

/// The quantities of the primary family that a suite has on a dataset.
///
/// # Errors
/// A suite that does not fit the dataset.
pub fn of_suite(suite: &Suite, dataset: &Dataset) -> anyhow::Result<Conditions> {
    let planned = suite.conditions(dataset.raw_modalities())?;
    let of_group =
        |group: &str| planned.iter().filter(|planned| planned.group.to_string() == group).map(|planned| planned.condition.to_string()).collect();
    let mut found = Conditions::new();
    for quantity in Quantity::primary() {
        let mut conditions: BTreeSet<String> = of_group(quantity.group());
        if quantity == Quantity::MissingMacro && !conditions.is_empty() {
            conditions.extend::<BTreeSet<String>>(of_group(Quantity::Clean.group()));
            // A mean over some of the patterns would be another quantity.
            if Some(conditions.len()) != 1usize.checked_shl(dataset.modalities().len() as u32).and_then(|all| all.checked_sub(1)) {
                continue;
            }
        }
        if !conditions.is_empty() {
            found.insert(quantity, conditions);
        }
    }
    Ok(found)
}

/// The quantities that both sides have over the same conditions; what a side lacks of those of the other, and what the head alone has.
pub fn common(base: &Side, head: &Side, of_base: Conditions, of_head: &Conditions, dataset: &Dataset) -> (Conditions, Vec<Lacking>, Vec<String>) {
    let (mut lacking, mut notes) = (Vec::new(), Vec::new());
    let name = dataset.reference();
    let title = |quantity: Quantity| quantity.title(task(dataset));
    let lacks = |side: &Side, quantity: Quantity, own: &BTreeSet<String>, other: &BTreeSet<String>| {
        let suite = &side.opened.run.settings.suite;
        let absent: Vec<&String> = other.difference(own).collect();
        let (first, more) = (absent.first()?, absent.len() - 1);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        Some(side.lacks(format!("{} on {name}: suite {suite} has no {first}{more}", title(quantity))))
    };
    for (quantity, conditions) in of_head.iter().filter(|(quantity, _)| !of_base.contains_key(quantity)) {
        notes.push(format!("The head alone has the {} conditions of {} on {name}; they are not compared.", conditions.len(), title(*quantity)));
    }
    let none = BTreeSet::new();
    let mut kept = Conditions::new();
    for (quantity, conditions) in of_base {
        let others = of_head.get(&quantity).unwrap_or(&none);
        lacking.extend(lacks(head, quantity, others, &conditions));
        if !others.is_empty() {
            lacking.extend(lacks(base, quantity, &conditions, others));
        }
        if conditions == *others {
            kept.insert(quantity, conditions);
        }
    }
    (kept, lacking, notes)
}

/// The metric of that name.
///
/// # Errors
/// There is none.
pub fn metric(name: &str) -> anyhow::Result<Metric> {
    name.parse().map_err(|_| names::unknown("metric", name, Metric::ALL.map(Metric::name)))
}

/// Whether a metric is one of the dataset's task.
pub fn fits(metric: Metric, dataset: &Dataset) -> bool {
    matches!(metric, Metric::MeanAbsoluteError | Metric::Pearson) == (task(dataset) == summary::Task::Regression)
}

/// A metric that is of none of the datasets.
pub fn fits_nothing(metric: Metric, datasets: &[&str]) -> anyhow::Error {
    let kind = if matches!(metric, Metric::MeanAbsoluteError | Metric::Pearson) { "regression" } else { "classification" };
    Failure::usage(format!("{metric} is a metric of {kind}, which none of the datasets compared is: {}", datasets.join(", ")))
}

/// Width of the range that a margin in hundredths is of: 1 for shares; that of the labels for errors in their unit; for the negative log-likelihood, which has no
/// largest value, ln C, which even odds for each of C classes score.
pub fn range(metric: Metric, dataset: &Dataset) -> f64 {
    let (low, high) = metric.range();
    match (dataset.task(), metric) {
        (Task::Regression { low, high, .. }, Metric::MeanAbsoluteError) => f64::from(*high) - f64::from(*low),
        (Task::Classification { classes }, Metric::NegativeLogLikelihood) => (classes.len().max(2) as f64).ln(),
        _ => high - low,
    }
}

#[cfg(test)]
mod tests {
    use bench_datasets::embedded_directory;

    use super::*;

    fn dataset(name: &str) -> Dataset {
        Dataset::open(&name.parse().unwrap(), &[embedded_directory()]).unwrap()
    }

    /// By the suite's file: an image at five noise levels and three attacks, text masked at some rates; two modalities have 2² − 1 patterns.
    #[test]
    fn the_full_pattern_counts_among_the_missing_ones() {
        let found = of_suite(&Suite::named("robustness@1").unwrap(), &dataset("openmoji?train=100")).unwrap();
        assert_eq!(found[&Quantity::Clean], BTreeSet::from(["clean".to_string()]));
        assert_eq!(found[&Quantity::MissingMacro], BTreeSet::from(["clean", "missing(image)", "missing(text)"].map(String::from)));
        assert_eq!((found[&Quantity::Noise].len(), found[&Quantity::Attack].len()), (5, 3));
        let found = of_suite(&Suite::named("missing").unwrap(), &dataset("openmoji?train=100")).unwrap();
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [Quantity::Clean, Quantity::MissingMacro]);
    }

    /// ln 10 of ten digits; a correlation is from −1 to 1, a share from 0 to 1.
    #[test]
    fn a_range_is_what_the_metric_can_move_in() {
        let digits = dataset("digits?train=100");
        assert_eq!(range(Metric::Accuracy, &digits), 1.0);
        assert_eq!(range(Metric::Brier, &digits), 2.0);
        assert!((range(Metric::NegativeLogLikelihood, &digits) - std::f64::consts::LN_10).abs() < 1e-15);
        assert!(fits(Metric::Accuracy, &digits) && !fits(Metric::Pearson, &digits));
    }

    #[test]
    fn a_slip_in_a_metrics_name_is_recognised() {
        assert_eq!(metric("macro_f1").unwrap(), Metric::MacroF1);
        let message = metric("macrof1").unwrap_err().to_string();
        assert!(message.contains("did you mean `macro_f1`?"), "{message}");
    }
}
