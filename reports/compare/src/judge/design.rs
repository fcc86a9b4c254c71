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
        provable: inner.map(|inner| margin - inner).filter(|&left| left >= 0.0),
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
        if design.provable.is_none() {
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
        } else if !tested.is_empty() && resampling.smallest_p(usize::MAX >> 1) >= level {
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
