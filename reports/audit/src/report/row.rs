//! Rows for programs: the JSON and CSV of `bench audit`.

use serde::Serialize;

use crate::{
    discover::{Finding, Place, Strength},
    ledger::{Op, Origin},
    number::nearest,
    verdict::{Judgement, Verdict},
};

/// A recomputed number.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Numbers {
    /// From the printed values as they stand.
    pub value: f64,
    /// The least that rounding allows.
    pub lo: f64,
    /// The most that rounding allows.
    pub hi: f64,
}

/// One claim with its verdict.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimRow<'a> {
    /// Unique name.
    pub id: &'a str,
    /// The paper.
    pub paper: &'a str,
    /// Kind of claim.
    pub kind: &'a str,
    /// Whose claim it is.
    pub origin: Origin,
    /// Place in the paper.
    pub loc: &'a str,
    /// Line of the source text.
    pub line: Option<u32>,
    /// The sentence.
    pub quote: &'a str,
    /// The verdict.
    pub verdict: Verdict,
    /// How the expression is compared.
    pub op: Op,
    /// The stated number as printed.
    pub stated: &'a str,
    /// Its unit.
    pub unit: &'a str,
    /// The recomputed number.
    pub recomputed: Option<Numbers>,
    /// How far apart the intervals are.
    pub distance: Option<f64>,
    /// Why this verdict.
    pub reason: &'a str,
    /// Loose wording.
    pub hedged: bool,
    /// Remark on the claim.
    pub note: &'a str,
    /// Why the verdict stands.
    pub justification: &'a str,
}

impl<'a> ClaimRow<'a> {
    /// The row of a judgement.
    pub fn of(judgement: &'a Judgement<'_>) -> Self {
        let claim = judgement.claim;
        Self {
            id: &claim.id,
            paper: &claim.paper,
            kind: &claim.kind,
            origin: claim.origin,
            loc: &claim.loc,
            line: claim.line,
            quote: &claim.quote,
            verdict: judgement.verdict,
            op: claim.op,
            stated: &claim.stated,
            unit: &claim.unit,
            recomputed: judgement.recomputed.as_ref().map(|found| Numbers {
                value: nearest(&found.value),
                lo: nearest(&found.range.lo),
                hi: nearest(&found.range.hi),
            }),
            distance: judgement.distance.as_ref().map(nearest),
            reason: &judgement.reason,
            hedged: claim.hedged,
            note: &claim.note,
            justification: &claim.justification,
        }
    }
}

/// One finding.
#[derive(Debug, Clone, Serialize)]
pub struct FindingRow<'a> {
    /// The check.
    pub check: &'a str,
    /// The paper.
    pub paper: &'a str,
    /// Where, in words.
    pub place: &'a str,
    /// How much it says.
    pub strength: Strength,
    /// What has to be true beside.
    pub assumes: &'a str,
    /// The sentence.
    pub sentence: &'a str,
    /// The cells.
    pub cells: &'a [Place],
}

impl<'a> FindingRow<'a> {
    /// The row of a finding.
    pub fn of(finding: &'a Finding) -> Self {
        Self {
            check: finding.check,
            paper: &finding.paper,
            place: &finding.place,
            strength: finding.strength,
            assumes: &finding.assumes,
            sentence: &finding.sentence,
            cells: &finding.cells,
        }
    }
}
