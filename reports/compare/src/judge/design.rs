//! What seeds, samples, margin and family can show at all.

use bench_reports::{
    statistics::{critical_t, distributions::student_t_quantile, median, minimum_detectable_difference},
    summary::{HOPELESS, POWER},
};

use super::{
    row::Tested,
    samples::{FEWEST_GROUPS, Resampling, number_of_groups},
};
use crate::{
    Dataset, Design, Rules,
    numbers::{Scale, count},
};

/// Test samples that a margin covers at least.
const SAMPLES_OF_A_MARGIN: f64 = 2.0;

/// range / n_test.
pub(super) fn one_sample(dataset: &Dataset) -> f64 {
    dataset.range / dataset.n_test.max(1) as f64
}

/// The margin in the metric's unit, and whether it had to be raised.
pub(super) fn margin(dataset: &Dataset, rules: &Rules) -> (f64, bool) {
    let (asked, least) = (rules.margin / 100.0 * dataset.range, SAMPLES_OF_A_MARGIN * one_sample(dataset));
    (asked.max(least), least > asked)
}

/// Whether there are differences that the margin does not cover: two samples of two are the whole range.
pub(super) fn tells_apart(dataset: &Dataset, margin: f64) -> bool {
    margin < dataset.range
}

pub(super) fn design(dataset: &Dataset, tested: &[&Tested], family: usize, scale: Scale, rules: &Rules) -> Design {
    let (margin, margin_raised) = margin(dataset, rules);
    let seeds = dataset.rows.iter().map(|row| row.pairs.len()).max().unwrap_or(0);
    let level = rules.alpha / family.max(1) as f64;
    let middle = |values: Vec<f64>| (!values.is_empty()).then(|| median(&values));
    let spread = middle(tested.iter().map(|row| row.over_seeds.taken).collect());
    let errors: Vec<(f64, f64)> = tested
        .iter()
        .filter_map(|row| row.samples.as_ref())
        .map(|found| (found.parts.of_bootstrap(seeds as f64).sqrt(), found.parts.units - 1.0))
        .collect();
    let of_samples = middle(errors.iter().map(|&(error, _)| error).collect()).zip(errors.first().map(|&(_, df)| df));
    let quantile = |tail: f64, df: f64| -student_t_quantile(tail, df);
    let by_seeds = spread.and_then(|spread| minimum_detectable_difference(spread, seeds, level, POWER));
    let by_samples = of_samples.map(|(error, df)| (quantile(level / 2.0, df) + quantile(1.0 - POWER, df)) * error);
    let detectable = by_seeds.map(|by_seeds| by_seeds.max(by_samples.unwrap_or(0.0)));
    let inner = spread.filter(|_| seeds > 1).map(|spread| {
        let by_seeds = quantile(rules.alpha.min(0.5), (seeds - 1) as f64) * spread / (seeds as f64).sqrt();
        by_seeds.max(of_samples.map_or(0.0, |(error, df)| quantile(rules.alpha.min(0.5), df) * error))
    });
    let mut design = Design {
        seeds,
        n_test: dataset.n_test,
        groups: dataset.groups.as_ref().map(|(name, groups)| (name.clone(), number_of_groups(groups))),
        one_sample: one_sample(dataset),
        margin,
        margin_raised,
        family,
        critical_t: critical_t(level, seeds).filter(|_| family > 0),
        spread,
        detectable,
        provable: inner.map(|inner| margin - inner).filter(|&left| left >= 0.0 && tells_apart(dataset, margin)),
        limits: Vec::new(),
    };
    design.limits = limits(&design, dataset, tested, scale, rules);
    design
}

fn limits(design: &Design, dataset: &Dataset, tested: &[&Tested], scale: Scale, rules: &Rules) -> Vec<String> {
    let mut limits = Vec::new();
    let margin = scale.value(design.margin);
    if design.margin_raised {
        let asked = scale.value(rules.margin / 100.0 * dataset.range);
        limits.push(format!("Two of {} test samples are worth {margin}, so the margin is that and not the {asked} asked for.", design.n_test));
    }
    if design.seeds == 1 {
        limits.push("One seed has no spread: nothing but identical bits can be told.".into());
    }
    if let (Some(t), false) = (design.critical_t, tested.is_empty()) {
        let needed = t / (design.seeds as f64).sqrt();
        if needed > HOPELESS {
            let tests = count(design.family, "test", "tests");
            limits.push(format!(
                "With {} seeds and {tests} a difference would have to be {needed:.0} times its own deviation over seeds: no regression can be called in practice. \
                 A verdict needs more seeds or fewer quantities.",
                design.seeds
            ));
        }
        if !tells_apart(dataset, design.margin) {
            limits.push(format!("The margin of {margin} is as wide as the metric's range: nothing but identical bits can be shown to be the same."));
        } else if design.provable.is_none() {
            limits.push(format!("With this spread no difference, not even none at all, can be shown to be within ±{margin}."));
        }
    }
    if let Some((name, groups)) = &design.groups {
        let resampling = Resampling::of(dataset);
        let level = rules.alpha / design.family.max(1) as f64;
        if *groups < FEWEST_GROUPS {
            limits.push(format!(
                "{} ({name}) are too few to stand for others, so samples are resampled and not groups: every verdict is about these.",
                count(*groups, "group", "groups")
            ));
        } else if !tested.is_empty() && resampling.smallest_p(resampling.resamples(level, super::RESAMPLES)) >= level {
            limits.push(format!(
                "{groups} groups ({name}) cannot support a difference in a family of {} tests: sameness can be shown, a regression cannot.",
                design.family
            ));
        }
    }
    let alone = tested.iter().filter(|row| row.samples.is_none()).count();
    if alone > 0 {
        limits
            .push(format!("{} without values a sample: the seeds alone speak, about this test set.", count(alone, "quantity is", "quantities are")));
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(n_test: usize, groups: Option<u32>) -> Dataset {
        let groups = groups.map(|groups| ("speaker".to_owned(), (0..n_test as u32).map(|at| at % groups).collect()));
        Dataset { name: "d".into(), n_test, groups, metric: "accuracy".into(), higher_is_better: true, range: 1.0, rows: Vec::new() }
    }

    /// By hand: 2 points of 1000 samples are 20 of them; of 50 samples one, so two of them, 4 points, are taken. Of a range of 6, 2 hundredths are 0.12.
    #[test]
    fn the_margin_is_two_samples_at_least() {
        assert_eq!(margin(&with(1000, None), &Rules::default()), (0.02, false));
        assert_eq!(margin(&with(50, None), &Rules::default()), (0.04, true));
        assert_eq!(margin(&Dataset { range: 6.0, ..with(1000, None) }, &Rules::default()), (0.12, false));
        assert_eq!(margin(&with(100, None), &Rules { margin: 0.0, ..Rules::default() }), (0.02, true));
    }

    /// From the tables of the reports: at 80 % power and 0.05/20, five seeds find 3.78 deviations and need |t| 6.76 (`docs/statistics.md`); t(4) leaves 5 % beyond
    /// 2.1318, so ±2 less 2.1318/√5 = 0.953 is left for a difference that is shown to be the same.
    #[test]
    fn a_design_finds_what_the_tables_say() {
        let over_seeds = super::super::seeds::OverSeeds { mean: 0.0, spread: 0.01, taken: 0.01, seeds: 5 };
        let tested = Tested::by_seeds(over_seeds, 0.02);
        let row = crate::Row {
            base: "m".into(),
            head: "m".into(),
            quantity: "clean".into(),
            conditions: 1,
            identical: false,
            pairs: (0..5).map(|seed| crate::Pair { seed, base: 0.5, head: 0.5, samples: None }).collect(),
            unavailable: None,
        };
        let found = design(&Dataset { rows: vec![row], ..with(1000, None) }, &[&tested], 20, Scale::new(true, 1.0), &Rules::default());
        assert!((found.critical_t.unwrap() - 6.76).abs() < 0.005 && (found.detectable.unwrap() - 0.0378).abs() < 5e-5, "{found:?}");
        assert!((found.provable.unwrap() - (0.02 - 0.021_318 / 5.0_f64.sqrt())).abs() < 1e-6);
        assert_eq!(found.limits, ["1 quantity is without values a sample: the seeds alone speak, about this test set."]);
    }

    /// As in the reports: ten groups reach 25 tests and not 26.
    #[test]
    fn ten_groups_reach_twenty_five_tests() {
        let over_seeds = super::super::seeds::OverSeeds { mean: 0.0, spread: 0.001, taken: 0.001, seeds: 5 };
        let tested = Tested::by_seeds(over_seeds, 0.02);
        let said = |family| {
            let found = design(&with(1000, Some(10)), &[&tested], family, Scale::new(true, 1.0), &Rules::default());
            found.limits.iter().any(|limit| limit.starts_with("10 groups (speaker) cannot support a difference"))
        };
        assert_eq!((said(25), said(26)), (false, true));
    }
}
