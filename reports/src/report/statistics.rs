//! The tests of a run for a terminal: `bench stats`.

use tabled::{
    builder::Builder,
    settings::{Alignment, Modify, Padding, Style, object::Columns},
};

use super::{folds, format, prose};
use crate::{
    metrics::Metric,
    summary::{DatasetSummary, Exploration, Outcome, Status, Summary, Verdict},
};

/// Every test of the primary family with both opinions, what was found beside it, and how far to trust it. No colour codes; wider than a narrow terminal.
pub fn statistics(summary: &Summary) -> String {
    summary.datasets.iter().map(dataset).collect::<Vec<_>>().join("\n") + &folds::statistics(summary)
}

fn dataset(dataset: &DatasetSummary) -> String {
    let mut lines = vec![format!("{} · {}", dataset.info.name, format::caption(dataset))];
    if let (Some(family), Some(reference)) = (&dataset.family, dataset.rows.first()) {
        let metric = dataset.info.task.primary();
        let unit = if metric.in_percent() { "percentage points" } else { "units of the target" };
        lines.push(format!(
            "Primary family: method minus {}, {unit}; {}, Bonferroni; bootstrap of {} resamples",
            reference.label,
            format::count(family.size(), "test", "tests"),
            family.resamples
        ));
        lines.push(primary(dataset, metric, family.size()));
    }
    lines.extend(prose::findings(dataset));
    if let Some(exploration) = &dataset.exploratory {
        lines.push(String::new());
        lines.push(exploratory(dataset, exploration));
    }
    lines.push(String::new());
    lines.extend(dataset.guards.iter().map(|guard| {
        let mark = match guard.status {
            Status::Holds => "✓",
            Status::Limits => "?",
            Status::Fails => "!",
        };
        format!("{mark} {}", guard.text)
    }));
    lines.join("\n") + "\n"
}

fn primary(dataset: &DatasetSummary, metric: Metric, family: usize) -> String {
    let adjusted = format!("p × {family}");
    let heads = [
        "method",
        "quantity",
        "difference",
        "pairs",
        "t",
        "95 %, seeds",
        &adjusted,
        "95 %, seeds and samples",
        &adjusted,
        "detectable",
        "d_z",
        "verdict",
    ];
    let rows = dataset.comparisons.iter().map(|comparison| {
        let label = dataset.rows.get(comparison.row).map_or("", |row| row.label.as_str());
        let mut cells = vec![label.to_owned(), comparison.quantity.title(dataset.info.task).to_owned()];
        match &comparison.outcome {
            Outcome::Tested(test) => {
                cells.push(format::signed(metric, test.paired.mean_difference));
                cells.extend(format::numbers(metric, test));
                cells.push(verdict(test.verdict).into());
            }
            Outcome::Untested(reason) => {
                cells.extend(std::iter::repeat_n(format::ABSENT.into(), 9));
                cells.push(format!("n/a ({reason})"));
            }
        }
        cells
    });
    table(&heads, rows, 2..11)
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better ▲",
        Verdict::Worse => "worse ▼",
        Verdict::SeedsBetter => "better over seeds △",
        Verdict::SeedsWorse => "worse over seeds ▽",
        Verdict::Undecided => "cannot tell",
    }
}

fn exploratory(dataset: &DatasetSummary, exploration: &Exploration) -> String {
    let shown = format::beyond_expectation(dataset, exploration);
    let hidden = exploration.findings.len() - shown.len();
    let mut head = format!(
        "Exploratory: {}, {} made, Holm over all; {} below {}",
        format::count(exploration.size, "other test", "other tests"),
        exploration.tested,
        exploration.findings.len(),
        crate::summary::ALPHA
    );
    if hidden > 0 {
        head.push_str(&format!(", {hidden} of them controls that are worse (left out)"));
    }
    if shown.is_empty() {
        return head;
    }
    let rows = shown.into_iter().map(|finding| {
        let (subject, metric) = format::subject(dataset, &finding.subject);
        vec![
            dataset.rows.get(finding.row).map_or_else(String::new, |row| row.label.clone()),
            subject,
            format::signed(metric, finding.paired.mean_difference),
            format::t_value(finding.paired.t),
            format::interval(metric, finding.paired.interval),
            format::p_value(finding.p_holm),
            if finding.better { "better".into() } else { "worse".into() },
        ]
    });
    format!("{head}\n{}", table(&["method", "what", "difference", "t", "95 %, seeds", "p, Holm", ""], rows, 2..6))
}

/// A table with its columns `right` aligned to the right.
pub(super) fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>, right: std::ops::Range<usize>) -> String {
    let mut builder = Builder::default();
    builder.push_record(heads.iter().copied());
    rows.for_each(|row| builder.push_record(row));
    let mut table = builder.build();
    table.with(Style::psql().remove_vertical()).with(Padding::new(0, 2, 0, 0)).with(Modify::new(Columns::new(right)).with(Alignment::right()));
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
