//! From evidence to verdicts: every row by two opinions, all rows as one family, costs beside them.

mod costs;
mod decides;
mod design;
mod row;
mod samples;
mod seeds;
mod variance;

use bench_reports::{metrics::Metric, statistics::holm};

use crate::{Dataset, Evidence, JudgedDataset, Report, Rules, Verdict, numbers::Scale};
use row::{Measure, Opened, Tested};
use samples::{Question, Resampling};

/// Fewest resamples of many units: the ends of a 90 % interval then rest on 500 of them each.
pub(crate) const RESAMPLES: usize = 10_000;

/// Confidence of the interval that has to lie inside the margin.
fn inner_confidence(alpha: f64) -> f64 {
    (1.0 - 2.0 * alpha).max(0.0)
}

/// See [`Report::of`].
pub(crate) fn judge(evidence: &Evidence, rules: Rules, fewest_resamples: usize) -> Report {
    let family = evidence.datasets.iter().flat_map(|dataset| &dataset.rows).filter(|row| row::needs_a_test(row)).count();
    let measures: Vec<Measure> = evidence.datasets.iter().map(|dataset| measure(dataset, &rules, family, fewest_resamples)).collect();
    let opened: Vec<Vec<Opened>> = measures.iter().map(|measure| measure.dataset.rows.iter().map(|row| row::open(row, measure)).collect()).collect();
    let p: Vec<f64> = opened.iter().flatten().map(|row| tested(row).map_or(f64::NAN, |row| row.p(rules.alpha))).collect();
    let corrected = holm(&p);
    // What is left in the family once those are out that passed: the next p has to pass this level.
    let passed = corrected.iter().filter(|&&p| p < rules.alpha).count();
    let level = rules.alpha / family.saturating_sub(passed).max(1) as f64;
    let mut corrected = corrected.into_iter();
    let mut datasets = Vec::new();
    for (measure, opened) in measures.iter().zip(&opened) {
        let rows = measure.dataset.rows.iter().zip(opened).zip(corrected.by_ref());
        let rows = rows.map(|((row, opened), corrected)| row::close(row, opened, corrected, level, measure, &rules)).collect();
        let of_family: Vec<&Tested> = opened.iter().filter_map(tested).collect();
        datasets.push(JudgedDataset {
            name: measure.dataset.name.clone(),
            metric: measure.dataset.metric.clone(),
            higher_is_better: measure.dataset.higher_is_better,
            share: is_share(measure.dataset),
            range: measure.dataset.range,
            design: design::design(measure.dataset, &of_family, family, measure.scale, &rules),
            rows,
        });
    }
    let mut report = Report {
        verdict: Verdict::Same,
        incomplete: false,
        rules,
        base: evidence.base.clone(),
        head: evidence.head.clone(),
        datasets,
        costs: evidence.costs.iter().map(|cost| costs::judge(cost, &rules)).collect(),
        lacking: evidence.lacking.clone(),
        notes: evidence.notes.clone(),
    };
    let verdict = overall(&report);
    report.incomplete = !report.lacking.is_empty() || verdict.is_none();
    report.verdict = verdict.unwrap_or(Verdict::CannotTell);
    report
}

fn tested(row: &Opened) -> Option<&Tested> {
    match row {
        Opened::Tested(tested) => Some(tested),
        Opened::Settled(..) => None,
    }
}

fn measure<'a>(dataset: &'a Dataset, rules: &Rules, family: usize, fewest_resamples: usize) -> Measure<'a> {
    let resampling = Resampling::of(dataset);
    let resamples = resampling.resamples(rules.alpha / family.max(1) as f64, fewest_resamples);
    let question = Question { margin: design::margin(dataset, rules).0, alpha: rules.alpha, resamples };
    Measure { dataset, resampling, one_sample: design::one_sample(dataset), scale: Scale::new(is_share(dataset), dataset.range), question }
}

/// Whether values are shown in points.
fn is_share(dataset: &Dataset) -> bool {
    const SHARES: [Metric; 5] = [Metric::Accuracy, Metric::MacroF1, Metric::WeightedF1, Metric::UnweightedRecall, Metric::ExpectedCalibrationError];
    SHARES.iter().any(|metric| metric.title() == dataset.metric)
}

/// The worst of rows and costs; a timing that cannot be told counts only where there is nothing else. `None` where there is nothing at all.
fn overall(report: &Report) -> Option<Verdict> {
    let rows = report.datasets.iter().flat_map(|dataset| &dataset.rows).filter_map(|row| row.verdict);
    let costs = report.costs.iter().map(|cost| cost.verdict);
    let told = rows.chain(costs.clone().filter(|&verdict| verdict != Verdict::CannotTell)).min();
    told.or_else(|| costs.min())
}
