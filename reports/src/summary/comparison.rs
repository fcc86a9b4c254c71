//! Every method against the reference, corrected over the primary family.

use serde::{Deserialize, Serialize};

use super::{
    ALPHA, CONFIDENCE, Cell, Estimate, MethodRow, Quantity,
    grid::Grid,
    quantity::conditions,
    samples::{Resampled, SampleTest, resamples},
};
use crate::statistics::{PairedT, bonferroni, critical_t, hedges_d_z, minimum_detectable_difference, paired_t, smallest_significant_difference};

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
    /// Resamples of each two-level bootstrap.
    pub resamples: usize,
}

impl Family {
    /// Tests in the family: what a p-value is multiplied by, whether or not each could be made.
    pub fn size(&self) -> usize {
        self.quantities.len() * self.methods
    }

    /// What this number of seeds can show in a family of this size.
    pub fn design(&self) -> Design {
        Design::of(self.seeds, self.size())
    }
}

/// What a number of seeds can show in a family of tests, known before anything is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Design {
    /// Under two seeds there is no test.
    NoTest,
    /// A mean difference would have to be this many times its own standard deviation over seeds: more than [`HOPELESS`], so no test will reach the level.
    Hopeless(f64),
    /// A mean difference must be over this many times its own standard deviation over seeds.
    Reachable(f64),
}

/// Standardised differences above this are not met in practice: with two seeds the two differences would have to agree in their first two digits.
pub const HOPELESS: f64 = 20.0;

impl Design {
    /// With that many common seeds and that many tests at [`ALPHA`] after Bonferroni.
    pub fn of(seeds: usize, family: usize) -> Self {
        match critical_t(ALPHA / family.max(1) as f64, seeds).map(|t| t / (seeds as f64).sqrt()) {
            None => Self::NoTest,
            Some(needed) if needed > HOPELESS => Self::Hopeless(needed),
            Some(needed) => Self::Reachable(needed),
        }
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

/// A paired t-test with its place in the family, and the bootstrap beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Method minus reference over the common seeds: what it says is about other seeds on this test set.
    pub paired: PairedT,
    /// p × family size, at most 1.
    pub p_bonferroni: f64,
    /// Seeds and samples (or groups) resampled together: about other test samples as well. `None` where the samples are not known.
    pub bootstrap: Option<SampleTest>,
    /// Hedges-corrected d_z.
    pub effect: Option<f64>,
    /// The smallest |difference| that this spread and these seeds can show in this family.
    pub smallest_significant: Option<f64>,
    /// The |difference| that a repetition of this design would find in 4 of 5 cases ([`POWER`]).
    pub detectable: Option<f64>,
    /// What both tests say together.
    pub verdict: Verdict,
}

/// Power at which [`Test::detectable`] is given.
pub const POWER: f64 = 0.8;

/// What the two tests say after Bonferroni. A winner is named only where both agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Both significant, in the direction that is better for the metric.
    Better,
    /// Both significant, in the direction that is worse.
    Worse,
    /// Better over the seeds on this test set; other test samples could turn it.
    SeedsBetter,
    /// Worse over the seeds on this test set; other test samples could turn it.
    SeedsWorse,
    /// Not significant over the seeds: cannot tell.
    Undecided,
}

impl Verdict {
    /// What a test over seeds and one over samples say together of a difference towards the better or the worse.
    pub fn of(seeds_agree: bool, samples_agree: bool, better: bool) -> Self {
        match (seeds_agree, samples_agree, better) {
            (true, true, true) => Self::Better,
            (true, true, false) => Self::Worse,
            (true, false, true) => Self::SeedsBetter,
            (true, false, false) => Self::SeedsWorse,
            (false, ..) => Self::Undecided,
        }
    }

    /// The mark behind a number; empty where nothing was found.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Better => "▲",
            Self::Worse => "▼",
            Self::SeedsBetter => "△",
            Self::SeedsWorse => "▽",
            Self::Undecided => "",
        }
    }

    /// Whether it names a winner.
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Better | Self::Worse)
    }
}

/// The family, and each method against the reference (row 0) in each of its quantities.
pub(super) fn compare(grid: &Grid, rows: &[MethodRow], resampled: &Resampled) -> (Option<Family>, Vec<Comparison>) {
    let Some((reference, others)) = rows.split_first() else { return (None, Vec::new()) };
    let quantities: Vec<Quantity> = Quantity::primary().filter(|&quantity| !conditions(grid, quantity).is_empty()).collect();
    if others.is_empty() || quantities.is_empty() {
        return (None, Vec::new());
    }
    let shared = |row: &MethodRow| row.seeds.iter().filter(|seed| reference.seeds.contains(seed)).count();
    let seeds = others.iter().map(shared).max().unwrap_or(0);
    let size = quantities.len() * others.len();
    let (units, grouped) = grid.info.groups.as_ref().map_or((grid.info.n_test, false), |(_, groups)| (*groups, true));
    // What was drawn, which was decided before it was known which quantities there are.
    let resamples = resampled.values().map(|found| found.resamples).max().unwrap_or_else(|| resamples(size, units, grouped));
    let family = Family { quantities, methods: others.len(), seeds, critical_t: critical_t(ALPHA / size as f64, seeds), resamples };
    let mut comparisons = Vec::new();
    for (row, method) in others.iter().enumerate().map(|(at, method)| (at + 1, method)) {
        for &quantity in &family.quantities {
            let higher_is_better = quantity.metric(grid.info.task).higher_is_better();
            let bootstrap = resampled.get(&(row, quantity)).map(|found| SampleTest { p_bonferroni: bonferroni(found.p, size), ..*found });
            let outcome = outcome(method, reference, quantity, bootstrap, size, higher_is_better);
            comparisons.push(Comparison { row, quantity, outcome });
        }
    }
    (Some(family), comparisons)
}

fn outcome(
    method: &MethodRow,
    reference: &MethodRow,
    quantity: Quantity,
    bootstrap: Option<SampleTest>,
    family: usize,
    higher_is_better: bool,
) -> Outcome {
    let estimate = |row: &MethodRow| match row.cell(quantity) {
        Cell::Value(estimate) => Ok(estimate.clone()),
        Cell::Unavailable(reason) if row.is_reference => Err(format!("{}: {reason}", row.label)),
        Cell::Unavailable(reason) => Err(reason.clone()),
        Cell::Absent => Err("no such conditions".into()),
    };
    match (estimate(method), estimate(reference)) {
        (Err(reason), _) | (_, Err(reason)) => Outcome::Untested(reason),
        (Ok(own), Ok(other)) => match method.refusal(reference) {
            Some(reason) => Outcome::Untested(reason),
            None => test(&own, &other, bootstrap, family, higher_is_better),
        },
    }
}

fn test(method: &Estimate, reference: &Estimate, bootstrap: Option<SampleTest>, family: usize, higher_is_better: bool) -> Outcome {
    let (values, reference_values) = common(method, reference);
    let paired = match pair(&values, &reference_values) {
        Ok(paired) => paired,
        Err(reason) => return Outcome::Untested(reason),
    };
    let p_bonferroni = bonferroni(paired.p_two_sided, family);
    // The bootstrap's own mean has the same sign, or it would not exclude zero on that side.
    let samples_agree = bootstrap.as_ref().is_some_and(|found| found.supports_a_winner());
    let verdict = Verdict::of(p_bonferroni < ALPHA, samples_agree, (paired.mean_difference > 0.0) == higher_is_better);
    let alpha = ALPHA / family as f64;
    Outcome::Tested(Test {
        p_bonferroni,
        bootstrap,
        // With two pairs the small-sample correction is zero: it says nothing about the effect.
        effect: hedges_d_z(&values, &reference_values).filter(|_| paired.n > 2),
        smallest_significant: smallest_significant_difference(paired.sd_difference, paired.n, alpha),
        detectable: minimum_detectable_difference(paired.sd_difference, paired.n, alpha, POWER),
        verdict,
        paired,
    })
}

/// The values of the seeds that both have.
pub(crate) fn common(method: &Estimate, reference: &Estimate) -> (Vec<f64>, Vec<f64>) {
    let pairs = method.per_seed.iter().filter_map(|(seed, value)| {
        let at = reference.per_seed.binary_search_by_key(seed, |&(own, _)| own).ok()?;
        Some((*value, reference.per_seed[at].1))
    });
    pairs.unzip()
}

/// The paired t-test, or why there is none.
pub(super) fn pair(values: &[f64], reference: &[f64]) -> Result<PairedT, String> {
    let paired = paired_t(values, reference, CONFIDENCE).ok_or_else(|| match values.len() {
        0 => "no common seed".to_string(),
        _ => "one common seed: a paired test needs at least two".into(),
    })?;
    match (paired.is_degenerate(), paired.mean_difference == 0.0) {
        (false, _) => Ok(paired),
        (true, true) => Err("equal in every seed".into()),
        (true, false) => Err("the same difference in every seed: no spread to test against".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_winner_needs_both() {
        assert_eq!(Verdict::of(true, true, true), Verdict::Better);
        assert_eq!(Verdict::of(true, false, false), Verdict::SeedsWorse);
        assert_eq!(Verdict::of(false, true, true), Verdict::Undecided);
    }

    /// t(1) at 0.05/35/2 is 445.6, over √2 = 315; t(4) is 7.84, over √5 = 3.51 (SciPy's `t.isf`).
    #[test]
    fn two_seeds_are_hopeless_in_a_family_and_five_are_not() {
        assert_eq!(Design::of(1, 35), Design::NoTest);
        assert!(matches!(Design::of(2, 35), Design::Hopeless(needed) if (needed - 315.1).abs() < 0.1));
        assert!(matches!(Design::of(5, 35), Design::Reachable(needed) if (needed - 3.507).abs() < 0.001));
    }
}
