//! Every number behind the first page.

use super::{figures, format, table};
use crate::{
    metrics::Metric,
    robustness::NAMES,
    summary::{ALPHA, CONFIDENCE, Cell, DatasetSummary, Exploration, Family, Finding, MeasureRow, Outcome, POWER, Subject},
};

/// The details of a dataset.
pub(super) fn section(dataset: &DatasetSummary, blocks: &mut Vec<String>) {
    blocks.push(format!("## Details: {}", dataset.info.name));
    blocks.push(format!("### How the table was made\n\n{}", dataset.notes.iter().map(|note| format!("- {note}")).collect::<Vec<_>>().join("\n")));
    if let Some(family) = &dataset.family {
        primary(dataset, family, blocks);
    }
    if let Some(exploration) = &dataset.exploratory {
        exploratory(dataset, exploration, blocks);
    }
    measures(dataset, blocks);
    let figures = figures(dataset);
    if !figures.is_empty() {
        blocks.push("### Degradation curves".into());
        blocks.push("Mean over seeds against the true level; the band is ± the standard deviation over seeds. Controls are grey, and left out where a corruption does not reach them.".into());
        blocks.extend(figures);
    }
    conditions(dataset, blocks);
    flips(dataset, blocks);
    calibration(dataset, blocks);
}

fn primary(dataset: &DatasetSummary, family: &Family, blocks: &mut Vec<String>) {
    let reference = dataset.rows.first().map_or("", |row| row.label.as_str());
    let metric = dataset.info.task.primary();
    blocks.push(format!("### Differences from `{reference}`: the primary family"));
    let unit = if metric.in_percent() { "percentage points" } else { "units of the target" };
    let resampled = match &dataset.info.groups {
        Some((name, _)) => format!("whole groups ({name})"),
        None => "samples".into(),
    };
    let level = CONFIDENCE * 100.0;
    blocks.push(format!(
        "In {unit}, method minus `{reference}`, paired by seed. *t*: paired t-test over seeds, about other seeds on this test set, with its {level:.0} % \
         interval. *Bootstrap*: {} resamples of seeds and {resampled} together, about other test samples as well, with its {level:.0} % interval. Intervals are \
         not adjusted; p × {} is Bonferroni's. *Detectable*: what a repetition with this spread and these seeds would find in {:.0} % of cases. d_z: mean over standard \
         deviation of the differences, corrected after Hedges.",
        family.resamples,
        family.size(),
        POWER * 100.0
    ));
    let heads = [
        "method",
        "quantity",
        "difference",
        "seeds",
        "t",
        "t interval",
        "p × tests",
        "bootstrap interval",
        "p × tests (bootstrap)",
        "detectable",
        "d_z",
    ];
    let rows = dataset.comparisons.iter().map(|comparison| {
        let label = dataset.rows.get(comparison.row).map_or("", |row| row.label.as_str());
        let mut cells = vec![format!("`{label}`"), comparison.quantity.title(dataset.info.task).to_owned()];
        match &comparison.outcome {
            Outcome::Tested(test) => {
                let difference = format::signed(metric, test.paired.mean_difference);
                cells.push(format!("{difference} {}", format::mark_or(test.verdict, "")).trim_end().to_owned());
                cells.extend(format::numbers(metric, test));
            }
            Outcome::Untested(reason) => {
                cells.push(format!("n/a ({reason})"));
                cells.extend(std::iter::repeat_n(absent(), 8));
            }
        }
        cells
    });
    blocks.push(table(heads.map(String::from).into(), rows.collect()));
}

fn absent() -> String {
    format::ABSENT.into()
}

fn exploratory(dataset: &DatasetSummary, exploration: &Exploration, blocks: &mut Vec<String>) {
    blocks.push("### Exploratory: everything else".into());
    let reference = dataset.rows.first().map_or("", |row| row.label.as_str());
    let told = exploration.findings.len();
    let mut text = format!(
        "{} and every single condition against `{reference}`: {}, {} of them possible, Holm over all of them. Not planned one by one, so read it as a hint where \
         to look, not as a result.",
        format::capitalised(dataset.info.task.secondary().title()),
        format::count(exploration.size, "paired t-test", "paired t-tests"),
        exploration.tested
    );
    if told == 0 {
        text.push_str(&format!(" None has an adjusted p below {ALPHA}."));
        blocks.push(text);
        return;
    }
    text.push_str(&format!(" {} an adjusted p below {ALPHA}.", if told == 1 { "One has".into() } else { format!("{told} have") }));
    let shown = format::beyond_expectation(dataset, exploration);
    let hidden = told - shown.len();
    if hidden > 0 {
        text.push_str(&format!(" {hidden} of them, controls that are worse, are left out below."));
    }
    blocks.push(text);
    if shown.is_empty() {
        return;
    }
    let row = |finding: &Finding| {
        let (subject, metric) = format::subject(dataset, &finding.subject);
        let subject = if matches!(finding.subject, Subject::Condition(_)) { format!("`{subject}`") } else { subject };
        vec![
            format!("`{}`", dataset.rows.get(finding.row).map_or("", |row| row.label.as_str())),
            subject,
            format!("{} ({})", format::signed(metric, finding.paired.mean_difference), if finding.better { "better" } else { "worse" }),
            format::interval(metric, finding.paired.interval),
            format::t_value(finding.paired.t),
            format::p_value(finding.p_holm),
        ]
    };
    let heads = ["method", "what", "difference", "95 % interval", "t", "p, Holm"].map(String::from);
    blocks.push(table(heads.into(), shown.into_iter().map(row).collect()));
}

/// Measures that have a table of their own below.
const ELSEWHERE: [&str; 3] = ["flips", "flips_to_wrong", "flips_to_right"];

fn measures(dataset: &DatasetSummary, blocks: &mut Vec<String>) {
    let shown: Vec<&MeasureRow> = dataset.measures.iter().filter(|row| !ELSEWHERE.contains(&row.name)).collect();
    if shown.is_empty() {
        return;
    }
    blocks.push("### Robustness numbers".into());
    blocks.push("Each from the method's own answers: none depends on which other methods are in the table.".into());
    let primary = dataset.info.task.primary();
    let cell = |name: &str, cell: &Cell| {
        // Shares of the clean value are percentages for errors as well.
        let metric = if name.starts_with("relative") { Metric::Accuracy } else { primary };
        format::cell(metric, cell)
    };
    let heads = ["measure", "over"].into_iter().map(String::from).chain(labels(dataset));
    let rows = shown.iter().map(|row| {
        let cells = row.cells.iter().map(|value| cell(row.name, value));
        [row.name.replace('_', " "), format!("`{}`", row.scope)].into_iter().chain(cells).collect()
    });
    blocks.push(table(heads.collect(), rows.collect()));
    let explained = NAMES.iter().filter(|(name, _)| shown.iter().any(|row| row.name == *name));
    blocks.push(explained.map(|(name, meaning)| format!("- {}: {meaning}.", name.replace('_', " "))).collect::<Vec<_>>().join("\n"));
}

const GROUPS: [(&str, &str); 6] = [
    ("clean", "Clean"),
    ("noise", "Noise"),
    ("words", "Masked words"),
    ("missing", "Missing modalities"),
    ("attack", "Attacks"),
    ("mixed", "Beside the suite, or mixed"),
];

fn conditions(dataset: &DatasetSummary, blocks: &mut Vec<String>) {
    let metric = dataset.info.task.primary();
    for (group, title) in GROUPS {
        let rows: Vec<_> = dataset.conditions.iter().filter(|row| row.group == group).collect();
        if rows.is_empty() {
            continue;
        }
        blocks.push(format!("### {title}"));
        let line = |row: &&crate::summary::ConditionRow| {
            std::iter::once(format!("`{}`", row.condition)).chain(row.cells.iter().map(|cell| format::cell(metric, cell))).collect()
        };
        blocks.push(table(std::iter::once("condition".into()).chain(labels(dataset)).collect(), rows.iter().map(line).collect()));
    }
}

/// Any flip, and the two ways that change the accuracy.
fn flips(dataset: &DatasetSummary, blocks: &mut Vec<String>) {
    let of = |name: &str, scope: &str| dataset.measures.iter().find(|row| row.name == name && row.scope == scope);
    let scopes: Vec<&str> = dataset.measures.iter().filter(|row| row.name == "flips").map(|row| row.scope.as_str()).collect();
    if scopes.is_empty() {
        return;
    }
    blocks.push("### Predictions that flip".into());
    blocks.push("Share of test samples, in %, whose predicted class is not the clean one: all of them (right → wrong, wrong → right).".into());
    let line = |scope: &&str| {
        let mean = |name: &str, at: usize| {
            of(name, scope).and_then(|row| row.cells.get(at)?.estimate()).map(|estimate| Metric::Accuracy.display(estimate.mean))
        };
        let cell = |at: usize| match (mean("flips", at), mean("flips_to_wrong", at), mean("flips_to_right", at)) {
            (Some(any), Some(wrong), Some(right)) => format!("{any} ({wrong}, {right})"),
            _ => absent(),
        };
        std::iter::once(format!("`{scope}`")).chain((0..dataset.rows.len()).map(cell)).collect()
    };
    blocks.push(table(std::iter::once("condition".into()).chain(labels(dataset)).collect(), scopes.iter().map(line).collect()));
}

fn calibration(dataset: &DatasetSummary, blocks: &mut Vec<String>) {
    if dataset.conditions.iter().all(|row| row.calibration.iter().all(|cell| cell.estimate().is_none())) {
        return;
    }
    let metric = Metric::ExpectedCalibrationError;
    blocks.push("### Calibration under every condition".into());
    blocks.push("Expected calibration error in %, 15 bins of equal width; lower is better.".into());
    let rows = dataset
        .conditions
        .iter()
        .map(|row| std::iter::once(format!("`{}`", row.condition)).chain(row.calibration.iter().map(|cell| format::cell(metric, cell))).collect());
    blocks.push(table(std::iter::once("condition".into()).chain(labels(dataset)).collect(), rows.collect()));
}

fn labels(dataset: &DatasetSummary) -> impl Iterator<Item = String> {
    dataset.rows.iter().map(|row| format!("`{}`", row.label))
}
