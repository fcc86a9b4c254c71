//! What came of a comparison.

use serde::{Deserialize, Serialize};

use crate::{Evidence, Lacking, Rules, Side, judge};

/// What is said of a row, and of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Worse, and not shown to be within the margin.
    Regressed,
    /// Neither a difference nor sameness is shown.
    CannotTell,
    /// Better, and not shown to be within the margin.
    Improved,
    /// The difference is shown to be within the margin, or there is none in any bit.
    Same,
}

/// What a caller does about a report: one exit code each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// No regression was found.
    Fine,
    /// One was.
    Regression,
    /// None was, but sameness was asked for and is not shown; only under [`Rules::require_proof`].
    CannotTell,
    /// Something that was asked for is not there: a gate on half of the numbers is none.
    Incomplete,
}

/// A judged comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Of everything: see [`Report::of`].
    pub verdict: Verdict,
    /// Whether something that was asked for is not there, or nothing was compared at all.
    pub incomplete: bool,
    /// As judged by.
    pub rules: Rules,
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
    /// In the order of the evidence.
    pub datasets: Vec<JudgedDataset>,
    /// In the order of the evidence.
    pub costs: Vec<JudgedCost>,
    /// As in the evidence.
    pub lacking: Vec<Lacking>,
    /// As in the evidence.
    pub notes: Vec<String>,
}

/// A dataset with what its design can show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgedDataset {
    /// E.g. `digits?train=300`.
    pub name: String,
    /// By its title.
    pub metric: String,
    /// Whether more of it is better.
    pub higher_is_better: bool,
    /// Whether values are shares, shown in points (× 100).
    pub share: bool,
    /// Width of the metric's range.
    pub range: f64,
    /// What could be shown at all.
    pub design: Design,
    /// In the order of the evidence.
    pub rows: Vec<JudgedRow>,
}

/// What a dataset's seeds and samples can show, in the metric's unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Design {
    /// Seeds that both sides have: most of any row that is tested, or has values.
    pub seeds: usize,
    /// Test samples.
    pub n_test: usize,
    /// What samples are grouped by and how many groups there are.
    pub groups: Option<(String, usize)>,
    /// range / n_test: what one test sample is worth.
    pub one_sample: f64,
    /// Differences under this are no matter; never under two samples.
    pub margin: f64,
    /// Whether two samples are more than the margin that was asked for.
    pub margin_raised: bool,
    /// Tested rows of the whole comparison: the family that p-values are corrected for.
    pub family: usize,
    /// |t| over seeds that the smallest p of the family must have; `None` under two seeds.
    pub critical_t: Option<f64>,
    /// Median over tested rows of the standard deviation of differences over seeds.
    pub spread: Option<f64>,
    /// The |difference| that so many seeds with that spread find in 4 of 5 cases.
    pub detectable: Option<f64>,
    /// Largest |difference| that so many seeds with that spread could still show to be within the margin; `None` where not even 0 could be.
    pub provable: Option<f64>,
    /// What a reader must know of these limits, in sentences.
    pub limits: Vec<String>,
}

/// A judged row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgedRow {
    /// The base's method.
    pub base: String,
    /// The head's method.
    pub head: String,
    /// `clean`, `noise mean`, ….
    pub quantity: String,
    /// How many conditions it is the mean over.
    pub conditions: usize,
    /// `None` where neither side has a value to judge.
    pub verdict: Option<Verdict>,
    /// Whether every bit is the same.
    pub identical: bool,
    /// Why, in one sentence without the names of method and quantity.
    pub reason: String,
    /// Means and their difference; `None` without values.
    pub values: Option<Values>,
    /// The test over seeds; `None` where nothing was tested.
    pub seeds: Option<Opinion>,
    /// The test over seeds and samples; `None` where nothing was tested, or the metric has no values a sample.
    pub samples: Option<Opinion>,
    /// What [`Self::samples`] resampled.
    pub units: Option<Units>,
    /// The larger p of both opinions, after Holm over the family.
    pub p_corrected: Option<f64>,
    /// How many seeds would decide; only of a tested row that cannot be told.
    pub decides: Option<Decides>,
}

/// The numbers of a row, in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Values {
    /// Seeds that both sides have.
    pub seeds: usize,
    /// Mean over seeds.
    pub base: f64,
    /// Mean over seeds.
    pub head: f64,
    /// head − base.
    pub difference: f64,
    /// Standard deviation (ddof 1) of head − base over seeds; `None` with one seed.
    pub spread: Option<f64>,
}

/// What one of the two tests says of head − base.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Opinion {
    /// Two-sided p of no difference, not corrected.
    pub p: f64,
    /// Interval at confidence 1 − α, not corrected.
    pub interval: (f64, f64),
    /// Interval at confidence 1 − 2α: within ± margin where the difference is shown to be within the margin.
    pub inner: (f64, f64),
    /// p of a difference on the margin or beyond it.
    pub p_equivalence: f64,
}

/// What the test over samples resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Units {
    /// How many.
    pub count: usize,
    /// Whether they are groups of samples.
    pub grouped: bool,
    /// Resamples.
    pub resamples: usize,
}

/// What more seeds would do, if mean and spread stayed as they are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Decides {
    /// This many seeds would decide it.
    Seeds {
        /// In all.
        seeds: usize,
        /// What they would say.
        verdict: Verdict,
    },
    /// A hundred would not.
    TooMany,
    /// No number would: the test samples alone leave ± `half_width`, in the metric's unit.
    Never {
        /// Half of an interval at confidence 1 − 2α with all seeds there are in the world.
        half_width: f64,
    },
    /// One seed has no spread to tell it from.
    Unknown,
}

/// A judged cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgedCost {
    /// As in the evidence.
    #[serde(flatten)]
    pub cost: crate::Cost,
    /// Of the cost.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
}

impl Report {
    /// Judges evidence: how, is in `docs/comparing.md`.
    ///
    /// The worst row decides: regressed, else cannot tell, else improved, else the same. Costs count too, but for a timing that cannot be told: that is
    /// about the machine's noise, and is listed.
    pub fn of(evidence: &Evidence, rules: Rules) -> Self {
        judge::judge(evidence, rules, judge::RESAMPLES)
    }

    /// [`Self::of`] with at least so many resamples instead of 10,000: for simulations, which judge thousands of comparisons.
    pub fn with_resamples(evidence: &Evidence, rules: Rules, fewest: usize) -> Self {
        judge::judge(evidence, rules, fewest)
    }

    /// What a caller does about it.
    pub fn outcome(&self) -> Outcome {
        match self.verdict {
            _ if self.incomplete => Outcome::Incomplete,
            Verdict::Regressed => Outcome::Regression,
            Verdict::CannotTell if self.rules.require_proof => Outcome::CannotTell,
            _ => Outcome::Fine,
        }
    }

    /// Rows and costs with this verdict; timings that cannot be told are no part of any ([`Self::untold_timings`]).
    pub fn count(&self, verdict: Verdict) -> usize {
        let rows = self.datasets.iter().flat_map(|dataset| &dataset.rows).filter(|row| row.verdict == Some(verdict)).count();
        rows + self.costs.iter().filter(|cost| cost.verdict == verdict && verdict != Verdict::CannotTell).count()
    }

    /// Costs that cannot be told, which is for want of a quieter machine.
    pub fn untold_timings(&self) -> usize {
        self.costs.iter().filter(|cost| cost.verdict == Verdict::CannotTell).count()
    }

    /// Whether all that was compared is the same to the last bit.
    pub fn is_identical(&self) -> bool {
        let mut rows = self.datasets.iter().flat_map(|dataset| &dataset.rows).filter(|row| row.verdict.is_some());
        let equal = |cost: &JudgedCost| cost.verdict == Verdict::Same && cost.cost.values.is_none_or(|(base, head)| base == head);
        self.count(Verdict::Same) > 0
            && rows.all(|row| row.identical)
            && self.costs.iter().all(|cost| equal(cost) || cost.verdict == Verdict::CannotTell)
    }
}
