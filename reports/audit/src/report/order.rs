//! Worst first.

use num_traits::{Signed, Zero};

use crate::{
    ledger::{Op, Origin},
    number::{Rational, integer, nearest},
    verdict::{Judgement, Verdict},
};

/// Verdicts of some claims, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Claims that hold.
    pub holds: usize,
    /// Claims that fail.
    pub fails: usize,
    /// Claims that nobody can decide from the numbers.
    pub undecidable: usize,
}

impl Tally {
    /// Counts verdicts.
    pub fn of<'a>(judgements: impl IntoIterator<Item = &'a Judgement<'a>>) -> Self {
        judgements.into_iter().fold(Self::default(), |mut tally, judgement| {
            match judgement.verdict {
                Verdict::Holds => tally.holds += 1,
                Verdict::Fails => tally.fails += 1,
                Verdict::Undecidable => tally.undecidable += 1,
            }
            tally
        })
    }

    /// All of them.
    pub fn all(self) -> usize {
        self.holds + self.fails + self.undecidable
    }
}

/// What failing claims are about, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A number, sentence or equation of the authors.
    Statement,
    /// A rank or a mark in a table.
    Ranking,
    /// Something that the authors do not say.
    Question,
}

impl Group {
    /// Where a claim belongs.
    pub fn of(judgement: &Judgement) -> Self {
        match (judgement.claim.origin, judgement.claim.kind.as_str()) {
            (Origin::Auditor, _) => Self::Question,
            (Origin::Authors, "ranking") => Self::Ranking,
            (Origin::Authors, _) => Self::Statement,
        }
    }

    /// Heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Statement => "Statements that do not hold",
            Self::Ranking => "Ranks and marks that do not match",
            Self::Question => "Auditor's questions that fail",
        }
    }
}

/// Judgements of one verdict: by group, then by how far they are off in relation to the number itself; equal ones stay in the ledger's order.
pub fn grouped<'a, 'b>(judgements: &'a [Judgement<'b>], verdict: Verdict) -> Vec<&'a Judgement<'b>> {
    let mut chosen: Vec<&Judgement> = judgements.iter().filter(|judgement| judgement.verdict == verdict).collect();
    if verdict == Verdict::Fails {
        chosen.sort_by(|a, b| {
            let by_group = Group::of(a).cmp(&Group::of(b)).then(a.claim.hedged.cmp(&b.claim.hedged));
            by_group.then(relative(b).total_cmp(&relative(a)))
        });
    }
    chosen
}

/// Distance over the larger of the two numbers; ranks over 1.
fn relative(judgement: &Judgement) -> f64 {
    let Some((distance, found)) = judgement.distance.as_ref().zip(judgement.recomputed.as_ref()) else { return 0.0 };
    if judgement.claim.op == Op::Agree {
        // The difference is all that is recomputed: it cannot be its own measure.
        let distance = nearest(distance);
        return distance / (1.0 + distance);
    }
    let stated = judgement.claim.stated_value.as_ref().map_or_else(Rational::zero, Signed::abs);
    let scale = if judgement.claim.unit == "rank" { integer(1) } else { found.value.abs().max(stated) };
    if scale.is_zero() { nearest(distance) } else { nearest(&(distance / scale)) }
}
