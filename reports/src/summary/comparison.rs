//! Every method against the reference, corrected over the primary family.

use super::{ALPHA, CONFIDENCE, Cell, Estimate, MethodRow, Quantity, grid::Grid, quantity::conditions};
use crate::statistics::{PairedT, bonferroni, critical_t, hedges_d_z, paired_t, smallest_significant_difference};

/// The primary family of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Quantities tested.
    pub quantities: Vec<Quantity>,
    /// Methods beside the reference.
    pub methods: usize,
    /// Most seeds that a method shares with the reference.
    pub seeds: usize,
    /// The |t| needed with that many seeds for [`ALPHA`] after Bonferroni; `None` where no |t| would do (under two seeds).
    pub critical_t: Option<f64>,
}

impl Family {
    /// Tests in the family: what a p-value is multiplied by, whether or not each could be made.
    pub fn size(&self) -> usize {
        self.quantities.len() * self.methods
    }
}

/// One method against the reference in one quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Position in the rows.
    pub row: usize,
    /// What is compared.
    pub quantity: Quantity,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Tested.
    Tested(Test),
    /// Not tested, for this reason.
    Untested(String),
}

/// A paired t-test with its place in the family.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Method minus reference over the common seeds.
    pub paired: PairedT,
    /// p × family size, at most 1.
    pub p_bonferroni: f64,
    /// Hedges-corrected d_z.
    pub effect: Option<f64>,
    /// The smallest |difference| that this spread and these seeds can show in this family.
    pub smallest_significant: Option<f64>,
    /// Whether the difference is significant after the correction, and which way.
    pub verdict: Verdict,
}

/// What the paired t-test says after Bonferroni. No winner: that needs the samples to agree as well as the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Significant, in the direction that is better for the metric.
    Better,
    /// Significant, in the direction that is worse.
    Worse,
    /// Not significant: cannot tell.
    Undecided,
}

/// The family, and each method against the reference (row 0) in each of its quantities.
pub(super) fn compare(grid: &Grid<'_>, rows: &[MethodRow]) -> (Option<Family>, Vec<Comparison>) {
    let Some((reference, others)) = rows.split_first() else { return (None, Vec::new()) };
    let quantities: Vec<Quantity> = Quantity::primary().filter(|&quantity| !conditions(grid, quantity).is_empty()).collect();
    if others.is_empty() || quantities.is_empty() {
        return (None, Vec::new());
    }
    let shared = |row: &MethodRow| row.seeds.iter().filter(|seed| reference.seeds.contains(seed)).count();
    let seeds = others.iter().map(shared).max().unwrap_or(0);
    let size = quantities.len() * others.len();
    let family = Family { quantities, methods: others.len(), seeds, critical_t: critical_t(ALPHA / size as f64, seeds) };
    let mut comparisons = Vec::new();
    for (row, method) in others.iter().enumerate().map(|(at, method)| (at + 1, method)) {
        for &quantity in &family.quantities {
            let higher_is_better = quantity.metric(grid.info.task).higher_is_better();
            let outcome = outcome(method, reference, quantity, size, higher_is_better);
            comparisons.push(Comparison { row, quantity, outcome });
        }
    }
    (Some(family), comparisons)
}

fn outcome(method: &MethodRow, reference: &MethodRow, quantity: Quantity, family: usize, higher_is_better: bool) -> Outcome {
    let estimate = |row: &MethodRow| match row.cell(quantity) {
        Cell::Value(estimate) => Ok(estimate.clone()),
        Cell::Unavailable(reason) if row.is_reference => Err(Outcome::Untested(format!("{}: {reason}", row.label))),
        Cell::Unavailable(reason) => Err(Outcome::Untested(reason.clone())),
        Cell::Absent => Err(Outcome::Untested("no such conditions".into())),
    };
    match (estimate(method), estimate(reference)) {
        (Ok(method), Ok(reference)) => test(&method, &reference, family, higher_is_better),
        (Err(untested), _) | (_, Err(untested)) => untested,
    }
}

fn test(method: &Estimate, reference: &Estimate, family: usize, higher_is_better: bool) -> Outcome {
    let pairs = method.per_seed.iter().filter_map(|(seed, value)| {
        let at = reference.per_seed.binary_search_by_key(seed, |&(own, _)| own).ok()?;
        Some((*value, reference.per_seed[at].1))
    });
    let (values, reference_values): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let Some(paired) = paired_t(&values, &reference_values, CONFIDENCE) else {
        return Outcome::Untested(match values.len() {
            0 => "no common seed".into(),
            _ => "one common seed: a paired test needs at least two".into(),
        });
    };
    if paired.is_degenerate() {
        return Outcome::Untested(if paired.mean_difference == 0.0 {
            "equal in every seed".into()
        } else {
            "the same difference in every seed: no spread to test against".into()
        });
    }
    let p_bonferroni = bonferroni(paired.p_two_sided, family);
    let verdict = match (p_bonferroni < ALPHA, (paired.mean_difference > 0.0) == higher_is_better) {
        (false, _) => Verdict::Undecided,
        (true, true) => Verdict::Better,
        (true, false) => Verdict::Worse,
    };
    Outcome::Tested(Test {
        p_bonferroni,
        // With two pairs the small-sample correction is zero: it says nothing about the effect.
        effect: hedges_d_z(&values, &reference_values).filter(|_| paired.n > 2),
        smallest_significant: smallest_significant_difference(paired.sd_difference, paired.n, ALPHA / family as f64),
        verdict,
        paired,
    })
}
