//! A statement held against a table.

use std::collections::BTreeMap;

use bench_reports::{
    statistics::{holm, paired_t},
    summary::{ALPHA, CONFIDENCE},
};
use serde::{Deserialize, Serialize};

use super::Statement;
use crate::{
    Spec,
    budgets::refusal,
    table::{Cell, Measured, Table, Trial, Value},
};

/// What became of a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The paper's own numbers.
    pub printed: Printed,
    /// On each dataset with measured numbers.
    pub findings: Vec<Finding>,
    /// Differences that were not formed, because their cells had different tuning budgets.
    #[serde(default)]
    pub other_budget: usize,
}

/// The paper's own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Differences that are above zero.
    pub claimed: usize,
    /// Differences that its table prints.
    pub of: usize,
}

/// What a dataset says of a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The dataset.
    pub dataset: String,
    /// Differences that could be formed.
    pub of: usize,
    /// Those above zero.
    pub claimed: usize,
    /// Those significantly above zero.
    pub shown: usize,
    /// Those significantly below zero.
    pub refuted: usize,
    /// The smallest mean difference, towards what is claimed, in the table's unit.
    pub smallest: f64,
    /// The largest.
    pub largest: f64,
    /// Fewest seeds behind a difference.
    pub seeds: usize,
    /// What it comes to.
    pub lean: Lean,
}

/// What a finding comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lean {
    /// Every difference is significantly as claimed.
    Appears,
    /// Every difference is as claimed; not every one can be told from chance.
    Leans,
    /// Some are as claimed, some are not; none is significantly the other way.
    Mixed,
    /// None is as claimed; none is significantly the other way.
    LeansAgainst,
    /// Some difference is significantly the other way.
    Contradicted,
}

impl Lean {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Appears => "appears",
            Self::Leans => "points that way, not shown",
            Self::Mixed => "mixed",
            Self::LeansAgainst => "points the other way, not shown",
            Self::Contradicted => "contradicted",
        }
    }
}

/// A difference that should be above zero: by seed.
type Difference = Vec<f64>;

/// Holds a statement against a filled table, whose trials are known by key. No difference is formed between cells of different tuning budgets.
pub fn judge(statement: &Statement, spec: &Spec, table: &Table, trials: &BTreeMap<String, Trial>) -> Judged {
    let mut printed = Printed { claimed: 0, of: 0 };
    let mut other_budget = 0;
    let mut measured: BTreeMap<(usize, String), Vec<Difference>> = BTreeMap::new();
    let lines = table.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.measured.len()).max().unwrap_or(0);
    for this in &statement.these {
        for other in statement.others(spec) {
            for along in &statement.on {
                let cells = |key: &str| {
                    let start = statement.from.as_ref().map(|from| statement.cell(spec, table, key, from));
                    Some((statement.cell(spec, table, key, along)?, start.flatten()))
                };
                let (Some(own), Some(against)) = (cells(this), cells(other)) else { continue };
                if let Some(difference) = of_printed(statement, own, against) {
                    printed.of += 1;
                    printed.claimed += usize::from(difference > 0.0);
                }
                for line in 0..lines {
                    match of_measured(statement, own, against, line) {
                        Some(_) if is_refused(statement, own, against, line, trials) => other_budget += 1,
                        Some((dataset, difference)) => measured.entry((line, dataset)).or_default().push(difference),
                        None => {}
                    }
                }
            }
        }
    }
    let mut by_dataset: BTreeMap<String, Vec<Difference>> = BTreeMap::new();
    for ((_, dataset), differences) in measured {
        by_dataset.entry(dataset).or_default().extend(differences);
    }
    let findings = by_dataset.into_iter().map(|(dataset, differences)| finding(dataset, &differences)).collect();
    Judged { printed, findings, other_budget }
}

/// What is ahead, positively: the value itself, or minus the drop from the start.
fn worth(statement: &Statement, end: f64, start: Option<f64>) -> f64 {
    let sign = if statement.lower_is_better { -1.0 } else { 1.0 };
    sign * (end - start.unwrap_or(0.0))
}

type Ends<'a> = (&'a Cell, Option<&'a Cell>);

fn of_printed(statement: &Statement, own: Ends<'_>, against: Ends<'_>) -> Option<f64> {
    let value = |cell: &Cell| cell.reported.as_ref().map(|reported| reported.value);
    let side = |(end, start): Ends<'_>| match (statement.from.is_some(), start) {
        (false, _) => Some(worth(statement, value(end)?, None)),
        (true, start) => Some(worth(statement, value(end)?, Some(value(start?)?))),
    };
    Some(side(own)? - side(against)? - statement.by)
}

/// The measured value of a cell on a line, where it has one a seed.
fn value(cell: &Cell, line: usize) -> Option<&Value> {
    match cell.measured.get(line)? {
        Some(Measured::Value(value)) if !value.per_seed.is_empty() => Some(value),
        _ => None,
    }
}

/// Whether the cells of a difference had different tuning budgets.
fn is_refused(statement: &Statement, own: Ends<'_>, against: Ends<'_>, line: usize, trials: &BTreeMap<String, Trial>) -> bool {
    let starts = [own.1, against.1].into_iter().flatten().filter(|_| statement.from.is_some());
    let values = [own.0, against.0].into_iter().chain(starts).filter_map(|cell| value(cell, line));
    refusal(values.map(|value| value.trials.as_slice()), trials).is_some()
}

fn of_measured(statement: &Statement, own: Ends<'_>, against: Ends<'_>, line: usize) -> Option<(String, Difference)> {
    let ends = |(end, start): Ends<'_>| -> Option<Vec<(u64, f64)>> {
        let end = value(end, line)?;
        let start = match (statement.from.is_some(), start) {
            (false, _) => None,
            (true, start) => Some(value(start?, line)?),
        };
        let at = |seed: u64| start.map(|start| start.per_seed.iter().find(|(known, _)| *known == seed).map(|(_, value)| *value));
        let worth = |&(seed, end): &(u64, f64)| match at(seed) {
            None => Some((seed, worth(statement, end, None))),
            Some(start) => Some((seed, worth(statement, end, Some(start?)))),
        };
        Some(end.per_seed.iter().filter_map(worth).collect())
    };
    let (own_value, other_value) = (value(own.0, line)?, value(against.0, line)?);
    // The same trials under two names say the same number: nothing to compare.
    let same = own_value.trials == other_value.trials && own_value.per_seed == other_value.per_seed;
    if own_value.on != other_value.on || same {
        return None;
    }
    let (own, against) = (ends(own)?, ends(against)?);
    let other = |seed: u64| against.iter().find(|(known, _)| *known == seed).map(|(_, value)| *value);
    let difference: Difference = own.iter().filter_map(|(seed, value)| Some(value - other(*seed)? - statement.by)).collect();
    (!difference.is_empty()).then(|| (own_value.on.clone(), difference))
}

fn finding(dataset: String, differences: &[Difference]) -> Finding {
    let means: Vec<f64> = differences.iter().map(|values| bench_reports::statistics::mean(values)).collect();
    // What has no spread, or one seed only, is no evidence.
    let p = |values: &Difference| {
        let zeros = vec![0.0; values.len()];
        paired_t(values, &zeros, CONFIDENCE).filter(|paired| !paired.is_degenerate()).map_or(1.0, |paired| paired.p_two_sided)
    };
    let adjusted = holm(&differences.iter().map(p).collect::<Vec<f64>>());
    let count = |keep: &dyn Fn(f64, f64) -> bool| means.iter().zip(&adjusted).filter(|(mean, p)| keep(**mean, **p)).count();
    let of = means.len();
    let claimed = count(&|mean, _| mean > 0.0);
    let shown = count(&|mean, p| mean > 0.0 && p < ALPHA);
    let refuted = count(&|mean, p| mean < 0.0 && p < ALPHA);
    let lean = match (refuted, shown == of, claimed) {
        (1.., _, _) => Lean::Contradicted,
        (0, true, _) => Lean::Appears,
        (0, _, claimed) if claimed == of => Lean::Leans,
        (0, _, 0) => Lean::LeansAgainst,
        _ => Lean::Mixed,
    };
    Finding {
        dataset,
        of,
        claimed,
        shown,
        refuted,
        smallest: means.iter().copied().fold(f64::INFINITY, f64::min),
        largest: means.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        seeds: differences.iter().map(Vec::len).min().unwrap_or(0),
        lean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: differences 1, 2, 3: mean 2, sd 1, t = 3.4641, p = 0.0742; 1.0, 1.1, 0.9: mean 1, sd 0.1, t = 17.32, p = 0.003317, doubled 0.00663.
    #[test]
    fn all_must_be_shown_to_appear_and_one_refutation_is_enough() {
        let wide = vec![1.0, 2.0, 3.0];
        let narrow = vec![1.0, 1.1, 0.9];
        let found = finding("d".into(), &[wide.clone(), narrow.clone()]);
        assert_eq!((found.lean, found.shown, found.claimed, found.of), (Lean::Leans, 1, 2, 2));
        assert!((found.smallest - 1.0).abs() < 1e-12 && (found.largest - 2.0).abs() < 1e-12);
        assert_eq!(finding("d".into(), std::slice::from_ref(&narrow)).lean, Lean::Appears);
        let against: Vec<f64> = narrow.iter().map(|value| -value).collect();
        assert_eq!(finding("d".into(), &[narrow.clone(), against.clone()]).lean, Lean::Contradicted);
        let weakly: Vec<f64> = wide.iter().map(|value| -value).collect();
        assert_eq!(finding("d".into(), std::slice::from_ref(&weakly)).lean, Lean::LeansAgainst);
        assert_eq!(finding("d".into(), &[weakly, narrow]).lean, Lean::Mixed);
    }

    #[test]
    fn what_never_varies_is_no_evidence() {
        assert_eq!(finding("d".into(), &[vec![1.0, 1.0]]).lean, Lean::Leans);
        assert_eq!(finding("d".into(), &[vec![1.0]]).lean, Lean::Leans);
    }
}
