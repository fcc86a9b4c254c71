//! One row: what can be said of it before and after the family is known.

use super::{
    decides::{MOST_SEEDS, Open},
    design, inner_confidence,
    samples::{self, OverSamples, Question, Resampling},
    seeds::OverSeeds,
};
use crate::{Dataset, Decides, JudgedRow, Row, Rules, Values, Verdict, numbers::Scale};

/// A row that is in the family.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tested {
    pub over_seeds: OverSeeds,
    pub samples: Option<OverSamples>,
    pub margin: f64,
    equivalent: f64,
}

impl Tested {
    /// Without a second opinion, and not yet shown to be the same.
    #[cfg(test)]
    pub fn by_seeds(over_seeds: OverSeeds, margin: f64) -> Self {
        Self { over_seeds, samples: None, margin, equivalent: 1.0 }
    }

    /// The larger p of both opinions: the hypothesis is that one of them finds nothing (Berger, Technometrics, 1982).
    pub fn p(&self, alpha: f64) -> f64 {
        let of_seeds = self.over_seeds.opinion(self.margin, alpha).p;
        self.samples.as_ref().map_or(of_seeds, |found| found.opinion.p.max(of_seeds))
    }
}

/// What a row is before it is compared with the others.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Opened {
    /// Judged without a test.
    Settled(Option<Verdict>, String),
    /// To be judged in the family.
    Tested(Tested),
}

/// What all rows of a dataset are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure<'a> {
    pub dataset: &'a Dataset,
    pub resampling: Resampling<'a>,
    pub one_sample: f64,
    pub scale: Scale,
    pub question: Question,
}

/// Whether the row needs a test, which is what makes the family.
pub(super) fn needs_a_test(row: &Row) -> bool {
    settled(row).is_none()
}

fn settled(row: &Row) -> Option<(Option<Verdict>, String)> {
    let lost = |value: fn(&crate::Pair) -> f64| row.pairs.iter().find(|pair| !value(pair).is_finite()).map(|pair| pair.seed);
    if let Some(reason) = &row.unavailable {
        return Some((None, format!("n/a ({reason})")));
    }
    if row.pairs.is_empty() {
        return Some((Some(Verdict::CannotTell), "no seed that both sides have".into()));
    }
    if row.identical {
        return Some((Some(Verdict::Same), "identical in every bit".into()));
    }
    if let Some(seed) = lost(|pair| pair.base) {
        return Some((Some(Verdict::CannotTell), format!("the base's value of seed {seed} is not a finite number")));
    }
    if let Some(seed) = lost(|pair| pair.head) {
        return Some((Some(Verdict::Regressed), format!("the head's value of seed {seed} is not a finite number, the base's is")));
    }
    (row.pairs.len() == 1).then(|| (Some(Verdict::CannotTell), "one seed: a test needs two at least".into()))
}

pub(super) fn open(row: &Row, measure: &Measure) -> Opened {
    if let Some((verdict, reason)) = settled(row) {
        return Opened::Settled(verdict, reason);
    }
    let differences: Vec<f64> = row.pairs.iter().map(|pair| pair.head - pair.base).collect();
    let Some(over_seeds) = OverSeeds::new(&differences, measure.one_sample) else {
        return Opened::Settled(Some(Verdict::CannotTell), "one seed: a test needs two at least".into());
    };
    let values = samples::differences(row, measure.dataset.n_test);
    let samples = values.and_then(|values| samples::resample(&values, measure.dataset, measure.resampling, measure.question));
    let Question { margin, alpha, .. } = measure.question;
    if samples.is_none() && row.pairs.iter().any(|pair| pair.samples.is_some()) {
        // Never judged by the seeds alone for want of a stricter answer.
        return Opened::Settled(Some(Verdict::CannotTell), "its values a sample do not fit the test set and its groups".into());
    }
    let of_seeds = over_seeds.opinion(margin, alpha).p_equivalence;
    let of_samples = samples.as_ref().map_or(0.0, |found| found.opinion.p_equivalence);
    // `f64::max` would take a NaN for a proof; and within a margin as wide as the range lies everything.
    let equivalent = if of_seeds.is_nan() || !design::tells_apart(measure.dataset, margin) { 1.0 } else { of_seeds.max(of_samples) };
    Opened::Tested(Tested { over_seeds, samples, margin, equivalent })
}

/// The verdict of a tested row, given its p after correction and the level that the next p has to pass.
pub(super) fn close(row: &Row, opened: &Opened, corrected: f64, level: f64, measure: &Measure, rules: &Rules) -> JudgedRow {
    let mut judged = JudgedRow {
        base: row.base.clone(),
        head: row.head.clone(),
        quantity: row.quantity.clone(),
        conditions: row.conditions,
        verdict: None,
        identical: row.identical,
        reason: String::new(),
        values: values(row),
        seeds: None,
        samples: None,
        units: None,
        p_corrected: None,
        decides: None,
    };
    let tested = match opened {
        Opened::Settled(verdict, reason) => {
            let alone = *verdict == Some(Verdict::CannotTell) && row.pairs.len() == 1;
            return JudgedRow { verdict: *verdict, reason: reason.clone(), decides: alone.then_some(Decides::Unknown), ..judged };
        }
        Opened::Tested(tested) => tested,
    };
    judged.seeds = Some(tested.over_seeds.opinion(tested.margin, rules.alpha));
    judged.samples = tested.samples.as_ref().map(|found| found.opinion);
    judged.units = tested.samples.as_ref().map(|found| found.units);
    judged.p_corrected = Some(corrected);
    let better = (tested.over_seeds.mean > 0.0) == measure.dataset.higher_is_better;
    let verdict = match () {
        () if tested.equivalent <= rules.alpha => Verdict::Same,
        () if corrected < rules.alpha && better => Verdict::Improved,
        () if corrected < rules.alpha => Verdict::Regressed,
        () => Verdict::CannotTell,
    };
    if verdict == Verdict::CannotTell {
        let reaches = tested.samples.as_ref().is_none_or(|found| measure.resampling.smallest_p(found.units.resamples) < level);
        let open = Open {
            over_seeds: tested.over_seeds,
            parts: tested.samples.as_ref().map(|found| found.parts),
            margin: if design::tells_apart(measure.dataset, tested.margin) { tested.margin } else { 0.0 },
            alpha: rules.alpha,
            level,
            can_differ: reaches,
            higher_is_better: measure.dataset.higher_is_better,
        };
        judged.decides = Some(open.decides());
    }
    judged.reason = reason(verdict, tested, corrected, judged.decides, measure, rules);
    judged.verdict = Some(verdict);
    judged
}

fn values(row: &Row) -> Option<Values> {
    if row.pairs.is_empty() {
        return None;
    }
    let mean = |value: fn(&crate::Pair) -> f64| bench_reports::statistics::mean(&row.pairs.iter().map(value).collect::<Vec<_>>());
    let differences: Vec<f64> = row.pairs.iter().map(|pair| pair.head - pair.base).collect();
    Some(Values {
        seeds: row.pairs.len(),
        base: mean(|pair| pair.base),
        head: mean(|pair| pair.head),
        difference: mean(|pair| pair.head - pair.base),
        spread: bench_reports::statistics::sample_standard_deviation(&differences),
    })
}

fn reason(verdict: Verdict, tested: &Tested, corrected: f64, decides: Option<Decides>, measure: &Measure, rules: &Rules) -> String {
    let scale = measure.scale;
    let change = scale.change(tested.over_seeds.mean);
    let margin = scale.value(tested.margin);
    let alone = if tested.samples.is_none() { ", by the seeds alone" } else { "" };
    match verdict {
        Verdict::Same => format!("{change}, within the margin of {margin}{alone}"),
        Verdict::Regressed | Verdict::Improved => format!("{change} (corrected p {}){alone}", p_text(corrected)),
        Verdict::CannotTell => {
            let (low, high) = widest(tested, rules);
            let range = scale.interval((low, high));
            format!("{change}; {range} at {:.0} % against ±{margin}{alone}; {}", 100.0 * inner_confidence(rules.alpha), needed(decides, measure))
        }
    }
}

/// The interval that holds both opinions'.
fn widest(tested: &Tested, rules: &Rules) -> (f64, f64) {
    let of_seeds = tested.over_seeds.opinion(tested.margin, rules.alpha).inner;
    let of_samples = tested.samples.as_ref().map_or(of_seeds, |found| found.opinion.inner);
    (of_seeds.0.min(of_samples.0), of_seeds.1.max(of_samples.1))
}

fn needed(decides: Option<Decides>, measure: &Measure) -> String {
    match decides {
        Some(Decides::Seeds { seeds, verdict }) => {
            let what = match verdict {
                Verdict::Same => "the same",
                Verdict::Improved => "improved",
                Verdict::Regressed => "regressed",
                Verdict::CannotTell => "nothing",
            };
            format!("{seeds} seeds of this mean and spread would say {what}")
        }
        Some(Decides::Never { half_width }) => {
            format!("more seeds would not decide it: {} test samples leave ±{}", measure.dataset.n_test, measure.scale.value(half_width))
        }
        _ => format!("{MOST_SEEDS} seeds of this mean and spread would not decide it"),
    }
}

/// `= 0.012`, `< 0.0001`.
fn p_text(p: f64) -> String {
    let text = bench_reports::report::p_value(p);
    if text.starts_with('<') { text } else { format!("= {text}") }
}
