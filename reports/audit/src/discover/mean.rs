/*!
Means that are not the mean of what they are said to be the mean of.

**What it does.** A column (or row) called Average, Avg, Mean or Macro is compared with the mean of the other columns of its dataset and unit, place
by place, over all numbers that round to the printed ones. A column that is not called so but is the mean of the columns beside it in most rows is
treated alike, if that many rows would not fit by chance (probability below `Settings::alpha` after correction for every group of columns that was
tried).

**Why.** An average is the number a reader compares; it is often typed, not computed.

**Example.** RAML Table I prints 0.6165 as the Food-101 Average of a row with 0.4952, 0.5938 and 0.7604: their mean is 0.61647, which rounds to
0.6165, so nothing is reported.

**Assumes** a plain mean: each column weighs the same.

**Silent** where a part of the mean is missing, and where fewer than half of the places fit (then the mean may be weighted; where some do fit that
is said, without counting as a contradiction).
*/

use super::{
    Check, Finding, Settings,
    combination::{Rule, find as combined},
};
use crate::Ledger;

/// The check.
pub(super) const CHECK: Check = Check { name: "mean", summary: "averages recomputed from the numbers that they average", find };

fn find(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    combined(ledger, settings, Rule::Mean, CHECK.name)
}
